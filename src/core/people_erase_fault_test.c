/* Erasing somebody (P1.7) that breaks off, wherever: they are wholly there, or their keys are gone
 * and the next sweep finishes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/fault_plan.h"
#include "core/file_test_support.h"
#include "core/housekeeping.h"
#include "core/people_erase.h"
#include "store/blob.h"
#include "store/store_direct.h"

enum { MOST = 400 };

/* `from` ends where their id belongs. */
static int64_t count(struct core_fixture *f, const char *from, const struct id *id)
{
	struct str sql = arena_printf(&f->arena, "SELECT COUNT(*) FROM %s = '%s'", from, id->text);
	char *text = store_direct_read(f->url, sql.data);
	assert_non_null(text);
	int64_t value = strtoll(text, NULL, 10);
	free(text);
	return value;
}

static bool is_erased(struct core_fixture *f, const struct id *id)
{
	return count(f, "users WHERE find_key = '' AND id", id) == 1;
}

/* What nobody who was erased may have. */
static int64_t left(struct core_fixture *f, const struct id *id)
{
	static const char *const from[] = {
		"ways_in WHERE user_id", "deliveries WHERE box <> 5 AND user_id",
		"mails WHERE user_id",   "files WHERE LENGTH(owner_wrapped) > 0 AND owner_id",
		"erasing WHERE user_id",
	};
	int64_t all = 0;
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		all += count(f, from[i], id);
	return all;
}

struct victim {
	struct session *session;
	struct str address;
	struct id file_id, given_id, message_id;
};

/* With a message, a file that somebody else has too, and one that nobody has. */
static struct victim begin(struct core_fixture *f, int n)
{
	struct victim person = {.address = arena_printf(&f->arena, "gabi%d@example.org", n)};
	person.session = core_fixture_person(f, person.address, STR("Gabi"), GRADE_GUEST);
	person.file_id = file_test_pdf(f, person.session, "own.pdf");
	person.given_id = file_test_pdf(f, person.session, "given.pdf");
	person.message_id =
		file_test_give(f, person.session, "admin@example.com", &person.given_id);
	core_fixture_take_mails(f);
	core_fixture_sleep(f, HOUR_MS);
	return person;
}

static enum err erase(struct core_fixture *f, const struct victim *person)
{
	struct arena arena CLEANUP_ARENA;
	struct form_errors errors = {.count = 0};
	struct cx cx = core_fixture_cx(f, NULL);
	arena_init(&arena, 16 << 20);
	cx.arena = &arena;
	return people_erase(&cx, &person->session->user.id, NULL, &errors);
}

static void sweep(struct core_fixture *f)
{
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(f, NULL);
	arena_init(&arena, 16 << 20);
	cx.arena = &arena;
	assert_int_equal(housekeeping_sweep(&cx), OK);
}

/* False: the n-th was not reached. */
static bool try_once(struct core_fixture *f, enum fault fault, int n)
{
	const struct victim person = begin(f, n);
	const struct id *id = &person.session->user.id;
	fault_plan_begin(fault, n);
	enum err err = erase(f, &person);
	bool was_reached = fault_plan_end();
	if (err != OK) {
		assert_false(is_erased(f, id));
		assert_int_equal(core_test_sign_in(f, person.address, CORE_FIXTURE_PASSWORD, NULL),
				 OK);
		assert_int_equal(erase(f, &person), OK);
	} else {
		assert_true(is_erased(f, id));
		assert_int_equal(count(f, "ways_in WHERE user_id", id), 0);
		assert_int_equal(core_fixture_problems(f), 0);
		/* As after a crash: what is to do stands in the database alone. */
		if (left(f, id) > 0)
			core_fixture_reopen(f);
		sweep(f);
	}
	if (left(f, id) != 0)
		fail_msg("%s %d: something is left", fault_plan_names[fault], n);
	assert_int_equal(core_fixture_problems(f), 0);
	f->admin = core_fixture_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD);
	assert_int_equal(file_test_read(f, f->admin, &person.given_id, &person.message_id), OK);
	assert_int_equal(file_test_read(f, f->admin, &person.file_id, NULL), ERR_NOT_FOUND);
	return was_reached;
}

static void between_its_transactions(void **state)
{
	int n = 1;
	while (try_once(*state, FAULT_COMMIT, n))
		n++;
	/* Keys, messages, mails, two files, one of them twice, the end. */
	assert_true(n > 6 && n < MOST);
}

/* Not at each: a person costs some time to make. */
static void at_some_statement(void **state)
{
	enum { STEP = 9 };
	int n = 1;
	while (try_once(*state, FAULT_QUERY, n))
		n += STEP;
	assert_true(n > STEP && n < MOST);
}

static void where_bytes_cannot_be_removed(void **state)
{
	assert_true(try_once(*state, FAULT_BLOB, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(between_its_transactions),
		CORE_TEST(at_some_statement),
		CORE_TEST(where_bytes_cannot_be_removed),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
