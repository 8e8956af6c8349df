#include "base/beside.h"

#include <pthread.h>
#include <stdlib.h>

struct beside {
	pthread_mutex_t lock;
	pthread_cond_t given, done;
	pthread_t thread;
	bool has_thread, is_ending;
	struct beside_work *work; /* not taken yet, or being done */
};

static void do_one(struct beside *beside)
{
	struct beside_work *work = beside->work;
	work->state = BESIDE_TAKEN;
	pthread_mutex_unlock(&beside->lock);
	work->run(work->argument);
	pthread_mutex_lock(&beside->lock);
	work->state = BESIDE_DONE;
	beside->work = NULL;
	pthread_cond_broadcast(&beside->done);
}

static void *work_for_others(void *argument)
{
	struct beside *beside = argument;
	pthread_mutex_lock(&beside->lock);
	while (!beside->is_ending) {
		if (beside->work && beside->work->state == BESIDE_WAITING)
			do_one(beside);
		else
			pthread_cond_wait(&beside->given, &beside->lock);
	}
	pthread_mutex_unlock(&beside->lock);
	return NULL;
}

enum err beside_new(struct beside **ret)
{
	struct beside *beside = calloc(1, sizeof(*beside));
	if (beside == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&beside->lock, NULL);
	pthread_cond_init(&beside->given, NULL);
	pthread_cond_init(&beside->done, NULL);
	*ret = beside;
	return OK;
}

void beside_free(struct beside *beside)
{
	if (beside == NULL)
		return;
	pthread_mutex_lock(&beside->lock);
	beside->is_ending = true;
	pthread_cond_signal(&beside->given);
	pthread_mutex_unlock(&beside->lock);
	if (beside->has_thread)
		pthread_join(beside->thread, NULL);
	pthread_cond_destroy(&beside->given);
	pthread_cond_destroy(&beside->done);
	pthread_mutex_destroy(&beside->lock);
	free(beside);
}

void beside_begin(struct beside *beside, struct beside_work *work)
{
	work->state = BESIDE_WAITING;
	pthread_mutex_lock(&beside->lock);
	if (!beside->has_thread)
		beside->has_thread =
			pthread_create(&beside->thread, NULL, work_for_others, beside) == 0;
	if (beside->has_thread && beside->work == NULL) {
		beside->work = work;
		pthread_cond_signal(&beside->given);
	}
	pthread_mutex_unlock(&beside->lock);
}

void beside_end(struct beside *beside, struct beside_work *work)
{
	pthread_mutex_lock(&beside->lock);
	while (work->state == BESIDE_TAKEN)
		pthread_cond_wait(&beside->done, &beside->lock);
	if (beside->work == work)
		beside->work = NULL;
	pthread_mutex_unlock(&beside->lock);
	if (work->state == BESIDE_WAITING)
		work->run(work->argument);
	work->state = BESIDE_DONE;
}
