/* The domain of an e-mail address, in any script, as the lower-case A-labels by which it is
 * compared (IDNA 2008, UTS 46). */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* ERR_INVALID for anything but labels of letters, digits and hyphens (of 63 bytes, 253 together, as
 * A-labels), with a dot or "localhost", not ending in a number. domain: valid UTF-8. */
enum err domain_normalise(struct arena *arena, struct str domain, struct str *ret) MUST_CHECK;
/* The same domain in the script that people read it in; as it is where it stands for none. domain:
 * from domain_normalise(). */
struct str domain_readable(struct arena *arena, struct str domain);
/* Whether nothing in valid UTF-8 beyond ASCII is invisible, space, private or unassigned. */
bool domain_is_visible(struct str text);
