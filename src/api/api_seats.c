#include "api/api_seats.h"

#include "api/api_messages.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "core/seats_report.h"
#include "http/form.h"

#include <stdio.h>

static void write_line(struct json_write *write, const struct seats_line *line)
{
	json_write_object(write, NULL);
	json_write_time(write, "at", line->change.at_ms);
	json_write_text(write, "change", line->change.delta > 0 ? STR("taken") : STR("freed"));
	json_write_id(write, "user_id", &line->change.user_id);
	json_write_text(write, "user", line->person);
	if (line->is_by_portal)
		json_write_null(write, "by_id");
	else
		json_write_id(write, "by_id", &line->change.actor_id);
	json_write_text(write, "by", line->by);
	json_write_int(write, "used", line->change.used);
	json_write_object_end(write);
}

static void answer(struct response *res, const struct seats_report *report)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_int(&write, "used", report->used);
	if (report->limit == 0)
		json_write_null(&write, "limit");
	else
		json_write_int(&write, "limit", report->limit);
	json_write_text(&write, "from", report->from);
	json_write_text(&write, "to", report->to);
	json_write_list(&write, "history");
	for (size_t i = 0; i < report->day_count; i++) {
		json_write_object(&write, NULL);
		json_write_text(&write, "date", report->days[i].date);
		json_write_int(&write, "used", report->days[i].used);
		json_write_object_end(&write);
	}
	json_write_list_end(&write);
	json_write_list(&write, "changes");
	for (size_t i = 0; i < report->line_count; i++)
		write_line(&write, &report->lines[i]);
	json_write_list_end(&write);
	if (report->next > 0) {
		char digits[24];
		snprintf(digits, sizeof(digits), "%lld", (long long)report->next);
		json_write_text(&write, "next_cursor", str_of(digits));
	}
	json_write_object_end(&write);
}

enum err api_seats_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct seats_report report;
	struct form form;
	struct str cursor;
	int64_t limit, before = 0;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	if (cursor.len > 0 && (!str_to_int(cursor, &before) || before < 1))
		form_error(cx, &errors, "cursor", TEXT_JSON_CURSOR_BAD);
	enum err err = errors.count > 0 ? ERR_INVALID
					: seats_report(cx, form_value(&form, "from"),
						       form_value(&form, "to"), before, limit,
						       &report, &errors);
	if (err == ERR_INVALID && errors.count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
		return OK;
	}
	TRY(err);
	answer(res, &report);
	return OK;
}
