#include "core/signing_documents.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/policy.h"
#include "core/signing_version.h"

/* Rounding of what was dragged to the edge of its page. */
static const double edge_points = 0.5;

static const enum text_id refusals[PDF_REFUSALS] = {
	[PDF_FINE] = TEXT_SIGNING_DOCUMENT_DAMAGED,
	[PDF_NOT_A_PDF] = TEXT_SIGNING_DOCUMENT_NO_PDF,
	[PDF_DAMAGED] = TEXT_SIGNING_DOCUMENT_DAMAGED,
	[PDF_NEEDS_PASSWORD] = TEXT_SIGNING_DOCUMENT_LOCKED,
	[PDF_XFA] = TEXT_SIGNING_DOCUMENT_XFA,
	[PDF_SIGNED_SHUT] = TEXT_SIGNING_DOCUMENT_SHUT,
	[PDF_SIGNED_SCRIPTS] = TEXT_SIGNING_DOCUMENT_SIGNED_SCRIPTS,
	[PDF_SIGNED_FALSELY] = TEXT_SIGNING_DOCUMENT_SIGNED_FALSELY,
	[PDF_TOO_MANY_PAGES] = TEXT_SIGNING_DOCUMENT_PAGES,
	[PDF_BAD_PAGE] = TEXT_SIGNING_DOCUMENT_BAD_PAGE,
	[PDF_TOO_HEAVY] = TEXT_SIGNING_DOCUMENT_HEAVY,
	[PDF_BAD_IMAGE] = TEXT_SIGNING_PICTURE_BAD,
	[PDF_BAD_FIELD] = TEXT_SIGNING_DOCUMENT_FIELD,
};

enum err signing_documents_refuse(struct cx *cx, enum err err, enum pdf_refusal refusal,
				  struct str name, const char *field, struct form_errors *errors)
{
	if (err == ERR_TOO_LARGE) {
		form_error(cx, errors, field, TEXT_SIGNING_DOCUMENT_LARGE, TEXT_ARG("name", name),
			   TEXT_ARG("size", format_size(cx->arena, cx->language, LIMIT_PDF_BYTES)));
		return ERR_INVALID;
	}
	if (err == ERR_INVALID && refusal < PDF_REFUSALS) {
		form_error(cx, errors, field, refusals[refusal], TEXT_ARG("name", name),
			   TEXT_NUMBER("count", LIMIT_PDF_PAGES));
		return ERR_INVALID;
	}
	log_event(LOG_ERROR, "signing.document_failed", LOG_CSTR("error", err_name(err)));
	form_error(cx, errors, "", TEXT_SIGNING_WORKER_FAILED);
	return ERR_UNAVAILABLE;
}

/* ERR_INVALID with errors: this portal cannot. */
static enum err check_worker(struct cx *cx, struct form_errors *errors)
{
	if (cx->portal->pdf)
		return OK;
	form_error(cx, errors, "files", TEXT_SIGNING_NO_WORKER);
	return ERR_INVALID;
}

static enum err inspect(struct cx *cx, const struct attachment *document, struct pdf_facts *ret,
			struct form_errors *errors)
{
	struct pdf_bytes bytes __attribute__((cleanup(pdf_bytes_free))) = {.fd = -1};
	enum pdf_refusal refusal = PDF_FINE;
	enum err err = document->head.bytes > LIMIT_PDF_BYTES ? ERR_TOO_LARGE : OK;
	if (err == OK)
		err = signing_version_read(cx, &document->right.file_id, document->key, &bytes);
	if (err == OK)
		err = pdf_inspect(cx->portal->pdf, &bytes, cx->arena, ret, &refusal);
	if (err == OK)
		return OK;
	return signing_documents_refuse(cx, err, refusal, document->head.name, "files", errors);
}

static void check_field(struct cx *cx, const struct signing_field *field,
			const struct pdf_facts *facts, struct form_errors *errors)
{
	const struct pdf_box *box = &field->box;
	const char *name =
		arena_cstr(cx->arena, arena_printf(cx->arena, "fields.%.*s", STR_ARGS(field->id)));
	if (form_errors_for(errors, name).len > 0)
		return; /* told already */
	if (box->page < 1 || box->page > (int64_t)facts->page_count) {
		form_error(cx, errors, name, TEXT_SIGNING_FIELD_NO_PAGE,
			   TEXT_NUMBER("count", (int64_t)facts->page_count));
		return;
	}
	const struct pdf_page_size *page = &facts->pages[box->page - 1];
	/* What is no number is not inside either. */
	bool is_inside = box->x >= -edge_points && box->y >= -edge_points && box->width > 0 &&
			 box->height > 0 && box->x + box->width <= page->width + edge_points &&
			 box->y + box->height <= page->height + edge_points;
	if (!is_inside)
		form_error(cx, errors, name, TEXT_SIGNING_FIELD_OUTSIDE);
}

enum err signing_documents_check(struct cx *cx, const struct draft *draft,
				 const struct attachments *documents, struct signing_turn *turn,
				 struct pdf_facts **ret, struct form_errors *errors)
{
	const struct signing_plan *plan = draft->signing;
	struct pdf_facts *facts = ARENA_ARRAY(cx->arena, documents->count + 1, struct pdf_facts);
	if (facts == NULL)
		return ERR_UNAVAILABLE;
	/* Told already; and each look at one costs a worker. */
	if (!policy_may(cx, ACT_REQUEST_SIGNATURES) || form_errors_for(errors, "files").len > 0 ||
	    documents->count != draft->file_count || documents->count > LIMIT_SIGNING_FILES ||
	    check_worker(cx, errors) != OK)
		return OK;
	*ret = facts;
	bool is_fine = true;
	TRY(signing_turn_take(cx, SIGNING_TURN_DRAFT, turn, errors));
	for (size_t i = 0; i < documents->count; i++) {
		if (i > 0)
			TRY(signing_turn_pass(turn, errors));
		enum err err = inspect(cx, &documents->items[i], &facts[i], errors);
		if (err != OK && err != ERR_INVALID)
			return err;
		is_fine = is_fine && err == OK;
	}
	for (size_t i = 0; is_fine && i < plan->field_count && i < LIMIT_SIGNING_FIELDS; i++) {
		const struct signing_field *field = &plan->fields[i];
		if (field->file >= 0 && field->file < (int64_t)documents->count)
			check_field(cx, field, &facts[field->file], errors);
	}
	return OK;
}

enum err signing_inspect(struct cx *cx, const struct id *file_id, struct pdf_facts *ret,
			 struct form_errors *errors)
{
	struct attachments documents CLEANUP_ATTACHMENTS = {.count = 0};
	struct draft draft = {.files = file_id, .file_count = 1};
	if (!policy_may(cx, ACT_REQUEST_SIGNATURES))
		return ERR_DENIED;
	TRY(attaching_open(cx, &draft, 1, &documents, errors));
	if (errors->count > 0)
		return ERR_INVALID;
	if (!id_is_empty(&documents.items[0].right.source_id)) {
		form_error(cx, errors, "files", TEXT_SIGNING_PLAN_NOT_UPLOADED,
			   TEXT_ARG("name", documents.items[0].head.name));
		return ERR_INVALID;
	}
	TRY(check_worker(cx, errors));
	struct signing_turn turn CLEANUP_SIGNING_TURN = {.cx = NULL};
	TRY(signing_turn_take(cx, SIGNING_TURN_DRAFT, &turn, errors));
	return inspect(cx, &documents.items[0], ret, errors);
}
