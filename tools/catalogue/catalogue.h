/* The sentences of one language, as parsed from its catalogue files. */
#pragma once

#include "../source.h"
#include "text/plural.h"

enum { CATALOGUE_MAX_ENTRIES = 8192, PLACEHOLDERS_MAX = 8 };

struct entry {
	struct str id; /* "area.name" */
	const char *path;
	int line;
	bool is_plural;
	struct str text[PLURAL_COUNT]; /* a plain sentence is in [PLURAL_OTHER]; data NULL: no such
					  form */
	struct str names[PLACEHOLDERS_MAX]; /* of all forms together, in order of first use */
	size_t name_count;
};

struct catalogue {
	struct str tag;        /* of the language: the folder's name */
	struct entry *entries; /* sorted by id once checked */
	size_t count;
};

/* Adds the sentences of a file. Ends the program with file and line at the first mistake. */
void catalogue_parse(struct catalogue *catalogue, struct source source);
/* Sorts; refuses a plural without the forms that its language needs. */
void catalogue_check(struct catalogue *catalogue);
/* Refuses a translation that lacks sentences, has others, or has other placeholders than the
 * original. */
void catalogue_compare(const struct catalogue *original, const struct catalogue *translation);

/* text_id.h, text_tables.c and the list for the template compiler ("area.name placeholder
 * placeholder" a line). */
void catalogue_write_ids(struct buf *out, const struct catalogue *languages, size_t count);
void catalogue_write_tables(struct buf *out, const struct catalogue *languages, size_t count);
void catalogue_write_list(struct buf *out, const struct catalogue *original);
