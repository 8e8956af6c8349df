#include "emitter.h"

#include <stdio.h>

void emitter_init(struct emitter *emitter, const char *path)
{
	*emitter = (struct emitter){.path = path};
	buf_init(&emitter->code, SOURCE_MAX_BYTES);
	buf_init(&emitter->literal, SOURCE_MAX_BYTES);
}

void emitter_release(struct emitter *emitter)
{
	buf_release(&emitter->code);
	buf_release(&emitter->literal);
}

static void write_indent(struct emitter *emitter)
{
	for (int i = 0; i < emitter->depth; i++)
		buf_add_char(&emitter->code, '\t');
}

static void write_byte(struct buf *out, unsigned char c, bool is_last)
{
	if (c == '\n')
		buf_add(out, is_last ? STR("\\n") : STR("\\n\"\n\t\t\""));
	else if (c == '"' || c == '\\' || c == '?') /* "?": no trigraphs */
		buf_addf(out, "\\%c", c);
	else if (c < ' ' || c > '~')
		buf_addf(out, "\\%03o", c);
	else
		buf_add_char(out, (char)c);
}

void emitter_literal(struct emitter *emitter, struct str text)
{
	if (str_is_empty(text))
		return;
	buf_add(&emitter->literal, emitter->literal.len ? STR("\n\t\t\"") : STR("\""));
	for (size_t i = 0; i < text.len; i++)
		write_byte(&emitter->literal, (unsigned char)text.data[i], i + 1 == text.len);
	buf_add_char(&emitter->literal, '"');
}

void emitter_macro(struct emitter *emitter, const char *prefix, struct str name)
{
	if (emitter->literal.len)
		buf_add_char(&emitter->literal, ' ');
	buf_add(&emitter->literal, str_of(prefix));
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		bool is_plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		buf_add_char(&emitter->literal, is_plain ? c : '_');
	}
}

void emitter_flush(struct emitter *emitter)
{
	if (emitter->literal.len == 0)
		return;
	write_indent(emitter);
	buf_add(&emitter->code, STR("buf_add(out->out, STR("));
	buf_add(&emitter->code, buf_str(&emitter->literal));
	buf_add(&emitter->code, STR("));\n"));
	buf_clear(&emitter->literal);
}

void emitter_statement(struct emitter *emitter, int line, const char *format, ...)
{
	emitter_flush(emitter);
	buf_addf(&emitter->code, "#line %d \"%s\"\n", line, emitter->path);
	write_indent(emitter);
	va_list args;
	va_start(args, format);
	char text[4096];
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		source_fail(emitter->path, line, "is too long");
	buf_add(&emitter->code, str_bytes(text, (size_t)len));
	buf_add_char(&emitter->code, '\n');
}
