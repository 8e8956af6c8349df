#include "text/html.h"

#include "base/encode.h"

void html_put_str(struct html *out, struct str text)
{
	encode_html(out->out, text);
}

void html_put_cstr(struct html *out, const char *text)
{
	encode_html(out->out, str_of(text));
}

void html_put_int(struct html *out, int64_t number)
{
	buf_add_int(out->out, number);
}

void html_put_id(struct html *out, struct id id)
{
	buf_add(out->out, id_str(&id)); /* has no special signs */
}

void html_put_url_str(struct html *out, struct str text)
{
	encode_url(out->out, text);
}

void html_put_url_cstr(struct html *out, const char *text)
{
	encode_url(out->out, str_of(text));
}

void html_put_markup(struct html *out, struct safe_html html)
{
	buf_add(out->out, html.markup);
}

void html_text(struct html *out, enum text_id id)
{
	encode_html(out->out, text_get(out->language, id));
}

void html_text_fill(struct html *out, enum text_id id, const struct text_arg *args, size_t count)
{
	encode_html(out->out, text_fill(out->arena, out->language, id, args, count));
}

struct text_arg html_arg_str(const char *name, struct str text)
{
	return TEXT_ARG(name, text);
}

struct text_arg html_arg_cstr(const char *name, const char *text)
{
	return TEXT_ARG(name, str_of(text));
}

struct text_arg html_arg_int(const char *name, int64_t number)
{
	return TEXT_NUMBER(name, number);
}
