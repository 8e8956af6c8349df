#include "core/form_errors.h"

#include "base/utf8.h"

#include <string.h>

void form_error_add(struct cx *cx, struct form_errors *errors, const char *field, enum text_id id,
		    const struct text_arg *args, size_t count)
{
	if (errors->count == FORM_ERRORS_MAX)
		return;
	/* args[0] is a dummy, so that a list without arguments is a valid array. */
	errors->items[errors->count++] = (struct form_error){
		.field = field,
		.detail = text_fill(cx->arena, cx->language, id, args + 1, count - 1),
	};
}

struct str form_error_quote(struct cx *cx, struct str typed)
{
	enum { QUOTE_CHARS = 100 };
	if (utf8_is_line(typed))
		return utf8_first(typed, QUOTE_CHARS);
	struct str copy = arena_copy(cx->arena, str_slice(typed, 0, QUOTE_CHARS));
	char *bytes = (char *)copy.data;
	for (size_t i = 0; bytes && i < copy.len; i++)
		if (bytes[i] < ' ' || bytes[i] > '~')
			bytes[i] = '?';
	return copy;
}

struct str form_errors_for(const struct form_errors *errors, const char *field)
{
	for (size_t i = 0; i < errors->count; i++) {
		if (strcmp(errors->items[i].field, field) == 0)
			return errors->items[i].detail;
	}
	return STR_NONE;
}
