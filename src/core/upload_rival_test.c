/* Who comes back takes over from their own dead connection at once; a true second writer does not
 * (P5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/upload_test_support.h"

#include "base/limits.h"
#include "core/scanner.h"
#include "core/upload_running.h"
#include "core/uploads.h"
#include "crypto/chunks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
enum { CHUNK = CHUNK_BYTES, BYTES = 4 * CHUNK };

/* A request that brings bytes to `until`, and no more for now. */
static struct upload *begin(struct core_fixture *f, const struct id *id, int64_t from,
			    int64_t until)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload *upload;
	assert_int_equal(upload_begin(&cx, id, from, -1, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, from, until, 100000), OK);
	return upload;
}

/* Who has lost: nothing of it is taken any more. */
static void expect_lost(struct upload *upload)
{
	int64_t offset = -1;
	assert_int_equal(upload_test_take(upload, 0, 10, 10), ERR_CONFLICT);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), ERR_CONFLICT);
	assert_int_equal(offset, -1);
	upload_free(upload);
}

static void who_comes_back_goes_on_where_the_dead_one_was(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *what;
		int64_t brought, kept;
	} rows[] = {
		{"nothing", 0, 0},
		{"less than a chunk", 1000, 0},
		{"some chunks", 2 * CHUNK + 5, 2 * CHUNK},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cx cx = core_fixture_cx(f, f->admin);
		struct upload_view view;
		struct id id = upload_test_create(f, f->admin, BYTES);
		struct upload *dead = begin(f, &id, 0, rows[i].brought);
		assert_int_equal(upload_resume(&cx, &id, &view), OK);
		if (view.offset != rows[i].kept)
			fail_msg("%s: %lld", rows[i].what, (long long)view.offset);
		assert_int_equal(
			upload_test_send(f, f->admin, &id, view.offset, BYTES, UPLOAD_SENT), BYTES);
		expect_lost(dead);
		upload_test_check(f, f->admin, &id, BYTES);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void who_comes_back_without_asking_takes_over_too(void **state)
{
	struct core_fixture *f = *state;
	struct id id = upload_test_create(f, f->admin, BYTES);
	int64_t offset;
	struct upload *dead = begin(f, &id, 0, 2 * CHUNK + 5);
	/* It believes to have brought less than it has. */
	assert_int_equal(upload_test_try(f, f->admin, &id, CHUNK, BYTES, UPLOAD_SENT, &offset),
			 ERR_CONFLICT);
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, 2 * CHUNK);
	expect_lost(dead);
	assert_int_equal(upload_test_send(f, f->admin, &id, 2 * CHUNK, BYTES, UPLOAD_SENT), BYTES);
	upload_test_check(f, f->admin, &id, BYTES);
}

struct slow {
	_Atomic uint64_t received;
	_Atomic bool is_over;
	pthread_t thread;
};

/* A connection that brings bytes, but none for its upload to take yet. */
static void *receive(void *argument)
{
	struct slow *slow = argument;
	const struct timespec pause = {.tv_nsec = 2 * 1000000};
	while (!slow->is_over) {
		slow->received++;
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void a_true_second_writer_is_refused(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct slow slow = {0};
	struct upload_view view;
	struct id id = upload_test_create(f, f->admin, BYTES);
	struct upload *alive = begin(f, &id, 0, CHUNK + 5), *second;
	int64_t offset;
	upload_follow(alive, &slow.received);
	assert_int_equal(pthread_create(&slow.thread, NULL, receive, &slow), 0);
	assert_int_equal(upload_begin(&cx, &id, 0, -1, NULL, &second), ERR_BUSY);
	assert_int_equal(upload_begin(&cx, &id, CHUNK, -1, NULL, &second), ERR_BUSY);
	/* Asking does no harm. */
	assert_int_equal(upload_resume(&cx, &id, &view), OK);
	assert_int_equal(view.offset, 0);
	slow.is_over = true;
	pthread_join(slow.thread, NULL);
	assert_int_equal(upload_test_take(alive, CHUNK + 5, BYTES, 100000), OK);
	assert_int_equal(upload_end(alive, UPLOAD_SENT, &offset), OK);
	upload_free(alive);
	upload_test_check(f, f->admin, &id, BYTES);
}

/* ---- while the virus scanner takes its time ---- */

static _Atomic bool is_asked, may_answer;

struct scan {
	int nothing;
};

static enum err scan_begin(struct scanner *scanner, struct scan **ret)
{
	(void)scanner;
	*ret = calloc(1, sizeof(**ret));
	return OK;
}

static enum err scan_add(struct scan *scan, struct str bytes)
{
	(void)scan, (void)bytes;
	return OK;
}

static enum err scan_finish(struct scan *scan, struct scan_result *ret)
{
	const struct timespec pause = {.tv_nsec = 2 * 1000000};
	(void)scan;
	is_asked = true;
	while (!may_answer)
		nanosleep(&pause, NULL);
	*ret = (struct scan_result){.verdict = SCAN_CLEAN};
	return OK;
}

static void scan_free(struct scan *scan)
{
	free(scan);
}

static void *end_upload(void *argument)
{
	int64_t offset;
	enum err *err = calloc(1, sizeof(*err));
	*err = upload_end(argument, UPLOAD_SENT, &offset);
	return err;
}

static void what_is_being_scanned_has_come(void **state)
{
	struct core_fixture *f = *state;
	struct scanner scanner = {scan_begin, scan_add, scan_finish, scan_free};
	const struct timespec pause = {.tv_nsec = 2 * 1000000};
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_view view;
	struct upload *second;
	pthread_t thread;
	void *ended;
	f->portal->scanner = &scanner;
	core_fixture_set(f, "virus_scan", STR("mark"));
	struct id id = upload_test_create(f, f->admin, BYTES);
	struct upload *first = begin(f, &id, 0, BYTES);
	is_asked = may_answer = false;
	assert_int_equal(pthread_create(&thread, NULL, end_upload, first), 0);
	while (!is_asked)
		nanosleep(&pause, NULL);
	assert_int_equal(upload_begin(&cx, &id, 0, -1, NULL, &second), ERR_BUSY);
	/* Nor would deleting it wait for that, and hold up a worker. */
	assert_int_equal(upload_delete(&cx, &id), ERR_BUSY);
	assert_int_equal(upload_resume(&cx, &id, &view), OK);
	assert_int_equal(view.state, FILE_UNFINISHED);
	may_answer = true;
	pthread_join(thread, &ended);
	assert_int_equal(*(enum err *)ended, OK);
	free(ended);
	upload_free(first);
	assert_int_equal(upload_test_look(f, f->admin, &id).head.scan, FILE_SCAN_CLEAN);
	upload_test_check(f, f->admin, &id, BYTES);
	f->portal->scanner = NULL;
}

static void nobody_else_disturbs_an_upload(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("guest@example.org"), STR("Gabi Guest"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, guest);
	struct upload_view view;
	struct id id = upload_test_create(f, f->admin, BYTES);
	struct upload *upload = begin(f, &id, 0, CHUNK), *second;
	int64_t offset;
	assert_int_equal(upload_begin(&cx, &id, CHUNK, -1, NULL, &second), ERR_NOT_FOUND);
	assert_int_equal(upload_resume(&cx, &id, &view), ERR_NOT_FOUND);
	assert_int_equal(upload_delete(&cx, &id), ERR_NOT_FOUND);
	assert_int_equal(upload_test_take(upload, CHUNK, BYTES, CHUNK), OK);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), OK);
	upload_free(upload);
	upload_test_check(f, f->admin, &id, BYTES);
}

struct taking_over {
	const struct id *id;
	int64_t writer;
};

static enum err write_take_over(struct db *db, void *argument)
{
	struct taking_over *taking_over = argument;
	return files_take_over(db, taking_over->id, 1, &taking_over->writer);
}

static void another_process_takes_over(void **state)
{
	struct core_fixture *f = *state;
	struct id id = upload_test_create(f, f->admin, BYTES);
	struct taking_over taking_over = {.id = &id};
	struct upload *here = begin(f, &id, 0, 2 * CHUNK);
	int64_t offset;
	assert_int_equal(store_transact(f->portal->store, write_take_over, &taking_over, NULL), OK);
	assert_int_equal(upload_end(here, UPLOAD_SENT, &offset), ERR_CONFLICT);
	upload_free(here);
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_person_sends_so_many_at_once(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("guest@example.org"), STR("Gabi Guest"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, f->admin), guest_cx = core_fixture_cx(f, guest);
	struct upload *uploads[LIMIT_UPLOADS_PER_USER], *more;
	for (int i = 0; i < LIMIT_UPLOADS_PER_USER; i++) {
		struct id id = upload_test_create(f, f->admin, 5);
		uploads[i] = begin(f, &id, 0, 1);
	}
	struct id id = upload_test_create(f, f->admin, 5);
	assert_int_equal(upload_begin(&cx, &id, 0, 5, NULL, &more), ERR_UNAVAILABLE);
	struct id other = upload_test_create(f, guest, 5);
	assert_int_equal(upload_begin(&guest_cx, &other, 0, 5, NULL, &more), OK);
	upload_free(more);
	upload_free(uploads[0]);
	assert_int_equal(upload_begin(&cx, &id, 0, 5, NULL, &more), OK);
	upload_free(more);
	for (int i = 1; i < LIMIT_UPLOADS_PER_USER; i++)
		upload_free(uploads[i]);
}

/* ---- many at once ---- */

struct waiter {
	struct core_fixture *f;
	struct id id;
	struct upload *dead;
	pthread_t thread;
	enum err err;
};

static void *come_back(void *argument)
{
	struct waiter *waiter = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(waiter->f, waiter->f->admin);
	struct upload_view view;
	arena_init(&arena, 4 << 20);
	cx.arena = &arena;
	waiter->err = upload_resume(&cx, &waiter->id, &view);
	return NULL;
}

/* Each wait takes a worker from all others. */
static void a_few_wait_for_dead_ones_at_once(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct timespec pause = {.tv_nsec = 2 * 1000000};
	struct waiter waiters[LIMIT_UPLOAD_RIVALS_AWAITED];
	struct upload_view view;
	struct upload *second;
	struct id id = upload_test_create(f, f->admin, BYTES);
	struct upload *dead = begin(f, &id, 0, CHUNK);
	for (int i = 0; i < LIMIT_UPLOAD_RIVALS_AWAITED; i++) {
		struct waiter *waiter = &waiters[i];
		*waiter = (struct waiter){.f = f, .id = upload_test_create(f, f->admin, BYTES)};
		waiter->dead = begin(f, &waiter->id, 0, CHUNK);
	}
	for (int i = 0; i < LIMIT_UPLOAD_RIVALS_AWAITED; i++) {
		struct waiter *waiter = &waiters[i];
		/* It is not settled before this is given up. */
		pthread_mutex_lock(&waiter->dead->lock);
		assert_int_equal(pthread_create(&waiter->thread, NULL, come_back, waiter), 0);
		while (!waiter->dead->is_awaited)
			nanosleep(&pause, NULL);
	}
	assert_int_equal(upload_begin(&cx, &id, 0, -1, NULL, &second), ERR_BUSY);
	assert_int_equal(upload_resume(&cx, &id, &view), OK);
	assert_int_equal(view.offset, 0);
	for (int i = 0; i < LIMIT_UPLOAD_RIVALS_AWAITED; i++)
		pthread_mutex_unlock(&waiters[i].dead->lock);
	for (int i = 0; i < LIMIT_UPLOAD_RIVALS_AWAITED; i++) {
		pthread_join(waiters[i].thread, NULL);
		assert_int_equal(waiters[i].err, OK);
		expect_lost(waiters[i].dead);
	}
	assert_int_equal(upload_resume(&cx, &id, &view), OK);
	assert_int_equal(view.offset, CHUNK);
	expect_lost(dead);
}

struct racer {
	struct core_fixture *f;
	struct id id;
	int number;
	pthread_t thread;
	bool is_wrong;
};

enum { RACERS = 4, RACE_BYTES = CHUNK + 40000, RACE_STEP = 90001 };

static enum err race_once(struct racer *racer, struct cx *cx, bool *ret_is_ready)
{
	struct upload_view view;
	struct upload *upload;
	int64_t offset;
	TRY(upload_resume(cx, &racer->id, &view));
	*ret_is_ready = view.state == FILE_READY;
	if (*ret_is_ready)
		return OK;
	int64_t until = view.offset + RACE_STEP < RACE_BYTES ? view.offset + RACE_STEP : RACE_BYTES;
	TRY(upload_begin(cx, &racer->id, view.offset, until - view.offset, NULL, &upload));
	struct str bytes = upload_test_bytes(view.offset, until);
	enum err err = upload_take(upload, bytes);
	free((char *)bytes.data);
	if (err == OK)
		err = upload_end(upload, racer->number % 2 ? UPLOAD_SENT : UPLOAD_CUT, &offset);
	upload_free(upload);
	return err;
}

static void *race(void *argument)
{
	struct racer *racer = argument;
	for (bool is_ready = false; !is_ready && !racer->is_wrong;) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(racer->f, racer->f->admin);
		arena_init(&arena, 4 << 20);
		cx.arena = &arena;
		enum err err = race_once(racer, &cx, &is_ready);
		racer->is_wrong =
			err != OK && err != ERR_BUSY && err != ERR_CONFLICT && err != ERR_TOO_LARGE;
	}
	return NULL;
}

static void whoever_wins_the_file_is_right(void **state)
{
	struct core_fixture *f = *state;
	struct racer racers[RACERS];
	struct id id = upload_test_create(f, f->admin, RACE_BYTES);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.f = f, .id = id, .number = i};
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		assert_false(racers[i].is_wrong);
	}
	upload_test_check(f, f->admin, &id, RACE_BYTES);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* Its row could not be read for so long, or not at all, that somebody else came back. */
static void who_has_not_begun_has_nothing_to_settle(void **state)
{
	struct core_fixture *f = *state;
	struct id id = upload_test_create(f, f->admin, BYTES);
	struct upload *upload = calloc(1, sizeof(*upload));
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_view view;
	assert_non_null(upload);
	upload->portal = f->portal;
	upload->file_id = id;
	upload->references = 1;
	pthread_mutex_init(&upload->lock, NULL);
	arena_init(&upload->arena, 1000);
	buf_init(&upload->cipher, 1000);
	assert_int_equal(uploads_enter(f->portal->uploads, upload), OK);
	assert_int_equal(upload_resume(&cx, &id, &view), OK);
	assert_int_equal(view.offset, 0);
	assert_true(upload->is_over);
	upload_free(upload);
	assert_int_equal(upload_test_send(f, f->admin, &id, 0, BYTES, UPLOAD_SENT), BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(who_comes_back_goes_on_where_the_dead_one_was),
		CORE_TEST(who_has_not_begun_has_nothing_to_settle),
		CORE_TEST(who_comes_back_without_asking_takes_over_too),
		CORE_TEST(a_true_second_writer_is_refused),
		CORE_TEST(what_is_being_scanned_has_come),
		CORE_TEST(nobody_else_disturbs_an_upload),
		CORE_TEST(another_process_takes_over),
		CORE_TEST(a_person_sends_so_many_at_once),
		CORE_TEST(a_few_wait_for_dead_ones_at_once),
		CORE_TEST(whoever_wins_the_file_is_right),
	};
	return engines_test_run("core", tests, COUNT(tests));
}
