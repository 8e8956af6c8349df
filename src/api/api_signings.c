#include "api/api_signings.h"

#include "api/api_body.h"
#include "api/api_messages.h"
#include "api/api_send.h"
#include "api/api_signing_read.h"
#include "api/api_signing_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/mailbox.h"
#include "core/signing.h"
#include "http/form.h"
#include "web/sign_document.h"

/* ---- answers ---- */

/* OK when *res is a refusal; else the error is told in general words. */
static enum err refuse(struct cx *cx, struct response *res, enum err err,
		       const struct form_errors *errors)
{
	static const struct {
		enum err err;
		enum problem problem;
	} problems[] = {
		{ERR_INVALID, PROBLEM_MISTAKES},        {ERR_DENIED, PROBLEM_DENIED},
		{ERR_CONFLICT, PROBLEM_CONFLICT},       {ERR_BUSY, PROBLEM_BUSY},
		{ERR_UNAVAILABLE, PROBLEM_UNAVAILABLE},
	};
	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
		if (errors->count == 0 || problems[i].err != err)
			continue;
		problem_answer(cx, res, problems[i].problem, errors);
		if (err == ERR_BUSY || err == ERR_UNAVAILABLE)
			response_header(res, "Retry-After", STR("60"));
		return OK;
	}
	return err;
}

static enum err answer(struct cx *cx, struct response *res, const struct id *id)
{
	struct json_write write = {.out = &res->body};
	struct signing_view view;
	struct message_view message;
	TRY(signing_get(cx, id, &view));
	TRY(mailbox_look(cx, id, &message));
	res->content_type = STR("application/json");
	api_signing_write(cx, &write, &view, message.subject);
	return OK;
}

enum err api_signings_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = answer(cx, res, &id);
	if (err != ERR_CONFLICT)
		return err;
	problem_answer_sentence(cx, res, PROBLEM_GONE,
				text_get(cx->language, TEXT_SIGNING_ENDED_RECALLED));
	return OK;
}

/* ---- making one ---- */

static enum err read_watchers(struct json_read *read, struct draft *draft)
{
	struct str *entries = NULL, lines = STR_NONE;
	size_t count = 0;
	TRY(json_read_texts(read, "cc", LIMIT_RECIPIENTS, &entries, &count));
	for (size_t i = 0; i < count; i++)
		lines = arena_printf(read->cx->arena, "%.*s%.*s\n", STR_ARGS(lines),
				     STR_ARGS(entries[i]));
	draft->cc = lines;
	return OK;
}

/* What a message calls "to" are a request's signers. */
static void rename_errors(struct form_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		if (str_eq(str_of(errors->items[i].field), STR("to")))
			errors->items[i].field = "signers";
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct draft draft = {.invite_as = 0};
	struct sent sent;
	TRY(api_signing_read_plan(read, &draft));
	TRY(read_watchers(read, &draft));
	draft.subject = json_read_text(read, "subject", OPTIONAL);
	draft.body = json_read_text(read, "body", OPTIONAL);
	api_send_read_grade(read, &draft.invite_as);
	api_send_read_key(cx, req, &draft.idempotency_key, read->errors);
	enum err err = json_read_end(read);
	if (err == OK)
		err = message_send(cx, &draft, &sent, read->errors);
	rename_errors(read->errors);
	if (err != OK)
		return refuse(cx, res, err, read->errors);
	TRY(answer(cx, res, &sent.id));
	res->status = 201;
	response_header(res, "Location",
			arena_printf(cx->arena, "/api/v1/signature-requests/%s", sent.id.text));
	return OK;
}

enum err api_signings_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

static enum err inspect(struct json_read *read, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct pdf_facts facts;
	struct id id = {.text = ""};
	size_t errors = read->errors->count;
	struct str text = json_read_text(read, "file", REQUIRED);
	(void)req;
	if (read->errors->count == errors && id_parse(text, &id) != OK)
		json_read_tell(read, "file", TEXT_JSON_ID_BAD);
	enum err err = json_read_end(read);
	if (err == OK)
		err = signing_inspect(read->cx, &id, &facts, read->errors);
	if (err != OK)
		return refuse(read->cx, res, err, read->errors);
	res->content_type = STR("application/json");
	api_signing_write_facts(read->cx, &write, &facts);
	return OK;
}

enum err api_signings_inspect(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, inspect);
}

/* ---- lists ---- */

static enum signing_shelf read_shelf(struct cx *cx, const struct form *form,
				     struct form_errors *errors)
{
	static const char *const words[] = {
		[SIGNING_SHELF_ALL] = "all",
		[SIGNING_SHELF_MINE] = "mine",
		[SIGNING_SHELF_WAITING] = "waiting",
		[SIGNING_SHELF_FINISHED] = "finished",
	};
	for (size_t i = 0; form_has(form, "shelf") && i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(form_value(form, "shelf"), str_of(words[i])))
			return (enum signing_shelf)i;
	if (form_has(form, "shelf"))
		form_error(cx, errors, "shelf", TEXT_JSON_SHELF_UNKNOWN);
	return SIGNING_SHELF_ALL;
}

static void answer_list(struct response *res, const struct signing_list *list)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < list->count; i++)
		api_signing_write_row(&write, &list->rows[i]);
	json_write_list_end(&write);
	if (list->next_cursor.len > 0)
		json_write_text(&write, "next_cursor", list->next_cursor);
	json_write_object_end(&write);
}

enum err api_signings_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct signing_list list = {.count = 0};
	struct form form;
	struct str cursor;
	int64_t limit;
	TRY(form_parse(req->arena, req->query, &form));
	enum signing_shelf shelf = read_shelf(cx, &form, &errors);
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	enum err err = errors.count > 0 ? OK : signing_list(cx, shelf, cursor, limit, &list);
	if (err == ERR_INVALID)
		form_error(cx, &errors, "cursor", TEXT_JSON_CURSOR_BAD);
	else
		TRY(err);
	if (errors.count > 0)
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
	else
		answer_list(res, &list);
	return OK;
}

/* ---- documents ---- */

/* By the id of what was uploaded, or of its sealed copy. ERR_NOT_FOUND: neither. */
static enum err find_document(struct cx *cx, const struct id *id, const struct id *file_id,
			      int64_t *ret)
{
	struct signing_view view;
	TRY(signing_get(cx, id, &view));
	for (size_t i = 0; i < view.document_count; i++) {
		const struct signing_document *document = &view.documents[i];
		if (!id_eq(&document->original_id, file_id) && !id_eq(&document->file_id, file_id))
			continue;
		*ret = document->position;
		return OK;
	}
	return ERR_NOT_FOUND;
}

enum err api_signings_file(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id, file_id;
	int64_t position;
	if (id_parse(req->params[0], &id) != OK || id_parse(req->params[1], &file_id) != OK)
		return ERR_NOT_FOUND;
	enum err err = find_document(cx, &id, &file_id, &position);
	if (err == OK)
		err = sign_document_answer(cx, req, &id, position, true, res);
	/* ERR_DENIED: just now. */
	if (err != ERR_CONFLICT && err != ERR_DENIED)
		return err;
	problem_answer_sentence(cx, res, PROBLEM_GONE,
				text_get(cx->language, TEXT_SIGNING_ENDED_RECALLED));
	return OK;
}

/* ---- what people do ---- */

static enum err finish(struct json_read *read, const struct id *id, enum err err,
		       struct response *res)
{
	if (err != OK)
		return refuse(read->cx, res, err, read->errors);
	return answer(read->cx, res, id);
}

static enum err sign(struct json_read *read, const struct request *req, struct response *res)
{
	struct signing_act act;
	struct id id;
	TRY(api_signing_read_act(read, &act));
	act.user_agent = request_header(req, "User-Agent");
	enum err err = json_read_end(read);
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	if (err == OK)
		err = signing_sign(read->cx, &id, &act, read->errors);
	return finish(read, &id, err, res);
}

enum err api_signings_sign(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, sign);
}

/* By one who was to sign, or by the sender. */
static enum err end_with_reason(struct json_read *read, const struct request *req,
				struct response *res, bool is_cancel)
{
	struct id id;
	struct str reason = json_read_text(read, "reason", OPTIONAL);
	enum err err = json_read_end(read);
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	if (err == OK && is_cancel)
		err = signing_cancel(read->cx, &id, reason, read->errors);
	else if (err == OK)
		err = signing_decline(read->cx, &id, reason, request_header(req, "User-Agent"),
				      read->errors);
	return finish(read, &id, err, res);
}

static enum err decline(struct json_read *read, const struct request *req, struct response *res)
{
	return end_with_reason(read, req, res, false);
}

enum err api_signings_decline(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read_if_any(cx, req, res, decline);
}

static enum err cancel(struct json_read *read, const struct request *req, struct response *res)
{
	return end_with_reason(read, req, res, true);
}

enum err api_signings_cancel(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read_if_any(cx, req, res, cancel);
}

static enum err remind(struct json_read *read, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	int64_t count;
	struct id id;
	enum err err = json_read_end(read);
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	if (err == OK)
		err = signing_remind(read->cx, &id, &count, read->errors);
	if (err != OK)
		return refuse(read->cx, res, err, read->errors);
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_int(&write, "reminded", count);
	json_write_object_end(&write);
	return OK;
}

enum err api_signings_remind(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read_if_any(cx, req, res, remind);
}
