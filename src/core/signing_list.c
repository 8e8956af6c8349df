#include "core/signing_list.h"

#include "base/limits.h"
#include "core/mailbox.h"
#include "core/session.h"

static enum signings_which which_of(enum signing_shelf shelf)
{
	static const enum signings_which of[] = {
		[SIGNING_SHELF_ALL] = SIGNINGS_ALL,
		[SIGNING_SHELF_MINE] = SIGNINGS_TO_SIGN,
		[SIGNING_SHELF_WAITING] = SIGNINGS_WAITING,
		[SIGNING_SHELF_FINISHED] = SIGNINGS_FINISHED,
	};
	return of[shelf];
}

static void count_people(struct cx *cx, const struct signing *signing,
			 const struct signing_person *people, struct signing_row *row)
{
	row->signer_count = signing->signer_count;
	for (int64_t i = 0; i < signing->signer_count; i++) {
		row->signed_count += people[i].state == SIGNER_SIGNED;
		if (id_eq(&people[i].user_id, &cx->session->user.id))
			row->my_state = people[i].state;
	}
}

static enum err read_signing(struct cx *cx, struct db *db, struct signing_row *row)
{
	struct signing signing;
	struct signing_person *people;
	TRY(signings_get(db, cx->arena, &row->message_id, &signing));
	TRY(signing_people_of(db, cx->arena, &signing, &people));
	row->state = signing.state;
	row->deadline_ms = signing.deadline_ms;
	row->ended_ms = signing.ended_ms;
	count_people(cx, &signing, people, row);
	return OK;
}

/* What fails its check stands in the list, and says nothing. */
static enum err read_signings(struct cx *cx, enum signing_shelf shelf, const struct id *before,
			      int64_t limit, struct signing_row **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct id *ids;
	size_t count;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signings_of_user(db, cx->arena, &cx->session->user.id, which_of(shelf), before, limit,
			     &ids, &count));
	struct signing_row *rows = ARENA_ARRAY(cx->arena, count + 1, struct signing_row);
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		rows[i].message_id = ids[i];
		enum err err = read_signing(cx, db, &rows[i]);
		rows[i].is_unreadable = err == ERR_CORRUPT;
		if (err != OK && err != ERR_CORRUPT)
			return err;
	}
	*ret = rows;
	*ret_count = count;
	return OK;
}

/* ret_is_there: false: it was recalled, or deleted by the reader. */
static enum err read_message(struct cx *cx, struct signing_row *row, bool *ret_is_there)
{
	struct message_row message;
	enum err err = mailbox_row(cx, &row->message_id, &message);
	*ret_is_there = err == OK && (message.is_mine || message.ended == DELIVERY_LIVE);
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	row->subject = message.subject;
	row->is_unreadable |= message.is_unreadable;
	row->is_mine = message.is_mine;
	row->sender = message.sender_name;
	row->people = message.people;
	row->people_more = message.people_more;
	row->sent_ms = message.sent_ms;
	return OK;
}

enum err signing_list(struct cx *cx, enum signing_shelf shelf, struct str cursor, int64_t limit,
		      struct signing_list *ret)
{
	struct signing_row *rows;
	size_t count;
	struct id before = {.text = ""};
	struct signing_list list = {.count = 0};
	if (limit < 1 || limit > LIMIT_PAGE_ROWS ||
	    (cursor.len > 0 && id_parse(cursor, &before) != OK))
		return ERR_INVALID;
	TRY(read_signings(cx, shelf, &before, limit + 1, &rows, &count));
	bool has_more = count > (size_t)limit;
	if (has_more)
		list.next_cursor = arena_copy(cx->arena, id_str(&rows[limit - 1].message_id));
	list.rows = rows;
	for (size_t i = 0; i < count - has_more; i++) {
		bool is_there;
		struct signing_row row = rows[i];
		TRY(read_message(cx, &row, &is_there));
		if (is_there)
			rows[list.count++] = row;
	}
	*ret = list;
	return OK;
}

enum err signing_count(struct cx *cx, struct signing_counts *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct signing_counts counts = {.mine = 0};
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signings_count_to_sign(db, &cx->session->user.id, &counts.mine));
	TRY(signings_has_any(db, &cx->session->user.id, &counts.has_any));
	*ret = counts;
	return OK;
}
