#include "web/rules_page.h"

#include "base/limits.h"
#include "core/settings_live.h"
#include "core/user.h"
#include "http/form.h"
#include "web/page_rules.h"

#include <string.h>

enum { LIMIT_COUNT = 3 };
static const struct {
	const char *name;
	enum text_id label;
	size_t offset;
} limits[LIMIT_COUNT] = {
	{"invitations_per_day_professional", TEXT_RULES_INVITATIONS_DAY,
	 offsetof(struct settings, invitations_per_day_professional)},
	{"messages_per_day_professional", TEXT_RULES_MESSAGES_DAY_PROFESSIONAL,
	 offsetof(struct settings, messages_per_day_professional)},
	{"messages_per_day_guest", TEXT_RULES_MESSAGES_DAY_GUEST,
	 offsetof(struct settings, messages_per_day_guest)},
};

static enum text_id words_of(const struct rule *rule)
{
	if (!rule->is_allowed)
		return TEXT_RULES_WORD_REFUSED;
	return rule->grade == 0                    ? TEXT_RULES_WORD_SENDER
	       : rule->grade == GRADE_PROFESSIONAL ? TEXT_RULES_WORD_PROFESSIONAL
						   : TEXT_RULES_WORD_GUEST;
}

static enum err load_rules(struct cx *cx, const struct form *query, struct rules_view *view)
{
	struct rule *rules;
	size_t count;
	view->part = form_value(query, "q");
	struct str after = form_value(query, "after");
	TRY(registration_rule_list(cx, view->part, after, LIMIT_PAGE_ROWS_DEFAULT + 1, &rules,
				   &count));
	view->rows = ARENA_ARRAY(cx->arena, count + 1, struct rule_row);
	if (view->rows == NULL)
		return ERR_UNAVAILABLE;
	bool has_more = count > LIMIT_PAGE_ROWS_DEFAULT;
	view->count = count - has_more;
	for (size_t i = 0; i < view->count; i++)
		view->rows[i] = (struct rule_row){
			.pattern = rules[i].pattern,
			.about = registration_rule_about(cx, rules[i].pattern),
			.words = words_of(&rules[i]),
			.is_allowed = rules[i].is_allowed,
			.grade = rules[i].grade,
			.seen_ms = rules[i].created_ms,
			.number = i,
		};
	if (has_more)
		view->next = view->rows[view->count - 1].pattern;
	view->has_search = has_more || view->part.len > 0 || after.len > 0;
	return OK;
}

static struct field number_field(struct cx *cx, const char *name, enum text_id label, int64_t now,
				 const struct form *typed)
{
	struct str value = typed && form_has(typed, name)
				   ? form_value(typed, name)
				   : arena_printf(cx->arena, "%lld", (long long)now);
	struct field field = field_text(cx, name, label, value);
	field.is_required = true;
	return field;
}

/* typed: the settings of a form that could not be saved; NULL: as they are. */
static void load_settings(struct cx *cx, const struct form *typed, struct rules_view *view)
{
	const struct settings *settings = cx->portal->settings;
	view->version = settings_live_version(cx->portal);
	view->is_controlled = typed ? str_eq(form_value(typed, "access"), STR("controlled"))
				    : settings->access == ACCESS_CONTROLLED;
	view->days = number_field(cx, "invitation_days", TEXT_RULES_DAYS, settings->invitation_days,
				  typed);
	view->days.hint = text_get(cx->language, TEXT_RULES_DAYS_HINT);
	field_mark(&view->days, view->errors);
	for (size_t i = 0; i < LIMIT_COUNT; i++) {
		int64_t now;
		memcpy(&now, (const char *)settings + limits[i].offset, sizeof(now));
		view->limits[i] = number_field(cx, limits[i].name, limits[i].label, now, typed);
		field_mark(&view->limits[i], view->errors);
	}
}

static enum err try_address(struct cx *cx, const struct form *query, struct rules_view *view)
{
	struct rule_trial trial;
	view->tried = form_value(query, "address");
	if (str_trim(view->tried).len == 0)
		return OK;
	TRY(registration_rule_try(cx, view->tried, &trial));
	view->sentence = registration_rule_sentence(cx, &trial);
	return OK;
}

/* settings: as typed, NULL: as they are. The new rule as typed stands in the view. */
static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       const struct form *settings, struct rules_view *view)
{
	struct form query;
	TRY(form_parse(req->arena, req->query, &query));
	TRY(load_rules(cx, &query, view));
	TRY(try_address(cx, &query, view));
	load_settings(cx, settings, view);
	view->pattern.hint = text_get(cx->language, TEXT_RULES_PATTERN_HINT);
	view->pattern.is_required = true;
	field_mark(&view->pattern, view->errors);
	view->grade_error = form_errors_for(view->errors, "grade");
	TRY(frame_init(cx, text_get(cx->language, TEXT_RULES_TITLE), PLACE_RULES, &view->frame));
	view->frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_rules(&html, view);
	return OK;
}

enum err rules_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	struct rules_view view = {
		.errors = &none,
		.pattern = field_text(cx, "pattern", TEXT_RULES_PATTERN, STR_NONE),
	};
	return render(cx, req, res, NULL, &view);
}

static struct rule_typed read_rule(const struct form *form)
{
	struct rule_typed typed = {
		.pattern = form_value(form, "pattern"),
		.is_allowed = !str_eq(form_value(form, "effect"), STR("refused")),
		.grade = form_value(form, "grade"),
	};
	/* Without a script the choice of a grade stands there for what is refused, too. */
	if (!typed.is_allowed)
		typed.grade = STR_NONE;
	return typed;
}

/* is_new: what was typed stands in the form for a new one; else the rule as it is now above. */
static enum err refuse(struct cx *cx, const struct request *req, struct response *res,
		       const struct rule_typed *typed, bool is_new,
		       const struct form_errors *errors)
{
	struct rules_view view = {
		.errors = errors,
		.pattern = field_text(cx, "pattern", TEXT_RULES_PATTERN,
				      is_new ? typed->pattern : STR_NONE),
		.is_refused = is_new && !typed->is_allowed,
	};
	if (is_new && user_grade_parse(typed->grade, &view.grade) != OK)
		view.grade = 0;
	return render(cx, req, res, NULL, &view);
}

enum err rules_page_create(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct form form;
	struct rule rule;
	TRY(form_parse(req->arena, req->body, &form));
	struct rule_typed typed = read_rule(&form);
	enum err err = registration_rule_save(cx, &typed, RULE_NEW, 0, &rule, NULL, &errors);
	if (err == ERR_CONFLICT)
		form_error(cx, &errors, "pattern", TEXT_ERROR_RULE_EXISTS,
			   TEXT_ARG("rule", registration_rule_about(cx, rule.pattern)));
	if (errors.count > 0) {
		res->status = err == ERR_CONFLICT ? 409 : 422;
		return refuse(cx, req, res, &typed, true, &errors);
	}
	TRY(err);
	response_redirect(res, STR("/admin/rules?done=rule-saved"));
	return OK;
}

enum err rules_page_change(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct form form;
	struct rule rule;
	int64_t seen_ms = 0;
	TRY(form_parse(req->arena, req->body, &form));
	struct rule_typed typed = read_rule(&form);
	if (!str_to_int(form_value(&form, "seen"), &seen_ms))
		return ERR_INVALID;
	enum err err =
		registration_rule_save(cx, &typed, RULE_CHANGE, seen_ms, &rule, NULL, &errors);
	if (err == ERR_CONFLICT)
		form_error(cx, &errors, "", TEXT_ERROR_RULE_CHANGED);
	if (err == ERR_NOT_FOUND)
		form_error(cx, &errors, "", TEXT_ERROR_RULE_GONE);
	if (errors.count > 0) {
		res->status = err == ERR_INVALID ? 422 : 409;
		return refuse(cx, req, res, &typed, err == ERR_NOT_FOUND, &errors);
	}
	TRY(err);
	response_redirect(res, STR("/admin/rules?done=rule-saved"));
	return OK;
}

enum err rules_page_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct form form;
	int64_t seen_ms = 0;
	TRY(form_parse(req->arena, req->body, &form));
	if (!str_to_int(form_value(&form, "seen"), &seen_ms))
		return ERR_INVALID;
	enum err err = registration_rule_delete(cx, form_value(&form, "pattern"), seen_ms);
	if (err == ERR_CONFLICT) {
		form_error(cx, &errors, "", TEXT_ERROR_RULE_CHANGED);
		res->status = 409;
		return refuse(cx, req, res, NULL, false, &errors);
	}
	/* Somebody else has deleted it: that is what was asked for. */
	if (err != ERR_NOT_FOUND)
		TRY(err);
	response_redirect(res, STR("/admin/rules?done=rule-deleted"));
	return OK;
}

enum err rules_page_settings(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct form form;
	int64_t version = 0;
	TRY(form_parse(req->arena, req->body, &form));
	struct setting_change changes[LIMIT_COUNT + 2] = {
		{STR("access"), form_value(&form, "access")},
		{STR("invitation_days"), str_trim(form_value(&form, "invitation_days"))},
	};
	for (size_t i = 0; i < LIMIT_COUNT; i++)
		changes[i + 2] = (struct setting_change){
			str_of(limits[i].name), str_trim(form_value(&form, limits[i].name))};
	if (!str_to_int(form_value(&form, "version"), &version))
		return ERR_INVALID;
	enum err err = settings_live_change(cx, changes, LIMIT_COUNT + 2, version, &errors);
	if (err == ERR_CONFLICT)
		form_error(cx, &errors, "", TEXT_ERROR_RULE_SETTINGS);
	if (errors.count > 0) {
		struct rules_view view = {
			.errors = &errors,
			.pattern = field_text(cx, "pattern", TEXT_RULES_PATTERN, STR_NONE),
		};
		res->status = err == ERR_CONFLICT ? 409 : 422;
		return render(cx, req, res, &form, &view);
	}
	TRY(err);
	response_redirect(res, STR("/admin/rules?done=rules-set"));
	return OK;
}
