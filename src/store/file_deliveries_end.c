/* The end of rights to files: the key goes, and with the last right of its reader the file goes
 * from their library. */
#include "crypto/digest.h"
#include "store/destroyed.h"
#include "store/files_read.h"
#include "store/message_files_read.h"

enum { ARENA_BYTES = 1 << 20 };

static enum err read_holder(struct list *list, struct rows *rows, void *item)
{
	struct file_holder *holder = item;
	enum err err = file_deliveries_read(rows, 0, list->arena, &holder->delivery);
	holder->is_authentic = err == OK;
	return err == ERR_CORRUPT ? OK : err;
}

/* What nobody may read any more is in no library. What a person uploaded stays in theirs. */
static enum err leave_library(struct db *db, const struct id *user_id, const struct id *file_id)
{
	TRY(db_run(db,
		   "DELETE FROM library WHERE user_id = ?1 AND file_id = ?2 AND NOT EXISTS (SELECT "
		   "1 FROM file_deliveries e WHERE e.user_id = ?1 AND e.file_id = ?2 AND e.ended = "
		   "0) AND NOT EXISTS (SELECT 1 FROM files o WHERE o.id = ?2 AND o.owner_id = ?1 "
		   "AND LENGTH(o.owner_wrapped) > 0)",
		   PARAMS(P_ID(user_id), P_ID(file_id)), NULL));
	return files_loosen(db, file_id);
}

/* One that fails its check only loses the key: what else it says is not made true by that. */
static enum err end_one(struct db *db, const struct file_holder *holder, enum delivery_end end,
			int64_t ended_ms, int64_t *ret_changes)
{
	uint8_t room[DIGEST_BYTES];
	struct file_delivery next = holder->delivery;
	if (!holder->is_authentic)
		return db_run(db,
			      "UPDATE file_deliveries SET sealed = ?4, wrapped = ?4 WHERE "
			      "message_id = ?1 AND user_id = ?2 AND file_id = ?3 AND "
			      "(LENGTH(sealed) > 0 OR LENGTH(wrapped) > 0)",
			      PARAMS(P_ID(&next.message_id), P_ID(&next.user_id),
				     P_ID(&next.file_id), P_BLOB(STR(""))),
			      ret_changes);
	next.sealed = next.wrapped = STR("");
	next.ended = end;
	next.ended_ms = ended_ms;
	TRY(db_run(db,
		   "UPDATE file_deliveries SET sealed = ?4, wrapped = ?4, ended = ?5, ended_ms = "
		   "?6, mac = ?7 WHERE message_id = ?1 AND user_id = ?2 AND file_id = ?3 AND "
		   "ended = 0",
		   PARAMS(P_ID(&next.message_id), P_ID(&next.user_id), P_ID(&next.file_id),
			  P_BLOB(STR("")), P_INT(next.ended), P_INT(next.ended_ms),
			  P_BLOB(file_deliveries_mac(db, &next, room))),
		   ret_changes));
	return leave_library(db, &next.user_id, &next.file_id);
}

/* Those with a key, whatever they say of their end. */
#define OF_READER                                                                                  \
	"SELECT " FILE_DELIVERIES_COLUMNS " FROM file_deliveries d WHERE d.message_id = ?1 AND "   \
	"d.user_id = ?2 AND (d.ended = 0 OR LENGTH(d.sealed) > 0 OR LENGTH(d.wrapped) > 0)"

enum err file_deliveries_end(struct db *db, const struct id *message_id, const struct id *file_id,
			     const struct id *user_id, enum delivery_end end, int64_t ended_ms,
			     int64_t *ret_changes)
{
	struct arena arena CLEANUP_ARENA;
	struct list list = {
		.arena = &arena, .read = read_holder, .item_bytes = sizeof(struct file_holder)};
	int64_t changes = 0;
	arena_init(&arena, ARENA_BYTES);
	TRY(db_list(db, &list, OF_READER " AND d.file_id = ?3",
		    PARAMS(P_ID(message_id), P_ID(user_id), P_ID(file_id))));
	if (list.page.count > 0)
		TRY(end_one(db, list.items, end, ended_ms, &changes));
	*ret_changes = changes;
	const struct file_delivery ended = {.message_id = *message_id,
					    .user_id = *user_id,
					    .file_id = *file_id,
					    .ended = end,
					    .ended_ms = ended_ms};
	return changes > 0 ? destroyed_note_right(db, &ended) : OK;
}

enum err file_deliveries_end_with(struct db *db, const struct id *message_id,
				  const struct id *user_id, enum delivery_end end, int64_t ended_ms)
{
	struct arena arena CLEANUP_ARENA;
	struct list list = {
		.arena = &arena, .read = read_holder, .item_bytes = sizeof(struct file_holder)};
	int64_t changes;
	arena_init(&arena, ARENA_BYTES);
	TRY(db_list(db, &list, OF_READER, PARAMS(P_ID(message_id), P_ID(user_id))));
	const struct file_holder *holders = list.items;
	for (size_t i = 0; i < list.page.count; i++)
		TRY(end_one(db, &holders[i], end, ended_ms, &changes));
	return OK;
}

static enum err read_file_id(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct id *)item = rows_id(rows, 0);
	return OK;
}

enum err file_deliveries_delete_with(struct db *db, const struct id *message_id,
				     const struct id *user_id)
{
	struct arena arena CLEANUP_ARENA;
	struct list list = {.arena = &arena, .read = read_file_id, .item_bytes = sizeof(struct id)};
	arena_init(&arena, ARENA_BYTES);
	TRY(db_list(db, &list,
		    "SELECT file_id FROM file_deliveries WHERE message_id = ?1 AND user_id = ?2",
		    PARAMS(P_ID(message_id), P_ID(user_id))));
	const struct id *file_ids = list.items;
	if (list.page.count == 0)
		return OK;
	TRY(db_run(db, "DELETE FROM file_deliveries WHERE message_id = ?1 AND user_id = ?2",
		   PARAMS(P_ID(message_id), P_ID(user_id)), NULL));
	for (size_t i = 0; i < list.page.count; i++)
		TRY(leave_library(db, user_id, &file_ids[i]));
	return OK;
}

/* ---- planted and changed ones ---- */

static enum err keep_bad(struct list *list, struct rows *rows, void *item)
{
	struct file_delivery delivery;
	if (file_deliveries_read(rows, 0, list->arena, &delivery) != ERR_CORRUPT)
		return ERR_NOT_FOUND; /* left out */
	*(struct str *)item = rows_bytes(rows, FILE_DELIVERIES_COLUMN_COUNT - 1, list->arena);
	return OK;
}

/* Only those that have one. A row without its delivery must not be written twice in a transaction
 * either: PostgreSQL then looks for the delivery. */
#define WITH_KEY " AND (LENGTH(sealed) > 0 OR LENGTH(wrapped) > 0)"

/* By the MAC: whose they are may be no text that could be asked for. */
enum err file_deliveries_wipe_bad(struct db *db, struct arena *arena, const struct id *message_id)
{
	struct list list = {.arena = arena, .read = keep_bad, .item_bytes = sizeof(struct str)};
	TRY(db_list(db, &list,
		    "SELECT " FILE_DELIVERIES_COLUMNS
		    " FROM file_deliveries d WHERE d.message_id = ?1",
		    PARAMS(P_ID(message_id))));
	const struct str *macs = list.items;
	for (size_t i = 0; i < list.page.count; i++)
		TRY(db_run(db,
			   "UPDATE file_deliveries SET sealed = ?3, wrapped = ?3 WHERE message_id "
			   "= ?1 AND mac = ?2" WITH_KEY,
			   PARAMS(P_ID(message_id), P_BLOB(macs[i]), P_BLOB(STR(""))), NULL));
	return db_run(db,
		      "UPDATE file_deliveries SET sealed = ?2, wrapped = ?2 WHERE message_id = ?1 "
		      "AND NOT EXISTS (SELECT 1 FROM deliveries x WHERE x.message_id = ?1 AND "
		      "x.user_id = file_deliveries.user_id)" WITH_KEY,
		      PARAMS(P_ID(message_id), P_BLOB(STR(""))), NULL);
}

enum err file_deliveries_wipe_of(struct db *db, const struct id *message_id,
				 struct str delivery_mac)
{
	return db_run(db,
		      "UPDATE file_deliveries SET sealed = ?3, wrapped = ?3 WHERE message_id = ?1 "
		      "AND user_id IN (SELECT x.user_id FROM deliveries x WHERE x.message_id = ?1 "
		      "AND x.mac = ?2)" WITH_KEY,
		      PARAMS(P_ID(message_id), P_BLOB(delivery_mac), P_BLOB(STR(""))), NULL);
}
