/* What a page shows is to be the same for everybody, on a screen and on paper, today and when
 * others have signed after one: else nobody knows what was signed. */
#pragma once

#include "pdf/worker/work.h"

/* Whether something refers to objects that are not there, but would be once more is added. */
bool steady_has_loose_ends(struct work *work);
/* Takes out what would show different things. For what is saved as a whole. */
void steady_make(struct work *work);
