/* Table file_deliveries: whose key opens which file of which message. */
#include "crypto/digest.h"
#include "store/message_files_read.h"

#include <stdlib.h>

static void mac_delivery(struct mac *mac, const struct db *db, const struct file_delivery *delivery)
{
	mac_begin(mac, db_row_key(db), "file_deliveries");
	mac_str(mac, id_str(&delivery->message_id));
	mac_str(mac, id_str(&delivery->file_id));
	mac_str(mac, id_str(&delivery->user_id));
	mac_str(mac, delivery->sealed);
	mac_str(mac, delivery->wrapped);
	mac_int(mac, delivery->ended);
	mac_int(mac, delivery->ended_ms);
}

struct str file_deliveries_mac(const struct db *db, const struct file_delivery *delivery,
			       uint8_t room[DIGEST_BYTES])
{
	struct mac mac;
	mac_delivery(&mac, db, delivery);
	mac_end(&mac, room);
	return str_bytes(room, DIGEST_BYTES);
}

enum err file_deliveries_read(struct rows *rows, int column, struct arena *arena,
			      struct file_delivery *ret)
{
	*ret = (struct file_delivery){
		.message_id = rows_id(rows, column),
		.file_id = rows_id(rows, column + 1),
		.user_id = rows_id(rows, column + 2),
		.sealed = rows_bytes(rows, column + 3, arena),
		.wrapped = rows_bytes(rows, column + 4, arena),
		.ended = (enum delivery_end)rows_code(rows, column + 5),
		.ended_ms = rows_int(rows, column + 6),
	};
	struct str stored = rows_bytes(rows, column + 7, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_delivery(&mac, rows->db, ret);
	return mac_check(&mac, stored)
		       ? OK
		       : db_not_authentic("file_deliveries", id_str(&ret->message_id));
}

/* ---- writing ---- */

enum err file_deliveries_insert(struct db *db, const struct file_delivery *delivery)
{
	uint8_t room[DIGEST_BYTES];
	return db_run(db,
		      "INSERT INTO file_deliveries (message_id, user_id, file_id, sealed, wrapped, "
		      "ended, ended_ms, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		      PARAMS(P_ID(&delivery->message_id), P_ID(&delivery->user_id),
			     P_ID(&delivery->file_id), P_BLOB(delivery->sealed),
			     P_BLOB(delivery->wrapped), P_INT(delivery->ended),
			     P_INT(delivery->ended_ms),
			     P_BLOB(file_deliveries_mac(db, delivery, room))),
		      NULL);
}

enum err file_deliveries_rewrap(struct db *db, const struct file_delivery *old,
				const struct file_delivery *next)
{
	uint8_t room[DIGEST_BYTES];
	struct file_delivery changed = *old;
	int64_t changes;
	changed.sealed = next->sealed;
	changed.wrapped = next->wrapped;
	/* Only in place of the key that was opened: one destroyed meanwhile never comes back. */
	TRY(db_run(db,
		   "UPDATE file_deliveries SET sealed = ?4, wrapped = ?5, mac = ?6 WHERE "
		   "message_id = ?1 AND user_id = ?2 AND file_id = ?3 AND ended = 0 AND "
		   "sealed = ?7 AND wrapped = ?8",
		   PARAMS(P_ID(&old->message_id), P_ID(&old->user_id), P_ID(&old->file_id),
			  P_BLOB(changed.sealed), P_BLOB(changed.wrapped),
			  P_BLOB(file_deliveries_mac(db, &changed, room)), P_BLOB(old->sealed),
			  P_BLOB(old->wrapped)),
		   &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

/* ---- reading ---- */

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return file_deliveries_read(rows, 0, list->arena, item);
}

enum err file_deliveries_get(struct db *db, struct arena *arena, const struct id *message_id,
			     const struct id *file_id, const struct id *user_id,
			     struct file_delivery *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " FILE_DELIVERIES_COLUMNS
			  " FROM file_deliveries d WHERE d.message_id = ?1 AND "
			  "d.user_id = ?2 AND d.file_id = ?3",
			  PARAMS(P_ID(message_id), P_ID(user_id), P_ID(file_id))));
	return file_deliveries_read(&rows, 0, arena, ret);
}

enum err file_deliveries_of_user(struct db *db, struct arena *arena, const struct id *user_id,
				 const struct id *file_id, struct file_delivery **ret,
				 size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct file_delivery)};
	TRY(db_list(db, &list,
		    "SELECT " FILE_DELIVERIES_COLUMNS
		    " FROM file_deliveries d WHERE d.user_id = ?1 AND d.file_id = ?2 "
		    "ORDER BY CASE WHEN d.ended = 0 THEN 0 ELSE 1 END, d.message_id DESC",
		    PARAMS(P_ID(user_id), P_ID(file_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err file_deliveries_sealed(struct db *db, struct arena *arena, const struct id *user_id,
				struct file_delivery **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct file_delivery)};
	TRY(db_list(db, &list,
		    "SELECT " FILE_DELIVERIES_COLUMNS
		    " FROM file_deliveries d WHERE d.user_id = ?1 AND LENGTH(d.sealed) > 0 "
		    "ORDER BY d.message_id DESC, d.file_id",
		    PARAMS(P_ID(user_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err file_deliveries_live(struct db *db, struct arena *arena, const struct id *file_id,
			      int64_t limit, struct file_delivery **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct file_delivery)};
	TRY(db_list(db, &list,
		    "SELECT " FILE_DELIVERIES_COLUMNS
		    " FROM file_deliveries d WHERE d.file_id = ?1 AND d.ended = 0 LIMIT ?2",
		    PARAMS(P_ID(file_id), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

static enum err read_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 0);
	return OK;
}

enum err message_files_where(struct db *db, struct arena *arena, const struct id *user_id,
			     const struct id *file_id, int64_t limit, struct id **ret_messages,
			     size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_id, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT message_id FROM file_deliveries WHERE user_id = ?1 AND file_id = ?2 "
		    "ORDER BY message_id DESC LIMIT ?3",
		    PARAMS(P_ID(user_id), P_ID(file_id), P_INT(limit))));
	*ret_messages = list.items;
	*ret_count = list.page.count;
	return OK;
}

static enum err read_holder(struct list *list, struct rows *rows, void *item)
{
	struct file_holder *holder = item;
	enum err err = file_deliveries_read(rows, 0, list->arena, &holder->delivery);
	holder->is_authentic = err == OK;
	return err == ERR_CORRUPT ? OK : err;
}

static int compare_holders(const void *left, const void *right)
{
	const struct file_holder *a = left, *b = right;
	return str_compare(id_str(&a->delivery.user_id), id_str(&b->delivery.user_id));
}

enum err file_deliveries_of_file(struct db *db, struct arena *arena, const struct id *message_id,
				 const struct id *file_id, struct file_holder **ret,
				 size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_holder, .item_bytes = sizeof(struct file_holder)};
	TRY(db_list(db, &list,
		    "SELECT " FILE_DELIVERIES_COLUMNS
		    " FROM messages m CROSS JOIN file_deliveries d WHERE m.id = ?1 AND "
		    "d.message_id = m.id AND d.file_id = ?2 AND d.user_id <> m.sender_id",
		    PARAMS(P_ID(message_id), P_ID(file_id))));
	/* Not in SQL: there the order depends on the collation. */
	if (list.page.count > 1)
		qsort(list.items, list.page.count, list.item_bytes, compare_holders);
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
