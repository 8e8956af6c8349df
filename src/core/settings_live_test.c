/* Settings of a running portal: all or none, told to other processes, in the audit log; and what
 * the policies among them do (P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/audit_test_support.h"
#include "core/breached_test.h"
#include "core/housekeeping.h"
#include "core/mailbox_move.h"
#include "core/password_rules.h"
#include "core/settings_live.h"
#include "store/audit.h"
#include "store/store_direct.h"

static enum err change(struct core_fixture *f, struct session *session, int64_t version,
		       const struct setting_change *changes, size_t count,
		       struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, session);
	errors->count = 0;
	return settings_live_change(&cx, changes, count, version, errors);
}

/* Entries about settings, by the administrator. */
static int64_t entries(struct core_fixture *f)
{
	struct str sql = arena_printf(
		&f->arena, "SELECT COUNT(*) FROM audit WHERE kind = %d AND actor_id = '%s'",
		AUDIT_SETTING, f->admin->user.id.text);
	char *count = store_direct_read(f->url, arena_cstr(&f->arena, sql));
	int64_t number = -1;
	assert_true(str_to_int(str_of(count), &number));
	free(count);
	return number;
}

static void all_or_none_and_in_the_log(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	int64_t version = settings_live_version(f->portal);
	const struct setting_change good[] = {{STR("trash_days"), STR("7")},
					      {STR("recall"), STR("no")},
					      {STR("invitation_days"), STR("14")}};
	const struct setting_change bad[] = {{STR("trash_days"), STR("8")},
					     {STR("reset_minutes"), STR("1")}};
	assert_int_equal(change(f, f->admin, version, good, 3, &errors), OK);
	assert_int_equal(f->portal->settings->trash_days, 7);
	assert_false(settings_have(f->portal->settings, FEATURE_RECALL));
	/* What was the same is no change. */
	assert_int_equal(entries(f), 2);
	assert_int_equal(change(f, f->admin, 0, bad, 2, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "reset_minutes").len > 0);
	assert_int_equal(f->portal->settings->trash_days, 7);
	assert_int_equal(entries(f), 2);
	audit_test_says(f, AUDIT_SETTING, &f->admin->user.id,
			"Ada Admin changed the setting “Recall” from “yes” to “no”.");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void who_may_and_who_was_faster(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct session *paul =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	int64_t version = settings_live_version(f->portal);
	const struct setting_change one = {STR("trash_days"), STR("7")};
	const struct setting_change other = {STR("trash_days"), STR("8")};
	const struct setting_change fixed = {STR("url"), STR("https://other.example.com")};
	assert_int_equal(change(f, paul, version, &one, 1, &errors), ERR_DENIED);
	assert_int_equal(change(f, f->admin, version, &fixed, 1, &errors), ERR_INVALID);
	assert_int_equal(change(f, f->admin, version, &one, 1, &errors), OK);
	assert_int_equal(change(f, f->admin, version, &other, 1, &errors), ERR_CONFLICT);
	assert_int_equal(f->portal->settings->trash_days, 7);
	assert_int_equal(change(f, f->admin, version + 1, &other, 1, &errors), OK);
	/* On the machine itself. */
	assert_int_equal(change(f, NULL, 0, &one, 1, &errors), OK);
	assert_int_equal(f->portal->settings->trash_days, 7);
}

static void another_process_sees_it(void **state)
{
	struct core_fixture *f = *state;
	struct portal *other;
	struct form_errors errors = {0};
	const struct setting_change one = {STR("trash_days"), STR("7")};
	const struct setting_change two = {STR("trash_days"), STR("8")};
	assert_int_equal(portal_open(&f->options, &other), OK);
	int64_t version = settings_live_version(other);
	assert_int_equal(change(f, f->admin, version, &one, 1, &errors), OK);
	assert_int_equal(other->settings->trash_days, 30);
	struct cx cx = core_fixture_cx(f, NULL);
	cx.portal = other;
	/* Whoever still has the old values before their eyes is told. */
	assert_int_equal(settings_live_change(&cx, &two, 1, version, &errors), ERR_CONFLICT);
	assert_int_equal(settings_live_refresh(other), OK);
	assert_int_equal(other->settings->trash_days, 7);
	assert_int_equal(settings_live_change(&cx, &two, 1, version + 1, &errors), OK);
	housekeeping_look(&cx);
	cx = core_fixture_cx(f, NULL);
	housekeeping_look(&cx);
	assert_int_equal(f->portal->settings->trash_days, 8);
	portal_close(other);
}

/* ---- passwords ---- */

static enum err choose(struct core_fixture *f, const char *password, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct str normal;
	errors->count = 0;
	return password_rules_check(&cx, str_of(password), STR("Anna"), STR("a@example.com"),
				    &normal, errors);
}

static void passwords_have_so_many_characters(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	assert_int_equal(choose(f, "copper lantern", &errors), OK);
	core_fixture_set(f, "password_min", STR("15"));
	assert_int_equal(choose(f, "copper lantern", &errors), ERR_INVALID);
	assert_true(str_find(form_errors_for(&errors, "password"), STR("15")) >= 0);
	assert_int_equal(choose(f, "copper lantern!", &errors), OK);
	/* Nobody is locked out. */
	core_fixture_set(f, "password_min", STR("64"));
	assert_int_equal(
		core_test_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD, NULL), OK);
}

static void write_list(struct core_fixture *f, const char *content)
{
	struct str path = arena_printf(&f->arena, "%s/breached.txt", f->folder);
	FILE *file = fopen(arena_cstr(&f->arena, path), "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
	f->portal->breached_path = path;
}

static void stolen_passwords_are_refused(void **state)
{
	static const char *const endings[] = {"\n", "\r\n"};
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	assert_int_equal(choose(f, breached_list[0].password, &errors), OK);
	for (size_t e = 0; e < 2; e++) {
		for (size_t lines = 1; lines <= BREACHED_COUNT; lines++) {
			struct str list = STR_NONE;
			for (size_t i = 0; i < lines; i++)
				list = arena_printf(&f->arena, "%.*s%s:%zu%s", STR_ARGS(list),
						    breached_list[i].hash, i * 12345 + 1,
						    endings[e]);
			write_list(f, arena_cstr(&f->arena, list));
			for (size_t i = 0; i < BREACHED_COUNT; i++) {
				enum err err = choose(f, breached_list[i].password, &errors);
				if (err != (i < lines ? ERR_INVALID : OK))
					fail_msg("%zu of %zu: %s", i, lines, err_name(err));
			}
			assert_int_equal(choose(f, "copper lantern river", &errors), OK);
		}
	}
	core_fixture_set(f, "breached_check", STR("no"));
	assert_int_equal(choose(f, breached_list[0].password, &errors), OK);
}

/* People can go on choosing passwords, and the log says why nothing is looked up. */
static void a_list_that_cannot_be_read_is_told_in_the_log(void **state)
{
	static const char *const contents[] = {"", "not a list\n",
					       "zz10C1D0A8F0BA52A2ABE0E0E86B0D1F0E2B9A77:1\n"};
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct log_capture capture;
	for (size_t i = 0; i <= 3; i++) {
		if (i < 3)
			write_list(f, contents[i]);
		else
			f->portal->breached_path = STR("/nonexistent/list");
		log_capture_begin(&capture);
		assert_int_equal(choose(f, breached_list[0].password, &errors), OK);
		assert_non_null(
			strstr(log_capture_end(&capture), "password.breached_list_unreadable"));
	}
}

/* ---- keeping ---- */

static void old_messages_go_from_everybody(void **state)
{
	struct core_fixture *f = *state;
	struct session *ben =
		core_fixture_person(f, STR("ben@example.com"), STR("Ben"), GRADE_GUEST);
	struct sent old = core_fixture_send(f, f->admin, STR("ben@example.com"), STR("Old"),
					    STR("The old text"));
	core_fixture_sleep(f, 20 * DAY_MS);
	struct sent young = core_fixture_send(f, f->admin, STR("ben@example.com"), STR("Young"),
					      STR("The young text"));
	core_fixture_sleep(f, 15 * DAY_MS);
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(core_test_inbox(f, ben).count, 3);
	core_fixture_set(f, "retention_days", STR("30"));
	cx = core_fixture_cx(f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(core_test_inbox(f, ben).count, 1);
	struct message_view view;
	cx = core_fixture_cx(f, ben);
	assert_int_equal(mailbox_open(&cx, &old.id, &view), ERR_NOT_FOUND);
	assert_int_equal(mailbox_open(&cx, &young.id, &view), OK);
	/* From who sent it, too. */
	cx = core_fixture_cx(f, f->admin);
	assert_int_equal(mailbox_open(&cx, &old.id, &view), ERR_NOT_FOUND);
	assert_int_equal(mailbox_open(&cx, &young.id, &view), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(all_or_none_and_in_the_log),
		CORE_TEST(who_may_and_who_was_faster),
		CORE_TEST(another_process_sees_it),
		CORE_TEST(passwords_have_so_many_characters),
		CORE_TEST(stolen_passwords_are_refused),
		CORE_TEST(a_list_that_cannot_be_read_is_told_in_the_log),
		CORE_TEST(old_messages_go_from_everybody),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
