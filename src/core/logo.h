/* A picture that an administrator has chosen as the portal's logo: looked at before it is kept, and
 * kept without what it says beside its pixels (places, comments). Nothing is decoded here. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "text/text.h"

enum { LOGO_MAX_BYTES = 256 * 1000, LOGO_MAX_PIXELS = 2000 };

/* *ret_ending: "png" or "jpg". ERR_INVALID with *ret_why: the sentence. ret: in the arena. */
enum err logo_check(struct arena *arena, struct str bytes, struct str *ret, const char **ret_ending,
		    enum text_id *ret_why) MUST_CHECK;
