#include "core/draft.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/draft_bytes.h"
#include "core/draft_files.h"
#include "core/draft_read.h"
#include "core/policy.h"
#include "core/signing_plan.h"
#include "crypto/aead.h"
#include "store/drafts.h"
#include "store/files.h"

/* A saving that meets another one of the same form looks again. */
enum { SAVE_TRIES = 4 };

/* ---- what was typed ---- */

static enum err check_people(struct cx *cx, const char *name, struct str typed,
			     struct address **ret, size_t *ret_count, struct form_errors *errors)
{
	enum err err = ERR_TOO_LARGE;
	*ret_count = 0;
	if (typed.len <= LIMIT_DRAFT_PEOPLE_BYTES)
		err = address_parse_list(cx->arena, typed, LIMIT_RECIPIENTS, ret, ret_count);
	if (err != ERR_TOO_LARGE)
		return err;
	form_error(cx, errors, name, TEXT_ERROR_ADDRESS_TOO_MANY,
		   TEXT_NUMBER("count", LIMIT_RECIPIENTS));
	return OK;
}

static void check_text(struct cx *cx, const struct draft *draft, struct form_errors *errors)
{
	if (!utf8_is_valid(draft->subject))
		form_error(cx, errors, "subject", TEXT_ERROR_SUBJECT_UNREADABLE);
	else if (utf8_count(draft->subject) > LIMIT_SUBJECT_CHARS)
		form_error(cx, errors, "subject", TEXT_ERROR_SUBJECT_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_SUBJECT_CHARS));
	if (draft->expires.len > LIMIT_EXPIRY_BYTES || !utf8_is_valid(draft->expires))
		form_error(cx, errors, "expires_at", TEXT_ERROR_EXPIRY_BAD);
	if (!utf8_is_valid(draft->body))
		form_error(cx, errors, "body", TEXT_ERROR_BODY_UNREADABLE);
	else if (draft->body.len > LIMIT_BODY_BYTES)
		form_error(
			cx, errors, "body", TEXT_ERROR_BODY_TOO_LONG,
			TEXT_ARG("size", format_size(cx->arena, cx->language, LIMIT_BODY_BYTES)));
}

/* What lists show of it. */
static enum err check_draft(struct cx *cx, const struct draft *draft, struct draft_line *ret,
			    struct form_errors *errors)
{
	struct address *to = NULL, *others = NULL;
	size_t to_count, count;
	struct draft_line line = {.subject = draft->subject, .is_signing = draft->signing != NULL};
	TRY(check_people(cx, "to", draft->to, &to, &to_count, errors));
	TRY(check_people(cx, "cc", draft->cc, &others, &count, errors));
	TRY(check_people(cx, "bcc", draft->bcc, &others, &count, errors));
	check_text(cx, draft, errors);
	if (draft->signing)
		signing_plan_check_size(cx, draft, errors);
	if (errors->count > 0)
		return ERR_INVALID;
	for (; line.people_count < to_count && line.people_count < DRAFT_NAMED_PEOPLE;
	     line.people_count++)
		line.people[line.people_count] =
			utf8_first(to[line.people_count].text, LIMIT_ADDRESS_BYTES);
	line.people_more = (int64_t)(to_count - line.people_count);
	*ret = line;
	return OK;
}

/* ---- saving ---- */

struct saving {
	struct draft_row row;
	int64_t expected; /* 0: it is new */
	struct id *files;
	size_t file_count;
};

static enum err write_row(struct db *db, const struct saving *saving)
{
	int64_t count;
	if (saving->expected > 0)
		return drafts_update(db, &saving->row, saving->expected);
	TRY(drafts_count(db, &saving->row.user_id, &count));
	if (count >= LIMIT_DRAFTS)
		return ERR_TOO_LARGE;
	return drafts_insert(db, &saving->row);
}

/* What is attached is not cleared away with what nobody sends. */
static enum err write_draft(struct db *db, void *argument)
{
	const struct saving *saving = argument;
	TRY(write_row(db, saving));
	return draft_files_set(db, &saving->row.id, saving->files, saving->file_count);
}

enum err draft_claim(struct cx *cx, const struct id *id, int64_t version, struct str key,
		     int64_t *ret_version)
{
	struct draft_row row;
	struct draft stored;
	enum err err = draft_row_get(cx, id, &row);
	if (err == ERR_NOT_FOUND && version == 0) {
		*ret_version = 0;
		return OK;
	}
	TRY(err);
	if (row.version != version) {
		TRY(draft_content(cx, &row, &stored));
		if (key.len == 0 || !str_eq(key, stored.idempotency_key))
			return ERR_CONFLICT;
	}
	*ret_version = row.version;
	return OK;
}

static enum err try_save(struct cx *cx, struct saving *saving, struct str summary,
			 struct str content)
{
	const struct secret *key = cx->session->mailbox_key;
	struct draft_row *row = &saving->row;
	row->user_id = cx->session->user.id;
	row->version = saving->expected + 1;
	row->saved_ms = cx_now_ms(cx);
	struct context of_summary = draft_context("draft.summary", row);
	struct context of_content = draft_context("draft", row);
	TRY(aead_encrypt(key, &of_summary, summary, cx->arena, &row->summary));
	TRY(aead_encrypt(key, &of_content, content, cx->arena, &row->content));
	return store_transact(cx->portal->store, write_draft, saving, cx->arena);
}

static enum err save_bytes(struct cx *cx, const struct id *id, int64_t version, struct str key,
			   struct str summary, struct str content, struct saving *saving)
{
	saving->row.id = id_is_empty(id) ? id_new(cx_now_ms(cx)) : *id;
	for (int i = 0; i < SAVE_TRIES; i++) {
		TRY(draft_claim(cx, &saving->row.id, version, key, &saving->expected));
		enum err err = try_save(cx, saving, summary, content);
		if (err != ERR_CONFLICT)
			return err;
	}
	/* It is there and not ours. */
	return saving->expected == 0 ? ERR_NOT_FOUND : ERR_BUSY;
}

enum err draft_save(struct cx *cx, const struct id *id, int64_t version, const struct draft *draft,
		    struct draft_saved *ret, struct form_errors *errors)
{
	struct draft_line line;
	struct saving saving = {.row.reply_to = draft->reply_to};
	struct str summary, content;
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	struct draft kept = *draft;
	TRY(draft_files_check(cx, id, draft, &saving.files, &saving.file_count, errors));
	TRY(check_draft(cx, draft, &line, errors));
	kept.files = saving.files;
	kept.file_count = line.file_count = saving.file_count;
	TRY(draft_bytes_write_summary(cx->arena, &line, &summary));
	TRY(draft_bytes_write(cx->arena, &kept, &content));
	enum err err =
		save_bytes(cx, id, version, draft->idempotency_key, summary, content, &saving);
	if (err == ERR_TOO_LARGE) {
		form_error(cx, errors, "", TEXT_ERROR_DRAFT_LIMIT,
			   TEXT_NUMBER("count", LIMIT_DRAFTS));
		return ERR_INVALID;
	}
	TRY(err);
	*ret = (struct draft_saved){.id = saving.row.id,
				    .version = saving.row.version,
				    .saved_ms = saving.row.saved_ms};
	return OK;
}

/* ---- the end of a draft ---- */

struct deleting {
	struct id user_id;
	struct id id;
};

static enum err write_deletion(struct db *db, void *argument)
{
	const struct deleting *deleting = argument;
	return drafts_delete(db, &deleting->user_id, &deleting->id);
}

enum err draft_delete(struct cx *cx, const struct id *id)
{
	struct deleting deleting = {.user_id = cx->session->user.id, .id = *id};
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	return store_transact(cx->portal->store, write_deletion, &deleting, cx->arena);
}

enum err draft_send(struct cx *cx, const struct id *id, struct str idempotency_key,
		    struct sent *ret, struct form_errors *errors)
{
	const struct draft named = {
		.kept_id = *id, .idempotency_key = idempotency_key, .is_sent_by_id = true};
	struct kept_draft kept;
	enum err err = message_sent_before(cx, &named, ret, errors);
	if (err != ERR_NOT_FOUND)
		return err;
	err = draft_get(cx, id, &kept);
	/* The same request may have sent it just now. */
	if (err == ERR_NOT_FOUND)
		return message_sent_before(cx, &named, ret, errors);
	TRY(err);
	kept.draft.idempotency_key = idempotency_key;
	kept.draft.is_sent_by_id = true;
	return message_send(cx, &kept.draft, ret, errors);
}
