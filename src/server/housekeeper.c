#include "server/housekeeper.h"

#include "base/condition.h"
#include "base/log.h"
#include "core/audit_checkpoint.h"
#include "core/housekeeping.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum {
	SWEEP_EVERY_MS = HOUSEKEEPING_EVERY_MINUTES * 60 * 1000,
	/* Settings changed by another process hold this soon, and its mails go. Destroyed keys are
	   out of the database's files within a minute: so often it is tried when readers are in the
	   way. */
	LOOK_EVERY_MS = 2 * 1000,
	ARENA_BYTES = 1 << 20,
	AUDIT_ARENA_BYTES = 1 << 20,
};

struct housekeeper {
	struct portal *portal;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stopping;
	bool is_stopping;
};

static void sweep(struct portal *portal)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, ARENA_BYTES);
	struct cx cx = {.arena = &arena, .portal = portal, .language = language_find(STR("en"))};
	enum err err = housekeeping_sweep(&cx);
	if (err != OK)
		log_event(LOG_WARN, "housekeeping.failed", LOG_CSTR("err", err_name(err)));
}

/* What is wrong with the log is in the log of the server: portals go on. */
static void sign_audit_log(struct portal *portal)
{
	struct arena arena CLEANUP_ARENA;
	int64_t number;
	arena_init(&arena, AUDIT_ARENA_BYTES);
	struct cx cx = {.arena = &arena, .portal = portal, .language = language_find(STR("en"))};
	enum err err = audit_checkpoint_write(&cx, portal->checkpoints, &number);
	if (err != OK)
		log_event(LOG_ERROR, "audit.not_signed", LOG_CSTR("err", err_name(err)));
}

static void look(struct portal *portal)
{
	struct cx cx = {.portal = portal};
	housekeeping_look(&cx);
}

/* Whether to go on after the pause. */
static bool pause_between(struct housekeeper *housekeeper)
{
	struct timespec until = condition_deadline(LOOK_EVERY_MS);
	pthread_mutex_lock(&housekeeper->lock);
	int result = 0;
	while (!housekeeper->is_stopping && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&housekeeper->stopping, &housekeeper->lock, &until);
	bool goes_on = !housekeeper->is_stopping;
	pthread_mutex_unlock(&housekeeper->lock);
	return goes_on;
}

static void *run(void *argument)
{
	struct housekeeper *housekeeper = argument;
	int rest_ms = 0;
	do {
		if (rest_ms <= 0) {
			sweep(housekeeper->portal);
			sign_audit_log(housekeeper->portal);
			rest_ms = SWEEP_EVERY_MS;
		}
		look(housekeeper->portal);
		rest_ms -= LOOK_EVERY_MS;
	} while (pause_between(housekeeper));
	sign_audit_log(housekeeper->portal);
	return NULL;
}

enum err housekeeper_start(struct portal *portal, struct housekeeper **ret)
{
	struct housekeeper *housekeeper = calloc(1, sizeof(*housekeeper));
	if (housekeeper == NULL)
		return ERR_UNAVAILABLE;
	housekeeper->portal = portal;
	pthread_mutex_init(&housekeeper->lock, NULL);
	condition_init(&housekeeper->stopping);
	if (pthread_create(&housekeeper->thread, NULL, run, housekeeper) != 0) {
		free(housekeeper);
		return ERR_UNAVAILABLE;
	}
	*ret = housekeeper;
	return OK;
}

void housekeeper_stop(struct housekeeper *housekeeper)
{
	if (housekeeper == NULL)
		return;
	pthread_mutex_lock(&housekeeper->lock);
	housekeeper->is_stopping = true;
	pthread_cond_signal(&housekeeper->stopping);
	pthread_mutex_unlock(&housekeeper->lock);
	pthread_join(housekeeper->thread, NULL);
	pthread_cond_destroy(&housekeeper->stopping);
	pthread_mutex_destroy(&housekeeper->lock);
	free(housekeeper);
}
