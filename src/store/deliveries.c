#include "store/deliveries.h"

#include "crypto/digest.h"
#include "store/db_list.h"

/* box, moved_ms, opened_ms, is_unread and position are left out: moving, opening, marking and
 * another order change no right. Besides, rows from before there was a position stay authentic.
 * That a destroyed one has no key is covered: nobody gives it one again. */
static void mac_delivery(struct mac *mac, const struct db *db, const struct delivery *delivery)
{
	bool is_plain = delivery->ended == DELIVERY_LIVE && delivery->notice.len == 0 &&
			id_is_empty(&delivery->via);
	mac_begin(mac, db_row_key(db), is_plain ? "deliveries" : "deliveries.2");
	mac_str(mac, id_str(&delivery->message_id));
	mac_str(mac, id_str(&delivery->user_id));
	mac_int(mac, delivery->kind);
	mac_str(mac, delivery->sealed);
	mac_str(mac, delivery->wrapped);
	if (is_plain)
		return;
	mac_int(mac, delivery->ended);
	mac_int(mac, delivery->ended_ms);
	mac_str(mac, delivery->reason);
	mac_str(mac, delivery->notice);
	mac_str(mac, id_str(&delivery->via));
}

void deliveries_mac(const struct db *db, const struct delivery *delivery,
		    uint8_t ret_mac[DIGEST_BYTES])
{
	struct mac mac;
	mac_delivery(&mac, db, delivery);
	mac_end(&mac, ret_mac);
}

enum err deliveries_read(struct rows *rows, int column, struct arena *arena, struct delivery *ret)
{
	*ret = (struct delivery){
		.message_id = rows_id(rows, column),
		.user_id = rows_id(rows, column + 1),
		.kind = (enum recipient_kind)rows_code(rows, column + 2),
		.box = (enum box)rows_code(rows, column + 3),
		.sealed = rows_bytes(rows, column + 4, arena),
		.wrapped = rows_bytes(rows, column + 5, arena),
		.opened_ms = rows_int(rows, column + 6),
		.position = rows_int(rows, column + 7),
		.moved_ms = rows_int(rows, column + 8),
		.is_unread = rows_int(rows, column + 9) != 0,
		.ended = (enum delivery_end)rows_code(rows, column + 10),
		.ended_ms = rows_int(rows, column + 11),
		.reason = rows_bytes(rows, column + 12, arena),
		.notice = rows_bytes(rows, column + 13, arena),
		.via = rows_id(rows, column + 14),
	};
	struct str stored = rows_bytes(rows, column + 15, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_delivery(&mac, rows->db, ret);
	return mac_check(&mac, stored) ? OK
				       : db_not_authentic("deliveries", id_str(&ret->message_id));
}

/* Quoted: in no list, so not unread in any either. */
static enum err insert(struct db *db, const char *sql, const struct delivery *delivery)
{
	uint8_t row_mac[DIGEST_BYTES];
	deliveries_mac(db, delivery, row_mac);
	return db_run(db, sql,
		      PARAMS(P_ID(&delivery->message_id), P_ID(&delivery->user_id),
			     P_INT(delivery->kind), P_INT(delivery->box), P_BLOB(delivery->sealed),
			     P_BLOB(delivery->wrapped), P_INT(delivery->opened_ms),
			     P_INT(delivery->position),
			     P_INT(delivery->opened_ms == 0 && delivery->box != BOX_NONE),
			     P_BLOB(delivery->notice), P_ID(&delivery->via),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac))),
			     P_INT(delivery->notice.len > 0)),
		      NULL);
}

#define INSERT                                                                                     \
	"INSERT INTO deliveries (message_id, user_id, kind, box, sealed, wrapped, opened_ms, "     \
	"position, is_unread, notice, via, mac, expires_ms) "                                      \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "                              \
	"COALESCE((SELECT expires_ms FROM messages WHERE id = ?1 AND ?13 = 1), 0))"

enum err deliveries_insert(struct db *db, const struct delivery *delivery)
{
	return insert(db, INSERT, delivery);
}

enum err deliveries_insert_quoted(struct db *db, const struct delivery *delivery)
{
	return insert(db, INSERT " ON CONFLICT (message_id, user_id) DO NOTHING", delivery);
}

enum err deliveries_rewrap(struct db *db, const struct delivery *old, const struct delivery *next)
{
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	deliveries_mac(db, next, row_mac);
	/* Only in place of the key that was opened: one destroyed meanwhile never comes back. */
	TRY(db_run(db,
		   "UPDATE deliveries SET sealed = ?3, wrapped = ?4, mac = ?5, "
		   "opened_ms = CASE WHEN opened_ms = 0 THEN ?6 ELSE opened_ms END, "
		   "is_unread = CASE WHEN ?9 = 1 THEN 0 ELSE is_unread END, notice = ?10 "
		   "WHERE message_id = ?1 AND user_id = ?2 AND sealed = ?7 AND wrapped = ?8",
		   PARAMS(P_ID(&next->message_id), P_ID(&next->user_id), P_BLOB(next->sealed),
			  P_BLOB(next->wrapped), P_BLOB(str_bytes(row_mac, sizeof(row_mac))),
			  P_INT(next->opened_ms), P_BLOB(old->sealed), P_BLOB(old->wrapped),
			  P_INT(next->opened_ms > 0), P_BLOB(next->notice)),
		   &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

enum err deliveries_mark_opened(struct db *db, const struct delivery *delivery)
{
	return db_run(db,
		      "UPDATE deliveries SET is_unread = 0, "
		      "opened_ms = CASE WHEN opened_ms = 0 THEN ?3 ELSE opened_ms END "
		      "WHERE message_id = ?1 AND user_id = ?2",
		      PARAMS(P_ID(&delivery->message_id), P_ID(&delivery->user_id),
			     P_INT(delivery->opened_ms)),
		      NULL);
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return deliveries_read(rows, 0, list->arena, item);
}

enum err deliveries_sealed(struct db *db, struct arena *arena, const struct id *user_id,
			   struct delivery **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct delivery)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS
		    " FROM deliveries d WHERE d.user_id = ?1 AND LENGTH(d.sealed) > 0 "
		    "ORDER BY d.message_id DESC",
		    PARAMS(P_ID(user_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err deliveries_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			       struct delivery **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct delivery)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS " FROM deliveries d WHERE d.message_id = ?1",
		    PARAMS(P_ID(message_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

static enum err one_row(int64_t changes)
{
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

enum err deliveries_move(struct db *db, const struct id *user_id, const struct id *message_id,
			 enum box box, int64_t now_ms)
{
	bool is_back = box == BOX_INBOX || box == BOX_SENT;
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE deliveries SET box = CASE WHEN kind = 0 THEN CAST(?4 AS BIGINT) ELSE "
		   "CAST(?3 AS BIGINT) END, moved_ms = ?5 "
		   "WHERE message_id = ?1 AND user_id = ?2 AND box BETWEEN 1 AND 4",
		   PARAMS(P_ID(message_id), P_ID(user_id), P_INT(is_back ? BOX_INBOX : box),
			  P_INT(is_back ? BOX_SENT : box), P_INT(box == BOX_TRASH ? now_ms : 0)),
		   &changes));
	TRY(one_row(changes));
	return deliveries_regroup(db, user_id, message_id);
}

enum err deliveries_mark(struct db *db, const struct id *user_id, const struct id *message_id,
			 bool is_unread)
{
	int64_t changes;
	TRY(db_run(db,
		   "UPDATE deliveries SET is_unread = ?3 "
		   "WHERE message_id = ?1 AND user_id = ?2 AND box BETWEEN 1 AND 4",
		   PARAMS(P_ID(message_id), P_ID(user_id), P_INT(is_unread)), &changes));
	return one_row(changes);
}

enum err deliveries_get(struct db *db, struct arena *arena, const struct id *user_id,
			const struct id *message_id, struct delivery *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " DELIVERIES_COLUMNS " FROM deliveries d "
			  "WHERE d.message_id = ?1 AND d.user_id = ?2 AND d.box BETWEEN 1 AND 4",
			  PARAMS(P_ID(message_id), P_ID(user_id))));
	return deliveries_read(&rows, 0, arena, ret);
}

enum err deliveries_in_trash_of(struct db *db, struct arena *arena, const struct id *user_id,
				int64_t until_ms, int64_t limit, struct delivery **ret,
				size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct delivery)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS " FROM deliveries d "
		    "WHERE d.user_id = ?1 AND d.box = 4 AND d.moved_ms <= ?2 LIMIT ?3",
		    PARAMS(P_ID(user_id), P_INT(until_ms), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err deliveries_in_trash(struct db *db, struct arena *arena, int64_t before_ms, int64_t limit,
			     struct delivery **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct delivery)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS " FROM deliveries d "
		    "WHERE d.box = 4 AND d.moved_ms < ?1 ORDER BY d.moved_ms LIMIT ?2",
		    PARAMS(P_INT(before_ms), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err deliveries_before(struct db *db, struct arena *arena, const struct id *message_id,
			   int64_t limit, struct delivery **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct delivery)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS " FROM deliveries d WHERE d.message_id < ?1 AND "
		    "(d.box BETWEEN 1 AND 3 OR (d.box = 4 AND d.moved_ms > 1)) AND NOT EXISTS "
		    "(SELECT 1 FROM signings s WHERE s.message_id = d.message_id AND s.state = 1) "
		    "ORDER BY d.message_id LIMIT ?2",
		    PARAMS(P_ID(message_id), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err deliveries_expired(struct db *db, struct arena *arena, int64_t now_ms, int64_t limit,
			    struct delivery **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct delivery)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS " FROM deliveries d WHERE d.expires_ms > 0 AND "
		    "d.expires_ms <= ?1 AND d.ended = 0 AND d.box <> 5 "
		    "ORDER BY d.expires_ms LIMIT ?2",
		    PARAMS(P_INT(now_ms), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

enum err deliveries_has(struct db *db, const struct id *user_id, const struct id *message_id,
			bool *ret)
{
	int64_t count;
	TRY(db_select_number(
		db, "SELECT COUNT(*) FROM deliveries WHERE message_id = ?1 AND user_id = ?2",
		PARAMS(P_ID(message_id), P_ID(user_id)), &count));
	*ret = count > 0;
	return OK;
}

enum err deliveries_is_live(struct db *db, const struct id *user_id, const struct id *message_id,
			    bool *ret)
{
	int64_t count;
	TRY(db_select_number(
		db,
		"SELECT COUNT(*) FROM deliveries d JOIN messages m ON m.id = d.message_id "
		"WHERE d.message_id = ?1 AND d.user_id = ?2 AND d.ended = 0 AND d.box <> 5 "
		"AND m.recalled_ms = 0",
		PARAMS(P_ID(message_id), P_ID(user_id)), &count));
	*ret = count > 0;
	return OK;
}
