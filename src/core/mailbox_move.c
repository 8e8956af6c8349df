#include "core/mailbox_move.h"
#include "core/destroyed_journal.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/download.h"
#include "core/label.h"
#include "core/live.h"

struct change {
	const struct id *user_id;
	const struct id *ids;
	size_t count;
	enum box box;
	bool is_unread;
	int64_t now_ms;
	enum err (*move)(struct db *db, const struct id *user_id, const struct id *message_id,
			 enum box box, int64_t now_ms);
	enum err (*mark)(struct db *db, const struct id *user_id, const struct id *message_id,
			 bool is_unread);
	const struct delivery *deliveries; /* to destroy */
};

static bool is_count_good(size_t count)
{
	return count >= 1 && count <= LIMIT_PAGE_ROWS;
}

static struct change change_of(struct cx *cx, const struct id *ids, size_t count)
{
	return (struct change){
		.user_id = &cx->session->user.id,
		.ids = ids,
		.count = count,
		.now_ms = cx_now_ms(cx),
	};
}

/* Their other windows show it too. */
static void tell(struct cx *cx, const struct change *change)
{
	bool is_one = change->count == 1;
	live_publish(cx->portal, change->user_id, is_one ? LIVE_CHANGED : LIVE_REFRESH,
		     is_one ? &change->ids[0] : &(const struct id){""});
}

static enum err write_move(struct db *db, void *argument)
{
	const struct change *change = argument;
	for (size_t i = 0; i < change->count; i++)
		TRY(change->move(db, change->user_id, &change->ids[i], change->box,
				 change->now_ms));
	return OK;
}

static enum err move(struct cx *cx, struct change change)
{
	if (!is_count_good(change.count) || change.box < BOX_INBOX || change.box > BOX_TRASH)
		return ERR_INVALID;
	TRY(store_transact(cx->portal->store, write_move, &change, NULL));
	tell(cx, &change);
	return OK;
}

enum err mailbox_move(struct cx *cx, const struct id *ids, size_t count, enum box box)
{
	struct change change = change_of(cx, ids, count);
	change.box = box;
	change.move = deliveries_move;
	return move(cx, change);
}

enum err mailbox_move_conversations(struct cx *cx, const struct id *ids, size_t count, enum box box)
{
	struct change change = change_of(cx, ids, count);
	change.box = box;
	change.move = deliveries_move_beside;
	return move(cx, change);
}

static enum err write_mark(struct db *db, void *argument)
{
	const struct change *change = argument;
	for (size_t i = 0; i < change->count; i++)
		TRY(change->mark(db, change->user_id, &change->ids[i], change->is_unread));
	return OK;
}

static enum err mark(struct cx *cx, struct change change)
{
	if (!is_count_good(change.count))
		return ERR_INVALID;
	TRY(store_transact(cx->portal->store, write_mark, &change, NULL));
	tell(cx, &change);
	return OK;
}

enum err mailbox_mark(struct cx *cx, const struct id *ids, size_t count, bool is_read)
{
	struct change change = change_of(cx, ids, count);
	change.is_unread = !is_read;
	change.mark = deliveries_mark;
	return mark(cx, change);
}

enum err mailbox_mark_conversations(struct cx *cx, const struct id *ids, size_t count, bool is_read)
{
	struct change change = change_of(cx, ids, count);
	change.is_unread = !is_read;
	change.mark = deliveries_mark_beside;
	return mark(cx, change);
}

/* ---- all of it at once ---- */

static enum err write_change(struct db *db, void *argument)
{
	const struct change *change = argument;
	if (change->move)
		TRY(write_move(db, argument));
	return change->mark ? write_mark(db, argument) : OK;
}

enum err mailbox_change(struct cx *cx, const struct id *id, const struct mailbox_change *wish,
			const char *field, struct form_errors *errors)
{
	struct change change = change_of(cx, id, 1);
	if (wish->has_box && (wish->box < BOX_INBOX || wish->box > BOX_TRASH))
		return ERR_INVALID;
	change.box = wish->box;
	change.is_unread = !wish->is_read;
	change.move = wish->has_box ? deliveries_move : NULL;
	change.mark = wish->has_read ? deliveries_mark : NULL;
	if (wish->has_labels)
		TRY(label_set_after(cx, write_change, &change, id, wish->labels, wish->label_count,
				    field, errors));
	else
		TRY(store_transact(cx->portal->store, write_change, &change, NULL));
	if (wish->has_box || wish->has_read)
		tell(cx, &change);
	return OK;
}

/* ---- deleting for ever ---- */

static enum err read_to_destroy(struct cx *cx, const struct change *change,
				struct delivery *deliveries)
{
	struct db *db CLEANUP_READ = NULL;
	bool is_in_trash = true;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < change->count; i++) {
		TRY(deliveries_get(db, cx->arena, change->user_id, &change->ids[i],
				   &deliveries[i]));
		is_in_trash = is_in_trash && deliveries[i].box == BOX_TRASH;
	}
	/* Only now: that one is elsewhere says nothing about another that is not theirs. */
	return is_in_trash ? OK : ERR_CONFLICT;
}

static enum err write_destroy(struct db *db, void *argument)
{
	const struct change *change = argument;
	for (size_t i = 0; i < change->count; i++) {
		const struct delivery *delivery = &change->deliveries[i];
		enum err err = deliveries_destroy(db, delivery, delivery->moved_ms);
		/* Somebody was faster: it is gone already, or was taken back. */
		if (err != ERR_NOT_FOUND)
			TRY(err);
	}
	return OK;
}

/* Whoever downloads something of it goes no further. */
static void end_downloads(struct cx *cx, const struct change *change)
{
	for (size_t i = 0; i < change->count; i++) {
		const struct id *user_id = &change->deliveries[i].user_id;
		if (i == 0 || !id_eq(user_id, &change->deliveries[i - 1].user_id))
			download_check_rights(cx->portal, user_id);
	}
}

/* In one transaction. */
static enum err destroy_deliveries(struct cx *cx, struct change *change)
{
	if (change->count == 0)
		return OK;
	TRY(store_transact(cx->portal->store, write_destroy, change, NULL));
	end_downloads(cx, change);
	return OK;
}

enum err mailbox_destroy(struct cx *cx, const struct id *ids, size_t count)
{
	struct change change = change_of(cx, ids, count);
	if (!is_count_good(count))
		return ERR_INVALID;
	struct delivery *deliveries = ARENA_ARRAY(cx->arena, count, struct delivery);
	if (deliveries == NULL)
		return ERR_UNAVAILABLE;
	TRY(read_to_destroy(cx, &change, deliveries));
	change.deliveries = deliveries;
	TRY(destroy_deliveries(cx, &change));
	mailbox_forget(cx);
	tell(cx, &change);
	log_event(LOG_INFO, "mailbox.destroyed", LOG_STR("user", id_str(change.user_id)),
		  LOG_INT("messages", (int64_t)count));
	return OK;
}

static enum err read_own_trash(struct cx *cx, struct arena *arena, struct change *change)
{
	struct db *db CLEANUP_READ = NULL;
	struct delivery *deliveries;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(deliveries_in_trash_of(db, arena, change->user_id, change->now_ms, LIMIT_SWEEP_ROWS,
				   &deliveries, &change->count));
	change->deliveries = deliveries;
	return OK;
}

/* As many as one transaction should take. */
static enum err destroy_some(struct cx *cx, struct change *change)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	TRY(read_own_trash(cx, &arena, change));
	return destroy_deliveries(cx, change);
}

enum err mailbox_destroy_trash(struct cx *cx, size_t *ret_count)
{
	struct change change = change_of(cx, NULL, 0);
	size_t count = 0;
	enum err err;
	do {
		err = destroy_some(cx, &change);
		count += err == OK ? change.count : 0;
	} while (err == OK && change.count > 0);
	if (count > 0) {
		mailbox_forget(cx);
		log_event(LOG_INFO, "mailbox.destroyed", LOG_STR("user", id_str(change.user_id)),
			  LOG_INT("messages", (int64_t)count));
	}
	*ret_count = count;
	return err;
}

static enum err read_trash(struct cx *cx, struct delivery **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	int64_t before_ms = cx_now_ms(cx) - cx->portal->settings->trash_days * DAY_MS;
	TRY(store_read_begin(cx->portal->store, &db));
	return deliveries_in_trash(db, cx->arena, before_ms, LIMIT_SWEEP_ROWS, ret, ret_count);
}

enum err mailbox_empty_trash(struct cx *cx, size_t *ret_count)
{
	struct change change = {.now_ms = cx_now_ms(cx)};
	struct delivery *deliveries;
	TRY(read_trash(cx, &deliveries, &change.count));
	change.deliveries = deliveries;
	TRY(destroy_deliveries(cx, &change));
	*ret_count = change.count;
	return OK;
}

static enum err write_retired(struct db *db, void *argument)
{
	enum { LONG_AGO_MS = 1 };
	const struct change *change = argument;
	for (size_t i = 0; i < change->count; i++) {
		const struct delivery *delivery = &change->deliveries[i];
		enum err err = deliveries_move(db, &delivery->user_id, &delivery->message_id,
					       BOX_TRASH, LONG_AGO_MS);
		if (err != ERR_NOT_FOUND)
			TRY(err);
	}
	return OK;
}

static enum err read_retired(struct cx *cx, struct change *change)
{
	struct db *db CLEANUP_READ = NULL;
	struct delivery *deliveries;
	struct id first =
		id_first_at(change->now_ms - cx->portal->settings->retention_days * DAY_MS);
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(deliveries_before(db, cx->arena, &first, LIMIT_SWEEP_ROWS, &deliveries,
			      &change->count));
	change->deliveries = deliveries;
	return OK;
}

enum err mailbox_retire(struct cx *cx, size_t *ret_count)
{
	struct change change = {.now_ms = cx_now_ms(cx)};
	*ret_count = 0;
	if (cx->portal->settings->retention_days == 0)
		return OK;
	TRY(read_retired(cx, &change));
	if (change.count == 0)
		return OK;
	TRY(store_transact(cx->portal->store, write_retired, &change, NULL));
	log_event(LOG_INFO, "message.retired", LOG_INT("deliveries", (int64_t)change.count));
	*ret_count = change.count;
	return OK;
}

void mailbox_forget(struct cx *cx)
{
	enum err err = store_forget(cx->portal->store);
	if (err != OK)
		log_event(LOG_WARN, "mailbox.forgotten_later", LOG_CSTR("err", err_name(err)));
	destroyed_journal_flush(cx);
}
