#include "api/api_rules.h"

#include "api/api_body.h"
#include "api/api_messages.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "core/registration_rule.h"
#include "core/user.h"
#include "http/form.h"

static void write_grade(struct json_write *write, const char *key, enum grade grade)
{
	if (grade == 0)
		json_write_null(write, key);
	else
		json_write_text(write, key, str_of(user_grade_word(grade)));
}

static void write_rule(struct json_write *write, const struct rule *rule)
{
	json_write_object(write, NULL);
	json_write_text(write, "id", rule->pattern);
	json_write_text(write, "pattern", rule->pattern);
	json_write_bool(write, "allowed", rule->is_allowed);
	write_grade(write, "grade", rule->grade);
	json_write_time(write, "changed_at", rule->created_ms);
	json_write_object_end(write);
}

static struct str tag_of(struct cx *cx, const struct rule *rule)
{
	return arena_printf(cx->arena, "\"%lld\"", (long long)rule->created_ms);
}

static void answer(struct cx *cx, struct response *res, const struct rule *rule)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	response_header(res, "ETag", tag_of(cx, rule));
	write_rule(&write, rule);
}

/* ---- reading ---- */

enum err api_rules_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct form_errors errors = {.count = 0};
	struct rule *rules;
	struct form form;
	struct str cursor;
	size_t count;
	int64_t limit;
	TRY(form_parse(req->arena, req->query, &form));
	api_messages_read_page(cx, &form, &limit, &cursor, &errors);
	if (errors.count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
		return OK;
	}
	/* The cursor is the pattern that came last. */
	TRY(registration_rule_list(cx, form_value(&form, "q"), cursor, limit + 1, &rules, &count));
	bool has_more = count > (size_t)limit;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < count - has_more; i++)
		write_rule(&write, &rules[i]);
	json_write_list_end(&write);
	if (has_more)
		json_write_text(&write, "next_cursor", rules[count - 2].pattern);
	json_write_object_end(&write);
	return OK;
}

enum err api_rules_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct rule rule;
	TRY(registration_rule_get(cx, req->params[0], &rule));
	answer(cx, res, &rule);
	return OK;
}

static const char *const outcomes[] = {
	[RULE_OUTCOME_BAD] = "not_an_address",
	[RULE_OUTCOME_KNOWN] = "known",
	[RULE_OUTCOME_INVITED] = "invited",
	[RULE_OUTCOME_REFUSED] = "refused",
};

enum err api_rules_test(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct rule_trial trial;
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	TRY(registration_rule_try(cx, form_value(&form, "address"), &trial));
	bool is_known = trial.outcome == RULE_OUTCOME_KNOWN;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_text(&write, "address", trial.address);
	json_write_text(&write, "outcome", str_of(outcomes[trial.outcome]));
	write_grade(&write, "grade", is_known ? trial.known.grade : trial.verdict.grade);
	if (trial.verdict.pattern.len > 0)
		json_write_text(&write, "rule", trial.verdict.pattern);
	else
		json_write_null(&write, "rule");
	json_write_text(&write, "detail", registration_rule_sentence(cx, &trial));
	json_write_object_end(&write);
	return OK;
}

/* ---- changing ---- */

/* Of If-Match. *ret_seen_ms 0: of whichever version. ERR_CONFLICT: of none that there is now. */
static enum err read_tag(struct cx *cx, const struct request *req, struct str pattern,
			 bool *ret_has_tag, int64_t *ret_seen_ms)
{
	struct str tag = str_trim(request_header(req, "If-Match"));
	struct rule rule;
	*ret_has_tag = tag.len > 0;
	*ret_seen_ms = 0;
	if (tag.len == 0)
		return OK;
	enum err err = registration_rule_get(cx, pattern, &rule);
	if (err == ERR_NOT_FOUND)
		return ERR_CONFLICT;
	TRY(err);
	if (str_eq(tag, STR("*")))
		return OK;
	*ret_seen_ms = rule.created_ms;
	return str_eq(tag, tag_of(cx, &rule)) ? OK : ERR_CONFLICT;
}

/* Null, as the answers have it, or missing: left to the sender. */
static struct str read_grade(struct json_read *read)
{
	return json_read_null(read, "grade") ? STR_NONE : json_read_text(read, "grade", OPTIONAL);
}

static enum err save(struct json_read *read, struct rule_typed *typed, enum rule_save how,
		     int64_t seen_ms, struct response *res)
{
	struct cx *cx = read->cx;
	struct rule rule;
	bool is_new = false;
	typed->is_allowed = json_read_bool(read, "allowed", REQUIRED);
	typed->grade = read_grade(read);
	enum err err = json_read_end(read);
	if (err == OK)
		err = registration_rule_save(cx, typed, how, seen_ms, &rule, &is_new, read->errors);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	if (how == RULE_CHANGE && (err == ERR_CONFLICT || err == ERR_NOT_FOUND)) {
		problem_answer(cx, res, PROBLEM_CHANGED, NULL);
		return OK;
	}
	TRY(err);
	answer(cx, res, &rule);
	if (is_new)
		res->status = 201;
	if (is_new)
		response_header(res, "Location",
				arena_printf(cx->arena, "/api/v1/registration-rules/%.*s",
					     STR_ARGS(rule.pattern)));
	return OK;
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct rule_typed typed = {.pattern = json_read_text(read, "pattern", REQUIRED)};
	(void)req;
	return save(read, &typed, RULE_NEW, 0, res);
}

/* What the address says is the rule; said again in the body it has to be the same. */
static enum err put(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct rule_typed typed = {.pattern = req->params[0]};
	bool has_tag;
	int64_t seen_ms;
	struct str again = json_read_text(read, "pattern", OPTIONAL);
	if (json_read_has(read, "pattern") && !str_eq(again, typed.pattern))
		json_read_tell(read, "pattern", TEXT_ERROR_RULE_OTHER);
	enum err err = read_tag(cx, req, typed.pattern, &has_tag, &seen_ms);
	if (err == ERR_CONFLICT) {
		problem_answer(cx, res, PROBLEM_CHANGED, NULL);
		return OK;
	}
	TRY(err);
	return save(read, &typed, has_tag ? RULE_CHANGE : RULE_EITHER, seen_ms, res);
}

enum err api_rules_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

enum err api_rules_put(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, put);
}

enum err api_rules_delete(struct cx *cx, const struct request *req, struct response *res)
{
	bool has_tag;
	int64_t seen_ms;
	enum err err = read_tag(cx, req, req->params[0], &has_tag, &seen_ms);
	if (err == OK)
		err = registration_rule_delete(cx, req->params[0], seen_ms);
	if (err == ERR_CONFLICT) {
		problem_answer(cx, res, PROBLEM_CHANGED, NULL);
		return OK;
	}
	TRY(err);
	res->status = 204;
	return OK;
}
