#include "core/message.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/fold.h"
#include "core/message_sending.h"
#include "core/outbox_mail.h"
#include "core/policy.h"
#include "core/throttle.h"
#include "crypto/digest.h"

enum { SEND_TRIES = 8 };

/* What the draft answers. */
struct parent {
	struct id conversation_id;
	struct id *people;
	size_t people_count;
};

static enum err load_parent(struct cx *cx, struct db *db, const struct user *sender,
			    const struct id *id, struct parent *ret)
{
	struct message_copy copy;
	if (id_is_empty(id)) {
		*ret = (struct parent){.people = NULL};
		return OK;
	}
	TRY(messages_get(db, cx->arena, &sender->id, id, &copy));
	if (!copy.is_authentic)
		return ERR_CORRUPT;
	ret->conversation_id = copy.message.conversation_id;
	return addressing_people_of(db, cx->arena, sender, &copy.message, &ret->people,
				    &ret->people_count);
}

static enum err resolve(struct cx *cx, const struct draft *draft, struct user *ret_sender,
			struct parent *ret_parent, struct resolved *ret, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_by_id(db, cx->arena, &cx->session->user.id, ret_sender));
	if (!policy_allows(ret_sender, ACT_REPLY))
		return ERR_DENIED;
	TRY(load_parent(cx, db, ret_sender, &draft->reply_to, ret_parent));
	return addressing_resolve(cx, db, ret_sender, draft, ret_parent->people,
				  ret_parent->people_count, ret, errors);
}

enum err message_address(struct cx *cx, const struct draft *draft, struct addressing *ret,
			 struct form_errors *errors)
{
	struct user sender;
	struct parent parent;
	struct resolved resolved = {0};
	enum err err = resolve(cx, draft, &sender, &parent, &resolved, errors);
	*ret = resolved.view;
	return err;
}

/* ---- what was typed ---- */

static struct str with_plain_newlines(struct arena *arena, struct str body)
{
	char *out = arena_alloc(arena, body.len + 1);
	size_t len = 0;
	if (out == NULL)
		return STR_NONE;
	for (size_t i = 0; i < body.len; i++) {
		if (body.data[i] == '\r' && i + 1 < body.len && body.data[i + 1] == '\n')
			continue;
		out[len++] = body.data[i] == '\r' ? '\n' : body.data[i];
	}
	return (struct str){out, len};
}

static enum err check_text(struct cx *cx, const struct draft *draft, struct str *ret_subject,
			   struct str *ret_body, struct form_errors *errors)
{
	struct str subject = str_trim(draft->subject);
	if (!utf8_is_line(subject))
		form_error(cx, errors, "subject", TEXT_ERROR_SUBJECT_UNREADABLE);
	else if (utf8_count(subject) > LIMIT_SUBJECT_CHARS)
		form_error(cx, errors, "subject", TEXT_ERROR_SUBJECT_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_SUBJECT_CHARS));
	if (!utf8_is_text(draft->body))
		form_error(cx, errors, "body", TEXT_ERROR_BODY_UNREADABLE);
	else if (draft->body.len > LIMIT_BODY_BYTES)
		form_error(
			cx, errors, "body", TEXT_ERROR_BODY_TOO_LONG,
			TEXT_ARG("size", format_size(cx->arena, cx->language, LIMIT_BODY_BYTES)));
	else if (str_trim(draft->body).len == 0)
		form_error(cx, errors, "body", TEXT_ERROR_BODY_MISSING);
	if (errors->count > 0)
		return ERR_INVALID;
	*ret_body = with_plain_newlines(cx->arena, draft->body);
	return fold_nfc(cx->arena, subject, ret_subject);
}

/* ---- requests made twice ---- */

/* Keyed by the user's mailbox key: the hash of a short message would tell the message. */
static enum err hash_request(struct cx *cx, const struct draft *draft, struct sending *sending)
{
	uint8_t *hashes = arena_alloc(cx->arena, 2 * DIGEST_BYTES);
	struct mac mac;
	if (hashes == NULL)
		return ERR_UNAVAILABLE;
	digest(draft->idempotency_key, hashes);
	sending->key_hash = str_bytes(hashes, DIGEST_BYTES);
	sending->request_hash = str_bytes(hashes + DIGEST_BYTES, DIGEST_BYTES);
	if (draft->is_sent_by_id) {
		/* Its text is gone once it was sent. */
		mac_begin(&mac, cx->session->mailbox_key, "request.draft");
		mac_str(&mac, id_str(&draft->kept_id));
		mac_end(&mac, hashes + DIGEST_BYTES);
		return OK;
	}
	mac_begin(&mac, cx->session->mailbox_key, "request");
	mac_str(&mac, draft->to);
	mac_str(&mac, draft->cc);
	mac_str(&mac, draft->bcc);
	mac_str(&mac, draft->subject);
	mac_str(&mac, draft->body);
	mac_int(&mac, draft->invite_as);
	mac_int(&mac, (int64_t)draft->choice_count);
	for (size_t i = 0; i < draft->choice_count; i++) {
		mac_str(&mac, draft->choices[i].address);
		mac_int(&mac, draft->choices[i].grade);
	}
	mac_str(&mac, id_str(&draft->reply_to));
	mac_end(&mac, hashes + DIGEST_BYTES);
	return OK;
}

/* What an earlier request with the same key sent, told like the first time. */
static enum err tell_again(struct cx *cx, struct db *db, const struct id *message_id,
			   struct sent *ret)
{
	struct message_copy copy;
	struct message_reader *readers;
	size_t count;
	TRY(messages_get(db, cx->arena, &cx->session->user.id, message_id, &copy));
	if (!copy.is_authentic)
		return ERR_CORRUPT;
	TRY(messages_readers(db, cx->arena, message_id, &readers, &count));
	struct sent sent = {.id = *message_id,
			    .conversation_id = copy.message.conversation_id,
			    .is_repeat = true};
	sent.addressing.items = ARENA_ARRAY(cx->arena, count + 1, struct addressee);
	if (sent.addressing.items == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		sent.addressing.items[sent.addressing.count++] = (struct addressee){
			.address = readers[i].user.address,
			.name = readers[i].user.name,
			.kind = readers[i].delivery.kind,
			.state = readers[i].user.state == USER_INVITED ? ADDRESSEE_PENDING
								       : ADDRESSEE_KNOWN,
			.grade = readers[i].user.grade,
		};
	*ret = sent;
	return OK;
}

/* ERR_NOT_FOUND: a first request. */
static enum err find_repeat(struct cx *cx, const struct sending *sending, struct sent *ret,
			    struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct str request_hash;
	struct id message_id;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(repeats_get(db, cx->arena, &cx->session->user.id, sending->key_hash, &request_hash,
			&message_id));
	if (!digest_eq(request_hash, sending->request_hash)) {
		form_error(cx, errors, "idempotency_key", TEXT_ERROR_IDEMPOTENCY_KEY_REUSED);
		return ERR_INVALID;
	}
	/* Sent it was; that its sender has deleted it for ever since is no reason to send it again.
	 */
	enum err err = tell_again(cx, db, &message_id, ret);
	return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
}

/* What identifies the request, if it has a key. */
static enum err read_key(struct cx *cx, const struct draft *draft, struct sending *ret,
			 struct form_errors *errors)
{
	if (draft->idempotency_key.len > LIMIT_IDEMPOTENCY_KEY_BYTES) {
		form_error(cx, errors, "idempotency_key", TEXT_ERROR_IDEMPOTENCY_KEY_BAD,
			   TEXT_NUMBER("count", LIMIT_IDEMPOTENCY_KEY_BYTES));
		return ERR_INVALID;
	}
	return draft->idempotency_key.len > 0 ? hash_request(cx, draft, ret) : OK;
}

enum err message_sent_before(struct cx *cx, const struct draft *draft, struct sent *ret,
			     struct form_errors *errors)
{
	struct sending sending = {0};
	TRY(read_key(cx, draft, &sending, errors));
	return sending.key_hash.len > 0 ? find_repeat(cx, &sending, ret, errors) : ERR_NOT_FOUND;
}

/* Once for each message, however often it has to be tried. */
static enum err count_sending(struct cx *cx, const struct user *sender, size_t recipients,
			      struct sending *sending, struct form_errors *errors)
{
	const struct settings *settings = &cx->portal->settings;
	struct str id = id_str(&sender->id);
	int64_t messages = sender->grade == GRADE_PROFESSIONAL
				   ? settings->messages_per_hour_professional
				   : settings->messages_per_hour_guest;
	int64_t people = messages * LIMIT_RECIPIENTS_PER_ALLOWED_MESSAGE;
	if (people < LIMIT_RECIPIENTS)
		people = LIMIT_RECIPIENTS;
	if (sending->is_counted)
		return OK;
	enum err err = throttle_take(cx->portal->throttle, "recipients", id, (int64_t)recipients,
				     people, HOUR_MS, cx_now_ms(cx));
	if (err == OK)
		err = throttle_take(cx->portal->throttle, "messages", id, 1, messages, HOUR_MS,
				    cx_now_ms(cx));
	if (err != OK) {
		form_error(cx, errors, "", TEXT_ERROR_TOO_MANY_MESSAGES);
		log_event(LOG_WARN, "message.too_many", LOG_STR("user", id));
		return err;
	}
	sending->is_counted = true;
	return OK;
}

/* A draft without a mistake. */
struct checked {
	struct user sender;
	struct parent parent;
	struct resolved resolved;
	struct str subject, body;
};

/* All mistakes, in the addresses and in the text. */
static enum err check_draft(struct cx *cx, const struct draft *draft, struct checked *ret,
			    struct form_errors *errors)
{
	enum err addressed = resolve(cx, draft, &ret->sender, &ret->parent, &ret->resolved, errors);
	if (addressed != OK && addressed != ERR_INVALID)
		return addressed;
	TRY(check_text(cx, draft, &ret->subject, &ret->body, errors));
	return addressed;
}

enum err message_check(struct cx *cx, const struct draft *draft, struct form_errors *errors)
{
	struct checked checked = {.resolved = {.users = NULL}};
	return check_draft(cx, draft, &checked, errors);
}

static enum err try_send(struct cx *cx, const struct draft *draft, struct sending *sending,
			 struct sent *ret, struct form_errors *errors)
{
	struct checked checked = {.resolved = {.users = NULL}};
	TRY(check_draft(cx, draft, &checked, errors));
	TRY(count_sending(cx, &checked.sender, checked.resolved.view.count, sending, errors));
	sending->sender = &checked.sender;
	TRY(message_sending_prepare(cx, draft, &checked.parent.conversation_id, &checked.resolved,
				    checked.subject, checked.body, sending));
	enum err err = store_transact(cx->portal->store, message_sending_write, sending, cx->arena);
	if (err == ERR_TOO_LARGE) {
		form_error(cx, errors, "to", TEXT_ERROR_SEATS_USED_UP,
			   TEXT_NUMBER("count", cx->portal->settings.seat_limit));
		return ERR_INVALID;
	}
	TRY(err);
	*ret = (struct sent){
		.id = sending->message.id,
		.conversation_id = sending->message.conversation_id,
		.addressing = checked.resolved.view,
	};
	return OK;
}

enum err message_send(struct cx *cx, const struct draft *draft, struct sent *ret,
		      struct form_errors *errors)
{
	struct sending once = {0};
	TRY(read_key(cx, draft, &once, errors));
	/* A conflict means that somebody registered, was invited or changed meanwhile: look again.
	 */
	for (int i = 0; i < SEND_TRIES; i++) {
		struct sending sending = {.settings = &cx->portal->settings};
		sending.key_hash = once.key_hash;
		sending.request_hash = once.request_hash;
		sending.is_counted = once.is_counted;
		if (sending.key_hash.len > 0) {
			enum err repeat = find_repeat(cx, &sending, ret, errors);
			if (repeat != ERR_NOT_FOUND)
				return repeat;
		}
		enum err err = try_send(cx, draft, &sending, ret, errors);
		once.is_counted = sending.is_counted;
		if (err == OK) {
			outbox_mail_wake(cx->portal);
			log_event(LOG_INFO, "message.sent", LOG_STR("message", id_str(&ret->id)),
				  LOG_INT("recipients", (int64_t)ret->addressing.count),
				  LOG_INT("invited", (int64_t)ret->addressing.new_count));
		}
		if (err != ERR_CONFLICT || sending.is_draft_changed)
			return err;
	}
	return ERR_BUSY;
}
