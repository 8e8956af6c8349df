#include "store/preferences.h"

#include "crypto/digest.h"

static void mac_row(struct mac *mac, const struct db *db, const struct preferences_row *row)
{
	mac_begin(mac, db_row_key(db), "preferences");
	mac_str(mac, id_str(&row->user_id));
	mac_int(mac, row->version);
	mac_int(mac, row->notify);
	mac_str(mac, id_str(&row->away_id));
	mac_int(mac, row->away_from_ms);
	mac_int(mac, row->away_until_ms);
	mac_str(mac, row->away_text);
	mac_str(mac, row->signature);
}

enum err preferences_get(struct db *db, struct arena *arena, const struct id *user_id,
			 struct preferences_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct mac mac;
	TRY(db_select_row(db, &rows,
			  "SELECT version, notify, away_id, away_from_ms, away_until_ms, "
			  "away_text, signature, mac FROM preferences WHERE user_id = ?1",
			  PARAMS(P_ID(user_id))));
	struct preferences_row row = {
		.user_id = *user_id,
		.version = rows_int(&rows, 0),
		.notify = (enum notify)rows_code(&rows, 1),
		.away_id = rows_id(&rows, 2),
		.away_from_ms = rows_int(&rows, 3),
		.away_until_ms = rows_int(&rows, 4),
		.away_text = rows_bytes(&rows, 5, arena),
		.signature = rows_bytes(&rows, 6, arena),
	};
	struct str stored = rows_bytes(&rows, 7, arena);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_row(&mac, db, &row);
	if (!mac_check(&mac, stored))
		return db_not_authentic("preferences", id_str(user_id));
	*ret = row;
	return OK;
}

enum err preferences_put(struct db *db, const struct preferences_row *row, int64_t expected)
{
	struct preferences_row next = *row;
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	next.version = expected + 1;
	mac_row(&mac, db, &next);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "INSERT INTO preferences (user_id, version, notify, away_id, away_from_ms, "
		   "away_until_ms, away_text, signature, mac) "
		   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (user_id) DO UPDATE "
		   "SET version = excluded.version, notify = excluded.notify, away_id = "
		   "excluded.away_id, away_from_ms = excluded.away_from_ms, away_until_ms = "
		   "excluded.away_until_ms, away_text = excluded.away_text, signature = "
		   "excluded.signature, mac = excluded.mac WHERE preferences.version = ?10",
		   PARAMS(P_ID(&next.user_id), P_INT(next.version), P_INT(next.notify),
			  P_ID(&next.away_id), P_INT(next.away_from_ms), P_INT(next.away_until_ms),
			  P_BLOB(next.away_text), P_BLOB(next.signature),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac))), P_INT(expected)),
		   &changes));
	if (changes != 1)
		return ERR_CONFLICT;
	return db_run(db, "DELETE FROM away_answers WHERE user_id = ?1 AND away_id <> ?2",
		      PARAMS(P_ID(&next.user_id), P_ID(&next.away_id)), NULL);
}

enum err away_answers_insert(struct db *db, const struct preferences_row *row,
			     const struct id *sender_id, bool *ret_is_new)
{
	int64_t changes;
	TRY(db_run(db,
		   "INSERT INTO away_answers (user_id, away_id, sender_id) VALUES (?1, ?2, ?3) "
		   "ON CONFLICT (user_id, away_id, sender_id) DO NOTHING",
		   PARAMS(P_ID(&row->user_id), P_ID(&row->away_id), P_ID(sender_id)), &changes));
	*ret_is_new = changes == 1;
	return OK;
}

enum err away_answers_exist(struct db *db, const struct preferences_row *row,
			    const struct id *sender_id, bool *ret)
{
	int64_t count;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM away_answers WHERE user_id = ?1 AND away_id = "
			     "?2 AND sender_id = ?3",
			     PARAMS(P_ID(&row->user_id), P_ID(&row->away_id), P_ID(sender_id)),
			     &count));
	*ret = count > 0;
	return OK;
}

enum err away_answers_count_stray(struct db *db, int64_t *ret)
{
	return db_select_number(
		db,
		"SELECT COUNT(*) FROM away_answers a WHERE NOT EXISTS (SELECT 1 FROM preferences p "
		"WHERE p.user_id = a.user_id AND p.away_id = a.away_id AND p.away_id <> '') OR NOT "
		"EXISTS (SELECT 1 FROM users u WHERE u.id = a.sender_id)",
		NO_PARAMS, ret);
}
