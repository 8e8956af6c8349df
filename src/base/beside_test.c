#include "base/beside.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { THREADS = 4, TIMES = 2000 };

struct sum {
	int64_t value; /* of one thread: nobody else may touch it at the same time */
	pthread_t by;
	_Atomic bool is_added;
};

static void add(void *argument)
{
	struct sum *sum = argument;
	sum->value++;
	sum->by = pthread_self();
	sum->is_added = true;
}

static void *keep_adding(void *argument)
{
	struct beside *beside = argument;
	struct sum sum = {.value = 0};
	for (int i = 0; i < TIMES; i++) {
		struct beside_work work = {.run = add, .argument = &sum};
		beside_begin(beside, &work);
		beside_end(beside, &work);
		if (work.state != BESIDE_DONE)
			return NULL;
	}
	return (void *)(intptr_t)sum.value;
}

static void each_piece_is_done_once(void **state)
{
	struct beside *beside;
	pthread_t threads[THREADS];
	(void)state;
	assert_int_equal(beside_new(&beside), OK);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, keep_adding, beside), 0);
	for (int i = 0; i < THREADS; i++) {
		void *done;
		pthread_join(threads[i], &done);
		assert_int_equal((intptr_t)done, TIMES);
	}
	beside_free(beside);
}

static void wait_until_added(const struct sum *sum)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	while (!sum->is_added)
		nanosleep(&pause, NULL);
}

static void who_is_idle_does_it(void **state)
{
	struct beside *beside;
	struct sum sum = {.value = 0};
	struct beside_work work = {.run = add, .argument = &sum};
	(void)state;
	assert_int_equal(beside_new(&beside), OK);
	beside_begin(beside, &work);
	wait_until_added(&sum);
	beside_end(beside, &work);
	assert_int_equal(sum.value, 1);
	assert_false(pthread_equal(sum.by, pthread_self()));
	beside_free(beside);
}

static void hold(void *argument)
{
	pthread_mutex_lock(argument);
	pthread_mutex_unlock(argument);
}

static void who_is_busy_leaves_it_to_the_caller(void **state)
{
	struct beside *beside;
	pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;
	struct sum sum = {.value = 0};
	struct beside_work first = {.run = hold, .argument = &busy};
	struct beside_work second = {.run = add, .argument = &sum};
	(void)state;
	assert_int_equal(beside_new(&beside), OK);
	pthread_mutex_lock(&busy);
	beside_begin(beside, &first);
	beside_begin(beside, &second);
	beside_end(beside, &second);
	assert_int_equal(sum.value, 1);
	assert_true(pthread_equal(sum.by, pthread_self()));
	pthread_mutex_unlock(&busy);
	beside_end(beside, &first);
	beside_free(beside);
}

static void nothing_to_do_is_fine(void **state)
{
	struct beside *beside;
	(void)state;
	assert_int_equal(beside_new(&beside), OK);
	beside_free(beside);
	beside_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_piece_is_done_once),
		cmocka_unit_test(who_is_idle_does_it),
		cmocka_unit_test(who_is_busy_leaves_it_to_the_caller),
		cmocka_unit_test(nothing_to_do_is_fine),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
