/* Plural categories of the Unicode CLDR for whole numbers. */
#pragma once

#include "base/str.h"

enum plural {
	PLURAL_ZERO,
	PLURAL_ONE,
	PLURAL_TWO,
	PLURAL_FEW,
	PLURAL_MANY,
	PLURAL_OTHER,
	PLURAL_COUNT,
};

/* The form that `count` things take in the language of a BCP 47 tag; only the primary subtag
 * counts. A language without a rule here is treated as English. A negative count takes the form of
 * its absolute value. */
enum plural plural_of(struct str tag, int64_t count);
/* "one", "other"; NULL-terminated words for catalogues. */
const char *plural_name(enum plural plural);
