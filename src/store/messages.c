#include "store/db_list.h"
#include "store/destroyed.h"
#include "store/messages_read.h"

#include <string.h>

static void mac_message(struct mac *mac, const struct db *db, const struct message *message)
{
	bool is_plain = message->options == 0 && message->expires_ms == 0 &&
			message->recalled_ms == 0 && id_is_empty(&message->forward_of);
	mac_begin(mac, db_row_key(db),
		  message->has_folded ? "messages.3"
		  : is_plain          ? "messages"
				      : "messages.2");
	mac_str(mac, id_str(&message->id));
	mac_str(mac, id_str(&message->conversation_id));
	mac_str(mac, id_str(&message->parent_id));
	mac_str(mac, id_str(&message->sender_id));
	mac_int(mac, message->sent_ms);
	mac_str(mac, message->subject);
	mac_str(mac, str_bytes(message->body_hash, sizeof(message->body_hash)));
	if (message->has_folded)
		mac_str(mac, str_bytes(message->folded_hash, sizeof(message->folded_hash)));
	else if (is_plain)
		return;
	mac_int(mac, message->options);
	mac_int(mac, message->expires_ms);
	mac_str(mac, id_str(&message->forward_of));
	mac_int(mac, message->recalled_ms);
}

enum err messages_read(struct rows *rows, int column, struct arena *arena, struct message *ret)
{
	*ret = (struct message){
		.id = rows_id(rows, column),
		.conversation_id = rows_id(rows, column + 1),
		.parent_id = rows_id(rows, column + 2),
		.sender_id = rows_id(rows, column + 3),
		.sent_ms = rows_int(rows, column + 4),
		.subject = rows_bytes(rows, column + 5, arena),
		.options = rows_code(rows, column + 7),
		.expires_ms = rows_int(rows, column + 8),
		.forward_of = rows_id(rows, column + 9),
		.recalled_ms = rows_int(rows, column + 10),
	};
	struct str hash = rows_bytes(rows, column + 6, arena);
	struct str stored = rows_bytes(rows, column + 11, arena);
	struct str folded_hash = rows_bytes(rows, column + 12, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	ret->has_folded = folded_hash.len == sizeof(ret->folded_hash);
	if (ret->has_folded)
		memcpy(ret->folded_hash, folded_hash.data, folded_hash.len);
	if (hash.len == sizeof(ret->body_hash))
		memcpy(ret->body_hash, hash.data, hash.len);
	mac_message(&mac, rows->db, ret);
	bool is_good = hash.len == sizeof(ret->body_hash) && mac_check(&mac, stored);
	return is_good ? OK : db_not_authentic("messages", id_str(&ret->id));
}

bool messages_has_its_body(const struct message *message)
{
	uint8_t hash[DIGEST_BYTES];
	digest(message->body, hash);
	return memcmp(hash, message->body_hash, sizeof(hash)) == 0;
}

static bool is_folded_of(const struct message *message)
{
	uint8_t hash[DIGEST_BYTES];
	digest(message->folded, hash);
	return message->has_folded ? memcmp(hash, message->folded_hash, sizeof(hash)) == 0
				   : message->folded.data == NULL;
}

enum err messages_insert(struct db *db, const struct message *message)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_message(&mac, db, message);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "INSERT INTO messages (id, conversation_id, parent_id, sender_id, sent_ms, "
		   "subject, body, body_hash, options, expires_ms, forward_of, mac, folded_hash) "
		   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
		   PARAMS(P_ID(&message->id), P_ID(&message->conversation_id),
			  P_ID(&message->parent_id), P_ID(&message->sender_id),
			  P_INT(message->sent_ms), P_BLOB(message->subject), P_BLOB(message->body),
			  P_BLOB(str_bytes(message->body_hash, DIGEST_BYTES)),
			  P_INT(message->options), P_INT(message->expires_ms),
			  P_ID(&message->forward_of), P_BLOB(str_bytes(row_mac, sizeof(row_mac))),
			  message->has_folded
				  ? P_BLOB(str_bytes(message->folded_hash, DIGEST_BYTES))
				  : P_NULL),
		   NULL));
	if (!message->has_folded)
		return OK;
	return db_run(db, "INSERT INTO message_texts (message_id, folded) VALUES (?1, ?2)",
		      PARAMS(P_ID(&message->id), P_BLOB(message->folded)), NULL);
}

enum err messages_set_recalled(struct db *db, const struct message *message, int64_t recalled_ms)
{
	struct message next = *message;
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	next.recalled_ms = recalled_ms;
	mac_message(&mac, db, &next);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "UPDATE messages SET recalled_ms = ?2, mac = ?3 WHERE id = ?1 AND "
		   "recalled_ms = 0",
		   PARAMS(P_ID(&next.id), P_INT(recalled_ms),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		   &changes));
	return changes == 1 ? destroyed_note_message(db, message, recalled_ms) : ERR_NOT_FOUND;
}

static enum err read_with_body(struct list *list, struct rows *rows, void *item)
{
	struct message *message = item;
	TRY(messages_read(rows, 0, list->arena, message));
	message->body = rows_bytes(rows, MESSAGES_COLUMN_COUNT, list->arena);
	message->folded = rows_bytes(rows, MESSAGES_COLUMN_COUNT + 1, list->arena);
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	return messages_has_its_body(message) && is_folded_of(message)
		       ? OK
		       : db_not_authentic("messages", id_str(&message->id));
}

enum err messages_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		       struct message **ret)
{
	struct list list = {
		.arena = arena, .read = read_with_body, .item_bytes = sizeof(struct message)};
	TRY(db_list_step(db, &list,
			 "SELECT " MESSAGES_COLUMNS ", m.body, t.folded FROM messages m LEFT JOIN "
			 "message_texts t ON t.message_id = m.id "
			 "WHERE m.id > ?1 ORDER BY m.id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}
