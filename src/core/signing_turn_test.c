/* Whose documents may be worked on now; no worker ever runs (core/signing_fake_pdf.c). */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "core/core_test_support.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_test_support.h"
#include "pdf/workers.h"

#define GABI "gabi@example.org"

enum { PLACES_MAX = 16, SOON_MS = 20, WAIT_MS = 60000 };

struct scene {
	struct core_fixture *f;
	struct session *gabi;
	struct id file;
	struct signing_plan plan;
	struct draft draft;
	struct pdf_place taken[PLACES_MAX];
	size_t taken_count;
};

static void begin(void **state, struct scene *s)
{
	struct core_fixture *f = *state;
	*s = (struct scene){.f = f};
	f->portal->pdf = signing_fake_workers();
	signing_fake_before_open(NULL, NULL);
	signing_fake_is_broken = false;
	s->gabi = core_fixture_person(f, STR(GABI), STR("Gabi Guest"), GRADE_GUEST);
	s->file = signing_test_upload(f, f->admin, STR("a.pdf"), STR("%PDF-1.7 a\n%%EOF\n"));
	s->draft = signing_test_draft(GABI, &s->file, 1, &s->plan);
	s->plan.order = SIGNING_ALL_AT_ONCE;
}

/* By people of whom nothing else is known. */
static void take_all_places(struct scene *s)
{
	pdf_workers_hurry(s->f->portal->pdf, 1000, SOON_MS);
	for (enum err err = OK; err == OK;) {
		struct id who = id_new(cx_now_ms(&(struct cx){.portal = s->f->portal}));
		assert_true(s->taken_count < PLACES_MAX);
		err = pdf_place_take(s->f->portal->pdf, &who, &s->taken[s->taken_count]);
		s->taken_count += err == OK;
	}
}

static void leave_places(struct scene *s)
{
	while (s->taken_count > 0)
		pdf_place_leave(&s->taken[--s->taken_count]);
	pdf_workers_hurry(s->f->portal->pdf, 1000, WAIT_MS);
}

static enum err try_send(struct scene *s, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	struct sent sent;
	errors->count = 0;
	return message_send(&cx, &s->draft, &sent, errors);
}

static struct str sentence(enum text_id id)
{
	return text_get(language_find(STR("en")), id);
}

static void who_finds_no_place_is_told_and_loses_nothing(void **state)
{
	struct scene s;
	struct form_errors errors = {.count = 0};
	struct pdf_facts facts;
	begin(state, &s);
	struct id id = signing_test_send(s.f, s.f->admin, &s.draft);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	take_all_places(&s);
	int calls = signing_fake_calls;
	assert_int_equal(try_send(&s, &errors), ERR_BUSY);
	assert_str(form_errors_for(&errors, ""), sentence(TEXT_SIGNING_BUSY));
	errors.count = 0;
	assert_int_equal(signing_inspect(&cx, &s.file, &facts, &errors), ERR_BUSY);
	assert_str(form_errors_for(&errors, ""), sentence(TEXT_SIGNING_BUSY));
	errors.count = 0;
	assert_int_equal(signing_test_try_sign(s.f, s.gabi, &id, NULL, 0, &errors), ERR_BUSY);
	assert_str(form_errors_for(&errors, ""), sentence(TEXT_SIGNING_BUSY));
	assert_int_equal(signing_fake_calls, calls);
	leave_places(&s);
	signing_test_sign(s.f, s.gabi, &id, NULL, 0);
	assert_int_equal(try_send(&s, &errors), OK);
}

/* ---- memory ---- */

static int count_documents(void)
{
	int count = 0;
	struct dirent *entry;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		char path[64], target[64] = "";
		snprintf(path, sizeof(path), "/proc/self/fd/%.20s", entry->d_name);
		if (readlink(path, target, sizeof(target) - 1) > 0)
			count += strstr(target, "memfd:pdf") != NULL;
	}
	closedir(folder);
	return count;
}

struct waiting {
	struct scene *s;
	struct id id;
	enum err err;
};

static void *sign(void *argument)
{
	struct waiting *it = argument;
	struct form_errors errors = {.count = 0};
	it->err = signing_test_try_sign(it->s->f, it->s->gabi, &it->id, NULL, 0, &errors);
	return NULL;
}

static void *send(void *argument)
{
	struct waiting *it = argument;
	struct form_errors errors;
	it->err = try_send(it->s, &errors);
	return NULL;
}

static void who_waits_has_no_document_in_memory(void **state)
{
	static void *(*const jobs[])(void *) = {sign, send};
	struct scene s;
	begin(state, &s);
	struct waiting it = {.s = &s, .id = signing_test_send(s.f, s.f->admin, &s.draft)};
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		pthread_t thread;
		take_all_places(&s);
		pdf_workers_hurry(s.f->portal->pdf, 1000, WAIT_MS);
		assert_int_equal(pthread_create(&thread, NULL, jobs[i], &it), 0);
		while (pdf_workers_waiting(s.f->portal->pdf) == 0)
			usleep(1000);
		assert_int_equal(count_documents(), 0);
		leave_places(&s);
		pthread_join(thread, NULL);
		assert_int_equal(it.err, OK);
		assert_int_equal(count_documents(), 0);
	}
}

/* ---- the time of one person ---- */

/* As a document does that is made to. */
static void take_long(void *argument)
{
	core_fixture_sleep(argument, 100000);
	signing_fake_is_broken = true;
}

static void what_is_refused_has_cost_its_time(void **state)
{
	enum { TRIES = LIMIT_PDF_HOUR_MS / 100000 };
	struct scene s;
	struct form_errors errors;
	begin(state, &s);
	struct id id = signing_test_send(s.f, s.f->admin, &s.draft);
	signing_fake_before_open(take_long, s.f);
	for (int i = 0; i < TRIES; i++) {
		assert_int_equal(try_send(&s, &errors), ERR_UNAVAILABLE);
		signing_fake_is_broken = false;
	}
	int calls = signing_fake_calls;
	signing_fake_before_open(NULL, NULL);
	assert_int_equal(try_send(&s, &errors), ERR_BUSY);
	assert_str(form_errors_for(&errors, ""), sentence(TEXT_SIGNING_HOUR_USED_UP));
	assert_int_equal(signing_fake_calls, calls);
	/* Who only signs is not held up by it. */
	signing_test_sign(s.f, s.gabi, &id, NULL, 0);
	core_fixture_sleep(s.f, HOUR_MS);
	assert_int_equal(try_send(&s, &errors), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(who_finds_no_place_is_told_and_loses_nothing),
		CORE_TEST(who_waits_has_no_document_in_memory),
		CORE_TEST(what_is_refused_has_cost_its_time),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
