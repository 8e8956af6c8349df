#include "api/api_users.h"

#include "api/api_addresses.h"
#include "api/api_body.h"
#include "api/api_messages.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "core/people.h"
#include "core/people_erase.h"
#include "core/people_search.h"
#include "core/session.h"
#include "http/form.h"

static void write_user(struct json_write *write, const struct user *user)
{
	json_write_object(write, NULL);
	json_write_id(write, "id", &user->id);
	json_write_text(write, "email", user->address);
	json_write_text(write, "name", user->name);
	json_write_text(write, "grade", str_of(user_grade_word(user->grade)));
	json_write_text(write, "role", str_of(user_role_word(user->role)));
	json_write_text(write, "state", str_of(user_state_word(user->state)));
	json_write_text(write, "custody", str_of(user_custody_word(user->custody)));
	json_write_time(write, "created_at", user->created_ms);
	json_write_time(write, "last_seen_at", user->seen_ms);
	json_write_object_end(write);
}

static struct str tag_of(struct cx *cx, const struct user *user)
{
	return arena_printf(cx->arena, "\"%lld\"", (long long)user->version);
}

static void answer(struct cx *cx, struct response *res, const struct user *user)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	response_header(res, "ETag", tag_of(cx, user));
	write_user(&write, user);
}

/* What core/ has a sentence for is a mistake of the request; what it has none for is the layers'
 * below. */
static enum err tell(struct cx *cx, struct response *res, enum err err,
		     const struct form_errors *errors)
{
	if (errors->count == 0)
		return err;
	if (err == ERR_BUSY)
		problem_answer_sentence(cx, res, PROBLEM_BUSY, errors->items[0].detail);
	else if (err == ERR_CONFLICT)
		problem_answer_sentence(cx, res, PROBLEM_CONFLICT, errors->items[0].detail);
	else if (err == ERR_INVALID || err == ERR_DENIED || err == ERR_TOO_LARGE)
		problem_answer(cx, res, PROBLEM_MISTAKES, errors);
	else
		return err;
	return OK;
}

static enum err read_id(const struct request *req, struct id *ret)
{
	return id_parse(req->params[0], ret) == OK ? OK : ERR_NOT_FOUND;
}

static enum err read_user(struct cx *cx, const struct request *req, struct user *ret)
{
	struct id id;
	TRY(read_id(req, &id));
	return people_get(cx, &id, ret);
}

/* ---- reading ---- */

enum err api_users_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct form_errors errors = {.count = 0};
	struct people_found found;
	struct people_query query;
	struct form form;
	int64_t limit;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &query.cursor, &errors);
	query.q = form_value(&form, "q");
	query.grade = form_value(&form, "grade");
	query.role = form_value(&form, "role");
	query.state = form_value(&form, "state");
	query.seen = form_value(&form, "seen");
	query.sort = form_value(&form, "sort");
	enum err err =
		errors.count > 0 ? ERR_INVALID : people_search(cx, &query, limit, &found, &errors);
	if (err != OK)
		return tell(cx, res, err, &errors);
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < found.count; i++)
		write_user(&write, &found.users[i]);
	json_write_list_end(&write);
	if (found.next_cursor.len > 0)
		json_write_text(&write, "next_cursor", found.next_cursor);
	if (found.has_total)
		json_write_int(&write, "total", found.total);
	json_write_object_end(&write);
	return OK;
}

enum err api_users_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct user user;
	TRY(read_user(cx, req, &user));
	answer(cx, res, &user);
	return OK;
}

/* ---- writing ---- */

static enum grade read_grade(struct json_read *read, enum grade otherwise)
{
	enum grade grade = otherwise;
	bool is_given = json_read_has(read, "grade");
	struct str word = json_read_text(read, "grade", is_given ? REQUIRED : OPTIONAL);
	if (is_given && word.len > 0 && user_grade_parse(word, &grade) != OK)
		json_read_tell(read, "grade", TEXT_ADMIN_USERS_FILTER_BAD);
	return grade;
}

static enum role read_role(struct json_read *read, enum role otherwise)
{
	enum role role = otherwise;
	bool is_given = json_read_has(read, "role");
	struct str word = json_read_text(read, "role", is_given ? REQUIRED : OPTIONAL);
	if (is_given && word.len > 0 && user_role_parse(word, &role) != OK)
		json_read_tell(read, "role", TEXT_ADMIN_USERS_FILTER_BAD);
	return role;
}

/* "active" and "disabled"; whether somebody has registered is not for others to say. */
static bool read_is_enabled(struct json_read *read)
{
	bool is_given = json_read_has(read, "state");
	struct str word = json_read_text(read, "state", is_given ? REQUIRED : OPTIONAL);
	bool is_active = str_eq(word, STR("active"));
	if (is_given && word.len > 0 && !is_active && !str_eq(word, STR("disabled")))
		json_read_tell(read, "state", TEXT_ADMIN_USERS_STATE_BAD);
	return is_active;
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct user user;
	struct str address = json_read_text(read, "address", REQUIRED);
	enum grade grade = read_grade(read, GRADE_GUEST);
	enum role role = read_role(read, ROLE_MEMBER);
	(void)req;
	enum err err = json_read_end(read);
	if (err == OK)
		err = people_add(cx, address, grade, role, read->errors);
	if (err != OK)
		return tell(cx, res, err, read->errors);
	TRY(people_find(cx, address, &user));
	res->status = 201;
	response_header(res, "Location", arena_printf(cx->arena, "/api/v1/users/%s", user.id.text));
	answer(cx, res, &user);
	return OK;
}

enum err api_users_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

/* ERR_CONFLICT: the tag is of the user as they were before. */
static enum err check_tag(struct cx *cx, const struct request *req, const struct user *user,
			  int64_t *ret_version)
{
	struct str tag = str_trim(request_header(req, "If-Match"));
	bool is_any = tag.len == 0 || str_eq(tag, STR("*"));
	*ret_version = is_any ? 0 : user->version;
	return is_any || str_eq(tag, tag_of(cx, user)) ? OK : ERR_CONFLICT;
}

/* It holds once it is confirmed, so nothing else goes with it. */
static enum err patch_address(struct json_read *read, const struct request *req,
			      const struct user *user, struct response *res)
{
	int64_t version;
	if (check_tag(read->cx, req, user, &version) == OK)
		return api_addresses_patch(read, user, res);
	problem_answer(read->cx, res, PROBLEM_CHANGED, NULL);
	return OK;
}

static enum err patch(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct user user;
	TRY(read_user(cx, req, &user));
	if (json_read_has(read, "address"))
		return patch_address(read, req, &user, res);
	struct people_change change = {
		.has_grade = json_read_has(read, "grade"),
		.has_role = json_read_has(read, "role"),
		.has_state = json_read_has(read, "state"),
		.grade = read_grade(read, user.grade),
		.role = read_role(read, user.role),
		.is_enabled = read_is_enabled(read),
	};
	enum err err = json_read_end(read);
	if (err == OK)
		err = check_tag(cx, req, &user, &change.seen_version);
	if (err == OK)
		err = people_change(cx, &user.id, &change, &user, read->errors);
	if (err == ERR_CONFLICT) {
		problem_answer(cx, res, PROBLEM_CHANGED, NULL);
		return OK;
	}
	if (err != OK)
		return tell(cx, res, err, read->errors);
	answer(cx, res, &user);
	return OK;
}

enum err api_users_patch(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, patch);
}

enum err api_users_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct user user;
	int64_t version;
	TRY(read_user(cx, req, &user));
	if (check_tag(cx, req, &user, &version) != OK) {
		problem_answer(cx, res, PROBLEM_CHANGED, NULL);
		return OK;
	}
	/* A token that was found or stolen erases nobody; the page asks for the password. */
	if (!session_is_fresh(cx)) {
		problem_answer(cx, res, PROBLEM_SIGN_IN_AGAIN, NULL);
		return OK;
	}
	enum err err = people_erase(cx, &user.id, NULL, &errors);
	if (err != OK)
		return tell(cx, res, err, &errors);
	res->status = 204;
	return OK;
}

static enum err help(struct cx *cx, const struct request *req, struct response *res,
		     enum err (*act)(struct cx *cx, const struct id *id,
				     struct form_errors *errors))
{
	struct form_errors errors = {.count = 0};
	struct id id;
	TRY(read_id(req, &id));
	enum err err = act(cx, &id, &errors);
	if (err != OK)
		return tell(cx, res, err, &errors);
	res->status = 204;
	return OK;
}

enum err api_users_invite(struct cx *cx, const struct request *req, struct response *res)
{
	return help(cx, req, res, people_invite_again);
}

enum err api_users_reset(struct cx *cx, const struct request *req, struct response *res)
{
	return help(cx, req, res, people_help);
}
