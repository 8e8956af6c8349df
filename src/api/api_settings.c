#include "api/api_settings.h"

#include "api/api_body.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "core/account.h"
#include "core/preferences.h"

static enum err answer(struct cx *cx, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct preferences own;
	TRY(preferences_read(cx, &own));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_text(&write, "notifications", str_of(preferences_notify_word(own.notify)));
	json_write_text(&write, "away_from", own.away_from);
	json_write_text(&write, "away_until", own.away_until);
	json_write_text(&write, "away_text", own.away_text);
	json_write_bool(&write, "away_now", own.is_away_now);
	json_write_text(&write, "signature", own.signature);
	json_write_text(&write, "language", cx->session->user.language);
	json_write_text(&write, "zone", cx->session->user.zone);
	json_write_object_end(&write);
	return OK;
}

/* What is not given stays as it is. */
static void read_text(struct json_read *read, const char *field, struct str *value)
{
	if (json_read_has(read, field))
		*value = json_read_text(read, field, REQUIRED);
	else
		(void)json_read_text(read, field, OPTIONAL);
}

static void read_notify(struct json_read *read, enum notify *ret)
{
	size_t before = read->errors->count;
	struct str word = str_of(preferences_notify_word(*ret));
	read_text(read, "notifications", &word);
	if (read->errors->count == before && preferences_notify_parse(word, ret) != OK)
		form_error(read->cx, read->errors, "notifications",
			   TEXT_ERROR_NOTIFICATIONS_UNKNOWN);
}

static enum err change(struct json_read *read, const struct preferences *next, struct str language,
		       struct str zone)
{
	struct cx *cx = read->cx;
	const struct user *user = &cx->session->user;
	TRY(json_read_end(read));
	if (!str_eq(language, user->language) || !str_eq(zone, user->zone))
		TRY(account_set_locale(cx, language, zone, read->errors));
	return preferences_write(cx, next, read->errors);
}

static enum err patch(struct json_read *read, const struct request *req, struct response *res)
{
	struct preferences next;
	struct cx *cx = read->cx;
	struct str language = cx->session->user.language, zone = cx->session->user.zone;
	(void)req;
	TRY(preferences_read(cx, &next));
	read_notify(read, &next.notify);
	read_text(read, "away_from", &next.away_from);
	read_text(read, "away_until", &next.away_until);
	read_text(read, "away_text", &next.away_text);
	read_text(read, "signature", &next.signature);
	read_text(read, "language", &language);
	read_text(read, "zone", &zone);
	enum err err = change(read, &next, language, zone);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	return answer(cx, res);
}

enum err api_settings_get(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	return answer(cx, res);
}

enum err api_settings_patch(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, patch);
}
