/* Every setting does what it says, and from the moment on in which it is changed (P7). The table
 * here has a check for each of core/portal_settings.c: a new setting without one fails. Features
 * are walked by switches_test.c, by the API (api_switches_test.c) and in the help (learn_test.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/account.h"
#include "core/breached_test.h"
#include "core/file_test_support.h"
#include "core/health.h"
#include "core/housekeeping.h"
#include "core/mailbox_move.h"
#include "core/password_rules.h"
#include "core/portal_settings.h"
#include "core/scanner.h"
#include "core/settings_live.h"
#include "web/web_test_support.h"

#define F (&web.core)
#define BEN "ben@example.com"

static void set(const char *name, const char *value)
{
	core_fixture_set(F, name, str_of(value));
}

static void sleep_for(int64_t ms)
{
	core_fixture_sleep(F, ms);
}

static bool page_has(const char *path, const char *part)
{
	struct web_answer answer = web_fixture_get(&web, str_of(path), STR_NONE);
	return has(&answer, part);
}

static enum err try_send(struct session *from, const char *to)
{
	const struct draft draft = {.to = str_of(to), .subject = STR("S"), .body = STR("B")};
	struct form_errors errors = {0};
	struct sent sent;
	enum err err = core_fixture_try_send(F, from, &draft, &sent, &errors);
	assert_int_equal(err == OK, errors.count == 0);
	return err;
}

static struct session *ben(enum grade grade)
{
	return core_fixture_person(F, STR(BEN), STR("Ben"), grade);
}

/* ---- how it looks, and what is linked ---- */

static void name_is_shown(void)
{
	assert_false(page_has("/sign-in", "Lakeside"));
	set("name", "Lakeside");
	assert_true(page_has("/sign-in", "Lakeside"));
}

static void support_is_shown(void)
{
	set("support", "help@example.com");
	assert_true(page_has("/sign-in", "Ask help@example.com."));
	set("support", "");
	assert_false(page_has("/sign-in", "Ask help@example.com."));
}

static void terms_are_agreed_to(void)
{
	(void)try_send(F->admin, BEN);
	struct str token = core_fixture_token(F, MAIL_INVITATION, STR(BEN));
	const char *path = path_of("/register/", token, "").data;
	assert_false(page_has(path, "https://example.com/terms"));
	set("terms_url", "https://example.com/terms");
	assert_true(page_has(path, "https://example.com/terms"));
	struct web_answer answer = web_fixture_post(
		&web, str_of(path), STR("name=Ben&password=violet+kettle+harbour+42"), STR_NONE);
	assert_int_equal(answer.status, 422);
}

static void light_accent_is_linked(void)
{
	set("accent_light", "#003366");
	assert_true(page_has("/sign-in", "/branding/theme-"));
	set("accent_light", "");
	assert_false(page_has("/sign-in", "/branding/theme-"));
}

static void dark_accent_is_linked(void)
{
	set("accent_dark", "#ffcc00");
	assert_true(page_has("/sign-in", "/branding/theme-"));
	set("accent_dark", "");
	assert_false(page_has("/sign-in", "/branding/theme-"));
}

/* What it names is looked for; the picture itself: branding_page_test.c. */
static void logo_is_one_that_is_there(void)
{
	struct cx cx = core_fixture_cx(F, F->admin);
	struct form_errors errors = {0};
	const struct setting_change none = {STR("logo"), STR("png-0123456789abcdef")};
	assert_int_equal(settings_live_change(&cx, &none, 1, 0, &errors), ERR_INVALID);
	assert_false(page_has("/sign-in", "/branding/logo-"));
}

/* ---- what nobody changes by page or program ---- */

static void is_fixed(const char *name, const char *value)
{
	struct cx cx = core_fixture_cx(F, F->admin);
	struct form_errors errors = {0};
	const struct setting_change change = {str_of(name), str_of(value)};
	assert_int_equal(settings_live_change(&cx, &change, 1, 0, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, name).len > 0);
}

static void url_is_fixed(void)
{
	is_fixed("url", "https://other.example.com");
}

static void custody_is_fixed(void)
{
	is_fixed("custody", "strict");
	assert_int_equal(ben(GRADE_GUEST)->user.custody, CUSTODY_MANAGED);
}

/* ---- who may come, and how many ---- */

static void access_is_controlled(void)
{
	assert_int_equal(try_send(F->admin, "one@example.com"), OK);
	set("access", "controlled");
	assert_int_equal(try_send(F->admin, "two@example.com"), ERR_INVALID);
	set("access", "open");
	assert_int_equal(try_send(F->admin, "two@example.com"), OK);
}

static void invitations_end(void)
{
	set("invitation_days", "2");
	(void)try_send(F->admin, BEN);
	set("invitation_days", "20");
	(void)try_send(F->admin, "eva@example.com");
	sleep_for(2 * DAY_MS);
	struct str first = core_fixture_token(F, MAIL_INVITATION, STR(BEN));
	struct str second = core_fixture_token(F, MAIL_INVITATION, STR("eva@example.com"));
	assert_true(page_has(path_of("/register/", first, "").data, "has expired"));
	assert_false(page_has(path_of("/register/", second, "").data, "has expired"));
}

static void seats_are_limited(void)
{
	set("seat_limit", "1");
	const struct draft draft = {.to = STR(BEN),
				    .subject = STR("S"),
				    .body = STR("B"),
				    .invite_as = GRADE_PROFESSIONAL};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(F, F->admin, &draft, &sent, NULL), ERR_INVALID);
	set("seat_limit", "2");
	assert_int_equal(core_fixture_try_send(F, F->admin, &draft, &sent, NULL), OK);
}

static void guests_compose_to_whom_they_know(void)
{
	struct session *gabi = ben(GRADE_GUEST);
	core_fixture_person(F, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	set("guest_compose", "known");
	assert_int_equal(try_send(gabi, "paul@example.com"), ERR_INVALID);
	assert_int_equal(try_send(gabi, "admin@example.com"), OK);
	set("guest_compose", "any");
	assert_int_equal(try_send(gabi, "paul@example.com"), OK);
}

/* ---- how much ---- */

static void is_limited(const char *name, struct session *who, const char *first, const char *then)
{
	set(name, "1");
	assert_int_equal(try_send(who, first), OK);
	assert_int_equal(try_send(who, then), ERR_BUSY);
	set(name, "1000");
	assert_int_equal(try_send(who, then), OK);
}

static void professionals_send_so_many_an_hour(void)
{
	struct session *paul = ben(GRADE_PROFESSIONAL);
	is_limited("messages_per_hour_professional", paul, "admin@example.com",
		   "admin@example.com");
}

static void guests_send_so_many_an_hour(void)
{
	struct session *gabi = ben(GRADE_GUEST);
	is_limited("messages_per_hour_guest", gabi, "admin@example.com", "admin@example.com");
}

static void professionals_send_so_many_a_day(void)
{
	struct session *paul = ben(GRADE_PROFESSIONAL);
	is_limited("messages_per_day_professional", paul, "admin@example.com", "admin@example.com");
}

static void guests_send_so_many_a_day(void)
{
	struct session *gabi = ben(GRADE_GUEST);
	is_limited("messages_per_day_guest", gabi, "admin@example.com", "admin@example.com");
}

static void professionals_invite_so_many_a_day(void)
{
	struct session *paul = ben(GRADE_PROFESSIONAL);
	is_limited("invitations_per_day_professional", paul, "x1@example.com", "x2@example.com");
}

/* ---- sessions and passwords ---- */

static int inbox(struct str cookie)
{
	return web_fixture_get(&web, STR("/inbox"), cookie).status;
}

/* Of whoever is signed in already. */
static void sessions_end_when_idle(void)
{
	struct str cookie = admin();
	sleep_for(30 * MINUTE_MS);
	assert_int_equal(inbox(cookie), 200);
	sleep_for(30 * MINUTE_MS);
	set("session_idle_minutes", "20");
	assert_int_equal(inbox(cookie), 303);
	set("session_idle_minutes", "60");
	sleep_for(20 * MINUTE_MS);
	assert_int_equal(inbox(cookie), 200);
}

static void sessions_end_after_all(void)
{
	struct str cookie = admin();
	for (int i = 0; i < 3; i++) {
		sleep_for(30 * MINUTE_MS);
		assert_int_equal(inbox(cookie), 200);
	}
	set("session_total_hours", "1");
	assert_int_equal(inbox(cookie), 303);
	cookie = admin();
	sleep_for(59 * MINUTE_MS);
	assert_int_equal(inbox(cookie), 200);
	sleep_for(MINUTE_MS);
	assert_int_equal(inbox(cookie), 303);
	/* A longer one from the next time on. */
	cookie = admin();
	set("session_total_hours", "48");
	sleep_for(HOUR_MS);
	assert_int_equal(inbox(cookie), 303);
}

static const char *reset_page(void)
{
	struct cx cx = core_fixture_cx(F, NULL);
	struct form_errors errors = {0};
	assert_int_equal(account_ask_help(&cx, STR("admin@example.com"), &errors), OK);
	return path_of("/reset/", core_fixture_token(F, MAIL_RESET, STR("admin@example.com")), "")
		.data;
}

static void resets_end(void)
{
	set("reset_minutes", "10");
	const char *path = reset_page();
	sleep_for(9 * MINUTE_MS);
	assert_true(page_has(path, "name=\"password\""));
	sleep_for(MINUTE_MS);
	assert_false(page_has(path, "name=\"password\""));
	set("reset_minutes", "60");
	path = reset_page();
	sleep_for(59 * MINUTE_MS);
	assert_true(page_has(path, "name=\"password\""));
}

static enum err choose(const char *password)
{
	struct cx cx = core_fixture_cx(F, NULL);
	struct form_errors errors = {0};
	struct str normal;
	return password_rules_check(&cx, str_of(password), STR("Anna"), STR("a@example.com"),
				    &normal, &errors);
}

static void passwords_are_long(void)
{
	assert_int_equal(choose("copper lantern"), OK);
	set("password_min", "15");
	assert_int_equal(choose("copper lantern"), ERR_INVALID);
	assert_int_equal(choose("copper lantern!"), OK);
}

static void breached_passwords_are_refused(void)
{
	struct str path = arena_printf(&F->arena, "%s/breached.txt", F->folder);
	FILE *file = fopen(path.data, "w");
	assert_non_null(file);
	fprintf(file, "%s:7\n", breached_list[0].hash);
	fclose(file);
	F->portal->breached_path = path;
	assert_int_equal(choose(breached_list[0].password), ERR_INVALID);
	set("breached_check", "no");
	assert_int_equal(choose(breached_list[0].password), OK);
	set("breached_check", "yes");
	assert_int_equal(choose(breached_list[0].password), ERR_INVALID);
}

/* ---- what is kept for how long ---- */

static void sweep(void)
{
	struct cx cx = core_fixture_cx(F, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
}

static enum err look_at(struct session *who, const struct id *id)
{
	struct cx cx = core_fixture_cx(F, who);
	struct message_view view;
	return mailbox_look(&cx, id, &view);
}

static void messages_are_kept_so_long(void)
{
	struct session *gabi = ben(GRADE_GUEST);
	struct id id = core_fixture_send(F, F->admin, STR(BEN), STR("S"), STR("B")).id;
	sleep_for(30 * DAY_MS + 1);
	sweep();
	assert_int_equal(look_at(gabi, &id), OK);
	set("retention_days", "31");
	sweep();
	assert_int_equal(look_at(gabi, &id), OK);
	set("retention_days", "30");
	sweep();
	assert_int_equal(look_at(gabi, &id), ERR_NOT_FOUND);
}

static void trash_is_kept_so_long(void)
{
	struct session *gabi = ben(GRADE_GUEST);
	struct id id = core_fixture_send(F, F->admin, STR(BEN), STR("S"), STR("B")).id;
	struct cx cx = core_fixture_cx(F, gabi);
	assert_int_equal(mailbox_move(&cx, &id, 1, BOX_TRASH), OK);
	sleep_for(8 * DAY_MS);
	sweep();
	assert_int_equal(look_at(gabi, &id), OK);
	set("trash_days", "7");
	sweep();
	assert_int_equal(look_at(gabi, &id), ERR_NOT_FOUND);
	assert_int_equal(look_at(F->admin, &id), OK);
}

static void a_day_of_expiry_is_proposed(void)
{
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/compose"), anna);
	assert_true(has(&answer, "type=\"date\" value=\"\" autocomplete"));
	set("expiry_days_default", "30");
	answer = web_fixture_get(&web, STR("/compose"), anna);
	assert_true(has(&answer, "type=\"date\" value=\"2026-01-31\" autocomplete"));
}

/* ---- files and mails ---- */

static enum err begin_upload(const char *name, int64_t bytes)
{
	struct cx cx = core_fixture_cx(F, F->admin);
	struct form_errors errors = {0};
	struct id id;
	enum err err = upload_create(&cx, str_of(name), STR("text/plain"), bytes, &id, &errors);
	assert_int_equal(err == OK, errors.count == 0);
	return err;
}

static void files_are_small(void)
{
	set("file_max_bytes", "1 MiB");
	assert_int_equal(begin_upload("a.txt", (1 << 20) + 1), ERR_TOO_LARGE);
	set("file_max_bytes", "2 MiB");
	assert_int_equal(begin_upload("a.txt", (1 << 20) + 1), OK);
}

static void files_of_a_message_are_small(void)
{
	struct id file = file_test_pdf(F, F->admin, "a.pdf");
	const struct draft draft = file_test_draft(BEN, &file, 1);
	struct sent sent;
	set("message_max_bytes", "4 KiB");
	assert_int_equal(core_fixture_try_send(F, F->admin, &draft, &sent, NULL), ERR_INVALID);
	set("message_max_bytes", "5000");
	assert_int_equal(core_fixture_try_send(F, F->admin, &draft, &sent, NULL), OK);
}

static void files_of_a_person_are_small(void)
{
	set("quota_bytes", "1 MiB");
	assert_int_equal(begin_upload("a.txt", (1 << 20) + 1), ERR_TOO_LARGE);
	set("quota_bytes", "0");
	assert_int_equal(begin_upload("a.txt", (1 << 20) + 1), OK);
}

static void endings_are_blocked(void)
{
	assert_int_equal(begin_upload("a.exe", 1), OK);
	set("blocked_endings", "exe, bat");
	assert_int_equal(begin_upload("a.exe", 1), ERR_DENIED);
	set("blocked_endings", "bat");
	assert_int_equal(begin_upload("a.exe", 1), OK);
}

static enum err is_down(struct scanner *scanner, struct scan **ret)
{
	(void)scanner;
	(void)ret;
	return ERR_UNAVAILABLE;
}

static void free_none(struct scan *scan)
{
	(void)scan;
}

static enum err upload_one(void)
{
	struct id id = upload_test_create(F, F->admin, 10);
	int64_t offset;
	return upload_test_try(F, F->admin, &id, 0, 10, UPLOAD_SENT, &offset);
}

static void files_are_scanned(void)
{
	struct scanner scanner = {.begin = is_down, .free = free_none};
	F->portal->scanner = &scanner;
	set("virus_scan", "refuse");
	assert_int_equal(upload_one(), ERR_UNAVAILABLE);
	set("virus_scan", "mark");
	assert_int_equal(upload_one(), OK);
	set("virus_scan", "off");
	assert_int_equal(upload_one(), OK);
	F->portal->scanner = NULL;
}

/* Whether the server is asked: core/signing_stamp_test.c; the stamps: tests/e2e/verify.test.mjs. */
static void stamps_are_asked_for(void)
{
	struct health_line lines[HEALTH_THINGS];
	struct cx cx = core_fixture_cx(F, F->admin);
	assert_int_equal(health_read(&cx, 0, lines), OK);
	assert_int_equal(lines[HEALTH_STAMP].state, HEALTH_OFF);
	set("timestamp_url", "http://stamps.example.com/");
	cx = core_fixture_cx(F, F->admin);
	assert_int_equal(health_read(&cx, 0, lines), OK);
	assert_int_not_equal(lines[HEALTH_STAMP].state, HEALTH_OFF);
}

static const struct outbox_mail *notify(const char *subject)
{
	core_fixture_send(F, F->admin, STR(BEN), str_of(subject), STR("B"));
	core_fixture_take_mails(F);
	return &F->mails[F->mail_count - 1];
}

static void subjects_stand_in_mails(void)
{
	ben(GRADE_GUEST);
	assert_int_equal(notify("One")->subject.len, 0);
	set("subject_in_mail", "yes");
	assert_true(str_eq(notify("Two")->subject, STR("Two")));
	set("subject_in_mail", "no");
	assert_int_equal(notify("Three")->subject.len, 0);
}

/* ---- all of them ---- */

static const struct {
	const char *name;
	void (*check)(void);
} checks[] = {
	{"name", name_is_shown},
	{"url", url_is_fixed},
	{"custody", custody_is_fixed},
	{"access", access_is_controlled},
	{"invitation_days", invitations_end},
	{"session_idle_minutes", sessions_end_when_idle},
	{"session_total_hours", sessions_end_after_all},
	{"reset_minutes", resets_end},
	{"seat_limit", seats_are_limited},
	{"subject_in_mail", subjects_stand_in_mails},
	{"terms_url", terms_are_agreed_to},
	{"support", support_is_shown},
	{"accent_light", light_accent_is_linked},
	{"accent_dark", dark_accent_is_linked},
	{"logo", logo_is_one_that_is_there},
	{"messages_per_hour_professional", professionals_send_so_many_an_hour},
	{"messages_per_hour_guest", guests_send_so_many_an_hour},
	{"messages_per_day_professional", professionals_send_so_many_a_day},
	{"messages_per_day_guest", guests_send_so_many_a_day},
	{"invitations_per_day_professional", professionals_invite_so_many_a_day},
	{"password_min", passwords_are_long},
	{"breached_check", breached_passwords_are_refused},
	{"retention_days", messages_are_kept_so_long},
	{"expiry_days_default", a_day_of_expiry_is_proposed},
	{"trash_days", trash_is_kept_so_long},
	{"file_max_bytes", files_are_small},
	{"message_max_bytes", files_of_a_message_are_small},
	{"quota_bytes", files_of_a_person_are_small},
	{"blocked_endings", endings_are_blocked},
	{"virus_scan", files_are_scanned},
	{"timestamp_url", stamps_are_asked_for},
	{"guest_compose", guests_compose_to_whom_they_know},
};
enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

static void every_setting_has_a_check(void **state)
{
	size_t at;
	(void)state;
	for (size_t i = 0; i < portal_settings_count; i++) {
		bool is_checked = portal_settings_facts(i).group == SETTING_GROUP_FEATURES;
		for (size_t j = 0; j < CHECKS; j++)
			is_checked =
				is_checked || strcmp(checks[j].name, portal_settings_name(i)) == 0;
		if (!is_checked)
			fail_msg("nothing here shows what %s does", portal_settings_name(i));
	}
	for (size_t j = 0; j < CHECKS; j++)
		assert_int_equal(portal_settings_find(str_of(checks[j].name), &at), OK);
}

static int begin(void **state)
{
	(void)state;
	web_fixture_init(&web, CUSTODY_MANAGED);
	return 0;
}

static int end(void **state)
{
	(void)state;
	web_fixture_release(&web);
	return secret_live() == 0 ? 0 : -1;
}

static void is_obeyed(void **state)
{
	void (*const *check)(void) = *state;
	(*check)();
}

int main(void)
{
	struct CMUnitTest tests[CHECKS + 1] = {cmocka_unit_test(every_setting_has_a_check)};
	for (size_t i = 0; i < CHECKS; i++)
		tests[i + 1] = (struct CMUnitTest){.name = checks[i].name,
						   .test_func = is_obeyed,
						   .setup_func = begin,
						   .teardown_func = end,
						   .initial_state = (void *)&checks[i].check};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
