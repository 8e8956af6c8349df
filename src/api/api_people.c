#include "api/api_people.h"

#include "api/api_messages.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/contact.h"
#include "http/form.h"

static void write_person(struct json_write *write, const struct contact *contact)
{
	json_write_object(write, NULL);
	json_write_id(write, "id", &contact->id);
	json_write_text(write, "name", contact->name);
	json_write_text(write, "email", contact->address);
	json_write_text(write, "grade", str_of(user_grade_word(contact->grade)));
	json_write_text(write, "state", str_of(user_state_word(contact->state)));
	json_write_bool(write, "blocked", contact->is_blocked);
	json_write_time(write, "last_message_at", contact->last_ms);
	json_write_object_end(write);
}

/* Core says ERR_INVALID without a sentence for a cursor only: the limit was looked at before. */
static enum err tell_mistakes(struct cx *cx, struct response *res, enum err err,
			      struct form_errors *errors)
{
	if (err == ERR_INVALID && errors->count == 0)
		form_error(cx, errors, "cursor", TEXT_JSON_CURSOR_BAD);
	else if (err != ERR_INVALID)
		return err;
	problem_answer(cx, res, PROBLEM_MISTAKES, errors);
	return OK;
}

enum err api_people_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct form_errors errors = {.count = 0};
	struct contact_list list;
	struct form form;
	struct str cursor;
	int64_t limit;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	enum err err = errors.count > 0 ? ERR_INVALID
					: contact_list(cx, form_value(&form, "q"), cursor, limit,
						       &list, &errors);
	if (err != OK)
		return tell_mistakes(cx, res, err, &errors);
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < list.count; i++)
		write_person(&write, &list.items[i]);
	json_write_list_end(&write);
	if (list.next_cursor.len > 0)
		json_write_text(&write, "next_cursor", list.next_cursor);
	json_write_object_end(&write);
	return OK;
}

enum err api_people_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct contact contact;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(contact_get(cx, &id, &contact));
	res->content_type = STR("application/json");
	write_person(&write, &contact);
	return OK;
}

enum err api_people_messages(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct message_list list;
	struct form form;
	struct str cursor;
	struct id id;
	int64_t limit;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	enum err err =
		errors.count > 0 ? ERR_INVALID : contact_messages(cx, &id, cursor, limit, &list);
	if (err != OK)
		return tell_mistakes(cx, res, err, &errors);
	api_messages_answer_list(res, &list);
	return OK;
}

enum err api_people_block(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = contact_block(cx, &id, &errors);
	if (err == ERR_INVALID && errors.count > 0)
		return tell_mistakes(cx, res, err, &errors);
	TRY(err);
	res->status = 204;
	return OK;
}

enum err api_people_unblock(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(contact_unblock(cx, &id));
	res->status = 204;
	return OK;
}
