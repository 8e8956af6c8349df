/* The newest message of each conversation in each box of a reader stands for all of them. */
#include "store/deliveries.h"

/* The conversation of message ?2. */
#define CONVERSATION "(SELECT one.conversation_id FROM messages one WHERE one.id = ?2)"
#define OF_CONVERSATION                                                                            \
	"user_id = ?1 AND message_id IN (SELECT m.id FROM messages m WHERE m.conversation_id "     \
	"= " CONVERSATION ")"
/* Where message ?2 is now. */
#define BESIDE                                                                                     \
	OF_CONVERSATION " AND box = (SELECT own.box FROM deliveries own WHERE own.message_id = "   \
			"?2 AND own.user_id = ?1 AND own.box BETWEEN 1 AND 4)"

/* CROSS JOIN here and below: from the conversation's messages to their deliveries. Left to itself,
 * SQLite goes through all that the reader has. */
enum err deliveries_regroup(struct db *db, const struct id *user_id, const struct id *message_id)
{
	return db_run(
		db,
		"UPDATE deliveries SET is_top = CASE WHEN message_id = top.id THEN 1 ELSE 0 "
		"END FROM (SELECT d.box AS box, MAX(d.message_id) AS id FROM messages m CROSS "
		"JOIN deliveries d WHERE d.message_id = m.id AND d.user_id = ?1 AND "
		"m.conversation_id = " CONVERSATION " GROUP BY d.box) AS top "
		"WHERE deliveries.box = top.box AND (is_top = 1) <> (message_id = top.id) "
		"AND " OF_CONVERSATION,
		PARAMS(P_ID(user_id), P_ID(message_id)), NULL);
}

enum err deliveries_put_on_top(struct db *db, const struct delivery *delivery,
			       const struct id *conversation_id)
{
	const struct param params[] = {P_ID(&delivery->user_id), P_INT(delivery->box),
				       P_ID(conversation_id), P_ID(&delivery->message_id)};
	/* + 0: by the messages, not by all the tops of this box. */
	TRY(db_run(db,
		   "UPDATE deliveries SET is_top = 0 WHERE user_id = ?1 AND box = CAST(?2 AS "
		   "BIGINT) AND is_top + 0 = 1 AND message_id IN (SELECT m.id FROM messages m "
		   "WHERE m.conversation_id = ?3 AND m.id < ?4)",
		   params, 4, NULL));
	/* One with a later id may have been written first. */
	return db_run(db,
		      "UPDATE deliveries SET is_top = 0 WHERE message_id = ?4 AND user_id = ?1 AND "
		      "EXISTS (SELECT 1 FROM messages n CROSS JOIN deliveries e WHERE "
		      "n.conversation_id = ?3 AND n.id > ?4 AND e.message_id = n.id AND "
		      "e.user_id = ?1 AND e.box = CAST(?2 AS BIGINT))",
		      params, 4, NULL);
}

enum err deliveries_move_beside(struct db *db, const struct id *user_id,
				const struct id *message_id, enum box box, int64_t now_ms)
{
	bool is_back = box == BOX_INBOX || box == BOX_SENT;
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE deliveries SET box = CASE WHEN kind = 0 THEN CAST(?4 AS BIGINT) ELSE "
		   "CAST(?3 AS BIGINT) END, moved_ms = ?5 WHERE " BESIDE,
		   PARAMS(P_ID(user_id), P_ID(message_id), P_INT(is_back ? BOX_INBOX : box),
			  P_INT(is_back ? BOX_SENT : box), P_INT(box == BOX_TRASH ? now_ms : 0)),
		   &changes));
	return changes > 0 ? deliveries_regroup(db, user_id, message_id) : ERR_NOT_FOUND;
}

enum err deliveries_mark_beside(struct db *db, const struct id *user_id,
				const struct id *message_id, bool is_unread)
{
	int64_t changes;
	TRY(db_run(db, "UPDATE deliveries SET is_unread = ?3 WHERE " BESIDE,
		   PARAMS(P_ID(user_id), P_ID(message_id), P_INT(is_unread)), &changes));
	return changes > 0 ? OK : ERR_NOT_FOUND;
}

enum err deliveries_count_wrong_tops(struct db *db, int64_t *ret)
{
	return db_select_number(
		db,
		"SELECT COUNT(*) FROM deliveries d JOIN messages m ON m.id = d.message_id "
		"WHERE d.box BETWEEN 1 AND 4 AND d.is_top <> CASE WHEN EXISTS (SELECT 1 FROM "
		"messages n CROSS JOIN deliveries e WHERE e.message_id = n.id AND e.user_id = "
		"d.user_id AND e.box = d.box AND n.conversation_id = m.conversation_id AND "
		"n.id > m.id) THEN 0 ELSE 1 END",
		NULL, 0, ret);
}
