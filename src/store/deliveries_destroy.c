/* Deleting for ever. */
#include "base/limits.h"
#include "crypto/digest.h"
#include "store/db_list.h"
#include "store/deliveries.h"
#include "store/destroyed.h"
#include "store/labels.h"
#include "store/message_files.h"
#include "store/signings.h"

/* Between its sender and each who got it (store/contacts.h). */
static enum err delete_exchanges(struct db *db, const struct id *message_id)
{
	return db_run(db,
		      "DELETE FROM exchanges WHERE (low_id, high_id, message_id) IN (SELECT "
		      "CASE WHEN m.sender_id < d.user_id THEN m.sender_id ELSE d.user_id END, "
		      "CASE WHEN m.sender_id < d.user_id THEN d.user_id ELSE m.sender_id END, "
		      "m.id FROM messages m JOIN deliveries d ON d.message_id = m.id "
		      "WHERE m.id = ?1)",
		      PARAMS(P_ID(message_id)), NULL);
}

/* A notice of its recall may stay in somebody's box for years; documents that were to be signed lie
 * on the disk, and in the quota of who sent them, for as long as somebody has the message's key. */
static enum err forget_unreadable_signing(struct db *db, const struct id *message_id)
{
	int64_t keys;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM deliveries WHERE message_id = ?1 AND box <> 5 "
			     "AND ended = 0",
			     PARAMS(P_ID(message_id)), &keys));
	return keys > 0 ? OK : signings_delete(db, message_id);
}

enum { CHAIN_ARENA_BYTES = 8 << 20 };

static enum err is_wanted(struct db *db, const struct id *message_id, bool *ret)
{
	int64_t kept;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM deliveries WHERE message_id = ?1 AND box <> 5",
			     PARAMS(P_ID(message_id)), &kept));
	*ret = true;
	return kept > 0 ? OK : message_files_were_sent_on(db, message_id, ret);
}

static enum err delete_message(struct db *db, const struct id *message_id)
{
	TRY(db_run(db, "DELETE FROM tracks WHERE message_id = ?1", PARAMS(P_ID(message_id)), NULL));
	TRY(delete_exchanges(db, message_id));
	TRY(message_files_delete(db, message_id));
	TRY(signings_delete(db, message_id));
	TRY(db_run(db, "DELETE FROM deliveries WHERE message_id = ?1", PARAMS(P_ID(message_id)),
		   NULL));
	return db_run(db, "DELETE FROM messages WHERE id = ?1", PARAMS(P_ID(message_id)), NULL);
}

/* With the last one who had it: nobody can read it any more, nor is it in any box. Then it may have
 * been the last, too, for which those were kept that its files came from. */
static enum err delete_if_nobodys(struct db *db, const struct id *message_id)
{
	struct arena arena CLEANUP_ARENA;
	struct message_source first = {.id = *message_id}, *last = &first;
	arena_init(&arena, CHAIN_ARENA_BYTES);
	for (const struct message_source *at = &first; at; at = at->next) {
		bool must_stay;
		TRY(is_wanted(db, &at->id, &must_stay));
		if (must_stay) {
			TRY(forget_unreadable_signing(db, &at->id));
			continue;
		}
		TRY(message_files_sources(db, &arena, &at->id, &last));
		TRY(delete_message(db, &at->id));
	}
	return OK;
}

enum { FORGOTTEN_AT_ONCE = 16 };

/* What this user has only by the message `via`, and nothing else of theirs quotes. In the order of
 * the joins and with the conditions of the indexes: else all that the user has is gone through. */
static enum err list_unquoted(struct db *db, const struct id *user_id, const struct id *via,
			      struct id *ret, size_t *ret_count)
{
	struct rows rows CLEANUP_ROWS = {0};
	bool has_row;
	TRY(db_select(db, &rows,
		      "SELECT q.message_id FROM deliveries q WHERE q.via = ?2 AND q.via <> '' AND "
		      "q.user_id = ?1 AND NOT EXISTS (SELECT 1 FROM messages m CROSS JOIN "
		      "deliveries d WHERE m.forward_of = q.message_id AND m.forward_of <> '' AND "
		      "d.message_id = m.id AND d.user_id = ?1 AND d.box <> 5) "
		      "AND NOT EXISTS (SELECT 1 FROM messages p CROSS JOIN messages m CROSS JOIN "
		      "deliveries d WHERE p.id = q.message_id AND m.conversation_id = "
		      "p.conversation_id AND m.parent_id = p.id AND d.message_id = m.id AND "
		      "d.user_id = ?1 AND d.box <> 5) LIMIT 16",
		      PARAMS(P_ID(user_id), P_ID(via))));
	for (*ret_count = 0; *ret_count < FORGOTTEN_AT_ONCE; (*ret_count)++) {
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			break;
		ret[*ret_count] = rows_id(&rows, 0);
	}
	return OK;
}

/* With a forward goes what it forwards; of a chain the next one each time. */
static enum err forget_quoted(struct db *db, const struct id *user_id, const struct id *via)
{
	struct id ids[FORGOTTEN_AT_ONCE];
	size_t count;
	for (int i = 0; i < LIMIT_FORWARD_CHAIN; i++) {
		TRY(list_unquoted(db, user_id, via, ids, &count));
		if (count == 0)
			break;
		for (size_t at = 0; at < count; at++) {
			TRY(file_deliveries_delete_with(db, &ids[at], user_id));
			TRY(db_run(db,
				   "DELETE FROM deliveries WHERE message_id = ?1 AND user_id = ?2",
				   PARAMS(P_ID(&ids[at]), P_ID(user_id)), NULL));
			TRY(delete_if_nobodys(db, &ids[at]));
		}
	}
	return OK;
}

/* Without a key, and as if it had never been read or recalled. */
static struct delivery destroyed(const struct delivery *delivery)
{
	struct delivery next = *delivery;
	next.sealed = next.wrapped = next.reason = next.notice = STR("");
	/* Whether it was recalled meanwhile does not matter any more. */
	next.ended = DELIVERY_LIVE;
	next.ended_ms = 0;
	return next;
}

#define DESTROY                                                                                    \
	"UPDATE deliveries SET box = 5, sealed = ?3, wrapped = ?3, reason = ?3, notice = ?3, "     \
	"mac = ?4, ended = 0, ended_ms = 0, moved_ms = 0, is_unread = 0 "                          \
	"WHERE message_id = ?1 AND user_id = ?2 AND "

/* What goes with it. */
static enum err destroy_rest(struct db *db, const struct delivery *delivery)
{
	TRY(file_deliveries_delete_with(db, &delivery->message_id, &delivery->user_id));
	TRY(labels_take_all(db, &delivery->user_id, &delivery->message_id));
	TRY(forget_quoted(db, &delivery->user_id, &delivery->message_id));
	return delete_if_nobodys(db, &delivery->message_id);
}

enum err deliveries_destroy(struct db *db, const struct delivery *delivery, int64_t until_ms)
{
	struct delivery next = destroyed(delivery);
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	deliveries_mac(db, &next, row_mac);
	TRY(db_run(db, DESTROY "box = 4 AND moved_ms <= ?5",
		   PARAMS(P_ID(&next.message_id), P_ID(&next.user_id), P_BLOB(next.sealed),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac))), P_INT(until_ms)),
		   &changes));
	if (changes != 1)
		return ERR_NOT_FOUND;
	TRY(destroyed_note_deleted(db, delivery));
	TRY(deliveries_regroup(db, &next.user_id, &next.message_id));
	return destroy_rest(db, &next);
}

enum err deliveries_erase(struct db *db, const struct delivery *delivery)
{
	struct delivery next = destroyed(delivery);
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	deliveries_mac(db, &next, row_mac);
	TRY(db_run(db, DESTROY "box BETWEEN 1 AND 4",
		   PARAMS(P_ID(&next.message_id), P_ID(&next.user_id), P_BLOB(next.sealed),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		   &changes));
	return changes == 1 ? destroy_rest(db, &next) : ERR_NOT_FOUND;
}
