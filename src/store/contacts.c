#include "store/contacts.h"

#include "crypto/digest.h"

/* last_id is left out: it only gives the order. */
static void mac_contact(struct mac *mac, const struct db *db, const struct id *user_id,
			const struct id *other_id)
{
	mac_begin(mac, db_row_key(db), "contacts");
	mac_str(mac, id_str(user_id));
	mac_str(mac, id_str(other_id));
}

/* One side. The newest message stays, whichever transaction is the last to commit. */
static enum err note_side(struct db *db, const struct id *user_id, const struct id *other_id,
			  const struct id *message_id)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_contact(&mac, db, user_id, other_id);
	mac_end(&mac, row_mac);
	return db_run(db,
		      "INSERT INTO contacts (user_id, other_id, last_id, mac) "
		      "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (user_id, other_id) DO UPDATE SET "
		      "last_id = excluded.last_id WHERE excluded.last_id > contacts.last_id",
		      PARAMS(P_ID(user_id), P_ID(other_id), P_ID(message_id),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

enum err contacts_note(struct db *db, const struct id *sender_id, const struct id *recipient_id,
		       const struct id *message_id)
{
	bool is_low = str_compare(id_str(sender_id), id_str(recipient_id)) < 0;
	TRY(note_side(db, sender_id, recipient_id, message_id));
	TRY(note_side(db, recipient_id, sender_id, message_id));
	return db_run(db,
		      "INSERT INTO exchanges (low_id, high_id, message_id) VALUES (?1, ?2, ?3) "
		      "ON CONFLICT (low_id, high_id, message_id) DO NOTHING",
		      PARAMS(P_ID(is_low ? sender_id : recipient_id),
			     P_ID(is_low ? recipient_id : sender_id), P_ID(message_id)),
		      NULL);
}

enum err exchanges_count_stray(struct db *db, int64_t *ret)
{
	return db_select_number(
		db,
		"SELECT COUNT(*) FROM exchanges e WHERE e.low_id >= e.high_id OR NOT EXISTS "
		"(SELECT 1 FROM messages m JOIN deliveries d ON d.message_id = m.id WHERE m.id = "
		"e.message_id AND d.kind IN (1, 2, 3) AND ((m.sender_id = e.low_id AND d.user_id = "
		"e.high_id) OR (m.sender_id = e.high_id AND d.user_id = e.low_id)))",
		NO_PARAMS, ret);
}

enum err exchanges_newest(struct db *db, const struct id *sender_id, const struct id *recipient_id,
			  struct id *ret_message_id)
{
	struct rows rows CLEANUP_ROWS = {0};
	bool is_low = str_compare(id_str(sender_id), id_str(recipient_id)) < 0;
	TRY(db_select_row(
		db, &rows,
		"SELECT e.message_id FROM exchanges e JOIN messages m ON m.id = e.message_id "
		"WHERE e.low_id = ?1 AND e.high_id = ?2 AND m.sender_id = ?3 "
		"ORDER BY e.message_id DESC LIMIT 1",
		PARAMS(P_ID(is_low ? sender_id : recipient_id),
		       P_ID(is_low ? recipient_id : sender_id), P_ID(sender_id))));
	*ret_message_id = rows_id(&rows, 0);
	return OK;
}

/* ---- reading ---- */

static void mac_block(struct mac *mac, const struct db *db, const struct id *user_id,
		      const struct id *blocked_id, int64_t created_ms)
{
	mac_begin(mac, db_row_key(db), "blocks");
	mac_str(mac, id_str(user_id));
	mac_str(mac, id_str(blocked_id));
	mac_int(mac, created_ms);
}

static enum err check_block(struct rows *rows, int column, struct arena *arena,
			    const struct id *user_id, const struct id *blocked_id)
{
	struct mac mac;
	struct str stored = rows_bytes(rows, column + 1, arena);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_block(&mac, rows->db, user_id, blocked_id, rows_int(rows, column));
	return mac_check(&mac, stored) ? OK : db_not_authentic("blocks", id_str(user_id));
}

#define CONTACT_COLUMNS                                                                            \
	"c.other_id, c.user_id, c.last_id, c.mac, own.created_ms, own.mac, their.created_ms, "     \
	"their.mac, " USERS_COLUMNS
enum { OWN_COLUMN = 4, THEIR_COLUMN = 6, USER_COLUMN = 8 };
#define CONTACT_JOINS                                                                              \
	" JOIN users u ON u.id = c.other_id "                                                      \
	"LEFT JOIN blocks own ON own.user_id = c.user_id AND own.blocked_id = c.other_id "         \
	"LEFT JOIN blocks their ON their.user_id = c.other_id AND their.blocked_id = c.user_id "

static enum err read_contact(struct rows *rows, struct arena *arena, struct contact_row *ret)
{
	struct id other_id = rows_id(rows, 0), user_id = rows_id(rows, 1);
	struct contact_row row = {
		.last_id = rows_id(rows, 2),
		.is_blocked = !rows_is_null(rows, OWN_COLUMN),
		.is_blocking = !rows_is_null(rows, THEIR_COLUMN),
	};
	struct str stored = rows_bytes(rows, 3, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_contact(&mac, rows->db, &user_id, &other_id);
	if (!mac_check(&mac, stored))
		return db_not_authentic("contacts", id_str(&user_id));
	if (row.is_blocked)
		TRY(check_block(rows, OWN_COLUMN, arena, &user_id, &other_id));
	if (row.is_blocking)
		TRY(check_block(rows, THEIR_COLUMN, arena, &other_id, &user_id));
	TRY(users_read(rows, USER_COLUMN, arena, &row.user));
	*ret = row;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_contact(rows, list->arena, item);
}

/* Above every id, in any collation. */
static struct str place_text(const struct id *id)
{
	return id_is_empty(id) ? STR("ZZZZZZZZZZZZZZZZZZZZZZZZZZ") : id_str(id);
}

#define IS_BELOW                                                                                   \
	"WHERE user_id = ?1 AND last_id <= ?2 AND (last_id < ?2 OR other_id < ?3) "                \
	"ORDER BY last_id DESC, other_id DESC "

static enum err read_all(struct db *db, struct list *list, const struct id *user_id,
			 const struct contact_place *from, int64_t limit)
{
	return db_list(db, list,
		       "SELECT " CONTACT_COLUMNS " FROM (SELECT * FROM contacts " IS_BELOW
		       "LIMIT ?4) c" CONTACT_JOINS "ORDER BY c.last_id DESC, c.other_id DESC",
		       PARAMS(P_ID(user_id), P_TEXT(place_text(&from->last_id)),
			      P_TEXT(place_text(&from->other_id)), P_INT(limit)));
}

static enum err read_matching(struct db *db, struct list *list, const struct id *user_id,
			      struct str folded, const struct contact_place *from, int64_t scan_max,
			      int64_t limit)
{
	struct str name = users_like(list->arena, "% ", folded);
	struct str address = users_like(list->arena, "", folded);
	return db_list(db, list,
		       "SELECT " CONTACT_COLUMNS " FROM (SELECT * FROM contacts " IS_BELOW
		       "LIMIT ?4) c" CONTACT_JOINS "WHERE u.name_key LIKE ?5 ESCAPE '\\' OR "
		       "u.address_key LIKE ?6 ESCAPE '\\' "
		       "ORDER BY c.last_id DESC, c.other_id DESC LIMIT ?7",
		       PARAMS(P_ID(user_id), P_TEXT(place_text(&from->last_id)),
			      P_TEXT(place_text(&from->other_id)), P_INT(scan_max), P_TEXT(name),
			      P_TEXT(address), P_INT(limit)));
}

/* The last one that a search has looked at; empty: it has seen all. */
static enum err find_scan_end(struct db *db, const struct id *user_id,
			      const struct contact_place *from, int64_t scan_max,
			      struct contact_place *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	enum err err = db_select_row(
		db, &rows, "SELECT last_id, other_id FROM contacts " IS_BELOW "LIMIT 1 OFFSET ?4",
		PARAMS(P_ID(user_id), P_TEXT(place_text(&from->last_id)),
		       P_TEXT(place_text(&from->other_id)), P_INT(scan_max - 1)));
	if (err == OK)
		*ret = (struct contact_place){rows_id(&rows, 0), rows_id(&rows, 1)};
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err contacts_page(struct db *db, struct arena *arena, const struct id *user_id,
		       struct str folded, const struct contact_place *from, int64_t scan_max,
		       int64_t limit, struct contact_rows *ret)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct contact_row)};
	/* One more than asked for tells whether there is a next page. */
	if (folded.len == 0)
		TRY(read_all(db, &list, user_id, from, limit + 1));
	else
		TRY(read_matching(db, &list, user_id, folded, from, scan_max, limit + 1));
	struct contact_rows rows = {
		.items = list.items, .count = list.page.count, .bad = list.page.bad};
	if ((int64_t)rows.count > limit)
		rows.count = (size_t)limit;
	bool has_more = (int64_t)list.page.count + list.page.bad > limit;
	if (has_more && rows.count > 0) {
		const struct contact_row *last = &rows.items[rows.count - 1];
		rows.next = (struct contact_place){last->last_id, last->user.id};
	} else if (folded.len > 0) {
		TRY(find_scan_end(db, user_id, from, scan_max, &rows.next));
	}
	*ret = rows;
	return OK;
}

enum err contacts_get(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct id *other_id, struct contact_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " CONTACT_COLUMNS " FROM contacts c" CONTACT_JOINS
			  "WHERE c.user_id = ?1 AND c.other_id = ?2",
			  PARAMS(P_ID(user_id), P_ID(other_id))));
	return read_contact(&rows, arena, ret);
}

/* ---- blocks ---- */

enum err blocks_insert(struct db *db, const struct id *user_id, const struct id *blocked_id,
		       int64_t now_ms, int64_t most)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t count;
	bool is_there;
	TRY(blocks_exist(db, user_id, blocked_id, &is_there));
	if (is_there)
		return OK;
	TRY(db_select_number(db, "SELECT COUNT(*) FROM blocks WHERE user_id = ?1",
			     PARAMS(P_ID(user_id)), &count));
	if (count >= most)
		return ERR_TOO_LARGE;
	mac_block(&mac, db, user_id, blocked_id, now_ms);
	mac_end(&mac, row_mac);
	return db_run(db,
		      "INSERT INTO blocks (user_id, blocked_id, created_ms, mac) "
		      "VALUES (?1, ?2, ?3, ?4)",
		      PARAMS(P_ID(user_id), P_ID(blocked_id), P_INT(now_ms),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

enum err blocks_delete(struct db *db, const struct id *user_id, const struct id *blocked_id)
{
	return db_run(db, "DELETE FROM blocks WHERE user_id = ?1 AND blocked_id = ?2",
		      PARAMS(P_ID(user_id), P_ID(blocked_id)), NULL);
}

enum err blocks_exist(struct db *db, const struct id *user_id, const struct id *blocked_id,
		      bool *ret)
{
	int64_t count;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM blocks WHERE user_id = ?1 AND blocked_id = ?2",
			     PARAMS(P_ID(user_id), P_ID(blocked_id)), &count));
	*ret = count > 0;
	return OK;
}

static enum err read_blocked(struct list *list, struct rows *rows, void *item)
{
	struct id blocked_id = rows_id(rows, 0), user_id = rows_id(rows, 1);
	TRY(check_block(rows, 2, list->arena, &user_id, &blocked_id));
	return users_read(rows, 4, list->arena, item);
}

enum err blocks_of_user(struct db *db, struct arena *arena, const struct id *user_id, int64_t limit,
			struct user **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {
		.arena = arena, .read = read_blocked, .item_bytes = sizeof(struct user)};
	TRY(db_list(db, &list,
		    "SELECT b.blocked_id, b.user_id, b.created_ms, b.mac, " USERS_COLUMNS
		    " FROM blocks b JOIN users u ON u.id = b.blocked_id WHERE b.user_id = ?1 "
		    "ORDER BY b.created_ms DESC, b.blocked_id LIMIT ?2",
		    PARAMS(P_ID(user_id), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

static enum err read_blocker(struct list *list, struct rows *rows, void *item)
{
	struct id user_id = rows_id(rows, 0), blocked_id = rows_id(rows, 1);
	*(struct id *)item = user_id;
	return check_block(rows, 2, list->arena, &user_id, &blocked_id);
}

enum err blocks_against(struct db *db, struct arena *arena, const struct id *blocked_id,
			int64_t limit, struct id **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_blocker, .item_bytes = sizeof(struct id)};
	TRY(db_list(db, &list,
		    "SELECT user_id, blocked_id, created_ms, mac FROM blocks "
		    "WHERE blocked_id = ?1 ORDER BY user_id LIMIT ?2",
		    PARAMS(P_ID(blocked_id), P_INT(limit))));
	if (list.page.bad > 0)
		return ERR_CORRUPT;
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
