/* P4.4: a recall and something else at once; each outcome as core/recall.h says. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/mailbox_move.h"
#include "core/mailbox_read.h"
#include "core/recall_test_support.h"
#include "core/search.h"
#include "core/waiting_keys.h"

#define GABI STR("gabi@example.org")
#define PAUL STR("paul@example.com")

/* ---- a reader, 1,000 times ---- */

enum { RACES = 1000, READERS = 2 };

/* The ways to a text. */
enum reading { READ_OPEN, READ_CONVERSATION, READ_SEARCH, READINGS };

struct contest {
	struct core_fixture *f;
	struct session *reader;
	struct id ids[RACES];
	/* So many recalls were acknowledged: a reading begun after that gets no body. */
	_Atomic int acknowledged;
	_Atomic int begun; /* and so many have begun, or are about to */
	_Atomic bool is_over;
	/* What came of it. */
	_Atomic int read[READINGS], refused[READINGS], wrong;
};

/* ERR_CORRUPT: it is not shown as it must be. */
static enum err read_view(const struct message_view *view, bool *ret_is_read)
{
	*ret_is_read = view->body.len > 0;
	return view->is_unreadable || !str_eq(view->subject, STR("Findings")) ? ERR_CORRUPT : OK;
}

static enum err read_by_search(struct contest *contest, struct cx *cx, int i, bool *ret_is_read)
{
	struct form_errors errors = {0};
	struct search_result result;
	/* From this one on downwards: the others below it are there still. */
	struct str cursor = i > 0 ? id_str(&contest->ids[i - 1]) : STR("");
	TRY(search_find(cx, STR("secret"), cursor, 1, &result, &errors));
	*ret_is_read = result.count > 0 && id_eq(&result.hits[0].row.id, &contest->ids[i]);
	return OK;
}

static enum err read_by(struct contest *contest, struct cx *cx, enum reading reading, int i,
			bool *ret_is_read)
{
	const struct id *id = &contest->ids[i];
	struct conversation_view conversation;
	struct message_view view;
	if (reading == READ_SEARCH)
		return read_by_search(contest, cx, i, ret_is_read);
	if (reading == READ_OPEN) {
		TRY(mailbox_open(cx, id, &view));
		return read_view(&view, ret_is_read);
	}
	TRY(mailbox_conversation(cx, id, &conversation));
	return read_view(&conversation.messages[0], ret_is_read);
}

static void read_once(struct contest *contest, struct arena *arena, enum reading reading, int i)
{
	struct cx cx = core_fixture_cx(contest->f, contest->reader);
	cx.arena = arena;
	bool must_be_gone = i < atomic_load(&contest->acknowledged);
	bool is_read;
	enum err err = read_by(contest, &cx, reading, i, &is_read);
	if (err == ERR_BUSY && reading == READ_SEARCH)
		return; /* searched too often: looks another time */
	if (err != OK || (is_read && must_be_gone))
		atomic_fetch_add(&contest->wrong, 1);
	else
		atomic_fetch_add(is_read ? &contest->read[reading] : &contest->refused[reading], 1);
}

/* Reads what is just being recalled. */
static void *keep_reading(void *argument)
{
	struct contest *contest = argument;
	int turn = 0;
	while (!atomic_load(&contest->is_over)) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 16 << 20);
		int i = atomic_load(&contest->begun);
		read_once(contest, &arena, turn++ % READINGS, i);
		/* That one is over: not in the way of what follows it. */
		while (i < atomic_load(&contest->acknowledged) &&
		       i == atomic_load(&contest->begun) && !atomic_load(&contest->is_over))
			nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
	}
	return NULL;
}

static void recall_all(struct contest *contest)
{
	const struct recall_wish wish = {.reason = STR("Sorry"), .is_whole = true};
	for (int i = 0; i < RACES; i++) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(contest->f, contest->f->admin);
		struct form_errors errors = {0};
		struct recalled recalled;
		enum err err;
		arena_init(&arena, 16 << 20);
		cx.arena = &arena;
		atomic_store(&contest->begun, i);
		do
			err = recall_message(&cx, &contest->ids[i], &wish, &recalled, &errors);
		while (err == ERR_BUSY);
		atomic_store(&contest->acknowledged, i + 1);
		if (err != OK || recalled.is_repeat)
			atomic_fetch_add(&contest->wrong, 1);
		/* However much was searched meanwhile, this may search. */
		core_fixture_sleep(contest->f, MINUTE_MS);
		for (int reading = 0; reading < READINGS; reading++)
			read_once(contest, &arena, reading, i);
	}
}

static void send_all(struct contest *contest)
{
	core_fixture_set(contest->f, "messages_per_hour_professional", STR("100000"));
	/* The newest is recalled first. */
	for (int i = RACES - 1; i >= 0; i--) {
		core_fixture_sleep(contest->f, 1);
		contest->ids[i] = core_fixture_send(contest->f, contest->f->admin, GABI,
						    STR("Findings"), STR("Secret"))
					  .id;
	}
}

static void a_thousand_readers_lose_against_the_recall(void **state)
{
	struct core_fixture *f = *state;
	static struct contest contest;
	pthread_t threads[READERS];
	memset(&contest, 0, sizeof(contest));
	contest.f = f;
	contest.reader = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	send_all(&contest);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, keep_reading, &contest), 0);
	recall_all(&contest);
	atomic_store(&contest.is_over, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(contest.wrong, 0);
	/* Both sides won now and then, or it was no race. */
	for (int i = 0; i < READINGS; i++) {
		assert_true(contest.read[i] > 0);
		assert_true(contest.refused[i] >= RACES);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- a reading that ends late ---- */

/* The key that the reader opened before is not written back after the recall. */
static void a_late_rewrap_brings_nothing_back(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, gabi);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct rewrap rewrap = {0};
	struct message_copy copy;
	struct message_view view;
	struct db *db;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(messages_get(db, cx.arena, &gabi->user.id, &sent.id, &copy), OK);
	assert_int_equal(mailbox_read_view(&cx, &copy, MAILBOX_READ_ALL, &rewrap, &view), OK);
	store_read_end(db);
	assert_str(view.body, STR("Secret"));
	struct recalled recalled = recall_test_whole(f, f->admin, &sent.id, STR(""));
	core_fixture_sleep(f, MINUTE_MS);
	mailbox_read_finish(&cx, &rewrap);
	struct message_view after = core_fixture_open(f, gabi, &sent.id);
	assert_int_equal(after.body.len, 0);
	assert_int_equal(after.ended_ms, recalled.recalled_ms);
	/* It was read all the same, and the sender sees that. */
	assert_true(core_fixture_open(f, f->admin, &sent.id).people[0].opened_ms > 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- a registration ---- */

struct waiting_write {
	struct core_fixture *f;
	const struct id *user_id;
	const struct waiting_keys *keys;
};

static enum err write_waiting(struct db *db, void *argument)
{
	const struct waiting_write *write = argument;
	return waiting_keys_write(db, &write->f->arena, write->user_id, write->keys);
}

/* What the registration has re-wrapped is recalled before it is written: it has to begin again. */
static void a_registration_brings_nothing_back(void **state)
{
	struct core_fixture *f = *state;
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct user gabi = core_fixture_user(f, GABI);
	struct waiting_keys keys;
	struct db *db;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(waiting_keys_find(db, &f->arena, &gabi.id, &keys), OK);
	store_read_end(db);
	assert_int_equal(keys.count, 1);
	struct delivery wrapped = keys.sealed[0]; /* as good as any */
	wrapped.wrapped = wrapped.sealed;
	wrapped.sealed = STR("");
	keys.wrapped = &wrapped;
	recall_test_whole(f, f->admin, &sent.id, STR(""));
	struct waiting_write write = {f, &gabi.id, &keys};
	assert_int_equal(store_transact(f->portal->store, write_waiting, &write, NULL),
			 ERR_CONFLICT);
	assert_int_equal(core_fixture_problems(f), 0);
}

struct runner {
	struct core_fixture *f;
	struct session *session;
	struct str token;
	const struct id *id;
	const struct recall_wish *wish;
	enum err err;
	struct recalled recalled;
};

static void *recall_once(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(runner->f, runner->session);
	struct form_errors errors = {0};
	arena_init(&arena, 16 << 20);
	cx.arena = &arena;
	do
		runner->err =
			recall_message(&cx, runner->id, runner->wish, &runner->recalled, &errors);
	while (runner->err == ERR_BUSY);
	return NULL;
}

static void *register_once(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(runner->f, NULL);
	struct registration registration;
	struct form_errors errors = {0};
	arena_init(&arena, 16 << 20);
	cx.arena = &arena;
	do
		runner->err = register_complete(&cx, runner->token, STR("New"),
						CORE_FIXTURE_PASSWORD, true, SESSION_BROWSER,
						STR("Test"), &registration, &errors);
	while (runner->err == ERR_BUSY);
	if (runner->err == OK)
		session_release(registration.sign_in.session);
	return NULL;
}

static void run_both(struct runner *first, void *(*first_body)(void *), struct runner *second,
		     void *(*second_body)(void *))
{
	pthread_t threads[2];
	assert_int_equal(pthread_create(&threads[0], NULL, first_body, first), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, second_body, second), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

static void registering_while_it_is_recalled(void **state)
{
	enum { ROUNDS = 12 };
	struct core_fixture *f = *state;
	const struct recall_wish wish = {.reason = STR("Sorry"), .is_whole = true};
	for (int i = 0; i < ROUNDS; i++) {
		struct str address = arena_printf(&f->arena, "new%d@example.org", i);
		struct sent sent =
			core_fixture_send(f, f->admin, address, STR("Findings"), STR("Secret"));
		struct runner registering = {
			.f = f, .token = core_fixture_token(f, MAIL_INVITATION, address)};
		struct runner recalling = {
			.f = f, .session = f->admin, .id = &sent.id, .wish = &wish};
		run_both(&registering, register_once, &recalling, recall_once);
		assert_int_equal(registering.err, OK);
		assert_int_equal(recalling.err, OK);
		struct session *session = core_fixture_sign_in(f, address, CORE_FIXTURE_PASSWORD);
		struct message_view view = core_fixture_open(f, session, &sent.id);
		assert_false(view.is_unreadable);
		assert_int_equal(view.body.len, 0);
		assert_str(view.subject, STR("Findings"));
		assert_str(view.reason, STR("Sorry"));
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- another recall ---- */

static void two_recalls_at_once(void **state)
{
	enum { ROUNDS = 20 };
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	static const struct str addresses[] = {STR("gabi@example.org")};
	const struct recall_wish wishes[] = {
		{.reason = STR("First"), .is_whole = true},
		{.reason = STR("Second"), .is_whole = true},
		{.reason = STR("Second"), .addresses = addresses, .address_count = 1},
	};
	for (int i = 0; i < ROUNDS; i++) {
		struct sent sent =
			core_fixture_send(f, f->admin, STR("gabi@example.org, paul@example.com"),
					  STR("Findings"), STR("Secret"));
		struct runner one = {
			.f = f, .session = f->admin, .id = &sent.id, .wish = &wishes[0]};
		struct runner other = one;
		other.wish = &wishes[1 + i % 2];
		run_both(&one, recall_once, &other, recall_once);
		assert_int_equal(one.err, OK);
		assert_int_equal(other.err, OK);
		/* Each key is destroyed once, whoever did it, and nobody's reason is mixed up. */
		assert_int_equal(one.recalled.keys + other.recalled.keys, 2);
		struct message_view view = core_fixture_open(f, gabi, &sent.id);
		bool is_others = other.recalled.keys > 0;
		assert_str(view.reason, is_others ? STR("Second") : STR("First"));
		assert_int_equal(recall_test_entries(f, &sent.id),
				 (one.recalled.keys > 0) + (other.recalled.keys > 0));
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- an answer, a forward ---- */

struct writing {
	struct core_fixture *f;
	struct session *session;
	struct draft draft;
	enum err err;
	struct sent sent;
};

static void *send_once(void *argument)
{
	struct writing *writing = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(writing->f, writing->session);
	struct form_errors errors = {0};
	arena_init(&arena, 16 << 20);
	cx.arena = &arena;
	do
		writing->err = message_send(&cx, &writing->draft, &writing->sent, &errors);
	while (writing->err == ERR_BUSY);
	return NULL;
}

/* Before: the answer stands, and the forward; after: they are told. Either way nobody has the text
 * any more. */
static void writing_while_it_is_recalled(void **state)
{
	enum { ROUNDS = 30 };
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_PROFESSIONAL);
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	const struct recall_wish wish = {.reason = STR("Sorry"), .is_whole = true};
	for (int i = 0; i < ROUNDS; i++) {
		bool is_forward = i % 2 == 0;
		struct sent sent =
			core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
		struct runner recalling = {
			.f = f, .session = f->admin, .id = &sent.id, .wish = &wish};
		struct writing writing = {.f = f, .session = gabi};
		writing.draft = (struct draft){
			.to = PAUL, .subject = STR("Look"), .body = STR("My own words")};
		*(is_forward ? &writing.draft.forward_of : &writing.draft.reply_to) = sent.id;
		pthread_t threads[2];
		assert_int_equal(pthread_create(&threads[0], NULL, send_once, &writing), 0);
		assert_int_equal(pthread_create(&threads[1], NULL, recall_once, &recalling), 0);
		for (int j = 0; j < 2; j++)
			pthread_join(threads[j], NULL);
		assert_int_equal(recalling.err, OK);
		assert_true(writing.err == OK || writing.err == ERR_CONFLICT);
		assert_int_equal(core_fixture_open(f, gabi, &sent.id).body.len, 0);
		struct cx cx = core_fixture_cx(f, paul);
		struct message_view quoted;
		enum err err = mailbox_open(&cx, &sent.id, &quoted);
		assert_int_equal(err, writing.err == OK ? OK : ERR_NOT_FOUND);
		if (err != OK)
			continue;
		assert_int_equal(quoted.body.len, 0);
		assert_str(quoted.reason, STR("Sorry"));
		assert_str(core_fixture_open(f, paul, &writing.sent.id).body, STR("My own words"));
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- deleting for ever ---- */

struct deleting {
	struct core_fixture *f;
	struct session *session;
	const struct id *id;
	enum err err;
};

static void *destroy_once(void *argument)
{
	struct deleting *deleting = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(deleting->f, deleting->session);
	arena_init(&arena, 16 << 20);
	cx.arena = &arena;
	do
		deleting->err = mailbox_destroy(&cx, deleting->id, 1);
	while (deleting->err == ERR_BUSY);
	return NULL;
}

static void deleting_while_it_is_recalled(void **state)
{
	enum { ROUNDS = 20 };
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	const struct recall_wish wish = {.reason = STR("Sorry"), .is_whole = true};
	for (int i = 0; i < ROUNDS; i++) {
		struct sent sent =
			core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
		struct cx cx = core_fixture_cx(f, gabi);
		assert_int_equal(mailbox_move(&cx, &sent.id, 1, BOX_TRASH), OK);
		struct runner recalling = {
			.f = f, .session = f->admin, .id = &sent.id, .wish = &wish};
		struct deleting deleting = {.f = f, .session = gabi, .id = &sent.id};
		pthread_t threads[2];
		assert_int_equal(pthread_create(&threads[0], NULL, destroy_once, &deleting), 0);
		assert_int_equal(pthread_create(&threads[1], NULL, recall_once, &recalling), 0);
		for (int j = 0; j < 2; j++)
			pthread_join(threads[j], NULL);
		assert_int_equal(recalling.err, OK);
		assert_int_equal(deleting.err, OK);
		struct message_view view;
		assert_int_equal(mailbox_open(&cx, &sent.id, &view), ERR_NOT_FOUND);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(a_thousand_readers_lose_against_the_recall),
		CORE_TEST(a_late_rewrap_brings_nothing_back),
		CORE_TEST(a_registration_brings_nothing_back),
		CORE_TEST(registering_while_it_is_recalled),
		CORE_TEST_STRICT(registering_while_it_is_recalled),
		CORE_TEST(two_recalls_at_once),
		CORE_TEST(writing_while_it_is_recalled),
		CORE_TEST(deleting_while_it_is_recalled),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
