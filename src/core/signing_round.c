#include "core/signing_round.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/mailbox_read.h"
#include "core/signing_documents.h"
#include "core/signing_due.h"
#include "core/signing_evidence.h"
#include "core/signing_turn.h"
#include "store/tracks.h"

#include <string.h>

enum { CONSENT_CHARS = 2000 };

/* ---- one document ---- */

static struct pdf_signing signature_of(const struct signing_round *round, int64_t position)
{
	const struct signing_marks *marks = &round->marks[position];
	const struct user *self = &round->one->users[round->one->me];
	return (struct pdf_signing){
		.kind = PDF_SIGN,
		.signer = round->one->me,
		.marks = marks->items,
		.mark_count = marks->count,
		.name = user_label(self),
		.reason = text_get(language_find(round->one->sender.language),
				   TEXT_SIGNING_TRAIL_SIGNED),
		.contact = self->address,
		.at_ms = round->now_ms,
	};
}

static enum err sign(struct signing_round *round, int64_t position,
		     const struct pdf_bytes *document, struct pdf_open *open,
		     int64_t *ret_stamped_ms, enum pdf_refusal *refusal)
{
	struct cx *cx = round->cx;
	struct pdf_signing signing = signature_of(round, position);
	TRY(pdf_open_signature(cx->portal->pdf, document, &signing, open, refusal));
	return signing_cms_close(cx, open, PDF_SIGN, &round->one->users[round->one->me],
				 round->stamping, ret_stamped_ms);
}

/* What the next version is, in the rows. */
static enum err describe(struct signing_round *round, int64_t position)
{
	const struct signing_version *version = &round->versions[position];
	struct signing_head head = round->one->heads[position];
	struct signing_file *file = &round->next_files[position];
	*file = round->one->files[position];
	file->file_id = version->file_id;
	file->revision++;
	head.bytes = version->bytes;
	memcpy(head.sha256, version->sha256, sizeof(head.sha256));
	return signing_crypt_file(round->cx, round->one->key, version->key, &head, file);
}

static enum err store(struct signing_round *round, int64_t position,
		      const struct pdf_bytes *document)
{
	const struct signing_case *one = round->one;
	TRY(signing_version_store(round->cx, &one->signing.sender_id, one->heads[position].name,
				  document, &round->versions[position]));
	round->version_count++;
	return describe(round, position);
}

static enum err sign_document(struct signing_round *round, int64_t position, struct pdf_open *open,
			      struct signing_change *change, enum pdf_refusal *refusal)
{
	struct pdf_bytes base = {.fd = -1};
	const struct signing_head *head = &round->one->heads[position];
	enum err err = signing_case_read(round->cx, round->one, position, &base);
	if (err == OK)
		err = sign(round, position, &base, open, &change->stamped_ms, refusal);
	pdf_bytes_free(&base);
	TRY(err);
	change->position = position;
	memcpy(change->before, head->sha256, sizeof(change->before));
	return OK;
}

/* ---- what happened ---- */

/* The trail tells of it as well. There is room: see make_room(). */
static void add_event(struct signing_round *round, enum audit_kind kind,
		      const struct signing_detail *detail, const struct id *user_id)
{
	struct signing_case *one = round->one;
	struct signing_event *event = &round->events[round->event_count++];
	*event = (struct signing_event){
		.message_id = one->signing.message_id,
		.kind = kind,
		.at_ms = round->now_ms,
		.user_id = *user_id,
	};
	one->events[one->event_count] = *event;
	one->details[one->event_count++] = *detail;
}

/* When all is known of them. */
static enum err encrypt_events(struct signing_round *round)
{
	struct signing_case *one = round->one;
	const struct signing_detail *details = one->details + one->event_count - round->event_count;
	for (size_t i = 0; i < round->event_count; i++)
		TRY(signing_crypt_event(round->cx, one->key, &details[i], &round->events[i]));
	return OK;
}

static enum err make_room(struct signing_round *round)
{
	struct signing_case *one = round->one;
	struct arena *arena = round->cx->arena;
	size_t room = one->event_count + sizeof(round->events) / sizeof(round->events[0]);
	size_t documents = (size_t)one->signing.document_count;
	struct signing_event *events = ARENA_ARRAY(arena, room, struct signing_event);
	struct signing_detail *details = ARENA_ARRAY(arena, room, struct signing_detail);
	round->versions = ARENA_ARRAY(arena, documents + 1, struct signing_version);
	round->letters = ARENA_ARRAY(arena, 1, struct signing_letter);
	round->next_files = ARENA_ARRAY(arena, documents + 1, struct signing_file);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	memcpy(events, one->events, one->event_count * sizeof(*events));
	memcpy(details, one->details, one->event_count * sizeof(*details));
	one->events = events;
	one->details = details;
	return OK;
}

/* As one line, in the trail too. */
static struct str consent_of(struct cx *cx, struct str shown)
{
	struct str text = arena_copy(cx->arena, utf8_first(str_trim(shown), CONSENT_CHARS));
	char *bytes = (char *)text.data;
	for (size_t i = 0; bytes && i < text.len; i++)
		if (bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t')
			bytes[i] = ' ';
	return text;
}

static void add_agreed(struct signing_round *round, const struct signing_act *act)
{
	struct signing_detail detail = round->evidence;
	detail.consent = consent_of(round->cx, act->consent_text);
	detail.has_password = round->one->signing.wants_password;
	add_event(round, AUDIT_SIGNING_AGREED, &detail, &round->cx->session->user.id);
}

static void add_signed(struct signing_round *round, const struct signing_change *changes)
{
	struct signing_detail detail = round->evidence;
	detail.has_password = round->one->signing.wants_password;
	detail.changes = changes;
	detail.change_count = (size_t)round->one->signing.document_count;
	add_event(round, AUDIT_SIGNING_SIGNED, &detail, &round->cx->session->user.id);
}

/* ---- documents, all of them ---- */

static enum err refuse(struct signing_round *round, int64_t position, enum err err,
		       enum pdf_refusal refusal, struct form_errors *errors)
{
	const char *field = refusal == PDF_BAD_IMAGE ? "fields" : "";
	if (err == ERR_CONFLICT || err == ERR_NOT_FOUND)
		return ERR_CONFLICT; /* a newer version has taken its place */
	return signing_documents_refuse(round->cx, err, refusal, round->one->heads[position].name,
					field, errors);
}

static enum err seal(struct signing_round *round, int64_t position,
		     const struct pdf_bytes *signed_document, struct signing_change *change,
		     enum pdf_refusal *refusal)
{
	struct pdf_open sealed = {.document = {.fd = -1}};
	int64_t stamped_ms;
	/* The trail tells of it. */
	TRY(signing_version_sum(signed_document, change->after));
	enum err err = signing_seal_document(round, position, signed_document, &sealed, &stamped_ms,
					     refusal);
	if (err == OK)
		err = store(round, position, &sealed.document);
	pdf_bytes_free(&sealed.document);
	return err;
}

/* One at a time: they may be large. */
static enum err make_version(struct signing_round *round, int64_t position,
			     struct signing_change *change, enum pdf_refusal *refusal)
{
	struct pdf_open open = {.document = {.fd = -1}};
	enum err err = sign_document(round, position, &open, change, refusal);
	if (err == OK)
		err = round->is_last ? seal(round, position, &open.document, change, refusal)
				     : store(round, position, &open.document);
	if (err == OK && !round->is_last)
		memcpy(change->after, round->versions[position].sha256, sizeof(change->after));
	pdf_bytes_free(&open.document);
	return err;
}

static enum err make_versions(struct signing_round *round, struct form_errors *errors)
{
	int64_t count = round->one->signing.document_count;
	struct signing_change *changes =
		ARENA_ARRAY(round->cx->arena, (size_t)count + 1, struct signing_change);
	if (changes == NULL)
		return ERR_UNAVAILABLE;
	/* Each trail tells of its own document, which is filled in by then. */
	add_signed(round, changes);
	if (round->is_last)
		add_event(round, AUDIT_SIGNING_COMPLETED,
			  &(struct signing_detail){.has_password = false}, &(struct id){""});
	struct signing_turn turn CLEANUP_SIGNING_TURN = {.cx = NULL};
	TRY(signing_turn_take(round->cx, SIGNING_TURN_SIGN, &turn, errors));
	for (int64_t i = 0; i < count; i++) {
		enum pdf_refusal refusal = PDF_FINE;
		if (i > 0)
			TRY(signing_turn_pass(&turn, errors));
		enum err err = make_version(round, i, &changes[i], &refusal);
		if (err != OK)
			return refuse(round, i, err, refusal, errors);
	}
	return encrypt_events(round);
}

/* ---- people ---- */

static enum err ask_next(struct signing_round *round)
{
	const struct signing_case *one = round->one;
	struct cx *cx = round->cx;
	int64_t at = one->me + 1;
	for (; at < one->signing.signer_count; at++)
		if (one->people[at].state == SIGNER_WAITING)
			break;
	if (at == one->signing.signer_count)
		return OK;
	bool is_sender = id_eq(&one->users[at].id, &one->sender.id);
	round->next_people[at].state = SIGNER_ASKED;
	round->next_people[at].asked_ms = round->now_ms;
	return signing_mail_prepare(cx, SIGNING_LETTER_ASKED, &one->signing,
				    is_sender ? NULL : &one->sender, &one->users[at],
				    round->subject, &round->letters[round->letter_count++]);
}

static enum err move_people(struct signing_round *round)
{
	const struct signing_case *one = round->one;
	size_t count = (size_t)one->signing.signer_count;
	int64_t left = 0;
	round->next_people = ARENA_ARRAY(round->cx->arena, count + 1, struct signing_person);
	if (round->next_people == NULL)
		return ERR_UNAVAILABLE;
	memcpy(round->next_people, one->people, count * sizeof(*one->people));
	round->next_people[one->me].state = SIGNER_SIGNED;
	round->next_people[one->me].ended_ms = round->now_ms;
	for (size_t i = 0; i < count; i++)
		left += round->next_people[i].state != SIGNER_SIGNED;
	round->is_last = left == 0;
	round->next = one->signing;
	if (round->is_last) {
		round->next.state = SIGNING_COMPLETED;
		round->next.ended_ms = round->now_ms;
	} else if (one->signing.order == SIGNING_IN_SEQUENCE) {
		TRY(ask_next(round));
	}
	round->next.next_ms = signing_due_next(&round->next, round->next_people);
	return OK;
}

enum err signing_round_prepare(struct signing_round *round, const struct signing_act *act,
			       struct form_errors *errors)
{
	const struct signing_case *one = round->one;
	TRY(make_room(round));
	TRY(mailbox_read_part(round->cx, &one->copy, MESSAGE_SUBJECT, one->message_key,
			      &round->subject));
	TRY(signing_evidence_of_self(round->cx, act->user_agent, &round->evidence));
	TRY(move_people(round));
	add_agreed(round, act);
	TRY(make_versions(round, errors));
	return round->is_last ? signing_seal_copies(round) : OK;
}

/* ---- in the transaction ---- */

/* As things stand: who was late is told what happened. */
static enum err check_now(struct db *db, struct signing_round *round)
{
	const struct signing *signing = &round->one->signing;
	bool is_live;
	round->is_tried = true;
	round->is_late = signing_due_is_late(signing, cx_now_ms(round->cx));
	TRY(deliveries_is_live(db, &round->cx->session->user.id, &signing->message_id, &is_live));
	round->is_gone = !is_live;
	return round->is_late || round->is_gone ? ERR_CONFLICT : OK;
}

static enum err write_people(struct db *db, const struct signing_round *round)
{
	const struct signing_case *one = round->one;
	for (int64_t i = 0; i < one->signing.signer_count; i++)
		if (round->next_people[i].state != one->people[i].state)
			TRY(signing_people_update(db, &one->people[i], &round->next_people[i]));
	return OK;
}

/* P4.3 */
static enum err write_track(struct db *db, const struct signing_round *round)
{
	const struct track track = {
		.message_id = round->one->signing.message_id,
		.user_id = round->cx->session->user.id,
		.kind = TRACK_SIGNED,
		.at_ms = round->now_ms,
	};
	return tracks_add(db, &track);
}

enum err signing_round_write(struct db *db, void *argument)
{
	struct signing_round *round = argument;
	const struct signing_case *one = round->one;
	TRY(check_now(db, round));
	TRY(signings_update(db, &one->signing, &round->next));
	TRY(write_people(db, round));
	TRY(write_track(db, round));
	for (int64_t i = 0; i < one->signing.document_count; i++) {
		/* It takes the place of one: nobody's signature waits for the sender's disk. */
		TRY(signing_version_write(db, &round->versions[i], 0));
		TRY(signing_files_replace(db, &one->files[i], &round->next_files[i]));
	}
	for (size_t i = 0; i < round->event_count; i++)
		TRY(signing_events_add(db, &round->events[i]));
	for (size_t i = 0; i < round->letter_count; i++)
		TRY(signing_mail_write(db, &round->letters[i]));
	return round->is_last ? signing_seal_write(db, round) : OK;
}

void signing_round_release(struct signing_round *round, enum err err)
{
	for (size_t i = 0; i < round->version_count; i++) {
		/* A commit whose connection broke may have happened all the same. */
		round->versions[i].is_written =
			err == OK || (err == ERR_UNAVAILABLE && round->is_tried);
		signing_version_drop(round->cx->portal, &round->versions[i]);
	}
	round->version_count = 0;
}
