/* What a password must be (ARCHITECTURE, Decided once; NIST 800-63B-4). */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"

/* Normalises to NFC and checks length, the list of common passwords and the person's own words
 * (name, address, portal's name). ERR_INVALID with errors["password"]. ret: normalised, in the
 * arena. */
enum err password_rules_check(struct cx *cx, struct str password, struct str name,
			      struct str address, struct str *ret,
			      struct form_errors *errors) MUST_CHECK;
/* Only the normalisation, for signing in. ERR_INVALID for bad UTF-8 or over the maximum. */
enum err password_normalise(struct cx *cx, struct str password, struct str *ret) MUST_CHECK;
