#include "api/api_recall.h"

#include "api/api_body.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/file_recall.h"
#include "core/recall.h"
#include "core/tracking.h"

static enum err read_recipients(struct json_read *read, struct recall_wish *ret)
{
	struct str *addresses = NULL;
	ret->is_whole = !json_read_has(read, "recipients");
	if (!ret->is_whole)
		TRY(json_read_texts(read, "recipients", LIMIT_RECIPIENTS, &addresses,
				    &ret->address_count));
	ret->addresses = addresses;
	return json_read_end(read);
}

static enum err answer(struct json_read *read, enum err err, const struct recalled *recalled,
		       struct response *res)
{
	struct json_write write = {.out = &res->body};
	if (err == ERR_INVALID) {
		problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	if (err == ERR_CONFLICT && read->errors->count > 0) {
		problem_answer(read->cx, res, PROBLEM_CONFLICT, read->errors);
		return OK;
	}
	TRY(err);
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_time(&write, "recalled_at", recalled->recalled_ms);
	json_write_object_end(&write);
	return OK;
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct recall_wish wish = {.address_count = 0};
	struct recalled recalled;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	wish.reason = json_read_text(read, "reason", OPTIONAL);
	enum err err = read_recipients(read, &wish);
	if (err == OK)
		err = recall_message(read->cx, &id, &wish, &recalled, read->errors);
	return answer(read, err, &recalled, res);
}

enum err api_recall_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

static enum err create_of_file(struct json_read *read, const struct request *req,
			       struct response *res)
{
	struct recall_wish wish = {.address_count = 0};
	struct recalled recalled;
	struct id message_id, file_id;
	if (id_parse(req->params[0], &message_id) != OK || id_parse(req->params[1], &file_id) != OK)
		return ERR_NOT_FOUND;
	enum err err = read_recipients(read, &wish);
	if (err == OK)
		err = file_recall(read->cx, &message_id, &file_id, &wish, &recalled, read->errors);
	return answer(read, err, &recalled, res);
}

enum err api_recall_create_of_file(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create_of_file);
}

static void write_file(struct json_write *write, const struct message_person *person,
		       const struct id *file_id, struct str name)
{
	struct file_fate fate = tracking_fate(person, file_id);
	json_write_object(write, NULL);
	json_write_id(write, "id", file_id);
	if (name.data)
		json_write_text(write, "name", name);
	json_write_time(write, "downloaded_at", fate.downloaded_ms);
	json_write_time(write, "recalled_at", fate.recalled_ms);
	json_write_object_end(write);
}

/* Those of a confidential message without their names. */
static void write_files(struct json_write *write, const struct tracking *tracking,
			const struct message_person *person)
{
	json_write_list(write, "files");
	for (size_t i = 0; i < tracking->file_count; i++)
		write_file(write, person, &tracking->files[i].id, tracking->files[i].head.name);
	for (size_t i = 0; tracking->files == NULL && i < person->file_count; i++)
		write_file(write, person, &person->files[i].file_id, STR_NONE);
	json_write_list_end(write);
}

static void write_person(struct json_write *write, const struct tracking *tracking,
			 const struct message_person *person)
{
	json_write_object(write, NULL);
	json_write_text(write, "email", person->address);
	json_write_text(write, "state", str_of(tracking_state_word(tracking_state_of(person))));
	json_write_time(write, "notified_at", person->notified_ms);
	json_write_time(write, "opened_at", person->opened_ms);
	json_write_time(write, "replied_at", person->replied_ms);
	json_write_time(write, "forwarded_at", person->forwarded_ms);
	json_write_time(write, "signed_at", person->signed_ms);
	json_write_time(write, "recalled_at", person->recalled_ms);
	write_files(write, tracking, person);
	json_write_object_end(write);
}

enum err api_recall_tracking(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct tracking tracking;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(tracking_of(cx, &id, &tracking));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "recipients");
	for (size_t i = 0; i < tracking.count; i++)
		write_person(&write, &tracking, &tracking.people[i]);
	json_write_list_end(&write);
	json_write_object_end(&write);
	return OK;
}

void api_recall_write(struct json_write *write, const struct message_view *view)
{
	bool is_recalled = view->ended == DELIVERY_RECALLED;
	json_write_time(write, "recalled_at",
			is_recalled     ? view->ended_ms
			: view->is_mine ? view->recalled_ms
					: 0);
	if (is_recalled)
		json_write_text(write, "recall_reason", view->reason);
}
