#include "core/housekeeping.h"

#include "store/mails.h"
#include "store/ways_in.h"

enum { REPEATS_KEPT_HOURS = 24 };

struct sweep {
	int64_t now_ms;
	int64_t idle_before_ms;
};

static enum err write_sweep(struct db *db, void *argument)
{
	const struct sweep *sweep = argument;
	TRY(ways_in_delete_expired(db, sweep->now_ms, sweep->idle_before_ms));
	return repeats_delete_before(db, sweep->now_ms - REPEATS_KEPT_HOURS * HOUR_MS);
}

enum err housekeeping_sweep(struct cx *cx)
{
	int64_t now_ms = cx_now_ms(cx);
	struct sweep sweep = {
		.now_ms = now_ms,
		.idle_before_ms = now_ms - cx->portal->settings.session_idle_minutes * MINUTE_MS,
	};
	return store_transact(cx->portal->store, write_sweep, &sweep, cx->arena);
}
