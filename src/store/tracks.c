#include "store/tracks.h"

#include "crypto/digest.h"

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
		.kind = (enum track_kind)rows_int(rows, 2),
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

enum err tracks_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			   const struct id *user_id, struct track **ret, size_t *ret_count,
			   int64_t *ret_bad)
{
	struct list list = {.arena = arena, .read = read_track, .item_bytes = sizeof(struct track)};
	TRY(db_list(db, &list,
		    "SELECT message_id, user_id, kind, detail, at_ms, mac FROM tracks "
		    "WHERE message_id = ?1 AND (user_id = ?2 OR ?2 = '')",
		    PARAMS(P_ID(message_id), P_ID(user_id))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

int64_t tracks_time(const struct track *tracks, size_t count, const struct id *user_id,
		    enum track_kind kind)
{
	for (size_t i = 0; i < count; i++) {
		if (tracks[i].kind == kind && tracks[i].detail.len == 0 &&
		    id_eq(&tracks[i].user_id, user_id))
			return tracks[i].at_ms;
	}
	return 0;
}
