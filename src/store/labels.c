#include "store/labels.h"

#define LABEL_COLUMNS "id, user_id, version, name, name_key"

static enum err read_label(struct list *list, struct rows *rows, void *item)
{
	struct label_row label = {
		.id = rows_id(rows, 0),
		.user_id = rows_id(rows, 1),
		.version = rows_int(rows, 2),
		.name = rows_bytes(rows, 3, list->arena),
		.name_key = rows_bytes(rows, 4, list->arena),
	};
	if (id_is_empty(&label.id))
		return db_not_authentic("labels", STR("without an id"));
	*(struct label_row *)item = label;
	return OK;
}

enum err labels_insert(struct db *db, const struct label_row *label)
{
	int64_t changes;
	TRY(db_run(db,
		   "INSERT INTO labels (id, user_id, version, name, name_key) "
		   "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
		   PARAMS(P_ID(&label->id), P_ID(&label->user_id), P_INT(label->version),
			  P_BLOB(label->name), P_BLOB(label->name_key)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err labels_update(struct db *db, const struct label_row *label, int64_t expected_version)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE labels SET version = ?3, name = ?4, name_key = ?5 "
		   "WHERE id = ?1 AND user_id = ?2 AND version = ?6",
		   PARAMS(P_ID(&label->id), P_ID(&label->user_id), P_INT(label->version),
			  P_BLOB(label->name), P_BLOB(label->name_key), P_INT(expected_version)),
		   &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

enum err labels_delete(struct db *db, const struct id *user_id, const struct id *id)
{
	int64_t changes;
	TRY(db_run(db, "DELETE FROM delivery_labels WHERE user_id = ?1 AND label_id = ?2",
		   PARAMS(P_ID(user_id), P_ID(id)), NULL));
	TRY(db_run(db, "DELETE FROM labels WHERE user_id = ?1 AND id = ?2",
		   PARAMS(P_ID(user_id), P_ID(id)), &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

enum err labels_get(struct db *db, struct arena *arena, const struct id *user_id,
		    const struct id *id, struct label_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct list list = {.arena = arena};
	TRY(db_select_row(db, &rows,
			  "SELECT " LABEL_COLUMNS " FROM labels WHERE user_id = ?1 AND id = ?2",
			  PARAMS(P_ID(user_id), P_ID(id))));
	TRY(read_label(&list, &rows, ret));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err labels_find(struct db *db, const struct id *user_id, struct str name_key, struct id *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT id FROM labels WHERE user_id = ?1 AND name_key = ?2",
			  PARAMS(P_ID(user_id), P_BLOB(name_key))));
	*ret = rows_id(&rows, 0);
	return OK;
}

enum err labels_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			struct label_row **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_label, .item_bytes = sizeof(struct label_row)};
	TRY(db_list(db, &list, "SELECT " LABEL_COLUMNS " FROM labels WHERE user_id = ?1",
		    PARAMS(P_ID(user_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err labels_count(struct db *db, const struct id *user_id, int64_t *ret)
{
	return db_select_number(db, "SELECT COUNT(*) FROM labels WHERE user_id = ?1",
				PARAMS(P_ID(user_id)), ret);
}

enum err labels_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		     struct label_row **ret)
{
	struct list list = {
		.arena = arena, .read = read_label, .item_bytes = sizeof(struct label_row)};
	TRY(db_list_step(db, &list,
			 "SELECT " LABEL_COLUMNS " FROM labels WHERE id > ?1 ORDER BY id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}

enum err labels_put(struct db *db, const struct id *user_id, const struct id *message_id,
		    const struct id *label_id)
{
	return db_run(db,
		      "INSERT INTO delivery_labels (user_id, message_id, label_id) "
		      "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
		      PARAMS(P_ID(user_id), P_ID(message_id), P_ID(label_id)), NULL);
}

enum err labels_take(struct db *db, const struct id *user_id, const struct id *message_id,
		     const struct id *label_id)
{
	return db_run(db,
		      "DELETE FROM delivery_labels WHERE user_id = ?1 AND label_id = ?3 AND "
		      "message_id IN (SELECT n.id FROM messages n WHERE n.conversation_id = "
		      "(SELECT m.conversation_id FROM messages m WHERE m.id = ?2))",
		      PARAMS(P_ID(user_id), P_ID(message_id), P_ID(label_id)), NULL);
}

enum err labels_take_all(struct db *db, const struct id *user_id, const struct id *message_id)
{
	return db_run(db, "DELETE FROM delivery_labels WHERE user_id = ?1 AND message_id = ?2",
		      PARAMS(P_ID(user_id), P_ID(message_id)), NULL);
}

static enum err read_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 0);
	return OK;
}

enum err labels_on(struct db *db, struct arena *arena, const struct id *user_id,
		   const struct id *message_id, struct id **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT label_id FROM delivery_labels WHERE user_id = ?1 AND message_id = ?2",
		    PARAMS(P_ID(user_id), P_ID(message_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err labels_on_conversation(struct db *db, struct arena *arena, const struct id *user_id,
				const struct id *conversation_id, struct id **ret,
				size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT DISTINCT s.label_id FROM messages n CROSS JOIN delivery_labels s "
		    "WHERE n.conversation_id = ?2 AND s.user_id = ?1 AND s.message_id = n.id",
		    PARAMS(P_ID(user_id), P_ID(conversation_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err labels_count_stray(struct db *db, int64_t *ret)
{
	return db_select_number(
		db,
		"SELECT COUNT(*) FROM delivery_labels s WHERE NOT EXISTS (SELECT 1 FROM deliveries "
		"d WHERE d.message_id = s.message_id AND d.user_id = s.user_id AND d.box <> 5) OR "
		"NOT EXISTS (SELECT 1 FROM labels l WHERE l.id = s.label_id AND l.user_id = "
		"s.user_id)",
		NO_PARAMS, ret);
}
