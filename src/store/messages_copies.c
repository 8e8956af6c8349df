/* Messages as one reader has them: one, a conversation, lists. */
#include "store/db_list.h"
#include "store/messages_read.h"
#include "store/signings.h"

#define COPY_COLUMNS MESSAGES_COLUMNS ", " DELIVERIES_COLUMNS ", " USERS_COLUMNS
enum { COPY_COLUMN_COUNT = MESSAGES_COLUMN_COUNT + DELIVERIES_COLUMN_COUNT + USERS_COLUMN_COUNT };

/* Few people write most of what somebody gets, and within one statement their row is the same: an
 * authentic one is not read and checked again. `before` holds the last `count` copies. */
static enum err read_sender(struct rows *rows, struct arena *arena,
			    const struct message_copy *before, size_t count,
			    struct message_copy *ret)
{
	enum { SENDERS_REMEMBERED = 8 };
	const int column = MESSAGES_COLUMN_COUNT + DELIVERIES_COLUMN_COUNT;
	struct id id = rows_id(rows, column);
	for (size_t i = count; i > 0 && count - i < SENDERS_REMEMBERED; i--) {
		const struct message_copy *copy = &before[i - 1];
		if (copy->is_authentic && id_eq(&copy->sender.id, &id)) {
			ret->sender = copy->sender;
			return OK;
		}
	}
	return users_read(rows, column, arena, &ret->sender);
}

static void check_body(struct message_copy *copy)
{
	if (!messages_has_its_body(&copy->message))
		copy->is_authentic = db_not_authentic("messages", id_str(&copy->message.id)) == OK;
}

/* Null: it was not asked for. */
static void read_body(struct rows *rows, struct arena *arena, int column, struct message_copy *ret)
{
	if (rows_is_null(rows, column))
		return;
	ret->message.body = rows_bytes(rows, column, arena);
	ret->body_bytes = (int64_t)ret->message.body.len;
	if (!arena->failed)
		check_body(ret);
}

/* A bad row does not hide the others: it is marked. */
static void read_copy(struct list *list, struct rows *rows, struct message_copy *ret)
{
	struct arena *arena = list->arena;
	enum err message = messages_read(rows, 0, arena, &ret->message);
	enum err delivery = deliveries_read(rows, MESSAGES_COLUMN_COUNT, arena, &ret->delivery);
	enum err sender = read_sender(rows, arena, list->items, list->page.count, ret);
	ret->is_authentic = message == OK && delivery == OK && sender == OK;
}

static enum err read_head(struct list *list, struct rows *rows, void *item)
{
	read_copy(list, rows, item);
	return OK;
}

static enum err read_top(struct list *list, struct rows *rows, void *item)
{
	struct message_copy *copy = item;
	read_copy(list, rows, copy);
	copy->beside = rows_int(rows, COPY_COLUMN_COUNT);
	copy->is_any_unread = rows_int(rows, COPY_COLUMN_COUNT + 1) != 0;
	return OK;
}

static enum err read_whole(struct list *list, struct rows *rows, void *item)
{
	read_copy(list, rows, item);
	read_body(rows, list->arena, COPY_COLUMN_COUNT, item);
	return OK;
}

/* Of few messages: each is a look of its own. */
static enum err add_signings(struct db *db, struct arena *arena, struct message_copy *copies,
			     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct signing signing;
		if (!copies[i].is_authentic || !(copies[i].message.options & OPTION_SIGNING))
			continue;
		enum err err = signings_get(db, arena, &copies[i].message.id, &signing);
		if (err == OK)
			copies[i].signing_state = signing.state;
		else if (err != ERR_NOT_FOUND && err != ERR_CORRUPT)
			return err;
	}
	return OK;
}

static enum err list_copies(struct db *db, struct list *list, const char *sql,
			    const struct param *params, size_t count, struct message_copy **ret,
			    size_t *ret_count)
{
	list->item_bytes = sizeof(struct message_copy);
	TRY(db_list(db, list, sql, params, count));
	*ret = list->items;
	*ret_count = list->page.count;
	return add_signings(db, list->arena, *ret, *ret_count);
}

/* For a cursor that is empty: above every id, in any collation. */
static struct str below(const struct id *before)
{
	return id_is_empty(before) ? STR("ZZZZZZZZZZZZZZZZZZZZZZZZZZ") : id_str(before);
}

/* CAST: SQLite compares a bare parameter with the conditions of partial indexes, and then prepares
 * the statement anew for every value. */
enum err messages_in_box(struct db *db, struct arena *arena, const struct id *user_id, enum box box,
			 const struct id *before, int64_t limit, struct message_copy **ret,
			 size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_head, .room = (size_t)limit};
	return list_copies(db, &list,
			   "SELECT " COPY_COLUMNS
			   " FROM deliveries d JOIN messages m ON m.id = d.message_id "
			   "JOIN users u ON u.id = m.sender_id WHERE d.user_id = ?1 AND d.box = "
			   "CAST(?2 AS BIGINT) AND "
			   "d.message_id < ?3 ORDER BY d.message_id DESC LIMIT ?4",
			   PARAMS(P_ID(user_id), P_INT(box), P_TEXT(below(before)), P_INT(limit)),
			   ret, ret_count);
}

enum err messages_exchanged(struct db *db, struct arena *arena, const struct id *user_id,
			    const struct id *other_id, const struct id *before, int64_t limit,
			    struct message_copy **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_head, .room = (size_t)limit};
	bool is_low = str_compare(id_str(user_id), id_str(other_id)) < 0;
	return list_copies(
		db, &list,
		"SELECT " COPY_COLUMNS " FROM exchanges e JOIN deliveries d ON d.message_id = "
		"e.message_id AND d.user_id = ?1 AND d.box IN (1, 2, 3) "
		"JOIN messages m ON m.id = d.message_id JOIN users u ON u.id = m.sender_id "
		"WHERE e.low_id = ?2 AND e.high_id = ?3 AND e.message_id < ?4 "
		"ORDER BY e.message_id DESC LIMIT ?5",
		PARAMS(P_ID(user_id), P_ID(is_low ? user_id : other_id),
		       P_ID(is_low ? other_id : user_id), P_TEXT(below(before)), P_INT(limit)),
		ret, ret_count);
}

enum err messages_with_label(struct db *db, struct arena *arena, const struct id *user_id,
			     const struct id *label_id, const struct id *before, int64_t limit,
			     struct message_copy **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_head, .room = (size_t)limit};
	return list_copies(
		db, &list,
		"SELECT " COPY_COLUMNS " FROM delivery_labels s JOIN deliveries d ON d.message_id "
		"= s.message_id AND d.user_id = s.user_id AND d.box IN (1, 2, 3) "
		"JOIN messages m ON m.id = s.message_id JOIN users u ON u.id = m.sender_id "
		"WHERE s.user_id = ?1 AND s.label_id = ?2 AND s.message_id < ?3 "
		"ORDER BY s.message_id DESC LIMIT ?4",
		PARAMS(P_ID(user_id), P_ID(label_id), P_TEXT(below(before)), P_INT(limit)), ret,
		ret_count);
}

/* With only the first message of a conversation in the box, the top is that one. CROSS JOIN: as in
 * deliveries_tops.c. */
#define BESIDE(what, alone)                                                                        \
	", CASE WHEN m.id = m.conversation_id THEN " alone " ELSE (SELECT " what                   \
	" FROM messages n CROSS JOIN deliveries e WHERE e.message_id = n.id AND "                  \
	"e.user_id = ?1 AND n.conversation_id = m.conversation_id AND e.box = CAST(?2 AS "         \
	"BIGINT)) END"

enum err messages_tops_in_box(struct db *db, struct arena *arena, const struct id *user_id,
			      enum box box, const struct id *before, int64_t limit,
			      struct message_copy **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_top, .room = (size_t)limit};
	return list_copies(
		db, &list,
		"SELECT " COPY_COLUMNS BESIDE("COUNT(*)", "1") BESIDE(
			"MAX(e.is_unread)",
			"d.is_unread") " FROM deliveries d JOIN messages m ON m.id = d.message_id "
				       "JOIN users u ON u.id = m.sender_id WHERE d.user_id = ?1 "
				       "AND d.box = CAST(?2 AS BIGINT) AND "
				       "d.is_top = 1 AND d.message_id < ?3 ORDER BY d.message_id "
				       "DESC LIMIT ?4",
		PARAMS(P_ID(user_id), P_INT(box), P_TEXT(below(before)), P_INT(limit)), ret,
		ret_count);
}

enum err messages_count_unread(struct db *db, const struct id *user_id, int64_t *ret)
{
	return db_select_number(
		db,
		"SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE user_id = ?1 AND "
		"is_unread = 1 AND box = 1 LIMIT 100) AS unread",
		PARAMS(P_ID(user_id)), ret);
}

enum err messages_get(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct id *message_id, struct message_copy *ret)
{
	struct list list = {.arena = arena, .read = read_whole, .room = 1};
	struct message_copy *found;
	size_t count;
	TRY(list_copies(
		db, &list,
		"SELECT " COPY_COLUMNS
		", m.body FROM deliveries d JOIN messages m ON m.id = d.message_id "
		"JOIN users u ON u.id = m.sender_id WHERE d.message_id = ?2 AND d.user_id = ?1 "
		"AND d.box <> 5",
		PARAMS(P_ID(user_id), P_ID(message_id)), &found, &count));
	if (count == 0)
		return ERR_NOT_FOUND;
	*ret = found[0];
	return OK;
}

enum err messages_get_head(struct db *db, struct arena *arena, const struct id *user_id,
			   const struct id *message_id, struct message_copy *ret)
{
	struct list list = {.arena = arena, .read = read_head, .room = 1};
	struct message_copy *found;
	size_t count;
	TRY(list_copies(db, &list,
			"SELECT " COPY_COLUMNS
			" FROM deliveries d JOIN messages m ON m.id = d.message_id "
			"JOIN users u ON u.id = m.sender_id WHERE d.message_id = ?2 AND "
			"d.user_id = ?1 AND d.box <> 5",
			PARAMS(P_ID(user_id), P_ID(message_id)), &found, &count));
	if (count == 0)
		return ERR_NOT_FOUND;
	*ret = found[0];
	return OK;
}

/* Without the sender. */
static enum err read_of_conversation(struct list *list, struct rows *rows, void *item)
{
	struct message_copy *copy = item;
	int column = MESSAGES_COLUMN_COUNT;
	enum err message = messages_read(rows, 0, list->arena, &copy->message);
	enum err delivery = deliveries_read(rows, column, list->arena, &copy->delivery);
	copy->is_authentic = message == OK && delivery == OK;
	column += DELIVERIES_COLUMN_COUNT;
	copy->body_bytes = rows_int(rows, column);
	read_body(rows, list->arena, column + 1, copy);
	return OK;
}

/* Most of a conversation is written by few: they are read by themselves, and once. */
static enum err read_senders(struct db *db, struct arena *arena, struct message_copy *copies,
			     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct message_copy *copy = &copies[i];
		size_t same = 0;
		while (same < i &&
		       !id_eq(&copies[same].message.sender_id, &copy->message.sender_id))
			same++;
		if (same < i) {
			copy->sender = copies[same].sender;
			copy->is_authentic &= !id_is_empty(&copy->sender.id);
			continue;
		}
		enum err err = users_by_id(db, arena, &copy->message.sender_id, &copy->sender);
		if (err != OK && err != ERR_NOT_FOUND && err != ERR_CORRUPT)
			return err;
		if (err != OK)
			copy->sender = (struct user){0};
		copy->is_authentic &= err == OK;
	}
	return OK;
}

/* The length alone does not read the body, on either engine. */
enum err messages_conversation(struct db *db, struct arena *arena, const struct id *user_id,
			       const struct id *message_id, int64_t inline_max_bytes, int64_t limit,
			       struct message_copy **ret, size_t *ret_count)
{
	struct list list = {.arena = arena, .read = read_of_conversation};
	TRY(list_copies(
		db, &list,
		"SELECT " MESSAGES_COLUMNS ", " DELIVERIES_COLUMNS
		", LENGTH(m.body), CASE WHEN LENGTH(m.body) <= ?4 THEN m.body END "
		"FROM messages m JOIN deliveries d ON d.message_id = m.id AND "
		"d.user_id = ?1 AND (d.box < 4 OR (d.box = 4 AND m.id = ?2)) "
		"WHERE m.conversation_id = "
		"(SELECT one.conversation_id FROM messages one JOIN deliveries own ON "
		"own.message_id = one.id AND own.user_id = ?1 AND own.box <> 5 WHERE one.id = ?2) "
		"ORDER BY m.id DESC LIMIT ?3",
		PARAMS(P_ID(user_id), P_ID(message_id), P_INT(limit), P_INT(inline_max_bytes)), ret,
		ret_count));
	return read_senders(db, arena, *ret, *ret_count);
}

enum err messages_load_body(struct db *db, struct arena *arena, struct message_copy *copy)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT body FROM messages WHERE id = ?1",
			  PARAMS(P_ID(&copy->message.id))));
	copy->message.body = rows_bytes(&rows, 0, arena);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	check_body(copy);
	return OK;
}
