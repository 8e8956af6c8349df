/* What the buttons of the page do on which fields are placed. */
#include "core/draft.h"
#include "core/signing_template.h"
#include "web/compose_draft.h"
#include "web/draft_page.h"
#include "web/fields_page.h"

/* ---- reading ---- */

/* Choices made here go before those made in the message. */
static enum err merge_choices(struct cx *cx, const struct draft *typed, struct draft *draft)
{
	struct invite_choice *all = ARENA_ARRAY(
		cx->arena, typed->choice_count + draft->choice_count + 1, struct invite_choice);
	if (all == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < typed->choice_count; i++)
		all[i] = typed->choices[i];
	for (size_t i = 0; i < draft->choice_count; i++)
		all[typed->choice_count + i] = draft->choices[i];
	draft->choice_count += typed->choice_count;
	draft->choices = all;
	return OK;
}

/* The message as it is kept, with the fields and choices of this form. */
static enum err read_draft(struct cx *cx, const struct request *req, struct draft *ret)
{
	struct id id;
	struct draft typed;
	struct kept_draft kept;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(compose_draft_read(cx, req, &typed));
	if (typed.signing == NULL)
		return ERR_INVALID;
	TRY(draft_get(cx, &id, &kept));
	struct draft draft = kept.draft;
	TRY(merge_choices(cx, &typed, &draft));
	draft.signing = typed.signing;
	draft.files = typed.files;
	draft.file_count = typed.file_count;
	draft.idempotency_key = typed.idempotency_key;
	draft.kept_id = id;
	draft.kept_version = typed.kept_version;
	*ret = draft;
	return OK;
}

enum err fields_page_save(struct cx *cx, const struct request *req, struct response *res)
{
	struct draft draft;
	TRY(read_draft(cx, req, &draft));
	return draft_page_keep(cx, res, &draft);
}

/* ---- mistakes ---- */

static enum err render_mistakes(struct cx *cx, struct response *res, enum err err,
				struct draft *draft, struct form_errors *errors,
				struct fields_view *view)
{
	enum text_id why;
	if ((err == ERR_CONFLICT || err == ERR_NOT_FOUND) && errors->count == 0) {
		TRY(compose_draft_renew(cx, err, draft, &why));
		view->trouble = text_get(cx->language, why);
		res->status = 409;
		return fields_page_render(cx, res, draft, errors, view);
	}
	TRY(compose_page_say(cx, res, err, draft, errors));
	return fields_page_render(cx, res, draft, errors, view);
}

/* done: a word of frame_notice(), and what goes with it. */
static void go_back(struct cx *cx, struct response *res, const struct draft *draft, struct str done)
{
	response_redirect(res, arena_printf(cx->arena, "/drafts/%s/fields?done=%.*s",
					    draft->kept_id.text, STR_ARGS(done)));
}

/* ---- sending ---- */

static enum err send(struct cx *cx, struct response *res, struct draft *draft,
		     struct fields_view *view)
{
	struct form_errors errors = {0};
	struct addressing addressing = {0};
	struct sent sent;
	bool is_asked = true;
	enum err err = message_address(cx, draft, &addressing, &errors);
	if (err == OK)
		TRY(compose_page_list_invites(cx, draft, &addressing, &view->invites,
					      &view->invite_count, &is_asked));
	view->is_not_sent = err == OK && !is_asked;
	if (view->is_not_sent)
		return fields_page_render(cx, res, draft, &errors, view);
	/* With mistakes in the addresses too: it then finds all others. */
	if (err == ERR_INVALID)
		errors.count = 0;
	if (err == OK || err == ERR_INVALID)
		err = compose_draft_send(cx, draft, &sent, &errors);
	if (err == OK)
		return compose_page_finish(cx, res, draft, &sent);
	return render_mistakes(cx, res, err, draft, &errors, view);
}

/* ---- templates ---- */

static enum err keep_template(struct cx *cx, struct response *res, struct draft *draft,
			      struct fields_view *view)
{
	struct signing_template made;
	struct form_errors errors = {0};
	enum err err = signing_template_keep(cx, view->template_name, draft, &made, &errors);
	if (err != ERR_INVALID) {
		TRY(err);
		go_back(cx, res, draft, STR("template-kept"));
		return OK;
	}
	view->has_template_mistake = true;
	view->template_wrong = form_errors_for(&errors, "name");
	res->status = 422;
	return fields_page_render(cx, res, draft, &errors, view);
}

static enum err use_template(struct cx *cx, struct response *res, const struct form *form,
			     struct draft *draft, struct fields_view *view)
{
	struct id id;
	struct signing_template template;
	struct draft_saved saved;
	struct form_errors errors = {0};
	size_t left_out;
	enum err err = id_parse(form_value(form, "template"), &id) == OK
			       ? signing_template_get(cx, &id, &template)
			       : ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND) {
		go_back(cx, res, draft, STR("template-gone"));
		return OK;
	}
	TRY(err);
	TRY(signing_template_use(cx, &template, draft, &draft->signing, &left_out));
	err = draft_save(cx, &draft->kept_id, draft->kept_version, draft, &saved, &errors);
	if (err != OK)
		return render_mistakes(cx, res, err, draft, &errors, view);
	go_back(cx, res, draft, arena_printf(cx->arena, "template-used&left=%zu", left_out));
	return OK;
}

static enum err delete_template(struct cx *cx, struct response *res, const struct form *form,
				struct draft *draft)
{
	struct id id;
	enum err err = id_parse(form_value(form, "template"), &id) == OK
			       ? signing_template_delete(cx, &id)
			       : ERR_NOT_FOUND;
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	go_back(cx, res, draft, err == OK ? STR("template-deleted") : STR("template-gone"));
	return OK;
}

/* ---- the form ---- */

/* What was placed stays, whatever the button does. */
static enum err save(struct cx *cx, struct draft *draft, struct form_errors *errors)
{
	struct draft_saved saved;
	TRY(draft_save(cx, &draft->kept_id, draft->kept_version, draft, &saved, errors));
	draft->kept_version = saved.version;
	return OK;
}

enum err fields_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct draft draft;
	struct form form;
	struct form_errors errors = {0};
	TRY(form_parse(req->arena, req->body, &form));
	TRY(read_draft(cx, req, &draft));
	struct fields_view view = {.template_name = form_value(&form, "name")};
	struct str act = form_value(&form, "act");
	if (str_eq(act, STR("send")))
		return send(cx, res, &draft, &view);
	enum err err = save(cx, &draft, &errors);
	if (err != OK)
		return render_mistakes(cx, res, err, &draft, &errors, &view);
	if (str_eq(act, STR("keep")))
		return keep_template(cx, res, &draft, &view);
	if (str_eq(act, STR("use")))
		return use_template(cx, res, &form, &draft, &view);
	if (str_eq(act, STR("delete")))
		return delete_template(cx, res, &form, &draft);
	if (str_eq(act, STR("back")))
		response_redirect(res,
				  arena_printf(cx->arena, "/compose?draft=%s", draft.kept_id.text));
	else
		go_back(cx, res, &draft, STR("draft-saved"));
	return OK;
}
