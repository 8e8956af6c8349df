#include "crypto/digest.h"
#include "store/destroyed.h"
#include "store/message_files_read.h"

static void mac_file(struct mac *mac, const struct db *db, const struct message_file *file)
{
	mac_begin(mac, db_row_key(db), "message_files");
	mac_str(mac, id_str(&file->message_id));
	mac_str(mac, id_str(&file->file_id));
	mac_int(mac, file->position);
	mac_str(mac, id_str(&file->source_id));
	mac_str(mac, file->head);
	mac_int(mac, file->recalled_ms);
}

enum err message_files_read(struct rows *rows, int column, struct arena *arena,
			    struct message_file *ret)
{
	*ret = (struct message_file){
		.message_id = rows_id(rows, column),
		.file_id = rows_id(rows, column + 1),
		.position = rows_int(rows, column + 2),
		.source_id = rows_id(rows, column + 3),
		.head = rows_bytes(rows, column + 4, arena),
		.recalled_ms = rows_int(rows, column + 5),
	};
	struct str stored = rows_bytes(rows, column + 6, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_file(&mac, rows->db, ret);
	return mac_check(&mac, stored)
		       ? OK
		       : db_not_authentic("message_files", id_str(&ret->message_id));
}

/* ---- writing ---- */

enum err message_files_insert(struct db *db, const struct message_file *file)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	mac_file(&mac, db, file);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "INSERT INTO message_files (message_id, file_id, position, source_id, head, "
		   "recalled_ms, mac) SELECT ?1, o.id, ?3, ?4, ?5, ?6, ?7 FROM files o "
		   "WHERE o.id = ?2 AND o.state = 2",
		   PARAMS(P_ID(&file->message_id), P_ID(&file->file_id), P_INT(file->position),
			  P_ID(&file->source_id), P_BLOB(file->head), P_INT(file->recalled_ms),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		   &changes));
	if (changes != 1)
		return ERR_CONFLICT;
	return db_run(db, "UPDATE files SET is_sent = 1 WHERE id = ?1 AND is_sent = 0",
		      PARAMS(P_ID(&file->file_id)), NULL);
}

enum err message_files_set_recalled(struct db *db, const struct message_file *file,
				    int64_t recalled_ms)
{
	struct message_file next = *file;
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	next.recalled_ms = recalled_ms;
	mac_file(&mac, db, &next);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "UPDATE message_files SET recalled_ms = ?3, mac = ?4 WHERE message_id = ?1 AND "
		   "file_id = ?2 AND recalled_ms = 0",
		   PARAMS(P_ID(&next.message_id), P_ID(&next.file_id), P_INT(recalled_ms),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		   &changes));
	return changes == 1 ? destroyed_note_file(db, file, recalled_ms) : ERR_NOT_FOUND;
}

enum err message_files_delete(struct db *db, const struct id *message_id)
{
	TRY(db_run(db,
		   "UPDATE files SET is_loose = 1 WHERE id IN (SELECT m.file_id FROM "
		   "message_files m WHERE m.message_id = ?1)",
		   PARAMS(P_ID(message_id)), NULL));
	TRY(db_run(db, "DELETE FROM file_deliveries WHERE message_id = ?1",
		   PARAMS(P_ID(message_id)), NULL));
	return db_run(db, "DELETE FROM message_files WHERE message_id = ?1",
		      PARAMS(P_ID(message_id)), NULL);
}

/* ---- reading ---- */

static enum err read_copy(struct list *list, struct rows *rows, void *item)
{
	struct message_file_copy copy = {0};
	enum err err = message_files_read(rows, 0, list->arena, &copy.file);
	copy.is_authentic = err == OK;
	if ((err == OK || err == ERR_CORRUPT) && !rows_is_null(rows, MESSAGE_FILES_COLUMN_COUNT)) {
		err = file_deliveries_read(rows, MESSAGE_FILES_COLUMN_COUNT, list->arena,
					   &copy.delivery);
		copy.is_authentic = copy.is_authentic && err == OK;
	}
	*(struct message_file_copy *)item = copy;
	return err == ERR_CORRUPT ? OK : err;
}

enum err message_files_of(struct db *db, struct arena *arena, const struct id *message_id,
			  const struct id *user_id, struct message_file_copy **ret,
			  size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_copy, .item_bytes = sizeof(struct message_file_copy)};
	TRY(db_list(db, &list,
		    "SELECT " MESSAGE_FILES_COLUMNS ", " FILE_DELIVERIES_COLUMNS
		    " FROM message_files f LEFT JOIN file_deliveries d ON d.message_id = "
		    "f.message_id AND d.user_id = ?2 AND d.file_id = f.file_id "
		    "WHERE f.message_id = ?1 ORDER BY f.position",
		    PARAMS(P_ID(message_id), P_ID(user_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err message_files_get(struct db *db, struct arena *arena, const struct id *message_id,
			   const struct id *file_id, struct message_file *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " MESSAGE_FILES_COLUMNS
			  " FROM message_files f WHERE f.message_id = ?1 AND f.file_id = ?2",
			  PARAMS(P_ID(message_id), P_ID(file_id))));
	return message_files_read(&rows, 0, arena, ret);
}

enum { COUNTED_AT_ONCE = 16 };

static enum err count_some(struct db *db, const struct id *message_ids, size_t count,
			   int64_t *ret_counts)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct param params[COUNTED_AT_ONCE];
	bool has_row;
	for (size_t i = 0; i < COUNTED_AT_ONCE; i++)
		params[i] = i < count ? P_ID(&message_ids[i]) : P_TEXT(STR(""));
	TRY(db_select(db, &rows,
		      "SELECT message_id, COUNT(*) FROM message_files WHERE message_id IN (?1, ?2, "
		      "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) "
		      "GROUP BY message_id",
		      params, COUNTED_AT_ONCE));
	for (;;) {
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			return OK;
		struct id id = rows_id(&rows, 0);
		for (size_t i = 0; i < count; i++) {
			if (id_eq(&id, &message_ids[i]))
				ret_counts[i] = rows_int(&rows, 1);
		}
	}
}

enum err message_files_count(struct db *db, const struct id *message_ids, size_t count,
			     int64_t *ret_counts)
{
	for (size_t i = 0; i < count; i++)
		ret_counts[i] = 0;
	for (size_t at = 0; at < count; at += COUNTED_AT_ONCE) {
		size_t some = count - at < COUNTED_AT_ONCE ? count - at : COUNTED_AT_ONCE;
		TRY(count_some(db, message_ids + at, some, ret_counts + at));
	}
	return OK;
}

enum err message_files_has(struct db *db, const struct id *file_id, bool *ret)
{
	int64_t count;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM (SELECT 1 FROM message_files WHERE file_id = ?1 "
			     "LIMIT 1) AS one",
			     PARAMS(P_ID(file_id)), &count));
	*ret = count > 0;
	return OK;
}

static enum err read_file(struct list *list, struct rows *rows, void *item)
{
	return message_files_read(rows, 0, list->arena, item);
}

static enum err read_delivery(struct list *list, struct rows *rows, void *item)
{
	return file_deliveries_read(rows, 0, list->arena, item);
}

enum err message_files_of_message(struct db *db, struct arena *arena, const struct id *message_id,
				  struct message_file **ret_files, size_t *ret_file_count,
				  struct file_delivery **ret_deliveries, size_t *ret_delivery_count,
				  int64_t *ret_bad)
{
	struct list files = {
		.arena = arena, .read = read_file, .item_bytes = sizeof(struct message_file)};
	struct list deliveries = {
		.arena = arena, .read = read_delivery, .item_bytes = sizeof(struct file_delivery)};
	TRY(db_list(db, &files,
		    "SELECT " MESSAGE_FILES_COLUMNS
		    " FROM message_files f WHERE f.message_id = ?1 ORDER BY f.position",
		    PARAMS(P_ID(message_id))));
	TRY(db_list(db, &deliveries,
		    "SELECT " FILE_DELIVERIES_COLUMNS
		    " FROM file_deliveries d WHERE d.message_id = ?1",
		    PARAMS(P_ID(message_id))));
	*ret_files = files.items;
	*ret_file_count = files.page.count;
	*ret_deliveries = deliveries.items;
	*ret_delivery_count = deliveries.page.count;
	*ret_bad = files.page.bad + deliveries.page.bad;
	return OK;
}
