#include "store/destructions.h"

#include "crypto/digest.h"
#include "store/destroyed.h"

#define DESTRUCTION_COLUMNS "id, message_id, user_id, cause, at_ms, keys, mails, is_whole, mac"

static void mac_destruction(struct mac *mac, const struct db *db, const struct destruction *row)
{
	mac_begin(mac, db_row_key(db), "destructions");
	mac_str(mac, id_str(&row->id));
	mac_str(mac, id_str(&row->message_id));
	mac_str(mac, id_str(&row->user_id));
	mac_int(mac, row->cause);
	mac_int(mac, row->at_ms);
	mac_int(mac, row->keys);
	mac_int(mac, row->mails);
	mac_int(mac, row->is_whole);
}

enum err destructions_insert(struct db *db, const struct destruction *row)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_destruction(&mac, db, row);
	mac_end(&mac, row_mac);
	TRY(destroyed_note_entry(db, row));
	return db_run(db,
		      "INSERT INTO destructions (" DESTRUCTION_COLUMNS
		      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		      PARAMS(P_ID(&row->id), P_ID(&row->message_id), P_ID(&row->user_id),
			     P_INT(row->cause), P_INT(row->at_ms), P_INT(row->keys),
			     P_INT(row->mails), P_INT(row->is_whole),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

static enum err read_destruction(struct list *list, struct rows *rows, void *item)
{
	struct destruction row = {
		.id = rows_id(rows, 0),
		.message_id = rows_id(rows, 1),
		.user_id = rows_id(rows, 2),
		.cause = (enum destruction_cause)rows_code(rows, 3),
		.at_ms = rows_int(rows, 4),
		.keys = rows_int(rows, 5),
		.mails = rows_int(rows, 6),
		.is_whole = rows_int(rows, 7) != 0,
	};
	struct str stored = rows_bytes(rows, 8, list->arena);
	struct mac mac;
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	mac_destruction(&mac, rows->db, &row);
	if (!mac_check(&mac, stored))
		return db_not_authentic("destructions", id_str(&row.id));
	*(struct destruction *)item = row;
	return OK;
}

enum err destructions_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
			   struct destruction **ret)
{
	struct list list = {
		.arena = arena, .read = read_destruction, .item_bytes = sizeof(struct destruction)};
	TRY(db_list_step(db, &list,
			 "SELECT " DESTRUCTION_COLUMNS
			 " FROM destructions WHERE id > ?1 ORDER BY id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}

enum err destructions_of_message(struct db *db, struct arena *arena, const struct id *message_id,
				 struct destruction **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_destruction, .item_bytes = sizeof(struct destruction)};
	TRY(db_list(db, &list,
		    "SELECT " DESTRUCTION_COLUMNS
		    " FROM destructions WHERE message_id = ?1 ORDER BY id",
		    PARAMS(P_ID(message_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
