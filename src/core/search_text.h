/* For core/: all of a message that is searched, as bytes, which are then encrypted under the
 * message key when it is stored (ARCHITECTURE, Search).
 *
 *   1 byte     16       4      4        each 17 bytes       folded (search_fold.h)
 *  +----------+--------+------+--------+-------------------+---------+------+------+-----------------+
 *  | format 1 | sender | n    | files  | n times kind, id  | subject | 0x01 | body | 0x01 and a
 * name |
 *  +----------+--------+------+--------+-------------------+---------+------+------+ of each file
 * ---+
 *
 * Numbers are big-endian. People are ids, so that a new name is found at once. A confidential
 * message has neither body nor files here: those are shown only for the password. No folded text
 * holds the byte 0x01, so that nothing is found across the fields. */
#pragma once

#include "core/attaching.h"
#include "store/messages.h"

struct search_person {
	enum recipient_kind kind;
	struct id user_id;
};

struct search_text {
	struct id sender_id;
	size_t people_count; /* search_text_person() */
	struct str people;
	int64_t file_count;
	struct str text; /* subject, body and file names */
};

/* What it is made from. */
struct search_source {
	const struct message *message;
	const struct delivery *deliveries; /* those of the message; the sender's own is left out */
	size_t delivery_count;
	struct str subject;
	struct str body;                       /* Markdown */
	const struct attachments *attachments; /* or NULL */
};
enum err search_text_write(struct arena *arena, const struct search_source *source,
			   struct str *ret) MUST_CHECK;
/* Views of the bytes. ERR_CORRUPT: these are no such bytes. */
enum err search_text_read(struct str bytes, struct search_text *ret) MUST_CHECK;
struct search_person search_text_person(const struct search_text *text, size_t i);
