/* What a person's name must be. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"

/* Trimmed, NFC, one line, with a letter or digit, without @ and what is invisible (but
 * for a joiner or non-joiner between two signs of scripts that need it), 1 to LIMIT_NAME_CHARS
 * characters. ERR_INVALID with errors["name"]. ret in the arena. */
enum err name_rules_check(struct cx *cx, struct str name, struct str *ret,
			  struct form_errors *errors) MUST_CHECK;
