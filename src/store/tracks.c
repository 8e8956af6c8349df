#include "store/tracks.h"

#include "crypto/digest.h"

#include <stdlib.h>

static void mac_track(struct mac *mac, const struct db *db, const struct track *track)
{
	mac_begin(mac, db_row_key(db), "tracks");
	mac_str(mac, id_str(&track->message_id));
	mac_str(mac, id_str(&track->user_id));
	mac_int(mac, track->kind);
	mac_str(mac, track->detail);
	mac_int(mac, track->at_ms);
}

enum err tracks_add(struct db *db, const struct track *track)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	mac_track(&mac, db, track);
	mac_end(&mac, row_mac);
	return db_run(db,
		      "INSERT INTO tracks (message_id, user_id, kind, detail, at_ms, mac) "
		      "SELECT d.message_id, d.user_id, ?3, ?4, ?5, ?6 FROM deliveries d "
		      "WHERE d.message_id = ?1 AND d.user_id = ?2 AND d.kind BETWEEN 1 AND 3 "
		      "ON CONFLICT (message_id, user_id, kind, detail) DO NOTHING",
		      PARAMS(P_ID(&track->message_id), P_ID(&track->user_id), P_INT(track->kind),
			     P_TEXT(track->detail), P_INT(track->at_ms),
			     P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

static enum err read_track(struct list *list, struct rows *rows, void *item)
{
	struct track track = {
		.message_id = rows_id(rows, 0),
		.user_id = rows_id(rows, 1),
		.kind = (enum track_kind)rows_code(rows, 2),
		.detail = rows_bytes(rows, 3, list->arena),
		.at_ms = rows_int(rows, 4),
	};
	struct str stored = rows_bytes(rows, 5, list->arena);
	struct mac mac;
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	mac_track(&mac, rows->db, &track);
	if (!mac_check(&mac, stored))
		return db_not_authentic("tracks", id_str(&track.message_id));
	*(struct track *)item = track;
	return OK;
}

static int compare_tracks(const void *left, const void *right)
{
	const struct track *a = left, *b = right;
	int order = str_compare(id_str(&a->user_id), id_str(&b->user_id));
	if (order == 0)
		order = (int)a->kind - (int)b->kind;
	return order ? order : str_compare(a->detail, b->detail);
}

#define SELECT_TRACKS "SELECT message_id, user_id, kind, detail, at_ms, mac FROM tracks "

static enum err list_tracks(struct db *db, struct list *list, const char *sql,
			    const struct param *params, size_t count)
{
	list->read = read_track;
	list->item_bytes = sizeof(struct track);
	TRY(db_list(db, list, sql, params, count));
	if (list->page.count > 1)
		qsort(list->items, list->page.count, list->item_bytes, compare_tracks);
	return OK;
}

enum err tracks_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			   struct track **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {.arena = arena};
	TRY(list_tracks(db, &list, SELECT_TRACKS "WHERE message_id = ?1",
			PARAMS(P_ID(message_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

enum err tracks_of_recipient(struct db *db, struct arena *arena, const struct id *message_id,
			     const struct id *user_id, struct track **ret, size_t *ret_count)
{
	struct list list = {.arena = arena};
	TRY(list_tracks(db, &list, SELECT_TRACKS "WHERE message_id = ?1 AND user_id = ?2",
			PARAMS(P_ID(message_id), P_ID(user_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

int64_t tracks_time(const struct track *tracks, size_t count, const struct id *user_id,
		    enum track_kind kind, struct str detail)
{
	const struct track wanted = {.user_id = *user_id, .kind = kind, .detail = detail};
	if (count == 0)
		return 0;
	const struct track *found =
		bsearch(&wanted, tracks, count, sizeof(*tracks), compare_tracks);
	return found ? found->at_ms : 0;
}

const struct track *tracks_of_user(const struct track *tracks, size_t count,
				   const struct id *user_id, size_t *ret_count)
{
	size_t from = 0, to = count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (str_compare(id_str(&tracks[middle].user_id), id_str(user_id)) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (to = from; to < count && id_eq(&tracks[to].user_id, user_id);)
		to++;
	*ret_count = to - from;
	return count > 0 ? tracks + from : tracks;
}
