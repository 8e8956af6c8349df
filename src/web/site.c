#include "web/site.h"

#include "base/limits.h"
#include "core/live.h"
#include "core/session.h"
#include "http/origin.h"
#include "web/next_path.h"
#include "web/page_refuse.h"
#include "web/session_cookie.h"
#include "web/sign_in_page.h"

enum err web_authenticate(struct cx *cx, const struct request *req)
{
	struct str token = session_cookie_read(cx, req);
	if (token.len == 0)
		return OK;
	cx->live_since = live_now(cx->portal, cx->arena);
	enum err err = session_open(cx, token, SESSION_BROWSER, &cx->session);
	/* A row that fails its check was logged as an alarm; whoever holds the cookie is not signed
	 * in. */
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT || err == ERR_INVALID ? OK : err;
}

static const struct refusal_text {
	int status;
	enum text_id title;
	enum text_id lead;
} refusal_texts[] = {
	{400, TEXT_REFUSE_BAD_TITLE, TEXT_REFUSE_BAD},
	{401, TEXT_REFUSE_DENIED_TITLE, TEXT_REFUSE_DENIED},
	{403, TEXT_REFUSE_DENIED_TITLE, TEXT_REFUSE_DENIED},
	{404, TEXT_REFUSE_MISSING_TITLE, TEXT_REFUSE_MISSING},
	{405, TEXT_REFUSE_METHOD_TITLE, TEXT_REFUSE_METHOD},
	{409, TEXT_REFUSE_BAD_TITLE, TEXT_REFUSE_BAD},
	{410, TEXT_REFUSE_GONE_TITLE, TEXT_REFUSE_GONE},
	{413, TEXT_REFUSE_LARGE_TITLE, TEXT_REFUSE_LARGE},
	{414, TEXT_REFUSE_LARGE_TITLE, TEXT_REFUSE_LARGE},
	{415, TEXT_REFUSE_TYPE_TITLE, TEXT_REFUSE_TYPE},
	{429, TEXT_REFUSE_BUSY_TITLE, TEXT_REFUSE_BUSY},
	{431, TEXT_REFUSE_LARGE_TITLE, TEXT_REFUSE_LARGE},
	{500, TEXT_REFUSE_INTERNAL_TITLE, TEXT_REFUSE_INTERNAL},
	{503, TEXT_REFUSE_UNAVAILABLE_TITLE, TEXT_REFUSE_UNAVAILABLE},
};

/* A server that is busy (503) says so in the words of 429: its store is well. */
static const struct refusal_text *text_of(int status, enum err err)
{
	if (err == ERR_BUSY)
		status = 429;
	size_t count = sizeof refusal_texts / sizeof refusal_texts[0];
	for (size_t i = 0; i < count; i++) {
		if (refusal_texts[i].status == status)
			return &refusal_texts[i];
	}
	return status < 500 ? &refusal_texts[0] : &refusal_texts[count - 2];
}

static const struct refusal_text elsewhere = {403, TEXT_REFUSE_ELSEWHERE_TITLE,
					      TEXT_REFUSE_ELSEWHERE};

/* What the dispatcher refuses before it asks who it is. */
static bool is_from_elsewhere(const struct cx *cx, const struct request *req, int status)
{
	return status == 403 && req->method == METHOD_POST &&
	       !origin_is_own(req, cx->portal->settings->url);
}

/* Where no route was found, nobody has looked yet who it is. A mistyped address leads on only with
 * the navigation. */
static bool look_who_it_is(struct cx *cx, const struct request *req, int status)
{
	if (cx->session || status != 404 || web_authenticate(cx, req) != OK || cx->session == NULL)
		return false;
	if (!str_is_empty(cx->session->user.language))
		cx->language = language_find(cx->session->user.language);
	return true;
}

void web_refuse(struct cx *cx, const struct request *req, struct response *res, enum err err)
{
	bool is_own_session = look_who_it_is(cx, req, res->status);
	const struct refusal_text *text =
		is_from_elsewhere(cx, req, res->status) ? &elsewhere : text_of(res->status, err);
	struct refuse_view view = {
		.lead = TEXT_FILL(cx->arena, cx->language, text->lead, TEXT_ARG("id", req->id),
				  TEXT_ARG("portal", cx->portal->settings->name)),
	};
	frame_init_plain(cx, text_get(cx->language, text->title), &view.frame);
	struct html html = frame_html(cx, res);
	page_refuse(&html, &view);
	if (is_own_session) {
		session_release(cx->session);
		cx->session = NULL;
	}
}

static bool is_writing(const struct request *req)
{
	if (req->method != METHOD_POST || req->body.len == 0)
		return false;
	return str_eq(req->path, STR("/compose")) ||
	       str_starts_with(req->path, STR("/admin/texts/")) ||
	       (str_starts_with(req->path, STR("/message/")) &&
		(str_ends_with(req->path, STR("/reply")) ||
		 str_ends_with(req->path, STR("/sign")) ||
		 str_ends_with(req->path, STR("/sign/confirmed"))));
}

void web_ask_to_sign_in(struct cx *cx, const struct request *req, struct response *res)
{
	if (is_writing(req) && sign_in_page_over(cx, req, res) == OK)
		return;
	bool can_come_back = req->method == METHOD_GET || req->method == METHOD_HEAD;
	response_redirect(res, can_come_back ? next_path_sign_in(cx->arena, req->path, req->query)
					     : STR("/sign-in"));
}
