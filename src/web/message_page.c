#include "web/message_page.h"

#include "core/draft.h"
#include "http/form.h"
#include "web/compose_page.h"
#include "web/next_path.h"
#include "web/page_message.h"
#include "web/reply_draft.h"

static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       struct message_page_view *view)
{
	struct message_part *asked = &view->conversation.messages[view->conversation.asked];
	asked->has_acts = true;
	view->box = asked->box;
	TRY(label_page_strip(cx, &view->conversation, &view->labels));
	TRY(frame_init(cx, view->conversation.subject, PLACE_NONE, &view->frame));
	view->frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_message(&html, view);
	return OK;
}

enum err message_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct form query;
	struct message_page_view view = {0};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->query, &query));
	/* What the page asks for by itself has been opened by nobody (P4.3). */
	bool is_look = req->method == METHOD_HEAD || cx->is_background;
	unsigned how = is_look ? CONVERSATION_LOOK : 0;
	if (!str_eq(form_value(&query, "all"), STR("yes")))
		how |= CONVERSATION_FOLDED;
	TRY(conversation_fill(cx, &id, how, &view.conversation));
	TRY(reply_draft_fill(cx, &view.conversation.reply));
	return render(cx, req, res, &view);
}

/* A reply has only one field to mend; everything else is said above it. */
static void gather_errors(struct form_errors *errors, struct reply_part *reply)
{
	for (size_t i = 0; i < errors->count; i++) {
		if (!str_eq(str_of(errors->items[i].field), STR("body")))
			errors->items[i].field = "";
	}
	reply->errors = errors;
	reply->body_error = form_errors_for(errors, "body");
}

static enum err render_again(struct cx *cx, const struct request *req, struct response *res,
			     const struct draft *draft, bool is_to_all, struct form_errors *errors)
{
	struct message_page_view view = {0};
	bool is_key_spent = form_errors_for(errors, "idempotency_key").len > 0;
	TRY(conversation_fill(cx, &draft->reply_to, CONVERSATION_FOLDED, &view.conversation));
	struct reply_part *reply = &view.conversation.reply;
	reply->body = draft->body;
	reply->is_to_all = is_to_all;
	reply->draft = draft->kept_id;
	reply->version = draft->kept_version;
	if (!is_key_spent)
		reply->key = draft->idempotency_key;
	TRY(files_part_fill(cx, draft, errors, &reply->files));
	gather_errors(errors, reply);
	return render(cx, req, res, &view);
}

/* The buttons about files, without their script. */
static enum err save_reply(struct cx *cx, struct response *res, const struct draft *draft,
			   enum compose_button button, struct form_errors *errors)
{
	struct draft_saved saved;
	TRY(draft_save(cx, &draft->kept_id, draft->kept_version, draft, &saved, errors));
	struct str back = arena_printf(cx->arena, "/message/%s", draft->reply_to.text);
	response_redirect(res, compose_page_after(cx, &saved.id, button, back));
	return OK;
}

enum err message_page_reply(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct draft draft;
	struct sent sent;
	struct form_errors errors = {0};
	enum text_id why;
	bool is_to_all;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(reply_draft_read(cx, req, &id, &draft, &is_to_all));
	enum compose_button button = compose_draft_button(req);
	enum err err = button == BUTTON_SEND ? compose_draft_send(cx, &draft, &sent, &errors)
					     : save_reply(cx, res, &draft, button, &errors);
	if (err == OK && button != BUTTON_SEND)
		return OK;
	if (err == OK) {
		response_redirect(res, arena_printf(cx->arena, "/message/%s?done=replied#m%s",
						    sent.id.text, sent.id.text));
		return OK;
	}
	bool is_said = errors.count > 0; /* why this message cannot be answered (any more) */
	if ((err == ERR_CONFLICT && !is_said) || (err == ERR_NOT_FOUND && draft.kept_version > 0)) {
		TRY(compose_draft_renew(cx, err, &draft, &why));
		form_error(cx, &errors, "", why);
		res->status = 409;
		return render_again(cx, req, res, &draft, is_to_all, &errors);
	}
	if (err == ERR_DENIED && !is_said)
		form_error(cx, &errors, "", TEXT_REPLY_DENIED);
	else if (err == ERR_UNAVAILABLE || (err == ERR_BUSY && errors.count == 0))
		form_error(cx, &errors, "", TEXT_COMPOSE_TRY_AGAIN);
	else if (!is_said && err != ERR_INVALID && err != ERR_TOO_LARGE && err != ERR_BUSY)
		return err;
	res->status = err == ERR_DENIED                            ? 403
		      : err == ERR_CONFLICT                        ? 409
		      : err == ERR_BUSY                            ? 429
		      : err == ERR_INVALID || err == ERR_TOO_LARGE ? 422
								   : 503;
	return render_again(cx, req, res, &draft, is_to_all, &errors);
}

enum err message_page_invite_again(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct form form;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = message_resend_invitation(cx, &id);
	if (err != OK && err != ERR_CONFLICT && err != ERR_BUSY)
		return err;
	struct str next = next_path_local(form_value(&form, "next"));
	response_redirect(
		res, arena_printf(cx->arena, "%.*s?done=%s",
				  (int)(str_find_char(next, '?') >= 0 ? str_find_char(next, '?')
								      : (ptrdiff_t)next.len),
				  next.data,
				  err == OK         ? "invited-again"
				  : err == ERR_BUSY ? "invited-often"
						    : "registered-already"));
	return OK;
}

/* Shown by the very answer to the password: at the next opening it is asked for again (P4.2). */
enum err message_page_open(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct form form;
	struct form_errors errors = {0};
	struct message_page_view view = {0};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = mailbox_confirm(cx, &id, form_value(&form, "password"), &errors);
	if (err == ERR_BUSY)
		form_error(cx, &errors, "password", TEXT_ACCOUNT_SLOWED);
	else if (err != ERR_INVALID)
		TRY(err);
	if (err != OK)
		res->status = err == ERR_BUSY ? 429 : 422;
	TRY(conversation_fill(cx, &id, false, &view.conversation));
	TRY(reply_draft_fill(cx, &view.conversation.reply));
	view.conversation.messages[view.conversation.asked].password_wrong =
		form_errors_for(&errors, "password");
	return render(cx, req, res, &view);
}
