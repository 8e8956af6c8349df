/* Many at once: exactly one wins where only one may, and nothing is lost where all may. Few and
 * short enough for ThreadSanitizer. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/core_test_support.h"
#include "core/draft.h"
#include "core/people.h"
#include "core/people_erase.h"

enum { THREADS_MAX = 50, REGISTERING = 50, SENDERS = 20 };

#define GUEST STR("gabi@example.org")

struct runner {
	struct core_fixture *f;
	int number;
	struct str token;
	struct session *session;
	const struct draft *draft;
	/* What came of it. */
	enum err err;
	struct id id;
	bool is_repeat;
	int saved; /* drafts: how many of its words were kept */
};

static void run_all(struct runner *runners, size_t count, void *(*body)(void *))
{
	pthread_t threads[THREADS_MAX + 1];
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, body, &runners[i]), 0);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static struct cx own_cx(const struct runner *runner, struct arena *arena)
{
	struct cx cx = core_fixture_cx(runner->f, runner->session);
	arena_init(arena, 16 << 20);
	cx.arena = arena;
	return cx;
}

/* ---- registering ---- */

static void *register_once(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct registration registration;
	struct form_errors errors = {0};
	struct str name = arena_printf(&arena, "Gabi %d", runner->number);
	do
		runner->err =
			register_complete(&cx, runner->token, name, CORE_FIXTURE_PASSWORD, true,
					  SESSION_BROWSER, STR("Test"), &registration, &errors);
	while (runner->err == ERR_BUSY);
	if (runner->err == OK)
		session_release(registration.sign_in.session);
	return NULL;
}

static void one_invitation_is_used_once(void **state)
{
	struct core_fixture *f = *state;
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct runner runners[REGISTERING];
	for (int i = 0; i < REGISTERING; i++)
		runners[i] = (struct runner){.f = f, .number = i, .token = token};
	run_all(runners, REGISTERING, register_once);
	int winner = -1;
	for (int i = 0; i < REGISTERING; i++) {
		if (runners[i].err == OK && winner < 0)
			winner = i;
		else
			assert_int_equal(runners[i].err, ERR_CONFLICT);
	}
	assert_true(winner >= 0);
	struct user user = core_fixture_user(f, GUEST);
	assert_true(str_eq(user.name, arena_printf(&f->arena, "Gabi %d", winner)));
	struct session *guest = core_fixture_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD);
	assert_true(str_eq(core_fixture_open(f, guest, &sent.id).body, STR("One")));
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- sending ---- */

static void *send_once(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct draft draft = {.to = GUEST, .subject = STR("Hello")};
	draft.body = arena_printf(&arena, "From %d", runner->number);
	struct sent sent;
	struct form_errors errors = {0};
	do
		runner->err =
			message_send(&cx, runner->draft ? runner->draft : &draft, &sent, &errors);
	while (runner->err == ERR_BUSY);
	if (runner->err == OK) {
		runner->id = sent.id;
		runner->is_repeat = sent.is_repeat;
	}
	return NULL;
}

static void check_all_readable(struct core_fixture *f, struct session *guest,
			       const struct runner *runners, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(runners[i].err, OK);
		struct message_view view = core_fixture_open(f, guest, &runners[i].id);
		assert_false(view.is_unreadable);
		assert_true(
			str_eq(view.body, arena_printf(&f->arena, "From %d", runners[i].number)));
	}
}

static void many_send_to_the_same_new_address(void **state)
{
	struct core_fixture *f = *state;
	struct runner runners[SENDERS];
	for (int i = 0; i < SENDERS; i++)
		runners[i] = (struct runner){.f = f, .number = i, .session = f->admin};
	run_all(runners, SENDERS, send_once);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, GUEST), SENDERS);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 1);
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct session *guest = core_fixture_register(f, token, STR("Gabi")).sign_in.session;
	check_all_readable(f, guest, runners, SENDERS);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void *register_or_send(void *argument)
{
	struct runner *runner = argument;
	return runner->token.len ? register_once(runner) : send_once(runner);
}

static void registering_while_others_send(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("First"));
	struct runner runners[SENDERS + 1];
	for (int i = 0; i < SENDERS; i++)
		runners[i] = (struct runner){.f = f, .number = i, .session = f->admin};
	runners[SENDERS] = runners[SENDERS / 2];
	runners[SENDERS / 2] =
		(struct runner){.f = f, .token = core_fixture_token(f, MAIL_INVITATION, GUEST)};
	run_all(runners, SENDERS + 1, register_or_send);
	assert_int_equal(runners[SENDERS / 2].err, OK);
	runners[SENDERS / 2] = runners[SENDERS];
	struct session *guest = core_fixture_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD);
	check_all_readable(f, guest, runners, SENDERS);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* Idempotency-Key: made once, told to all. */
static void one_key_sends_once(void **state)
{
	struct core_fixture *f = *state;
	const struct draft draft = {.to = GUEST,
				    .subject = STR("Hello"),
				    .body = STR("One"),
				    .idempotency_key = STR("a-key")};
	struct runner runners[SENDERS];
	for (int i = 0; i < SENDERS; i++)
		runners[i] = (struct runner){.f = f, .session = f->admin, .draft = &draft};
	run_all(runners, SENDERS, send_once);
	size_t first = 0;
	for (int i = 0; i < SENDERS; i++) {
		assert_int_equal(runners[i].err, OK);
		assert_true(id_eq(&runners[i].id, &runners[0].id));
		first += !runners[i].is_repeat;
	}
	assert_int_equal(first, 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, GUEST), 1);
	/* The same key for something else. */
	static const struct invite_choice choice = {STR("gabi@example.org"), GRADE_PROFESSIONAL};
	struct draft others[5];
	for (int i = 0; i < 5; i++)
		others[i] = draft;
	others[0].body = STR("Two");
	others[1].subject = STR("Hello!");
	others[2].cc = STR("hugo@example.org");
	others[3].invite_as = GRADE_PROFESSIONAL;
	others[4].choices = &choice;
	others[4].choice_count = 1;
	for (int i = 0; i < 5; i++) {
		struct form_errors errors = {0};
		assert_int_equal(core_fixture_try_send(f, f->admin, &others[i], NULL, &errors),
				 ERR_INVALID);
		assert_string_equal(errors.items[0].field, "idempotency_key");
	}
	/* Somebody else's key is another. */
	struct session *pro =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, pro, &others[0], &sent, NULL), OK);
	assert_false(sent.is_repeat);
}

/* ---- one draft ---- */

enum { SAVERS = 6, WORDS = 5, DRAFT_SENDERS = 3 };

static struct str word_of(struct arena *arena, int saver, int word)
{
	return arena_printf(arena, "<%d.%d>", saver, word);
}

/* Puts one more word to what it finds there; and again when another was first. */
static enum err save_word(struct cx *cx, const struct runner *runner)
{
	enum err err;
	do {
		struct kept_draft kept;
		struct draft_saved saved;
		struct form_errors errors = {0};
		struct str word = word_of(cx->arena, runner->number, runner->saved);
		TRY(draft_get(cx, &runner->id, &kept));
		kept.draft.body = arena_printf(cx->arena, "%.*s%.*s", STR_ARGS(kept.draft.body),
					       STR_ARGS(word));
		kept.draft.idempotency_key = word; /* a window of its own */
		err = draft_save(cx, &runner->id, kept.version, &kept.draft, &saved, &errors);
	} while (err == ERR_CONFLICT || err == ERR_BUSY);
	return err;
}

static void *save_words(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	while (runner->saved < WORDS) {
		runner->err = save_word(&cx, runner);
		if (runner->err != OK)
			return NULL;
		runner->saved++;
	}
	return NULL;
}

/* Once some of it is there, in the midst of the others. */
static void *send_draft(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct kept_draft kept = {.version = 0};
	struct form_errors errors = {0};
	struct sent sent;
	do
		runner->err = draft_get(&cx, &runner->id, &kept);
	while (runner->err == OK && kept.version <= SAVERS);
	do
		runner->err = draft_send(&cx, &runner->id, STR(""), &sent, &errors);
	while (runner->err == ERR_CONFLICT || runner->err == ERR_BUSY);
	if (runner->err == OK)
		runner->id = sent.id;
	return NULL;
}

static void *save_or_send(void *argument)
{
	struct runner *runner = argument;
	return runner->number < SAVERS ? save_words(runner) : send_draft(runner);
}

static size_t count_words(struct str text, struct str word)
{
	size_t count = 0;
	for (int64_t at; (at = str_find(text, word)) >= 0; count++)
		text = str_slice(text, (size_t)at + word.len, text.len);
	return count;
}

/* P4.1: it is sent once, with each word that was kept, once; who comes later is told that it is
 * there no more, and has nothing in it. */
static void one_draft_is_saved_and_sent(void **state)
{
	struct core_fixture *f = *state;
	const struct draft draft = {.to = GUEST, .subject = STR("Hello"), .body = STR("")};
	struct runner runners[SAVERS + DRAFT_SENDERS];
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct draft_saved saved;
	struct kept_draft kept;
	struct id sent = {0};
	size_t words = 0;
	assert_int_equal(draft_save(&cx, &sent, 0, &draft, &saved, &errors), OK);
	for (int i = 0; i < SAVERS + DRAFT_SENDERS; i++)
		runners[i] =
			(struct runner){.f = f, .number = i, .session = f->admin, .id = saved.id};
	run_all(runners, SAVERS + DRAFT_SENDERS, save_or_send);
	for (int i = SAVERS; i < SAVERS + DRAFT_SENDERS; i++) {
		if (runners[i].err == OK && id_is_empty(&sent))
			sent = runners[i].id;
		else
			assert_int_equal(runners[i].err, ERR_NOT_FOUND);
	}
	assert_false(id_is_empty(&sent));
	struct str body = core_fixture_open(f, f->admin, &sent).body;
	for (int i = 0; i < SAVERS; i++) {
		assert_int_equal(runners[i].err, runners[i].saved == WORDS ? OK : ERR_NOT_FOUND);
		for (int word = 0; word < WORDS; word++)
			assert_int_equal(count_words(body, word_of(&f->arena, i, word)),
					 word < runners[i].saved);
		words += (size_t)runners[i].saved;
	}
	assert_int_equal(body.len, words * word_of(&f->arena, 0, 0).len);
	assert_true(words >= SAVERS);
	assert_int_equal(draft_get(&cx, &saved.id, &kept), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, GUEST), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void *save_over(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct form_errors errors = {0};
	struct draft_saved saved;
	struct str word = word_of(&arena, runner->number, 0);
	const struct draft draft = {.body = word, .idempotency_key = word};
	do
		runner->err = draft_save(&cx, &runner->id, 1, &draft, &saved, &errors);
	while (runner->err == ERR_BUSY);
	return NULL;
}

/* P4.1: all have seen the same; one goes on from there, and the others are told. */
static void one_window_wins(void **state)
{
	struct core_fixture *f = *state;
	const struct draft draft = {.body = STR("First")};
	const struct id none = {0};
	struct runner runners[SENDERS];
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct draft_saved saved;
	struct kept_draft kept;
	int winner = -1;
	assert_int_equal(draft_save(&cx, &none, 0, &draft, &saved, &errors), OK);
	for (int i = 0; i < SENDERS; i++)
		runners[i] =
			(struct runner){.f = f, .number = i, .session = f->admin, .id = saved.id};
	run_all(runners, SENDERS, save_over);
	for (int i = 0; i < SENDERS; i++) {
		if (runners[i].err == OK && winner < 0)
			winner = i;
		else
			assert_int_equal(runners[i].err, ERR_CONFLICT);
	}
	assert_true(winner >= 0);
	assert_int_equal(draft_get(&cx, &saved.id, &kept), OK);
	assert_int_equal(kept.version, 2);
	assert_true(str_eq(kept.draft.body, word_of(&f->arena, winner, 0)));
}

/* ---- the last seat, the last administrator ---- */

static void *take_a_seat(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct form_errors errors = {0};
	do
		runner->err =
			people_add(&cx, arena_printf(&arena, "pro%d@example.com", runner->number),
				   GRADE_PROFESSIONAL, ROLE_MEMBER, &errors);
	while (runner->err == ERR_BUSY);
	return NULL;
}

static void seats_are_not_oversold(void **state)
{
	enum { SEATS = 4, WANTED = 12 };
	struct core_fixture *f = *state;
	struct runner runners[WANTED];
	core_fixture_set(f, "seat_limit", STR("4"));
	for (int i = 0; i < WANTED; i++)
		runners[i] = (struct runner){.f = f, .number = i, .session = f->admin};
	run_all(runners, WANTED, take_a_seat);
	int taken = 1;
	for (int i = 0; i < WANTED; i++) {
		taken += runners[i].err == OK;
		assert_true(runners[i].err == OK || runners[i].err == ERR_TOO_LARGE);
	}
	assert_int_equal(taken, SEATS);
}

enum { TAKE_ROUNDS = 5 };

static void *take_away_once(void *argument)
{
	struct runner *runner = argument;
	static const struct people_change lower = {.has_grade = true, .grade = GRADE_GUEST};
	static const struct people_change disable = {.has_state = true};
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct form_errors errors = {0};
	do
		runner->err = runner->number == TAKE_ROUNDS
				      ? people_erase(&cx, &runner->id, NULL, &errors)
				      : people_change(&cx, &runner->id,
						      runner->number % 2 ? &lower : &disable, NULL,
						      &errors);
	while (runner->err == ERR_BUSY || runner->err == ERR_CONFLICT);
	return NULL;
}

static int64_t count_administrators(struct core_fixture *f)
{
	struct db *db CLEANUP_READ = NULL;
	int64_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(users_count_administrators(db, &count), OK);
	return count;
}

/* P1.5: two administrators, and each lowers, disables or erases the other at the same moment (write
 * skew on PostgreSQL). */
static void one_administrator_stays(void **state)
{
	struct core_fixture *f = *state;
	static const struct str addresses[2] = {{"admin@example.com", 17},
						{"paul@example.com", 16}};
	const struct people_change raise = {.has_grade = true,
					    .grade = GRADE_PROFESSIONAL,
					    .has_role = true,
					    .role = ROLE_ADMINISTRATOR,
					    .has_state = true,
					    .is_enabled = true};
	core_fixture_person(f, addresses[1], STR("Paul"), GRADE_PROFESSIONAL);
	struct cx machine = core_fixture_cx(f, NULL);
	for (int round = 0; round <= TAKE_ROUNDS; round++) {
		struct runner runners[2];
		struct form_errors errors = {0};
		for (int i = 0; i < 2; i++) {
			struct id id = core_fixture_user(f, addresses[i]).id;
			assert_int_equal(people_change(&machine, &id, &raise, NULL, &errors), OK);
			runners[1 - i] = (struct runner){.f = f, .number = round, .id = id};
		}
		for (int i = 0; i < 2; i++)
			runners[i].session =
				core_fixture_sign_in(f, addresses[i], CORE_FIXTURE_PASSWORD);
		run_all(runners, 2, take_away_once);
		assert_int_equal((runners[0].err == OK) + (runners[1].err == OK), 1);
		assert_int_equal((runners[0].err == ERR_DENIED) + (runners[1].err == ERR_DENIED),
				 1);
		assert_int_equal(count_administrators(f), 1);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- an old password ---- */

static void *sign_in_by_old_password(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct sign_in begun;
	int64_t wait_s;
	cx.session = NULL;
	for (int i = 0; i < 4; i++) {
		runner->err = session_sign_in(&cx, GUEST, CORE_FIXTURE_PASSWORD, SESSION_BROWSER,
					      STR("Test"), &begun, &wait_s);
		if (runner->err == OK)
			session_release(begun.session);
	}
	return NULL;
}

static void *change_password(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = own_cx(runner, &arena);
	struct form_errors errors = {0};
	do
		runner->err = account_change_password(&cx, CORE_FIXTURE_PASSWORD,
						      STR("copper lantern meadow 7"), &errors);
	while (runner->err == ERR_BUSY);
	return NULL;
}

static void *sign_in_or_change(void *argument)
{
	struct runner *runner = argument;
	return runner->session ? change_password(runner) : sign_in_by_old_password(runner);
}

/* Whoever signs in with the old password at the same moment has no session afterwards. */
static void an_old_password_leaves_no_session(void **state)
{
	enum { ROUNDS = 4, TRIES = 3 };
	struct core_fixture *f = *state;
	struct session *guest = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	for (int round = 0; round < ROUNDS; round++) {
		struct runner runners[TRIES + 1];
		for (int i = 0; i < TRIES; i++)
			runners[i] = (struct runner){.f = f};
		runners[TRIES] = (struct runner){.f = f, .session = guest};
		run_all(runners, TRIES + 1, sign_in_or_change);
		assert_int_equal(runners[TRIES].err, OK);
		struct cx cx = core_fixture_cx(f, guest);
		struct way_in_view *ways_in;
		size_t count;
		assert_int_equal(session_list_ways_in(&cx, &ways_in, &count), OK);
		for (size_t i = 0; i < count; i++)
			assert_true(!ways_in[i].is_session || ways_in[i].is_current);
		core_fixture_sleep(f, DAY_MS / 2);
		struct form_errors errors = {0};
		assert_int_equal(account_change_password(&cx, STR("copper lantern meadow 7"),
							 CORE_FIXTURE_PASSWORD, &errors),
				 OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(one_invitation_is_used_once),
		CORE_TEST(many_send_to_the_same_new_address),
		CORE_TEST(registering_while_others_send),
		CORE_TEST_STRICT(registering_while_others_send),
		CORE_TEST(one_key_sends_once),
		CORE_TEST(one_draft_is_saved_and_sent),
		CORE_TEST(one_window_wins),
		CORE_TEST(seats_are_not_oversold),
		CORE_TEST(one_administrator_stays),
		CORE_TEST(an_old_password_leaves_no_session),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
