/* The alphabets of HTTP (RFC 9110 5.6). */
#pragma once

#include "base/str.h"

/* One or more token characters: methods, header names, cookie names. */
bool token_is_valid(struct str s);
/* Fit for a header value: no control character but tab. */
bool token_is_value(struct str s);
