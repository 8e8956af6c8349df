/* Where to go after signing in: only ever a path of this portal. */
#pragma once

#include "base/arena.h"

/* The path if it is a local one that can be shown; "/" for anything else: other hosts, "//",
 * back-slashes, control characters, sign-in itself. */
struct str next_path_local(struct str typed);
/* "/sign-in?next=..." for a page. */
struct str next_path_sign_in(struct arena *arena, struct str path, struct str query);
