#include "store/signing_kept.h"

#define KEPT_COLUMNS "id, user_id, kind, version, content"

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	struct kept_row row = {
		.id = rows_id(rows, 0),
		.user_id = rows_id(rows, 1),
		.kind = (enum kept_kind)rows_int(rows, 2),
		.version = rows_int(rows, 3),
		.content = rows_bytes(rows, 4, list->arena),
	};
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	if (id_is_empty(&row.id))
		return db_not_authentic("signing_kept", STR("without an id"));
	*(struct kept_row *)item = row;
	return OK;
}

enum err signing_kept_insert(struct db *db, const struct kept_row *row, int64_t most)
{
	int64_t count;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM signing_kept WHERE user_id = ?1 AND kind = ?2",
			     PARAMS(P_ID(&row->user_id), P_INT(row->kind)), &count));
	if (count >= most)
		return ERR_TOO_LARGE;
	return db_run(db,
		      "INSERT INTO signing_kept (id, user_id, kind, version, content) "
		      "VALUES (?1, ?2, ?3, ?4, ?5)",
		      PARAMS(P_ID(&row->id), P_ID(&row->user_id), P_INT(row->kind),
			     P_INT(row->version), P_BLOB(row->content)),
		      NULL);
}

enum err signing_kept_update(struct db *db, const struct kept_row *row, int64_t expected_version)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE signing_kept SET version = ?4, content = ?5 "
		   "WHERE id = ?1 AND user_id = ?2 AND kind = ?3 AND version = ?6",
		   PARAMS(P_ID(&row->id), P_ID(&row->user_id), P_INT(row->kind),
			  P_INT(row->version), P_BLOB(row->content), P_INT(expected_version)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err signing_kept_get(struct db *db, struct arena *arena, const struct id *user_id,
			  enum kept_kind kind, const struct id *id, struct kept_row *ret)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct kept_row)};
	TRY(db_list(db, &list,
		    "SELECT " KEPT_COLUMNS
		    " FROM signing_kept WHERE id = ?1 AND user_id = ?2 AND kind = ?3",
		    PARAMS(P_ID(id), P_ID(user_id), P_INT(kind))));
	if (list.page.count == 0)
		return ERR_NOT_FOUND;
	*ret = *(struct kept_row *)list.items;
	return OK;
}

enum err signing_kept_delete(struct db *db, const struct id *user_id, enum kept_kind kind,
			     const struct id *id)
{
	int64_t changes;
	TRY(db_run(db, "DELETE FROM signing_kept WHERE id = ?1 AND user_id = ?2 AND kind = ?3",
		   PARAMS(P_ID(id), P_ID(user_id), P_INT(kind)), &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

static enum err read_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 0);
	return OK;
}

enum err signing_kept_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			      enum kept_kind kind, struct id **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT id FROM signing_kept WHERE user_id = ?1 AND kind = ?2 ORDER BY id",
		    PARAMS(P_ID(user_id), P_INT(kind))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
