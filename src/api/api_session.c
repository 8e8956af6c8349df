#include "api/api_session.h"

#include "api/api_body.h"
#include "api/problem.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/upload.h"

struct str api_session_user_agent(const struct request *req)
{
	struct str agent = request_header(req, "User-Agent");
	return utf8_is_line(agent) ? utf8_first(agent, LIMIT_USER_AGENT_BYTES / 4) : STR_NONE;
}

static void write_user_fields(struct json_write *write, const struct user *user)
{
	json_write_id(write, "id", &user->id);
	json_write_text(write, "email", user->address);
	json_write_text(write, "name", user->name);
	json_write_text(write, "grade", str_of(user_grade_word(user->grade)));
	json_write_text(write, "role", str_of(user_role_word(user->role)));
	json_write_text(write, "state", str_of(user_state_word(user->state)));
}

void api_session_write_sign_in(struct json_write *write, const struct sign_in *sign_in)
{
	json_write_text(write, "token", sign_in->token);
	json_write_object(write, "user");
	write_user_fields(write, &sign_in->session->user);
	json_write_object_end(write);
}

static enum err sign_in(struct cx *cx, const struct request *req, struct response *res,
			struct str email, struct str password)
{
	struct json_write write = {.out = &res->body};
	struct sign_in begun = {.session = NULL};
	int64_t wait_s = 0;
	enum err err = session_sign_in(cx, email, password, SESSION_API,
				       api_session_user_agent(req), &begun, &wait_s);
	if (err == ERR_BUSY) {
		problem_answer_busy(cx, res, wait_s);
		return OK;
	}
	if (err == ERR_DENIED) {
		problem_answer(cx, res, PROBLEM_WRONG_PASSWORD, NULL);
		return OK;
	}
	TRY(err);
	res->status = 201;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	api_session_write_sign_in(&write, &begun);
	json_write_object_end(&write);
	session_release(begun.session);
	return OK;
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct str email = json_read_text(read, "email", REQUIRED);
	struct str password = json_read_text(read, "password", REQUIRED);
	if (json_read_end(read) == OK)
		return sign_in(read->cx, req, res, email, password);
	problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
	return OK;
}

enum err api_session_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

enum err api_session_delete(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	TRY(session_end(cx));
	res->status = 204;
	return OK;
}

/* So that a script knows before it sends. */
static void write_uploads(struct json_write *write, const struct upload_limits *limits)
{
	struct str rest = limits->blocked_endings, ending;
	json_write_object(write, "uploads");
	json_write_int(write, "file_max_bytes", limits->file_bytes);
	json_write_int(write, "message_max_bytes", limits->message_bytes);
	json_write_int(write, "quota_bytes", limits->quota_bytes);
	json_write_int(write, "used_bytes", limits->used_bytes);
	json_write_list(write, "blocked_endings");
	while (rest.len > 0 && str_next(&rest, ',', &ending))
		json_write_text(write, NULL, str_trim(ending));
	json_write_list_end(write);
	json_write_object_end(write);
}

enum err api_session_me(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct upload_limits limits;
	(void)req;
	TRY(upload_limits_of(cx, &limits));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	write_user_fields(&write, &cx->session->user);
	write_uploads(&write, &limits);
	json_write_object_end(&write);
	return OK;
}
