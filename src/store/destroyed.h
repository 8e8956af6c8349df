/* Table destroyed: which keys were destroyed, one after the other, until that stands in the journal
 * outside of the database (core/destroyed_journal.h), by which a restore destroys them again.
 * Written in the transaction that destroys. Expired ones are not here: they go by their date.
 *
 *   E message user end ended_ms sealed reason   a delivery has ended; base64url, or -
 *   X message user                              a delivery was deleted for ever
 *   M message sender recalled_ms                a message is recalled from everybody
 *   F message user file end ended_ms            a right to a file has ended
 *   G message file recalled_ms                  a file is recalled from everybody
 *   U user                                      somebody was erased (core/people_erase.h)
 *   P user grade role is_enabled version        what somebody was made (core/decisions.h)
 *   R rule                                      what a registration rule was made; base64url
 *   D id message user cause at_ms keys mails is_whole    an entry of table destructions
 *
 * In it are ids, times and what is ciphertext in the database, too. */
#pragma once

#include "store/deliveries.h"
#include "store/destructions.h"
#include "store/message_files.h"
#include "store/messages.h"
#include "store/users.h"

/* For store/: what has just been done. */
enum err destroyed_note_delivery(struct db *db, const struct delivery *ended) MUST_CHECK;
enum err destroyed_note_deleted(struct db *db, const struct delivery *delivery) MUST_CHECK;
enum err destroyed_note_message(struct db *db, const struct message *message,
				int64_t recalled_ms) MUST_CHECK;
enum err destroyed_note_right(struct db *db, const struct file_delivery *ended) MUST_CHECK;
enum err destroyed_note_file(struct db *db, const struct message_file *file,
			     int64_t recalled_ms) MUST_CHECK;
/* For core/people_erase.c. */
enum err destroyed_note_user(struct db *db, const struct id *user_id) MUST_CHECK;
enum err destroyed_note_entry(struct db *db, const struct destruction *entry) MUST_CHECK;

/* For core/decisions.c. */
struct destroyed_person {
	struct id user_id;
	enum grade grade;
	enum role role;
	bool is_enabled;
	int64_t version; /* of the row */
};
enum err destroyed_note_person(struct db *db, const struct destroyed_person *person,
			       int64_t at_ms) MUST_CHECK;
enum err destroyed_note_rule(struct db *db, struct str cipher, int64_t at_ms) MUST_CHECK;
/* Of such a line. ERR_NOT_FOUND: it is another one. ERR_INVALID: it is not what is written. */
enum err destroyed_read_person(struct arena *arena, struct str content,
			       struct destroyed_person *ret) MUST_CHECK;
enum err destroyed_read_rule(struct arena *arena, struct str content,
			     struct str *ret_cipher) MUST_CHECK;

struct destroyed {
	struct id id;
	struct str content; /* as above */
};
/* What is not in the journal yet; at most `limit`. */
enum err destroyed_list(struct db *db, struct arena *arena, int64_t limit, struct destroyed **ret,
			size_t *ret_count) MUST_CHECK;
enum err destroyed_delete(struct db *db, const struct destroyed *items, size_t count) MUST_CHECK;

/* Whether this line says that somebody was erased, and who: that takes more than one transaction.
 */
bool destroyed_is_user(struct str content, struct id *ret);
/* Does what all other lines say again, in a database in which it has not happened. *ret_keys: how
 * many keys that were there are gone. Fine where there is nothing to do. ERR_INVALID: it is no such
 * line. */
enum err destroyed_again(struct db *db, struct arena *arena, struct str content, int64_t now_ms,
			 int64_t *ret_keys) MUST_CHECK;
