#include "store/mails.h"

#include "base/clock.h"

#define MAIL_COLUMNS                                                                               \
	"id, kind, user_id, message_id, state, attempts, created_ms, next_ms, content, reply, "    \
	"summed"

static enum err read_mail(struct rows *rows, struct arena *arena, struct mail_row *ret)
{
	struct mail_row mail = {
		.id = rows_id(rows, 0),
		.kind = (enum mail_kind)rows_code(rows, 1),
		.user_id = rows_id(rows, 2),
		.message_id = rows_id(rows, 3),
		.state = (enum mail_state)rows_code(rows, 4),
		.attempts = rows_int(rows, 5),
		.created_ms = rows_int(rows, 6),
		.next_ms = rows_int(rows, 7),
		.content = rows_bytes(rows, 8, arena),
		.reply = rows_bytes(rows, 9, arena),
		.summed = (enum mail_summed)rows_code(rows, 10),
	};
	if (arena->failed)
		return ERR_UNAVAILABLE;
	*ret = mail;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	struct mail_row *mail = item;
	TRY(read_mail(rows, list->arena, mail));
	if (!id_is_empty(&mail->id))
		return OK;
	/* Nothing authenticates these rows, but every one of ours has an id. */
	return db_not_authentic("mails",
				str_slice(rows_bytes(rows, 0, list->arena), 0, 2 * ID_CHARS));
}

/* With the first one that waits, or an hour from now. */
static enum err find_slot(struct db *db, const struct mail_row *mail, int64_t *ret_ms)
{
	int64_t first;
	TRY(db_select_number(db,
			     "SELECT COALESCE(MIN(next_ms), 0) FROM mails WHERE user_id = ?1 AND "
			     "summed = 1 AND state = 1 AND next_ms > ?2",
			     PARAMS(P_ID(&mail->user_id), P_INT(mail->created_ms)), &first));
	*ret_ms = first > 0 ? first : mail->created_ms + HOUR_MS;
	return OK;
}

enum err mails_insert(struct db *db, const struct mail_row *mail)
{
	int64_t next_ms = mail->next_ms;
	if (mail->summed == MAIL_WAITS)
		TRY(find_slot(db, mail, &next_ms));
	return db_run(db,
		      "INSERT INTO mails (id, kind, user_id, message_id, state, attempts, "
		      "created_ms, next_ms, "
		      "content, reply, summed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
		      "?11)",
		      PARAMS(P_ID(&mail->id), P_INT(mail->kind), P_ID(&mail->user_id),
			     P_ID(&mail->message_id), P_INT(mail->state), P_INT(mail->attempts),
			     P_INT(mail->created_ms), P_INT(next_ms), P_BLOB(mail->content),
			     P_TEXT(mail->reply), P_INT(mail->summed)),
		      NULL);
}

enum err mails_first_due(struct db *db, struct arena *arena, struct mail_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " MAIL_COLUMNS
			  " FROM mails WHERE state = 1 ORDER BY next_ms LIMIT 1",
			  NO_PARAMS));
	return read_mail(&rows, arena, ret);
}

enum err mails_by_id(struct db *db, struct arena *arena, const struct id *id, struct mail_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT " MAIL_COLUMNS " FROM mails WHERE id = ?1",
			  PARAMS(P_ID(id))));
	return read_mail(&rows, arena, ret);
}

enum err mails_one_together(struct db *db, struct arena *arena, const struct id *user_id,
			    int64_t next_ms, struct mail_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " MAIL_COLUMNS " FROM mails WHERE user_id = ?1 AND summed = 2 "
			  "AND state = 1 AND next_ms = ?2 LIMIT 1",
			  PARAMS(P_ID(user_id), P_INT(next_ms))));
	return read_mail(&rows, arena, ret);
}

enum err mails_update(struct db *db, const struct mail_row *mail, int64_t expected_next_ms)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE mails SET state = ?3, attempts = ?4, next_ms = ?5, content = ?6, reply "
		   "= ?7 "
		   "WHERE id = ?1 AND next_ms = ?2 AND state = 1",
		   PARAMS(P_ID(&mail->id), P_INT(expected_next_ms), P_INT(mail->state),
			  P_INT(mail->attempts), P_INT(mail->next_ms), P_BLOB(mail->content),
			  P_TEXT(mail->reply)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err mails_claim_together(struct db *db, const struct mail_row *mail, int64_t now_ms,
			      int64_t next_ms, int64_t *ret_count)
{
	int64_t count, found;
	TRY(db_run(db,
		   "UPDATE mails SET next_ms = ?4, summed = 2 WHERE user_id = ?1 AND state = 1 AND "
		   "summed = ?2 AND ((summed = 1 AND next_ms <= ?3) OR (summed = 2 AND next_ms = "
		   "?5))",
		   PARAMS(P_ID(&mail->user_id), P_INT(mail->summed), P_INT(now_ms), P_INT(next_ms),
			  P_INT(mail->next_ms)),
		   &count));
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM mails WHERE id = ?1 AND state = 1 AND summed = "
			     "2 AND next_ms = ?2",
			     PARAMS(P_ID(&mail->id), P_INT(next_ms)), &found));
	*ret_count = count;
	return count > 0 && found == 1 ? OK : ERR_CONFLICT;
}

static enum err read_message_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 1);
	return OK;
}

enum err mails_together(struct db *db, struct arena *arena, const struct mail_row *mail,
			int64_t expected_next_ms, struct id **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_message_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT id, message_id FROM mails WHERE user_id = ?1 AND summed = 2 AND state "
		    "= 1 AND next_ms = ?2",
		    PARAMS(P_ID(&mail->user_id), P_INT(expected_next_ms))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err mails_update_together(struct db *db, const struct mail_row *mail, int64_t expected_next_ms)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE mails SET state = ?3, attempts = attempts + 1, next_ms = ?4, content = "
		   "CASE WHEN ?3 = 1 THEN content ELSE ?5 END, reply = ?6 "
		   "WHERE user_id = ?1 AND summed = 2 AND state = 1 AND next_ms = ?2",
		   PARAMS(P_ID(&mail->user_id), P_INT(expected_next_ms), P_INT(mail->state),
			  P_INT(mail->next_ms), P_BLOB(STR("")), P_TEXT(mail->reply)),
		   &changes));
	return changes > 0 ? OK : ERR_CONFLICT;
}

enum err mails_cancel(struct db *db, const struct id *user_id, enum mail_kind kind)
{
	return db_run(db,
		      "DELETE FROM mails WHERE user_id = ?1 AND kind IN (2, 3) AND kind = ?2 AND "
		      "state = 1",
		      PARAMS(P_ID(user_id), P_INT(kind)), NULL);
}

enum err mails_cancel_notification(struct db *db, const struct id *user_id,
				   const struct id *message_id, int64_t *ret_count)
{
	return db_run(db,
		      "DELETE FROM mails WHERE message_id = ?1 AND user_id = ?2 AND kind IN (1, 6) "
		      "AND state = 1",
		      PARAMS(P_ID(message_id), P_ID(user_id)), ret_count);
}

enum err mails_delete_finished(struct db *db, const struct id *before, const struct id *void_before,
			       int64_t limit, int64_t *ret_deleted)
{
	int64_t finished, voids;
	TRY(db_run(db,
		   "DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE id < ?1 AND state <> "
		   "1 ORDER BY id LIMIT ?2)",
		   PARAMS(P_ID(before), P_INT(limit)), &finished));
	TRY(db_run(db,
		   "DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE id < ?1 AND state = "
		   "4 ORDER BY id LIMIT ?2)",
		   PARAMS(P_ID(void_before), P_INT(limit)), &voids));
	*ret_deleted = finished + voids;
	return OK;
}

enum err mails_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		    struct mail_row **ret)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct mail_row)};
	TRY(db_list_step(db, &list,
			 "SELECT " MAIL_COLUMNS " FROM mails WHERE id > ?1 ORDER BY id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}

enum err repeats_get(struct db *db, struct arena *arena, const struct id *user_id,
		     struct str key_hash, struct str *ret_request_hash, struct id *ret_message_id)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(
		db, &rows,
		"SELECT request_hash, message_id FROM repeats WHERE user_id = ?1 AND key_hash = ?2",
		PARAMS(P_ID(user_id), P_BLOB(key_hash))));
	*ret_request_hash = rows_bytes(&rows, 0, arena);
	*ret_message_id = rows_id(&rows, 1);
	return OK;
}

enum err repeats_insert(struct db *db, const struct id *user_id, struct str key_hash,
			struct str request_hash, const struct id *message_id, int64_t now_ms)
{
	return db_run(
		db,
		"INSERT INTO repeats (user_id, key_hash, request_hash, message_id, created_ms) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
		PARAMS(P_ID(user_id), P_BLOB(key_hash), P_BLOB(request_hash), P_ID(message_id),
		       P_INT(now_ms)),
		NULL);
}

enum err repeats_delete_before(struct db *db, int64_t created_ms)
{
	return db_run(db, "DELETE FROM repeats WHERE created_ms < ?1", PARAMS(P_INT(created_ms)),
		      NULL);
}

enum err mails_end_queued(struct db *db, int64_t *ret_count)
{
	return db_run(db, "UPDATE mails SET state = 5, content = ?1, summed = 0 WHERE state = 1",
		      PARAMS(P_BLOB(STR(""))), ret_count);
}
