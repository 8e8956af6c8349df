/* The end of deliveries, and what a recall has to know (P4.4). */
#include "store/db_list.h"
#include "store/destroyed.h"
#include "store/message_files.h"
#include "store/messages_read.h"

#include <stdlib.h>

enum err deliveries_end(struct db *db, const struct delivery *old, const struct delivery *next)
{
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	deliveries_mac(db, next, row_mac);
	TRY(db_run(db,
		   "UPDATE deliveries SET sealed = ?3, wrapped = ?4, ended = ?5, ended_ms = ?6, "
		   "reason = ?7, notice = ?8, mac = ?9 "
		   "WHERE message_id = ?1 AND user_id = ?2 AND ended = 0 AND sealed = ?10 AND "
		   "wrapped = ?11",
		   PARAMS(P_ID(&next->message_id), P_ID(&next->user_id), P_BLOB(next->sealed),
			  P_BLOB(next->wrapped), P_INT(next->ended), P_INT(next->ended_ms),
			  P_BLOB(next->reason), P_BLOB(next->notice),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac))), P_BLOB(old->sealed),
			  P_BLOB(old->wrapped)),
		   &changes));
	if (changes != 1)
		return ERR_NOT_FOUND;
	TRY(destroyed_note_delivery(db, next));
	return file_deliveries_end_with(db, &next->message_id, &next->user_id, next->ended,
					next->ended_ms);
}

struct bad_row {
	struct delivery delivery;
	struct str mac; /* as it stands there */
};

static enum err keep_bad(struct list *list, struct rows *rows, void *item)
{
	struct bad_row *bad = item;
	if (deliveries_read(rows, 0, list->arena, &bad->delivery) != ERR_CORRUPT)
		return ERR_NOT_FOUND; /* left out */
	bad->mac = rows_bytes(rows, DELIVERIES_COLUMN_COUNT - 1, list->arena);
	return OK;
}

/* By the MAC: whose key it is may be no text that could be asked for. */
enum err deliveries_wipe_bad(struct db *db, struct arena *arena, const struct id *message_id,
			     int64_t *ret_count)
{
	struct list list = {.arena = arena, .read = keep_bad, .item_bytes = sizeof(struct bad_row)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS " FROM deliveries d WHERE d.message_id = ?1",
		    PARAMS(P_ID(message_id))));
	const struct bad_row *bad = list.items;
	int64_t count = 0, changes;
	TRY(file_deliveries_wipe_bad(db, arena, message_id));
	for (size_t i = 0; i < list.page.count; i++, count += changes) {
		TRY(file_deliveries_wipe_of(db, message_id, bad[i].mac));
		TRY(db_run(db,
			   "UPDATE deliveries SET sealed = ?3, wrapped = ?3, notice = ?3 "
			   "WHERE message_id = ?1 AND mac = ?2 AND (LENGTH(sealed) > 0 OR "
			   "LENGTH(wrapped) > 0 OR LENGTH(notice) > 0)",
			   PARAMS(P_ID(message_id), P_BLOB(bad[i].mac), P_BLOB(STR(""))),
			   &changes));
	}
	*ret_count = count;
	return OK;
}

enum { VIA_COLUMN = DELIVERIES_COLUMN_COUNT + USERS_COLUMN_COUNT };

static int compare_holders(const void *left, const void *right)
{
	const struct message_holder *a = left, *b = right;
	return str_compare(id_str(&a->delivery.user_id), id_str(&b->delivery.user_id));
}

/* Who handed it on; nobody when the row that says so is not authentic. */
static enum err read_via(struct rows *rows, struct arena *arena, struct message_holder *holder)
{
	struct message via;
	if (id_is_empty(&holder->delivery.via))
		return OK;
	enum err err = messages_read(rows, VIA_COLUMN, arena, &via);
	if (err == OK)
		holder->via_sender_id = via.sender_id;
	return err == ERR_CORRUPT ? OK : err;
}

static enum err read_holder(struct list *list, struct rows *rows, void *item)
{
	struct message_holder *holder = item;
	TRY(deliveries_read(rows, 0, list->arena, &holder->delivery));
	TRY(read_via(rows, list->arena, holder));
	/* Who fails their own check loses the key like the others. */
	enum err err = users_read(rows, DELIVERIES_COLUMN_COUNT, list->arena, &holder->user);
	holder->is_user_authentic = err == OK;
	return err == ERR_CORRUPT ? OK : err;
}

enum err messages_holders(struct db *db, struct arena *arena, const struct id *message_id,
			  struct message_holder **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_holder, .item_bytes = sizeof(struct message_holder)};
	TRY(db_list(db, &list,
		    "SELECT " DELIVERIES_COLUMNS ", " USERS_COLUMNS ", " MESSAGES_COLUMNS
		    " FROM deliveries d JOIN users u ON u.id = d.user_id "
		    "LEFT JOIN messages m ON m.id = d.via "
		    "WHERE d.message_id = ?1 AND d.kind <> 0",
		    PARAMS(P_ID(message_id))));
	/* Not in SQL: there the order depends on the collation. */
	if (list.page.count > 1)
		qsort(list.items, list.page.count, list.item_bytes, compare_holders);
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
