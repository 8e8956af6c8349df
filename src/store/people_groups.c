#include "store/people_groups.h"

#define GROUP_COLUMNS "id, user_id, version, content"

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	struct group_row group = {
		.id = rows_id(rows, 0),
		.user_id = rows_id(rows, 1),
		.version = rows_int(rows, 2),
		.content = rows_bytes(rows, 3, list->arena),
	};
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	if (id_is_empty(&group.id))
		return db_not_authentic("people_groups", STR("without an id"));
	*(struct group_row *)item = group;
	return OK;
}

enum err people_groups_insert(struct db *db, const struct group_row *group, int64_t most)
{
	int64_t count;
	TRY(db_select_number(db, "SELECT COUNT(*) FROM people_groups WHERE user_id = ?1",
			     PARAMS(P_ID(&group->user_id)), &count));
	if (count >= most)
		return ERR_TOO_LARGE;
	return db_run(db,
		      "INSERT INTO people_groups (id, user_id, version, content) "
		      "VALUES (?1, ?2, ?3, ?4)",
		      PARAMS(P_ID(&group->id), P_ID(&group->user_id), P_INT(group->version),
			     P_BLOB(group->content)),
		      NULL);
}

enum err people_groups_update(struct db *db, const struct group_row *group,
			      int64_t expected_version)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE people_groups SET version = ?3, content = ?4 "
		   "WHERE id = ?1 AND user_id = ?2 AND version = ?5",
		   PARAMS(P_ID(&group->id), P_ID(&group->user_id), P_INT(group->version),
			  P_BLOB(group->content), P_INT(expected_version)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err people_groups_get(struct db *db, struct arena *arena, const struct id *user_id,
			   const struct id *id, struct group_row *ret)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct group_row)};
	TRY(db_list(db, &list,
		    "SELECT " GROUP_COLUMNS " FROM people_groups WHERE id = ?1 AND user_id = ?2",
		    PARAMS(P_ID(id), P_ID(user_id))));
	if (list.page.count == 0)
		return ERR_NOT_FOUND;
	*ret = *(struct group_row *)list.items;
	return OK;
}

enum err people_groups_delete(struct db *db, const struct id *user_id, const struct id *id)
{
	int64_t changes;
	TRY(db_run(db, "DELETE FROM people_groups WHERE id = ?1 AND user_id = ?2",
		   PARAMS(P_ID(id), P_ID(user_id)), &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

enum err people_groups_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			       struct group_row **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct group_row)};
	TRY(db_list(db, &list,
		    "SELECT " GROUP_COLUMNS " FROM people_groups WHERE user_id = ?1 ORDER BY id",
		    PARAMS(P_ID(user_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
