#include "store/mails_queue.h"

enum err mails_count(struct db *db, struct mails_counts *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct mails_counts counts;
	TRY(db_select_row(db, &rows,
			  "SELECT COUNT(*), COUNT(CASE WHEN attempts > 0 THEN 1 END) FROM mails "
			  "WHERE state = 1",
			  NO_PARAMS));
	counts.retrying = rows_int(&rows, 1);
	counts.waiting = rows_int(&rows, 0) - counts.retrying;
	TRY(db_select_number(db, "SELECT COUNT(*) FROM mails WHERE state = 3 AND is_dismissed = 0",
			     NO_PARAMS, &counts.bounced));
	TRY(db_select_number(
		db,
		"SELECT COUNT(*) FROM mails m JOIN users u ON u.id = m.user_id AND "
		"u.state = 1 WHERE m.state = 5 AND m.kind = 2 AND NOT EXISTS (SELECT 1 "
		"FROM mails o WHERE o.user_id = m.user_id AND o.kind IN (2, 3) AND "
		"o.kind = 2 AND o.id > m.id)",
		NO_PARAMS, &counts.not_sent));
	*ret = counts;
	return OK;
}

#define TROUBLE_COLUMNS                                                                            \
	"m.id, m.kind, m.state, m.attempts, m.created_ms, m.next_ms, m.reply, " USERS_COLUMNS

static enum err read_trouble(struct list *list, struct rows *rows, void *item)
{
	struct mail_trouble *trouble = item;
	*trouble = (struct mail_trouble){
		.id = rows_id(rows, 0),
		.kind = (enum mail_kind)rows_code(rows, 1),
		.state = (enum mail_state)rows_code(rows, 2),
		.attempts = rows_int(rows, 3),
		.created_ms = rows_int(rows, 4),
		.next_ms = rows_int(rows, 5),
		.reply = rows_bytes(rows, 6, list->arena),
	};
	return users_read(rows, 7, list->arena, &trouble->user);
}

enum err mails_troubles(struct db *db, struct arena *arena, enum mail_state state, int64_t limit,
			struct mail_trouble **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_trouble, .item_bytes = sizeof(struct mail_trouble)};
	if (state == MAIL_BOUNCED)
		TRY(db_list(db, &list,
			    "SELECT " TROUBLE_COLUMNS " FROM mails m JOIN users u ON u.id = "
			    "m.user_id WHERE m.state = 3 AND m.is_dismissed = 0 ORDER BY m.id "
			    "DESC LIMIT ?1",
			    PARAMS(P_INT(limit))));
	else
		TRY(db_list(db, &list,
			    "SELECT " TROUBLE_COLUMNS " FROM mails m JOIN users u ON u.id = "
			    "m.user_id WHERE m.state = 1 AND m.attempts > 0 ORDER BY m.next_ms "
			    "LIMIT ?1",
			    PARAMS(P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err mails_retry(struct db *db, int64_t after_ms, int64_t now_ms, int64_t *ret_count)
{
	return db_run(db,
		      "UPDATE mails SET next_ms = ?2 WHERE state = 1 AND attempts > 0 AND next_ms "
		      "> ?1",
		      PARAMS(P_INT(after_ms), P_INT(now_ms)), ret_count);
}

enum err mails_dismiss(struct db *db, const struct id *id)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE mails SET is_dismissed = 1 WHERE id = ?1 AND state = 3 AND is_dismissed "
		   "= 0",
		   PARAMS(P_ID(id)), &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}
