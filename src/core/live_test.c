/* Who is told at once of what (P4.3), and who is told nothing. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/account.h"
#include "core/core_test_support.h"
#include "core/live.h"
#include "core/mailbox_move.h"
#include "core/people.h"
#include "core/preferences.h"
#include "core/recall_test_support.h"
#include "core/session_rights.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")
#define COLLEAGUE STR("paul@example.com")

struct ear {
	struct live_listener *listener;
	_Atomic int wakes;
	struct live_event events[LIMIT_LIVE_EVENTS];
	size_t count;
	bool must_check;
};

static void wake(void *argument)
{
	struct ear *ear = argument;
	ear->wakes++;
}

static void listen_since(struct core_fixture *f, const struct session *session, struct str since,
			 struct ear *ret)
{
	*ret = (struct ear){.listener = NULL};
	assert_int_equal(
		live_listen(f->portal, &session->user.id, since, wake, ret, &ret->listener), OK);
}

static void listen(struct core_fixture *f, const struct session *session, struct ear *ret)
{
	listen_since(f, session, STR_NONE, ret);
}

static void take(struct ear *ear)
{
	ear->count = live_take(ear->listener, ear->events, LIMIT_LIVE_EVENTS, &ear->must_check);
}

static void expect_one(struct ear *ear, enum live_kind kind, const struct id *message_id)
{
	take(ear);
	assert_int_equal(ear->count, 1);
	assert_int_equal(ear->events[0].kind, kind);
	assert_string_equal(ear->events[0].message_id.text, message_id ? message_id->text : "");
}

static void expect_nothing(struct ear *ear)
{
	take(ear);
	assert_int_equal(ear->count, 0);
}

static void sending_and_opening_are_told(void **state)
{
	struct core_fixture *f = *state;
	struct ear admin, guest, stranger;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct session *other =
		core_fixture_person(f, STR("olaf@example.org"), STR("Olaf"), GRADE_GUEST);
	listen(f, f->admin, &admin);
	listen(f, gabi, &guest);
	listen(f, other, &stranger);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Tides"), STR("High."));
	assert_int_equal(guest.wakes, 1);
	expect_one(&guest, LIVE_MESSAGE, &sent.id);
	expect_one(&admin, LIVE_CHANGED, &sent.id);
	core_fixture_open(f, gabi, &sent.id);
	expect_one(&admin, LIVE_OPENED, &sent.id);
	expect_one(&guest, LIVE_CHANGED, &sent.id);
	/* Once. */
	core_fixture_open(f, gabi, &sent.id);
	expect_nothing(&admin);
	expect_nothing(&guest);
	expect_nothing(&stranger);
	live_leave(admin.listener);
	live_leave(guest.listener);
	live_leave(stranger.listener);
}

/* P4.3: answered, forwarded and recalled; P4.4: who has it open sees it go. */
static void what_became_of_it_is_told(void **state)
{
	struct core_fixture *f = *state;
	struct ear admin, colleague;
	struct session *paul = core_fixture_person(f, COLLEAGUE, STR("Paul"), GRADE_PROFESSIONAL);
	struct sent sent = core_fixture_send(f, f->admin, COLLEAGUE, STR("Tides"), STR("High."));
	struct sent answer, forward;
	struct draft draft = {.to = STR("admin@example.com"),
			      .subject = STR("Re: Tides"),
			      .body = STR("And then?"),
			      .reply_to = sent.id};
	listen(f, f->admin, &admin);
	listen(f, paul, &colleague);
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &answer, NULL), OK);
	take(&admin);
	assert_int_equal(admin.count, 2);
	assert_int_equal(admin.events[0].kind, LIVE_TRACKED);
	assert_string_equal(admin.events[0].message_id.text, sent.id.text);
	assert_int_equal(admin.events[1].kind, LIVE_MESSAGE);
	assert_string_equal(admin.events[1].message_id.text, answer.id.text);
	draft = (struct draft){
		.to = STR("new@example.net"), .subject = STR("Fwd: Tides"), .forward_of = sent.id};
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &forward, NULL), OK);
	expect_one(&admin, LIVE_TRACKED, &sent.id);
	take(&colleague);
	recall_test_whole(f, f->admin, &sent.id, STR("Sorry"));
	expect_one(&admin, LIVE_TRACKED, &sent.id);
	expect_one(&colleague, LIVE_RECALLED, &sent.id);
	live_leave(admin.listener);
	live_leave(colleague.listener);
}

static void settle(struct core_fixture *f, enum outbox_result result)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct outbox_mail mail;
	int64_t next_due_ms;
	assert_int_equal(outbox_claim(&cx, MINUTE_MS, &mail, &next_due_ms), OK);
	assert_int_equal(outbox_settle(&cx, &mail, result, STR("what the server said")), OK);
}

/* P4.3, P3.4: the mail is taken, waits or comes back while the sender looks on. */
static void what_became_of_its_mail_is_told(void **state)
{
	static const struct {
		const char *sentence;
		enum outbox_result result;
		enum mail_state mail;
		bool is_notified;
	} rows[] = {
		{"accepted", OUTBOX_ACCEPTED, MAIL_ACCEPTED, true},
		{"bounced", OUTBOX_BOUNCED, MAIL_BOUNCED, false},
		{"to be tried again", OUTBOX_RETRY, MAIL_QUEUED, false},
	};
	struct core_fixture *f = *state;
	struct ear admin, guest;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sent sent =
			core_fixture_send(f, f->admin, GUEST, STR("Tides"), STR("High."));
		listen(f, f->admin, &admin);
		listen(f, gabi, &guest);
		settle(f, rows[i].result);
		take(&admin);
		if (admin.count != 1 || admin.events[0].kind != LIVE_TRACKED ||
		    !id_eq(&admin.events[0].message_id, &sent.id))
			fail_msg("%s: %zu events", rows[i].sentence, admin.count);
		expect_nothing(&guest);
		/* And who looks then sees it. */
		struct message_view view = core_fixture_open(f, f->admin, &sent.id);
		assert_int_equal(view.people[0].mail, rows[i].mail);
		assert_int_equal(view.people[0].notified_ms > 0, rows[i].is_notified);
		live_leave(admin.listener);
		live_leave(guest.listener);
	}
}

/* P4.3: each message of an hourly summary, to whoever sent it. */
static void what_became_of_a_summary_is_told(void **state)
{
	const struct preferences hourly = {.notify = NOTIFY_HOURLY};
	struct core_fixture *f = *state;
	struct ear admin, guest;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct session *paul = core_fixture_person(f, COLLEAGUE, STR("Paul"), GRADE_PROFESSIONAL);
	struct cx cx = core_fixture_cx(f, paul);
	struct form_errors errors = {0};
	core_fixture_take_mails(f);
	assert_int_equal(preferences_write(&cx, &hourly, &errors), OK);
	struct sent first = core_fixture_send(f, f->admin, COLLEAGUE, STR("Tides"), STR("High."));
	struct sent second = core_fixture_send(f, gabi, COLLEAGUE, STR("Ebb"), STR("Low."));
	core_fixture_sleep(f, HOUR_MS + 1);
	listen(f, f->admin, &admin);
	listen(f, gabi, &guest);
	settle(f, OUTBOX_ACCEPTED);
	expect_one(&admin, LIVE_TRACKED, &first.id);
	expect_one(&guest, LIVE_TRACKED, &second.id);
	assert_true(core_fixture_open(f, gabi, &second.id).people[0].notified_ms > 0);
	live_leave(admin.listener);
	live_leave(guest.listener);
}

/* A mail that nobody can open any more is ended, and its sender told. */
static void the_end_of_a_bent_mail_is_told(void **state)
{
	struct core_fixture *f = *state;
	struct ear admin;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Tides"), STR("High."));
	store_direct_run(f->url, "UPDATE mails SET kind = 4 WHERE state = 1");
	listen(f, f->admin, &admin);
	core_fixture_take_mails(f);
	expect_one(&admin, LIVE_TRACKED, &sent.id);
	live_leave(admin.listener);
}

static void ones_own_boxes_are_told_to_ones_own_windows(void **state)
{
	struct core_fixture *f = *state;
	struct ear admin, guest;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Tides"), STR("High."));
	struct sent second = core_fixture_send(f, f->admin, GUEST, STR("Ebb"), STR("Low."));
	struct cx cx = core_fixture_cx(f, gabi);
	listen(f, f->admin, &admin);
	listen(f, gabi, &guest);
	assert_int_equal(mailbox_mark(&cx, &sent.id, 1, true), OK);
	expect_one(&guest, LIVE_CHANGED, &sent.id);
	assert_int_equal(mailbox_move(&cx, &sent.id, 1, BOX_TRASH), OK);
	expect_one(&guest, LIVE_CHANGED, &sent.id);
	assert_int_equal(mailbox_destroy(&cx, &sent.id, 1), OK);
	expect_one(&guest, LIVE_CHANGED, &sent.id);
	struct id both[] = {second.id, core_test_inbox(f, gabi).rows[0].id};
	assert_int_equal(mailbox_move(&cx, both, 2, BOX_ARCHIVE), OK);
	expect_one(&guest, LIVE_REFRESH, NULL);
	/* What was refused has changed nothing. */
	assert_int_equal(mailbox_move(&cx, &sent.id, 1, BOX_INBOX), ERR_NOT_FOUND);
	expect_nothing(&guest);
	expect_nothing(&admin);
	live_leave(admin.listener);
	live_leave(guest.listener);
}

static void too_much_to_keep_becomes_one_refresh(void **state)
{
	struct core_fixture *f = *state;
	const struct id *user_id = &f->admin->user.id;
	struct ear ear;
	listen(f, f->admin, &ear);
	for (int i = 0; i <= LIMIT_LIVE_EVENTS; i++) {
		struct id id = id_new(i);
		live_publish(f->portal, user_id, LIVE_MESSAGE, &id);
	}
	expect_one(&ear, LIVE_REFRESH, NULL);
	/* The same of the same message is told once. */
	struct id id = id_new(1);
	for (int i = 0; i < 2 * LIMIT_LIVE_EVENTS; i++)
		live_publish(f->portal, user_id, LIVE_OPENED, &id);
	expect_one(&ear, LIVE_OPENED, &id);
	live_leave(ear.listener);
}

static void who_comes_back_learns_whether_something_was_missed(void **state)
{
	struct core_fixture *f = *state;
	struct arena *arena = &f->arena;
	const struct id *user_id = &f->admin->user.id;
	struct id id = id_new(1), other = id_new(2);
	struct str before = live_now(f->portal, arena);
	live_publish(f->portal, &other, LIVE_MESSAGE, &id);
	struct str between = live_now(f->portal, arena);
	live_publish(f->portal, user_id, LIVE_MESSAGE, &id);
	struct str after = live_now(f->portal, arena);
	live_publish(f->portal, &other, LIVE_MESSAGE, &id);
	const struct {
		const char *sentence;
		struct str since;
		bool is_refresh;
	} rows[] = {
		{"nothing said", STR(""), false},
		{"before it", before, true},
		{"right before it", between, true},
		{"after it", after, false},
		{"of another run of the program", STR("01ARZ3NDEKTSV4RRFFQ69G5FAV.3"), true},
		{"from the future", arena_printf(arena, "%.*s9", STR_ARGS(after)), true},
		{"no number", arena_printf(arena, "%.*s.x", (int)ID_CHARS, after.data), true},
		{"negative", arena_printf(arena, "%.*s.-1", (int)ID_CHARS, after.data), true},
		{"nonsense", STR("\xff\x00'--"), true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ear ear;
		listen_since(f, f->admin, rows[i].since, &ear);
		take(&ear);
		if (ear.count != rows[i].is_refresh)
			fail_msg("%s: %zu", rows[i].sentence, ear.count);
		live_leave(ear.listener);
	}
	/* Longer ago than is remembered: nobody can tell. */
	for (int i = 0; i < LIMIT_LIVE_RECENT; i++)
		live_publish(f->portal, &other, LIVE_MESSAGE, &id);
	struct ear ear;
	listen_since(f, f->admin, after, &ear);
	expect_one(&ear, LIVE_REFRESH, NULL);
	live_leave(ear.listener);
}

static void who_listens_is_known(void **state)
{
	struct core_fixture *f = *state;
	const struct id *user_id = &f->admin->user.id;
	struct ear first, second;
	assert_false(live_is_connected(f->portal, user_id));
	listen(f, f->admin, &first);
	listen(f, f->admin, &second);
	live_leave(first.listener);
	assert_true(live_is_connected(f->portal, user_id));
	live_leave(second.listener);
	assert_false(live_is_connected(f->portal, user_id));
}

/* Each ends a session, or what it may do; its windows look at once. */
static void the_end_of_a_session_is_noticed(void **state)
{
	static const struct {
		const char *sentence;
		enum { ENDED, OTHERS, DISABLED, LOWERED, PASSWORD, IDLE } how;
	} rows[] = {
		{"signed out", ENDED},
		{"signed out everywhere else", OTHERS},
		{"disabled (P1.7)", DISABLED},
		{"lowered (P1.5)", LOWERED},
		{"a new password elsewhere", PASSWORD},
		{"nobody was there for long", IDLE},
	};
	struct core_fixture *f = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str address = arena_printf(&f->arena, "person%zu@example.com", i);
		struct session *here =
			core_fixture_person(f, address, STR("Person"), GRADE_PROFESSIONAL);
		struct session *there = core_fixture_sign_in(f, address, CORE_FIXTURE_PASSWORD);
		struct cx cx = core_fixture_cx(f, here);
		struct cx elsewhere = core_fixture_cx(f, there);
		struct cx admin = core_fixture_cx(f, f->admin);
		struct form_errors errors = {0};
		struct session_rights rights = session_rights_of(here);
		struct ear ear;
		enum err err = OK;
		listen(f, here, &ear);
		assert_int_equal(session_rights_check(&cx, &rights), OK);
		switch (rows[i].how) {
		case ENDED: err = session_end(&cx); break;
		case OTHERS: err = session_end_others(&elsewhere); break;
		case DISABLED: err = people_enable(&admin, &here->user.id, false); break;
		case LOWERED: err = people_set_grade(&admin, &here->user.id, GRADE_GUEST); break;
		case PASSWORD:
			err = account_change_password(&elsewhere, CORE_FIXTURE_PASSWORD,
						      STR("amber window north 17"), &errors);
			break;
		case IDLE: core_fixture_sleep(f, 121 * MINUTE_MS); break;
		}
		assert_int_equal(err, OK);
		take(&ear);
		if (ear.must_check != (rows[i].how != IDLE) ||
		    session_rights_check(&cx, &rights) != ERR_DENIED)
			fail_msg("%s", rows[i].sentence);
		live_leave(ear.listener);
	}
}

/* For the thread sanitizer: told, taken, come and gone at the same time. */
static void *come_and_go(void *argument)
{
	struct core_fixture *f = argument;
	for (int i = 0; i < 200; i++) {
		struct ear ear;
		listen(f, f->admin, &ear);
		take(&ear);
		live_leave(ear.listener);
	}
	return NULL;
}

static void listeners_come_and_go_while_events_are_told(void **state)
{
	struct core_fixture *f = *state;
	pthread_t threads[4];
	struct id id = id_new(1);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, f), 0);
	for (int i = 0; i < 2000; i++)
		live_publish(f->portal, &f->admin->user.id, LIVE_MESSAGE, &id);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_false(live_is_connected(f->portal, &f->admin->user.id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(sending_and_opening_are_told),
		CORE_TEST(what_became_of_it_is_told),
		CORE_TEST(what_became_of_its_mail_is_told),
		CORE_TEST(what_became_of_a_summary_is_told),
		CORE_TEST(the_end_of_a_bent_mail_is_told),
		CORE_TEST(ones_own_boxes_are_told_to_ones_own_windows),
		CORE_TEST(too_much_to_keep_becomes_one_refresh),
		CORE_TEST(who_comes_back_learns_whether_something_was_missed),
		CORE_TEST(who_listens_is_known),
		CORE_TEST(the_end_of_a_session_is_noticed),
		CORE_TEST(listeners_come_and_go_while_events_are_told),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
