/* Whatever fails in an upload, the n-th allocation, query, commit or step of storing: what was
 * acknowledged stays, and the client can go on from there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/upload_test_support.h"

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/fault_plan.h"
#include "crypto/chunks.h"

#include <signal.h>
#include <sys/resource.h>

enum { CHUNK = CHUNK_BYTES, BYTES = 2 * CHUNK + 77, FIRST = 1000, MOST = 400 };

struct scene {
	struct core_fixture *f;
	struct arena arena;
	struct id id;
	enum upload_end how;
	bool has_checksum;
};

static struct cx cx_of(struct scene *scene)
{
	struct cx cx = core_fixture_cx(scene->f, scene->f->admin);
	cx.arena = &scene->arena;
	return cx;
}

static struct upload_checksum sum_of(int64_t from, int64_t until)
{
	struct upload_checksum checksum = {.kind = HASH_SHA1, .is_wanted = true};
	struct str bytes = upload_test_bytes(from, until);
	struct hashing *hashing;
	assert_int_equal(hashing_new(HASH_SHA1, &hashing), OK);
	hashing_add(hashing, bytes);
	hashing_result(hashing, checksum.expected);
	hashing_free(hashing);
	free((char *)bytes.data);
	return checksum;
}

/* The second request of two. bytes: what it brings. */
static enum err request(struct scene *scene, const struct upload_checksum *checksum,
			struct str bytes)
{
	struct cx cx = cx_of(scene);
	struct upload *upload;
	int64_t offset;
	TRY(upload_begin(&cx, &scene->id, FIRST, BYTES - FIRST, checksum, &upload));
	enum err err = OK;
	for (; err == OK && bytes.len > 0; bytes = str_slice(bytes, 300000, bytes.len))
		err = upload_take(upload, str_slice(bytes, 0, 300000));
	if (err == OK)
		err = upload_end(upload, scene->how, &offset);
	upload_free(upload);
	return err;
}

static void go_on(struct scene *scene, const char *what, int n, enum err err)
{
	struct core_fixture *f = scene->f;
	struct upload_view view = upload_test_look(f, f->admin, &scene->id);
	bool is_right = view.state == FILE_READY ? view.offset == BYTES : view.offset == FIRST;
	/* It may be through although the answer could not be made. */
	if (!is_right || (err == OK) != (view.state == FILE_READY))
		fail_msg("%s %d: %s, stands at %lld", what, n, err_name(err),
			 (long long)view.offset);
	if (view.state == FILE_UNFINISHED)
		upload_test_send(f, f->admin, &scene->id, view.offset, BYTES, UPLOAD_SENT);
	upload_test_check(f, f->admin, &scene->id, BYTES);
}

/* False: the n-th was not reached. */
static bool fail_request(struct core_fixture *f, enum fault fault, int n, struct scene *scene)
{
	struct log_capture log;
	struct upload_checksum checksum = sum_of(FIRST, BYTES);
	struct str bytes = upload_test_bytes(FIRST, BYTES);
	scene->f = f;
	scene->id = upload_test_create(f, f->admin, BYTES);
	upload_test_send(f, f->admin, &scene->id, 0, FIRST, UPLOAD_SENT);
	size_t live = secret_live();
	arena_init(&scene->arena, 16 << 20);
	log_capture_begin(&log);
	fault_plan_begin(fault, n);
	enum err err = request(scene, scene->has_checksum ? &checksum : NULL, bytes);
	bool was_reached = fault_plan_end();
	bool is_alarm = strstr(log_capture_end(&log), " alarm ") != NULL;
	arena_release(&scene->arena);
	free((char *)bytes.data);
	if (is_alarm || secret_live() != live || (err != OK) > was_reached || err == ERR_CORRUPT)
		fail_msg("%s %d: %s%s, %zu keys", fault_plan_names[fault], n, err_name(err),
			 is_alarm ? ", an alarm" : "", secret_live() - live);
	go_on(scene, fault_plan_names[fault], n, err);
	return was_reached;
}

static void a_request_fails_and_the_client_goes_on(void **state)
{
	static const struct scene scenes[] = {
		{.how = UPLOAD_SENT},
		{.how = UPLOAD_CUT}, /* all came, and the connection broke */
		{.how = UPLOAD_SENT, .has_checksum = true},
	};
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
			struct scene scene = scenes[i];
			int n = 1;
			while (n < MOST && fail_request(*state, fault, n, &scene))
				n++;
			/* Something must have failed, or the test proves nothing. */
			if (n == 1 || n == MOST)
				fail_msg("%ss: %d failed", fault_plan_names[fault], n - 1);
		}
	}
	assert_int_equal(core_fixture_problems(*state), 0);
}

/* ---- beginning and taking back ---- */

static int64_t used_bytes(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_limits limits;
	assert_int_equal(upload_limits_of(&cx, &limits), OK);
	return limits.used_bytes;
}

static int64_t count_unfinished(struct core_fixture *f)
{
	struct db *db CLEANUP_READ = NULL;
	int64_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(files_count_unfinished(db, &f->admin->user.id, &count), OK);
	return count;
}

static bool fail_creation(struct core_fixture *f, enum fault fault, int n, int64_t bytes)
{
	struct scene scene = {.f = f};
	struct form_errors errors = {.count = 0};
	struct id id;
	int64_t unfinished = count_unfinished(f), used = used_bytes(f);
	size_t live = secret_live();
	arena_init(&scene.arena, 16 << 20);
	struct cx cx = cx_of(&scene);
	fault_plan_begin(fault, n);
	enum err err = upload_create(&cx, STR("a"), STR(""), bytes, &id, &errors);
	bool was_reached = fault_plan_end();
	arena_release(&scene.arena);
	bool is_made = err == OK && bytes > 0;
	if (secret_live() != live || (err != OK) > was_reached ||
	    count_unfinished(f) != unfinished + is_made ||
	    used_bytes(f) != used + (is_made ? bytes : 0))
		fail_msg("%s %d of a file of %lld bytes: %s", fault_plan_names[fault], n,
			 (long long)bytes, err_name(err));
	return was_reached;
}

static void a_creation_happens_or_not(void **state)
{
	for (int64_t bytes = 0; bytes < 2; bytes++) {
		for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
			int n = 1;
			while (n < MOST && fail_creation(*state, fault, n, bytes))
				n++;
			/* Nothing is stored of what has not come. */
			bool is_reached = n > 1 && n < MOST;
			assert_true(is_reached || (fault == FAULT_BLOB && bytes == 1));
		}
	}
	assert_int_equal(core_fixture_problems(*state), 0);
}

static bool fail_deletion(struct core_fixture *f, enum fault fault, int n)
{
	struct scene scene = {.f = f};
	struct upload_view view;
	struct id id = upload_test_create(f, f->admin, BYTES);
	upload_test_send(f, f->admin, &id, 0, CHUNK, UPLOAD_SENT);
	arena_init(&scene.arena, 16 << 20);
	struct cx cx = cx_of(&scene);
	fault_plan_begin(fault, n);
	enum err err = upload_delete(&cx, &id);
	bool was_reached = fault_plan_end();
	arena_release(&scene.arena);
	cx = core_fixture_cx(f, f->admin);
	enum err after = upload_get(&cx, &id, &view);
	if (after != (err == OK ? ERR_NOT_FOUND : OK) || (err != OK) > was_reached)
		fail_msg("%s %d: %s, then %s", fault_plan_names[fault], n, err_name(err),
			 err_name(after));
	if (after == OK) {
		upload_test_send(f, f->admin, &id, CHUNK, BYTES, UPLOAD_SENT);
		upload_test_check(f, f->admin, &id, BYTES);
	}
	return was_reached;
}

static void a_deletion_happens_or_not(void **state)
{
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
		int n = 1;
		while (n < MOST && fail_deletion(*state, fault, n))
			n++;
		assert_true(n > 1 && n < MOST);
	}
	assert_int_equal(core_fixture_problems(*state), 0);
}

/* ---- a disk that is full ---- */

/* No file may be larger: what the system says then is what a full disk says. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_loses_nothing_acknowledged(void **state)
{
	struct core_fixture *f = *state;
	/* The files of the database are smaller than the first. */
	for (int64_t room = CHUNK + 1; room < BYTES; room += CHUNK / 5) {
		struct id id = upload_test_create(f, f->admin, 2 * BYTES);
		int64_t offset = -1;
		upload_test_send(f, f->admin, &id, 0, FIRST, UPLOAD_SENT);
		limit_files((rlim_t)room);
		enum err err = upload_test_try(f, f->admin, &id, FIRST, FIRST + BYTES, UPLOAD_SENT,
					       &offset);
		limit_files(RLIM_INFINITY);
		assert_int_equal(err, ERR_UNAVAILABLE);
		assert_int_equal(upload_test_look(f, f->admin, &id).offset, FIRST);
		upload_test_send(f, f->admin, &id, FIRST, 2 * BYTES, UPLOAD_SENT);
		upload_test_check(f, f->admin, &id, 2 * BYTES);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_request_fails_and_the_client_goes_on),
		CORE_TEST(a_creation_happens_or_not),
		CORE_TEST(a_deletion_happens_or_not),
		CORE_TEST(a_full_disk_loses_nothing_acknowledged),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
