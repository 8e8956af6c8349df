#include "web/sign_reason_page.h"

#include "base/limits.h"
#include "core/mailbox.h"
#include "core/signing.h"
#include "http/form.h"
#include "web/page_sign_reason.h"

static void to_message(struct cx *cx, struct response *res, const struct id *id, struct str query)
{
	/* What came of it is said at the top of the page. */
	response_redirect(
		res, query.len > 0
			     ? arena_printf(cx->arena, "/message/%s%.*s", id->text, STR_ARGS(query))
			     : arena_printf(cx->arena, "/message/%s#m%s", id->text, id->text));
}

static enum err render(struct cx *cx, struct response *res, const struct id *id, bool is_cancel,
		       struct str reason, const struct form_errors *errors)
{
	struct message_view message;
	TRY(mailbox_look(cx, id, &message));
	struct sign_reason_view view = {
		.message_id = *id,
		.is_cancel = is_cancel,
		.subject = message.subject.len > 0 ? message.subject
						   : text_get(cx->language, TEXT_BOX_NO_SUBJECT),
		.lead = is_cancel ? text_get(cx->language, TEXT_SIGNING_CANCEL_LEAD)
				  : TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_DECLINE_LEAD,
					      TEXT_ARG("sender", message.sender.name)),
		.reason = reason,
		.reason_max = LIMIT_RECALL_REASON_CHARS,
		.reason_error = form_errors_for(errors, "reason"),
		.errors = errors,
	};
	enum text_id title = is_cancel ? TEXT_SIGNING_CANCEL_TITLE : TEXT_SIGNING_DECLINE_TITLE;
	TRY(frame_init(cx, text_get(cx->language, title), PLACE_SIGNATURES, &view.frame));
	struct html html = frame_html(cx, res);
	page_sign_reason(&html, &view);
	return OK;
}

/* Where it cannot be done (any more), the message says why. */
static enum err show(struct cx *cx, const struct request *req, struct response *res, bool is_cancel)
{
	static const struct form_errors none;
	struct id id;
	struct signing_view signing;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = signing_get(cx, &id, &signing);
	bool can = err == OK && (is_cancel ? signing.can_cancel : signing.can_decline);
	if (err == ERR_CONFLICT || err == ERR_DENIED || (err == OK && !can)) {
		to_message(cx, res, &id, STR(""));
		return OK;
	}
	TRY(err);
	return render(cx, res, &id, is_cancel, STR_NONE, &none);
}

static enum err submit(struct cx *cx, const struct request *req, struct response *res,
		       bool is_cancel)
{
	struct id id;
	struct form form;
	struct form_errors errors = {.count = 0};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	struct str reason = form_value(&form, "reason");
	enum err err = is_cancel ? signing_cancel(cx, &id, reason, &errors)
				 : signing_decline(cx, &id, reason,
						   request_header(req, "User-Agent"), &errors);
	/* Somebody was quicker: the message says how it stands. */
	if (err == OK || err == ERR_CONFLICT || err == ERR_DENIED) {
		bool is_done = err == OK;
		to_message(cx, res, &id,
			   !is_done    ? STR("?done=signing-late")
			   : is_cancel ? STR("?done=signing-cancelled")
				       : STR("?done=declined"));
		return OK;
	}
	if (err != ERR_INVALID && err != ERR_UNAVAILABLE && err != ERR_BUSY)
		return err;
	if (errors.count == 0)
		form_error(cx, &errors, "", TEXT_SIGNING_CARD_BUSY);
	res->status = err == ERR_INVALID ? 422 : err == ERR_BUSY ? 429 : 503;
	return render(cx, res, &id, is_cancel, reason, &errors);
}

enum err sign_reason_page_decline_show(struct cx *cx, const struct request *req,
				       struct response *res)
{
	return show(cx, req, res, false);
}

enum err sign_reason_page_decline(struct cx *cx, const struct request *req, struct response *res)
{
	return submit(cx, req, res, false);
}

enum err sign_reason_page_cancel_show(struct cx *cx, const struct request *req,
				      struct response *res)
{
	return show(cx, req, res, true);
}

enum err sign_reason_page_cancel(struct cx *cx, const struct request *req, struct response *res)
{
	return submit(cx, req, res, true);
}

enum err sign_reason_page_remind(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	int64_t count = 0;
	struct form_errors errors = {.count = 0};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = signing_remind(cx, &id, &count, &errors);
	if (err == OK)
		to_message(cx, res, &id,
			   arena_printf(cx->arena, "?done=reminded&count=%lld", (long long)count));
	else if (err == ERR_BUSY)
		to_message(cx, res, &id, STR("?done=reminded-often"));
	else if (err == ERR_CONFLICT || err == ERR_DENIED)
		to_message(cx, res, &id, STR("?done=signing-late"));
	else
		return err;
	return OK;
}
