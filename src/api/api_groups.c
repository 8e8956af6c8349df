#include "api/api_groups.h"

#include "api/api_body.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/buf.h"
#include "base/limits.h"
#include "core/people_group.h"

static void write_group(struct json_write *write, const struct people_group *group)
{
	json_write_object(write, NULL);
	json_write_id(write, "id", &group->id);
	json_write_text(write, "name", group->name);
	json_write_list(write, "members");
	for (size_t i = 0; i < group->member_count; i++)
		json_write_text(write, NULL, group->members[i]);
	json_write_list_end(write);
	json_write_object_end(write);
}

static void answer(struct response *res, const struct people_group *group)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	write_group(&write, group);
}

/* One address a line, so that none is taken for two. */
static enum err read_members(struct json_read *read, struct str *ret)
{
	CLEANUP_BUF struct buf lines;
	struct str *members = NULL;
	size_t count = 0;
	buf_init(&lines, LIMIT_BODY_SMALL);
	TRY(json_read_texts(read, "members", LIMIT_GROUP_MEMBERS, &members, &count));
	for (size_t i = 0; i < count; i++) {
		buf_add(&lines, members[i]);
		buf_add_char(&lines, '\n');
	}
	*ret = arena_copy(read->cx->arena, buf_str(&lines));
	return lines.err;
}

static enum err save(struct json_read *read, const struct id *id, struct response *res)
{
	struct people_group group;
	struct str members;
	struct str name = json_read_text(read, "name", REQUIRED);
	TRY(read_members(read, &members));
	enum err err = json_read_end(read);
	if (err == OK)
		err = people_group_save(read->cx, id, name, members, &group, read->errors);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	answer(res, &group);
	if (id_is_empty(id)) {
		res->status = 201;
		response_header(res, "Location",
				arena_printf(read->cx->arena, "/api/v1/groups/%s", group.id.text));
	}
	return OK;
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	const struct id fresh = {0};
	(void)req;
	return save(read, &fresh, res);
}

static enum err update(struct json_read *read, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	return save(read, &id, res);
}

enum err api_groups_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

enum err api_groups_update(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, update);
}

enum err api_groups_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct people_group *groups;
	size_t count;
	(void)req;
	TRY(people_group_list(cx, &groups, &count));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < count; i++)
		write_group(&write, &groups[i]);
	json_write_list_end(&write);
	json_write_object_end(&write);
	return OK;
}

enum err api_groups_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct people_group group;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(people_group_get(cx, &id, &group));
	answer(res, &group);
	return OK;
}

enum err api_groups_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(people_group_delete(cx, &id));
	res->status = 204;
	return OK;
}
