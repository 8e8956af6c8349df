/* Content-Disposition for a file of any name: an ASCII fallback and the UTF-8 form (RFC 6266,
 * 8187).
 */
#pragma once

#include "base/arena.h"

struct str disposition_header(struct arena *arena, bool is_attachment, struct str name);
