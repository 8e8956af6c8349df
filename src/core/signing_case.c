#include "core/signing_case.h"

#include "base/log.h"
#include "core/mailbox_read.h"
#include "core/signing_plan.h"

#include <string.h>

enum { READ_TRIES = 8 };

const struct str signing_case_block_id = {"signature", sizeof("signature") - 1};

void signing_case_close(struct signing_case *one)
{
	secret_free(one->key);
	secret_free(one->message_key);
	one->key = one->message_key = NULL;
}

enum err signing_case_message_of(struct db *db, struct arena *arena, const struct id *message_id,
				 struct signing *ret, struct signing_person **ret_people)
{
	TRY(signings_get(db, arena, message_id, ret));
	return signing_people_of(db, arena, ret, ret_people);
}

/* ---- rows ---- */

static enum err read_users(struct cx *cx, struct db *db, struct signing_case *one)
{
	size_t count = (size_t)one->signing.signer_count;
	one->me = -1;
	one->users = ARENA_ARRAY(cx->arena, count + 1, struct user);
	if (one->users == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		TRY(users_by_id(db, cx->arena, &one->people[i].user_id, &one->users[i]));
		if (id_eq(&one->people[i].user_id, &cx->session->user.id))
			one->me = (int64_t)i;
	}
	return OK;
}

static enum err read_rows(struct cx *cx, struct db *db, const struct id *message_id,
			  struct signing_case *one)
{
	TRY(messages_get_head(db, cx->arena, &cx->session->user.id, message_id, &one->copy));
	if (!one->copy.is_authentic)
		return ERR_CORRUPT;
	/* Quoted by another message: what it is, its sealed copies, goes with that one. */
	if (one->copy.delivery.kind == RECIPIENT_QUOTED)
		return ERR_NOT_FOUND;
	TRY(signing_case_message_of(db, cx->arena, message_id, &one->signing, &one->people));
	if (!mailbox_read_allows_body(cx, &one->copy))
		return ERR_CONFLICT;
	if (!id_eq(&one->signing.sender_id, &one->copy.message.sender_id))
		return db_not_authentic("signings", id_str(message_id));
	one->sender = one->copy.sender;
	TRY(signing_files_of(db, cx->arena, &one->signing, &one->files));
	TRY(signing_events_of(db, cx->arena, message_id, &one->events, &one->event_count));
	return read_users(cx, db, one);
}

/* PostgreSQL shows each statement what stands when it is run: where somebody did something between
 * two of them, it is looked at again. Each act counts the version up. */
static enum err read_all(struct cx *cx, const struct id *message_id, struct signing_case *one)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	for (int i = 0; i < READ_TRIES; i++) {
		struct signing now;
		TRY(read_rows(cx, db, message_id, one));
		TRY(signings_get(db, cx->arena, message_id, &now));
		if (now.version == one->signing.version)
			return OK;
	}
	return ERR_BUSY;
}

/* ---- what they say ---- */

static enum err open_keys(struct cx *cx, struct signing_case *one)
{
	TRY(mailbox_read_key(cx, &one->copy, &one->message_key));
	if (one->message_key == NULL)
		return ERR_CORRUPT;
	return signing_crypt_key(one->message_key, &one->key);
}

static enum err open_plan(struct cx *cx, struct signing_case *one)
{
	struct str plain;
	TRY(signing_crypt_plan_open(cx, &one->signing, one->key, &plain));
	struct packed packed = {.rest = plain};
	TRY(signing_plan_unpack(cx->arena, &packed, &one->plan));
	return packed_is_whole(&packed) ? OK : ERR_CORRUPT;
}

static enum err open_events(struct cx *cx, struct signing_case *one)
{
	one->details = ARENA_ARRAY(cx->arena, one->event_count + 1, struct signing_detail);
	if (one->details == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < one->event_count; i++)
		TRY(signing_crypt_event_open(cx, &one->events[i], one->key, &one->details[i]));
	return OK;
}

static enum err open_details(struct cx *cx, struct signing_case *one)
{
	size_t documents = (size_t)one->signing.document_count;
	one->heads = ARENA_ARRAY(cx->arena, documents + 1, struct signing_head);
	if (one->heads == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < documents; i++)
		TRY(signing_crypt_head_open(cx, &one->files[i], one->key, &one->heads[i]));
	TRY(open_events(cx, one));
	return open_plan(cx, one);
}

enum err signing_case_read_events(struct cx *cx, struct signing_case *one)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_events_of(db, cx->arena, &one->signing.message_id, &one->events,
			      &one->event_count));
	return open_events(cx, one);
}

/* ---- what they say together ---- */

static const uint8_t *sum_after(const struct signing_detail *detail, int64_t position)
{
	for (size_t i = 0; i < detail->change_count; i++)
		if (detail->changes[i].position == position)
			return detail->changes[i].after;
	return NULL;
}

/* The document is the one that the last of these events left. Sealed, it goes on behind that. */
static bool is_as_told(const struct signing_case *one, int64_t position)
{
	const uint8_t *sum = NULL;
	for (size_t i = 0; i < one->event_count; i++) {
		int64_t kind = one->events[i].kind;
		if (kind == AUDIT_SIGNING_SENT || kind == AUDIT_SIGNING_SIGNED)
			sum = sum_after(&one->details[i], position);
	}
	return one->signing.state == SIGNING_COMPLETED ||
	       (sum && memcmp(sum, one->heads[position].sha256, SIGNING_SHA256_BYTES) == 0);
}

/* Each row is authentic by itself, an older one that was put back too: then they do not fit each
 * other any more, and nobody signs over what somebody has signed. */
static enum err check_together(const struct signing_case *one)
{
	int64_t have_signed = 0, told = 0;
	bool is_fine = true;
	for (int64_t i = 0; i < one->signing.signer_count; i++)
		have_signed += one->people[i].state == SIGNER_SIGNED;
	for (size_t i = 0; i < one->event_count; i++)
		told += one->events[i].kind == AUDIT_SIGNING_SIGNED;
	for (int64_t i = 0; i < one->signing.document_count; i++)
		is_fine = is_fine && one->files[i].revision == have_signed && is_as_told(one, i);
	return is_fine && told == have_signed ? OK : ERR_CORRUPT;
}

enum err signing_case_open(struct cx *cx, const struct id *message_id, struct signing_case *ret)
{
	enum err err = read_all(cx, message_id, ret);
	if (err == OK)
		err = open_keys(cx, ret);
	if (err == OK)
		err = open_details(cx, ret);
	if (err == OK)
		err = check_together(ret);
	if (err == ERR_CORRUPT)
		log_event(LOG_ALARM, "signing.unreadable", LOG_STR("message", id_str(message_id)));
	return err;
}

/* ---- */

bool signing_case_is_sender(const struct cx *cx, const struct signing_case *one)
{
	return id_eq(&one->signing.sender_id, &cx->session->user.id);
}

bool signing_case_is_gone(const struct signing_case *one, int64_t at)
{
	enum signer_state state = one->people[at].state;
	return one->users[at].state == USER_DISABLED &&
	       (state == SIGNER_ASKED || state == SIGNER_WAITING);
}

bool signing_case_has_place(const struct signing_case *one, const struct id *user_id)
{
	for (size_t i = 0; i < one->plan.field_count; i++) {
		const struct signing_field *field = &one->plan.fields[i];
		if (field->kind == PDF_FIELD_SIGNATURE && str_eq(field->signer, id_str(user_id)))
			return true;
	}
	return false;
}
