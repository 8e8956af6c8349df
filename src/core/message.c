#include "core/message.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/fold.h"
#include "core/help_contact.h"
#include "core/live.h"
#include "core/message_repeat.h"
#include "core/outbox_mail.h"
#include "core/people_group.h"
#include "core/policy.h"
#include "core/signing_documents.h"
#include "core/signing_new.h"
#include "core/signing_plan.h"
#include "core/throttle.h"

enum { SEND_TRIES = 8 };

/* What the draft answers or forwards. */
struct source {
	struct message_copy copy; /* is_authentic: false with none */
	struct id *people;        /* on the answered message */
	size_t people_count;
};

static enum err load_source(struct cx *cx, struct db *db, const struct user *sender,
			    const struct draft *draft, struct source *ret)
{
	bool is_answer = !id_is_empty(&draft->reply_to);
	const struct id *id = is_answer ? &draft->reply_to : &draft->forward_of;
	*ret = (struct source){.people = NULL};
	if (id_is_empty(id))
		return OK;
	TRY(messages_get(db, cx->arena, &sender->id, id, &ret->copy));
	if (!ret->copy.is_authentic)
		return ERR_CORRUPT;
	if (!is_answer)
		return OK;
	return addressing_people_of(db, cx->arena, sender, &ret->copy.message, &ret->people,
				    &ret->people_count);
}

static enum err resolve(struct cx *cx, const struct draft *draft, struct user *ret_sender,
			struct source *ret_source, struct resolved *ret, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct draft expanded;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_by_id(db, cx->arena, &cx->session->user.id, ret_sender));
	if (!policy_allows(cx->portal->settings, ret_sender, ACT_REPLY))
		return ERR_DENIED;
	if (!id_is_empty(&draft->forward_of) &&
	    !policy_allows(cx->portal->settings, ret_sender, ACT_FORWARD))
		return message_options_refuse(cx, REFUSAL_OFF, errors);
	TRY(load_source(cx, db, ret_sender, draft, ret_source));
	TRY(people_group_expand(cx, db, draft, &expanded));
	return addressing_resolve(cx, db, ret_sender, &expanded, ret_source->people,
				  ret_source->people_count, ret, errors);
}

enum err message_address(struct cx *cx, const struct draft *draft, struct addressing *ret,
			 struct form_errors *errors)
{
	struct user sender;
	struct source source;
	struct resolved resolved = {0};
	enum err err = resolve(cx, draft, &sender, &source, &resolved, errors);
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
	else if (str_trim(draft->body).len == 0 && id_is_empty(&draft->forward_of) &&
		 draft->file_count == 0)
		form_error(cx, errors, "body", TEXT_ERROR_BODY_MISSING);
	if (errors->count > 0)
		return ERR_INVALID;
	*ret_body = with_plain_newlines(cx->arena, draft->body);
	return fold_nfc(cx->arena, subject, ret_subject);
}

/* ---- sending ---- */

/* Messages, and people who are new to the portal. */
static enum err count_day(struct cx *cx, const struct user *sender, const struct addressing *view,
			  struct form_errors *errors)
{
	const struct settings *settings = cx->portal->settings;
	bool is_professional = sender->grade == GRADE_PROFESSIONAL;
	int64_t invited = (int64_t)view->new_count;
	const struct {
		const char *what;
		int64_t amount, most;
		enum text_id sentence;
	} limits[] = {
		{"messages_day", 1,
		 is_professional ? settings->messages_per_day_professional
				 : settings->messages_per_day_guest,
		 TEXT_ERROR_MESSAGES_PER_DAY},
		{"invitations_day", is_professional ? invited : 0,
		 settings->invitations_per_day_professional, TEXT_ERROR_INVITATIONS_PER_DAY},
	};
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].amount == 0)
			continue;
		enum err err =
			throttle_take(cx->portal->throttle, limits[i].what, id_str(&sender->id),
				      limits[i].amount, limits[i].most, DAY_MS, cx_now_ms(cx));
		if (err == OK)
			continue;
		form_error(cx, errors, "", limits[i].sentence,
			   TEXT_NUMBER("count", limits[i].most));
		log_event(LOG_WARN, "message.too_many_a_day", LOG_STR("user", id_str(&sender->id)));
		return err;
	}
	return OK;
}

/* Once for each message, however often it has to be tried. */
static enum err count_sending(struct cx *cx, const struct user *sender,
			      const struct addressing *view, struct sending *sending,
			      struct form_errors *errors)
{
	const struct settings *settings = cx->portal->settings;
	struct str id = id_str(&sender->id);
	if (sending->is_counted)
		return OK;
	int64_t recipients = (int64_t)view->count;
	int64_t messages = sender->grade == GRADE_PROFESSIONAL
				   ? settings->messages_per_hour_professional
				   : settings->messages_per_hour_guest;
	int64_t people = messages * LIMIT_RECIPIENTS_PER_ALLOWED_MESSAGE;
	if (people < LIMIT_RECIPIENTS)
		people = LIMIT_RECIPIENTS;
	enum err err = throttle_take(cx->portal->throttle, "recipients", id, recipients, people,
				     HOUR_MS, cx_now_ms(cx));
	if (err == OK)
		err = throttle_take(cx->portal->throttle, "messages", id, 1, messages, HOUR_MS,
				    cx_now_ms(cx));
	if (err != OK) {
		form_error(cx, errors, "", TEXT_ERROR_TOO_MANY_MESSAGES);
		log_event(LOG_WARN, "message.too_many", LOG_STR("user", id));
		return err;
	}
	TRY(count_day(cx, sender, view, errors));
	sending->is_counted = true;
	return OK;
}

/* With no reply-all, an answer goes to the sender alone, whatever was typed (P4.2). */
static void check_audience(struct cx *cx, const struct source *source,
			   const struct resolved *resolved, struct form_errors *errors)
{
	static const char *const fields[RECIPIENT_KINDS] = {"to", "to", "cc", "bcc"};
	for (size_t i = 0; i < resolved->view.count; i++) {
		const struct addressee *item = &resolved->view.items[i];
		if (item->is_self || id_eq(&resolved->users[i].id, &source->copy.message.sender_id))
			continue;
		form_error(cx, errors, fields[item->kind], TEXT_ERROR_SENDER_ONLY,
			   TEXT_ARG("person", user_label(&source->copy.sender)),
			   TEXT_ARG("address", form_error_quote(cx, item->address)));
	}
}

/* What the message answered or forwarded allows, and what the new one inherits. */
static enum err check_source(struct cx *cx, const struct draft *draft, const struct source *source,
			     struct checked *ret, struct form_errors *errors)
{
	const struct message_copy *copy = source->copy.is_authentic ? &source->copy : NULL;
	bool is_answer = copy && !id_is_empty(&draft->reply_to);
	if (is_answer && !id_is_empty(&draft->forward_of)) {
		form_error(cx, errors, "forward_of", TEXT_ERROR_ANSWER_OR_FORWARD);
		return OK;
	}
	if (copy) {
		struct message_acts acts = message_options_acts(&ret->sender, copy, cx_now_ms(cx));
		TRY(message_options_refuse(cx, is_answer ? acts.reply : acts.forward, errors));
		if (is_answer && acts.reply_all != REFUSAL_NONE)
			check_audience(cx, source, &ret->resolved, errors);
		ret->quoted = copy;
	}
	if (is_answer)
		ret->conversation_id = copy->message.conversation_id;
	ret->terms = message_options_check(cx, draft, copy ? &copy->message : NULL, errors);
	return OK;
}

/* Only what the sender has uploaded: who handed on another's document might recall it. */
static enum err check_request(struct cx *cx, const struct draft *draft,
			      const struct attachments *documents, struct checked *ret,
			      struct form_errors *errors)
{
	signing_plan_check(cx, &ret->sender, draft, &ret->resolved, errors);
	if (ret->terms.expires_ms > 0 && form_errors_for(errors, "expires_at").len == 0)
		form_error(cx, errors, "expires_at", TEXT_SIGNING_PLAN_EXPIRES);
	if ((ret->terms.options & OPTION_CONFIDENTIAL) &&
	    form_errors_for(errors, "options").len == 0)
		form_error(cx, errors, "options", TEXT_SIGNING_PLAN_CONFIDENTIAL);
	for (size_t i = 0; i < documents->count; i++)
		if (!id_is_empty(&documents->items[i].right.source_id))
			form_error(cx, errors, "files", TEXT_SIGNING_PLAN_NOT_UPLOADED,
				   TEXT_ARG("name", documents->items[i].head.name));
	ret->documents = documents;
	struct pdf_facts *facts = NULL;
	TRY(signing_documents_check(cx, draft, documents, ret->turn, &facts, errors));
	ret->document_facts = facts;
	return OK;
}

/* All mistakes, in the addresses, the options, the files and the text. */
static enum err check_draft(struct cx *cx, const struct draft *draft, struct source *source,
			    struct checked *ret, struct attachments *attachments,
			    struct form_errors *errors)
{
	enum err addressed = resolve(cx, draft, &ret->sender, source, &ret->resolved, errors);
	if (addressed != OK && addressed != ERR_INVALID)
		return addressed;
	TRY(check_source(cx, draft, source, ret, errors));
	TRY(attaching_open(cx, draft, ret->resolved.view.count, attachments, errors));
	if (draft->signing)
		TRY(check_request(cx, draft, attachments, ret, errors));
	else
		ret->attachments = attachments;
	TRY(check_text(cx, draft, &ret->subject, &ret->body, errors));
	return addressed;
}

enum err message_check(struct cx *cx, const struct draft *draft, struct form_errors *errors)
{
	struct signing_turn turn CLEANUP_SIGNING_TURN = {.cx = NULL};
	struct checked checked = {.turn = &turn};
	struct attachments attachments CLEANUP_ATTACHMENTS = {.count = 0};
	struct source source;
	return check_draft(cx, draft, &source, &checked, &attachments, errors);
}

/* Its sender sees that it was answered or forwarded (P4.3). */
static void tell_of_source(struct cx *cx, const struct source *source)
{
	const struct message *message = &source->copy.message;
	if (source->copy.is_authentic && !id_eq(&message->sender_id, &cx->session->user.id))
		live_publish(cx->portal, &message->sender_id, LIVE_TRACKED, &message->id);
}

/* P1.6. Whom a rule makes a professional cannot be invited as a guest instead. */
static void complain_of_seats(struct cx *cx, const struct addressing *view,
			      struct form_errors *errors)
{
	struct str by_rule = STR_NONE;
	for (size_t i = 0; i < view->count && by_rule.len == 0; i++) {
		const struct addressee *item = &view->items[i];
		if (item->state == ADDRESSEE_NEW && item->grade == GRADE_PROFESSIONAL &&
		    item->is_grade_by_rule)
			by_rule = item->address;
	}
	form_error(cx, errors, "to",
		   by_rule.len > 0 ? TEXT_ERROR_SEATS_BY_RULE : TEXT_ERROR_SEATS_USED_UP,
		   TEXT_NUMBER("count", cx->portal->settings->seat_limit),
		   TEXT_ARG("address", by_rule), TEXT_ARG("whom", help_contact(cx)));
}

static enum err try_send(struct cx *cx, const struct draft *draft, struct sending *sending,
			 struct sent *ret, struct form_errors *errors)
{
	struct signing_turn turn CLEANUP_SIGNING_TURN = {.cx = NULL};
	struct checked checked = {.turn = &turn};
	struct attachments attachments CLEANUP_ATTACHMENTS = {.count = 0};
	struct source source;
	TRY(check_draft(cx, draft, &source, &checked, &attachments, errors));
	TRY(count_sending(cx, &checked.sender, &checked.resolved.view, sending, errors));
	enum err err = message_sending_prepare(cx, draft, &checked, sending, errors);
	signing_turn_leave(&turn);
	if (err == OK)
		err = store_transact(cx->portal->store, message_sending_write, sending, cx->arena);
	signing_new_release(cx->portal, sending, err);
	if (err == ERR_TOO_LARGE && sending->signing && sending->signing->is_over_quota) {
		form_error(cx, errors, "files", TEXT_FILE_OVER_QUOTA,
			   TEXT_ARG("size", format_size(cx->arena, cx->language,
							cx->portal->settings->quota_bytes)));
		return ERR_INVALID;
	}
	if (err == ERR_TOO_LARGE) {
		complain_of_seats(cx, &checked.resolved.view, errors);
		return ERR_INVALID;
	}
	TRY(err);
	tell_of_source(cx, &source);
	*ret = (struct sent){
		.id = sending->message.id,
		.conversation_id = sending->message.conversation_id,
		.addressing = checked.resolved.view,
	};
	return OK;
}

/* Whose windows show it: those who got it, and the sender's own. */
static void tell(struct cx *cx, const struct sending *sending)
{
	for (size_t i = 0; i < sending->answer_count; i++)
		if (sending->answers[i].is_written)
			tell(cx, &sending->answers[i]);
	for (size_t i = 0; i < sending->delivery_count; i++) {
		const struct delivery *delivery = &sending->deliveries[i];
		/* In no box. */
		if (delivery->kind == RECIPIENT_QUOTED)
			continue;
		live_publish(cx->portal, &delivery->user_id,
			     delivery->kind == RECIPIENT_FROM ? LIVE_CHANGED : LIVE_MESSAGE,
			     &delivery->message_id);
	}
}

enum err message_send(struct cx *cx, const struct draft *draft, struct sent *ret,
		      struct form_errors *errors)
{
	struct sending once = {0};
	TRY(message_repeat_key(cx, draft, &once, errors));
	/* A conflict means that somebody registered, was invited or changed meanwhile: look again.
	 */
	for (int i = 0; i < SEND_TRIES; i++) {
		struct sending sending = {.settings = cx->portal->settings};
		sending.key_hash = once.key_hash;
		sending.request_hash = once.request_hash;
		sending.is_counted = once.is_counted;
		if (sending.key_hash.len > 0) {
			enum err repeat = message_repeat_find(cx, &sending, ret, errors);
			if (repeat != ERR_NOT_FOUND)
				return repeat;
		}
		enum err err = try_send(cx, draft, &sending, ret, errors);
		once.is_counted = sending.is_counted;
		if (err == OK) {
			outbox_mail_wake(cx->portal);
			tell(cx, &sending);
			log_event(LOG_INFO, "message.sent", LOG_STR("message", id_str(&ret->id)),
				  LOG_INT("recipients", (int64_t)ret->addressing.count),
				  LOG_INT("invited", (int64_t)ret->addressing.new_count));
		}
		if (err != ERR_CONFLICT || sending.is_draft_changed || errors->count > 0)
			return err;
	}
	return ERR_BUSY;
}
