/* Changing people and helping them in, as an administrator (P1.5 to P1.7, P2.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/audit_log.h"
#include "core/core_test_support.h"
#include "core/overview.h"
#include "core/people.h"
#include "core/people_import.h"
#include "core/registration_rule.h"
#include "core/session.h"
#include "core/settings_live.h"
#include "core/texts.h"

#define GUEST STR("gabi@example.org")
#define PRO STR("paul@example.com")
#define NEW STR("new@example.net")

static bool has(struct str text, const char *part)
{
	return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* The newest entry about somebody. */
static struct audit_view last_entry(struct core_fixture *f, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct db *db CLEANUP_READ = NULL;
	struct audit_entry *entries;
	struct audit_view view;
	size_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_about(db, cx.arena, id, 0, 100, &entries, &count), OK);
	while (count > 0 && !id_eq(&entries[count - 1].object_id, id))
		count--;
	assert_true(count > 0);
	assert_int_equal(audit_log_read(&cx, db, &entries[count - 1], &view), OK);
	assert_false(view.is_changed);
	return view;
}

static void all_at_once_and_logged(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct user after;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GUEST);
	const struct people_change raise = {.has_grade = true,
					    .grade = GRADE_PROFESSIONAL,
					    .has_role = true,
					    .role = ROLE_ADMINISTRATOR,
					    .seen_version = gabi.version};
	assert_int_equal(people_change(&admin, &gabi.id, &raise, &after, &errors), OK);
	assert_int_equal(after.grade, GRADE_PROFESSIONAL);
	assert_int_equal(after.role, ROLE_ADMINISTRATOR);
	assert_int_equal(core_fixture_user(f, GUEST).version, after.version);
	struct audit_view view = last_entry(f, &gabi.id);
	assert_int_equal(view.entry.kind, AUDIT_USER_CHANGED);
	assert_str(view.subject, GUEST);
	assert_str(view.before, STR("guest member active"));
	assert_str(view.after, STR("professional administrator active"));
	assert_true(id_eq(&view.entry.actor_id, &f->admin->user.id));
	/* Somebody else saw her as she was before. */
	const struct people_change stale = {.has_state = true, .seen_version = gabi.version};
	assert_int_equal(people_change(&admin, &gabi.id, &stale, NULL, &errors), ERR_CONFLICT);
	/* What is so already is no change, and no entry. */
	const struct people_change same = {.has_grade = true, .grade = GRADE_PROFESSIONAL};
	assert_int_equal(people_change(&admin, &gabi.id, &same, &after, &errors), OK);
	assert_int_equal(last_entry(f, &gabi.id).entry.number, view.entry.number);
	assert_int_equal(errors.count, 0);
	/* A guest is no administrator: lowering takes both. */
	const struct people_change lower = {.has_grade = true, .grade = GRADE_GUEST};
	assert_int_equal(people_change(&admin, &gabi.id, &lower, &after, &errors), OK);
	assert_int_equal(after.role, ROLE_MEMBER);
	const struct people_change odd = {.has_role = true, .role = ROLE_ADMINISTRATOR};
	assert_int_equal(people_change(&admin, &gabi.id, &odd, NULL, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "role");
}

/* P1.5 */
static void refusals_say_why(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	const struct people_change lower = {.has_grade = true, .grade = GRADE_GUEST};
	const struct people_change member = {.has_role = true, .role = ROLE_MEMBER};
	const struct people_change disable = {.has_state = true};
	struct form_errors errors = {0};
	assert_int_equal(people_change(&admin, &f->admin->user.id, &member, NULL, &errors),
			 ERR_DENIED);
	assert_true(has(errors.items[0].detail, "last administrator"));
	core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	struct id paul = core_fixture_user(f, PRO).id;
	const struct people_change administer = {.has_role = true, .role = ROLE_ADMINISTRATOR};
	assert_int_equal(people_change(&admin, &paul, &administer, NULL, &errors), OK);
	const struct people_change *const own[] = {&lower, &member, &disable};
	for (size_t i = 0; i < 3; i++) {
		errors.count = 0;
		assert_int_equal(people_change(&admin, &f->admin->user.id, own[i], NULL, &errors),
				 ERR_DENIED);
		assert_true(has(errors.items[0].detail, "Another administrator can"));
	}
	/* A command on the machine may, but not the last one. */
	struct cx machine = core_fixture_cx(f, NULL);
	assert_int_equal(people_change(&machine, &paul, &disable, NULL, &errors), OK);
	assert_int_equal(people_change(&machine, &f->admin->user.id, &disable, NULL, &errors),
			 ERR_DENIED);
	struct audit_view view = last_entry(f, &paul);
	assert_true(id_is_empty(&view.entry.actor_id));
}

/* P1.5: sessions of browsers and tokens of programs. */
static void a_role_holds_at_the_next_request(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin), nobody = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	struct sign_in begun;
	struct session *session;
	struct user user;
	int64_t wait_s;
	core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	assert_int_equal(session_sign_in(&nobody, PRO, CORE_FIXTURE_PASSWORD, SESSION_API,
					 STR("Test"), &begun, &wait_s),
			 OK);
	core_fixture_keep(f, begun.session);
	const struct id id = begun.session->user.id;
	for (int is_one = 1; is_one >= 0; is_one--) {
		const struct people_change change = {
			.has_role = true, .role = is_one ? ROLE_ADMINISTRATOR : ROLE_MEMBER};
		assert_int_equal(people_change(&admin, &id, &change, NULL, &errors), OK);
		assert_int_equal(session_open(&nobody, begun.token, SESSION_API, &session), OK);
		core_fixture_keep(f, session);
		struct cx paul = core_fixture_cx(f, session);
		assert_int_equal(people_check_administrator(&paul), is_one ? OK : ERR_DENIED);
	}
	const struct people_change disable = {.has_state = true};
	assert_int_equal(people_change(&admin, &id, &disable, &user, &errors), OK);
	assert_int_equal(session_open(&nobody, begun.token, SESSION_API, &session), ERR_NOT_FOUND);
}

/* ---- their request waits for others, and they lose the right meanwhile ---- */

static enum err add_somebody(struct cx *cx, const struct id *id)
{
	struct form_errors errors = {0};
	(void)id;
	return people_add(cx, NEW, GRADE_PROFESSIONAL, ROLE_ADMINISTRATOR, &errors);
}

static enum err import_somebody(struct cx *cx, const struct id *id)
{
	struct form_errors errors = {0};
	struct people_import import;
	(void)id;
	assert_int_equal(
		people_import_read(cx, STR("address\nnew@example.net\n"), &import, &errors), OK);
	return people_import_step(cx, &import, false);
}

static enum err raise(struct cx *cx, const struct id *id)
{
	return people_set_grade(cx, id, GRADE_PROFESSIONAL);
}

static enum err help(struct cx *cx, const struct id *id)
{
	struct form_errors errors = {0};
	return people_help(cx, id, &errors);
}

static enum err add_rule(struct cx *cx, const struct id *id)
{
	struct form_errors errors = {0};
	const struct rule_typed typed = {.pattern = STR("bad.example")};
	struct rule rule;
	(void)id;
	return registration_rule_save(cx, &typed, RULE_NEW, 0, &rule, NULL, &errors);
}

static enum err delete_rule(struct cx *cx, const struct id *id)
{
	(void)id;
	return registration_rule_delete(cx, STR("example.org"), 0);
}

static enum err set(struct cx *cx, const struct id *id)
{
	struct form_errors errors = {0};
	const struct setting_change change = {STR("recall"), STR("no")};
	(void)id;
	return settings_live_change(cx, &change, 1, 0, &errors);
}

static enum err write_words(struct cx *cx, const struct id *id)
{
	struct form_errors errors = {0};
	const struct texts_words words = {STR("Mine"), STR("{link}")};
	(void)id;
	return texts_write(cx, TEXTS_RESET, cx->language, &words, -1, &errors);
}

static enum err retry_mails(struct cx *cx, const struct id *id)
{
	int64_t count;
	(void)id;
	return overview_retry_mails(cx, &count);
}

static enum err take_mail_off(struct cx *cx, const struct id *id)
{
	return overview_take_mail_off(cx, id);
}

static void who_was_lowered_meanwhile_does_nothing_more(void **state)
{
	static const struct {
		const char *what;
		enum err (*act)(struct cx *cx, const struct id *id);
	} acts[] = {
		{"adds an administrator", add_somebody},
		{"imports somebody", import_somebody},
		{"raises somebody", raise},
		{"has a reset mailed", help},
		{"adds a rule", add_rule},
		{"deletes a rule", delete_rule},
		{"changes a setting", set},
		{"changes a text", write_words},
		{"has mails tried again", retry_mails},
		{"takes a mail off", take_mail_off},
	};
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	const struct people_change administer = {.has_role = true, .role = ROLE_ADMINISTRATOR};
	const struct people_change lower = {.has_grade = true, .grade = GRADE_GUEST};
	struct session *paul = core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_rule(f, STR("example.org"), true, 0);
	assert_int_equal(people_change(&admin, &paul->user.id, &administer, &paul->user, &errors),
			 OK);
	assert_int_equal(people_change(&admin, &paul->user.id, &lower, NULL, &errors), OK);
	/* What was read when his request began. */
	struct cx late = core_fixture_cx(f, paul);
	assert_int_equal(people_check_administrator(&late), OK);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		enum err err = acts[i].act(&late, &gabi->user.id);
		if (err != ERR_DENIED)
			fail_msg("%s: %s", acts[i].what, err_name(err));
	}
	const struct id session_id = gabi->id;
	assert_int_equal(people_end_session(&late, &gabi->user.id, &session_id), ERR_DENIED);
	struct user nobody;
	assert_int_equal(people_find(&admin, NEW, &nobody), ERR_NOT_FOUND);
}

/* Whoever was shut out comes back by signing in, not by what was open on some other machine. */
static void what_was_open_before_stays_shut(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin), nobody = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	struct sign_in browser, program, begun;
	struct session *session;
	int64_t wait_s;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	const struct id id = core_fixture_user(f, GUEST).id;
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &browser), OK);
	assert_int_equal(session_sign_in(&nobody, GUEST, CORE_FIXTURE_PASSWORD, SESSION_API,
					 STR("Test"), &program, &wait_s),
			 OK);
	core_fixture_keep(f, program.session);
	assert_int_equal(people_help(&admin, &id, &errors), OK);
	struct str reset = core_fixture_token(f, MAIL_RESET, GUEST);
	assert_int_equal(people_enable(&admin, &id, false), OK);
	assert_int_equal(people_enable(&admin, &id, true), OK);
	assert_null(core_fixture_next_request(f, browser.token));
	assert_int_equal(session_open(&nobody, program.token, SESSION_API, &session),
			 ERR_NOT_FOUND);
	assert_int_not_equal(account_reset(&nobody, reset, STR("copper lantern meadow 7"), STR(""),
					   SESSION_BROWSER, STR("Test"), &begun, &errors),
			     OK);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), OK);
}

/* P2.7 */
static void a_lost_password(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct id id = core_fixture_user(f, GUEST).id;
	assert_int_equal(people_help(&admin, &id, &errors), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, GUEST), 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, STR("admin@example.com")), 0);
	assert_int_equal(last_entry(f, &id).entry.kind, AUDIT_USER_HELPED);
	assert_int_equal(people_help(&admin, &id, &errors), OK);
	assert_int_equal(people_help(&admin, &id, &errors), OK);
	assert_int_equal(people_help(&admin, &id, &errors), ERR_BUSY);
	assert_true(has(errors.items[0].detail, "within the last hour"));
	errors.count = 0;
	assert_int_equal(people_invite_again(&admin, &id, &errors), ERR_CONFLICT);
	assert_true(has(errors.items[0].detail, "has registered already"));
	assert_int_equal(people_enable(&admin, &id, false), OK);
	errors.count = 0;
	assert_int_equal(people_help(&admin, &id, &errors), ERR_CONFLICT);
	assert_true(has(errors.items[0].detail, "disabled"));
}

static void a_lost_password_that_only_the_owner_can_replace(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct id id = core_fixture_user(f, GUEST).id;
	assert_int_equal(people_help(&admin, &id, &errors), ERR_CONFLICT);
	assert_true(has(errors.items[0].detail, "recovery code"));
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, GUEST), 0);
}

static void an_invitation_again(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	assert_int_equal(people_add(&admin, GUEST, GRADE_GUEST, ROLE_MEMBER, &errors), OK);
	struct id id = core_fixture_user(f, GUEST).id;
	struct audit_view view = last_entry(f, &id);
	assert_int_equal(view.entry.kind, AUDIT_USER_ADDED);
	assert_str(view.after, STR("guest member invited"));
	assert_int_equal(people_help(&admin, &id, &errors), ERR_CONFLICT);
	assert_int_equal(people_invite_again(&admin, &id, &errors), OK);
	assert_int_equal(last_entry(f, &id).entry.kind, AUDIT_INVITED_AGAIN);
	core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, GUEST), STR("Gabi"));
	/* Rules hold for administrators too. */
	core_fixture_rule(f, STR("bad.example"), false, 0);
	assert_int_equal(
		people_add(&admin, STR("eve@bad.example"), GRADE_GUEST, ROLE_MEMBER, &errors),
		ERR_INVALID);
}

static void sessions_can_be_ended(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct sign_in begun;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	const struct id *id = &begun.session->user.id;
	/* What is no session, a password say, is theirs to change. */
	struct way_in_view *ways;
	size_t count, others = 0;
	assert_int_equal(people_ways_in(&admin, id, &ways, &count), OK);
	for (size_t i = 0; i < count; i++) {
		if (ways[i].is_session)
			continue;
		others++;
		assert_int_equal(people_end_session(&admin, id, &ways[i].id), ERR_NOT_FOUND);
	}
	assert_true(others >= 2);
	/* Not by way of another person. */
	assert_int_equal(people_end_session(&admin, &f->admin->user.id, &begun.session->id),
			 ERR_NOT_FOUND);
	assert_non_null(core_fixture_next_request(f, begun.token));
	assert_int_equal(people_end_session(&admin, id, &begun.session->id), OK);
	assert_null(core_fixture_next_request(f, begun.token));
	assert_int_equal(last_entry(f, id).entry.kind, AUDIT_SESSION_ENDED);
	struct cx gabi = core_fixture_cx(f, begun.session);
	struct form_errors errors = {0};
	assert_int_equal(people_end_session(&gabi, &f->admin->user.id, &f->admin->id), ERR_DENIED);
	assert_int_equal(people_help(&gabi, &f->admin->user.id, &errors), ERR_DENIED);
	assert_int_equal(people_invite_again(&gabi, id, &errors), ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(all_at_once_and_logged),
		CORE_TEST(refusals_say_why),
		CORE_TEST(a_role_holds_at_the_next_request),
		CORE_TEST(who_was_lowered_meanwhile_does_nothing_more),
		CORE_TEST(what_was_open_before_stays_shut),
		CORE_TEST(a_lost_password),
		CORE_TEST_STRICT(a_lost_password_that_only_the_owner_can_replace),
		CORE_TEST(an_invitation_again),
		CORE_TEST(sessions_can_be_ended),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
