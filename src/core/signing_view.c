/* What everybody of a request sees of it, and its documents as they now stand. */
#include "base/encode.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/live.h"
#include "core/signing_act.h"
#include "core/signing_case.h"
#include "core/signing_evidence.h"
#include "core/signing_version.h"
#include "core/signing_words.h"

#include <string.h>

/* ---- marks of having looked ---- */

struct marking {
	struct signing_event event;
	bool is_once; /* for each person */
	int64_t seen; /* else: how many of theirs there were when it was looked */
	bool is_written, is_late;
};

static enum err write_mark(struct db *db, void *argument)
{
	struct marking *marking = argument;
	const struct signing_event *event = &marking->event;
	int64_t own, all;
	TRY(signing_events_count(db, &event->message_id, event->kind, &event->user_id, &own));
	TRY(signing_events_count(db, &event->message_id, 0, &event->user_id, &all));
	/* What is once for each signer always has room, however much others read. */
	bool has_room = marking->is_once ? own == 0 : all < LIMIT_SIGNING_EVENTS;
	marking->is_late = !marking->is_once && own != marking->seen;
	marking->is_written = has_room && !marking->is_late;
	return marking->is_written ? signing_events_add(db, event) : OK;
}

static int64_t count_of(const struct signing_case *one, enum audit_kind kind,
			const struct id *user_id)
{
	int64_t count = 0;
	for (size_t i = 0; i < one->event_count; i++)
		count += one->events[i].kind == (int64_t)kind &&
			 id_eq(&one->events[i].user_id, user_id);
	return count;
}

/* ret_is_late: nothing was written, as there is one more of this kind now. */

static enum err mark(struct cx *cx, const struct signing_case *one, enum audit_kind kind,
		     const struct signing_change *change, bool *ret_is_late)
{
	struct signing_detail detail;
	struct marking marking = {
		.event = {.message_id = one->signing.message_id,
			  .kind = kind,
			  .at_ms = cx_now_ms(cx),
			  .user_id = cx->session->user.id},
		.is_once = change == NULL,
		.seen = count_of(one, kind, &cx->session->user.id),
	};
	TRY(signing_evidence_of_self(cx, STR_NONE, &detail));
	detail.changes = change;
	detail.change_count = change ? 1 : 0;
	TRY(signing_crypt_event(cx, one->key, &detail, &marking.event));
	TRY(store_transact(cx->portal->store, write_mark, &marking, cx->arena));
	if (marking.is_written)
		live_publish(cx->portal, &one->signing.sender_id, LIVE_TRACKED,
			     &one->signing.message_id);
	*ret_is_late = marking.is_late;
	return OK;
}

static int64_t first_of(const struct signing_case *one, enum audit_kind kind,
			const struct id *user_id)
{
	for (size_t i = 0; i < one->event_count; i++)
		if (one->events[i].kind == (int64_t)kind && id_eq(&one->events[i].user_id, user_id))
			return one->events[i].at_ms;
	return 0;
}

/* Of a signer, the first time, and then it is new; not of one who has signed unread, by a program,
 * and sees what came of it. Reading goes on when nothing can be written: as of messages. */
static bool mark_opened(struct cx *cx, const struct signing_case *one)
{
	if (one->me < 0 || one->signing.state != SIGNING_OPEN || cx->is_background ||
	    one->people[one->me].state == SIGNER_SIGNED ||
	    first_of(one, AUDIT_SIGNING_OPENED, &cx->session->user.id) > 0)
		return false;
	bool is_late;
	enum err err = mark(cx, one, AUDIT_SIGNING_OPENED, NULL, &is_late);
	if (err != OK)
		log_event(LOG_WARN, "signing.not_marked", LOG_CSTR("error", err_name(err)));
	return err == OK;
}

/* ---- a request ---- */

static struct str reason_of(const struct signing_case *one, enum audit_kind kind,
			    const struct id *user_id)
{
	for (size_t i = 0; i < one->event_count; i++)
		if (one->events[i].kind == (int64_t)kind && id_eq(&one->events[i].user_id, user_id))
			return one->details[i].reason;
	return STR_NONE;
}

static enum err view_signers(struct cx *cx, const struct signing_case *one,
			     struct signing_view *view)
{
	bool is_sender = signing_case_is_sender(cx, one);
	size_t count = (size_t)one->signing.signer_count;
	view->signers = ARENA_ARRAY(cx->arena, count + 1, struct signing_signer);
	if (view->signers == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct signing_person *person = &one->people[i];
		view->sender_signs |= id_eq(&person->user_id, &one->signing.sender_id);
		view->signers[i] = (struct signing_signer){
			.user_id = person->user_id,
			.name = user_label(&one->users[i]),
			.address = one->users[i].address,
			.state = person->state,
			.asked_ms = person->asked_ms,
			.opened_ms = first_of(one, AUDIT_SIGNING_OPENED, &person->user_id),
			.ended_ms = person->ended_ms,
			.reason = reason_of(one, AUDIT_SIGNING_DECLINED, &person->user_id),
			.is_me = one->me == (int64_t)i,
			.is_gone = is_sender && signing_case_is_gone(one, (int64_t)i),
		};
	}
	view->signer_count = count;
	return OK;
}

static enum err view_documents(struct cx *cx, const struct signing_case *one,
			       struct signing_view *view)
{
	size_t count = (size_t)one->signing.document_count;
	view->documents = ARENA_ARRAY(cx->arena, count + 1, struct signing_document);
	if (view->documents == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct signing_head *head = &one->heads[i];
		struct signing_document *document = &view->documents[i];
		*document = (struct signing_document){
			.position = (int64_t)i,
			.original_id = one->files[i].original_id,
			.name = head->name,
			.bytes = head->bytes,
			.pages = head->pages + 1, /* the certificate page */
			.revision = one->files[i].revision,
			.original_sha256 = encode_hex(
				cx->arena, str_bytes(head->original_sha256, SIGNING_SHA256_BYTES)),
			.sha256 = encode_hex(cx->arena,
					     str_bytes(head->sha256, SIGNING_SHA256_BYTES)),
		};
		if (one->signing.state == SIGNING_COMPLETED)
			document->file_id = one->files[i].file_id;
	}
	view->document_count = count;
	return OK;
}

static struct str describe(struct cx *cx, const struct signing_case *one, size_t event)
{
	const struct language *language = cx->language;
	const struct signing_detail *detail = &one->details[event];
	struct str what = signing_words_event(cx, language, one, event);
	if (one->events[event].kind == AUDIT_SIGNING_AGREED && detail->consent.len > 0)
		return TEXT_FILL(cx->arena, language, TEXT_SIGNING_DID_WITH_CONSENT,
				 TEXT_ARG("what", what), TEXT_ARG("text", detail->consent));
	if (one->events[event].kind != AUDIT_SIGNING_SIGNED)
		return what;
	struct str time =
		format_date_time(cx->arena, language, cx->session->user.zone, detail->proof_ms);
	return TEXT_FILL(cx->arena, language, TEXT_SIGNING_DID_WITH_PROOF, TEXT_ARG("what", what),
			 TEXT_ARG("proof", signing_words_proof(cx, language, time, detail)));
}

static enum err view_events(struct cx *cx, const struct signing_case *one,
			    struct signing_view *view)
{
	view->events = ARENA_ARRAY(cx->arena, one->event_count + 1, struct signing_event_view);
	if (view->events == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < one->event_count; i++)
		view->events[i] = (struct signing_event_view){
			.kind = (enum audit_kind)one->events[i].kind,
			.at_ms = one->events[i].at_ms,
			.who = signing_words_who(one, i),
			.detail = describe(cx, one, i),
		};
	view->event_count = one->event_count;
	return OK;
}

static enum err view_fields(struct cx *cx, const struct signing_case *one,
			    struct signing_view *view)
{
	const struct user *self = &cx->session->user;
	view->my_fields = ARENA_ARRAY(cx->arena, one->plan.field_count + 1, struct signing_field);
	if (view->my_fields == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < one->plan.field_count; i++) {
		struct signing_field field = one->plan.fields[i];
		if (!str_eq(field.signer, id_str(&self->id)))
			continue;
		field.signer = self->address;
		view->my_fields[view->my_field_count++] = field;
	}
	if (!signing_case_has_place(one, &self->id))
		view->my_fields[view->my_field_count++] = (struct signing_field){
			.id = signing_case_block_id,
			.kind = PDF_FIELD_SIGNATURE,
			.signer = self->address,
			.box.page = one->heads[0].pages + 1,
		};
	return OK;
}

static bool is_anybody_to_remind(const struct signing_case *one)
{
	for (int64_t i = 0; i < one->signing.signer_count; i++)
		if (signing_act_is_to_remind(one, i))
			return true;
	return false;
}

static enum err view(struct cx *cx, const struct signing_case *one, struct signing_view *ret)
{
	bool is_open = signing_act_state(cx, one) == SIGNING_OPEN;
	bool is_sender = signing_case_is_sender(cx, one);
	*ret = (struct signing_view){
		.message_id = one->signing.message_id,
		.state = signing_act_state(cx, one),
		.order = one->signing.order,
		.deadline_ms = one->signing.deadline_ms,
		.ended_ms = one->signing.ended_ms,
		.reason = reason_of(one, AUDIT_SIGNING_CANCELLED, &one->sender.id),
		.is_broken_off = first_of(one, AUDIT_SIGNING_CANCELLED, &(struct id){""}) > 0,
		.wants_password = one->signing.wants_password,
		.can_sign = signing_act_may_sign(cx, one),
		.can_decline = signing_act_may_decline(cx, one),
		.can_cancel = is_sender && is_open,
		.can_remind = is_sender && is_open && is_anybody_to_remind(one),
	};
	if (!is_open && ret->ended_ms == 0)
		ret->ended_ms = one->signing.deadline_ms;
	TRY(view_signers(cx, one, ret));
	TRY(view_documents(cx, one, ret));
	TRY(view_events(cx, one, ret));
	if (ret->can_sign)
		TRY(view_fields(cx, one, ret));
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err signing_get(struct cx *cx, const struct id *message_id, struct signing_view *ret)
{
	struct signing_case one CLEANUP_SIGNING_CASE = {.key = NULL};
	TRY(signing_case_open(cx, message_id, &one));
	if (mark_opened(cx, &one)) {
		/* Who looks for the first time sees that too. */
		signing_case_close(&one);
		TRY(signing_case_open(cx, message_id, &one));
	}
	return view(cx, &one, ret);
}

/* ---- a document ---- */

enum { DOWNLOAD_TRIES = 2 * LIMIT_SIGNING_FILES };

static bool has_downloaded(const struct cx *cx, const struct signing_case *one,
			   const struct signing_change *change)
{
	for (size_t i = 0; i < one->event_count; i++) {
		const struct signing_detail *detail = &one->details[i];
		if (one->events[i].kind == AUDIT_SIGNING_DOWNLOADED &&
		    id_eq(&one->events[i].user_id, &cx->session->user.id) &&
		    detail->change_count == 1 && detail->changes[0].position == change->position &&
		    memcmp(detail->changes[0].after, change->after, sizeof(change->after)) == 0)
			return true;
	}
	return false;
}

/* Of each version once, of everybody but a sender who does not sign; before anything is given out.
 * Others of the same person at the same moment, of this document or another, are looked at anew. */
static enum err mark_downloaded(struct cx *cx, struct signing_case *one, int64_t position)
{
	struct signing_change change = {.position = position};
	memcpy(change.before, one->heads[position].sha256, sizeof(change.before));
	memcpy(change.after, one->heads[position].sha256, sizeof(change.after));
	bool is_only_sender = signing_case_is_sender(cx, one) && one->me < 0;
	bool is_late = true;
	for (int i = 0; is_late && i < DOWNLOAD_TRIES; i++) {
		if (is_only_sender || has_downloaded(cx, one, &change))
			return OK;
		TRY(mark(cx, one, AUDIT_SIGNING_DOWNLOADED, &change, &is_late));
		if (is_late)
			TRY(signing_case_read_events(cx, one));
	}
	return is_late ? ERR_BUSY : OK;
}

enum err signing_case_read(struct cx *cx, const struct signing_case *one, int64_t position,
			   struct pdf_bytes *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	const struct signing_file *file = &one->files[position];
	TRY(signing_crypt_version_key(file, one->key, &key));
	return signing_version_read(cx, &file->file_id, key, ret);
}

enum err signing_document(struct cx *cx, const struct id *message_id, int64_t position,
			  struct pdf_bytes *ret)
{
	struct signing_case one CLEANUP_SIGNING_CASE = {.key = NULL};
	struct pdf_bytes document = {.fd = -1};
	TRY(signing_case_open(cx, message_id, &one));
	if (position < 0 || position >= one.signing.document_count)
		return ERR_NOT_FOUND;
	enum err err = signing_case_read(cx, &one, position, &document);
	if (err == OK)
		err = mark_downloaded(cx, &one, position);
	if (err != OK)
		pdf_bytes_free(&document);
	else
		*ret = document;
	return err;
}

enum err signing_download(struct cx *cx, const struct id *message_id, int64_t position,
			  struct download **ret)
{
	struct signing_case one CLEANUP_SIGNING_CASE = {.key = NULL};
	struct secret *key;
	TRY(signing_case_open(cx, message_id, &one));
	if (position < 0 || position >= one.signing.document_count)
		return ERR_NOT_FOUND;
	TRY(mark_downloaded(cx, &one, position));
	TRY(signing_crypt_version_key(&one.files[position], one.key, &key));
	return download_open_to_sign(cx, &one.files[position].file_id, message_id, key, ret);
}
