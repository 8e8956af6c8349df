#include "core/recall.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/download.h"
#include "core/live.h"
#include "core/mailbox_move.h"
#include "core/message_key.h"
#include "core/policy.h"
#include "core/recall_reach.h"
#include "core/recalling.h"

#include <stdlib.h>

enum { RECALL_TRIES = 8 };

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

/* From all but those who have signed its documents: they keep it. */
static enum err choose_unsigned(struct recalling *recalling)
{
	struct recall_from *from = &recalling->from;
	from->is_whole = false;
	from->chosen = ARENA_ARRAY(recalling->cx->arena, recalling->count + 1, struct id);
	if (from->chosen == NULL)
		return ERR_UNAVAILABLE;
	/* Holders are in the order of their ids. */
	for (size_t i = 0; i < recalling->count; i++) {
		const struct delivery *delivery = &recalling->holders[i].delivery;
		if (delivery->kind != RECIPIENT_FROM &&
		    !signing_recall_keeps(recalling->signing, &delivery->user_id))
			from->chosen[from->chosen_count++] = delivery->user_id;
	}
	return OK;
}

enum err recall_choose(struct recalling *recalling, struct cx *cx, struct form_errors *errors)
{
	const struct recall_wish *wish = recalling->wish;
	if (wish->is_whole && recalling->signing && recalling->signing->signed_count > 0)
		return choose_unsigned(recalling);
	if (wish->is_whole)
		return OK;
	recalling->from.chosen =
		ARENA_ARRAY(recalling->cx->arena, wish->address_count + 1, struct id);
	if (recalling->from.chosen == NULL)
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
		recalling->from.chosen[recalling->from.chosen_count++] = holder->delivery.user_id;
	}
	if (recalling->from.chosen_count == 0) {
		form_error(cx, errors, "recipients", TEXT_ERROR_RECALL_NOBODY);
		return ERR_INVALID;
	}
	qsort(recalling->from.chosen, recalling->from.chosen_count, sizeof(struct id), compare_ids);
	return OK;
}

static enum err prepare_end(struct recalling *recalling, const struct secret *notice_key,
			    struct message_holder *holder)
{
	struct delivery *delivery = &holder->delivery;
	delivery->wrapped = delivery->sealed = delivery->notice = STR("");
	delivery->ended = recalling->end;
	delivery->ended_ms = recalling->now_ms;
	delivery->reason = recalling->end == DELIVERY_RECALLED ? recalling->sealed_reason : STR("");
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
	TRY(recall_reach(cx->arena, recalling->holders, recalling->count, &recalling->from,
			 &is_reached));
	for (size_t i = 0; i < recalling->count; i++)
		if (is_reached[i])
			TRY(prepare_end(recalling, notice_key, &recalling->holders[i]));
	return OK;
}

enum err recall_read_message(struct recalling *recalling, struct cx *cx, struct db *db,
			     const struct id *id, struct delivery *ret_own)
{
	struct arena *arena = recalling->cx->arena;
	struct message_copy copy;
	TRY(messages_get(db, arena, &cx->session->user.id, id, &copy));
	if (!copy.is_authentic)
		return ERR_CORRUPT;
	if (!id_eq(&copy.message.sender_id, &cx->session->user.id))
		return ERR_DENIED;
	TRY(messages_holders(db, arena, id, &recalling->holders, &recalling->count));
	recalling->message = copy.message;
	bool has_expired =
		copy.message.expires_ms > 0 && copy.message.expires_ms <= recalling->now_ms;
	recalling->end = has_expired ? DELIVERY_EXPIRED : DELIVERY_RECALLED;
	recalling->from.sender_id = copy.message.sender_id;
	recalling->from.is_whole = recalling->wish->is_whole;
	*ret_own = copy.delivery;
	return OK;
}

static enum err read_message(struct recalling *recalling, struct cx *cx, const struct id *id,
			     struct delivery *ret_own, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(recall_read_message(recalling, cx, db, id, ret_own));
	return recall_choose(recalling, cx, errors);
}

/* Open windows blank it at once, downloads are cut. */
static void tell_windows(const struct recalling *recalling)
{
	struct portal *portal = recalling->cx->portal;
	const struct message *message = &recalling->message;
	for (size_t i = 0; i < recalling->count; i++) {
		const struct delivery *delivery = &recalling->holders[i].delivery;
		if (delivery->ended != recalling->end || delivery->ended_ms != recalling->now_ms)
			continue;
		download_check_rights(portal, &delivery->user_id);
		live_publish(portal, &delivery->user_id, LIVE_RECALLED, &message->id);
	}
	file_reach_tell(portal, &recalling->files);
	live_publish(portal, &message->sender_id, LIVE_TRACKED, &message->id);
}

static enum err try_recall(struct cx *cx, const struct id *id, const struct recall_wish *wish,
			   const struct signing_recall *signing, struct str reason,
			   struct recalled *ret, struct form_errors *errors)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	struct delivery delivery;
	arena_init(&arena, LIMIT_RECALL_ARENA);
	own.arena = &arena;
	struct recalling recalling = {.cx = &own,
				      .wish = wish,
				      .signing = signing,
				      .reason = reason,
				      .now_ms = cx_now_ms(cx)};
	TRY(read_message(&recalling, cx, id, &delivery, errors));
	TRY(prepare(&recalling, &delivery));
	TRY(store_transact(cx->portal->store, recall_write, &recalling, &arena));
	*ret = recalling.recalled;
	if (!ret->is_repeat)
		tell_windows(&recalling);
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
	if (!policy_may(cx, ACT_RECALL))
		return ERR_DENIED;
	TRY(check_reason(cx, wish->reason, &reason, errors));
	struct signing_recall signing;
	TRY(signing_recall_begin(cx, id, wish, &signing, errors));
	/* A conflict means that somebody forwarded it, or registered, meanwhile: look again. */
	for (int i = 0; i < RECALL_TRIES; i++) {
		enum err err = try_recall(cx, id, wish, &signing, reason, ret, errors);
		if (err == OK)
			tell(cx, id, ret);
		if (err != ERR_CONFLICT)
			return err;
	}
	return ERR_BUSY;
}
