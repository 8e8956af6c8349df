#include "core/file_recall.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/audit_log.h"
#include "core/file_reach.h"
#include "core/live.h"
#include "core/mailbox_move.h"
#include "core/policy.h"
#include "core/recalling.h"
#include "store/destructions.h"

enum { RECALL_TRIES = 8 };

/* All that is written is found inside the transaction: no key has to be made. */
struct file_recalling {
	struct recalling base;
	struct message_file file;
	struct file_reach reach;
};

/* ---- before the transaction ---- */

static enum err find_file(struct file_recalling *recalling, struct db *db, const struct id *file_id)
{
	const struct recalling *base = &recalling->base;
	struct message_file_copy *copies;
	size_t count;
	TRY(message_files_of(db, base->cx->arena, &base->message.id, &base->message.sender_id,
			     &copies, &count));
	for (size_t i = 0; i < count; i++) {
		if (!id_eq(&copies[i].file.file_id, file_id))
			continue;
		recalling->file = copies[i].file;
		return copies[i].is_authentic ? OK : ERR_CORRUPT;
	}
	return ERR_NOT_FOUND;
}

static enum err read_message(struct file_recalling *recalling, struct cx *cx, const struct id *id,
			     const struct id *file_id, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct recalling *base = &recalling->base;
	struct delivery own;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(recall_read_message(base, cx, db, id, &own));
	TRY(find_file(recalling, db, file_id));
	return recall_choose(base, cx, errors);
}

/* ---- in it ---- */

/* When all this had happened before: the time of the last of it. */
static enum err find_time_before(struct db *db, struct arena *arena,
				 const struct file_recalling *recalling,
				 const struct file_reach_from *from, int64_t *ret_ms)
{
	struct file_holder *holders;
	size_t count;
	*ret_ms = recalling->base.wish->is_whole ? recalling->file.recalled_ms : 0;
	if (*ret_ms > 0)
		return OK;
	TRY(file_deliveries_of_file(db, arena, &recalling->file.message_id,
				    &recalling->file.file_id, &holders, &count));
	for (size_t i = 0; i < count; i++) {
		const struct file_delivery *delivery = &holders[i].delivery;
		if (holders[i].is_authentic && delivery->ended_ms > *ret_ms &&
		    file_reach_includes(from, &delivery->user_id))
			*ret_ms = delivery->ended_ms;
	}
	if (*ret_ms == 0)
		*ret_ms = recalling->base.now_ms;
	return OK;
}

static enum err write_destruction(struct db *db, const struct file_recalling *recalling,
				  bool is_whole)
{
	const struct recalling *base = &recalling->base;
	const struct destruction destruction = {
		.id = id_new(base->now_ms),
		.message_id = base->message.id,
		.user_id = base->message.sender_id,
		.cause = DESTRUCTION_FILE_RECALL,
		.at_ms = base->now_ms,
		.keys = recalling->reach.keys,
		.is_whole = is_whole,
	};
	return destructions_insert(db, &destruction);
}

/* is_whole: nobody has it any more. *ret_is_news: that was not said before. */
static enum err write_whole(struct db *db, const struct file_recalling *recalling, bool is_whole,
			    bool *ret_is_news)
{
	*ret_is_news = recalling->reach.keys > 0;
	if (!is_whole || !(*ret_is_news || recalling->base.wish->is_whole))
		return OK;
	enum err err = message_files_set_recalled(db, &recalling->file, recalling->base.now_ms);
	*ret_is_news = *ret_is_news || err == OK;
	return err == ERR_NOT_FOUND ? OK : err;
}

/* Whose keys went, message by message; or of its own message that nobody has it any more. */
static enum err write_log(struct db *db, const struct file_recalling *recalling, bool is_whole)
{
	const struct recalling *base = &recalling->base;
	const struct audit_act act = {
		.kind = AUDIT_FILE_RECALL,
		.object_id = base->message.id,
		.subject = id_str(&recalling->file.file_id),
		.is_whole = is_whole,
	};
	TRY(file_reach_log(base->cx, db, &recalling->reach));
	bool has_told = !is_whole && recalling->reach.reached_count > 0;
	return has_told ? OK : audit_log(base->cx, db, &act);
}

static enum err write_ends(struct db *db, struct arena *arena, struct file_recalling *recalling)
{
	struct recalling *base = &recalling->base;
	struct file_reach_from from = {.sender_id = base->message.sender_id,
				       .is_whole = base->wish->is_whole};
	struct message_holder *holders;
	bool *is_reached, is_whole, is_news;
	TRY(messages_holders(db, arena, &base->message.id, &holders, &from.count));
	TRY(recall_reach(arena, holders, from.count, &base->from, &is_reached));
	from.holders = holders;
	from.is_reached = is_reached;
	TRY(find_time_before(db, arena, recalling, &from, &base->recalled.recalled_ms));
	TRY(file_reach_end(db, &recalling->reach, &base->message.id, &recalling->file.file_id,
			   &from, &is_whole));
	TRY(write_whole(db, recalling, is_whole, &is_news));
	base->recalled.keys = recalling->reach.keys;
	base->recalled.is_repeat = !is_news;
	if (!is_news)
		return OK;
	base->recalled.recalled_ms = base->now_ms;
	TRY(write_destruction(db, recalling, is_whole));
	return write_log(db, recalling, is_whole);
}

static enum err write_recall(struct db *db, void *argument)
{
	struct file_recalling *recalling = argument;
	struct arena arena CLEANUP_ARENA; /* it may run again */
	arena_init(&arena, LIMIT_RECALL_ARENA);
	recalling->base.recalled = (struct recalled){.keys = 0};
	recalling->reach.reached = NULL;
	recalling->reach.reached_count = 0;
	recalling->reach.keys = 0;
	return write_ends(db, &arena, recalling);
}

/* ---- */

static void tell(struct cx *cx, const struct file_recalling *recalling)
{
	const struct recalling *base = &recalling->base;
	if (base->recalled.is_repeat)
		return;
	file_reach_tell(cx->portal, &recalling->reach);
	live_publish(cx->portal, &base->message.sender_id, LIVE_TRACKED, &base->message.id);
	mailbox_forget(cx);
	log_event(LOG_INFO, "file.keys_destroyed", LOG_CSTR("cause", "recall"),
		  LOG_STR("message", id_str(&base->message.id)),
		  LOG_STR("file", id_str(&recalling->file.file_id)),
		  LOG_STR("user", id_str(&cx->session->user.id)),
		  LOG_INT("keys", base->recalled.keys));
}

static enum err try_recall(struct cx *cx, const struct id *message_id, const struct id *file_id,
			   const struct recall_wish *wish, struct recalled *ret,
			   struct form_errors *errors)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	arena_init(&arena, LIMIT_RECALL_ARENA);
	own.arena = &arena;
	struct file_recalling recalling = {
		.base = {.cx = &own, .wish = wish, .now_ms = cx_now_ms(cx)},
	};
	TRY(read_message(&recalling, cx, message_id, file_id, errors));
	recalling.reach = (struct file_reach){
		.arena = &arena, .now_ms = recalling.base.now_ms, .end = recalling.base.end};
	TRY(store_transact(cx->portal->store, write_recall, &recalling, &arena));
	tell(cx, &recalling);
	*ret = recalling.base.recalled;
	return OK;
}

enum err file_recall(struct cx *cx, const struct id *message_id, const struct id *file_id,
		     const struct recall_wish *wish, struct recalled *ret,
		     struct form_errors *errors)
{
	if (!policy_may(cx, ACT_RECALL))
		return ERR_DENIED;
	TRY(signing_recall_check_file(cx, message_id, errors));
	for (int i = 0; i < RECALL_TRIES; i++) {
		enum err err = try_recall(cx, message_id, file_id, wish, ret, errors);
		if (err != ERR_CONFLICT)
			return err;
	}
	return ERR_BUSY;
}
