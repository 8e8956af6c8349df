#include "core/recall.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/mailbox_move.h"
#include "core/message_key.h"
#include "core/policy.h"
#include "core/recall_reach.h"
#include "store/destructions.h"
#include "store/mails.h"
#include "store/tracks.h"

#include <stdlib.h>

enum { RECALL_TRIES = 8 };

/* One try: all that its transaction writes is prepared before it. */
struct recalling {
	struct cx *cx; /* with an arena for this try */
	const struct recall_wish *wish;
	struct str reason; /* checked */
	struct message message;
	struct message_holder *holders; /* as they were; those reached have their end prepared */
	size_t count;
	struct id *chosen; /* recalled from these; in the order of their ids */
	size_t chosen_count;
	struct str sealed_reason; /* ciphertext */
	int64_t now_ms;
	/* By the transaction. */
	struct recalled recalled;
};

static enum err check_reason(struct cx *cx, struct str typed, struct str *ret,
			     struct form_errors *errors)
{
	struct str reason = str_trim(typed);
	if (!utf8_is_text(reason))
		form_error(cx, errors, "reason", TEXT_ERROR_RECALL_REASON_UNREADABLE);
	else if (utf8_count(reason) > LIMIT_RECALL_REASON_CHARS)
		form_error(cx, errors, "reason", TEXT_ERROR_RECALL_REASON_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_RECALL_REASON_CHARS));
	else
		*ret = reason;
	return errors->count == 0 ? OK : ERR_INVALID;
}

/* ---- before the transaction ---- */

static const struct message_holder *find_recipient(const struct recalling *recalling,
						   struct str address_key)
{
	for (size_t i = 0; i < recalling->count; i++) {
		const struct message_holder *holder = &recalling->holders[i];
		if (holder->delivery.kind < RECIPIENT_KINDS && holder->is_user_authentic &&
		    str_eq(holder->user.address_key, address_key))
			return holder;
	}
	return NULL;
}

static int compare_ids(const void *left, const void *right)
{
	return str_compare(id_str(left), id_str(right));
}

static enum err choose(struct recalling *recalling, struct cx *cx, struct form_errors *errors)
{
	const struct recall_wish *wish = recalling->wish;
	if (wish->is_whole)
		return OK;
	recalling->chosen = ARENA_ARRAY(recalling->cx->arena, wish->address_count + 1, struct id);
	if (recalling->chosen == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < wish->address_count; i++) {
		struct address address;
		const struct message_holder *holder = NULL;
		enum err err = address_parse(recalling->cx->arena, wish->addresses[i], &address);
		if (err == OK)
			holder = find_recipient(recalling, address.key);
		else if (err != ERR_INVALID)
			return err;
		if (holder == NULL) {
			form_error(cx, errors, "recipients", TEXT_ERROR_RECALL_NOT_RECIPIENT);
			return ERR_INVALID;
		}
		recalling->chosen[recalling->chosen_count++] = holder->delivery.user_id;
	}
	if (recalling->chosen_count == 0) {
		form_error(cx, errors, "recipients", TEXT_ERROR_RECALL_NOBODY);
		return ERR_INVALID;
	}
	qsort(recalling->chosen, recalling->chosen_count, sizeof(struct id), compare_ids);
	return OK;
}

static enum err prepare_end(struct recalling *recalling, const struct secret *notice_key,
			    struct message_holder *holder)
{
	struct delivery *delivery = &holder->delivery;
	delivery->wrapped = delivery->sealed = delivery->notice = STR("");
	delivery->ended = DELIVERY_RECALLED;
	delivery->ended_ms = recalling->now_ms;
	delivery->reason = recalling->sealed_reason;
	/* No notice for whose public key nobody vouches; the key goes all the same. */
	if (!holder->is_user_authentic)
		return OK;
	return message_key_seal_notice(recalling->cx, &delivery->message_id, &holder->user,
				       notice_key, &delivery->sealed);
}

static enum err prepare(struct recalling *recalling, const struct delivery *own)
{
	struct cx *cx = recalling->cx;
	struct secret *key CLEANUP_SECRET = NULL;
	struct secret *notice_key CLEANUP_SECRET = NULL;
	bool *is_reached;
	const struct session *session = cx->session;
	TRY(message_key_open(own, &session->user, session->private_key, session->mailbox_key,
			     &key));
	TRY(message_key_notice(key, &notice_key));
	if (recalling->reason.len > 0)
		TRY(message_key_encrypt(cx, &recalling->message.id, MESSAGE_REASON, key,
					recalling->reason, &recalling->sealed_reason));
	TRY(recall_reach(cx->arena, recalling->holders, recalling->count, recalling->chosen,
			 recalling->chosen_count, recalling->wish->is_whole, &is_reached));
	for (size_t i = 0; i < recalling->count; i++)
		if (is_reached[i])
			TRY(prepare_end(recalling, notice_key, &recalling->holders[i]));
	return OK;
}

static enum err read_message(struct recalling *recalling, struct cx *cx, const struct id *id,
			     struct delivery *ret_own, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct arena *arena = recalling->cx->arena;
	struct message_copy copy;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_get(db, arena, &cx->session->user.id, id, &copy));
	if (!copy.is_authentic)
		return ERR_CORRUPT;
	if (!id_eq(&copy.message.sender_id, &cx->session->user.id))
		return ERR_DENIED;
	TRY(messages_holders(db, arena, id, &recalling->holders, &recalling->count));
	recalling->message = copy.message;
	*ret_own = copy.delivery;
	return choose(recalling, cx, errors);
}

/* ---- in the transaction ---- */

static const struct message_holder *find_prepared(const struct recalling *recalling,
						  const struct message_holder *now)
{
	size_t from = 0, to = recalling->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct message_holder *holder = &recalling->holders[middle];
		int order = str_compare(id_str(&holder->delivery.user_id),
					id_str(&now->delivery.user_id));
		if (order == 0)
			return holder;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static enum err write_track(struct db *db, const struct recalling *recalling,
			    const struct id *user_id)
{
	const struct track track = {
		.message_id = recalling->message.id,
		.user_id = *user_id,
		.kind = TRACK_RECALLED,
		.at_ms = recalling->now_ms,
	};
	return tracks_add(db, &track);
}

/* Whoever got it meanwhile, or has another key pair now, is prepared for in the next try. */
static enum err write_end(struct db *db, struct recalling *recalling,
			  const struct message_holder *now)
{
	const struct message_holder *prepared = find_prepared(recalling, now);
	int64_t mails;
	if (prepared == NULL || prepared->delivery.ended != DELIVERY_RECALLED ||
	    prepared->is_user_authentic != now->is_user_authentic ||
	    prepared->user.version != now->user.version)
		return ERR_CONFLICT;
	TRY(deliveries_end(db, &now->delivery, &prepared->delivery));
	TRY(mails_cancel_notification(db, &now->delivery.user_id, &now->delivery.message_id,
				      &mails));
	recalling->recalled.keys++;
	recalling->recalled.mails += mails;
	return write_track(db, recalling, &now->delivery.user_id);
}

static enum err write_destruction(struct db *db, const struct recalling *recalling, bool is_whole)
{
	const struct destruction destruction = {
		.id = id_new(recalling->now_ms),
		.message_id = recalling->message.id,
		.user_id = recalling->message.sender_id,
		.cause = DESTRUCTION_RECALL,
		.at_ms = recalling->now_ms,
		.keys = recalling->recalled.keys,
		.mails = recalling->recalled.mails,
		.is_whole = is_whole,
	};
	return destructions_insert(db, &destruction);
}

/* When all this had happened before: the time of the last of it. */
static int64_t time_before(const struct recalling *recalling, const struct message_holder *holders,
			   const bool *is_reached, size_t count)
{
	int64_t last_ms = 0;
	if (recalling->wish->is_whole && recalling->message.recalled_ms > 0)
		return recalling->message.recalled_ms;
	for (size_t i = 0; i < count; i++) {
		if (is_reached[i] && holders[i].delivery.ended_ms > last_ms)
			last_ms = holders[i].delivery.ended_ms;
	}
	return last_ms > 0 ? last_ms : recalling->now_ms;
}

/* is_whole: nobody has it any more. */
static enum err write_entry(struct db *db, struct recalling *recalling, bool is_whole)
{
	bool is_news = recalling->recalled.keys > 0;
	if (is_whole && (is_news || recalling->wish->is_whole)) {
		enum err err = messages_set_recalled(db, &recalling->message, recalling->now_ms);
		if (err != OK && err != ERR_NOT_FOUND)
			return err;
		is_news = is_news || err == OK;
	}
	recalling->recalled.is_repeat = !is_news;
	if (!is_news)
		return OK;
	recalling->recalled.recalled_ms = recalling->now_ms;
	return write_destruction(db, recalling, is_whole);
}

static enum err write_recall(struct db *db, void *argument)
{
	struct recalling *recalling = argument;
	struct arena *arena = recalling->cx->arena;
	struct message_holder *holders;
	size_t count;
	bool *is_reached, is_whole = true;
	int64_t bad;
	recalling->recalled = (struct recalled){.keys = 0};
	TRY(messages_holders(db, arena, &recalling->message.id, &holders, &count));
	TRY(recall_reach(arena, holders, count, recalling->chosen, recalling->chosen_count,
			 recalling->wish->is_whole, &is_reached));
	recalling->recalled.recalled_ms = time_before(recalling, holders, is_reached, count);
	for (size_t i = 0; i < count; i++) {
		if (!recall_reach_is_live(&holders[i].delivery))
			continue;
		if (is_reached[i])
			TRY(write_end(db, recalling, &holders[i]));
		else
			is_whole = false;
	}
	TRY(deliveries_wipe_bad(db, arena, &recalling->message.id, &bad));
	recalling->recalled.keys += bad;
	return write_entry(db, recalling, is_whole);
}

/* ---- */

static enum err try_recall(struct cx *cx, const struct id *id, const struct recall_wish *wish,
			   struct str reason, struct recalled *ret, struct form_errors *errors)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	struct delivery delivery;
	arena_init(&arena, LIMIT_RECALL_ARENA);
	own.arena = &arena;
	struct recalling recalling = {
		.cx = &own, .wish = wish, .reason = reason, .now_ms = cx_now_ms(cx)};
	TRY(read_message(&recalling, cx, id, &delivery, errors));
	TRY(prepare(&recalling, &delivery));
	TRY(store_transact(cx->portal->store, write_recall, &recalling, &arena));
	*ret = recalling.recalled;
	return OK;
}

static void tell(struct cx *cx, const struct id *id, const struct recalled *recalled)
{
	if (recalled->is_repeat)
		return;
	mailbox_forget(cx);
	log_event(LOG_INFO, "message.keys_destroyed", LOG_CSTR("cause", "recall"),
		  LOG_STR("message", id_str(id)), LOG_STR("user", id_str(&cx->session->user.id)),
		  LOG_INT("keys", recalled->keys), LOG_INT("mails", recalled->mails));
}

enum err recall_message(struct cx *cx, const struct id *id, const struct recall_wish *wish,
			struct recalled *ret, struct form_errors *errors)
{
	struct str reason;
	if (!policy_allows(&cx->session->user, ACT_RECALL))
		return ERR_DENIED;
	TRY(check_reason(cx, wish->reason, &reason, errors));
	/* A conflict means that somebody forwarded it, or registered, meanwhile: look again. */
	for (int i = 0; i < RECALL_TRIES; i++) {
		enum err err = try_recall(cx, id, wish, reason, ret, errors);
		if (err == OK)
			tell(cx, id, ret);
		if (err != ERR_CONFLICT)
			return err;
	}
	return ERR_BUSY;
}
