#include "core/housekeeping.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/destroyed_journal.h"
#include "core/expire.h"
#include "core/health.h"
#include "core/mailbox_move.h"
#include "core/outbox.h"
#include "core/people_erase_rest.h"
#include "core/settings_live.h"
#include "core/signing.h"
#include "core/statistics.h"
#include "core/upload.h"
#include "store/mails.h"
#include "store/ways_in.h"

/* Finished mails tell the sender what became of them; after so long nobody asks. Links stay for a
 * while so that their page can say what became of them. */
enum { REPEATS_KEPT_HOURS = 24, FINISHED_KEPT_DAYS = 90, VOID_KEPT_DAYS = 1 };

struct sweep {
	int64_t now_ms;
	int64_t idle_before_ms;
	int64_t deleted; /* by the last batch */
};

static enum err write_sweep(struct db *db, void *argument)
{
	const struct sweep *sweep = argument;
	TRY(ways_in_delete_expired(db, sweep->now_ms, sweep->idle_before_ms));
	return repeats_delete_before(db, sweep->now_ms - REPEATS_KEPT_HOURS * HOUR_MS);
}

static enum err write_batch(struct db *db, void *argument)
{
	struct sweep *sweep = argument;
	struct id finished = id_first_at(sweep->now_ms - FINISHED_KEPT_DAYS * DAY_MS);
	struct id voids = id_first_at(sweep->now_ms - VOID_KEPT_DAYS * DAY_MS);
	int64_t mails, links;
	TRY(mails_delete_finished(db, &finished, &voids, LIMIT_SWEEP_ROWS, &mails));
	TRY(ways_in_delete_old_links(db, sweep->now_ms - FINISHED_KEPT_DAYS * DAY_MS,
				     LIMIT_SWEEP_ROWS, &links));
	sweep->deleted = mails + links;
	return OK;
}

/* Each batch in memory of its own: a full Trash is many keys. */
static enum err sweep_all(struct cx *cx, enum err (*sweep)(struct cx *cx, size_t *ret_count))
{
	enum { BATCH_BYTES = 8 << 20 };
	for (int i = 0; i < LIMIT_SWEEP_BATCHES; i++) {
		struct arena arena CLEANUP_ARENA;
		struct cx batch = *cx;
		size_t count;
		arena_init(&arena, BATCH_BYTES);
		batch.arena = &arena;
		TRY(sweep(&batch, &count));
		if (count == 0)
			break;
	}
	return OK;
}

/* The last step also finishes what a reader was in the way of before. */
static enum err destroy_keys(struct cx *cx)
{
	people_erase_rest_sweep(cx);
	TRY(sweep_all(cx, expire_sweep));
	TRY(sweep_all(cx, expire_sweep_files));
	TRY(sweep_all(cx, mailbox_retire));
	TRY(sweep_all(cx, mailbox_empty_trash));
	mailbox_forget(cx);
	return OK;
}

static enum err sweep_files(struct cx *cx)
{
	size_t count;
	TRY(sweep_all(cx, upload_sweep));
	return upload_sweep_orphans(cx, &count);
}

enum err housekeeping_sweep(struct cx *cx)
{
	int64_t now_ms = cx_now_ms(cx);
	health_look(cx);
	struct sweep sweep = {
		.now_ms = now_ms,
		.idle_before_ms = now_ms - cx->portal->settings->session_idle_minutes * MINUTE_MS,
	};
	TRY(store_transact(cx->portal->store, write_sweep, &sweep, cx->arena));
	/* Small transactions, so that nobody waits long; what is left waits for the next sweep. */
	for (int i = 0; i < LIMIT_SWEEP_BATCHES; i++) {
		TRY(store_transact(cx->portal->store, write_batch, &sweep, cx->arena));
		if (sweep.deleted == 0)
			break;
	}
	TRY(destroy_keys(cx));
	TRY(sweep_all(cx, signing_sweep));
	TRY(sweep_files(cx));
	return statistics_sweep(cx);
}

void housekeeping_look(struct cx *cx)
{
	enum err err = settings_live_refresh(cx->portal);
	if (err != OK)
		log_event(LOG_WARN, "settings.not_read", LOG_CSTR("err", err_name(err)));
	outbox_look(cx);
	if (cx->portal->has_to_erase)
		people_erase_rest_sweep(cx);
	if (store_has_to_forget(cx->portal->store))
		mailbox_forget(cx);
	else
		destroyed_journal_flush(cx);
}
