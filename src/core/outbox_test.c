/* The queue of mails (P3.4): retried with back-off, given up, wiped, never sent by two at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/core_test_support.h"
#include "core/housekeeping.h"
#include "core/people.h"
#include "crypto/token.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")

static enum err claim(struct core_fixture *f, struct outbox_mail *ret, int64_t *ret_next_due_ms)
{
	struct cx cx = core_fixture_cx(f, NULL);
	return outbox_claim(&cx, MINUTE_MS, ret, ret_next_due_ms);
}

static enum err settle(struct core_fixture *f, const struct outbox_mail *mail,
		       enum outbox_result result, struct str reply)
{
	struct cx cx = core_fixture_cx(f, NULL);
	return outbox_settle(&cx, mail, result, reply);
}

/* A message to somebody registered: one mail. */
static struct sent queue_one(struct core_fixture *f)
{
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	return core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
}

static struct message_person state_of(struct core_fixture *f, const struct id *id)
{
	struct message_view view = core_fixture_open(f, f->admin, id);
	assert_int_equal(view.people_count, 1);
	return view.people[0];
}

static void what_a_mail_says(void **state)
{
	struct core_fixture *f = *state;
	struct outbox_mail mail;
	int64_t next_due_ms;
	struct sent sent = queue_one(f);
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_int_equal(mail.kind, MAIL_NOTIFICATION);
	assert_true(str_eq(mail.to_address, GUEST));
	assert_true(str_eq(mail.to_name, STR("Gabi")));
	assert_true(str_eq(mail.from_name, STR("Ada Admin")));
	assert_int_equal(mail.subject.len, 0); /* P3.1 */
	assert_true(str_eq(mail.link, arena_printf(&f->arena, "https://mail.example.com/message/%s",
						   sent.id.text)));
	assert_int_equal(settle(f, &mail, OUTBOX_ACCEPTED, STR("250 fine")), OK);
	core_fixture_set(f, "subject_in_mail", STR("yes"));
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Two"));
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_true(str_eq(mail.subject, STR("Hello")));
}

static void the_wait_grows_and_ends_after_five_days(void **state)
{
	static const int64_t waits_s[] = {30, 120, 300, 900, 1800, 3600, 7200, 14400, 14400, 14400};
	struct core_fixture *f = *state;
	struct outbox_mail mail;
	int64_t next_due_ms;
	struct sent sent = queue_one(f);
	int64_t queued_ms = f->clock.now_ms;
	for (size_t try = 0; try < sizeof(waits_s) / sizeof(waits_s[0]); try++) {
		assert_int_equal(claim(f, &mail, &next_due_ms), OK);
		assert_int_equal(mail.attempts, (int64_t)try);
		assert_int_equal(settle(f, &mail, OUTBOX_RETRY, STR("451 later")), OK);
		assert_int_equal(state_of(f, &sent.id).mail, MAIL_QUEUED);
		assert_true(str_eq(state_of(f, &sent.id).mail_reply, STR("451 later")));
		core_fixture_sleep(f, waits_s[try] * SECOND_MS - 1);
		assert_int_equal(claim(f, &mail, &next_due_ms), ERR_NOT_FOUND);
		assert_int_equal(next_due_ms, f->clock.now_ms + 1);
		core_fixture_sleep(f, 1);
	}
	core_fixture_sleep(f, queued_ms + 5 * DAY_MS - 1 - f->clock.now_ms);
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_int_equal(settle(f, &mail, OUTBOX_RETRY, STR("451 later")), OK);
	assert_int_equal(state_of(f, &sent.id).mail, MAIL_QUEUED);
	core_fixture_sleep(f, 4 * HOUR_MS);
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_int_equal(settle(f, &mail, OUTBOX_RETRY, STR("451 still later")), OK);
	assert_int_equal(state_of(f, &sent.id).mail, MAIL_BOUNCED);
	assert_true(str_eq(state_of(f, &sent.id).mail_reply, STR("451 still later")));
	core_fixture_sleep(f, DAY_MS);
	assert_int_equal(claim(f, &mail, &next_due_ms), ERR_NOT_FOUND);
	assert_int_equal(next_due_ms, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* Takes the two mails of a first message and settles them. Returns the token of the link. */
static struct str settle_both(struct core_fixture *f, enum outbox_result notification,
			      enum outbox_result invitation)
{
	struct str token = STR_NONE;
	for (int i = 0; i < 2; i++) {
		struct outbox_mail mail;
		int64_t next_due_ms;
		assert_int_equal(claim(f, &mail, &next_due_ms), OK);
		bool is_invitation = mail.kind == MAIL_INVITATION;
		assert_int_equal(settle(f, &mail, is_invitation ? invitation : notification,
					is_invitation ? STR("of the invitation")
						      : STR("of the notification")),
				 OK);
		if (is_invitation)
			token = str_slice(mail.link, mail.link.len - TOKEN_CHARS, TOKEN_CHARS);
	}
	return token;
}

/* P3.4: whoever got the notification and not the invitation cannot come in. */
static void the_worse_of_two_mails_is_shown(void **state)
{
	static const struct {
		enum outbox_result notification, invitation;
		enum mail_state shown;
		struct str reply;
	} rows[] = {
		{OUTBOX_ACCEPTED, OUTBOX_ACCEPTED, MAIL_ACCEPTED, STR("of the notification")},
		{OUTBOX_ACCEPTED, OUTBOX_BOUNCED, MAIL_BOUNCED, STR("of the invitation")},
		{OUTBOX_BOUNCED, OUTBOX_ACCEPTED, MAIL_BOUNCED, STR("of the notification")},
		{OUTBOX_ACCEPTED, OUTBOX_RETRY, MAIL_QUEUED, STR("of the invitation")},
		{OUTBOX_BOUNCED, OUTBOX_RETRY, MAIL_BOUNCED, STR("of the notification")},
	};
	struct core_fixture *f = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str address = arena_printf(&f->arena, "new%zu@example.org", i);
		struct sent sent = core_fixture_send(f, f->admin, address, STR("Hello"), STR("1"));
		settle_both(f, rows[i].notification, rows[i].invitation);
		struct message_person person = state_of(f, &sent.id);
		assert_int_equal(person.mail, rows[i].shown);
		assert_true(str_eq(person.mail_reply, rows[i].reply));
		core_fixture_sleep(f, 1);
	}
}

/* A later message asks for no second invitation: that of the first counts. */
static void an_invitation_that_came_back_shows_on_every_message(void **state)
{
	struct core_fixture *f = *state;
	struct outbox_mail mail;
	int64_t next_due_ms;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = settle_both(f, OUTBOX_ACCEPTED, OUTBOX_BOUNCED);
	core_fixture_sleep(f, 1);
	struct sent second = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Two"));
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_int_equal(settle(f, &mail, OUTBOX_ACCEPTED, STR("fine")), OK);
	assert_int_equal(state_of(f, &second.id).mail, MAIL_BOUNCED);
	/* Sent again it fares better: the newest one counts. */
	struct user user = core_fixture_user(f, GUEST);
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(message_resend_invitation(&cx, &user.id), OK);
	assert_int_equal(state_of(f, &second.id).mail, MAIL_QUEUED);
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	token = str_slice(mail.link, mail.link.len - TOKEN_CHARS, TOKEN_CHARS);
	assert_int_equal(settle(f, &mail, OUTBOX_ACCEPTED, STR("fine")), OK);
	assert_int_equal(state_of(f, &second.id).mail, MAIL_ACCEPTED);
	core_fixture_register(f, token, STR("Gabi"));
	assert_int_equal(state_of(f, &second.id).mail, MAIL_ACCEPTED);
}

static void what_is_done_is_wiped(void **state)
{
	static const struct {
		enum outbox_result result;
		enum mail_state state;
	} cases[] = {{OUTBOX_ACCEPTED, MAIL_ACCEPTED}, {OUTBOX_BOUNCED, MAIL_BOUNCED}};
	struct core_fixture *f = *state;
	struct outbox_mail mail;
	int64_t next_due_ms;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	for (size_t i = 0; i < 2; i++) {
		struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
		assert_int_equal(claim(f, &mail, &next_due_ms), OK);
		assert_int_equal(settle(f, &mail, cases[i].result, STR("x")), OK);
		assert_int_equal(state_of(f, &sent.id).mail, cases[i].state);
		/* Settled once for all. */
		assert_int_equal(settle(f, &mail, OUTBOX_RETRY, STR("y")), ERR_NOT_FOUND);
		assert_int_equal(state_of(f, &sent.id).mail, cases[i].state);
	}
	char *left =
		store_direct_read(f->url, "SELECT COUNT(*) FROM mails WHERE LENGTH(content) > 0");
	assert_string_equal(left, "0");
	free(left);
	/* What was cancelled while it was on its way is gone. */
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(settle(f, &mail, OUTBOX_ACCEPTED, STR("x")), ERR_NOT_FOUND);
}

static void a_claim_holds_for_its_time(void **state)
{
	struct core_fixture *f = *state;
	struct outbox_mail mail, other;
	int64_t next_due_ms;
	queue_one(f);
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_int_equal(claim(f, &other, &next_due_ms), ERR_NOT_FOUND);
	core_fixture_sleep(f, MINUTE_MS - 1);
	assert_int_equal(claim(f, &other, &next_due_ms), ERR_NOT_FOUND);
	core_fixture_sleep(f, 1);
	assert_int_equal(claim(f, &other, &next_due_ms), OK);
	assert_true(id_eq(&mail.id, &other.id));
	assert_int_equal(other.attempts, 0);
}

static void what_the_server_said_is_one_line_of_text(void **state)
{
	static const struct {
		const char *sentence;
		struct str reply, stored;
	} cases[] = {
		{"as it is", STR("550 5.1.1 no such user"), STR("550 5.1.1 no such user")},
		{"in another language", STR("550 Empf\xc3\xa4nger unbekannt"),
		 STR("550 Empf\xc3\xa4nger unbekannt")},
		{"line ends", STR("550-a\r\n550 b\r\n"), STR("550-a  550 b")},
		{"NUL", STR("550 a\0b"), STR("550 a b")},
		{"bad UTF-8", STR("550 \xff\xe4 user"), STR("550    user")},
		{"cut in a character", STR("550 \xc3"), STR("550")},
		{"an escape and a delete", STR("550 \x1b[2J\x7f."), STR("550  [2J .")},
		{"text that turns around", STR("550 \xe2\x80\xae user"), STR("550     user")},
		{"nothing", STR(""), STR("")},
		{"a link that a filter quotes",
		 STR("554 blocked: "
		     "https://mail.example.com/register/"
		     "AZt22abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_01234 (spam)"),
		 STR("554 blocked: https://mail.example.com/register/\u2026 (spam)")},
		{"a link broken in two",
		 STR("554 AZt22abcdefghijklmnopqrs=\r\n554 tuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
		 STR("554 \u2026=  554 \u2026")},
		{"a long name is not a secret",
		 STR("550 <a.very.long-name.of-somebody@example.org>"),
		 STR("550 <a.very.long-name.of-somebody@example.org>")},
	};
	struct core_fixture *f = *state;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outbox_mail mail;
		int64_t next_due_ms;
		struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
		assert_int_equal(claim(f, &mail, &next_due_ms), OK);
		if (settle(f, &mail, OUTBOX_BOUNCED, cases[i].reply) != OK ||
		    !str_eq(state_of(f, &sent.id).mail_reply, cases[i].stored))
			fail_msg("%s", cases[i].sentence);
	}
	struct outbox_mail mail;
	int64_t next_due_ms;
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	char *long_reply = arena_alloc(&f->arena, 100000);
	for (size_t i = 0; i < 100000; i++)
		long_reply[i] = i % 10 ? 'x' : ' ';
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	assert_int_equal(settle(f, &mail, OUTBOX_BOUNCED, (struct str){long_reply, 100000}), OK);
	assert_in_range(state_of(f, &sent.id).mail_reply.len, 990, 1000);
}

/* Its content opens only as what it was written as. */
static void a_mail_changed_from_outside_is_never_sent(void **state)
{
	static const char *const changes[] = {
		"UPDATE mails SET user_id = '01ZZZZZZZZZZZZZZZZZZZZZZZZ' WHERE state = 1",
		"UPDATE mails SET kind = 2 WHERE state = 1",
		"UPDATE mails SET id = '01ZZZZZZZZZZZZZZZZZZZZZZZZ' WHERE state = 1",
	};
	struct core_fixture *f = *state;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	for (size_t i = 0; i < 3; i++) {
		struct outbox_mail mail;
		int64_t next_due_ms;
		core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
		store_direct_run(f->url, changes[i]);
		assert_int_equal(core_fixture_problems(f), 1);
		assert_int_equal(claim(f, &mail, &next_due_ms), ERR_NOT_FOUND);
		assert_int_equal(core_fixture_problems(f), 0);
	}
}

enum { WORKERS = 4, MAILS = 60 };

struct worker {
	struct core_fixture *f;
	struct id ids[MAILS];
	size_t count;
	enum err err;
};

static void *claim_all(void *argument)
{
	struct worker *worker = argument;
	struct arena arena CLEANUP_ARENA = {0};
	arena_init(&arena, 16 << 20);
	struct cx cx = core_fixture_cx(worker->f, NULL);
	cx.arena = &arena;
	for (;;) {
		struct outbox_mail mail;
		int64_t next_due_ms;
		worker->err = outbox_claim(&cx, HOUR_MS, &mail, &next_due_ms);
		if (worker->err != OK || worker->count == MAILS)
			return NULL;
		worker->ids[worker->count++] = mail.id;
	}
}

static void workers_never_share_a_mail(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_take_mails(f);
	for (int i = 0; i < MAILS; i++)
		core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	static struct worker workers[WORKERS];
	pthread_t threads[WORKERS];
	for (int i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker){.f = f};
		assert_int_equal(pthread_create(&threads[i], NULL, claim_all, &workers[i]), 0);
	}
	size_t count = 0;
	struct id all[WORKERS * MAILS];
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(workers[i].err, ERR_NOT_FOUND);
		for (size_t m = 0; m < workers[i].count; m++) {
			for (size_t k = 0; k < count; k++)
				assert_false(id_eq(&all[k], &workers[i].ids[m]));
			all[count++] = workers[i].ids[m];
		}
	}
	assert_int_equal(count, MAILS);
}

static void count_call(void *argument)
{
	(*(int *)argument)++;
}

/* A command beside the running portal, say: nobody tells its mail thread. */
static void another_process_queues(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL), beside = cx;
	struct form_errors errors = {0};
	struct outbox_mail mail;
	int64_t next_due_ms;
	int calls = 0;
	core_fixture_take_mails(f);
	f->portal->mail_argument = &calls;
	f->portal->mail_waiting = count_call;
	housekeeping_look(&cx);
	assert_int_equal(calls, 0);
	assert_int_equal(portal_open(&f->options, &beside.portal), OK);
	assert_int_equal(people_add(&beside, GUEST, GRADE_GUEST, ROLE_MEMBER, &errors), OK);
	portal_close(beside.portal);
	assert_int_equal(calls, 0);
	housekeeping_look(&cx);
	assert_int_equal(calls, 1);
	/* While somebody sends it, and while it waits for its next try, nobody is woken. */
	assert_int_equal(claim(f, &mail, &next_due_ms), OK);
	housekeeping_look(&cx);
	assert_int_equal(settle(f, &mail, OUTBOX_RETRY, STR("450 later")), OK);
	housekeeping_look(&cx);
	assert_int_equal(calls, 1);
	core_fixture_sleep(f, MINUTE_MS);
	housekeeping_look(&cx);
	assert_int_equal(calls, 2);
	f->portal->mail_waiting = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(what_a_mail_says),
		CORE_TEST(the_wait_grows_and_ends_after_five_days),
		CORE_TEST(the_worse_of_two_mails_is_shown),
		CORE_TEST(an_invitation_that_came_back_shows_on_every_message),
		CORE_TEST(what_is_done_is_wiped),
		CORE_TEST(a_claim_holds_for_its_time),
		CORE_TEST(what_the_server_said_is_one_line_of_text),
		CORE_TEST(a_mail_changed_from_outside_is_never_sent),
		CORE_TEST(workers_never_share_a_mail),
		CORE_TEST(another_process_queues),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
