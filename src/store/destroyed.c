#include "store/destroyed.h"

#include "base/clock.h"
#include "base/encode.h"
#include "store/db_list.h"
#include "store/mails.h"
#include "store/tracks.h"

enum { LINE_ARENA_BYTES = 256 * 1024 };

/* ---- noting ---- */

/* Order does not matter: whatever is done again twice, or in another order, comes to the same. */
static enum err note(struct db *db, struct arena *arena, int64_t at_ms, struct str content)
{
	struct id id = id_new(at_ms);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	return db_run(db, "INSERT INTO destroyed (id, content) VALUES (?1, ?2)",
		      PARAMS(P_ID(&id), P_TEXT(content)), NULL);
}

static struct str bytes_word(struct arena *arena, struct str bytes)
{
	return bytes.len > 0 ? encode_base64url(arena, bytes) : STR("-");
}

enum err destroyed_note_delivery(struct db *db, const struct delivery *ended)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	if (ended->ended != DELIVERY_RECALLED)
		return OK;
	struct str sealed = bytes_word(&arena, ended->sealed);
	struct str reason = bytes_word(&arena, ended->reason);
	return note(db, &arena, ended->ended_ms,
		    arena_printf(&arena, "E %s %s %d %lld %.*s %.*s", ended->message_id.text,
				 ended->user_id.text, (int)ended->ended, (long long)ended->ended_ms,
				 STR_ARGS(sealed), STR_ARGS(reason)));
}

enum err destroyed_note_deleted(struct db *db, const struct delivery *delivery)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	return note(
		db, &arena, clock_now_ms(&clock_system), /* moved_ms: when it went to Trash */
		arena_printf(&arena, "X %s %s", delivery->message_id.text, delivery->user_id.text));
}

enum err destroyed_note_message(struct db *db, const struct message *message, int64_t recalled_ms)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	return note(db, &arena, recalled_ms,
		    arena_printf(&arena, "M %s %s %lld", message->id.text, message->sender_id.text,
				 (long long)recalled_ms));
}

enum err destroyed_note_right(struct db *db, const struct file_delivery *ended)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	if (ended->ended != DELIVERY_RECALLED)
		return OK;
	return note(db, &arena, ended->ended_ms,
		    arena_printf(&arena, "F %s %s %s %d %lld", ended->message_id.text,
				 ended->user_id.text, ended->file_id.text, (int)ended->ended,
				 (long long)ended->ended_ms));
}

enum err destroyed_note_file(struct db *db, const struct message_file *file, int64_t recalled_ms)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	return note(db, &arena, recalled_ms,
		    arena_printf(&arena, "G %s %s %lld", file->message_id.text, file->file_id.text,
				 (long long)recalled_ms));
}

enum err destroyed_note_user(struct db *db, const struct id *user_id)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	return note(db, &arena, clock_now_ms(&clock_system),
		    arena_printf(&arena, "U %s", user_id->text));
}

bool destroyed_is_user(struct str content, struct id *ret)
{
	return content.len > 2 && content.data[0] == 'U' && content.data[1] == ' ' &&
	       id_parse(str_slice(content, 2, content.len), ret) == OK;
}

enum err destroyed_note_person(struct db *db, const struct destroyed_person *person, int64_t at_ms)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	return note(db, &arena, at_ms,
		    arena_printf(&arena, "P %s %d %d %d %lld", person->user_id.text,
				 (int)person->grade, (int)person->role, person->is_enabled,
				 (long long)person->version));
}

enum err destroyed_note_rule(struct db *db, struct str cipher, int64_t at_ms)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	struct str word = bytes_word(&arena, cipher);
	return note(db, &arena, at_ms, arena_printf(&arena, "R %.*s", STR_ARGS(word)));
}

enum err destroyed_note_entry(struct db *db, const struct destruction *entry)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LINE_ARENA_BYTES);
	return note(db, &arena, entry->at_ms,
		    arena_printf(&arena, "D %s %s %s %d %lld %lld %lld %d", entry->id.text,
				 entry->message_id.text, entry->user_id.text, (int)entry->cause,
				 (long long)entry->at_ms, (long long)entry->keys,
				 (long long)entry->mails, entry->is_whole));
}

/* ---- taking them to the journal ---- */

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	*(struct destroyed *)item = (struct destroyed){.id = rows_id(rows, 0),
						       .content = rows_bytes(rows, 1, list->arena)};
	return OK;
}

enum err destroyed_list(struct db *db, struct arena *arena, int64_t limit, struct destroyed **ret,
			size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct destroyed)};
	TRY(db_list(db, &list, "SELECT id, content FROM destroyed ORDER BY id LIMIT ?1",
		    PARAMS(P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err destroyed_delete(struct db *db, const struct destroyed *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		TRY(db_run(db, "DELETE FROM destroyed WHERE id = ?1", PARAMS(P_ID(&items[i].id)),
			   NULL));
	return OK;
}

/* ---- doing it again ---- */

/* The words of a line; the first mistake sticks. */
struct words {
	struct arena *arena;
	struct str rest;
	bool is_bad;
};

static struct str take(struct words *words)
{
	struct str word = STR("");
	if (!str_next(&words->rest, ' ', &word))
		words->is_bad = true;
	return word;
}

static struct id take_id(struct words *words)
{
	struct id id = {.text = ""};
	if (id_parse(take(words), &id) != OK)
		words->is_bad = true;
	return id;
}

static int64_t take_int(struct words *words)
{
	int64_t number = 0;
	if (!str_to_int(take(words), &number))
		words->is_bad = true;
	return number;
}

static struct str take_bytes(struct words *words)
{
	struct str word = take(words), bytes = STR("");
	if (!str_eq(word, STR("-")) && decode_base64url(words->arena, word, &bytes) != OK)
		words->is_bad = true;
	return bytes;
}

static bool is_whole(const struct words *words)
{
	return !words->is_bad && words->rest.len == 0 && !words->arena->failed;
}

static enum err fine_if_missing(enum err err)
{
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err end_delivery(struct db *db, struct words *words, int64_t *ret_keys)
{
	struct delivery *deliveries;
	size_t count;
	int64_t bad, mails;
	struct delivery end = {.message_id = take_id(words), .user_id = take_id(words)};
	end.ended = (enum delivery_end)take_int(words);
	end.ended_ms = take_int(words);
	end.sealed = take_bytes(words);
	end.reason = take_bytes(words);
	if (!is_whole(words) || end.ended != DELIVERY_RECALLED)
		return ERR_INVALID;
	const struct track track = {.message_id = end.message_id,
				    .user_id = end.user_id,
				    .kind = TRACK_RECALLED,
				    .at_ms = end.ended_ms};
	TRY(deliveries_of_message(db, words->arena, &end.message_id, &deliveries, &count, &bad));
	for (size_t i = 0; i < count; i++) {
		struct delivery next = deliveries[i];
		if (!id_eq(&next.user_id, &end.user_id) || next.ended != DELIVERY_LIVE ||
		    next.box == BOX_DESTROYED)
			continue;
		next.sealed = end.sealed;
		next.reason = end.reason;
		next.wrapped = next.notice = STR("");
		next.ended = end.ended;
		next.ended_ms = end.ended_ms;
		TRY(deliveries_end(db, &deliveries[i], &next));
		TRY(mails_cancel_notification(db, &end.user_id, &end.message_id, &mails));
		TRY(tracks_add(db, &track));
		++*ret_keys;
	}
	return OK;
}

static enum err delete_delivery(struct db *db, struct words *words, int64_t now_ms,
				int64_t *ret_keys)
{
	struct id message_id = take_id(words), user_id = take_id(words);
	struct delivery delivery;
	if (!is_whole(words))
		return ERR_INVALID;
	enum err err = deliveries_get(db, words->arena, &user_id, &message_id, &delivery);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		return OK;
	TRY(err);
	if (delivery.box != BOX_TRASH)
		TRY(deliveries_move(db, &user_id, &message_id, BOX_TRASH, now_ms));
	TRY(fine_if_missing(deliveries_destroy(db, &delivery, now_ms)));
	++*ret_keys;
	return OK;
}

static enum err recall_message(struct db *db, struct words *words)
{
	struct id message_id = take_id(words), sender_id = take_id(words);
	int64_t recalled_ms = take_int(words);
	struct message_copy copy;
	if (!is_whole(words))
		return ERR_INVALID;
	enum err err = messages_get_head(db, words->arena, &sender_id, &message_id, &copy);
	if (err == ERR_NOT_FOUND || (err == OK && !copy.is_authentic))
		return OK;
	TRY(err);
	return fine_if_missing(messages_set_recalled(db, &copy.message, recalled_ms));
}

static enum err end_right(struct db *db, struct words *words, int64_t *ret_keys)
{
	struct id message_id = take_id(words), user_id = take_id(words), file_id = take_id(words);
	enum delivery_end end = (enum delivery_end)take_int(words);
	int64_t ended_ms = take_int(words), changes;
	if (!is_whole(words) || end != DELIVERY_RECALLED)
		return ERR_INVALID;
	TRY(file_deliveries_end(db, &message_id, &file_id, &user_id, end, ended_ms, &changes));
	*ret_keys += changes;
	return OK;
}

static enum err recall_file(struct db *db, struct words *words)
{
	struct id message_id = take_id(words), file_id = take_id(words);
	int64_t recalled_ms = take_int(words);
	struct message_file file;
	if (!is_whole(words))
		return ERR_INVALID;
	enum err err = message_files_get(db, words->arena, &message_id, &file_id, &file);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		return OK;
	TRY(err);
	return fine_if_missing(message_files_set_recalled(db, &file, recalled_ms));
}

/* Only of messages that are there: the others were sent after the backup. */
static enum err add_entry(struct db *db, struct words *words)
{
	struct destruction entry = {
		.id = take_id(words), .message_id = take_id(words), .user_id = take_id(words)};
	struct destruction *entries;
	struct delivery *deliveries;
	size_t count;
	int64_t bad;
	entry.cause = (enum destruction_cause)take_int(words);
	entry.at_ms = take_int(words);
	entry.keys = take_int(words);
	entry.mails = take_int(words);
	entry.is_whole = take_int(words) != 0;
	if (!is_whole(words))
		return ERR_INVALID;
	TRY(destructions_of_message(db, words->arena, &entry.message_id, &entries, &count));
	for (size_t i = 0; i < count; i++)
		if (id_eq(&entries[i].id, &entry.id))
			return OK;
	TRY(deliveries_of_message(db, words->arena, &entry.message_id, &deliveries, &count, &bad));
	return count + (size_t)bad > 0 ? destructions_insert(db, &entry) : OK;
}

enum err destroyed_read_person(struct arena *arena, struct str content,
			       struct destroyed_person *ret)
{
	struct words words = {.arena = arena, .rest = content};
	if (!str_eq(take(&words), STR("P")))
		return ERR_NOT_FOUND;
	struct destroyed_person person = {.user_id = take_id(&words)};
	int64_t grade = take_int(&words), role = take_int(&words), is_enabled = take_int(&words);
	person.version = take_int(&words);
	if (!is_whole(&words) || grade < GRADE_GUEST || grade > GRADE_PROFESSIONAL ||
	    role < ROLE_MEMBER || role > ROLE_ADMINISTRATOR || is_enabled < 0 || is_enabled > 1)
		return ERR_INVALID;
	person.grade = (enum grade)grade;
	person.role = (enum role)role;
	person.is_enabled = is_enabled == 1;
	*ret = person;
	return OK;
}

enum err destroyed_read_rule(struct arena *arena, struct str content, struct str *ret_cipher)
{
	struct words words = {.arena = arena, .rest = content};
	if (!str_eq(take(&words), STR("R")))
		return ERR_NOT_FOUND;
	struct str cipher = take_bytes(&words);
	if (!is_whole(&words))
		return ERR_INVALID;
	*ret_cipher = cipher;
	return OK;
}

enum err destroyed_again(struct db *db, struct arena *arena, struct str content, int64_t now_ms,
			 int64_t *ret_keys)
{
	struct words words = {.arena = arena, .rest = content};
	struct str kind = take(&words);
	switch (kind.len == 1 ? kind.data[0] : 0) {
	case 'E': return end_delivery(db, &words, ret_keys);
	case 'X': return delete_delivery(db, &words, now_ms, ret_keys);
	case 'M': return recall_message(db, &words);
	case 'F': return end_right(db, &words, ret_keys);
	case 'G': return recall_file(db, &words);
	case 'D': return add_entry(db, &words);
	default: return ERR_INVALID;
	}
}
