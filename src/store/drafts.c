#include "store/drafts.h"

#include "store/files.h"

#define SUMMARY_COLUMNS "id, user_id, version, saved_ms, summary"

static enum err read_summary(struct list *list, struct rows *rows, void *item)
{
	struct draft_row draft = {
		.id = rows_id(rows, 0),
		.user_id = rows_id(rows, 1),
		.version = rows_int(rows, 2),
		.saved_ms = rows_int(rows, 3),
		.summary = rows_bytes(rows, 4, list->arena),
	};
	if (id_is_empty(&draft.id))
		return db_not_authentic("drafts", STR("without an id"));
	*(struct draft_row *)item = draft;
	return OK;
}

enum err drafts_insert(struct db *db, const struct draft_row *draft)
{
	int64_t changes;
	TRY(db_run(db,
		   "INSERT INTO drafts (id, user_id, version, saved_ms, summary, content, "
		   "reply_to) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
		   PARAMS(P_ID(&draft->id), P_ID(&draft->user_id), P_INT(draft->version),
			  P_INT(draft->saved_ms), P_BLOB(draft->summary), P_BLOB(draft->content),
			  P_ID(&draft->reply_to)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err drafts_update(struct db *db, const struct draft_row *draft, int64_t expected_version)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE drafts SET version = ?3, saved_ms = ?4, summary = ?5, content = ?6, "
		   "reply_to = ?8 WHERE id = ?1 AND user_id = ?2 AND version = ?7",
		   PARAMS(P_ID(&draft->id), P_ID(&draft->user_id), P_INT(draft->version),
			  P_INT(draft->saved_ms), P_BLOB(draft->summary), P_BLOB(draft->content),
			  P_INT(expected_version), P_ID(&draft->reply_to)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

#define WHOLE_COLUMNS SUMMARY_COLUMNS ", content, reply_to"

static enum err read_whole(struct rows *rows, struct arena *arena, struct draft_row *ret)
{
	struct draft_row draft = {
		.id = rows_id(rows, 0),
		.user_id = rows_id(rows, 1),
		.version = rows_int(rows, 2),
		.saved_ms = rows_int(rows, 3),
		.summary = rows_bytes(rows, 4, arena),
		.content = rows_bytes(rows, 5, arena),
		.reply_to = rows_id(rows, 6),
	};
	if (arena->failed)
		return ERR_UNAVAILABLE;
	*ret = draft;
	return OK;
}

enum err drafts_get(struct db *db, struct arena *arena, const struct id *user_id,
		    const struct id *id, struct draft_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " WHOLE_COLUMNS " FROM drafts WHERE id = ?1 AND user_id = ?2",
			  PARAMS(P_ID(id), P_ID(user_id))));
	return read_whole(&rows, arena, ret);
}

enum err drafts_answering(struct db *db, struct arena *arena, const struct id *user_id,
			  const struct id *message_id, struct draft_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " WHOLE_COLUMNS
			  " FROM drafts WHERE user_id = ?1 AND reply_to = ?2 AND reply_to <> '' "
			  "ORDER BY saved_ms DESC LIMIT 1",
			  PARAMS(P_ID(user_id), P_ID(message_id))));
	return read_whole(&rows, arena, ret);
}

enum err drafts_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			int64_t before_ms, const struct id *before_id, int64_t limit,
			struct draft_row **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_summary, .item_bytes = sizeof(struct draft_row)};
	TRY(db_list(db, &list,
		    "SELECT " SUMMARY_COLUMNS
		    " FROM drafts WHERE user_id = ?1 AND saved_ms <= ?2 AND "
		    "(saved_ms < ?2 OR id < ?3) ORDER BY saved_ms DESC, id DESC LIMIT ?4",
		    PARAMS(P_ID(user_id), P_INT(before_ms), P_ID(before_id), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err drafts_count(struct db *db, const struct id *user_id, int64_t *ret)
{
	return db_select_number(db, "SELECT COUNT(*) FROM drafts WHERE user_id = ?1",
				PARAMS(P_ID(user_id)), ret);
}

/* What it has attached goes with it, if it goes. */
enum err drafts_delete(struct db *db, const struct id *user_id, const struct id *id)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT version FROM drafts WHERE id = ?1 AND user_id = ?2",
			  PARAMS(P_ID(id), P_ID(user_id))));
	return drafts_delete_version(db, user_id, id, rows_int(&rows, 0));
}

enum err drafts_delete_version(struct db *db, const struct id *user_id, const struct id *id,
			       int64_t version)
{
	int64_t is_there;
	TRY(db_select_number(
		db, "SELECT COUNT(*) FROM drafts WHERE id = ?1 AND user_id = ?2 AND version = ?3",
		PARAMS(P_ID(id), P_ID(user_id), P_INT(version)), &is_there));
	if (is_there == 0)
		return ERR_CONFLICT;
	TRY(draft_files_delete(db, id));
	return db_run(db, "DELETE FROM drafts WHERE id = ?1", PARAMS(P_ID(id)), NULL);
}

enum err drafts_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		     struct draft_row **ret)
{
	struct list list = {
		.arena = arena, .read = read_summary, .item_bytes = sizeof(struct draft_row)};
	TRY(db_list_step(db, &list,
			 "SELECT " SUMMARY_COLUMNS
			 " FROM drafts WHERE id > ?1 ORDER BY id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}
