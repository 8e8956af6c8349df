#include "api/api_search.h"

#include "api/api_messages.h"
#include "api/problem.h"
#include "core/search.h"

/* Parts of a text, told whether they were looked for. */
static void write_marked(struct json_write *write, const char *key,
			 const struct search_marked *marked)
{
	json_write_list(write, key);
	for (size_t i = 0; i < marked->count; i++) {
		json_write_object(write, NULL);
		json_write_text(write, "text", marked->pieces[i].text);
		json_write_bool(write, "match", marked->pieces[i].is_match);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static void answer(struct response *res, const struct search_result *result)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < result->count; i++) {
		json_write_object(&write, NULL);
		api_messages_write_row(&write, &result->hits[i].row);
		write_marked(&write, "subject_parts", &result->hits[i].subject);
		write_marked(&write, "snippet", &result->hits[i].snippet);
		json_write_object_end(&write);
	}
	json_write_list_end(&write);
	if (result->next_cursor.len > 0) {
		json_write_time(&write, "looked_back_to", result->looked_to_ms);
		json_write_text(&write, "next_cursor", result->next_cursor);
	}
	json_write_object_end(&write);
}

enum err api_search_find(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct search_result result = {.count = 0};
	struct form form;
	struct str cursor;
	int64_t limit;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	if (form_value(&form, "q").len == 0)
		form_error(cx, &errors, "q", TEXT_JSON_FIELD_MISSING);
	if (errors.count == 0) {
		enum err err =
			search_find(cx, form_value(&form, "q"), cursor, limit, &result, &errors);
		if (err != ERR_INVALID)
			TRY(err);
	}
	if (errors.count > 0)
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
	else
		answer(res, &result);
	return OK;
}
