/* Files of messages that were sent on: by which message they had come, and what comes of it. */
#include "store/message_files_read.h"
#include "store/messages_read.h"

/* || '': by the source. A file may be in many messages. */
static enum err read_passed_on(struct list *list, struct rows *rows, void *item)
{
	struct message_file file;
	struct message message;
	TRY(message_files_read(rows, 0, list->arena, &file));
	TRY(messages_read(rows, MESSAGE_FILES_COLUMN_COUNT, list->arena, &message));
	*(struct file_passed_on *)item = (struct file_passed_on){
		.message_id = message.id,
		.sender_id = message.sender_id,
	};
	return OK;
}

enum err message_files_passed_on(struct db *db, struct arena *arena, const struct id *message_id,
				 const struct id *file_id, struct file_passed_on **ret,
				 size_t *ret_count)
{
	struct list list = {.arena = arena,
			    .read = read_passed_on,
			    .item_bytes = sizeof(struct file_passed_on)};
	TRY(db_list(db, &list,
		    "SELECT " MESSAGE_FILES_COLUMNS ", " MESSAGES_COLUMNS
		    " FROM message_files f JOIN messages m ON m.id = f.message_id "
		    "WHERE f.source_id = ?1 AND f.source_id <> '' AND f.file_id || '' = ?2 "
		    "ORDER BY f.message_id",
		    PARAMS(P_ID(message_id), P_ID(file_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err message_files_were_sent_on(struct db *db, const struct id *message_id, bool *ret)
{
	int64_t count;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM (SELECT 1 FROM message_files WHERE source_id = "
			     "?1 AND source_id <> '' LIMIT 1) AS one",
			     PARAMS(P_ID(message_id)), &count));
	*ret = count > 0;
	return OK;
}

enum err message_files_sources(struct db *db, struct arena *arena, const struct id *message_id,
			       struct message_source **last)
{
	struct rows rows CLEANUP_ROWS = {0};
	bool has_row;
	TRY(db_select(db, &rows,
		      "SELECT DISTINCT source_id FROM message_files WHERE message_id = ?1 AND "
		      "source_id <> ''",
		      PARAMS(P_ID(message_id))));
	for (;;) {
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			return OK;
		struct message_source *source = ARENA_NEW(arena, struct message_source);
		if (source == NULL)
			return ERR_UNAVAILABLE;
		source->id = rows_id(&rows, 0);
		(*last)->next = source;
		*last = source;
	}
}

static enum err read_expired(struct list *list, struct rows *rows, void *item)
{
	struct message message;
	TRY(messages_read(rows, 0, list->arena, &message));
	*(struct file_passed_on *)item = (struct file_passed_on){
		.message_id = message.id,
		.sender_id = message.sender_id,
	};
	return OK;
}

/* What was sent on is gone through, by an index of its own. */
enum err message_files_expired(struct db *db, struct arena *arena, int64_t now_ms, int64_t limit,
			       struct file_passed_on **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_expired, .item_bytes = sizeof(struct file_passed_on)};
	TRY(db_list(db, &list,
		    "SELECT " MESSAGES_COLUMNS
		    " FROM messages m WHERE m.id IN (SELECT f.source_id FROM message_files f "
		    "JOIN messages s ON s.id = f.source_id JOIN messages p ON p.id = f.message_id "
		    "WHERE f.source_id <> '' AND s.expires_ms > 0 AND s.expires_ms <= ?1 AND "
		    "p.sender_id <> s.sender_id AND EXISTS (SELECT 1 FROM file_deliveries d WHERE "
		    "d.file_id = f.file_id AND d.ended = 0 AND d.message_id = p.id AND "
		    "(LENGTH(d.sealed) > 0 OR LENGTH(d.wrapped) > 0))) ORDER BY m.id LIMIT ?2",
		    PARAMS(P_INT(now_ms), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}
