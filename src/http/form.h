/* Values of an application/x-www-form-urlencoded body or a query string. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct form_field {
	struct str name;
	struct str value; /* decoded once, valid UTF-8, no NUL */
};

struct form {
	struct form_field *fields;
	size_t count;
};

/* ERR_INVALID for a broken escape, NUL or bad UTF-8; ERR_TOO_LARGE over LIMIT_FORM_FIELDS. */
enum err form_parse(struct arena *arena, struct str encoded, struct form *ret) MUST_CHECK;
/* The value of a field that occurs once; empty when absent. Twice counts as absent (no parameter
 * pollution). */
struct str form_value(const struct form *form, const char *name);
bool form_has(const struct form *form, const char *name);
