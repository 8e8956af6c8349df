/* Tables library and draft_files: who has a file beside those it was sent to. */
#include "store/files_read.h"

enum err library_add(struct db *db, const struct id *user_id, const struct id *file_id,
		     int64_t added_ms)
{
	return db_run(db,
		      "INSERT INTO library (user_id, file_id, added_ms) VALUES (?1, ?2, ?3) "
		      "ON CONFLICT (user_id, file_id) DO UPDATE SET added_ms = excluded.added_ms "
		      "WHERE excluded.added_ms > library.added_ms",
		      PARAMS(P_ID(user_id), P_ID(file_id), P_INT(added_ms)), NULL);
}

enum err library_remove(struct db *db, const struct id *user_id, const struct id *file_id)
{
	int64_t changes;
	TRY(db_run(db, "DELETE FROM library WHERE user_id = ?1 AND file_id = ?2",
		   PARAMS(P_ID(user_id), P_ID(file_id)), &changes));
	return changes == 1 ? files_loosen(db, file_id) : ERR_NOT_FOUND;
}

enum err library_find(struct db *db, const struct id *user_id, const struct id *file_id,
		      int64_t *ret_added_ms)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT added_ms FROM library WHERE user_id = ?1 AND file_id = ?2",
			  PARAMS(P_ID(user_id), P_ID(file_id))));
	*ret_added_ms = rows_int(&rows, 0);
	return OK;
}

static enum err read_place(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct library_place *)item = (struct library_place){
		.file_id = rows_id(rows, 0),
		.added_ms = rows_int(rows, 1),
	};
	return OK;
}

enum err library_list(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct library_place *before, int64_t limit, struct library_place **ret,
		      size_t *ret_count)
{
	const bool is_top = id_is_empty(&before->file_id);
	struct list list = {
		.arena = arena, .read = read_place, .item_bytes = sizeof(struct library_place)};
	TRY(db_list(db, &list,
		    "SELECT file_id, added_ms FROM library WHERE user_id = ?1 AND added_ms <= ?2 "
		    "AND (added_ms < ?2 OR file_id < ?3) ORDER BY added_ms DESC, file_id DESC "
		    "LIMIT ?4",
		    PARAMS(P_ID(user_id), P_INT(is_top ? INT64_MAX : before->added_ms),
			   P_ID(&before->file_id), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

/* ---- draft_files ---- */

enum err draft_files_delete(struct db *db, const struct id *draft_id)
{
	TRY(db_run(db,
		   "UPDATE files SET is_loose = 1 WHERE id IN (SELECT a.file_id FROM draft_files a "
		   "WHERE a.draft_id = ?1)",
		   PARAMS(P_ID(draft_id)), NULL));
	return db_run(db, "DELETE FROM draft_files WHERE draft_id = ?1", PARAMS(P_ID(draft_id)),
		      NULL);
}

enum err draft_files_set(struct db *db, const struct id *draft_id, const struct id *file_ids,
			 size_t count)
{
	TRY(draft_files_delete(db, draft_id));
	for (size_t i = 0; i < count; i++)
		TRY(db_run(db,
			   "INSERT INTO draft_files (draft_id, file_id) SELECT ?1, f.id FROM files "
			   "f WHERE f.id = ?2 ON CONFLICT (draft_id, file_id) DO NOTHING",
			   PARAMS(P_ID(draft_id), P_ID(&file_ids[i])), NULL));
	return OK;
}
