/* Table signing_files. */
#include "store/files_read.h"
#include "store/signings.h"

static void mac_file(struct mac *mac, const struct db *db, const struct signing_file *file)
{
	mac_begin(mac, db_row_key(db), "signing_files");
	mac_str(mac, id_str(&file->message_id));
	mac_int(mac, file->position);
	mac_str(mac, id_str(&file->original_id));
	mac_str(mac, id_str(&file->file_id));
	mac_int(mac, file->revision);
	mac_str(mac, file->key);
	mac_str(mac, file->head);
}

/* A file that is ready; and it counts as sent, as do those of messages. */
static enum err use_file(struct db *db, const struct id *file_id)
{
	int64_t changes;
	TRY(db_run(db, "UPDATE files SET is_sent = 1 WHERE id = ?1 AND state = 2",
		   PARAMS(P_ID(file_id)), &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err signing_files_insert(struct db *db, const struct signing_file *file)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	TRY(use_file(db, &file->file_id));
	TRY(use_file(db, &file->original_id));
	mac_file(&mac, db, file);
	mac_end(&mac, row_mac);
	return db_run(db,
		      "INSERT INTO signing_files (message_id, position, original_id, file_id, "
		      "revision, wrapped, head, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		      PARAMS(P_ID(&file->message_id), P_INT(file->position),
			     P_ID(&file->original_id), P_ID(&file->file_id), P_INT(file->revision),
			     P_BLOB(file->key), P_BLOB(file->head),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

static enum err read_file(struct list *list, struct rows *rows, void *item)
{
	struct signing_file file = {
		.message_id = rows_id(rows, 0),
		.position = rows_int(rows, 1),
		.original_id = rows_id(rows, 2),
		.file_id = rows_id(rows, 3),
		.revision = rows_int(rows, 4),
		.key = rows_bytes(rows, 5, list->arena),
		.head = rows_bytes(rows, 6, list->arena),
	};
	struct str stored = rows_bytes(rows, 7, list->arena);
	struct mac mac;
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	mac_file(&mac, rows->db, &file);
	if (!mac_check(&mac, stored))
		return db_not_authentic("signing_files", id_str(&file.message_id));
	*(struct signing_file *)item = file;
	return OK;
}

enum err signing_files_of(struct db *db, struct arena *arena, const struct signing *signing,
			  struct signing_file **ret)
{
	struct list list = {
		.arena = arena, .read = read_file, .item_bytes = sizeof(struct signing_file)};
	TRY(db_list(db, &list,
		    "SELECT message_id, position, original_id, file_id, revision, wrapped, head, "
		    "mac FROM signing_files WHERE message_id = ?1 ORDER BY position",
		    PARAMS(P_ID(&signing->message_id))));
	if (list.page.bad > 0)
		return ERR_CORRUPT;
	if ((int64_t)list.page.count != signing->document_count)
		return db_not_authentic("signing_files", id_str(&signing->message_id));
	*ret = list.items;
	return OK;
}

enum err signing_files_replace(struct db *db, const struct signing_file *old,
			       const struct signing_file *next)
{
	struct signing_file changed = *old;
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	changed.file_id = next->file_id;
	changed.revision = next->revision;
	changed.key = next->key;
	changed.head = next->head;
	TRY(use_file(db, &changed.file_id));
	mac_file(&mac, db, &changed);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "UPDATE signing_files SET file_id = ?3, revision = ?4, wrapped = ?5, head = ?6, "
		   "mac = ?7 WHERE message_id = ?1 AND position = ?2 AND revision = ?8",
		   PARAMS(P_ID(&old->message_id), P_INT(old->position), P_ID(&changed.file_id),
			  P_INT(changed.revision), P_BLOB(changed.key), P_BLOB(changed.head),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac))), P_INT(old->revision)),
		   &changes));
	return changes == 1 ? files_loosen(db, &old->file_id) : ERR_CONFLICT;
}
