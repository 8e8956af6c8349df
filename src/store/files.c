#include "store/files_read.h"

#include "crypto/digest.h"

#include <string.h>

static void mac_file(struct mac *mac, const struct db *db, const struct file *file)
{
	mac_begin(mac, db_row_key(db), "files");
	mac_str(mac, id_str(&file->id));
	mac_str(mac, id_str(&file->owner_id));
	mac_int(mac, file->state);
	mac_int(mac, file->scan);
	mac_int(mac, file->bytes);
	mac_int(mac, file->created_ms);
	mac_str(mac, file->owner_wrapped);
	mac_str(mac, file->head);
	mac_str(mac, file->digest);
}

void files_mac(const struct db *db, const struct file *file, uint8_t ret_mac[DIGEST_BYTES])
{
	struct mac mac;
	mac_file(&mac, db, file);
	mac_end(&mac, ret_mac);
}

#define FILES_COLUMNS                                                                              \
	"id, owner_id, state, scan, bytes, created_ms, owner_wrapped, head, digest, hashing, "     \
	"stored_bytes, part_count, touched_ms, writer, mac"

static enum err read_file(struct rows *rows, struct arena *arena, struct file *ret)
{
	struct file file = {
		.id = rows_id(rows, 0),
		.owner_id = rows_id(rows, 1),
		.state = (enum file_state)rows_code(rows, 2),
		.scan = (enum file_scan)rows_code(rows, 3),
		.bytes = rows_int(rows, 4),
		.created_ms = rows_int(rows, 5),
		.owner_wrapped = rows_bytes(rows, 6, arena),
		.head = rows_bytes(rows, 7, arena),
		.digest = rows_bytes(rows, 8, arena),
		.hashing = rows_bytes(rows, 9, arena),
		.stored_bytes = rows_int(rows, 10),
		.part_count = rows_int(rows, 11),
		.touched_ms = rows_int(rows, 12),
		.writer = rows_int(rows, 13),
	};
	struct str stored = rows_bytes(rows, 14, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_file(&mac, rows->db, &file);
	if (!mac_check(&mac, stored))
		return db_not_authentic("files", id_str(&file.id));
	*ret = file;
	return OK;
}

enum err files_get(struct db *db, struct arena *arena, const struct id *id, struct file *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT " FILES_COLUMNS " FROM files WHERE id = ?1",
			  PARAMS(P_ID(id))));
	return read_file(&rows, arena, ret);
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_file(rows, list->arena, item);
}

enum err files_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		    struct file **ret)
{
	struct list list = {.arena = arena, .read = read_item, .item_bytes = sizeof(struct file)};
	TRY(db_list_step(db, &list,
			 "SELECT " FILES_COLUMNS " FROM files WHERE id > ?1 ORDER BY id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}

/* ---- what a person's files take ---- */

enum err files_used_bytes(struct db *db, const struct id *owner_id, int64_t *ret)
{
	return db_select_number(db,
				"SELECT SUM(CASE WHEN bytes < 0 THEN stored_bytes ELSE bytes END) "
				"FROM files WHERE owner_id = ?1 AND state IN (1, 2)",
				PARAMS(P_ID(owner_id)), ret);
}

enum err files_count_unfinished(struct db *db, const struct id *owner_id, int64_t *ret)
{
	return db_select_number(db, "SELECT COUNT(*) FROM files WHERE owner_id = ?1 AND state = 1",
				PARAMS(P_ID(owner_id)), ret);
}

enum err files_count_unsent(struct db *db, const struct id *owner_id, int64_t *ret)
{
	return db_select_number(db,
				"SELECT COUNT(*) FROM files WHERE owner_id = ?1 AND is_sent = 0",
				PARAMS(P_ID(owner_id)), ret);
}

static enum err check_quota(struct db *db, const struct id *owner_id, int64_t more_bytes,
			    int64_t quota_bytes)
{
	int64_t used;
	if (quota_bytes == 0)
		return OK;
	TRY(files_used_bytes(db, owner_id, &used));
	return more_bytes > quota_bytes - used ? ERR_TOO_LARGE : OK;
}

/* ---- writing ---- */

enum err files_insert(struct db *db, const struct file *file, int64_t quota_bytes)
{
	uint8_t row_mac[DIGEST_BYTES];
	TRY(check_quota(db, &file->owner_id, file->bytes < 0 ? 0 : file->bytes, quota_bytes));
	files_mac(db, file, row_mac);
	return db_run(db,
		      "INSERT INTO files (" FILES_COLUMNS ", is_loose) VALUES (?1, ?2, ?3, ?4, ?5, "
		      "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)",
		      PARAMS(P_ID(&file->id), P_ID(&file->owner_id), P_INT(file->state),
			     P_INT(file->scan), P_INT(file->bytes), P_INT(file->created_ms),
			     P_BLOB(file->owner_wrapped), P_BLOB(file->head), P_BLOB(file->digest),
			     P_BLOB(file->hashing), P_INT(file->stored_bytes),
			     P_INT(file->part_count), P_INT(file->touched_ms), P_INT(file->writer),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

enum err files_take_over(struct db *db, const struct id *id, int64_t now_ms, int64_t *ret_writer)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "UPDATE files SET writer = writer + 1, touched_ms = ?2 "
			  "WHERE id = ?1 AND state = 1 RETURNING writer",
			  PARAMS(P_ID(id), P_INT(now_ms))));
	*ret_writer = rows_int(&rows, 0);
	return OK;
}

/* In place of `old` as it was read, by its MAC. */
static enum err replace(struct db *db, const struct file *old, const struct file *next)
{
	uint8_t old_mac[DIGEST_BYTES], next_mac[DIGEST_BYTES];
	int64_t changes;
	files_mac(db, old, old_mac);
	files_mac(db, next, next_mac);
	TRY(db_run(db,
		   "UPDATE files SET state = ?2, scan = ?3, bytes = ?4, digest = ?5, "
		   "owner_wrapped = ?6, hashing = CASE WHEN ?2 = 1 THEN hashing ELSE ?7 END, "
		   "mac = ?8, is_loose = 1 WHERE id = ?1 AND mac = ?9",
		   PARAMS(P_ID(&old->id), P_INT(next->state), P_INT(next->scan), P_INT(next->bytes),
			  P_BLOB(next->digest), P_BLOB(next->owner_wrapped), P_BLOB(STR("")),
			  P_BLOB(str_bytes(next_mac, sizeof(next_mac))),
			  P_BLOB(str_bytes(old_mac, sizeof(old_mac)))),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

static enum err delete_parts(struct db *db, const struct id *id)
{
	return db_run(db, "DELETE FROM file_parts WHERE file_id = ?1", PARAMS(P_ID(id)), NULL);
}

enum err files_update(struct db *db, const struct file *old, const struct file *next)
{
	/* What may not change: it is as it was. */
	struct file changed = *old;
	changed.state = next->state;
	changed.scan = next->scan;
	changed.bytes = next->bytes;
	changed.digest = next->digest;
	changed.owner_wrapped = next->owner_wrapped;
	TRY(replace(db, old, &changed));
	if (changed.state != FILE_REFUSED)
		return OK;
	TRY(delete_parts(db, &old->id));
	return db_run(db, "UPDATE files SET stored_bytes = 0, part_count = 0 WHERE id = ?1",
		      PARAMS(P_ID(&old->id)), NULL);
}

enum err files_set_bytes(struct db *db, const struct file *old, int64_t bytes, int64_t quota_bytes)
{
	struct file next = *old;
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT bytes, stored_bytes FROM files WHERE id = ?1",
			  PARAMS(P_ID(&old->id))));
	int64_t known = rows_int(&rows, 0), stored = rows_int(&rows, 1);
	int64_t counted = known < 0 ? stored : known;
	TRY(check_quota(db, &old->owner_id, bytes - counted, quota_bytes));
	next.bytes = bytes;
	return replace(db, old, &next);
}

enum err files_touch(struct db *db, const struct id *id, int64_t now_ms)
{
	return db_run(db, "UPDATE files SET touched_ms = ?2 WHERE id = ?1 AND touched_ms < ?2",
		      PARAMS(P_ID(id), P_INT(now_ms)), NULL);
}

/* ---- the end ---- */

enum err files_loosen(struct db *db, const struct id *id)
{
	return db_run(db, "UPDATE files SET is_loose = 1 WHERE id = ?1 AND is_loose = 0",
		      PARAMS(P_ID(id)), NULL);
}

enum err files_delete(struct db *db, const struct id *id)
{
	int64_t live, changes;
	TRY(db_select_number(
		db, "SELECT COUNT(*) FROM file_deliveries WHERE file_id = ?1 AND ended = 0",
		PARAMS(P_ID(id)), &live));
	if (live > 0)
		return ERR_CONFLICT;
	TRY(delete_parts(db, id));
	TRY(db_run(db, "DELETE FROM library WHERE file_id = ?1", PARAMS(P_ID(id)), NULL));
	TRY(db_run(db, "DELETE FROM draft_files WHERE file_id = ?1", PARAMS(P_ID(id)), NULL));
	TRY(db_run(db, "DELETE FROM files WHERE id = ?1", PARAMS(P_ID(id)), &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

static enum err read_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 0);
	return OK;
}

enum err files_loose(struct db *db, struct arena *arena, int64_t before_ms, int64_t limit,
		     struct id **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT id FROM files WHERE is_loose = 1 AND touched_ms < ?1 "
		    "ORDER BY touched_ms LIMIT ?2",
		    PARAMS(P_INT(before_ms), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err files_delete_forsaken(struct db *db, const struct id *id, int64_t before_ms,
			       bool *ret_is_deleted)
{
	int64_t forsaken;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM files WHERE id = ?1 AND touched_ms < ?2 "
			     "AND " FILES_NOBODY_HAS,
			     PARAMS(P_ID(id), P_INT(before_ms)), &forsaken));
	*ret_is_deleted = forsaken > 0;
	if (forsaken > 0)
		return files_delete(db, id);
	return db_run(db, "UPDATE files SET is_loose = 0 WHERE id = ?1 AND touched_ms < ?2",
		      PARAMS(P_ID(id), P_INT(before_ms)), NULL);
}
