#include "mail/worker.h"

#include "base/condition.h"
#include "base/log.h"
#include "mail/letter.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	ARENA_BYTES = 4 << 20,
	SLEEP_MIN_MS = 200, /* a mail that is due but held by another node must not make us spin */
	SLEEP_MAX_MS = 30 * 1000,
	PAUSE_FIRST_MS = 1000, /* after trouble with the server; doubled up to SLEEP_MAX_MS */
	SETTLE_TRIES = 10,
	SETTLE_WAIT_MS = 1000,
};

struct mail_worker {
	struct portal *portal;
	struct channel *channel; /* only the thread's */
	struct channel *next;    /* takes its place before the next letter; NULL: none */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_waiting_mail; /* mails were queued since we last looked */
	bool is_stopping;
	int64_t pause_ms; /* only the thread's: 0 while the server is well */
};

/* What ends a sleep besides stopping; each also what is before it. */
enum wake { WAKE_FOR_NOTHING, WAKE_FOR_CHANNEL, WAKE_FOR_MAIL };

static bool must_wake(const struct mail_worker *worker, enum wake wake)
{
	return worker->is_stopping || (wake >= WAKE_FOR_CHANNEL && worker->next) ||
	       (wake >= WAKE_FOR_MAIL && worker->is_waiting_mail);
}

/* Returns whether the time was slept to its end. */
static bool sleep_for(struct mail_worker *worker, int64_t ms, enum wake wake)
{
	struct timespec until = condition_deadline(ms);
	int timed_out = 0;
	pthread_mutex_lock(&worker->lock);
	while (!must_wake(worker, wake) && timed_out == 0)
		timed_out = pthread_cond_timedwait(&worker->changed, &worker->lock, &until);
	if (wake == WAKE_FOR_MAIL)
		worker->is_waiting_mail = false;
	pthread_mutex_unlock(&worker->lock);
	return timed_out != 0;
}

static void take_next_channel(struct mail_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	struct channel *next = worker->next;
	worker->next = NULL;
	pthread_mutex_unlock(&worker->lock);
	if (next == NULL)
		return;
	channel_close(worker->channel);
	worker->channel = next;
	worker->pause_ms = 0;
}

static bool is_stopping(struct mail_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	bool stopping = worker->is_stopping;
	pthread_mutex_unlock(&worker->lock);
	return stopping;
}

static void hear_of_mail(void *argument)
{
	struct mail_worker *worker = argument;
	pthread_mutex_lock(&worker->lock);
	worker->is_waiting_mail = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
}

static void log_outcome(const struct outbox_mail *mail, const struct mail_outcome *outcome)
{
	static const struct {
		enum log_level level;
		const char *event;
	} outcomes[] = {
		[OUTBOX_ACCEPTED] = {LOG_INFO, "mail.accepted"},
		[OUTBOX_RETRY] = {LOG_WARN, "mail.retry"},
		[OUTBOX_BOUNCED] = {LOG_WARN, "mail.bounced"},
	};
	log_event(outcomes[outcome->result].level, outcomes[outcome->result].event,
		  LOG_STR("mail", id_str(&mail->id)), LOG_INT("attempt", mail->attempts + 1),
		  LOG_STR("status",
			  transport_status((struct str){outcome->reply, outcome->reply_len})));
}

static void send_mail(struct mail_worker *worker, struct cx *cx, const struct outbox_mail *mail,
		      struct mail_outcome *ret)
{
	struct letter letter;
	enum err err = letter_make(cx, mail, worker->channel->from,
				   worker->channel->transport->is_8bit_carried, &letter);
	if (err == OK) {
		transport_deliver(worker->channel->transport, &letter, ret);
		return;
	}
	log_event(LOG_ERROR, "mail.unwritable", LOG_STR("mail", id_str(&mail->id)),
		  LOG_CSTR("why", err_name(err)));
	transport_say(ret, err == ERR_INVALID ? OUTBOX_BOUNCED : OUTBOX_RETRY, err != ERR_INVALID,
		      text_get(language_find(STR("en")), TEXT_MAIL_REPLY_UNWRITABLE));
}

/* A letter that was accepted and not noted would be sent again, so this insists; not for ever, as
 * the portal may be ending. */
static void settle(struct mail_worker *worker, struct cx *cx, const struct outbox_mail *mail,
		   const struct mail_outcome *outcome)
{
	struct str reply = {outcome->reply, outcome->reply_len};
	for (int i = 0; i < SETTLE_TRIES; i++) {
		enum err err = outbox_settle(cx, mail, outcome->result, reply);
		if (err == OK || err == ERR_NOT_FOUND)
			return;
		log_event(LOG_ERROR, "mail.unsettled", LOG_STR("mail", id_str(&mail->id)),
			  LOG_CSTR("why", err_name(err)));
		if (is_stopping(worker))
			return;
		(void)sleep_for(worker, SETTLE_WAIT_MS, WAKE_FOR_NOTHING);
	}
}

/* While the server is out of reach, mails wait in the queue and are not spent on it one by one:
 * each pause tries one. */
static void pause_after(struct mail_worker *worker, const struct mail_outcome *outcome)
{
	if (!outcome->is_trouble) {
		worker->pause_ms = 0;
		return;
	}
	worker->pause_ms = worker->pause_ms > 0 ? 2 * worker->pause_ms : PAUSE_FIRST_MS;
	if (worker->pause_ms > SLEEP_MAX_MS)
		worker->pause_ms = SLEEP_MAX_MS;
	transport_rest(worker->channel->transport);
	(void)sleep_for(worker, worker->pause_ms, WAKE_FOR_CHANNEL);
}

static int64_t sleep_until(const struct cx *cx, int64_t due_ms)
{
	int64_t left = due_ms > 0 ? due_ms - cx_now_ms(cx) : SLEEP_MAX_MS;
	if (left < SLEEP_MIN_MS)
		return SLEEP_MIN_MS;
	return left > SLEEP_MAX_MS ? SLEEP_MAX_MS : left;
}

/* One mail, or one sleep. */
static void work_once(struct mail_worker *worker)
{
	struct arena arena CLEANUP_ARENA;
	struct outbox_mail mail = {0};
	struct mail_outcome outcome;
	int64_t due_ms = 0;
	arena_init(&arena, ARENA_BYTES);
	struct cx cx = {
		.arena = &arena, .portal = worker->portal, .language = language_find(STR("en"))};
	enum err err = outbox_claim(&cx, OUTBOX_CLAIM_MS, &mail, &due_ms);
	if (err == OK) {
		send_mail(worker, &cx, &mail, &outcome);
		log_outcome(&mail, &outcome);
		worker->portal->health.is_mail_down = outcome.is_trouble;
		worker->portal->health.mail_ms = cx_now_ms(&cx);
		settle(worker, &cx, &mail, &outcome);
		pause_after(worker, &outcome);
		return;
	}
	if (err != ERR_NOT_FOUND)
		log_event(LOG_ERROR, "mail.unclaimed", LOG_CSTR("why", err_name(err)));
	int64_t sleep_ms = err == ERR_NOT_FOUND ? sleep_until(&cx, due_ms) : PAUSE_FIRST_MS;
	arena_release(&arena);
	if (sleep_for(worker, sleep_ms, err == ERR_NOT_FOUND ? WAKE_FOR_MAIL : WAKE_FOR_CHANNEL))
		transport_rest(worker->channel->transport);
}

static void *run(void *argument)
{
	struct mail_worker *worker = argument;
	while (!is_stopping(worker)) {
		take_next_channel(worker);
		work_once(worker);
	}
	return NULL;
}

static enum err start_thread(struct mail_worker *worker)
{
	condition_init(&worker->changed);
	pthread_mutex_init(&worker->lock, NULL);
	worker->portal->mail_argument = worker;
	worker->portal->mail_waiting = hear_of_mail;
	if (pthread_create(&worker->thread, NULL, run, worker) == 0)
		return OK;
	worker->portal->mail_waiting = NULL;
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	return ERR_UNAVAILABLE;
}

static void worker_free(struct mail_worker *worker)
{
	channel_close(worker->channel);
	channel_close(worker->next);
	free(worker);
}

enum err mail_worker_start(const struct channel_options *options, struct mail_worker **ret)
{
	struct mail_worker *worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return ERR_UNAVAILABLE;
	worker->portal = options->portal;
	enum err err = channel_open(options, &worker->channel);
	if (err == OK)
		err = start_thread(worker);
	if (err != OK) {
		worker_free(worker);
		return err;
	}
	*ret = worker;
	return OK;
}

enum err mail_worker_change(struct mail_worker *worker, const struct channel_options *options)
{
	struct channel *next = NULL;
	TRY(channel_open(options, &next));
	pthread_mutex_lock(&worker->lock);
	struct channel *unused = worker->next;
	worker->next = next;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	channel_close(unused);
	return OK;
}

void mail_worker_stop(struct mail_worker *worker)
{
	if (worker == NULL)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->is_stopping = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	worker->portal->mail_waiting = NULL;
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	worker_free(worker);
}
