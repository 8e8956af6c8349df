#include "api/api_drafts.h"

#include "api/api_body.h"
#include "api/api_messages.h"
#include "api/api_options.h"
#include "api/api_send.h"
#include "api/api_signing_read.h"
#include "api/api_signing_write.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/draft.h"
#include "http/form.h"

/* ---- reading ---- */

/* One entry a line. An entry may be unfinished, but holds no more than one address, so that the
 * list comes back as it was given. */
static enum err read_people(struct json_read *read, const char *field, struct str *ret)
{
	CLEANUP_BUF struct buf lines;
	struct cx *cx = read->cx;
	struct str *entries = NULL;
	size_t count = 0;
	buf_init(&lines, LIMIT_BODY_MESSAGE);
	TRY(json_read_texts(read, field, LIMIT_RECIPIENTS, &entries, &count));
	for (size_t i = 0; i < count; i++) {
		struct address *parts;
		size_t part_count;
		enum err err = address_parse_list(cx->arena, entries[i], 1, &parts, &part_count);
		if (err == ERR_TOO_LARGE)
			form_error(
				cx, read->errors, field, TEXT_ERROR_ADDRESS_BAD,
				TEXT_ARG("address", utf8_first(entries[i], LIMIT_ADDRESS_BYTES)));
		else
			TRY(err);
		buf_add(&lines, entries[i]);
		buf_add_char(&lines, '\n');
	}
	*ret = arena_copy(cx->arena, buf_str(&lines));
	return lines.err;
}

static enum err read_draft(struct json_read *read, struct draft *ret)
{
	struct draft draft = {.invite_as = 0};
	TRY(read_people(read, "to", &draft.to));
	TRY(read_people(read, "cc", &draft.cc));
	TRY(read_people(read, "bcc", &draft.bcc));
	draft.subject = json_read_text(read, "subject", OPTIONAL);
	draft.body = json_read_text(read, "body", OPTIONAL);
	api_send_read_grade(read, &draft.invite_as);
	api_options_read(read, &draft);
	TRY(api_options_read_files(read, &draft));
	TRY(api_signing_read_draft(read, &draft));
	api_options_read_id(read, "reply_to", &draft.reply_to);
	api_options_read_id(read, "forward_of", &draft.forward_of);
	*ret = draft;
	return OK;
}

static enum err save(struct json_read *read, const struct id *id, int64_t version,
		     const struct draft *draft, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct draft_saved saved;
	struct cx *cx = read->cx;
	enum err err = json_read_end(read);
	if (err == OK)
		err = draft_save(cx, id, version, draft, &saved, read->errors);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	res->content_type = STR("application/json");
	if (version == 0) {
		res->status = 201;
		response_header(res, "Location",
				arena_printf(cx->arena, "/api/v1/drafts/%s", saved.id.text));
	}
	json_write_object(&write, NULL);
	json_write_id(&write, "id", &saved.id);
	json_write_int(&write, "version", saved.version);
	json_write_time(&write, "saved_at", saved.saved_ms);
	json_write_object_end(&write);
	return OK;
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	const struct id fresh = {0};
	struct draft draft;
	(void)req;
	TRY(read_draft(read, &draft));
	return save(read, &fresh, 0, &draft, res);
}

static enum err update(struct json_read *read, const struct request *req, struct response *res)
{
	struct draft draft;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	int64_t version = json_read_int(read, "version", 1, REQUIRED);
	TRY(read_draft(read, &draft));
	return save(read, &id, version, &draft, res);
}

enum err api_drafts_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

enum err api_drafts_update(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, update);
}

/* ---- answering ---- */

static void write_line(struct json_write *write, const struct draft_line *line)
{
	json_write_object(write, NULL);
	json_write_id(write, "id", &line->id);
	json_write_int(write, "version", line->version);
	json_write_time(write, "saved_at", line->saved_ms);
	json_write_text(write, "subject", line->subject);
	json_write_list(write, "to");
	for (size_t i = 0; i < line->people_count; i++)
		json_write_text(write, NULL, line->people[i]);
	json_write_list_end(write);
	json_write_int(write, "to_more", line->people_more);
	json_write_int(write, "file_count", (int64_t)line->file_count);
	json_write_bool(write, "signing", line->is_signing);
	json_write_bool(write, "unreadable", line->is_unreadable);
	json_write_object_end(write);
}

static void answer_list(struct response *res, const struct draft_list *list)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < list->count; i++)
		write_line(&write, &list->lines[i]);
	json_write_list_end(&write);
	if (list->next_cursor.len > 0)
		json_write_text(&write, "next_cursor", list->next_cursor);
	json_write_object_end(&write);
}

enum err api_drafts_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct draft_list list = {.count = 0};
	struct form form;
	struct str cursor;
	int64_t limit;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	enum err err = errors.count > 0 ? OK : draft_list(cx, cursor, limit, &list);
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

static enum err write_people(struct json_write *write, struct arena *arena, const char *key,
			     struct str typed)
{
	struct address *people;
	size_t count;
	TRY(address_parse_list(arena, typed, LIMIT_RECIPIENTS, &people, &count));
	json_write_list(write, key);
	for (size_t i = 0; i < count; i++)
		json_write_text(write, NULL, people[i].text);
	json_write_list_end(write);
	return OK;
}

enum err api_drafts_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct kept_draft kept;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(draft_get(cx, &id, &kept));
	const struct draft *draft = &kept.draft;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_id(&write, "id", &kept.id);
	json_write_int(&write, "version", kept.version);
	json_write_time(&write, "saved_at", kept.saved_ms);
	TRY(write_people(&write, cx->arena, "to", draft->to));
	TRY(write_people(&write, cx->arena, "cc", draft->cc));
	TRY(write_people(&write, cx->arena, "bcc", draft->bcc));
	json_write_text(&write, "subject", draft->subject);
	json_write_text(&write, "body", draft->body);
	if (draft->invite_as != 0)
		json_write_text(&write, "invite_as", str_of(user_grade_word(draft->invite_as)));
	if (!id_is_empty(&draft->reply_to))
		json_write_id(&write, "reply_to", &draft->reply_to);
	if (!id_is_empty(&draft->forward_of))
		json_write_id(&write, "forward_of", &draft->forward_of);
	api_options_write_chosen(&write, draft);
	json_write_list(&write, "files");
	for (size_t i = 0; i < draft->file_count; i++)
		json_write_id(&write, NULL, &draft->files[i]);
	json_write_list_end(&write);
	if (draft->signing)
		api_signing_write_plan(cx, &write, draft);
	json_write_object_end(&write);
	return OK;
}

enum err api_drafts_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(draft_delete(cx, &id));
	res->status = 204;
	return OK;
}

enum err api_drafts_send(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct str key = STR_NONE;
	struct sent sent;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	api_send_read_key(cx, req, &key, &errors);
	enum err err = errors.count > 0 ? ERR_INVALID : draft_send(cx, &id, key, &sent, &errors);
	return api_send_answer(cx, res, err, &sent, &errors);
}
