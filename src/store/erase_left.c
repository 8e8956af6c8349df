/* What is left of somebody who was erased, some at a time: others write in between. */
#include "store/erase.h"

enum err erase_unfinished(struct db *db, const struct id *after, struct id *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT user_id FROM erasing WHERE user_id > ?1 ORDER BY user_id LIMIT 1",
			  PARAMS(P_ID(after))));
	*ret = rows_id(&rows, 0);
	return OK;
}

enum err erase_finished(struct db *db, const struct id *user_id)
{
	static const char *const sql[] = {
		"DELETE FROM delivery_labels WHERE user_id = ?1",
		"DELETE FROM labels WHERE user_id = ?1",
		"DELETE FROM erasing WHERE user_id = ?1",
	};
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		TRY(db_run(db, sql[i], PARAMS(P_ID(user_id)), NULL));
	return OK;
}

static enum err read_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 0);
	return OK;
}

static enum err list_ids(struct db *db, struct arena *arena, const char *sql,
			 const struct param params[3], struct id **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list, sql, params, 3));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err erase_signings(struct db *db, struct arena *arena, const struct id *user_id,
			const struct id *after, int64_t limit, struct id **ret, size_t *ret_count)
{
	const struct param params[3] = {P_ID(user_id), P_ID(after), P_INT(limit)};
	return list_ids(db, arena,
			"SELECT s.message_id FROM signings s WHERE s.sender_id = ?1 AND s.state = "
			"1 AND s.message_id > ?2 UNION SELECT p.message_id FROM signing_people p "
			"JOIN signings o ON o.message_id = p.message_id WHERE p.user_id = ?1 AND "
			"p.state IN (1, 2) AND o.state = 1 AND p.message_id > ?2 ORDER BY 1 LIMIT "
			"?3",
			params, ret, ret_count);
}

enum err erase_mails(struct db *db, struct arena *arena, const struct id *user_id,
		     const struct id *after, int64_t limit, struct id **ret, size_t *ret_count)
{
	const struct param params[3] = {P_ID(user_id), P_ID(after), P_INT(limit)};
	return list_ids(db, arena,
			"SELECT id FROM mails WHERE user_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
			params, ret, ret_count);
}

enum err erase_mail(struct db *db, const struct id *id)
{
	return db_run(db, "DELETE FROM mails WHERE id = ?1", PARAMS(P_ID(id)), NULL);
}

enum err erase_files(struct db *db, struct arena *arena, const struct id *user_id,
		     const struct id *after, int64_t limit, struct id **ret, size_t *ret_count)
{
	const struct param params[3] = {P_ID(user_id), P_ID(after), P_INT(limit)};
	return list_ids(db, arena,
			"SELECT id FROM files WHERE owner_id = ?1 AND id > ?2 AND "
			"LENGTH(owner_wrapped) > 0 ORDER BY id LIMIT ?3",
			params, ret, ret_count);
}

static enum err read_delivery(struct list *list, struct rows *rows, void *item)
{
	return deliveries_read(rows, 0, list->arena, item);
}

enum err erase_deliveries(struct db *db, struct arena *arena, const struct id *user_id,
			  enum box box, int64_t limit, struct page *page, struct delivery **ret)
{
	struct list list = {
		.arena = arena, .read = read_delivery, .item_bytes = sizeof(struct delivery)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS " FROM deliveries d WHERE d.user_id = ?1 AND "
		    "d.box = ?2 AND d.message_id > ?3 ORDER BY d.message_id LIMIT ?4",
		    PARAMS(P_ID(user_id), P_INT(box), P_ID(&page->last), P_INT(limit))));
	if ((int64_t)list.page.count + list.page.bad < limit)
		list.page.last = (struct id){0};
	*page = list.page;
	*ret = list.items;
	return OK;
}
