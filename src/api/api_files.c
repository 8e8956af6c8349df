#include "api/api_files.h"

#include "api/api_messages.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/library.h"
#include "http/form.h"

static void write_head(struct cx *cx, struct json_write *write, const struct file_head *head)
{
	json_write_text(write, "name", head->name);
	json_write_text(write, "type", head->type);
	json_write_int(write, "size", head->bytes);
	json_write_text(write, "sha256", file_head_sum(cx, head));
	json_write_text(write, "scan", str_of(file_head_scan_word(head->scan)));
}

/* ---- of a message ---- */

static void write_view(struct cx *cx, struct json_write *write, const struct file_view *file)
{
	bool has_expired = file->ended == DELIVERY_EXPIRED;
	json_write_object(write, NULL);
	json_write_id(write, "id", &file->id);
	json_write_bool(write, "unreadable", file->is_unreadable);
	if (!file->is_unreadable)
		write_head(cx, write, &file->head);
	json_write_time(write, "recalled_at", has_expired ? 0 : file->ended_ms);
	if (has_expired)
		json_write_time(write, "expired_at", file->ended_ms);
	json_write_object_end(write);
}

void api_files_write(struct cx *cx, struct json_write *write, const struct message_view *view)
{
	json_write_int(write, "file_count", (int64_t)view->file_count);
	json_write_list(write, "files");
	for (size_t i = 0; view->files && i < view->file_count; i++)
		write_view(cx, write, &view->files[i]);
	json_write_list_end(write);
}

/* ---- of the library ---- */

static void write_file(struct cx *cx, struct json_write *write, const struct library_file *file)
{
	json_write_id(write, "id", &file->id);
	json_write_bool(write, "unreadable", file->is_unreadable);
	if (!file->is_unreadable)
		write_head(cx, write, &file->head);
	json_write_time(write, "added_at", file->added_ms);
	json_write_bool(write, "own", file->is_own);
	if (!file->is_own)
		json_write_text(write, "from", file->from);
	json_write_int(write, "message_count", file->message_count);
	json_write_bool(write, "can_attach", file->can_attach);
}

/* Core says ERR_INVALID without a sentence for a cursor only: the limit was looked at before. */
static enum err tell_mistakes(struct cx *cx, struct response *res, enum err err,
			      struct form_errors *errors)
{
	if (err != ERR_INVALID)
		return err;
	if (errors->count == 0)
		form_error(cx, errors, "cursor", TEXT_JSON_CURSOR_BAD);
	problem_answer(cx, res, PROBLEM_MISTAKES, errors);
	return OK;
}

static void answer_list(struct cx *cx, struct response *res, const struct library_list *list)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < list->count; i++) {
		json_write_object(&write, NULL);
		write_file(cx, &write, &list->files[i]);
		json_write_object_end(&write);
	}
	json_write_list_end(&write);
	json_write_int(&write, "used", list->used_bytes);
	if (list->quota_bytes > 0)
		json_write_int(&write, "quota", list->quota_bytes);
	else
		json_write_null(&write, "quota");
	if (list->next_cursor.len > 0)
		json_write_text(&write, "next_cursor", list->next_cursor);
	json_write_object_end(&write);
}

enum err api_files_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct library_list list;
	struct form form;
	struct str cursor;
	int64_t limit;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	enum err err = errors.count > 0 ? ERR_INVALID
					: library_list_files(cx, form_value(&form, "q"), cursor,
							     limit, &list, &errors);
	if (err != OK)
		return tell_mistakes(cx, res, err, &errors);
	answer_list(cx, res, &list);
	return OK;
}

enum err api_files_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct library_detail detail;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(library_get(cx, &id, &detail));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	write_file(cx, &write, &detail.file);
	json_write_list(&write, "messages");
	for (size_t i = 0; i < detail.message_count; i++) {
		const struct library_message *message = &detail.messages[i];
		json_write_object(&write, NULL);
		json_write_id(&write, "id", &message->id);
		json_write_text(&write, "subject", message->subject);
		json_write_text(&write, "people", message->people);
		json_write_time(&write, "sent_at", message->sent_ms);
		json_write_bool(&write, "mine", message->is_mine);
		json_write_object_end(&write);
	}
	json_write_list_end(&write);
	json_write_object_end(&write);
	return OK;
}

enum err api_files_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(library_remove_file(cx, &id));
	res->status = 204;
	return OK;
}
