/* Recall and tracking, checked: nothing that was recalled can be read, every destruction has its
 * entry, and every track belongs to a recipient. */
#include "core/checking.h"
#include "store/destructions.h"
#include "store/tracks.h"

static const struct delivery *delivery_of(const struct delivery *deliveries, size_t count,
					  const struct id *user_id)
{
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&deliveries[i].user_id, user_id))
			return &deliveries[i];
	}
	return NULL;
}

static enum err check_tracks(struct checking *checking, struct db *db,
			     const struct message *message, const struct delivery *deliveries,
			     size_t count)
{
	struct track *tracks;
	size_t track_count;
	int64_t bad;
	TRY(tracks_of_message(db, &checking->arena, &message->id, &tracks, &track_count, &bad));
	checking_bad(checking, "A track was changed or planted from outside", bad);
	for (size_t i = 0; i < track_count; i++) {
		const struct delivery *delivery =
			delivery_of(deliveries, count, &tracks[i].user_id);
		/* One whose delivery fails its check was told of before. */
		if (delivery &&
		    (delivery->kind == RECIPIENT_FROM || delivery->kind == RECIPIENT_QUOTED))
			checking_problem(checking, "A track is of somebody who is no recipient",
					 id_str(&message->id));
	}
	checking->report.tracks += (int64_t)track_count;
	return OK;
}

/* How many were recalled; nobody but the sender may have one that is not, when all were. */
static size_t count_recalled(struct checking *checking, const struct message *message,
			     const struct delivery *deliveries, size_t count)
{
	size_t recalled = 0;
	for (size_t i = 0; i < count; i++) {
		const struct delivery *delivery = &deliveries[i];
		bool has_key = delivery->sealed.len > 0 || delivery->wrapped.len > 0;
		bool is_sender = delivery->kind == RECIPIENT_FROM;
		recalled += delivery->ended == DELIVERY_RECALLED;
		if (message->recalled_ms > 0 && !is_sender && has_key &&
		    delivery->ended == DELIVERY_LIVE)
			checking_problem(checking, "A recalled message can still be read",
					 id_str(&message->id));
		if (is_sender && delivery->ended == DELIVERY_RECALLED)
			checking_problem(checking, "A message is recalled from its own sender",
					 id_str(&message->id));
	}
	return recalled;
}

static bool has_recall(const struct destruction *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (entries[i].cause == DESTRUCTION_RECALL)
			return true;
	}
	return false;
}

enum err check_recall_message(struct checking *checking, struct db *db,
			      const struct message *message, const struct delivery *deliveries,
			      size_t count)
{
	struct destruction *entries;
	size_t entry_count, recalled;
	recalled = count_recalled(checking, message, deliveries, count);
	if (recalled > 0 || message->recalled_ms > 0) {
		TRY(destructions_of_message(db, &checking->arena, &message->id, &entries,
					    &entry_count));
		if (!has_recall(entries, entry_count))
			checking_problem(checking,
					 "A message was recalled and there is no entry of it",
					 id_str(&message->id));
	}
	return check_tracks(checking, db, message, deliveries, count);
}

enum err check_recall_destructions(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct destruction *entries;
		TRY(destructions_page(db, &checking->arena, CHECKING_PAGE, &page, &entries));
		checking_bad(checking, "An entry of destroyed keys was changed from outside",
			     page.bad);
		checking->report.destructions += (int64_t)page.count;
		arena_release(&checking->arena);
	} while (!id_is_empty(&page.last));
	return OK;
}
