#include "api/api_registrations.h"

#include "api/api_body.h"
#include "api/api_session.h"
#include "api/problem.h"
#include "core/register.h"

static struct str link_state_word(enum link_state state)
{
	switch (state) {
	case LINK_USED: return STR("used");
	case LINK_EXPIRED: return STR("expired");
	case LINK_REPLACED: return STR("replaced");
	case LINK_GOOD: break;
	}
	return STR("good");
}

enum err api_registrations_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct invitation_view view;
	TRY(register_look(cx, req->params[0], &view));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_text(&write, "state", link_state_word(view.state));
	json_write_text(&write, "email", view.address);
	json_write_text(&write, "inviter", view.inviter);
	json_write_text(&write, "grade", str_of(user_grade_word(view.grade)));
	json_write_text(&write, "custody", str_of(user_custody_word(view.custody)));
	json_write_time(&write, "expires_at", view.expires_ms);
	json_write_int(&write, "waiting", view.waiting_count);
	json_write_text(&write, "terms_url", cx->portal->settings->terms_url);
	json_write_object_end(&write);
	return OK;
}

static enum problem problem_of(enum link_state state)
{
	switch (state) {
	case LINK_USED: return PROBLEM_LINK_USED;
	case LINK_EXPIRED: return PROBLEM_LINK_EXPIRED;
	case LINK_REPLACED: return PROBLEM_LINK_REPLACED;
	case LINK_GOOD: break;
	}
	return PROBLEM_CONFLICT;
}

/* The link was used, ran out or was replaced between looking and registering: says which. */
static enum err answer_dead_link(struct cx *cx, const struct request *req, struct response *res)
{
	struct invitation_view view;
	TRY(register_look(cx, req->params[0], &view));
	problem_answer(cx, res, problem_of(view.state), NULL);
	return OK;
}

static void answer_registered(struct response *res, const struct registration *registration)
{
	struct json_write write = {.out = &res->body};
	res->status = 201;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	api_session_write_sign_in(&write, &registration->sign_in);
	json_write_text(&write, "recovery_code", registration->recovery_code);
	if (!id_is_empty(&registration->message_id))
		json_write_id(&write, "message_id", &registration->message_id);
	json_write_object_end(&write);
}

static enum err complete(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct registration registration = {.sign_in.session = NULL};
	struct str name = json_read_text(read, "name", REQUIRED);
	struct str password = json_read_text(read, "password", REQUIRED);
	bool is_agreed = json_read_bool(read, "terms", OPTIONAL);
	enum err err = json_read_end(read);
	if (err == OK)
		err = register_complete(cx, req->params[0], name, password, is_agreed, SESSION_API,
					api_session_user_agent(req), &registration, read->errors);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	if (err == ERR_CONFLICT)
		return answer_dead_link(cx, req, res);
	TRY(err);
	answer_registered(res, &registration);
	session_release(registration.sign_in.session);
	return OK;
}

enum err api_registrations_complete(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, complete);
}
