/* Mistakes in what somebody typed are data: which field, and a sentence that says what to do. */
#pragma once

#include "core/cx.h"

struct form_error {
	const char *field; /* "to", "password" ...: name in form and API */
	struct str detail; /* sentence in the reader's language */
};

enum { FORM_ERRORS_MAX = 20 };

struct form_errors {
	struct form_error items[FORM_ERRORS_MAX]; /* surplus ones are dropped */
	size_t count;
};

/* Adds a sentence. form_error(cx, errors, "to", TEXT_X, TEXT_ARG("address", a)). */
void form_error_add(struct cx *cx, struct form_errors *errors, const char *field, enum text_id id,
		    const struct text_arg *args, size_t count);
#define form_error(cx, errors, field, id, ...)                                                     \
	form_error_add((cx), (errors), (field), (id),                                              \
		       (const struct text_arg[]){{.name = NULL}, ##__VA_ARGS__},                   \
		       sizeof((const struct text_arg[]){{.name = NULL}, ##__VA_ARGS__}) /          \
			       sizeof(struct text_arg))
/* What somebody typed, fit to stand in a sentence: one line, not long, control characters and bad
 * UTF-8 shown as "?". */
struct str form_error_quote(struct cx *cx, struct str typed);
/* The sentence for a field, empty view if there is none. */
struct str form_errors_for(const struct form_errors *errors, const char *field);
