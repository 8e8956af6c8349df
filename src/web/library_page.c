#include "web/library_page.h"

#include "base/limits.h"
#include "http/form.h"
#include "web/files_part.h"
#include "web/page_library.h"
#include "web/when.h"

#include <jansson.h>
#include <stdlib.h>

struct str library_page_note(struct cx *cx, const struct library_file *file)
{
	if (!file->is_own)
		return TEXT_FILL(cx->arena, cx->language, TEXT_LIBRARY_FROM,
				 TEXT_ARG("name", file->from));
	return text_get(cx->language,
			file->message_count > 0 ? TEXT_LIBRARY_OWN : TEXT_LIBRARY_UNSENT);
}

enum err library_page_rows(struct cx *cx, const struct library_list *list, struct library_row **ret)
{
	struct library_row *rows = ARENA_ARRAY(cx->arena, list->count + 1, struct library_row);
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < list->count; i++) {
		const struct library_file *file = &list->files[i];
		TRY(file_words_fill(cx, &file->id, &file->head, &rows[i].words));
		rows[i].note = library_page_note(cx, file);
		rows[i].when = when_short(cx, file->added_ms);
		rows[i].when_iso = when_iso(cx, file->added_ms);
		rows[i].can_attach = file->can_attach && !file->is_unreadable;
		rows[i].is_unreadable = file->is_unreadable;
		if (file->is_unreadable)
			rows[i].words.name = text_get(cx->language, TEXT_LIBRARY_UNREADABLE);
	}
	*ret = rows;
	return OK;
}

enum err library_page_look(struct cx *cx, struct str typed, struct str cursor,
			   struct library_list *ret, struct form_errors *errors)
{
	*ret = (struct library_list){.count = 0};
	enum err err = library_list_files(cx, typed, cursor, LIMIT_PAGE_ROWS_DEFAULT, ret, errors);
	return err == ERR_INVALID && errors->count > 0 ? OK : err;
}

enum err library_page_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct library_list list;
	struct library_view view = {.count = 0};
	struct form_errors errors = {0};
	TRY(form_parse(req->arena, req->query, &query));
	struct str cursor = form_value(&query, "cursor");
	view.query = form_value(&query, "q");
	TRY(library_page_look(cx, view.query, cursor, &list, &errors));
	TRY(library_page_rows(cx, &list, &view.rows));
	view.mistake = form_errors_for(&errors, "q");
	if (view.mistake.len > 0)
		res->status = 422;
	view.count = list.count;
	view.is_first = cursor.len == 0;
	view.is_search = str_trim(view.query).len > 0;
	view.next_cursor = list.next_cursor;
	view.used_bytes = list.used_bytes;
	view.quota_bytes = list.quota_bytes;
	if (list.quota_bytes > 0)
		view.used = files_part_used(cx, list.used_bytes, list.quota_bytes);
	TRY(frame_init(cx, text_get(cx->language, TEXT_LIBRARY_TITLE), PLACE_FILES, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_library(&html, &view);
	return OK;
}

/* ---- for the script ---- */

static json_t *string(struct str text)
{
	return json_stringn(text.data ? text.data : "", text.len);
}

static json_t *list_files(struct cx *cx, const struct library_list *list,
			  const struct library_row *rows, size_t *ret_count)
{
	json_t *files = json_array();
	for (size_t i = 0; i < list->count; i++) {
		if (!rows[i].can_attach)
			continue;
		struct str note =
			TEXT_FILL(cx->arena, cx->language, TEXT_LIBRARY_NOTE_WHEN,
				  TEXT_ARG("note", rows[i].note), TEXT_ARG("date", rows[i].when));
		json_array_append_new(files, json_pack("{s:s, s:o, s:o, s:o, s:I, s:o}", "id",
						       rows[i].words.id.text, "name",
						       string(rows[i].words.name), "kind",
						       string(rows[i].words.kind), "size",
						       string(rows[i].words.size), "bytes",
						       (json_int_t)list->files[i].head.bytes,
						       "note", string(note)));
	}
	*ret_count = json_array_size(files);
	return files;
}

static struct str said(struct cx *cx, size_t count, bool is_search, bool is_cut)
{
	if (is_cut)
		return text_get(cx->language, TEXT_FILES_LIBRARY_FOUND_MORE);
	if (count > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_FILES_LIBRARY_FOUND,
				 TEXT_NUMBER("count", (int64_t)count));
	return text_get(cx->language,
			is_search ? TEXT_FILES_LIBRARY_NONE : TEXT_FILES_LIBRARY_EMPTY);
}

enum err library_page_json(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct library_list list;
	struct library_row *rows;
	struct form_errors errors = {0};
	size_t count;
	TRY(form_parse(req->arena, req->query, &query));
	struct str typed = form_value(&query, "q");
	TRY(library_page_look(cx, typed, form_value(&query, "cursor"), &list, &errors));
	TRY(library_page_rows(cx, &list, &rows));
	json_t *files = list_files(cx, &list, rows, &count);
	struct str words = form_errors_for(&errors, "q");
	if (words.len == 0)
		words = said(cx, count, str_trim(typed).len > 0, list.next_cursor.len > 0);
	json_t *json = json_pack("{s:o, s:o, s:o}", "files", files, "next",
				 string(list.next_cursor), "said", string(words));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return ERR_UNAVAILABLE;
	buf_add(&res->body, str_of(text));
	free(text);
	res->content_type = STR("application/json");
	return OK;
}
