/* What the audit log holds (P7), and that nobody floods it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "core/account.h"
#include "core/audit_test_support.h"
#include "core/throttle.h"
#include "store/store_direct.h"

#define GABI STR("gabi@example.org")

static void what_people_do_to_get_in_stands_in_it(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in here, there;
	struct form_errors errors = {0};
	struct str code;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GABI);
	audit_test_by(f, AUDIT_INVITED, &f->admin->user.id);
	assert_str(audit_test_newest(f, AUDIT_INVITED).subject, GABI);
	audit_test_by(f, AUDIT_REGISTERED, &gabi.id);
	assert_str(audit_test_newest(f, AUDIT_REGISTERED).before, STR("guest member invited"));
	assert_str(audit_test_newest(f, AUDIT_REGISTERED).after, STR("guest member active"));
	assert_int_equal(audit_test_newest(f, AUDIT_REGISTERED).version, gabi.version);
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, &here), OK);
	audit_test_by(f, AUDIT_SIGN_IN, &gabi.id);
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, &there), OK);
	struct cx cx = core_fixture_cx(f, here.session);
	assert_int_equal(session_end_one(&cx, &there.session->id), OK);
	audit_test_by(f, AUDIT_SESSION_ENDED, &gabi.id);
	assert_int_equal(session_end_others(&cx), OK);
	assert_str(audit_test_newest(f, AUDIT_SESSION_ENDED).after, STR("others"));
	assert_int_equal(account_new_recovery_code(&cx, CORE_FIXTURE_PASSWORD, &code, &errors), OK);
	audit_test_by(f, AUDIT_RECOVERY_CODE, &gabi.id);
	assert_int_equal(account_change_password(&cx, CORE_FIXTURE_PASSWORD,
						 STR("copper lantern meadow 7"), &errors),
			 OK);
	audit_test_by(f, AUDIT_PASSWORD_CHANGED, &gabi.id);
	assert_int_equal(session_end(&cx), OK);
	audit_test_by(f, AUDIT_SIGN_OUT, &gabi.id);
	audit_test_whole(f);
}

static void a_reset_stands_in_it(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	struct sign_in begun;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GABI);
	assert_int_equal(account_ask_help(&cx, GABI, &errors), OK);
	assert_str(audit_test_newest(f, AUDIT_HELP_ASKED).subject, GABI);
	struct audit_view asked = audit_test_newest(f, AUDIT_HELP_ASKED);
	assert_true(id_eq(&asked.entry.object_id, &gabi.id));
	assert_int_equal(account_ask_help(&cx, STR("nobody@example.org"), &errors), OK);
	asked = audit_test_newest(f, AUDIT_HELP_ASKED);
	assert_true(id_is_empty(&asked.entry.object_id));
	assert_int_equal(account_reset(&cx, core_fixture_token(f, MAIL_RESET, GABI),
				       STR("copper lantern meadow 7"), STR(""), SESSION_BROWSER,
				       STR("Test"), &begun, &errors),
			 OK);
	core_fixture_keep(f, begun.session);
	audit_test_by(f, AUDIT_PASSWORD_RESET, &gabi.id);
}

static void a_wrong_password_stands_in_it_whoever_it_is_for(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *typed, *subject;
		bool is_known;
	} rows[] = {
		{"admin@example.com", "admin@example.com", true},
		{"  ADMIN@example.com ", "ADMIN@example.com", true},
		{"nobody@example.com", "nobody@example.com", false},
		{"no address at all", "no address at all", false},
		{"bell\a and\nlines", "?", false},
		{"", "", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t before = audit_test_last(f);
		assert_int_equal(core_test_sign_in(f, str_of(rows[i].typed),
						   STR("wrong password here"), NULL),
				 ERR_DENIED);
		assert_int_equal(audit_test_last(f), before + 1);
		struct audit_view view = audit_test_newest(f, AUDIT_SIGN_IN_FAILED);
		assert_str(view.subject, str_of(rows[i].subject));
		assert_int_equal(!id_is_empty(&view.entry.object_id), rows[i].is_known);
		assert_true(id_is_empty(&view.entry.actor_id));
	}
}

/* Many addresses from many networks: the throttle of each sees nothing. */
static void nobody_floods_it(void **state)
{
	struct core_fixture *f = *state;
	enum { TRIES = 40, LEFT = 20 };
	struct cx cx = core_fixture_cx(f, NULL);
	for (int i = 0; i < LIMIT_AUDIT_FAILED_PER_HOUR - LEFT; i++)
		assert_int_equal(throttle_take(f->portal->throttle, "audit", STR(""), 1,
					       LIMIT_AUDIT_FAILED_PER_HOUR, HOUR_MS,
					       cx_now_ms(&cx)),
				 OK);
	for (int i = 0; i < TRIES; i++) {
		struct sign_in begun;
		int64_t wait_s;
		cx.remote = arena_printf(&f->arena, "10.%d.1.1", i);
		assert_int_equal(session_sign_in(&cx, arena_printf(&f->arena, "u%d@example.com", i),
						 STR("wrong password here"), SESSION_BROWSER,
						 STR("Test"), &begun, &wait_s),
				 ERR_DENIED);
	}
	assert_int_equal(audit_test_count(f, AUDIT_SIGN_IN_FAILED), LEFT + 1);
	assert_str(audit_test_newest(f, AUDIT_SIGN_IN_FAILED).after, STR("more"));
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(
		core_test_sign_in(f, STR("x@example.com"), STR("wrong password here"), NULL),
		ERR_DENIED);
	assert_int_equal(audit_test_count(f, AUDIT_SIGN_IN_FAILED), LEFT + 2);
}

/* ---- erasing ---- */

static enum err write_forgetting(struct db *db, void *argument)
{
	struct cx *cx = argument;
	struct user gabi;
	TRY(users_by_key(db, cx->arena, GABI, &gabi));
	return audit_log_forget(cx, db, &gabi.id);
}

static void what_it_said_of_somebody_can_be_erased_but_not_taken_out(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	core_test_sign_in(f, GABI, STR("wrong password"), NULL);
	core_test_sign_in(f, STR("admin@example.com"), STR("wrong password"), NULL);
	assert_int_equal(store_transact(f->portal->store, write_forgetting, &cx, NULL), OK);
	audit_test_whole(f);
	assert_true(audit_test_newest(f, AUDIT_SIGN_IN).is_erased);
	assert_true(audit_test_newest(f, AUDIT_INVITED).is_erased);
	assert_int_equal(audit_test_newest(f, AUDIT_REGISTERED).subject.len, 0);
	/* What is about others stays. */
	assert_str(audit_test_newest(f, AUDIT_SIGN_IN_FAILED).subject, STR("admin@example.com"));
	int64_t signed_in = audit_test_newest(f, AUDIT_SIGN_IN).entry.number;
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM audit_texts");
	store_direct_run(
		f->url,
		arena_cstr(&f->arena,
			   arena_printf(&f->arena,
					"UPDATE audit_texts SET content = (SELECT "
					"content FROM kept WHERE number = %d) "
					"WHERE number = %d",
					(int)audit_test_newest(f, AUDIT_INVITED).entry.number,
					(int)signed_in)));
	audit_test_expect(f, AUDIT_PROBLEM_TEXT_CHANGED, signed_in);
	assert_true(audit_test_newest(f, AUDIT_SIGN_IN).is_changed);
	store_direct_run(
		f->url,
		arena_cstr(&f->arena,
			   arena_printf(&f->arena, "DELETE FROM audit_texts WHERE number = %d",
					(int)signed_in)));
	audit_test_expect(f, AUDIT_PROBLEM_TEXT_MISSING, signed_in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(what_people_do_to_get_in_stands_in_it),
		CORE_TEST(a_reset_stands_in_it),
		CORE_TEST(a_wrong_password_stands_in_it_whoever_it_is_for),
		CORE_TEST(nobody_floods_it),
		CORE_TEST(what_it_said_of_somebody_can_be_erased_but_not_taken_out),
	};
	return engines_test_run("audit_holds", tests, sizeof(tests) / sizeof(tests[0]));
}
