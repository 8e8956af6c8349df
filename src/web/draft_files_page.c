#include "web/draft_files_page.h"

#include "base/limits.h"
#include "core/draft.h"
#include "core/signing_plan.h"
#include "http/form.h"
#include "web/page_draft_files.h"

/* ---- what is shown ---- */

static bool has(const struct draft *draft, const struct id *id)
{
	for (size_t i = 0; i < draft->file_count; i++) {
		if (id_eq(&draft->files[i], id))
			return true;
	}
	return false;
}

/* What is attached already is not offered again. */
static enum err fill_library(struct cx *cx, const struct draft *draft, struct str cursor,
			     struct draft_files_view *view)
{
	struct library_list list;
	struct form_errors errors = {0};
	TRY(library_page_look(cx, view->query, cursor, &list, &errors));
	view->query_mistake = form_errors_for(&errors, "q");
	TRY(library_page_rows(cx, &list, &view->rows));
	view->row_count = list.count;
	for (size_t i = 0; i < list.count; i++)
		view->rows[i].can_attach &= !has(draft, &view->rows[i].words.id);
	view->next_cursor = list.next_cursor;
	return OK;
}

enum err draft_files_page_render(struct cx *cx, struct response *res, const struct id *draft,
				 struct str query, struct str cursor,
				 const struct form_errors *errors)
{
	struct kept_draft kept;
	struct upload_limits limits;
	struct draft_files_view view = {.draft = *draft, .errors = errors, .query = query};
	TRY(draft_get(cx, draft, &kept));
	view.reply_to = kept.draft.reply_to;
	view.is_reply = !id_is_empty(&kept.draft.reply_to);
	TRY(files_part_list(cx, &kept.draft, &view.files));
	view.count = kept.draft.file_count;
	TRY(upload_limits_of(cx, &limits));
	view.limits = files_part_limits(cx, &limits);
	if (limits.blocked_endings.len > 0)
		view.blocked = TEXT_FILL(cx->arena, cx->language, TEXT_DRAFT_FILES_BLOCKED,
					 TEXT_ARG("endings", limits.blocked_endings));
	TRY(fill_library(cx, &kept.draft, cursor, &view));
	TRY(frame_init(cx, text_get(cx->language, TEXT_DRAFT_FILES_TITLE), PLACE_COMPOSE,
		       &view.frame));
	struct html html = frame_html(cx, res);
	page_draft_files(&html, &view);
	return OK;
}

enum err draft_files_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	static const struct form_errors none;
	struct id id;
	struct form query;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->query, &query));
	return draft_files_page_render(cx, res, &id, form_value(&query, "q"),
				       form_value(&query, "cursor"), &none);
}

/* ---- adding and removing ---- */

static enum err save(struct cx *cx, const struct kept_draft *kept, struct form_errors *errors)
{
	struct draft_saved saved;
	return draft_save(cx, &kept->id, kept->version, &kept->draft, &saved, errors);
}

enum err draft_files_page_attach(struct cx *cx, const struct id *draft, const struct id *files,
				 size_t count, struct form_errors *errors)
{
	struct kept_draft kept;
	TRY(draft_get(cx, draft, &kept));
	struct id *all = ARENA_ARRAY(cx->arena, kept.draft.file_count + count + 1, struct id);
	if (all == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < kept.draft.file_count; i++)
		all[i] = kept.draft.files[i];
	kept.draft.files = all;
	for (size_t i = 0; i < count; i++) {
		if (!has(&kept.draft, &files[i]))
			all[kept.draft.file_count++] = files[i];
	}
	return save(cx, &kept, errors);
}

static void go_back(struct cx *cx, struct response *res, const struct id *draft)
{
	response_redirect(res, arena_printf(cx->arena, "/drafts/%s/files", draft->text));
}

/* Those that were ticked in the library. */
enum err draft_files_page_add(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct form form;
	struct draft ticked;
	struct form_errors errors = {0};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	TRY(files_part_read(cx->arena, &form, &ticked));
	enum err err = draft_files_page_attach(cx, &id, ticked.files, ticked.file_count, &errors);
	if (err == OK) {
		go_back(cx, res, &id);
		return OK;
	}
	if (err != ERR_INVALID && err != ERR_TOO_LARGE)
		return err;
	res->status = 422;
	return draft_files_page_render(cx, res, &id, STR_NONE, STR_NONE, &errors);
}

enum err draft_files_page_remove(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id, gone;
	struct form form;
	struct kept_draft kept;
	struct form_errors errors = {0};
	size_t count = 0;
	TRY(form_parse(req->arena, req->body, &form));
	if (id_parse(req->params[0], &id) != OK || id_parse(form_value(&form, "file"), &gone) != OK)
		return ERR_NOT_FOUND;
	TRY(draft_get(cx, &id, &kept));
	struct id *left = ARENA_ARRAY(cx->arena, kept.draft.file_count + 1, struct id);
	if (left == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < kept.draft.file_count; i++) {
		if (!id_eq(&kept.draft.files[i], &gone))
			left[count++] = kept.draft.files[i];
	}
	if (kept.draft.signing)
		TRY(signing_plan_move(cx->arena, &kept.draft, left, count, &kept.draft.signing));
	kept.draft.files = left;
	kept.draft.file_count = count;
	TRY(save(cx, &kept, &errors));
	go_back(cx, res, &id);
	return OK;
}
