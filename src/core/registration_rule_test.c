/* Registration rules: who may be invited, and as what (PRODUCT.md P2.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "core/audit_log.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "core/registration_rule.h"
#include "store/store_direct.h"

static enum err save(struct core_fixture *f, const char *pattern, bool is_allowed,
		     const char *grade, struct rule *ret)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	const struct rule_typed typed = {str_of(pattern), is_allowed, str_of(grade)};
	enum err err = registration_rule_save(&cx, &typed, RULE_EITHER, 0, ret, NULL, &errors);
	assert_int_equal(errors.count > 0, err == ERR_INVALID);
	return err;
}

static void patterns_are_normalised_or_refused(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *typed, *stored; /* NULL: refused */
	} rows[] = {
		{" Example.COM ", "example.com"},
		{"@example.com", "example.com"},
		{".Example.com", ".example.com"},
		{"*.example.com", ".example.com"},
		{".COM", ".com"},
		{"Anna@Example.com", "anna@example.com"},
		{"b\xc3\xbc"
		 "cher.example",
		 "xn--bcher-kva.example"},
		{".b\xc3\xbc"
		 "cher.example",
		 ".xn--bcher-kva.example"},
		{"", NULL},
		{"example", NULL},
		{"@", NULL},
		{".", NULL},
		{"*.", NULL},
		{"..example.com", NULL},
		{"anna@", NULL},
		{"anna@example", NULL},
		{"Anna <anna@example.com>", NULL},
		{"example.com, example.org", NULL},
		{"exa mple.com", NULL},
		{"example.com\nexample.org", NULL},
		{"\xff.example.com", NULL},
		{"192.168.0.1", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rule rule;
		enum err err = save(f, rows[i].typed, true, "", &rule);
		if (err != (rows[i].stored ? OK : ERR_INVALID))
			fail_msg("%s: %s", rows[i].typed, err_name(err));
		if (rows[i].stored)
			assert_str(rule.pattern, str_of(rows[i].stored));
	}
}

static void expect(struct core_fixture *f, const char *address, const char *sentence)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct rule_trial trial;
	assert_int_equal(registration_rule_try(&cx, str_of(address), &trial), OK);
	struct str said = registration_rule_sentence(&cx, &trial);
	if (str_find(said, str_of(sentence)) < 0)
		fail_msg("%s: \"%.*s\"", address, STR_ARGS(said));
	/* And so it is: whoever writes to them. */
	const struct draft draft = {
		.to = str_of(address), .subject = STR("Hello"), .body = STR("You?")};
	struct addressing addressing;
	struct form_errors errors = {0};
	enum err err = message_address(&cx, &draft, &addressing, &errors);
	bool is_bad = trial.outcome == RULE_OUTCOME_BAD ||
		      (trial.outcome == RULE_OUTCOME_REFUSED && !trial.verdict.is_allowed);
	bool is_out = trial.outcome == RULE_OUTCOME_KNOWN && trial.known.state == USER_DISABLED;
	if ((err == OK) == (is_bad || is_out))
		fail_msg("%s: %s, yet \"%.*s\"", address, err_name(err), STR_ARGS(said));
}

static void the_test_says_what_would_happen(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct rule rule;
	core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("paul@example.org"), STR("Paul"), GRADE_PROFESSIONAL);
	core_fixture_person(f, STR("dora@example.org"), STR("Dora"), GRADE_GUEST);
	const struct id dora = core_fixture_user(f, STR("dora@example.org")).id;
	assert_int_equal(people_enable(&admin, &dora, false), OK);
	expect(f, "anna@example.com", "would be invited: no rule is about it");
	assert_int_equal(save(f, "example.com", true, "guest", &rule), OK);
	assert_int_equal(save(f, ".clinic.example", true, "professional", &rule), OK);
	assert_int_equal(save(f, "bad.clinic.example", false, "", &rule), OK);
	assert_int_equal(save(f, "boss@bad.clinic.example", true, "", &rule), OK);
	assert_int_equal(save(f, "example.org", false, "", &rule), OK);
	expect(f, "Anna@example.com",
	       "Anna@example.com would be invited as a guest, because of the rule for addresses at "
	       "example.com");
	expect(f, "a@b.clinic.example",
	       "as a professional, because of the rule for addresses at clinic.example and all");
	expect(f, "x@bad.clinic.example",
	       "would be refused, because of the rule for addresses at bad");
	expect(f, "boss@bad.clinic.example", "The sender chooses");
	expect(f, "nobody", "\"nobody\" is not an e-mail address");
	expect(f, "gabi@example.org", "is known already, as a guest");
	expect(f, "paul@example.org", "is known already, as a professional");
	expect(f, "dora@example.org", "disabled");
	expect(f, "eve@example.org", "would be refused, because of the rule");
	core_fixture_set(f, "access", STR("controlled"));
	expect(f, "anna@example.net", "would be refused: no rule allows it");
	expect(f, "anna@example.com", "would be invited as a guest");
	core_fixture_set(f, "seat_limit", STR("2"));
	expect(f, "a@b.clinic.example", "every seat is taken");
}

static void a_rule_is_made_changed_and_deleted_and_logged(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct rule first, rule, *rules;
	size_t count;
	bool is_new;
	struct rule_typed typed = {STR("example.com"), true, STR("guest")};
	assert_int_equal(
		registration_rule_save(&cx, &typed, RULE_CHANGE, 0, &rule, &is_new, &errors),
		ERR_NOT_FOUND);
	assert_int_equal(registration_rule_save(&cx, &typed, RULE_NEW, 0, &first, &is_new, &errors),
			 OK);
	assert_true(is_new);
	typed.grade = STR("professional");
	assert_int_equal(registration_rule_save(&cx, &typed, RULE_NEW, 0, &rule, &is_new, &errors),
			 ERR_CONFLICT);
	assert_int_equal(rule.grade, GRADE_GUEST);
	assert_int_equal(registration_rule_save(&cx, &typed, RULE_CHANGE, first.created_ms, &rule,
						&is_new, &errors),
			 OK);
	assert_false(is_new);
	/* Somebody who has seen the first one. */
	typed.is_allowed = false;
	typed.grade = STR_NONE;
	assert_int_equal(registration_rule_save(&cx, &typed, RULE_CHANGE, first.created_ms, &rule,
						&is_new, &errors),
			 ERR_CONFLICT);
	assert_int_equal(
		registration_rule_save(&cx, &typed, RULE_EITHER, 0, &rule, &is_new, &errors), OK);
	assert_int_equal(registration_rule_delete(&cx, STR("example.com"), first.created_ms),
			 ERR_CONFLICT);
	assert_int_equal(registration_rule_delete(&cx, STR("example.com"), rule.created_ms), OK);
	assert_int_equal(registration_rule_delete(&cx, STR("example.com"), 0), ERR_NOT_FOUND);
	assert_int_equal(registration_rule_list(&cx, STR_NONE, STR_NONE, 10, &rules, &count), OK);
	assert_int_equal(count, 0);
	static const char *const said[][2] = {{"", "allowed guest"},
					      {"allowed guest", "allowed professional"},
					      {"allowed professional", "refused"},
					      {"refused", ""}};
	struct db *db CLEANUP_READ = NULL;
	struct audit_entry *entries;
	struct audit_view view;
	size_t seen = 0;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	char *object_text = store_direct_read(
		f->url,
		arena_printf(&f->arena, "SELECT object_id FROM audit WHERE kind = %d", AUDIT_RULE)
			.data);
	struct id object;
	assert_int_equal(id_parse(str_of(object_text), &object), OK);
	free(object_text);
	assert_int_equal(audit_about(db, &f->arena, &object, 0, 10, &entries, &count), OK);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(audit_log_read(&cx, db, &entries[i], &view), OK);
		assert_int_equal(view.entry.kind, AUDIT_RULE);
		assert_str(view.subject, STR("example.com"));
		assert_str(view.before, str_of(said[seen][0]));
		assert_str(view.after, str_of(said[seen++][1]));
	}
	assert_int_equal(seen, 4);
}

static void mistakes_are_told(void **state)
{
	struct core_fixture *f = *state;
	struct rule rule;
	assert_int_equal(save(f, "example.com", true, "boss", &rule), ERR_INVALID);
	assert_int_equal(save(f, "example.com", false, "guest", &rule), ERR_INVALID);
}

static void only_administrators_make_rules(void **state)
{
	struct core_fixture *f = *state;
	struct session *paul =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct cx cx = core_fixture_cx(f, paul);
	const struct rule_typed typed = {.pattern = STR("example.com")};
	struct form_errors errors = {0};
	struct rule_trial trial;
	struct rule rule, *rules;
	size_t count;
	assert_int_equal(registration_rule_save(&cx, &typed, RULE_EITHER, 0, &rule, NULL, &errors),
			 ERR_DENIED);
	assert_int_equal(registration_rule_delete(&cx, STR("example.com"), 0), ERR_DENIED);
	assert_int_equal(registration_rule_get(&cx, STR("example.com"), &rule), ERR_DENIED);
	assert_int_equal(registration_rule_try(&cx, STR("a@example.com"), &trial), ERR_DENIED);
	assert_int_equal(registration_rule_list(&cx, STR_NONE, STR_NONE, 9, &rules, &count),
			 ERR_DENIED);
}

static void many_rules_are_found_page_by_page(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct rule *rules, rule;
	size_t count, seen = 0;
	for (int i = 0; i < 25; i++)
		assert_int_equal(save(f, arena_printf(&f->arena, "d%02d.example.com", i).data, true,
				      "", &rule),
				 OK);
	assert_int_equal(save(f, "other_not.example", false, "", &rule), ERR_INVALID);
	assert_int_equal(save(f, "other.example", false, "", &rule), OK);
	struct str after = STR_NONE;
	do {
		assert_int_equal(
			registration_rule_list(&cx, STR("EXAMPLE.com"), after, 10, &rules, &count),
			OK);
		seen += count;
		if (count > 0)
			after = rules[count - 1].pattern;
	} while (count == 10);
	assert_int_equal(seen, 25);
	assert_int_equal(registration_rule_list(&cx, STR("%"), STR_NONE, 10, &rules, &count), OK);
	assert_int_equal(count, 0);
}

/* A row changed from outside neither holds nor stays in the way. */
static void a_planted_rule_is_replaced(void **state)
{
	struct core_fixture *f = *state;
	struct rule rule;
	assert_int_equal(save(f, "example.com", false, "", &rule), OK);
	store_direct_run(f->url, "UPDATE rules SET is_allowed = 1");
	assert_int_equal(save(f, "example.com", true, "guest", &rule), OK);
	expect(f, "anna@example.com", "would be invited as a guest");
	store_direct_run(f->url, "UPDATE rules SET is_allowed = 0");
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(registration_rule_delete(&cx, STR("example.com"), 0), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void send(struct core_fixture *f, struct session *who, const char *to, const char *refusal)
{
	const struct draft draft = {.to = str_of(to), .subject = STR("Hello"), .body = STR("You?")};
	struct form_errors errors = {0};
	enum err err = core_fixture_try_send(f, who, &draft, NULL, &errors);
	assert_int_equal(err, refusal ? ERR_BUSY : OK);
	if (refusal)
		assert_non_null(strstr(arena_cstr(&f->arena, errors.items[0].detail), refusal));
}

static void a_day_has_its_limits(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_set(f, "invitations_per_day_professional", STR("3"));
	send(f, f->admin, "a@example.com, b@example.com", NULL);
	send(f, f->admin, "c@example.com, d@example.com", "may invite 3 new people a day");
	send(f, f->admin, "a@example.com", NULL);
	send(f, f->admin, "a@example.com, c@example.com", NULL);
	core_fixture_sleep(f, DAY_MS - HOUR_MS);
	send(f, f->admin, "d@example.com", "may invite 3 new people a day");
	core_fixture_sleep(f, HOUR_MS);
	send(f, f->admin, "d@example.com", NULL);
	struct session *guest =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	core_fixture_set(f, "messages_per_day_guest", STR("2"));
	core_fixture_set(f, "messages_per_day_professional", STR("1"));
	core_fixture_sleep(f, DAY_MS);
	send(f, guest, "admin@example.com", NULL);
	send(f, guest, "admin@example.com", NULL);
	send(f, guest, "admin@example.com", "may send 2 messages a day");
	send(f, f->admin, "gabi@example.org", NULL);
	send(f, f->admin, "gabi@example.org", "One person may send 1 message a day");
}

static enum err write_rules(struct db *db, void *argument)
{
	struct core_fixture *f = argument;
	for (int i = 1; i < LIMIT_RULES; i++) {
		char pattern[32];
		snprintf(pattern, sizeof(pattern), "d%d.example.com", i);
		const struct rule rule = {.pattern = str_of(pattern),
					  .is_allowed = true,
					  .created_ms = f->clock.now_ms};
		TRY(rules_put(db, &rule));
	}
	return OK;
}

static void there_is_an_end_of_rules(void **state)
{
	struct core_fixture *f = *state;
	struct rule rule;
	assert_int_equal(store_transact(f->portal->store, write_rules, f, NULL), OK);
	assert_int_equal(save(f, "last.example.com", true, "", &rule), OK);
	assert_int_equal(save(f, "more.example.com", true, "", &rule), ERR_INVALID);
	/* Those that are there can be changed all the same. */
	assert_int_equal(save(f, "last.example.com", false, "", &rule), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(patterns_are_normalised_or_refused),
		CORE_TEST(the_test_says_what_would_happen),
		CORE_TEST(a_rule_is_made_changed_and_deleted_and_logged),
		CORE_TEST(mistakes_are_told),
		CORE_TEST(only_administrators_make_rules),
		CORE_TEST(many_rules_are_found_page_by_page),
		CORE_TEST(a_planted_rule_is_replaced),
		CORE_TEST(there_is_an_end_of_rules),
		CORE_TEST(a_day_has_its_limits),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
