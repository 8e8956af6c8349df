/* Places among the workers; none runs. */
#include "pdf/workers.h"

#include "base/limits.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON_MS = 20, WAIT_MS = 60000, PEOPLE_MAX = 16 };

struct somebody {
	struct pdf_workers *workers;
	struct id who;
	pthread_t thread;
	struct pdf_place place;
	enum err err;
	int *next, order; /* in which they got it */
};

static struct id person(int number)
{
	struct id id = {.text = "00000000000000000000000000"};
	id.text[25] = (char)('A' + number);
	return id;
}

static struct pdf_workers *places(int count, int64_t wait_ms)
{
	struct pdf_workers *workers;
	assert_int_equal(pdf_workers_new(STR("none"), count, &workers), OK);
	pdf_workers_hurry(workers, 1000, wait_ms);
	return workers;
}

static enum err take(struct pdf_workers *workers, int number, struct pdf_place *place)
{
	struct id who = person(number);
	return pdf_place_take(workers, &who, place);
}

static void *wait_for_one(void *argument)
{
	struct somebody *it = argument;
	it->err = pdf_place_take(it->workers, &it->who, &it->place);
	if (it->err == OK)
		it->order = ++*it->next;
	pdf_place_leave(&it->place);
	return NULL;
}

/* They wait in this order. */
static void let_wait(struct pdf_workers *workers, struct somebody *people, const int *numbers,
		     int count, int *next)
{
	for (int i = 0; i < count; i++) {
		people[i] = (struct somebody){
			.workers = workers, .who = person(numbers[i]), .next = next};
		assert_int_equal(pthread_create(&people[i].thread, NULL, wait_for_one, &people[i]),
				 0);
		while (pdf_workers_waiting(workers) < i + 1)
			usleep(1000);
	}
}

static void join(struct somebody *people, int count)
{
	for (int i = 0; i < count; i++)
		pthread_join(people[i].thread, NULL);
}

static void more_than_there_are_wait(void **state)
{
	struct pdf_workers *workers = places(1, SOON_MS);
	struct pdf_place first, second;
	(void)state;
	assert_int_equal(take(workers, 0, &first), OK);
	assert_int_equal(take(workers, 1, &second), ERR_BUSY);
	pdf_place_leave(&second); /* was never given */
	pdf_place_leave(&first);
	assert_int_equal(take(workers, 1, &second), OK);
	pdf_place_leave(&second);
	pdf_place_leave(&second);
	pdf_workers_free(workers);
}

static void who_came_first_is_first(void **state)
{
	static const int numbers[] = {1, 2, 3, 4};
	struct somebody people[4];
	struct pdf_workers *workers = places(1, WAIT_MS);
	struct pdf_place first;
	int next = 0;
	(void)state;
	assert_int_equal(take(workers, 0, &first), OK);
	let_wait(workers, people, numbers, 4, &next);
	pdf_place_leave(&first);
	join(people, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(people[i].err, OK);
		assert_int_equal(people[i].order, i + 1);
	}
	pdf_workers_free(workers);
}

/* Those who ask for nothing but a page must find a thread that answers. */
static void so_many_wait_and_no_more(void **state)
{
	static const int numbers[] = {1, 2, 3, 4};
	struct somebody people[4];
	struct pdf_workers *workers = places(1, WAIT_MS);
	struct pdf_place first, other;
	int next = 0;
	(void)state;
	assert_int_equal(take(workers, 0, &first), OK);
	let_wait(workers, people, numbers, 4, &next);
	assert_int_equal(take(workers, 5, &other), ERR_BUSY);
	pdf_place_leave(&first);
	join(people, 4);
	pdf_workers_free(workers);
}

static void nobody_has_more_jobs_than_two(void **state)
{
	struct pdf_workers *workers = places(4, WAIT_MS);
	struct pdf_place own[LIMIT_PDF_JOBS_EACH + 1], other;
	(void)state;
	for (int i = 0; i < LIMIT_PDF_JOBS_EACH; i++)
		assert_int_equal(take(workers, 0, &own[i]), OK);
	assert_int_equal(take(workers, 0, &own[LIMIT_PDF_JOBS_EACH]), ERR_BUSY);
	assert_int_equal(take(workers, 1, &other), OK);
	pdf_place_leave(&own[0]);
	assert_int_equal(take(workers, 0, &own[0]), OK);
	for (int i = 0; i < LIMIT_PDF_JOBS_EACH; i++)
		pdf_place_leave(&own[i]);
	pdf_place_leave(&other);
	pdf_workers_free(workers);
}

static void what_waits_counts_as_well(void **state)
{
	static const int numbers[] = {1, 1};
	struct somebody people[2];
	struct pdf_workers *workers = places(1, WAIT_MS);
	struct pdf_place first, other;
	int next = 0;
	(void)state;
	assert_int_equal(take(workers, 0, &first), OK);
	let_wait(workers, people, numbers, 2, &next);
	assert_int_equal(take(workers, 1, &other), ERR_BUSY);
	pdf_place_leave(&first);
	join(people, 2);
	pdf_workers_free(workers);
}

static void nobody_has_all_of_several(void **state)
{
	static const int numbers[] = {0};
	struct somebody people[1];
	struct pdf_workers *workers = places(2, WAIT_MS);
	struct pdf_place first, other;
	int next = 0;
	(void)state;
	assert_int_equal(take(workers, 0, &first), OK);
	/* The second one of the same person waits, and is overtaken. */
	let_wait(workers, people, numbers, 1, &next);
	assert_int_equal(take(workers, 1, &other), OK);
	pdf_place_leave(&other);
	assert_int_equal(pdf_workers_waiting(workers), 1);
	pdf_place_leave(&first);
	join(people, 1);
	assert_int_equal(people[0].err, OK);
	pdf_workers_free(workers);
}

static void a_long_job_lets_others_go_first(void **state)
{
	static const int numbers[] = {1, 2};
	struct somebody people[2];
	struct pdf_workers *workers = places(1, WAIT_MS);
	struct pdf_place first;
	int next = 0;
	(void)state;
	assert_int_equal(take(workers, 0, &first), OK);
	assert_int_equal(pdf_place_pass(&first), OK); /* nobody waits */
	let_wait(workers, people, numbers, 2, &next);
	assert_int_equal(pdf_place_pass(&first), OK);
	assert_int_equal(next, 2);
	pdf_place_leave(&first);
	join(people, 2);
	pdf_workers_free(workers);
}

static void *keep_one(void *argument)
{
	struct somebody *it = argument;
	it->err = pdf_place_take(it->workers, &it->who, &it->place);
	return NULL;
}

static void what_does_not_come_back_is_left(void **state)
{
	struct pdf_workers *workers = places(1, WAIT_MS);
	struct somebody other = {.workers = workers, .who = person(1)};
	struct pdf_place first;
	(void)state;
	assert_int_equal(take(workers, 0, &first), OK);
	assert_int_equal(pthread_create(&other.thread, NULL, keep_one, &other), 0);
	while (pdf_workers_waiting(workers) < 1)
		usleep(1000);
	pdf_workers_hurry(workers, 1000, SOON_MS);
	assert_int_equal(pdf_place_pass(&first), ERR_BUSY);
	pdf_place_leave(&first);
	pthread_join(other.thread, NULL);
	assert_int_equal(other.err, OK);
	pdf_place_leave(&other.place);
	assert_int_equal(take(workers, 0, &first), OK);
	pdf_place_leave(&first);
	pdf_workers_free(workers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_than_there_are_wait),
		cmocka_unit_test(who_came_first_is_first),
		cmocka_unit_test(so_many_wait_and_no_more),
		cmocka_unit_test(nobody_has_more_jobs_than_two),
		cmocka_unit_test(what_waits_counts_as_well),
		cmocka_unit_test(nobody_has_all_of_several),
		cmocka_unit_test(a_long_job_lets_others_go_first),
		cmocka_unit_test(what_does_not_come_back_is_left),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
