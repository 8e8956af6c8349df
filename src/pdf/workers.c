/* How many workers run at once, and who is next. */
#include "pdf/workers.h"

#include "base/condition.h"
#include "base/limits.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whoever waits keeps one of the portal's threads from everybody else. */
enum { WAITING_EACH = 4, PASS_PATIENCE = 3 };

struct pdf_workers {
	pthread_mutex_t lock;
	pthread_cond_t is_given;  /* with the lock */
	struct pdf_place *places; /* with the lock: held or waited for, who came first in front */
	int place_count;
	int64_t patience_ms, wait_ms;
	char *program;
};

enum err pdf_workers_new(struct str program, int at_once, struct pdf_workers **ret)
{
	struct pdf_workers *workers = calloc(1, sizeof(*workers));
	char *path = strndup(program.data ? program.data : "", program.len);
	if (workers == NULL || path == NULL) {
		free(workers);
		free(path);
		return ERR_UNAVAILABLE;
	}
	*workers = (struct pdf_workers){.place_count = at_once > 0 ? at_once : 1,
					.patience_ms = LIMIT_PDF_SECONDS * 1000,
					.wait_ms = LIMIT_PDF_WAIT_MS,
					.program = path};
	pthread_mutex_init(&workers->lock, NULL);
	condition_init(&workers->is_given);
	*ret = workers;
	return OK;
}

void pdf_workers_free(struct pdf_workers *workers)
{
	if (workers == NULL)
		return;
	pthread_cond_destroy(&workers->is_given);
	pthread_mutex_destroy(&workers->lock);
	free(workers->program);
	free(workers);
}

void pdf_workers_hurry(struct pdf_workers *workers, int64_t patience_ms, int64_t wait_ms)
{
	workers->patience_ms = patience_ms;
	workers->wait_ms = wait_ms;
}

/* ---- places; all with the lock ---- */

/* who: NULL: anybody. */
static int count(const struct pdf_workers *workers, bool is_held, const struct id *who)
{
	int result = 0;
	for (const struct pdf_place *place = workers->places; place; place = place->next)
		result += place->is_held == is_held && (who == NULL || id_eq(&place->who, who));
	return result;
}

static void append(struct pdf_workers *workers, struct pdf_place *place)
{
	struct pdf_place **end = &workers->places;
	while (*end)
		end = &(*end)->next;
	place->is_held = false;
	place->next = NULL;
	*end = place;
}

static void take_out(struct pdf_workers *workers, struct pdf_place *place)
{
	struct pdf_place **at = &workers->places;
	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
}

/* Nobody has all of several. */
static bool may_have_one(const struct pdf_workers *workers, const struct id *who)
{
	int has = count(workers, true, who);
	return has == 0 || has < workers->place_count - 1;
}

static void give(struct pdf_workers *workers)
{
	int free_count = workers->place_count - count(workers, true, NULL);
	for (struct pdf_place *place = workers->places; place && free_count > 0;
	     place = place->next) {
		if (place->is_held || !may_have_one(workers, &place->who))
			continue;
		place->is_held = true;
		free_count--;
	}
	pthread_cond_broadcast(&workers->is_given);
}

static enum err await(struct pdf_workers *workers, struct pdf_place *place, int64_t wait_ms)
{
	struct timespec until = condition_deadline(wait_ms);
	int late = 0;
	append(workers, place);
	give(workers);
	while (!place->is_held && late == 0)
		late = pthread_cond_timedwait(&workers->is_given, &workers->lock, &until);
	if (place->is_held)
		return OK;
	take_out(workers, place);
	place->workers = NULL;
	return ERR_BUSY;
}

static enum err enter(struct pdf_workers *workers, struct pdf_place *place)
{
	bool is_crowded = count(workers, false, NULL) >= WAITING_EACH * workers->place_count;
	int own = count(workers, true, &place->who) + count(workers, false, &place->who);
	if (is_crowded || own >= LIMIT_PDF_JOBS_EACH)
		return ERR_BUSY;
	return await(workers, place, workers->wait_ms);
}

/* ---- */

enum err pdf_place_take(struct pdf_workers *workers, const struct id *who, struct pdf_place *ret)
{
	*ret = (struct pdf_place){.workers = workers, .who = *who};
	pthread_mutex_lock(&workers->lock);
	enum err err = enter(workers, ret);
	pthread_mutex_unlock(&workers->lock);
	if (err == OK)
		return OK;
	ret->workers = NULL;
	log_event(LOG_WARN, "pdf.busy", LOG_STR("user", id_str(who)));
	return err;
}

enum err pdf_place_pass(struct pdf_place *place)
{
	struct pdf_workers *workers = place->workers;
	enum err err = OK;
	pthread_mutex_lock(&workers->lock);
	if (count(workers, false, NULL) > 0) {
		take_out(workers, place);
		/* Much of it is done. */
		err = await(workers, place, PASS_PATIENCE * workers->wait_ms);
	}
	pthread_mutex_unlock(&workers->lock);
	return err;
}

void pdf_place_leave(struct pdf_place *place)
{
	struct pdf_workers *workers = place->workers;
	if (workers == NULL)
		return;
	pthread_mutex_lock(&workers->lock);
	take_out(workers, place);
	give(workers);
	pthread_mutex_unlock(&workers->lock);
	place->workers = NULL;
}

int pdf_workers_waiting(struct pdf_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	int result = count(workers, false, NULL);
	pthread_mutex_unlock(&workers->lock);
	return result;
}

enum err pdf_workers_run(struct pdf_workers *workers, const struct worker_run *run,
			 struct wire *ret_answer, enum pdf_refusal *ret_refusal)
{
	if (run->document->bytes == 0) {
		*ret_refusal = PDF_NOT_A_PDF;
		return ERR_INVALID;
	}
	enum pdf_refusal refusal = PDF_FINE;
	enum err err = worker_run(workers->program, workers->patience_ms, run, &refusal);
	struct wire answer;
	if (err == OK)
		err = answer_read(buf_str(run->answer), &answer, &refusal);
	if (err == OK && refusal != PDF_FINE)
		err = ERR_INVALID;
	if (err == ERR_INTERNAL)
		log_event(LOG_ERROR, "pdf.nonsense", LOG_INT("kind", run->job->kind));
	if (err == OK)
		*ret_answer = answer;
	if (err == ERR_INVALID)
		*ret_refusal = refusal;
	return err;
}
