#include "api/api_labels.h"

#include "api/api_body.h"
#include "api/api_messages.h"
#include "api/problem.h"
#include "core/label.h"

static void write_label(struct json_write *write, const struct label *label)
{
	json_write_object(write, NULL);
	json_write_id(write, "id", &label->id);
	json_write_text(write, "name", label->name);
	json_write_bool(write, "unreadable", label->is_unreadable);
	json_write_object_end(write);
}

enum err api_labels_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct label *labels;
	size_t count;
	(void)req;
	TRY(label_list(cx, &labels, &count));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < count; i++)
		write_label(&write, &labels[i]);
	json_write_list_end(&write);
	json_write_object_end(&write);
	return OK;
}

/* The label as the portal has it now: its name without blanks around it. */
static enum err answer_one(struct cx *cx, struct response *res, const struct id *id)
{
	struct json_write write = {.out = &res->body};
	struct label *labels;
	size_t count;
	TRY(label_list(cx, &labels, &count));
	for (size_t i = 0; i < count; i++) {
		if (!id_eq(&labels[i].id, id))
			continue;
		res->content_type = STR("application/json");
		write_label(&write, &labels[i]);
		return OK;
	}
	return ERR_NOT_FOUND;
}

static enum err read_name(struct json_read *read, struct str *ret)
{
	*ret = json_read_text(read, "name", REQUIRED);
	return json_read_end(read);
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct str name;
	struct id id;
	(void)req;
	enum err err = read_name(read, &name);
	if (err == OK)
		err = label_create(read->cx, name, &id, read->errors);
	if (err == ERR_INVALID) {
		problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	res->status = 201;
	return answer_one(read->cx, res, &id);
}

enum err api_labels_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

static enum err rename_one(struct json_read *read, const struct request *req, struct response *res)
{
	struct str name;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = read_name(read, &name);
	if (err == OK)
		err = label_rename(read->cx, &id, name, read->errors);
	if (err == ERR_INVALID) {
		problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	return answer_one(read->cx, res, &id);
}

enum err api_labels_rename(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, rename_one);
}

enum err api_labels_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(label_delete(cx, &id));
	res->status = 204;
	return OK;
}

enum err api_labels_messages(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct message_list list;
	struct label label;
	struct form form;
	struct str cursor;
	int64_t limit;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	if (errors.count == 0) {
		enum err err = label_messages(cx, &id, cursor, limit, &label, &list);
		if (err == ERR_INVALID)
			form_error(cx, &errors, "cursor", TEXT_JSON_CURSOR_BAD);
		else
			TRY(err);
	}
	if (errors.count > 0)
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
	else
		api_messages_answer_list(res, &list);
	return OK;
}
