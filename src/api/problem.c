#include "api/problem.h"

#include "api/json_write.h"
#include "base/limits.h"

static const struct {
	int status;
	const char *type; /* programs compare this: never change one */
	enum text_id title;
	enum text_id detail;
} problems[PROBLEM_COUNT] = {
	[PROBLEM_BAD_REQUEST] = {400, "bad-request", TEXT_PROBLEM_BAD_REQUEST,
				 TEXT_PROBLEM_BAD_REQUEST_DETAIL},
	[PROBLEM_NOT_JSON] = {400, "not-json", TEXT_PROBLEM_NOT_JSON, TEXT_PROBLEM_NOT_JSON_DETAIL},
	[PROBLEM_NOT_SIGNED_IN] = {401, "not-signed-in", TEXT_PROBLEM_NOT_SIGNED_IN,
				   TEXT_PROBLEM_NOT_SIGNED_IN_DETAIL},
	[PROBLEM_WRONG_PASSWORD] = {401, "wrong-password", TEXT_PROBLEM_WRONG_PASSWORD,
				    TEXT_PROBLEM_WRONG_PASSWORD_DETAIL},
	[PROBLEM_SIGN_IN_AGAIN] = {401, "sign-in-again", TEXT_PROBLEM_SIGN_IN_AGAIN,
				   TEXT_PROBLEM_SIGN_IN_AGAIN_DETAIL},
	[PROBLEM_DENIED] = {403, "denied", TEXT_PROBLEM_DENIED, TEXT_PROBLEM_DENIED_DETAIL},
	[PROBLEM_NOT_FOUND] = {404, "not-found", TEXT_PROBLEM_NOT_FOUND,
			       TEXT_PROBLEM_NOT_FOUND_DETAIL},
	[PROBLEM_BAD_METHOD] = {405, "bad-method", TEXT_PROBLEM_BAD_METHOD,
				TEXT_PROBLEM_BAD_METHOD_DETAIL},
	[PROBLEM_CONFLICT] = {409, "conflict", TEXT_PROBLEM_CONFLICT, TEXT_PROBLEM_CONFLICT_DETAIL},
	[PROBLEM_WRONG_OFFSET] = {409, "wrong-offset", TEXT_PROBLEM_WRONG_OFFSET,
				  TEXT_PROBLEM_WRONG_OFFSET_DETAIL},
	[PROBLEM_BEING_SENT] = {409, "being-sent", TEXT_PROBLEM_BEING_SENT,
				TEXT_PROBLEM_BEING_SENT_DETAIL},
	[PROBLEM_FILE_SENT] = {409, "file-sent", TEXT_PROBLEM_FILE_SENT,
			       TEXT_PROBLEM_FILE_SENT_DETAIL},
	[PROBLEM_LINK_EXPIRED] = {409, "link-expired", TEXT_PROBLEM_LINK_EXPIRED,
				  TEXT_PROBLEM_LINK_EXPIRED_DETAIL},
	[PROBLEM_LINK_REPLACED] = {409, "link-replaced", TEXT_PROBLEM_LINK_REPLACED,
				   TEXT_PROBLEM_LINK_REPLACED_DETAIL},
	[PROBLEM_LINK_USED] = {409, "link-used", TEXT_PROBLEM_LINK_USED,
			       TEXT_PROBLEM_LINK_USED_DETAIL},
	[PROBLEM_GONE] = {410, "gone", TEXT_PROBLEM_GONE, TEXT_PROBLEM_GONE_DETAIL},
	[PROBLEM_BAD_TUS_VERSION] = {412, "bad-tus-version", TEXT_PROBLEM_BAD_TUS_VERSION,
				     TEXT_PROBLEM_BAD_TUS_VERSION_DETAIL},
	[PROBLEM_CHANGED] = {412, "changed", TEXT_PROBLEM_CHANGED, TEXT_PROBLEM_CHANGED_DETAIL},
	[PROBLEM_TOO_LARGE] = {413, "too-large", TEXT_PROBLEM_TOO_LARGE,
			       TEXT_PROBLEM_TOO_LARGE_DETAIL},
	[PROBLEM_BAD_CONTENT_TYPE] = {415, "bad-content-type", TEXT_PROBLEM_BAD_CONTENT_TYPE,
				      TEXT_PROBLEM_BAD_CONTENT_TYPE_DETAIL},
	[PROBLEM_MISTAKES] = {422, "mistakes", TEXT_PROBLEM_MISTAKES, TEXT_PROBLEM_MISTAKES_DETAIL},
	[PROBLEM_BUSY] = {429, "busy", TEXT_PROBLEM_BUSY, TEXT_PROBLEM_BUSY_DETAIL},
	/* tus 1.0, checksum */
	[PROBLEM_BAD_CHECKSUM] = {460, "bad-checksum", TEXT_PROBLEM_BAD_CHECKSUM,
				  TEXT_PROBLEM_BAD_CHECKSUM_DETAIL},
	[PROBLEM_INTERNAL] = {500, "internal", TEXT_PROBLEM_INTERNAL, TEXT_PROBLEM_INTERNAL_DETAIL},
	[PROBLEM_UNAVAILABLE] = {503, "unavailable", TEXT_PROBLEM_UNAVAILABLE,
				 TEXT_PROBLEM_UNAVAILABLE_DETAIL},
};

static void write_errors(struct json_write *write, const struct form_errors *errors)
{
	json_write_list(write, "errors");
	for (size_t i = 0; i < errors->count; i++) {
		json_write_object(write, NULL);
		json_write_text(write, "field", str_of(errors->items[i].field));
		json_write_text(write, "detail", errors->items[i].detail);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static void answer(struct cx *cx, struct response *res, enum problem problem, int status,
		   struct str detail, const struct form_errors *errors)
{
	struct json_write write = {.out = &res->body};
	struct str type = arena_printf(cx->arena, "urn:postern:problem:%s", problems[problem].type);
	buf_clear(&res->body);
	res->status = status;
	res->content_type = STR("application/problem+json");
	json_write_object(&write, NULL);
	json_write_text(&write, "type", type);
	json_write_text(&write, "title", text_get(cx->language, problems[problem].title));
	json_write_int(&write, "status", status);
	if (detail.len == 0)
		detail = text_get(cx->language, problems[problem].detail);
	json_write_text(&write, "detail", detail);
	if (errors && errors->count > 0)
		write_errors(&write, errors);
	json_write_object_end(&write);
}

void problem_answer(struct cx *cx, struct response *res, enum problem problem,
		    const struct form_errors *errors)
{
	answer(cx, res, problem, problems[problem].status, STR_NONE, errors);
	if (problem == PROBLEM_SIGN_IN_AGAIN)
		response_header(
			res, "WWW-Authenticate",
			arena_printf(
				cx->arena,
				"Bearer error=\"insufficient_user_authentication\", max_age=%d",
				LIMIT_FRESH_SIGN_IN_MINUTES * 60));
	else if (res->status == 401)
		response_header(res, "WWW-Authenticate", STR("Bearer"));
}

void problem_answer_sentence(struct cx *cx, struct response *res, enum problem problem,
			     struct str sentence)
{
	answer(cx, res, problem, problems[problem].status, sentence, NULL);
}

void problem_answer_busy(struct cx *cx, struct response *res, int64_t wait_s)
{
	problem_answer(cx, res, PROBLEM_BUSY, NULL);
	response_header(res, "Retry-After",
			arena_printf(cx->arena, "%lld", (long long)(wait_s > 0 ? wait_s : 1)));
}

void problem_answer_status(struct cx *cx, struct response *res)
{
	int status = res->status;
	/* 505 is about the client's version of HTTP. */
	bool is_ours = status >= 500 && status != 505;
	enum problem problem = is_ours ? PROBLEM_INTERNAL : PROBLEM_BAD_REQUEST;
	for (int i = PROBLEM_COUNT - 1; i >= 0; i--) {
		/* Of several with one status the first in the table is the general one. */
		if (problems[i].status == status)
			problem = (enum problem)i;
	}
	answer(cx, res, problem, status, STR_NONE, NULL);
}
