/* P4.3: what the sender sees of each recipient, and they of themselves; when it is written, and
 * that nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "core/recall_test_support.h"
#include "core/tracking.h"
#include "store/store_direct.h"

#define GABI STR("gabi@example.org")
#define PAUL STR("paul@example.com")
#define HUGO STR("hugo@example.org")

static struct tracking tracking(struct core_fixture *f, struct session *session,
				const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	struct tracking tracking;
	assert_int_equal(tracking_of(&cx, id, &tracking), OK);
	return tracking;
}

static const struct message_person *person(const struct tracking *tracking, struct str address)
{
	for (size_t i = 0; i < tracking->count; i++) {
		if (str_eq(tracking->people[i].address, address))
			return &tracking->people[i];
	}
	fail_msg("%.*s is not there", STR_ARGS(address));
	return NULL;
}

static void expect_state(struct core_fixture *f, const struct id *id, struct str address,
			 const char *state)
{
	struct tracking all = tracking(f, f->admin, id);
	assert_string_equal(tracking_state_word(tracking_state_of(person(&all, address))), state);
}

static enum err send(struct core_fixture *f, struct session *session, const struct draft *draft,
		     struct id *ret_id)
{
	struct sent sent = {.is_repeat = false};
	enum err err = core_fixture_try_send(f, session, draft, &sent, NULL);
	*ret_id = sent.id;
	return err;
}

static void each_step_is_told_with_its_time(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_PROFESSIONAL);
	core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	core_fixture_take_mails(f);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	expect_state(f, &sent.id, GABI, "queued");

	core_fixture_sleep(f, MINUTE_MS);
	int64_t notified_ms = f->clock.now_ms;
	core_fixture_take_mails(f);
	expect_state(f, &sent.id, GABI, "notified");

	/* A list opens nothing; nor does a look. */
	struct cx cx = core_fixture_cx(f, gabi);
	struct message_view view;
	core_test_inbox(f, gabi);
	assert_int_equal(mailbox_look(&cx, &sent.id, &view), OK);
	expect_state(f, &sent.id, GABI, "notified");

	core_fixture_sleep(f, MINUTE_MS);
	int64_t opened_ms = f->clock.now_ms;
	core_fixture_open(f, gabi, &sent.id);
	expect_state(f, &sent.id, GABI, "opened");
	core_fixture_sleep(f, MINUTE_MS);
	core_fixture_open(f, gabi, &sent.id);

	int64_t replied_ms = f->clock.now_ms;
	struct id id;
	const struct draft reply = {.to = STR("admin@example.com"),
				    .subject = STR("Re"),
				    .body = STR("So"),
				    .reply_to = sent.id};
	assert_int_equal(send(f, gabi, &reply, &id), OK);
	expect_state(f, &sent.id, GABI, "replied");
	core_fixture_sleep(f, MINUTE_MS);
	assert_int_equal(send(f, gabi, &reply, &id), OK);

	int64_t forwarded_ms = f->clock.now_ms;
	const struct draft forward = {
		.to = PAUL, .subject = STR("Fwd"), .body = STR("See"), .forward_of = sent.id};
	assert_int_equal(send(f, gabi, &forward, &id), OK);
	expect_state(f, &sent.id, GABI, "forwarded");

	core_fixture_sleep(f, MINUTE_MS);
	struct recalled recalled = recall_test_whole(f, f->admin, &sent.id, STR(""));
	expect_state(f, &sent.id, GABI, "recalled");
	struct tracking all = tracking(f, f->admin, &sent.id);
	assert_int_equal(all.count, 1);
	const struct message_person *told = person(&all, GABI);
	assert_int_equal(told->notified_ms, notified_ms);
	assert_int_equal(told->opened_ms, opened_ms);
	assert_int_equal(told->replied_ms, replied_ms); /* the first one */
	assert_int_equal(told->forwarded_ms, forwarded_ms);
	assert_int_equal(told->recalled_ms, recalled.recalled_ms);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void each_sees_what_is_theirs_to_see(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_PROFESSIONAL);
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *hugo = core_fixture_person(f, HUGO, STR("Hugo"), GRADE_GUEST);
	struct session *ines =
		core_fixture_person(f, STR("ines@example.com"), STR("Ines"), GRADE_PROFESSIONAL);
	const struct draft draft = {
		.to = GABI, .bcc = HUGO, .subject = STR("Findings"), .body = STR("Secret")};
	struct id id, forward_id;
	assert_int_equal(send(f, f->admin, &draft, &id), OK);
	core_fixture_open(f, gabi, &id);
	core_fixture_open(f, hugo, &id);
	/* The sender: all of them, Bcc too. */
	struct tracking all = tracking(f, f->admin, &id);
	assert_int_equal(all.count, 2);
	assert_true(person(&all, HUGO)->opened_ms > 0);
	assert_int_equal(person(&all, HUGO)->kind, RECIPIENT_BCC);
	/* A recipient: themselves alone, and the same on the message. */
	struct session *const recipients[] = {gabi, hugo};
	for (int i = 0; i < 2; i++) {
		struct tracking own = tracking(f, recipients[i], &id);
		assert_int_equal(own.count, 1);
		assert_str(own.people[0].address, recipients[i]->user.address);
		assert_true(own.people[0].opened_ms > 0);
		struct message_view view = core_fixture_open(f, recipients[i], &id);
		assert_int_equal(view.own.opened_ms, own.people[0].opened_ms);
		for (size_t j = 0; j < view.people_count; j++)
			assert_int_equal(view.people[j].opened_ms, 0);
	}
	/* Whom it was forwarded to: nothing, and nobody is told of them. */
	const struct draft forward = {
		.to = PAUL, .subject = STR("Fwd"), .body = STR("See"), .forward_of = id};
	assert_int_equal(send(f, gabi, &forward, &forward_id), OK);
	core_fixture_open(f, paul, &forward_id);
	core_fixture_open(f, paul, &id);
	struct tracking none;
	struct cx cx = core_fixture_cx(f, paul);
	assert_int_equal(tracking_of(&cx, &id, &none), ERR_NOT_FOUND);
	assert_int_equal(tracking(f, f->admin, &id).count, 2);
	/* Anybody else: no such message. */
	cx = core_fixture_cx(f, ines);
	assert_int_equal(tracking_of(&cx, &id, &none), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* What the recipient sees is being opened is what the sender is told. */
static void the_first_opening_is_shown_at_once(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct message_view view = core_fixture_open(f, gabi, &sent.id);
	struct tracking all = tracking(f, f->admin, &sent.id);
	assert_int_equal(view.own.opened_ms, person(&all, GABI)->opened_ms);
	assert_int_equal(view.own.opened_ms, f->clock.now_ms);
}

/* The sender's own opening, and answers to themselves, are no tracks. */
static void nobody_tracks_the_sender(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct id id;
	const struct draft more = {
		.to = GABI, .subject = STR("Re"), .body = STR("More"), .reply_to = sent.id};
	core_fixture_open(f, f->admin, &sent.id);
	assert_int_equal(send(f, f->admin, &more, &id), OK);
	char *count = store_direct_read(
		f->url,
		arena_printf(&f->arena, "SELECT COUNT(*) FROM tracks WHERE message_id = '%s'",
			     sent.id.text)
			.data);
	assert_string_equal(count, "0");
	free(count);
}

static void what_expires_unopened_says_so(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	const struct draft draft = {.to = STR("gabi@example.org, paul@example.com"),
				    .subject = STR("Offer"),
				    .body = STR("Soon"),
				    .expires = STR("2026-01-09")};
	struct id id;
	assert_int_equal(send(f, f->admin, &draft, &id), OK);
	core_fixture_open(f, gabi, &id);
	core_fixture_sleep(f, 30 * DAY_MS);
	f->admin = core_fixture_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD);
	expect_state(f, &id, GABI, "opened");
	expect_state(f, &id, PAUL, "expired");
}

/* Somebody can write the database: the sender is told nothing that did not happen. */
static void forged_tracks_are_refused(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct sent sent = core_fixture_send(f, f->admin, STR("gabi@example.org, paul@example.com"),
					     STR("Findings"), STR("Secret"));
	core_fixture_take_mails(f);
	static const char *const attacks[] = {
		"UPDATE tracks SET kind = 2 WHERE kind = 1",
		"UPDATE tracks SET at_ms = at_ms - 1",
		"UPDATE tracks SET detail = 'x'",
	};
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct log_capture log;
		store_direct_run(f->url, "CREATE TABLE saved AS SELECT * FROM tracks");
		store_direct_run(f->url, attacks[i]);
		log_capture_begin(&log);
		struct tracking all = tracking(f, f->admin, &sent.id);
		assert_non_null(strstr(log_capture_end(&log), " alarm "));
		assert_int_equal(person(&all, GABI)->notified_ms, 0);
		assert_int_equal(person(&all, GABI)->opened_ms, 0);
		assert_true(core_fixture_problems(f) > 0);
		store_direct_run(f->url, "DELETE FROM tracks");
		store_direct_run(f->url, "INSERT INTO tracks SELECT * FROM saved");
		store_direct_run(f->url, "DROP TABLE saved");
		assert_int_equal(core_fixture_problems(f), 0);
	}
	/* One's own put on another's name. */
	store_direct_run(f->url, arena_printf(&f->arena,
					      "DELETE FROM tracks WHERE user_id = (SELECT id FROM "
					      "users WHERE address_key = 'gabi@example.org') AND "
					      "message_id = '%s'",
					      sent.id.text)
					 .data);
	store_direct_run(f->url,
			 arena_printf(&f->arena,
				      "UPDATE tracks SET user_id = (SELECT id FROM users WHERE "
				      "address_key = 'gabi@example.org') WHERE message_id = '%s'",
				      sent.id.text)
				 .data);
	struct tracking all = tracking(f, f->admin, &sent.id);
	assert_int_equal(person(&all, GABI)->notified_ms, 0);
	assert_int_equal(core_fixture_problems(f), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(each_step_is_told_with_its_time),
		CORE_TEST(each_sees_what_is_theirs_to_see),
		CORE_TEST(the_first_opening_is_shown_at_once),
		CORE_TEST(nobody_tracks_the_sender),
		CORE_TEST(what_expires_unopened_says_so),
		CORE_TEST(forged_tracks_are_refused),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
