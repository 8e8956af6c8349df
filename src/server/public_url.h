/* The portal's public address: scheme, host and port, nothing after it. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* Lower-case scheme and host, a trailing slash taken away. ERR_INVALID for anything else than
 * http(s)://HOST[:PORT]. */
enum err public_url_parse(struct arena *arena, struct str typed, struct str *ret) MUST_CHECK;
bool public_url_is_https(struct str url);
