/* What says that it is a drawn signature: looked at before it is kept, or given to the worker that
 * decodes it. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* ERR_INVALID: no PNG (PNG 1.2, 3.2 and 4.1): its first bytes, an IHDR, chunks one after the other,
 * an IDAT among them, IEND the last. ERR_TOO_LARGE: over LIMIT_SIGNING_PNG_BYTES, or a side over
 * LIMIT_SIGNING_PNG_PIXELS. */
enum err png_check(struct str png) MUST_CHECK;
/* The bytes of "data:image/png;base64,...", as png_check() takes them. */
enum err png_from_data_url(struct arena *arena, struct str url, struct str *ret) MUST_CHECK;
bool png_is_data_url(struct str text);
