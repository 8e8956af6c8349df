#include "api/api_overview.h"

#include "api/json_write.h"
#include "api/problem.h"
#include "core/overview.h"
#include "http/form.h"
#include "text/calendar.h"

static void write_people(struct json_write *write, const struct overview *o)
{
	static const char *const grades[] = {
		[GRADE_GUEST] = "guest", [GRADE_PROFESSIONAL] = "professional"};
	json_write_object(write, "people");
	for (int grade = GRADE_PROFESSIONAL; grade >= GRADE_GUEST; grade--) {
		json_write_object(write, grades[grade]);
		for (int state = USER_INVITED; state <= USER_DISABLED; state++)
			json_write_int(write, user_state_word((enum user_state)state),
				       o->people[grade][state]);
		json_write_object_end(write);
	}
	json_write_int(write, "administrators", o->administrators);
	json_write_object_end(write);
	json_write_object(write, "seats");
	json_write_int(write, "used", o->seats);
	if (o->seat_limit > 0)
		json_write_int(write, "limit", o->seat_limit);
	else
		json_write_null(write, "limit");
	json_write_object_end(write);
}

static void write_days(struct json_write *write, struct arena *arena, const struct overview *o)
{
	json_write_list(write, "days");
	for (int64_t i = 0; i < o->day_count; i++) {
		const struct statistics_day *day = &o->days[i];
		struct calendar_date of = calendar_from_days(day->day);
		struct str date = arena_printf(arena, "%04d-%02d-%02d", (int)of.year, (int)of.month,
					       (int)of.day);
		json_write_object(write, NULL);
		json_write_text(write, "day", date);
		json_write_int(write, "messages", day->messages);
		json_write_int(write, "file_bytes", day->file_bytes);
		json_write_int(write, "database_bytes", day->database_bytes);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static const char *kind_word(enum mail_kind kind)
{
	static const char *const words[] = {
		[MAIL_NOTIFICATION] = "notification",
		[MAIL_INVITATION] = "invitation",
		[MAIL_RESET] = "reset",
		[MAIL_PASSWORD_CHANGED] = "password_changed",
		[MAIL_SUMMARY] = "notification",
		[MAIL_SIGNING] = "signing",
		[MAIL_WELCOME] = "welcome",
		[MAIL_TEST] = "test",
		[MAIL_ADDRESS] = "address",
		[MAIL_ADDRESS_CHANGED] = "address_changed",
		[MAIL_ADDRESS_GONE] = "address_changed",
	};
	size_t known = sizeof(words) / sizeof(words[0]);
	return kind > 0 && kind < known ? words[kind] : "notification";
}

static void write_mails_of(struct json_write *write, const char *key,
			   const struct mail_trouble *mails, size_t count)
{
	json_write_list(write, key);
	for (size_t i = 0; i < count; i++) {
		const struct mail_trouble *mail = &mails[i];
		json_write_object(write, NULL);
		json_write_id(write, "id", &mail->id);
		json_write_text(write, "kind", str_of(kind_word(mail->kind)));
		json_write_id(write, "user_id", &mail->user.id);
		json_write_text(write, "email", mail->user.address);
		json_write_int(write, "tries", mail->attempts);
		json_write_time(write, "created_at", mail->created_ms);
		json_write_time(write, "next_try_at",
				mail->state == MAIL_QUEUED ? mail->next_ms : 0);
		json_write_text(write, "server_said", mail->reply);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static void write_mails(struct json_write *write, const struct overview *o)
{
	json_write_object(write, "mails");
	json_write_int(write, "waiting", o->mails.waiting);
	json_write_int(write, "retrying", o->mails.retrying);
	json_write_int(write, "bounced", o->mails.bounced);
	json_write_int(write, "not_sent", o->mails.not_sent);
	write_mails_of(write, "bounced_mails", o->bounced, o->bounced_count);
	write_mails_of(write, "retrying_mails", o->retrying, o->retrying_count);
	json_write_object_end(write);
}

static void write_health(struct json_write *write, const struct overview *o)
{
	json_write_list(write, "health");
	for (int i = 0; i < HEALTH_THINGS; i++) {
		const struct health_line *line = &o->health[i];
		json_write_object(write, NULL);
		json_write_text(write, "thing", str_of(health_thing_word(line->thing)));
		json_write_text(write, "state", str_of(health_state_word(line->state)));
		json_write_text(write, "detail", line->is);
		json_write_text(write, "advice", line->todo);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

/* "?days=30" or 90. */
static enum err read_days(struct cx *cx, const struct request *req, int64_t *ret,
			  struct form_errors *errors)
{
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	*ret = OVERVIEW_DAYS;
	if (!form_has(&form, "days"))
		return OK;
	if (str_to_int(form_value(&form, "days"), ret) && *ret >= 1 && *ret <= OVERVIEW_DAYS_LONG)
		return OK;
	form_error(cx, errors, "days", TEXT_JSON_DAYS_BAD,
		   TEXT_NUMBER("count", OVERVIEW_DAYS_LONG));
	return OK;
}

enum err api_overview_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct form_errors errors = {.count = 0};
	struct overview overview;
	int64_t days;
	TRY(read_days(cx, req, &days, &errors));
	if (errors.count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
		return OK;
	}
	TRY(overview_read(cx, days, &overview));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_text(&write, "version", STR(POSTERN_VERSION));
	json_write_time(&write, "at", cx_now_ms(cx));
	write_people(&write, &overview);
	write_days(&write, cx->arena, &overview);
	write_mails(&write, &overview);
	write_health(&write, &overview);
	json_write_object_end(&write);
	return OK;
}

enum err api_overview_retry(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	int64_t count;
	(void)req;
	TRY(overview_retry_mails(cx, &count));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_int(&write, "retried", count);
	json_write_object_end(&write);
	return OK;
}

enum err api_overview_take_off(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(overview_take_mail_off(cx, &id));
	res->status = 204;
	return OK;
}
