#include "store/signing_keys.h"

#include "crypto/digest.h"

#define COLUMNS "kind, created_ms, ended_ms, wrapped, certificate, mac"

enum { LIST_MAX = 1000 };

static void mac_row(struct mac *mac, const struct db *db, const struct signing_key_row *row)
{
	mac_begin(mac, db_row_key(db), "signing_keys");
	mac_int(mac, row->kind);
	mac_int(mac, row->created_ms);
	mac_int(mac, row->ended_ms);
	mac_str(mac, row->wrapped);
	mac_str(mac, row->certificate);
}

static enum err read_row(struct rows *rows, struct arena *arena, struct signing_key_row *ret)
{
	struct signing_key_row row = {
		.kind = (enum signing_key_kind)rows_code(rows, 0),
		.created_ms = rows_int(rows, 1),
		.ended_ms = rows_int(rows, 2),
		.wrapped = rows_bytes(rows, 3, arena),
		.certificate = rows_bytes(rows, 4, arena),
	};
	struct str stored = rows_bytes(rows, 5, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_row(&mac, rows->db, &row);
	if (!mac_check(&mac, stored))
		return db_not_authentic("signing_keys",
					arena_printf(arena, "%lld", (long long)row.created_ms));
	*ret = row;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_row(rows, list->arena, item);
}

enum err signing_keys_insert(struct db *db, const struct signing_key_row *row)
{
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	mac_row(&mac, db, row);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "INSERT INTO signing_keys (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
		   "ON CONFLICT (kind, created_ms) DO NOTHING",
		   PARAMS(P_INT(row->kind), P_INT(row->created_ms), P_INT(row->ended_ms),
			  P_BLOB(row->wrapped), P_BLOB(row->certificate),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err signing_keys_current(struct db *db, struct arena *arena, enum signing_key_kind kind,
			      struct signing_key_row *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " COLUMNS " FROM signing_keys WHERE kind = ?1 AND ended_ms = 0 "
			  "ORDER BY created_ms DESC LIMIT 1",
			  PARAMS(P_INT(kind))));
	return read_row(&rows, arena, ret);
}

enum err signing_keys_end(struct db *db, const struct signing_key_row *row, int64_t ended_ms)
{
	struct signing_key_row next = *row;
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	int64_t changes;
	next.ended_ms = ended_ms;
	next.wrapped = STR("");
	mac_row(&mac, db, &next);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "UPDATE signing_keys SET ended_ms = ?1, wrapped = ?2, mac = ?3 WHERE kind = ?4 "
		   "AND created_ms = ?5 AND ended_ms = 0",
		   PARAMS(P_INT(next.ended_ms), P_BLOB(next.wrapped),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac))), P_INT(next.kind),
			  P_INT(next.created_ms)),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err signing_keys_list(struct db *db, struct arena *arena, enum signing_key_kind kind,
			   struct signing_key_row **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct signing_key_row)};
	TRY(db_list(db, &list,
		    "SELECT " COLUMNS " FROM signing_keys WHERE kind = ?1 "
		    "ORDER BY created_ms DESC LIMIT ?2",
		    PARAMS(P_INT(kind), P_INT(LIST_MAX))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}
