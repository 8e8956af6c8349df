/* Documents that are downloaded, several at one moment: each version is told once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_test_support.h"

enum { DOCUMENTS = 3, THREADS = 4 * DOCUMENTS, ROUNDS = 3 };

struct download_job {
	struct core_fixture *f;
	struct session *session;
	struct id id;
	int64_t position;
	pthread_barrier_t *all_are_there;
	pthread_t thread;
	enum err err;
};

static void *download_one(void *argument)
{
	struct download_job *it = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = core_fixture_cx(it->f, it->session);
	struct download *download;
	arena_init(&arena, 32 << 20);
	cx.arena = &arena;
	pthread_barrier_wait(it->all_are_there);
	it->err = signing_download(&cx, &it->id, it->position, &download);
	if (it->err == OK)
		download_free(download);
	return NULL;
}

static size_t count_told(struct core_fixture *f, const struct id *id)
{
	struct signing_view view = signing_test_get(f, f->admin, id);
	size_t count = 0;
	for (size_t i = 0; i < view.event_count; i++)
		count += view.events[i].kind == AUDIT_SIGNING_DOWNLOADED;
	return count;
}

static void download_all_at_once(struct core_fixture *f, struct session *session,
				 const struct id *id)
{
	struct download_job jobs[THREADS];
	pthread_barrier_t barrier;
	assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
	for (int i = 0; i < THREADS; i++) {
		jobs[i] = (struct download_job){f, session, *id, i % DOCUMENTS, &barrier};
		assert_int_equal(pthread_create(&jobs[i].thread, NULL, download_one, &jobs[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(jobs[i].thread, NULL);
		assert_int_equal(jobs[i].err, OK);
	}
	pthread_barrier_destroy(&barrier);
}

static void each_version_is_told_once(void **state)
{
	struct core_fixture *f = *state;
	const struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	struct id files[DOCUMENTS];
	f->portal->pdf = signing_fake_workers();
	signing_fake_before_open(NULL, NULL);
	struct session *gabi =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("peter@example.org"), STR("Peter"), GRADE_GUEST);
	for (int i = 0; i < DOCUMENTS; i++)
		files[i] = signing_test_upload(f, f->admin, STR("a.pdf"), STR("%PDF-1.7 a"));
	const struct draft draft =
		signing_test_draft("gabi@example.org, peter@example.org", files, DOCUMENTS, &plan);
	for (int round = 0; round < ROUNDS; round++) {
		struct id id = signing_test_send(f, f->admin, &draft);
		download_all_at_once(f, gabi, &id);
		assert_int_equal(count_told(f, &id), DOCUMENTS);
		/* The next version is one more. */
		signing_test_sign(f, gabi, &id, NULL, 0);
		download_all_at_once(f, gabi, &id);
		assert_int_equal(count_told(f, &id), 2 * DOCUMENTS);
	}
	assert_int_equal(signing_test_audit_bad(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_version_is_told_once),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
