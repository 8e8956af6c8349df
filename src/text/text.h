/* Every sentence a person reads. Sentences live in catalogues (src/text/LANGUAGE/ *.catalogue)
 * compiled by tools/catalogue into text_id.h and tables; a new language is a new folder, no code.
 *
 * A catalogue line is `area.name = Sentence with {placeholders}`; `area.name[one] = ...` and
 * `area.name[other] = ...` are plural forms chosen by the argument {count}; `area.name <<` ... `>>`
 * on lines of their own hold several lines. The id of area.name is TEXT_AREA_NAME. */
#pragma once

#include "base/arena.h"
#include "text/text_id.h" /* generated: enum text_id, TEXT_COUNT_IDS, enum language_code */

struct language; /* one compiled catalogue */

/* By BCP 47 tag ("en"); English when unknown. */
const struct language *language_find(struct str tag);
struct str language_tag(const struct language *language);
/* Each of them, from 0 to LANGUAGE_COUNT - 1. */
const struct language *language_at(size_t at);

struct text_arg {
	const char *name; /* of the placeholder */
	struct str text;
	int64_t number;
	bool is_number; /* formatted by the language; the one named "count" chooses the plural form
			 */
};
#define TEXT_ARG(n, s) ((struct text_arg){.name = (n), .text = (s)})
#define TEXT_NUMBER(n, i) ((struct text_arg){.name = (n), .number = (i), .is_number = true})

/* A sentence without placeholders; borrowed for ever. */
struct str text_get(const struct language *language, enum text_id id);
/* A sentence with its placeholders filled, in the arena. Values are inserted as they are: escaping
 * is the writer's. */
struct str text_fill(struct arena *arena, const struct language *language, enum text_id id,
		     const struct text_arg *args, size_t count);
#define TEXT_FILL(arena, language, id, ...)                                                        \
	text_fill((arena), (language), (id), (const struct text_arg[]){__VA_ARGS__},               \
		  sizeof((const struct text_arg[]){__VA_ARGS__}) / sizeof(struct text_arg))

/* "22 Nov 2026, 21:05" in a time zone (IANA name; UTC when empty or unknown). */
struct str format_date_time(struct arena *arena, const struct language *language, struct str zone,
			    int64_t utc_ms);
/* "22 Nov 2026" */
struct str format_date(struct arena *arena, const struct language *language, struct str zone,
		       int64_t utc_ms);
/* Short for lists: the time today, "Yesterday", "22 Nov", "22 Nov 2025". */
struct str format_date_short(struct arena *arena, const struct language *language, struct str zone,
			     int64_t utc_ms, int64_t now_ms);
/* "812 B", "1.4 MB". */
struct str format_size(struct arena *arena, const struct language *language, int64_t bytes);
