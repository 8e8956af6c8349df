/* Table file_parts: where the bytes of files are. */
#include "store/files_read.h"

#include "crypto/digest.h"

static void mac_part(struct mac *mac, const struct db *db, const struct file_part *part)
{
	mac_begin(mac, db_row_key(db), "file_parts");
	mac_str(mac, id_str(&part->file_id));
	mac_int(mac, part->number);
	mac_str(mac, id_str(&part->blob_id));
	mac_int(mac, part->offset);
	mac_int(mac, part->bytes);
	mac_int(mac, part->is_last);
}

static enum err insert(struct db *db, const struct file_part *part)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_part(&mac, db, part);
	mac_end(&mac, row_mac);
	return db_run(db,
		      "INSERT INTO file_parts (file_id, number, blob_id, begins_at, bytes, "
		      "is_last, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		      PARAMS(P_ID(&part->file_id), P_INT(part->number), P_ID(&part->blob_id),
			     P_INT(part->offset), P_INT(part->bytes), P_INT(part->is_last),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

/* Whether they are the next ones of a file that has so many parts of so many bytes. */
static bool follow_on(const struct id *id, const struct file_part *parts, size_t count,
		      int64_t number, int64_t offset)
{
	for (size_t i = 0; i < count; i++) {
		if (!id_eq(&parts[i].file_id, id) || parts[i].number != number + (int64_t)i ||
		    parts[i].offset != offset || parts[i].bytes < 0 ||
		    (parts[i].bytes == 0 && !parts[i].is_last) ||
		    (parts[i].is_last && i + 1 < count))
			return false;
		offset += parts[i].bytes;
	}
	return true;
}

enum err files_add_parts(struct db *db, const struct id *id, int64_t writer,
			 const struct file_part *parts, size_t count, struct str hashing,
			 int64_t now_ms)
{
	struct rows rows CLEANUP_ROWS = {0};
	int64_t bytes = 0;
	/* Behind the last one nothing follows. */
	enum err err = db_select_row(
		db, &rows,
		"SELECT f.part_count, f.stored_bytes FROM files f WHERE f.id = ?1 AND "
		"f.writer = ?2 AND f.state = 1 AND NOT EXISTS (SELECT 1 FROM file_parts p WHERE "
		"p.file_id = ?1 AND p.number = f.part_count - 1 AND p.is_last = 1)",
		PARAMS(P_ID(id), P_INT(writer)));
	if (err != OK)
		return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
	if (!follow_on(id, parts, count, rows_int(&rows, 0), rows_int(&rows, 1)))
		return ERR_CONFLICT;
	for (size_t i = 0; i < count; i++) {
		TRY(insert(db, &parts[i]));
		bytes += parts[i].bytes;
	}
	return db_run(db,
		      "UPDATE files SET part_count = part_count + ?2, stored_bytes = stored_bytes "
		      "+ ?3, hashing = ?4, touched_ms = ?5 WHERE id = ?1",
		      PARAMS(P_ID(id), P_INT((int64_t)count), P_INT(bytes), P_BLOB(hashing),
			     P_INT(now_ms)),
		      NULL);
}

/* ---- reading ---- */

/* What is known of the parts by the file's own row, and what stands there. */
struct parts_list {
	struct list list;
	int64_t count, bytes;
	int64_t ready_bytes; /* -1: it is not ready */
	int64_t next_number, next_offset;
	bool is_over, has_gap, is_told;
};

/* The file's columns are the same in each row; a file without parts has one row. */
static enum err read_part(struct list *list, struct rows *rows, void *item)
{
	struct parts_list *parts = (struct parts_list *)list;
	struct mac mac;
	struct file_part part = {
		.file_id = rows_id(rows, 0),
		.number = rows_int(rows, 1),
		.blob_id = rows_id(rows, 2),
		.offset = rows_int(rows, 3),
		.bytes = rows_int(rows, 4),
		.is_last = rows_code(rows, 5) == 1,
	};
	struct str stored = rows_bytes(rows, 6, list->arena);
	parts->count = rows_int(rows, 7);
	parts->bytes = rows_int(rows, 8);
	parts->ready_bytes = rows_int(rows, 9) == FILE_READY ? rows_int(rows, 10) : -1;
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	if (rows_is_null(rows, 1))
		return ERR_NOT_FOUND; /* left out */
	mac_part(&mac, rows->db, &part);
	if (!mac_check(&mac, stored)) {
		parts->has_gap = parts->is_told = true;
		return db_not_authentic("file_parts", id_str(&part.file_id));
	}
	parts->has_gap |= part.number != parts->next_number || part.offset != parts->next_offset ||
			  parts->is_over;
	parts->next_number++;
	parts->next_offset += part.bytes;
	parts->is_over = part.is_last;
	*(struct file_part *)item = part;
	return OK;
}

static bool is_whole(const struct parts_list *parts)
{
	return !parts->has_gap && parts->next_number == parts->count &&
	       parts->next_offset == parts->bytes &&
	       (parts->ready_bytes < 0 ||
		(parts->is_over && parts->next_offset == parts->ready_bytes));
}

enum err files_parts(struct db *db, struct arena *arena, const struct id *id,
		     struct file_part **ret, size_t *ret_count)
{
	struct parts_list parts = {
		.list = {.arena = arena, .read = read_part, .item_bytes = sizeof(struct file_part)},
		.ready_bytes = -1};
	TRY(db_list(
		db, &parts.list,
		"SELECT p.file_id, p.number, p.blob_id, p.begins_at, p.bytes, p.is_last, "
		"p.mac, f.part_count, f.stored_bytes, f.state, f.bytes FROM files f LEFT JOIN "
		"file_parts p ON p.file_id = f.id WHERE f.id = ?1 ORDER BY p.number NULLS FIRST",
		PARAMS(P_ID(id))));
	if (!is_whole(&parts))
		return parts.is_told ? ERR_CORRUPT : db_not_authentic("file_parts", id_str(id));
	*ret = parts.list.items;
	*ret_count = parts.list.page.count;
	return OK;
}

enum err files_find_orphans(struct db *db, const struct id *blob_ids, size_t count, bool *is_orphan)
{
	for (size_t i = 0; i < count; i++) {
		int64_t named;
		TRY(db_select_number(db, "SELECT COUNT(*) FROM file_parts WHERE blob_id = ?1",
				     PARAMS(P_ID(&blob_ids[i])), &named));
		is_orphan[i] = named == 0;
	}
	return OK;
}

static enum err read_place(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct file_part *)item = (struct file_part){
		.file_id = rows_id(rows, 0),
		.number = rows_int(rows, 1),
		.blob_id = rows_id(rows, 2),
		.bytes = rows_int(rows, 3),
		.is_last = rows_int(rows, 4) != 0,
	};
	return OK;
}

enum err file_parts_page(struct db *db, struct arena *arena, const struct file_part *after,
			 int64_t limit, struct file_part **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_place, .item_bytes = sizeof(struct file_part)};
	int64_t number = id_is_empty(&after->file_id) ? -1 : after->number;
	TRY(db_list(db, &list,
		    "SELECT file_id, number, blob_id, bytes, is_last FROM file_parts WHERE "
		    "(file_id, number) > (?1, ?2) ORDER BY file_id, number LIMIT ?3",
		    PARAMS(P_ID(&after->file_id), P_INT(number), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
