/* Whom people of this portal can ask, in a sentence: "please ask {whom}". */
#pragma once

#include "core/cx.h"

/* What branding says (an address or a number), else "an administrator of NAME". */
struct str help_contact(const struct cx *cx);
