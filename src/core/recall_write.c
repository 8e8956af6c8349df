/* The transaction of a recall: keys, mails, tracks and the entry, all or nothing. */
#include "base/limits.h"
#include "core/audit_log.h"
#include "core/recall_reach.h"
#include "core/recalling.h"
#include "store/destructions.h"
#include "store/mails.h"
#include "store/tracks.h"

static const struct message_holder *find_prepared(const struct recalling *recalling,
						  const struct message_holder *now)
{
	size_t from = 0, to = recalling->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct message_holder *holder = &recalling->holders[middle];
		int order = str_compare(id_str(&holder->delivery.user_id),
					id_str(&now->delivery.user_id));
		if (order == 0)
			return holder;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static enum err write_track(struct db *db, const struct recalling *recalling,
			    const struct id *user_id)
{
	const struct track track = {
		.message_id = recalling->message.id,
		.user_id = *user_id,
		.kind = TRACK_RECALLED,
		.at_ms = recalling->now_ms,
	};
	return tracks_add(db, &track);
}

/* Whoever got it meanwhile, or has another key pair now, is prepared for in the next try. */
static enum err write_end(struct db *db, struct recalling *recalling,
			  const struct message_holder *now)
{
	const struct message_holder *prepared = find_prepared(recalling, now);
	int64_t mails;
	if (prepared == NULL || prepared->delivery.ended != recalling->end ||
	    prepared->is_user_authentic != now->is_user_authentic ||
	    prepared->user.version != now->user.version)
		return ERR_CONFLICT;
	TRY(deliveries_end(db, &now->delivery, &prepared->delivery));
	TRY(mails_cancel_notification(db, &now->delivery.user_id, &now->delivery.message_id,
				      &mails));
	recalling->recalled.keys++;
	recalling->recalled.mails += mails;
	if (recalling->end == DELIVERY_EXPIRED)
		return OK;
	return write_track(db, recalling, &now->delivery.user_id);
}

static enum err write_destruction(struct db *db, const struct recalling *recalling, bool is_whole)
{
	const struct destruction destruction = {
		.id = id_new(recalling->now_ms),
		.message_id = recalling->message.id,
		.user_id = recalling->message.sender_id,
		.cause = DESTRUCTION_RECALL,
		.at_ms = recalling->now_ms,
		.keys = recalling->recalled.keys,
		.mails = recalling->recalled.mails,
		.is_whole = is_whole,
	};
	return destructions_insert(db, &destruction);
}

/* When all this had happened before: the time of the last of it. */
static int64_t time_before(const struct recalling *recalling, const struct message_holder *holders,
			   const bool *is_reached, size_t count)
{
	int64_t last_ms = 0;
	if (recalling->wish->is_whole && recalling->message.recalled_ms > 0)
		return recalling->message.recalled_ms;
	for (size_t i = 0; i < count; i++) {
		if (is_reached[i] && holders[i].delivery.ended_ms > last_ms)
			last_ms = holders[i].delivery.ended_ms;
	}
	return last_ms > 0 ? last_ms : recalling->now_ms;
}

/* Whose keys went, so that whoever looks later can tell whether one is back. */
static enum err write_log(struct db *db, struct recalling *recalling, bool is_whole,
			  const struct id *reached, size_t count)
{
	const struct audit_act act = {
		.kind = AUDIT_RECALL,
		.object_id = recalling->message.id,
		.reached = reached,
		.reached_count = is_whole ? 0 : count,
		.is_whole = is_whole,
	};
	TRY(audit_log(recalling->cx, db, &act));
	return file_reach_log(recalling->cx, db, &recalling->files);
}

/* is_whole: nobody has it any more. */
static enum err write_entry(struct db *db, struct recalling *recalling, bool is_whole,
			    const struct id *reached, size_t reached_count)
{
	bool is_news = recalling->recalled.keys > 0;
	if (is_whole && (is_news || recalling->wish->is_whole)) {
		enum err err = messages_set_recalled(db, &recalling->message, recalling->now_ms);
		if (err != OK && err != ERR_NOT_FOUND)
			return err;
		is_news = is_news || err == OK;
	}
	recalling->recalled.is_repeat = !is_news;
	if (!is_news)
		return OK;
	recalling->recalled.recalled_ms = recalling->now_ms;
	TRY(write_destruction(db, recalling, is_whole));
	return write_log(db, recalling, is_whole, reached, reached_count);
}

static enum err end_files(struct db *db, struct recalling *recalling,
			  const struct message_holder *holders, size_t count,
			  const bool *is_reached)
{
	const struct file_reach_from from = {
		.sender_id = recalling->message.sender_id,
		.holders = holders,
		.count = count,
		.is_reached = is_reached,
		.is_whole = recalling->from.is_whole,
	};
	recalling->files = (struct file_reach){
		.arena = recalling->cx->arena, .now_ms = recalling->now_ms, .end = recalling->end};
	TRY(file_reach_end_all(db, &recalling->files, &recalling->message.id, &from));
	recalling->recalled.keys += recalling->files.keys;
	return OK;
}

enum err recall_write(struct db *db, void *argument)
{
	struct recalling *recalling = argument;
	struct arena own CLEANUP_ARENA; /* it may run again */
	struct arena *arena = &own;
	struct message_holder *holders;
	size_t count, reached_count = 0;
	bool *is_reached, is_whole = true;
	int64_t bad;
	arena_init(&own, LIMIT_RECALL_ARENA);
	recalling->recalled = (struct recalled){.keys = 0};
	TRY(messages_holders(db, arena, &recalling->message.id, &holders, &count));
	TRY(recall_reach(arena, holders, count, &recalling->from, &is_reached));
	struct id *reached = ARENA_ARRAY(arena, count + 1, struct id);
	if (reached == NULL)
		return ERR_UNAVAILABLE;
	recalling->recalled.recalled_ms = time_before(recalling, holders, is_reached, count);
	for (size_t i = 0; i < count; i++) {
		if (!recall_reach_is_live(&holders[i].delivery))
			continue;
		if (!is_reached[i]) {
			is_whole = false;
			continue;
		}
		TRY(write_end(db, recalling, &holders[i]));
		reached[reached_count++] = holders[i].delivery.user_id;
	}
	TRY(deliveries_wipe_bad(db, arena, &recalling->message.id, &bad));
	recalling->recalled.keys += bad;
	TRY(end_files(db, recalling, holders, count, is_reached));
	return write_entry(db, recalling, is_whole, reached, reached_count);
}
