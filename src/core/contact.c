#include "core/contact.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/acquaintance.h"
#include "core/block.h"
#include "core/fold.h"
#include "core/mailbox_read.h"
#include "core/policy.h"
#include "store/contacts.h"

enum { TYPED_MAX_BYTES = 100 };

static bool can_write_to(const struct cx *cx, const struct user *user, enum user_state state)
{
	enum act act =
		user->grade == GRADE_PROFESSIONAL ? ACT_WRITE_TO_PROFESSIONAL : ACT_WRITE_TO_GUEST;
	return state != USER_DISABLED && policy_may(cx, act);
}

static int64_t time_of(const struct id *id)
{
	uint8_t bytes[ID_BYTES];
	int64_t ms = 0;
	if (id_is_empty(id))
		return 0;
	id_to_bytes(id, bytes);
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | bytes[i];
	return ms;
}

static struct contact contact_of(const struct cx *cx, const struct contact_row *row)
{
	const struct user *self = &cx->session->user;
	const struct user *user = &row->user;
	bool is_shut =
		row->is_blocking && self->grade == GRADE_GUEST && user->grade == GRADE_PROFESSIONAL;
	enum user_state state = is_shut ? USER_DISABLED : user->state;
	return (struct contact){
		.id = user->id,
		.name = user_label(user),
		.address = user->address,
		.grade = user->grade,
		.state = state,
		.last_ms = time_of(&row->last_id),
		.is_blocked = row->is_blocked,
		.can_write = can_write_to(cx, user, state),
		.can_block = !row->is_blocked && user->grade == GRADE_GUEST &&
			     policy_may(cx, ACT_BLOCK_GUEST),
		.can_resend_invitation = policy_may_invite_again(cx, user),
	};
}

/* What the setting guest_compose leaves of it. */
static enum err narrow(struct cx *cx, struct db *db, struct contact *contact)
{
	if (!contact->can_write)
		return OK;
	return acquaintance_allows(cx, db, &cx->session->user, &contact->id, &contact->can_write);
}

/* ---- the list ---- */

/* A cursor is the place of the last one: "MESSAGE-PERSON". */
static enum err read_cursor(struct str cursor, struct contact_place *ret)
{
	struct str last;
	if (cursor.len == 0)
		return OK;
	if (!str_next(&cursor, '-', &last))
		return ERR_INVALID;
	TRY(id_parse(last, &ret->last_id));
	return id_parse(cursor, &ret->other_id);
}

static enum err read_typed(struct cx *cx, struct str typed, struct str *ret,
			   struct form_errors *errors)
{
	enum err err = ERR_INVALID;
	typed = str_trim(typed);
	if (typed.len <= TYPED_MAX_BYTES)
		err = fold_text(cx->arena, typed, ret);
	if (err == ERR_INVALID)
		form_error(cx, errors, "q", TEXT_ERROR_PEOPLE_SEARCH_BAD,
			   TEXT_NUMBER("count", TYPED_MAX_BYTES));
	return err;
}

enum err contact_list(struct cx *cx, struct str typed, struct str cursor, int64_t limit,
		      struct contact_list *ret, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	const struct user *self = &cx->session->user;
	struct contact_place from = {0};
	struct contact_rows rows;
	struct contact_list list = {.count = 0};
	struct str folded = STR_NONE;
	if (limit < 1 || limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	TRY(read_cursor(cursor, &from));
	TRY(read_typed(cx, typed, &folded, errors));
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(contacts_page(db, cx->arena, &self->id, folded, &from, LIMIT_PEOPLE_SCAN, limit,
			  &rows));
	list.items = ARENA_ARRAY(cx->arena, rows.count + 1, struct contact);
	if (list.items == NULL)
		return ERR_UNAVAILABLE;
	for (; list.count < rows.count; list.count++) {
		list.items[list.count] = contact_of(cx, &rows.items[list.count]);
		TRY(narrow(cx, db, &list.items[list.count]));
	}
	if (!id_is_empty(&rows.next.last_id))
		list.next_cursor = arena_printf(cx->arena, "%s-%s", rows.next.last_id.text,
						rows.next.other_id.text);
	*ret = list;
	return OK;
}

/* ---- one person ---- */

/* A professional may know of everybody whose address they can type. */
static enum err get_stranger(struct cx *cx, struct db *db, const struct id *id,
			     struct contact_row *ret)
{
	const struct user *self = &cx->session->user;
	if (!policy_may(cx, ACT_WRITE_TO_GUEST))
		return ERR_NOT_FOUND;
	*ret = (struct contact_row){.is_blocking = false};
	TRY(users_by_id(db, cx->arena, id, &ret->user));
	return blocks_exist(db, &self->id, id, &ret->is_blocked);
}

static enum err get_row(struct cx *cx, const struct id *id, struct contact_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	const struct user *self = &cx->session->user;
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	if (id_eq(id, &self->id))
		return ERR_NOT_FOUND;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = contacts_get(db, cx->arena, &self->id, id, ret);
	return err == ERR_NOT_FOUND ? get_stranger(cx, db, id, ret) : err;
}

enum err contact_get(struct cx *cx, const struct id *id, struct contact *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct contact_row row;
	TRY(get_row(cx, id, &row));
	struct contact contact = contact_of(cx, &row);
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(narrow(cx, db, &contact));
	*ret = contact;
	return OK;
}

static enum err read_exchanged(struct cx *cx, const struct id *id, const struct id *before,
			       int64_t limit, struct rewrap *rewrap, struct message_list *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy *copies;
	size_t count;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_exchanged(db, cx->arena, &cx->session->user.id, id, before, limit + 1, &copies,
			       &count));
	return mailbox_read_page(cx, db, copies, count, limit, rewrap, ret);
}

enum err contact_messages(struct cx *cx, const struct id *id, struct str cursor, int64_t limit,
			  struct message_list *ret)
{
	struct contact_row row;
	struct rewrap rewrap = {0};
	struct id before = {0};
	if (limit < 1 || limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	TRY(get_row(cx, id, &row));
	if (cursor.len > 0)
		TRY(id_parse(cursor, &before));
	TRY(read_exchanged(cx, id, &before, limit, &rewrap, ret));
	mailbox_read_finish(cx, &rewrap);
	return OK;
}

/* ---- blocks ---- */

struct blocking {
	struct id user_id, blocked_id;
	int64_t now_ms;
};

static enum err write_block(struct db *db, void *argument)
{
	const struct blocking *blocking = argument;
	return blocks_insert(db, &blocking->user_id, &blocking->blocked_id, blocking->now_ms,
			     LIMIT_BLOCKS);
}

static enum err write_unblock(struct db *db, void *argument)
{
	const struct blocking *blocking = argument;
	return blocks_delete(db, &blocking->user_id, &blocking->blocked_id);
}

static enum err change_block(struct cx *cx, const struct id *id, store_fn *write, const char *event)
{
	struct blocking blocking = {
		.user_id = cx->session->user.id, .blocked_id = *id, .now_ms = cx_now_ms(cx)};
	TRY(store_transact(cx->portal->store, write, &blocking, cx->arena));
	log_event(LOG_INFO, event, LOG_STR("user", id_str(id)),
		  LOG_STR("by", id_str(&blocking.user_id)));
	return OK;
}

enum err contact_block(struct cx *cx, const struct id *id, struct form_errors *errors)
{
	struct contact_row row;
	TRY(get_row(cx, id, &row));
	if (!policy_may(cx, ACT_BLOCK_GUEST))
		return ERR_DENIED;
	if (row.user.grade != GRADE_GUEST) {
		form_error(cx, errors, "", TEXT_ERROR_BLOCK_NOT_GUEST,
			   TEXT_ARG("name", user_label(&row.user)));
		return ERR_INVALID;
	}
	enum err err = change_block(cx, id, write_block, "contact.blocked");
	if (err != ERR_TOO_LARGE)
		return err;
	form_error(cx, errors, "", TEXT_ERROR_BLOCK_LIMIT, TEXT_NUMBER("count", LIMIT_BLOCKS));
	return ERR_INVALID;
}

enum err contact_unblock(struct cx *cx, const struct id *id)
{
	struct contact_row row;
	TRY(get_row(cx, id, &row));
	return change_block(cx, id, write_unblock, "contact.unblocked");
}

enum err contact_blocked(struct cx *cx, struct contact **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	const struct user *self = &cx->session->user;
	struct user *users;
	size_t count;
	int64_t bad;
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(blocks_of_user(db, cx->arena, &self->id, LIMIT_BLOCKS, &users, &count, &bad));
	struct contact *blocked = ARENA_ARRAY(cx->arena, count + 1, struct contact);
	if (blocked == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct contact_row row = {.user = users[i], .is_blocked = true};
		blocked[i] = contact_of(cx, &row);
	}
	*ret = blocked;
	*ret_count = count;
	return OK;
}
