#include "core/expire.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/download.h"
#include "core/file_reach.h"
#include "store/deliveries.h"

struct expiring {
	struct cx *cx;
	struct delivery *deliveries;
	size_t count;
	int64_t *file_counts; /* of their messages */
	int64_t now_ms;
	struct file_reach files; /* that were sent on */
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

/* Their keys have ended with the delivery; what this reader sent on of them goes too. */
static enum err end_files(struct db *db, struct expiring *expiring, const struct delivery *delivery)
{
	struct arena arena CLEANUP_ARENA;
	struct message_copy copy;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	TRY(messages_get_head(db, &arena, &delivery->user_id, &delivery->message_id, &copy));
	const struct file_reach_from from = {.sender_id = copy.message.sender_id,
					     .only = delivery->user_id};
	return file_reach_end_all(db, &expiring->files, &delivery->message_id, &from);
}

static enum err write_end(struct db *db, struct expiring *expiring, size_t i)
{
	const struct delivery *delivery = &expiring->deliveries[i];
	struct delivery next = ended(delivery, expiring->now_ms);
	enum err err = deliveries_end(db, delivery, &next);
	/* Recalled or deleted meanwhile; or its key is another now, and the next sweep finds it. */
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	return expiring->file_counts[i] > 0 ? end_files(db, expiring, delivery) : OK;
}

static enum err write_ends(struct db *db, void *argument)
{
	struct expiring *expiring = argument;
	expiring->files = (struct file_reach){
		.arena = expiring->cx->arena, .now_ms = expiring->now_ms, .end = DELIVERY_EXPIRED};
	for (size_t i = 0; i < expiring->count; i++)
		TRY(write_end(db, expiring, i));
	return OK;
}

static enum err count_files(struct cx *cx, struct db *db, struct expiring *expiring)
{
	struct id *ids = ARENA_ARRAY(cx->arena, expiring->count + 1, struct id);
	expiring->file_counts = ARENA_ARRAY(cx->arena, expiring->count + 1, int64_t);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < expiring->count; i++)
		ids[i] = expiring->deliveries[i].message_id;
	return message_files_count(db, ids, expiring->count, expiring->file_counts);
}

static enum err read_expired(struct cx *cx, struct expiring *expiring)
{
	struct db *db CLEANUP_READ = NULL;
	int64_t bad;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(deliveries_expired(db, cx->arena, expiring->now_ms, LIMIT_SWEEP_ROWS,
			       &expiring->deliveries, &expiring->count, &bad));
	return count_files(cx, db, expiring);
}

static void tell(struct cx *cx, const struct expiring *expiring)
{
	for (size_t i = 0; i < expiring->count; i++)
		if (expiring->file_counts[i] > 0)
			download_check_rights(cx->portal, &expiring->deliveries[i].user_id);
	file_reach_tell(cx->portal, &expiring->files);
	log_event(LOG_INFO, "message.expired", LOG_INT("deliveries", (int64_t)expiring->count));
}

enum err expire_sweep(struct cx *cx, size_t *ret_count)
{
	struct expiring expiring = {.cx = cx, .now_ms = cx_now_ms(cx)};
	TRY(read_expired(cx, &expiring));
	if (expiring.count > 0) {
		TRY(store_transact(cx->portal->store, write_ends, &expiring, cx->arena));
		tell(cx, &expiring);
	}
	*ret_count = expiring.count;
	return OK;
}

/* ---- files that were sent on ---- */

struct expiring_files {
	struct cx *cx;
	struct file_passed_on *from;
	size_t count;
	struct file_reach files;
	int64_t now_ms;
};

static enum err write_ends_of_files(struct db *db, void *argument)
{
	struct expiring_files *expiring = argument;
	expiring->files = (struct file_reach){
		.arena = expiring->cx->arena, .now_ms = expiring->now_ms, .end = DELIVERY_EXPIRED};
	for (size_t i = 0; i < expiring->count; i++) {
		/* The date is the same for all of them. */
		const struct file_reach_from from = {.sender_id = expiring->from[i].sender_id,
						     .is_whole = true};
		TRY(file_reach_end_all(db, &expiring->files, &expiring->from[i].message_id, &from));
	}
	return OK;
}

static enum err read_expired_files(struct cx *cx, struct expiring_files *expiring)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return message_files_expired(db, cx->arena, expiring->now_ms, LIMIT_SWEEP_ROWS,
				     &expiring->from, &expiring->count);
}

enum err expire_sweep_files(struct cx *cx, size_t *ret_count)
{
	struct expiring_files expiring = {.cx = cx, .now_ms = cx_now_ms(cx)};
	TRY(read_expired_files(cx, &expiring));
	if (expiring.count > 0) {
		TRY(store_transact(cx->portal->store, write_ends_of_files, &expiring, cx->arena));
		file_reach_tell(cx->portal, &expiring.files);
		log_event(LOG_INFO, "file.expired", LOG_INT("keys", expiring.files.keys));
	}
	*ret_count = (size_t)expiring.files.keys;
	return OK;
}
