/* What each person chooses: mails for each message, one an hour, or none while live; out-of-office;
 * the signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/core_test_support.h"
#include "core/live.h"
#include "core/preferences.h"
#include "core/recall.h"
#include "store/store_direct.h"
#include "text/calendar.h"

#define GABI STR("gabi@example.org")
#define PAUL STR("paul@example.com")

static struct session *gabi, *paul;

static void meet(struct core_fixture *f)
{
	gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	core_fixture_take_mails(f);
}

static struct str day(struct core_fixture *f, int64_t days_from_now)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct calendar_date date = calendar_from_days(cx_now_ms(&cx) / DAY_MS + days_from_now);
	return arena_printf(&f->arena, "%04d-%02d-%02d", (int)date.year, (int)date.month,
			    (int)date.day);
}

static void choose(struct core_fixture *f, struct session *session, const struct preferences *next)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	assert_int_equal(preferences_write(&cx, next, &errors), OK);
}

static void be_away(struct core_fixture *f, struct session *session, int64_t from, int64_t until)
{
	const struct preferences away = {
		.notify = NOTIFY_EACH,
		.away_from = day(f, from),
		.away_until = day(f, until),
		.away_text = STR("I am in the mountains."),
	};
	choose(f, session, &away);
}

static size_t count_from(struct core_fixture *f, struct session *session, struct str sender)
{
	struct message_list inbox = core_test_inbox(f, session);
	size_t count = 0;
	for (size_t i = 0; i < inbox.count; i++)
		count += str_eq(inbox.rows[i].sender_address, sender);
	return count;
}

static enum mail_state mail_of(struct core_fixture *f, struct session *sender, const struct id *id)
{
	struct message_view view = core_fixture_open(f, sender, id);
	assert_true(view.people_count > 0);
	return view.people[0].mail;
}

/* P3.4 */
static void one_mail_for_all_of_an_hour(void **state)
{
	struct core_fixture *f = *state;
	const struct preferences hourly = {.notify = NOTIFY_HOURLY};
	struct sent sent[3];
	meet(f);
	choose(f, paul, &hourly);
	size_t before = core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL);
	for (int i = 0; i < 3; i++) {
		core_fixture_sleep(f, 10 * MINUTE_MS);
		sent[i] = core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	}
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL), before);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_of(f, gabi, &sent[i].id), MAIL_QUEUED);
	core_fixture_sleep(f, 39 * MINUTE_MS);
	assert_int_equal(core_fixture_count_mails(f, MAIL_SUMMARY, PAUL), 0);
	core_fixture_sleep(f, MINUTE_MS + 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_SUMMARY, PAUL), 1);
	const struct outbox_mail *mail = &f->mails[f->mail_count - 1];
	assert_int_equal(mail->count, 3);
	assert_true(str_find(mail->link, STR("/inbox")) > 0);
	assert_int_equal(mail->from_name.len + mail->subject.len, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_of(f, gabi, &sent[i].id), MAIL_ACCEPTED);
	/* The next hour begins with the next message; alone it is told as ever. */
	core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	core_fixture_sleep(f, HOUR_MS + 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL), before + 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_SUMMARY, PAUL), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P3.4: what becomes of the mail is told of every message in it. */
static void a_summary_is_tried_again_and_bounces_for_all(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	const struct preferences hourly = {.notify = NOTIFY_HOURLY};
	struct outbox_mail mail;
	struct sent sent[3];
	int64_t due;
	meet(f);
	choose(f, paul, &hourly);
	for (int i = 0; i < 2; i++)
		sent[i] = core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	core_fixture_sleep(f, HOUR_MS + 1);
	assert_int_equal(outbox_claim(&cx, MINUTE_MS, &mail, &due), OK);
	assert_int_equal(mail.count, 2);
	/* One that comes meanwhile is for the next. */
	sent[2] = core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	assert_int_equal(outbox_claim(&cx, MINUTE_MS, &mail, &due), ERR_NOT_FOUND);
	assert_int_equal(outbox_settle(&cx, &mail, OUTBOX_RETRY, STR("later")), OK);
	assert_int_equal(mail_of(f, gabi, &sent[0].id), MAIL_QUEUED);
	core_fixture_sleep(f, 5 * MINUTE_MS);
	assert_int_equal(outbox_claim(&cx, MINUTE_MS, &mail, &due), OK);
	assert_int_equal(mail.count, 2);
	assert_int_equal(mail.attempts, 1);
	assert_int_equal(outbox_settle(&cx, &mail, OUTBOX_BOUNCED, STR("nobody here")), OK);
	for (int i = 0; i < 2; i++) {
		struct message_view view = core_fixture_open(f, gabi, &sent[i].id);
		assert_int_equal(view.people[0].mail, MAIL_BOUNCED);
		assert_str(view.people[0].mail_reply, STR("nobody here"));
	}
	assert_int_equal(mail_of(f, gabi, &sent[2].id), MAIL_QUEUED);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void wake(void *argument)
{
	(void)argument;
}

static void no_mail_while_a_window_is_told(void **state)
{
	struct core_fixture *f = *state;
	const struct preferences quiet = {.notify = NOTIFY_NOT_LIVE};
	struct live_listener *listener;
	meet(f);
	choose(f, paul, &quiet);
	size_t before = core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL);
	core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL), before + 1);
	assert_int_equal(live_listen(f->portal, &paul->user.id, STR(""), wake, NULL, &listener),
			 OK);
	struct sent sent = core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	live_leave(listener);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL), before + 1);
	assert_int_equal(mail_of(f, gabi, &sent.id), MAIL_NONE);
	core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL), before + 2);
}

/* RFC 3834 */
static void an_absence_answers_each_sender_once(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	be_away(f, paul, 0, 2);
	core_fixture_sleep(f, SECOND_MS);
	struct sent sent = core_fixture_send(f, gabi, PAUL, STR("Hello"), STR("Text"));
	assert_int_equal(count_from(f, gabi, PAUL), 1);
	struct message_list inbox = core_test_inbox(f, gabi);
	struct message_view answer = core_fixture_open(f, gabi, &inbox.rows[0].id);
	assert_str(answer.body, STR("I am in the mountains."));
	assert_str(answer.subject, STR("Paul is away"));
	assert_true(id_eq(&answer.conversation_id, &sent.conversation_id));
	assert_true(id_eq(&answer.parent_id, &sent.id));
	assert_true(answer.options & OPTION_AUTOMATIC);
	/* Their own copy is theirs to read, and the answer is a message as any. */
	struct message_view own = core_fixture_open(f, paul, &answer.id);
	assert_str(own.body, answer.body);
	assert_true(own.is_mine);
	core_fixture_send(f, gabi, PAUL, STR("And"), STR("More"));
	assert_int_equal(count_from(f, gabi, PAUL), 1);
	core_fixture_send(f, f->admin, PAUL, STR("Hello"), STR("Text"));
	assert_int_equal(count_from(f, f->admin, PAUL), 1);
	/* Nobody who only stands in Bcc shows that they do. */
	struct session *quinn =
		core_fixture_person(f, STR("quinn@example.com"), STR("Quinn"), GRADE_PROFESSIONAL);
	const struct draft hidden = {
		.to = GABI, .bcc = PAUL, .subject = STR("Hidden"), .body = STR("Text")};
	assert_int_equal(core_fixture_try_send(f, quinn, &hidden, NULL, NULL), OK);
	assert_int_equal(count_from(f, quinn, PAUL), 0);
	const struct draft no_reply = {.to = PAUL,
				       .subject = STR("Notice"),
				       .body = STR("Text"),
				       .options = OPTION_NO_REPLY};
	assert_int_equal(core_fixture_try_send(f, quinn, &no_reply, NULL, NULL), OK);
	assert_int_equal(count_from(f, quinn, PAUL), 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void it_begins_and_ends_and_two_do_not_answer_each_other(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	be_away(f, paul, 2, 3);
	core_fixture_send(f, gabi, PAUL, STR("Before"), STR("Text"));
	assert_int_equal(count_from(f, gabi, PAUL), 0);
	core_fixture_sleep(f, 2 * DAY_MS);
	gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	paul = core_fixture_sign_in(f, PAUL, CORE_FIXTURE_PASSWORD);
	be_away(f, gabi, 0, 1);
	core_fixture_send(f, gabi, PAUL, STR("Within"), STR("Text"));
	assert_int_equal(count_from(f, gabi, PAUL), 1);
	assert_int_equal(count_from(f, paul, GABI), 2);
	core_fixture_sleep(f, 2 * DAY_MS);
	gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	paul = core_fixture_sign_in(f, PAUL, CORE_FIXTURE_PASSWORD);
	core_fixture_send(f, gabi, PAUL, STR("After"), STR("Text"));
	assert_int_equal(count_from(f, gabi, PAUL), 1);
	/* Another absence answers again. */
	be_away(f, paul, 0, 1);
	core_fixture_send(f, gabi, PAUL, STR("Again"), STR("Text"));
	assert_int_equal(count_from(f, gabi, PAUL), 2);
	const struct preferences back = {.notify = NOTIFY_EACH};
	choose(f, paul, &back);
	core_fixture_send(f, f->admin, PAUL, STR("Back"), STR("Text"));
	assert_int_equal(count_from(f, f->admin, PAUL), 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void mistakes_have_sentences(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	char *longer = arena_alloc(&f->arena, LIMIT_AWAY_CHARS + 1);
	memset(longer, 'a', LIMIT_AWAY_CHARS + 1);
	const struct str too_long = str_bytes(longer, LIMIT_AWAY_CHARS + 1);
	const struct {
		struct preferences next;
		const char *field;
	} rows[] = {
		{{.away_from = day(f, 2), .away_until = day(f, 1), .away_text = STR("x")},
		 "away_until"},
		{{.away_from = day(f, -2), .away_until = day(f, -1), .away_text = STR("x")},
		 "away_until"},
		{{.away_from = day(f, 1), .away_text = STR("x")}, "away_until"},
		{{.away_until = day(f, 1), .away_text = STR("x")}, "away_from"},
		{{.away_from = day(f, 1), .away_until = day(f, 1)}, "away_text"},
		{{.away_from = STR("2026-02-30"), .away_until = day(f, 1), .away_text = STR("x")},
		 "away_from"},
		{{.away_from = STR("tomorrow"), .away_until = day(f, 1), .away_text = STR("x")},
		 "away_from"},
		{{.away_from = day(f, 0), .away_until = day(f, 1), .away_text = too_long},
		 "away_text"},
		{{.away_from = day(f, 0), .away_until = day(f, 1), .away_text = STR("\xff")},
		 "away_text"},
		{{.signature = too_long}, "signature"},
		{{.signature = STR("a\x01")}, "signature"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form_errors errors = {0};
		struct preferences next = rows[i].next;
		next.notify = NOTIFY_EACH;
		assert_int_equal(preferences_write(&cx, &next, &errors), ERR_INVALID);
		if (errors.count != 1 || strcmp(errors.items[0].field, rows[i].field) != 0)
			fail_msg("row %zu", i);
	}
}

static void what_is_kept_comes_back_and_is_authenticated(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct preferences own;
	struct log_capture log;
	assert_int_equal(preferences_read(&cx, &own), OK);
	assert_int_equal(own.notify, NOTIFY_EACH);
	be_away(f, f->admin, 0, 1);
	assert_int_equal(preferences_read(&cx, &own), OK);
	assert_str(own.away_from, day(f, 0));
	assert_str(own.away_until, day(f, 1));
	assert_true(own.is_away_now);
	own.signature = STR("Dr. Ada Admin\nExample Clinic");
	choose(f, f->admin, &own);
	assert_int_equal(preferences_read(&cx, &own), OK);
	assert_str(own.signature, STR("Dr. Ada Admin\nExample Clinic"));
	assert_str(own.away_text, STR("I am in the mountains."));
	char *found = store_direct_read(
		f->url, "SELECT COUNT(*) FROM preferences WHERE CAST(away_text AS TEXT) LIKE "
			"'%mountain%'");
	if (strncmp(f->url, "sqlite:", 7) == 0)
		assert_string_equal(found, "0");
	free(found);
	/* Another text in their name, or a longer absence: the row counts for nothing. */
	meet(f);
	log_capture_begin(&log);
	store_direct_run(f->url, "UPDATE preferences SET away_until_ms = away_until_ms + 1");
	core_fixture_send(f, gabi, STR("admin@example.com"), STR("Hello"), STR("Text"));
	assert_int_equal(core_fixture_problems(f), 1);
	assert_non_null(strstr(log_capture_end(&log), " alarm "));
	assert_int_equal(count_from(f, gabi, STR("admin@example.com")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(one_mail_for_all_of_an_hour),
		CORE_TEST(a_summary_is_tried_again_and_bounces_for_all),
		CORE_TEST(no_mail_while_a_window_is_told),
		CORE_TEST(an_absence_answers_each_sender_once),
		CORE_TEST_STRICT(an_absence_answers_each_sender_once),
		CORE_TEST(it_begins_and_ends_and_two_do_not_answer_each_other),
		CORE_TEST(mistakes_have_sentences),
		CORE_TEST(what_is_kept_comes_back_and_is_authenticated),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
