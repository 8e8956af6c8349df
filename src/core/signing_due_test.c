/* Requests to sign: deadlines and reminders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/account.h"
#include "core/expiry.h"
#include "core/signing_scene.h"

/* ---- deadlines ---- */

static void the_deadline_passes(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.deadline = STR("2026-01-03T12:00:00Z");
	signing_scene_send(&s);
	core_fixture_sleep(s.f, 3 * DAY_MS);
	assert_int_equal(signing_scene_state(&s), SIGNING_EXPIRED);
	signing_scene_assert_sign(
		&s, s.gabi, signing_scene_gabis, 2, ERR_CONFLICT, "",
		STR("The deadline of this request has passed, so it cannot be signed any more. "
		    "Please ask the sender to send it again."));
	signing_scene_sweep(&s);
	struct signing_view view = signing_scene_get(&s, s.f->admin);
	assert_int_equal(view.state, SIGNING_EXPIRED);
	assert_int_equal(view.events[view.event_count - 1].kind, AUDIT_SIGNING_EXPIRED);
	signing_scene_sweep(&s);
	assert_int_equal(signing_scene_get(&s, s.f->admin).event_count, view.event_count);
	signing_scene_assert_whole(&s);
}

static void put_clock(struct signing_scene *s, const char *at)
{
	int64_t at_ms;
	assert_int_equal(expiry_parse(str_of(at), STR(""), &at_ms), OK);
	core_fixture_sleep(s->f, at_ms - s->f->clock.now_ms);
}

/* Ada, who is there. */
static void sign_in_from(struct signing_scene *s, const char *zone)
{
	s->f->admin = core_fixture_sign_in(s->f, STR(SCENE_ADA), CORE_FIXTURE_PASSWORD);
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(account_set_locale(&cx, STR("en"), str_of(zone), &errors), OK);
	s->f->admin = core_fixture_sign_in(s->f, STR(SCENE_ADA), CORE_FIXTURE_PASSWORD);
	s->gabi = core_fixture_sign_in(s->f, STR(SCENE_GABI), CORE_FIXTURE_PASSWORD);
}

/* A day is the sender's, to its end, however many hours it has where they are. */
static void a_day_is_signed_until_its_end_where_the_sender_is(void **state)
{
	static const struct {
		const char *zone, *day;
		const char *last, *late; /* one can sign then, and then no more */
	} rows[] = {
		{"", "2026-03-20", "2026-03-20T23:59:58Z", "2026-03-20T23:59:59Z"},
		{"Europe/Berlin", "2026-03-28", "2026-03-28T22:59:58Z", "2026-03-28T22:59:59Z"},
		/* Of 23 hours. */
		{"Europe/Berlin", "2026-03-29", "2026-03-29T21:59:58Z", "2026-03-29T21:59:59Z"},
		/* It comes twice to eleven in the evening. */
		{"America/Santiago", "2026-04-04", "2026-04-05T03:59:58Z", "2026-04-05T03:59:59Z"},
		{"Asia/Tokyo", "2026-04-10", "2026-04-10T14:59:58Z", "2026-04-10T14:59:59Z"},
		/* Of 25 hours. */
		{"Europe/Berlin", "2026-10-25", "2026-10-25T22:59:58Z", "2026-10-25T22:59:59Z"},
		{"America/New_York", "2026-11-01", "2026-11-02T04:59:58Z", "2026-11-02T04:59:59Z"},
	};
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_GABI, SIGNING_ALL_AT_ONCE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_clock(&s, arena_printf(&s.f->arena, "%sT01:00:00Z", rows[i].day).data);
		sign_in_from(&s, rows[i].zone);
		s.plan.deadline = str_of(rows[i].day);
		s.file = signing_scene_upload(&s, "lease.pdf");
		signing_scene_send(&s);
		struct id signed_id = s.id;
		signing_scene_send(&s);
		put_clock(&s, rows[i].last);
		signing_test_sign(s.f, s.gabi, &signed_id, NULL, 0);
		signing_scene_sweep(&s);
		if (signing_scene_state(&s) != SIGNING_OPEN)
			fail_msg("%s, %s: too early", rows[i].day, rows[i].zone);
		put_clock(&s, rows[i].late);
		signing_scene_assert_sign(&s, s.gabi, NULL, 0, ERR_CONFLICT, NULL, STR_NONE);
		signing_scene_sweep(&s);
		if (signing_scene_state(&s) != SIGNING_EXPIRED)
			fail_msg("%s, %s: not over", rows[i].day, rows[i].zone);
	}
	signing_scene_assert_whole(&s);
}

/* ---- reminders ---- */

/* Days of reminders are 24 hours, for whoever asks and whoever is asked: a change of date or of the
 * clocks in between sends none earlier, none later and none twice. */
static void midnight_is_no_matter_to_reminders(void **state)
{
	static const struct {
		const char *zone, *sent;
	} rows[] = {
		{"Europe/Berlin", "2026-03-27T22:59:00Z"},
		{"Europe/Berlin", "2026-03-28T22:30:00Z"},
		{"Pacific/Auckland", "2026-04-04T11:59:30Z"},
		{"America/Santiago", "2026-09-05T23:59:59Z"},
	};
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_GABI, SIGNING_ALL_AT_ONCE);
	s.plan.remind_after_days = 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t before = signing_scene_mails_about(&s, SCENE_GABI, ABOUT_REMINDER);
		put_clock(&s, rows[i].sent);
		sign_in_from(&s, rows[i].zone);
		s.file = signing_scene_upload(&s, "lease.pdf");
		signing_scene_send(&s);
		core_fixture_sleep(s.f, DAY_MS / 2);
		signing_scene_sweep(&s);
		core_fixture_sleep(s.f, DAY_MS / 2 - MINUTE_MS);
		signing_scene_sweep(&s);
		if (signing_scene_mails_about(&s, SCENE_GABI, ABOUT_REMINDER) != before)
			fail_msg("%s: too early", rows[i].sent);
		for (int minute = 0; minute < 3; minute++) {
			core_fixture_sleep(s.f, MINUTE_MS);
			signing_scene_sweep(&s);
			if (signing_scene_mails_about(&s, SCENE_GABI, ABOUT_REMINDER) != before + 1)
				fail_msg("%s: %d", rows[i].sent, minute);
		}
	}
}

static void reminders_come_when_they_are_due(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.remind_after_days = 2;
	s.plan.remind_every_days = 3;
	signing_scene_send(&s);
	signing_scene_sign(&s, s.peter);
	static const struct {
		int64_t days;
		size_t mails;
	} rows[] = {{1, 0}, {1, 1}, {1, 1}, {1, 1}, {1, 2}, {3, 3}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		core_fixture_sleep(s.f, rows[i].days * DAY_MS);
		signing_scene_sweep(&s);
		assert_int_equal(core_fixture_count_mails(s.f, MAIL_SIGNING, STR(SCENE_GABI)),
				 rows[i].mails);
	}
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_SIGNING, STR(SCENE_PETER)), 0);
	signing_scene_assert_whole(&s);
}

static const struct {
	const char *sentence;
	int64_t after, every, before; /* days */
	int64_t deadline_day;         /* 0: none */
	int64_t until_day;            /* looked at every day, up to this one */
	const char *days;             /* on which Gabi was reminded */
} schedules[] = {
	{"none are wanted", 0, 0, 0, 0, 10, ""},
	{"one, and no further", 3, 0, 0, 0, 12, "3 "},
	{"one, and then every two days", 3, 2, 0, 0, 9, "3 5 7 9 "},
	{"before the deadline alone", 0, 0, 2, 10, 12, "8 "},
	{"before the deadline too", 3, 0, 1, 10, 12, "3 9 "},
	{"none after the deadline", 4, 4, 0, 10, 20, "4 8 "},
};

static void reminders_come_on_their_days(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.order = SIGNING_IN_SEQUENCE;
	for (size_t i = 0; i < sizeof(schedules) / sizeof(schedules[0]); i++) {
		/* Days have passed: the session of before is over. */
		s.f->admin = core_fixture_sign_in(s.f, STR(SCENE_ADA), CORE_FIXTURE_PASSWORD);
		struct str days = STR("");
		int64_t begun_ms = s.f->clock.now_ms;
		s.file = signing_scene_upload(&s, "lease.pdf");
		s.plan.deadline = STR("");
		s.plan.remind_after_days = schedules[i].after;
		s.plan.remind_every_days = schedules[i].every;
		s.plan.remind_before_days = schedules[i].before;
		if (schedules[i].deadline_day > 0) {
			int64_t at_s = begun_ms / SECOND_MS + schedules[i].deadline_day * 86400;
			struct tm tm;
			time_t at = (time_t)at_s;
			gmtime_r(&at, &tm);
			s.plan.deadline = arena_printf(
				&s.f->arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
				tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		}
		signing_scene_send(&s);
		for (int64_t day = 1; day <= schedules[i].until_day; day++) {
			size_t before = signing_scene_mails_about(&s, SCENE_GABI, ABOUT_REMINDER);
			core_fixture_sleep(s.f, DAY_MS);
			signing_scene_sweep(&s);
			if (signing_scene_mails_about(&s, SCENE_GABI, ABOUT_REMINDER) > before)
				days = arena_printf(&s.f->arena, "%.*s%lld ", STR_ARGS(days),
						    (long long)day);
		}
		if (!str_eq(days, str_of(schedules[i].days)))
			fail_msg("%s: %.*s", schedules[i].sentence, STR_ARGS(days));
		/* So that it is not in the way of the next one. */
		struct cx sender = core_fixture_cx(s.f, s.f->admin);
		struct form_errors errors = {.count = 0};
		bool has_expired = schedules[i].deadline_day > 0;
		assert_int_equal(signing_cancel(&sender, &s.id, STR(""), &errors),
				 has_expired ? ERR_CONFLICT : OK);
		/* Whose turn it is not is left in peace. */
		assert_int_equal(signing_scene_mails_about(&s, SCENE_PETER, ABOUT_REMINDER), 0);
		assert_int_equal(signing_scene_mails_about(&s, SCENE_PETER, ABOUT_EXPIRED), 0);
	}
	/* Of those with a deadline. */
	assert_int_equal(signing_scene_mails_about(&s, SCENE_GABI, ABOUT_EXPIRED), 3);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_ADA, ABOUT_EXPIRED), 3);
}

static void nobody_is_reminded_for_ever(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.order = SIGNING_IN_SEQUENCE;
	s.plan.remind_after_days = s.plan.remind_every_days = 1;
	signing_scene_send(&s);
	for (int day = 0; day < LIMIT_SIGNING_REMINDERS + 5; day++) {
		core_fixture_sleep(s.f, DAY_MS);
		signing_scene_sweep(&s);
	}
	assert_int_equal(signing_scene_mails_about(&s, SCENE_GABI, ABOUT_REMINDER),
			 LIMIT_SIGNING_REMINDERS);
}

static void the_sender_reminds_once_an_hour(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	struct form_errors errors = {.count = 0};
	int64_t count = 0;
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), OK);
	assert_int_equal(count, 2);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), ERR_BUSY);
	assert_true(form_errors_for(&errors, "").len > 0);
	core_fixture_sleep(s.f, HOUR_MS);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), OK);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_SIGNING, STR(SCENE_GABI)), 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(the_deadline_passes),
		CORE_TEST(a_day_is_signed_until_its_end_where_the_sender_is),
		CORE_TEST(midnight_is_no_matter_to_reminders),
		CORE_TEST(reminders_come_when_they_are_due),
		CORE_TEST(reminders_come_on_their_days),
		CORE_TEST(nobody_is_reminded_for_ever),
		CORE_TEST(the_sender_reminds_once_an_hour),
	};
	return engines_test_run("signing_due", tests, sizeof(tests) / sizeof(tests[0]));
}
