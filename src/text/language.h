/* How the generated tables look; for text.c, date.c and tools/catalogue only. */
#pragma once

#include "text/text.h"

struct sentence {
	struct str text;
	const struct str *forms; /* by enum plural, instead of text; NULL for a plain sentence */
};

struct language {
	struct str tag;
	const struct sentence *sentences; /* by enum text_id */
};

extern const struct language language_table[LANGUAGE_COUNT];
