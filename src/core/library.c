#include "core/library.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/download.h"
#include "core/file_holding.h"
#include "core/mailbox_read.h"
#include "core/search_fold.h"

#include <string.h>

enum { PAGE_ROWS = 100, WORDS_MAX = 8 };

struct listing {
	struct cx *cx;
	struct db *db;
	struct str words[WORDS_MAX]; /* folded; all must be in the name */
	size_t word_count;
	int64_t limit;
	struct library_list *list;
	struct library_place last; /* looked at */
	int64_t looked_at;
	bool is_over;  /* there is nothing below `last` */
	bool has_more; /* there may be, and it is not asked for now */
};

/* ---- one file ---- */

static enum err count_messages(struct cx *cx, struct db *db, const struct id *file_id, int64_t *ret)
{
	struct id *messages;
	size_t count;
	TRY(message_files_where(db, cx->arena, &cx->session->user.id, file_id,
				LIMIT_LIBRARY_MESSAGES, &messages, &count));
	*ret = (int64_t)count;
	return OK;
}

/* ERR_NOT_FOUND: nothing of it can be shown. */
static enum err read_file(struct cx *cx, struct db *db, const struct library_place *place,
			  struct library_file *ret)
{
	struct file_holding holding;
	struct secret *key CLEANUP_SECRET = NULL;
	struct library_file file = {.id = place->file_id, .added_ms = place->added_ms};
	TRY(file_holding_look(cx, db, &place->file_id, &holding));
	if (!file_holding_is_readable(&holding) || holding.file.state != FILE_READY)
		return ERR_NOT_FOUND;
	TRY(file_holding_open(cx, &holding, &key, &file.head));
	file.is_unreadable = key == NULL;
	file.is_own = holding.is_own;
	file.can_attach = !holding.is_refused;
	if (!file.is_own)
		file.from = user_label(&holding.copy.sender);
	*ret = file;
	return OK;
}

/* ---- the list ---- */

static enum err read_words(struct cx *cx, struct str typed, struct listing *listing,
			   struct form_errors *errors)
{
	struct str folded, word;
	if (typed.len > LIMIT_SEARCH_BYTES || !utf8_is_text(typed)) {
		form_error(cx, errors, "q",
			   typed.len > LIMIT_SEARCH_BYTES ? TEXT_SEARCH_TOO_LONG
							  : TEXT_SEARCH_UNREADABLE,
			   TEXT_NUMBER("count", LIMIT_SEARCH_BYTES / 4));
		return ERR_INVALID;
	}
	TRY(search_fold(cx->arena, typed, &folded));
	while (listing->word_count < WORDS_MAX && str_next(&folded, ' ', &word))
		if (str_trim(word).len > 0)
			listing->words[listing->word_count++] = str_trim(word);
	return OK;
}

static enum err fits(const struct listing *listing, const struct library_file *file, bool *ret)
{
	struct arena arena CLEANUP_ARENA;
	struct str name;
	arena_init(&arena, LIMIT_BODY_SMALL);
	*ret = true;
	if (listing->word_count == 0)
		return OK;
	TRY(search_fold(&arena, file->head.name, &name));
	for (size_t i = 0; i < listing->word_count; i++)
		*ret = *ret && memmem(name.data, name.len, listing->words[i].data,
				      listing->words[i].len) != NULL;
	return OK;
}

/* What is passed over leaves nothing in memory. */
static enum err look_at(struct listing *listing, const struct library_place *place,
			struct library_file *ret, bool *ret_fits)
{
	enum { LOOK_BYTES = 1 << 20 };
	struct arena scratch CLEANUP_ARENA, *arena = listing->cx->arena;
	struct cx cx = *listing->cx;
	arena_init(&scratch, LOOK_BYTES);
	cx.arena = &scratch;
	*ret_fits = false;
	enum err err = read_file(&cx, listing->db, place, ret);
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	TRY(fits(listing, ret, ret_fits));
	if (!*ret_fits)
		return OK;
	ret->head.name = arena_copy(arena, ret->head.name);
	ret->head.type = arena_copy(arena, ret->head.type);
	ret->from = arena_copy(arena, ret->from);
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* One more than asked for tells that there is a next page. */
static enum err look_through(struct listing *listing, const struct library_place *places,
			     size_t count)
{
	struct library_list *list = listing->list;
	for (size_t i = 0; i < count && !listing->has_more; i++) {
		struct library_file *file = &list->files[list->count];
		bool does_fit;
		TRY(look_at(listing, &places[i], file, &does_fit));
		listing->has_more = does_fit && list->count == (size_t)listing->limit;
		if (listing->has_more)
			break;
		listing->last = places[i];
		if (does_fit)
			TRY(count_messages(listing->cx, listing->db, &file->id,
					   &file->message_count));
		list->count += does_fit;
		listing->has_more = ++listing->looked_at == LIMIT_LIBRARY_SCAN;
	}
	listing->is_over = count < PAGE_ROWS;
	return OK;
}

static enum err fill(struct listing *listing)
{
	while (!listing->is_over && !listing->has_more) {
		struct arena arena CLEANUP_ARENA;
		struct library_place *places;
		size_t count;
		arena_init(&arena, LIMIT_BODY_SMALL);
		TRY(library_list(listing->db, &arena, &listing->cx->session->user.id,
				 &listing->last, PAGE_ROWS, &places, &count));
		TRY(look_through(listing, places, count));
	}
	return OK;
}

/* A cursor is the place of the last one looked at: "MILLISECONDS-ID". */
static enum err read_cursor(struct str cursor, struct library_place *ret)
{
	struct str ms;
	*ret = (struct library_place){.added_ms = 0};
	if (cursor.len == 0)
		return OK;
	if (!str_next(&cursor, '-', &ms) || !str_to_int(ms, &ret->added_ms))
		return ERR_INVALID;
	return id_parse(cursor, &ret->file_id);
}

enum err library_list_files(struct cx *cx, struct str typed, struct str cursor, int64_t limit,
			    struct library_list *ret, struct form_errors *errors)
{
	struct library_list list = {.quota_bytes = cx->portal->settings->quota_bytes};
	struct listing listing = {.cx = cx, .limit = limit, .list = &list};
	struct db *db CLEANUP_READ = NULL;
	if (limit < 1 || limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	TRY(read_cursor(cursor, &listing.last));
	TRY(read_words(cx, typed, &listing, errors));
	list.files = ARENA_ARRAY(cx->arena, (size_t)limit + 1, struct library_file);
	if (list.files == NULL)
		return ERR_UNAVAILABLE;
	TRY(store_read_begin(cx->portal->store, &db));
	listing.db = db;
	TRY(fill(&listing));
	TRY(files_used_bytes(db, &cx->session->user.id, &list.used_bytes));
	if (listing.has_more)
		list.next_cursor =
			arena_printf(cx->arena, "%lld-%s", (long long)listing.last.added_ms,
				     listing.last.file_id.text);
	*ret = list;
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

/* ---- where it was sent ---- */

/* Whether the file may be told to have been in it. */
static bool is_shown(struct cx *cx, const struct message_copy *copy)
{
	bool is_mine = id_eq(&copy->message.sender_id, &cx->session->user.id);
	return copy->is_authentic && (is_mine || mailbox_read_allows_body(cx, copy));
}

static enum err read_copies(struct cx *cx, struct db *db, const struct id *file_id,
			    struct message_copy **ret, size_t *ret_count)
{
	const struct id *self = &cx->session->user.id;
	struct id *ids;
	size_t count, kept = 0;
	TRY(message_files_where(db, cx->arena, self, file_id, LIMIT_LIBRARY_MESSAGES, &ids,
				&count));
	struct message_copy *copies = ARENA_ARRAY(cx->arena, count + 1, struct message_copy);
	if (copies == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		enum err err = messages_get_head(db, cx->arena, self, &ids[i], &copies[kept]);
		if (err == ERR_NOT_FOUND)
			continue;
		TRY(err);
		kept += is_shown(cx, &copies[kept]);
	}
	*ret = copies;
	*ret_count = kept;
	return OK;
}

static struct str people_of(struct cx *cx, const struct message_row *row)
{
	if (!row->is_mine)
		return row->sender_name;
	if (row->people_more == 0)
		return row->people;
	return TEXT_FILL(cx->arena, cx->language, TEXT_LIBRARY_PEOPLE_MORE,
			 TEXT_ARG("people", row->people), TEXT_NUMBER("count", row->people_more));
}

static enum err fill_messages(struct cx *cx, struct db *db, struct rewrap *rewrap,
			      struct library_detail *detail)
{
	struct message_copy *copies;
	struct message_row *rows;
	size_t count;
	TRY(read_copies(cx, db, &detail->file.id, &copies, &count));
	TRY(mailbox_read_rows(cx, db, copies, count, rewrap, &rows));
	detail->messages = ARENA_ARRAY(cx->arena, count + 1, struct library_message);
	if (detail->messages == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct message_row *row = &rows[i];
		if (row->is_unreadable)
			continue;
		detail->messages[detail->message_count++] = (struct library_message){
			.id = row->id,
			.subject = row->subject,
			.people = people_of(cx, row),
			.sent_ms = row->sent_ms,
			.is_mine = row->is_mine,
		};
	}
	return OK;
}

static enum err read_detail(struct cx *cx, const struct id *file_id, struct rewrap *rewrap,
			    struct library_detail *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct library_place place = {.file_id = *file_id};
	struct library_detail detail = {.message_count = 0};
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(library_find(db, &cx->session->user.id, file_id, &place.added_ms));
	TRY(read_file(cx, db, &place, &detail.file));
	TRY(fill_messages(cx, db, rewrap, &detail));
	detail.file.message_count = (int64_t)detail.message_count;
	*ret = detail;
	return OK;
}

enum err library_get(struct cx *cx, const struct id *file_id, struct library_detail *ret)
{
	struct rewrap rewrap = {0};
	TRY(read_detail(cx, file_id, &rewrap, ret));
	mailbox_read_finish(cx, &rewrap);
	return OK;
}

/* ---- out of it ---- */

struct removing {
	struct id user_id;
	struct id file_id;
};

static enum err give_up(struct db *db, const struct removing *removing)
{
	struct arena arena CLEANUP_ARENA; /* it may run again */
	struct file file, next;
	bool is_in_message;
	arena_init(&arena, LIMIT_BODY_SMALL);
	TRY(files_get(db, &arena, &removing->file_id, &file));
	if (!id_eq(&file.owner_id, &removing->user_id) || file.owner_wrapped.len == 0)
		return OK;
	TRY(message_files_has(db, &removing->file_id, &is_in_message));
	if (!is_in_message)
		return files_delete(db, &removing->file_id);
	next = file;
	next.owner_wrapped = STR("");
	return files_update(db, &file, &next);
}

static enum err write_removal(struct db *db, void *argument)
{
	const struct removing *removing = argument;
	TRY(library_remove(db, &removing->user_id, &removing->file_id));
	return give_up(db, removing);
}

enum err library_remove_file(struct cx *cx, const struct id *file_id)
{
	struct removing removing = {cx->session->user.id, *file_id};
	TRY(store_transact(cx->portal->store, write_removal, &removing, NULL));
	download_check_rights(cx->portal, &removing.user_id);
	return OK;
}
