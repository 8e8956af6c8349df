#include "core/signing_new.h"

#include "base/limits.h"
#include "core/signing_cms.h"
#include "core/signing_crypt.h"
#include "core/signing_documents.h"
#include "core/signing_due.h"
#include "core/signing_evidence.h"
#include "core/signing_plan.h"
#include "core/signing_trail.h"

#include <string.h>

bool signing_new_is_later(const struct draft *draft, const struct addressee *item, size_t position)
{
	return draft->signing && draft->signing->order == SIGNING_IN_SEQUENCE &&
	       item->kind == RECIPIENT_TO && position > 0;
}

/* ---- people ---- */

static enum err prepare_people(struct cx *cx, const struct addressing *view,
			       const struct sending *sending, struct signing_new *new)
{
	struct signing *signing = &new->signing;
	/* The sender's own comes first; then everybody's in their order. */
	const struct delivery *own = sending->deliveries, *next = own + 1;
	new->people = ARENA_ARRAY(cx->arena, view->count + 1, struct signing_person);
	if (new->people == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < view->count; i++) {
		const struct delivery *delivery = view->items[i].is_self ? own : next++;
		if (view->items[i].kind != RECIPIENT_TO)
			continue;
		bool is_asked = signing->order == SIGNING_ALL_AT_ONCE || signing->signer_count == 0;
		new->people[signing->signer_count] = (struct signing_person){
			.message_id = signing->message_id,
			.user_id = delivery->user_id,
			.position = signing->signer_count,
			.state = is_asked ? SIGNER_ASKED : SIGNER_WAITING,
			.asked_ms = is_asked ? signing->created_ms : 0,
		};
		signing->signer_count++;
	}
	return OK;
}

/* ---- the plan ---- */

/* As it is kept: each field names its signer by id. */
static enum err pack_plan(struct cx *cx, const struct draft *draft, const struct checked *checked,
			  struct signing_new *new, const struct secret *key)
{
	struct buf plain CLEANUP_BUF;
	struct signing_plan plan = *draft->signing;
	buf_init(&plain, LIMIT_SIGNING_BYTES);
	plan.fields = ARENA_ARRAY(cx->arena, plan.field_count + 1, struct signing_field);
	if (plan.fields == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < plan.field_count; i++) {
		plan.fields[i] = draft->signing->fields[i];
		int64_t at =
			signing_plan_signer(cx->arena, &checked->resolved, plan.fields[i].signer);
		if (at < 0 || at >= new->signing.signer_count)
			return ERR_CONFLICT;
		plan.fields[i].signer = id_str(&new->people[at].user_id);
	}
	signing_plan_pack(&plain, &plan);
	TRY(plain.err);
	return signing_crypt_plan(cx, &new->signing.message_id, key, buf_str(&plain),
				  &new->signing.plan);
}

static struct signing terms_of(struct cx *cx, const struct draft *draft,
			       const struct message *message)
{
	const struct signing_plan *plan = draft->signing;
	return (struct signing){
		.message_id = message->id,
		.sender_id = message->sender_id,
		.state = SIGNING_OPEN,
		.order = plan->order == SIGNING_IN_SEQUENCE ? SIGNING_IN_SEQUENCE
							    : SIGNING_ALL_AT_ONCE,
		.wants_password = plan->wants_password,
		.created_ms = message->sent_ms,
		.deadline_ms = signing_plan_deadline_ms(cx, plan),
		.remind_after_ms = plan->remind_after_days * DAY_MS,
		.remind_every_ms = plan->remind_every_days * DAY_MS,
		.remind_before_ms = plan->remind_before_days * DAY_MS,
		.version = 1,
		.document_count = (int64_t)draft->file_count,
	};
}

/* ---- documents ---- */

struct preparing {
	struct cx *cx;
	const struct draft *draft;
	const struct checked *checked;
	const struct secret *key;
	struct signing_new *new;
	struct form_errors *errors;
	struct str *names; /* of the signers */
};

static enum err list_names(struct preparing *preparing)
{
	const struct addressing *view = &preparing->checked->resolved.view;
	size_t count = 0;
	preparing->names = ARENA_ARRAY(preparing->cx->arena, view->count + 1, struct str);
	if (preparing->names == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < view->count; i++) {
		const struct addressee *item = &view->items[i];
		if (item->kind == RECIPIENT_TO)
			preparing->names[count++] = item->name.len > 0 ? item->name : item->address;
	}
	return OK;
}

static enum err list_fields(struct preparing *preparing, size_t document, struct pdf_plan *plan)
{
	struct cx *cx = preparing->cx;
	const struct signing_plan *asked = preparing->draft->signing;
	struct pdf_field *fields = ARENA_ARRAY(cx->arena, asked->field_count + 1, struct pdf_field);
	if (fields == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < asked->field_count; i++) {
		const struct signing_field *field = &asked->fields[i];
		if (field->file != (int64_t)document)
			continue;
		fields[plan->field_count++] = (struct pdf_field){
			.id = field->id,
			.kind = field->kind,
			.signer = signing_plan_signer(cx->arena, &preparing->checked->resolved,
						      field->signer),
			.box = field->box,
		};
	}
	plan->fields = fields;
	return OK;
}

static enum err certify(struct cx *cx, const struct pdf_bytes *prepared, struct pdf_open *open,
			enum pdf_refusal *refusal)
{
	const struct settings *settings = cx->portal->settings;
	const struct pdf_signing signing = {
		.kind = PDF_CERTIFY,
		.name = settings->name,
		.reason = text_get(cx->language, TEXT_SIGNING_TRAIL_CERTIFIED),
		.contact = settings->url,
		.at_ms = cx_now_ms(cx),
	};
	int64_t stamped_ms;
	TRY(pdf_open_signature(cx->portal->pdf, prepared, &signing, open, refusal));
	return signing_cms_close(cx, open, PDF_CERTIFY, NULL, NULL, &stamped_ms);
}

/* prepared, open: freed by the caller. */
static enum err make_version(struct preparing *preparing, size_t at, struct pdf_bytes *prepared,
			     struct pdf_open *open, enum pdf_refusal *refusal)
{
	struct cx *cx = preparing->cx;
	const struct attachment *document = &preparing->checked->documents->items[at];
	struct signing_new *new = preparing->new;
	struct pdf_bytes original __attribute__((cleanup(pdf_bytes_free))) = {.fd = -1};
	struct pdf_plan plan = {
		.signers = preparing->names,
		.signer_count = (size_t) new->signing.signer_count,
		.title = text_get(cx->language, TEXT_SIGNING_TRAIL_TITLE),
		.trail_lines = signing_trail_lines(new->signing.signer_count),
		.wants_blocks = true,
	};
	TRY(list_fields(preparing, at, &plan));
	TRY(signing_version_read(cx, &document->right.file_id, document->key, &original));
	TRY(pdf_prepare(cx->portal->pdf, &original, &plan, prepared, refusal));
	TRY(certify(cx, prepared, open, refusal));
	TRY(signing_version_store(cx, &new->signing.sender_id, document->head.name, &open->document,
				  &new->versions[at]));
	new->version_count++;
	return OK;
}

static enum err describe(struct preparing *preparing, size_t at, struct signing_change *change)
{
	const struct attachment *document = &preparing->checked->documents->items[at];
	const struct signing_version *version = &preparing->new->versions[at];
	struct signing_file *file = &preparing->new->files[at];
	struct signing_head head = {
		.name = document->head.name,
		.pages = (int64_t)preparing->checked->document_facts[at].page_count,
		.original_bytes = document->head.bytes,
		.bytes = version->bytes,
	};
	memcpy(head.original_sha256, document->head.sha256, sizeof(head.original_sha256));
	memcpy(head.sha256, version->sha256, sizeof(head.sha256));
	*file = (struct signing_file){
		.message_id = preparing->new->signing.message_id,
		.position = (int64_t)at,
		.original_id = document->right.file_id,
		.file_id = version->file_id,
	};
	*change = (struct signing_change){.position = (int64_t)at};
	memcpy(change->before, head.original_sha256, sizeof(change->before));
	memcpy(change->after, head.sha256, sizeof(change->after));
	return signing_crypt_file(preparing->cx, preparing->key, version->key, &head, file);
}

static enum err prepare_document(struct preparing *preparing, size_t at,
				 struct signing_change *change)
{
	struct pdf_bytes prepared = {.fd = -1};
	struct pdf_open open = {.document = {.fd = -1}};
	enum pdf_refusal refusal = PDF_FINE;
	struct str name = preparing->checked->documents->items[at].head.name;
	enum err err = make_version(preparing, at, &prepared, &open, &refusal);
	pdf_bytes_free(&prepared);
	pdf_bytes_free(&open.document);
	if (err != OK)
		return signing_documents_refuse(preparing->cx, err, refusal, name, "files",
						preparing->errors);
	return describe(preparing, at, change);
}

static enum err prepare_documents(struct preparing *preparing, struct signing_detail *detail)
{
	struct arena *arena = preparing->cx->arena;
	struct signing_new *new = preparing->new;
	size_t count = preparing->checked->documents->count;
	struct signing_change *changes = ARENA_ARRAY(arena, count + 1, struct signing_change);
	new->files = ARENA_ARRAY(arena, count + 1, struct signing_file);
	new->versions = ARENA_ARRAY(arena, count + 1, struct signing_version);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	TRY(list_names(preparing));
	for (size_t i = 0; i < count; i++) {
		TRY(signing_turn_pass(preparing->checked->turn, preparing->errors));
		TRY(prepare_document(preparing, i, &changes[i]));
	}
	detail->changes = changes;
	detail->change_count = count;
	return OK;
}

/* ---- */

enum err signing_new_prepare(struct cx *cx, const struct draft *draft,
			     const struct checked *checked, const struct secret *message_key,
			     struct sending *sending, struct form_errors *errors)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct signing_detail detail = {.has_password = false};
	struct signing_new *new = ARENA_NEW(cx->arena, struct signing_new);
	if (new == NULL)
		return ERR_UNAVAILABLE;
	/* From here on it is released with the rest. */
	sending->signing = new;
	new->documents = checked->documents;
	new->signing = terms_of(cx, draft, &sending->message);
	TRY(signing_crypt_key(message_key, &key));
	TRY(prepare_people(cx, &checked->resolved.view, sending, new));
	TRY(pack_plan(cx, draft, checked, new, key));
	new->signing.next_ms = signing_due_next(&new->signing, new->people);
	struct preparing preparing = {
		.cx = cx,
		.draft = draft,
		.checked = checked,
		.key = key,
		.new = new,
		.errors = errors,
	};
	TRY(signing_evidence_of_self(cx, STR_NONE, &detail));
	TRY(prepare_documents(&preparing, &detail));
	new->event = (struct signing_event){
		.message_id = new->signing.message_id,
		.kind = AUDIT_SIGNING_SENT,
		.at_ms = new->signing.created_ms,
		.user_id = new->signing.sender_id,
	};
	return signing_crypt_event(cx, key, &detail, &new->event);
}

enum err signing_new_write(struct db *db, struct sending *sending)
{
	struct signing_new *new = sending->signing;
	const struct attachments *documents = new->documents;
	new->is_tried = true;
	new->is_over_quota = false;
	TRY(signings_insert(db, &new->signing));
	for (int64_t i = 0; i < new->signing.signer_count; i++)
		TRY(signing_people_insert(db, &new->people[i]));
	for (size_t i = 0; i < new->version_count; i++) {
		TRY(attaching_check_right(db, &new->signing.sender_id, &documents->items[i].right));
		enum err err = signing_version_write(db, &new->versions[i],
						     sending->settings->quota_bytes);
		new->is_over_quota = err == ERR_TOO_LARGE;
		TRY(err);
		TRY(signing_files_insert(db, &new->files[i]));
	}
	return signing_events_add(db, &new->event);
}

void signing_new_release(struct portal *portal, struct sending *sending, enum err err)
{
	struct signing_new *new = sending->signing;
	for (size_t i = 0; new &&i < new->version_count; i++) {
		/* A commit whose connection broke may have happened all the same. */
		new->versions[i].is_written =
			err == OK || (err == ERR_UNAVAILABLE && new->is_tried);
		signing_version_drop(portal, &new->versions[i]);
	}
}
