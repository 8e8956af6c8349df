#include "web/fields_page.h"

#include "base/limits.h"
#include "core/draft.h"
#include "core/signing_plan.h"
#include "core/signing_template.h"
#include "http/security.h"
#include "web/page_fields.h"
#include "web/when.h"

#include <strings.h>

enum { LOOKS = 8 }; /* colours in fields.css */

/* ---- who signs ---- */

/* As addresses are compared: whatever the case. */
static bool is_same_address(struct str a, struct str b)
{
	return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

static struct fields_signer *signer_of(struct fields_view *view, struct str address)
{
	for (size_t i = 0; i < view->signer_count; i++)
		if (is_same_address(view->signers[i].address, address))
			return &view->signers[i];
	return NULL;
}

static struct str name_of(struct cx *cx, const struct addressee *person)
{
	struct str name = person->name.len > 0 ? person->name : person->address;
	if (!person->is_self)
		return name;
	return TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_CARD_PERSON_YOU,
			 TEXT_ARG("name", name));
}

static void add_signer(struct cx *cx, struct fields_view *view, const struct addressee *person)
{
	size_t at = view->signer_count++;
	view->signers[at] = (struct fields_signer){
		.address = person->address,
		.name = name_of(cx, person),
		.has_name = person->name.len > 0,
		.number = (int64_t)at + 1,
		.look = (int64_t)at % LOOKS,
	};
}

/* Everybody in To; and whoever has a field and was taken out of it. */
static enum err fill_signers(struct cx *cx, const struct draft *draft,
			     const struct addressing *addressing, struct fields_view *view)
{
	const struct signing_plan *plan = draft->signing;
	view->signers = ARENA_ARRAY(cx->arena, addressing->count + plan->field_count + 1,
				    struct fields_signer);
	if (view->signers == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < addressing->count; i++) {
		if (addressing->items[i].kind == RECIPIENT_TO)
			add_signer(cx, view, &addressing->items[i]);
		else
			view->watcher_count++;
	}
	view->can_place = view->signer_count > 0;
	for (size_t i = 0; i < plan->field_count; i++) {
		struct str address = plan->fields[i].signer;
		struct fields_signer *signer = signer_of(view, address);
		if (signer == NULL) {
			signer = &view->signers[view->signer_count++];
			*signer = (struct fields_signer){
				.address = address, .name = address, .is_gone = true};
		}
		signer->field_count++;
	}
	return OK;
}

/* ---- what they sign ---- */

static void lack(struct fields_view *view, struct str sentence)
{
	view->lacks[view->lack_count++].words = sentence;
}

static enum err fill_documents(struct cx *cx, const struct draft *draft, struct fields_view *view)
{
	struct attached_file *files;
	TRY(files_part_list(cx, draft, &files));
	view->documents = ARENA_ARRAY(cx->arena, draft->file_count + 1, struct fields_document);
	view->lacks = ARENA_ARRAY(cx->arena, draft->file_count + 2, struct fields_sentence);
	if (view->documents == NULL || view->lacks == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < draft->file_count; i++) {
		view->documents[view->document_count++] = (struct fields_document){
			.id = files[i].words.id, .name = files[i].words.name};
		if (files[i].state != ATTACHED_READY)
			lack(view, TEXT_FILL(cx->arena, cx->language, TEXT_FIELDS_NOT_READY,
					     TEXT_ARG("name", files[i].words.name)));
	}
	if (draft->file_count == 0)
		lack(view, text_get(cx->language, TEXT_FIELDS_NO_DOCUMENTS));
	return OK;
}

/* ---- templates ---- */

static enum err fill_templates(struct cx *cx, struct fields_view *view)
{
	struct signing_template *templates;
	size_t count;
	TRY(signing_template_list(cx, &templates, &count));
	view->templates = ARENA_ARRAY(cx->arena, count + 1, struct fields_template);
	if (view->templates == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		view->templates[i] = (struct fields_template){
			.id = templates[i].id,
			.words = TEXT_FILL(cx->arena, cx->language, TEXT_FIELDS_TEMPLATE_LINE,
					   TEXT_ARG("name", templates[i].name),
					   TEXT_NUMBER("count", (int64_t)templates[i].field_count)),
		};
	view->template_count = count;
	return OK;
}

/* ---- the page ---- */

static void fill_marks(struct fields_view *view)
{
	view->mark.number = STR("{number}");
	view->mark.name = STR("{name}");
	view->mark.kind = STR("{kind}");
	view->mark.page = STR("{page}");
	view->mark.need = STR("{need}");
	view->mark.x = STR("{x}");
	view->mark.y = STR("{y}");
	view->mark.width = STR("{width}");
	view->mark.height = STR("{height}");
	view->mark.count = STR("{count}");
	view->mark.pages = STR("{pages}");
}

/* The one that makes pdf.js's worker: as where a PDF is looked at (file_page.c). */
static void allow_pdf(struct response *res)
{
	response_header(res, "Content-Security-Policy",
			STR(SECURITY_CSP "; worker-src 'self'; trusted-types pdf-worker"));
}

enum err fields_page_render(struct cx *cx, struct response *res, const struct draft *draft,
			    const struct form_errors *errors, struct fields_view *view)
{
	struct addressing addressing = {0};
	struct form_errors unsaid = {0};
	bool is_asked;
	view->errors = errors;
	view->draft = draft->kept_id;
	view->version = draft->kept_version;
	view->key = draft->idempotency_key.len > 0 ? draft->idempotency_key
						   : compose_page_key(cx->arena);
	TRY(signing_form_fill(cx, draft, errors, &view->form));
	/* What is still wrong with them is said when it is sent. */
	enum err err = message_address(cx, draft, &addressing, &unsaid);
	if (err != OK && err != ERR_INVALID && err != ERR_TOO_LARGE)
		return err;
	TRY(fill_signers(cx, draft, &addressing, view));
	TRY(compose_page_list_invites(cx, draft, &addressing, &view->invites, &view->invite_count,
				      &is_asked));
	TRY(fill_documents(cx, draft, view));
	if (!view->can_place)
		lack(view, text_get(cx->language, TEXT_FIELDS_NO_SIGNERS));
	view->can_place = view->lack_count == 0;
	view->can_send = view->lack_count == 0;
	int64_t deadline_ms = signing_plan_deadline_ms(cx, draft->signing);
	if (deadline_ms > 0)
		view->deadline = when_long(cx, deadline_ms);
	TRY(fill_templates(cx, view));
	fill_marks(view);
	TRY(frame_init(cx, text_get(cx->language, TEXT_FIELDS_TITLE), PLACE_COMPOSE, &view->frame));
	view->frame.notice = view->notice;
	allow_pdf(res);
	struct html html = frame_html(cx, res);
	page_fields(&html, view);
	return OK;
}

/* "The template is used, without 3 fields: ..." */
static struct str notice_of(struct cx *cx, const struct request *req)
{
	struct form query;
	int64_t left_out = 0;
	struct str notice = frame_notice(cx, req);
	if (form_parse(cx->arena, req->query, &query) != OK || notice.len == 0 ||
	    !str_eq(form_value(&query, "done"), STR("template-used")) ||
	    !str_to_int(form_value(&query, "left"), &left_out) || left_out <= 0 ||
	    left_out > LIMIT_SIGNING_FIELDS)
		return notice;
	return TEXT_FILL(cx->arena, cx->language, TEXT_FIELDS_TEMPLATE_USED_PART,
			 TEXT_NUMBER("count", left_out));
}

enum err fields_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	static const struct form_errors none;
	struct kept_draft kept;
	struct fields_view view = {.notice = notice_of(cx, req)};
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = draft_get(cx, &id, &kept);
	if (err == ERR_NOT_FOUND) {
		response_redirect(res, STR("/compose?done=draft-gone"));
		return OK;
	}
	TRY(err);
	if (kept.draft.signing == NULL) {
		response_redirect(res, arena_printf(cx->arena, "/compose?draft=%s", id.text));
		return OK;
	}
	return fields_page_render(cx, res, &kept.draft, &none, &view);
}
