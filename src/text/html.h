/* What compiled page templates write with: everything is escaped but struct safe_html. */
#pragma once

#include "base/buf.h"
#include "base/id.h"
#include "text/text.h"

/* A page being written, and its reader's language. All three are borrowed. */
struct html {
	struct buf *out;
	const struct language *language;
	struct arena *arena;
};

/* Markup that is known to be safe. Only the Markdown renderer makes it. */
struct safe_html {
	struct str markup;
};

void html_put_str(struct html *out, struct str text);
void html_put_cstr(struct html *out, const char *text); /* NULL writes nothing */
void html_put_int(struct html *out, int64_t number);
void html_put_id(struct html *out, struct id id);
/* Percent-encoded: one path segment or one value of a query. */
void html_put_url_str(struct html *out, struct str text);
void html_put_url_cstr(struct html *out, const char *text);
void html_put_markup(struct html *out, struct safe_html html);
void html_text(struct html *out, enum text_id id);
void html_text_fill(struct html *out, enum text_id id, const struct text_arg *args, size_t count);

struct text_arg html_arg_str(const char *name, struct str text);
struct text_arg html_arg_cstr(const char *name, const char *text);
struct text_arg html_arg_int(const char *name, int64_t number);

/* {{ x }}: escaped; the type decides. Any other type does not compile. */
#define html_put(out, x)                                                                           \
	_Generic((x), struct str: html_put_str, char *: html_put_cstr,                          \
	         const char *: html_put_cstr, struct id: html_put_id, short: html_put_int,      \
	         unsigned short: html_put_int, int: html_put_int, unsigned: html_put_int,       \
	         long: html_put_int, unsigned long: html_put_int, long long: html_put_int,      \
	         unsigned long long: html_put_int)((out), (x))

/* {{ url x }} */
#define html_put_url(out, x)                                                                       \
	_Generic((x), struct str: html_put_url_str, char *: html_put_url_cstr,                  \
	         const char *: html_put_url_cstr, struct id: html_put_id, int: html_put_int,    \
	         unsigned: html_put_int, long: html_put_int, unsigned long: html_put_int,       \
	         long long: html_put_int, unsigned long long: html_put_int)((out), (x))

/* {{ text area.name placeholder=x }} */
#define TEXT_ARG_OF(name, x)                                                                       \
	_Generic((x), struct str: html_arg_str, char *: html_arg_cstr,                          \
	         const char *: html_arg_cstr, int: html_arg_int, unsigned: html_arg_int,        \
	         long: html_arg_int, unsigned long: html_arg_int, long long: html_arg_int,      \
	         unsigned long long: html_arg_int)((name), (x))
#define HTML_TEXT_FILL(out, id, ...)                                                               \
	html_text_fill((out), (id), (const struct text_arg[]){__VA_ARGS__},                        \
		       sizeof((const struct text_arg[]){__VA_ARGS__}) / sizeof(struct text_arg))
