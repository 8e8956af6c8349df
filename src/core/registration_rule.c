#include "core/registration_rule.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/audit_log.h"
#include "core/decisions.h"
#include "core/domain.h"
#include "core/fold.h"
#include "core/people_guard.h"
#include "core/policy.h"

static enum err check_may_administer(const struct cx *cx)
{
	bool is_allowed = cx->session == NULL || policy_may(cx, ACT_ADMINISTER);
	return is_allowed ? OK : ERR_DENIED;
}

/* ---- reading ---- */

enum err registration_rule_list(struct cx *cx, struct str part, struct str after, int64_t limit,
				struct rule **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct str folded;
	int64_t bad;
	TRY(check_may_administer(cx));
	*ret_count = 0;
	enum err err = fold_text(cx->arena, str_trim(part), &folded);
	if (err != OK)
		return err == ERR_INVALID ? OK : err;
	TRY(store_read_begin(cx->portal->store, &db));
	return rules_find(db, cx->arena, folded, after, limit, ret, ret_count, &bad);
}

enum err registration_rule_get(struct cx *cx, struct str pattern, struct rule *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(check_may_administer(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	return rules_get(db, cx->arena, pattern, ret);
}

/* ---- patterns ---- */

/* ".com" is one as well: what is normalised is a name below it. */
static enum err parse_below(struct arena *arena, struct str domain, struct str *ret)
{
	static const char below[] = "a.";
	struct str normal, name = arena_printf(arena, "%s%.*s", below, STR_ARGS(domain));
	TRY(domain_normalise(arena, name, &normal));
	*ret = str_slice(normal, sizeof(below) - 2, normal.len);
	return OK;
}

static enum err parse_pattern(struct arena *arena, struct str typed, struct str *ret)
{
	struct address address;
	typed = str_trim(typed);
	if (typed.len == 0 || !utf8_is_line(typed))
		return ERR_INVALID;
	if (str_starts_with(typed, STR("@")))
		typed = str_slice(typed, 1, typed.len);
	else if (str_starts_with(typed, STR("*.")))
		typed = str_slice(typed, 1, typed.len);
	if (str_starts_with(typed, STR(".")))
		return parse_below(arena, str_slice(typed, 1, typed.len), ret);
	if (str_find_char(typed, '@') < 0)
		return domain_normalise(arena, typed, ret);
	TRY(address_parse(arena, typed, &address));
	*ret = address.key;
	return address.name.len == 0 ? OK : ERR_INVALID;
}

struct str registration_rule_about(struct cx *cx, struct str pattern)
{
	bool is_below = str_starts_with(pattern, STR("."));
	if (str_find_char(pattern, '@') >= 0)
		return pattern;
	return TEXT_FILL(cx->arena, cx->language,
			 is_below ? TEXT_RULES_ABOUT_BELOW : TEXT_RULES_ABOUT_DOMAIN,
			 TEXT_ARG("domain", str_slice(pattern, is_below, pattern.len)));
}

/* ---- changing ---- */

struct saving {
	struct cx *cx;
	enum rule_save how;
	int64_t seen_ms;
	bool is_full;
	bool is_new;
	struct rule rule;
	struct rule there; /* what stood there */
};

static enum err log_change(struct cx *cx, struct db *db, const struct rule *before,
			   const struct rule *after)
{
	struct audit_act act = {
		.kind = AUDIT_RULE,
		.subject = after ? after->pattern : before->pattern,
		.before = before ? audit_rule_words(cx->arena, before) : STR_NONE,
		.after = after ? audit_rule_words(cx->arena, after) : STR_NONE,
	};
	TRY(decisions_note_rule(cx, db, act.subject, after));
	return audit_log(cx, db, &act);
}

static enum err check_room(struct saving *saving, struct db *db)
{
	int64_t count;
	TRY(rules_count(db, &count));
	saving->is_full = count >= LIMIT_RULES;
	return saving->is_full ? ERR_TOO_LARGE : OK;
}

static enum err write_saving(struct db *db, void *argument)
{
	struct saving *saving = argument;
	struct rule *rule = &saving->rule, *there = &saving->there;
	TRY(people_check_actor(saving->cx, db));
	enum err err = rules_get(db, saving->cx->arena, rule->pattern, there);
	/* A row changed from outside is replaced by what an administrator says. */
	saving->is_new = err == ERR_NOT_FOUND || err == ERR_CORRUPT;
	if (err != OK && !saving->is_new)
		return err;
	if (saving->is_new && saving->how == RULE_CHANGE)
		return ERR_NOT_FOUND;
	if (saving->is_new) {
		TRY(check_room(saving, db));
	} else if (saving->how == RULE_NEW ||
		   (saving->seen_ms > 0 && saving->seen_ms != there->created_ms)) {
		return ERR_CONFLICT;
	} else if (rule->is_allowed == there->is_allowed && rule->grade == there->grade) {
		*rule = *there;
		return OK;
	} else if (rule->created_ms <= there->created_ms) {
		rule->created_ms = there->created_ms + 1;
	}
	TRY(rules_put(db, rule));
	return log_change(saving->cx, db, saving->is_new ? NULL : there, rule);
}

static enum err read_typed(struct cx *cx, const struct rule_typed *typed, struct rule *ret,
			   struct form_errors *errors)
{
	struct rule rule = {.is_allowed = typed->is_allowed, .created_ms = cx_now_ms(cx)};
	enum err err = parse_pattern(cx->arena, typed->pattern, &rule.pattern);
	if (err == ERR_INVALID)
		form_error(cx, errors, "pattern", TEXT_ERROR_RULE_PATTERN,
			   TEXT_ARG("pattern", form_error_quote(cx, typed->pattern)));
	else
		TRY(err);
	if (typed->grade.len > 0 && user_grade_parse(typed->grade, &rule.grade) != OK)
		form_error(cx, errors, "grade", TEXT_ERROR_RULE_GRADE,
			   TEXT_ARG("grade", form_error_quote(cx, typed->grade)));
	else if (typed->grade.len > 0 && !typed->is_allowed)
		form_error(cx, errors, "grade", TEXT_ERROR_RULE_GRADE_REFUSED);
	*ret = rule;
	return errors->count == 0 ? OK : ERR_INVALID;
}

enum err registration_rule_save(struct cx *cx, const struct rule_typed *typed, enum rule_save how,
				int64_t seen_ms, struct rule *ret, bool *ret_is_new,
				struct form_errors *errors)
{
	struct saving saving = {.cx = cx, .how = how, .seen_ms = seen_ms};
	TRY(check_may_administer(cx));
	TRY(read_typed(cx, typed, &saving.rule, errors));
	enum err err = store_transact(cx->portal->store, write_saving, &saving, cx->arena);
	if (err == ERR_TOO_LARGE && saving.is_full) {
		form_error(cx, errors, "pattern", TEXT_ERROR_RULES_TOO_MANY,
			   TEXT_NUMBER("count", LIMIT_RULES));
		return ERR_INVALID;
	}
	if (err == ERR_CONFLICT)
		*ret = saving.there;
	TRY(err);
	log_event(LOG_INFO, "rule.saved");
	*ret = saving.rule;
	if (ret_is_new)
		*ret_is_new = saving.is_new;
	return OK;
}

static enum err write_delete(struct db *db, void *argument)
{
	struct saving *saving = argument;
	TRY(people_check_actor(saving->cx, db));
	enum err err = rules_get(db, saving->cx->arena, saving->rule.pattern, &saving->there);
	if (err == ERR_CORRUPT)
		saving->there = (struct rule){.pattern = saving->rule.pattern};
	else
		TRY(err);
	if (saving->seen_ms > 0 && saving->seen_ms != saving->there.created_ms)
		return ERR_CONFLICT;
	TRY(rules_delete(db, saving->rule.pattern));
	return log_change(saving->cx, db, &saving->there, NULL);
}

enum err registration_rule_delete(struct cx *cx, struct str pattern, int64_t seen_ms)
{
	struct saving saving = {.cx = cx, .seen_ms = seen_ms, .rule = {.pattern = pattern}};
	TRY(check_may_administer(cx));
	TRY(store_transact(cx->portal->store, write_delete, &saving, cx->arena));
	log_event(LOG_INFO, "rule.deleted");
	return OK;
}

/* ---- what would happen ---- */

static enum err try_address(struct cx *cx, struct db *db, const struct address *address,
			    struct rule_trial *trial)
{
	enum err err = users_by_key(db, cx->arena, address->key, &trial->known);
	if (err == OK) {
		trial->outcome = RULE_OUTCOME_KNOWN;
		return OK;
	}
	if (err != ERR_NOT_FOUND)
		return err;
	TRY(invite_judge(cx, db, address, &trial->verdict));
	err = invite_check_seat(db, cx->portal->settings);
	trial->has_seat = err == OK;
	if (err == ERR_TOO_LARGE)
		err = OK;
	bool is_stopped = trial->verdict.grade == GRADE_PROFESSIONAL && !trial->has_seat;
	trial->outcome = trial->verdict.is_allowed && !is_stopped ? RULE_OUTCOME_INVITED
								  : RULE_OUTCOME_REFUSED;
	return err;
}

enum err registration_rule_try(struct cx *cx, struct str typed, struct rule_trial *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct rule_trial trial = {.outcome = RULE_OUTCOME_BAD, .address = str_trim(typed)};
	struct address address;
	TRY(check_may_administer(cx));
	enum err err = address_parse(cx->arena, typed, &address);
	if (err == OK) {
		trial.address = address.text;
		TRY(store_read_begin(cx->portal->store, &db));
		TRY(try_address(cx, db, &address, &trial));
	} else if (err != ERR_INVALID) {
		return err;
	}
	*ret = trial;
	return OK;
}

static enum text_id known_words(const struct user *user)
{
	if (user->state == USER_DISABLED)
		return TEXT_RULES_TEST_DISABLED;
	return user->grade == GRADE_PROFESSIONAL ? TEXT_RULES_TEST_KNOWN_PROFESSIONAL
						 : TEXT_RULES_TEST_KNOWN_GUEST;
}

static enum text_id new_words(const struct rule_verdict *verdict, bool has_seat)
{
	bool has_rule = verdict->pattern.len > 0;
	if (!verdict->is_allowed)
		return has_rule ? TEXT_RULES_TEST_REFUSED : TEXT_RULES_TEST_CONTROLLED;
	if (verdict->grade == GRADE_GUEST)
		return TEXT_RULES_TEST_GUEST;
	if (verdict->grade == GRADE_PROFESSIONAL)
		return has_seat ? TEXT_RULES_TEST_PROFESSIONAL : TEXT_RULES_TEST_NO_SEAT;
	return has_rule ? TEXT_RULES_TEST_ALLOWED : TEXT_RULES_TEST_OPEN;
}

struct str registration_rule_sentence(struct cx *cx, const struct rule_trial *trial)
{
	const struct rule_verdict *verdict = &trial->verdict;
	enum text_id words = trial->outcome == RULE_OUTCOME_BAD ? TEXT_RULES_TEST_BAD
			     : trial->outcome == RULE_OUTCOME_KNOWN
				     ? known_words(&trial->known)
				     : new_words(verdict, trial->has_seat);
	struct str about =
		verdict->pattern.len > 0 ? registration_rule_about(cx, verdict->pattern) : STR_NONE;
	return TEXT_FILL(cx->arena, cx->language, words,
			 TEXT_ARG("address", form_error_quote(cx, trial->address)),
			 TEXT_ARG("rule", about));
}
