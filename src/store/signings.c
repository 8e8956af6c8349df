#include "store/signings.h"

#define SIGNINGS_COLUMNS                                                                           \
	"s.message_id, s.sender_id, s.state, s.ordering, s.wants_password, s.created_ms, "         \
	"s.ended_ms, s.deadline_ms, s.remind_after_ms, s.remind_every_ms, s.remind_before_ms, "    \
	"s.next_ms, s.version, s.signer_count, s.document_count, s.plan, s.mac"

static void mac_signing(struct mac *mac, const struct db *db, const struct signing *signing)
{
	mac_begin(mac, db_row_key(db), "signings");
	mac_str(mac, id_str(&signing->message_id));
	mac_str(mac, id_str(&signing->sender_id));
	mac_int(mac, signing->state);
	mac_int(mac, signing->order);
	mac_int(mac, signing->wants_password);
	mac_int(mac, signing->created_ms);
	mac_int(mac, signing->ended_ms);
	mac_int(mac, signing->deadline_ms);
	mac_int(mac, signing->remind_after_ms);
	mac_int(mac, signing->remind_every_ms);
	mac_int(mac, signing->remind_before_ms);
	mac_int(mac, signing->next_ms);
	mac_int(mac, signing->version);
	mac_int(mac, signing->signer_count);
	mac_int(mac, signing->document_count);
	mac_str(mac, signing->plan);
}

static enum err read_signing(struct rows *rows, struct arena *arena, struct signing *ret)
{
	struct signing signing = {
		.message_id = rows_id(rows, 0),
		.sender_id = rows_id(rows, 1),
		.state = (enum signing_state)rows_code(rows, 2),
		.order = (enum signing_order)rows_code(rows, 3),
		.wants_password = rows_code(rows, 4) == 1,
		.created_ms = rows_int(rows, 5),
		.ended_ms = rows_int(rows, 6),
		.deadline_ms = rows_int(rows, 7),
		.remind_after_ms = rows_int(rows, 8),
		.remind_every_ms = rows_int(rows, 9),
		.remind_before_ms = rows_int(rows, 10),
		.next_ms = rows_int(rows, 11),
		.version = rows_int(rows, 12),
		.signer_count = rows_int(rows, 13),
		.document_count = rows_int(rows, 14),
		.plan = rows_bytes(rows, 15, arena),
	};
	struct str stored = rows_bytes(rows, 16, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_signing(&mac, rows->db, &signing);
	if (!mac_check(&mac, stored))
		return db_not_authentic("signings", id_str(&signing.message_id));
	*ret = signing;
	return OK;
}

enum err signings_insert(struct db *db, const struct signing *signing)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_signing(&mac, db, signing);
	mac_end(&mac, row_mac);
	return db_run(
		db,
		"INSERT INTO signings (message_id, sender_id, state, ordering, wants_password, "
		"created_ms, ended_ms, deadline_ms, remind_after_ms, remind_every_ms, "
		"remind_before_ms, next_ms, version, signer_count, document_count, plan, mac) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
		"?17)",
		PARAMS(P_ID(&signing->message_id), P_ID(&signing->sender_id), P_INT(signing->state),
		       P_INT(signing->order), P_INT(signing->wants_password),
		       P_INT(signing->created_ms), P_INT(signing->ended_ms),
		       P_INT(signing->deadline_ms), P_INT(signing->remind_after_ms),
		       P_INT(signing->remind_every_ms), P_INT(signing->remind_before_ms),
		       P_INT(signing->next_ms), P_INT(signing->version),
		       P_INT(signing->signer_count), P_INT(signing->document_count),
		       P_BLOB(signing->plan), P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		NULL);
}

enum err signings_get(struct db *db, struct arena *arena, const struct id *message_id,
		      struct signing *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " SIGNINGS_COLUMNS " FROM signings s WHERE s.message_id = ?1",
			  PARAMS(P_ID(message_id))));
	return read_signing(&rows, arena, ret);
}

enum err signings_update(struct db *db, const struct signing *old, const struct signing *next)
{
	/* What may not change: it is as it was. */
	struct signing changed = *old;
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	changed.state = next->state;
	changed.ended_ms = next->ended_ms;
	changed.next_ms = next->next_ms;
	changed.version = old->version + 1;
	mac_signing(&mac, db, &changed);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "UPDATE signings SET state = ?2, ended_ms = ?3, next_ms = ?4, version = ?5, mac "
		   "= ?6 WHERE message_id = ?1 AND version = ?7",
		   PARAMS(P_ID(&old->message_id), P_INT(changed.state), P_INT(changed.ended_ms),
			  P_INT(changed.next_ms), P_INT(changed.version),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac))), P_INT(old->version)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

static enum err read_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 0);
	return OK;
}

enum err signings_due(struct db *db, struct arena *arena, int64_t now_ms, int64_t limit,
		      struct id **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT message_id FROM signings WHERE next_ms > 0 AND next_ms <= ?1 "
		    "ORDER BY next_ms LIMIT ?2",
		    PARAMS(P_INT(now_ms), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

/* Each half by its index, and no further than is wanted: else all that somebody ever sent or signed
 * is gone through. So the states stand in the text of each: a partial index serves no parameter. */
#define SENT_OR_ASKED(sent, asked)                                                                 \
	"SELECT t.message_id FROM (SELECT * FROM (SELECT s.message_id FROM signings s WHERE "      \
	"s.sender_id = ?1 AND s.message_id < ?2" sent " ORDER BY s.message_id DESC LIMIT ?3) a "   \
	"UNION SELECT * FROM (SELECT p.message_id FROM signing_people p JOIN signings s ON "       \
	"s.message_id = p.message_id WHERE p.user_id = ?1 AND p.message_id < ?2" asked             \
	" ORDER BY p.message_id DESC LIMIT ?3) b) t ORDER BY t.message_id DESC LIMIT ?3"

static const char *const of_user[] = {
	[SIGNINGS_ALL] = SENT_OR_ASKED("", ""),
	[SIGNINGS_TO_SIGN] = "SELECT p.message_id FROM signing_people p JOIN signings s ON "
			     "s.message_id = p.message_id WHERE p.user_id = ?1 AND p.state = 2 AND "
			     "p.message_id < ?2 AND s.state = 1 ORDER BY p.message_id DESC LIMIT "
			     "?3",
	/* A sender who signs too waits for nobody while it is their turn. */
	[SIGNINGS_WAITING] = SENT_OR_ASKED(" AND s.state = 1 AND NOT EXISTS (SELECT 1 FROM "
					   "signing_people o WHERE o.user_id = ?1 AND o.message_id "
					   "= s.message_id AND o.state = 2)",
					   " AND s.state = 1 AND p.state <> 2"),
	[SIGNINGS_FINISHED] = SENT_OR_ASKED(" AND s.state <> 1", " AND s.state <> 1"),
};

enum err signings_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			  enum signings_which which, const struct id *before, int64_t limit,
			  struct id **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	/* Above every id there is. */
	struct str below = id_is_empty(before) ? STR("Z") : id_str(before);
	TRY(db_list(db, &list, of_user[which], PARAMS(P_ID(user_id), P_TEXT(below), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err signings_count_to_sign(struct db *db, const struct id *user_id, int64_t *ret)
{
	return db_select_number(db,
				"SELECT COUNT(*) FROM (SELECT 1 FROM signing_people p JOIN "
				"signings s ON s.message_id = p.message_id WHERE p.user_id = ?1 "
				"AND p.state = 2 AND s.state = 1 LIMIT 100) AS found",
				PARAMS(P_ID(user_id)), ret);
}

enum err signings_has_any(struct db *db, const struct id *user_id, bool *ret)
{
	int64_t count;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM (SELECT * FROM (SELECT 1 FROM signings WHERE "
			     "sender_id = ?1 LIMIT 1) a UNION ALL SELECT * FROM (SELECT 1 FROM "
			     "signing_people WHERE user_id = ?1 LIMIT 1) b) AS found",
			     PARAMS(P_ID(user_id)), &count));
	*ret = count > 0;
	return OK;
}

enum err signings_delete(struct db *db, const struct id *message_id)
{
	TRY(db_run(db,
		   "UPDATE files SET is_loose = 1 WHERE id IN (SELECT f.file_id FROM signing_files "
		   "f WHERE f.message_id = ?1)",
		   PARAMS(P_ID(message_id)), NULL));
	TRY(db_run(db, "DELETE FROM signing_events WHERE message_id = ?1", PARAMS(P_ID(message_id)),
		   NULL));
	TRY(db_run(db, "DELETE FROM signing_files WHERE message_id = ?1", PARAMS(P_ID(message_id)),
		   NULL));
	TRY(db_run(db, "DELETE FROM signing_people WHERE message_id = ?1", PARAMS(P_ID(message_id)),
		   NULL));
	return db_run(db, "DELETE FROM signings WHERE message_id = ?1", PARAMS(P_ID(message_id)),
		      NULL);
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_signing(rows, list->arena, item);
}

enum err signings_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		       struct signing **ret)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct signing)};
	TRY(db_list_step(db, &list,
			 "SELECT " SIGNINGS_COLUMNS " FROM signings s WHERE s.message_id > ?1 "
			 "ORDER BY s.message_id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}
