/* For core/draft.c: a draft as bytes, which are then encrypted.
 *
 *   content                                     summary
 *  +----------+------------------------------+  +----------+---------------+----------+
 *  | format 2 | to cc bcc subject body       |  | format 2 | subject, up   | people   |
 *  |          | reply_to key                 |  |          | to 3 of To    | more     |
 *  +----------+------------------------------+  +----------+---------------+----------+
 *  | invite_as, count, and for each choice:  |
 *  | address, grade                          |   people: count, and a text for each
 *  +-----------------------------------------+
 *  | forward_of options options_off expires  |
 *  +-----------------------------------------+
 *
 * One with files is format 3: their count and, as texts, their ids follow; the summary ends with
 * the count. One with documents to sign is format 4: the same, and then the plan
 * (core/signing_plan.h). A text is its length and its bytes; lengths, counts and grades are 4
 * bytes, big-endian. */
#pragma once

#include "core/draft.h"

/* ERR_TOO_LARGE over LIMIT_BODY_MESSAGE. */
enum err draft_bytes_write(struct arena *arena, const struct draft *draft,
			   struct str *ret) MUST_CHECK;
/* The texts are views of the bytes. The form that saved it is in idempotency_key. ERR_CORRUPT:
 * these are no such bytes. */
enum err draft_bytes_read(struct arena *arena, struct str bytes, struct draft *ret) MUST_CHECK;

enum err draft_bytes_write_summary(struct arena *arena, const struct draft_line *line,
				   struct str *ret) MUST_CHECK;
/* Fills subject and people. */
enum err draft_bytes_read_summary(struct str bytes, struct draft_line *ret) MUST_CHECK;
