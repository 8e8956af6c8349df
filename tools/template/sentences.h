/* The sentences that the catalogue has, and their placeholders. */
#pragma once

#include "../source.h"

struct sentences {
	struct source list; /* "area.name placeholder placeholder" a line; data NULL: no list,
			       nothing is known */
};

/* Whether the sentence is there; ret_placeholders are its names, with a space between two. */
bool sentences_find(const struct sentences *sentences, struct str id, struct str *ret_placeholders);
/* Whether a name is among the placeholders. */
bool sentences_has(struct str placeholders, struct str name);
