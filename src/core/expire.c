#include "core/expire.h"

#include "base/limits.h"
#include "base/log.h"
#include "store/deliveries.h"

struct expiring {
	struct delivery *deliveries;
	size_t count;
	int64_t now_ms;
};

/* The sealed notice key takes the place of the key: nobody's private key is needed. */
static struct delivery ended(const struct delivery *delivery, int64_t now_ms)
{
	struct delivery next = *delivery;
	next.sealed = delivery->notice;
	next.wrapped = next.notice = next.reason = STR("");
	next.ended = DELIVERY_EXPIRED;
	next.ended_ms = now_ms;
	return next;
}

static enum err write_ends(struct db *db, void *argument)
{
	const struct expiring *expiring = argument;
	for (size_t i = 0; i < expiring->count; i++) {
		struct delivery next = ended(&expiring->deliveries[i], expiring->now_ms);
		enum err err = deliveries_end(db, &expiring->deliveries[i], &next);
		/* Recalled or deleted meanwhile; or its key is another now, and the next sweep
		 * finds it. */
		if (err != ERR_NOT_FOUND)
			TRY(err);
	}
	return OK;
}

static enum err read_expired(struct cx *cx, struct expiring *expiring)
{
	struct db *db CLEANUP_READ = NULL;
	int64_t bad;
	TRY(store_read_begin(cx->portal->store, &db));
	return deliveries_expired(db, cx->arena, expiring->now_ms, LIMIT_SWEEP_ROWS,
				  &expiring->deliveries, &expiring->count, &bad);
}

enum err expire_sweep(struct cx *cx, size_t *ret_count)
{
	struct expiring expiring = {.now_ms = cx_now_ms(cx)};
	TRY(read_expired(cx, &expiring));
	if (expiring.count > 0) {
		TRY(store_transact(cx->portal->store, write_ends, &expiring, NULL));
		log_event(LOG_INFO, "message.expired",
			  LOG_INT("deliveries", (int64_t)expiring.count));
	}
	*ret_count = expiring.count;
	return OK;
}
