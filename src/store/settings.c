#include "store/settings.h"

#include "crypto/digest.h"

static void mac_setting(struct mac *mac, const struct db *db, const char *name, struct str value)
{
	mac_begin(mac, db_row_key(db), "settings");
	mac_str(mac, str_of(name));
	mac_str(mac, value);
}

enum err settings_get(struct db *db, struct arena *arena, const char *name, struct str *ret_value)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT value, mac FROM settings WHERE name = ?1",
			  PARAMS(P_TEXT(str_of(name)))));
	struct str value = rows_bytes(&rows, 0, arena);
	struct str stored = rows_bytes(&rows, 1, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_setting(&mac, db, name, value);
	if (!mac_check(&mac, stored))
		return db_not_authentic("settings", str_of(name));
	*ret_value = value;
	return OK;
}

enum err settings_has(struct db *db, const char *name, bool *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select(db, &rows, "SELECT 1 FROM settings WHERE name = ?1",
		      PARAMS(P_TEXT(str_of(name)))));
	return rows_next(&rows, ret);
}

enum err settings_put(struct db *db, const char *name, struct str value)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	mac_setting(&mac, db, name, value);
	mac_end(&mac, digest);
	return db_run(db,
		      "INSERT INTO settings (name, value, mac) VALUES (?1, ?2, ?3) "
		      "ON CONFLICT (name) DO UPDATE SET value = excluded.value, mac = excluded.mac",
		      PARAMS(P_TEXT(str_of(name)), P_BLOB(value),
			     P_BLOB(str_bytes(digest, sizeof(digest)))),
		      NULL);
}

enum err settings_delete_others(struct db *db, const char *start, const char *name)
{
	return db_run(db,
		      "DELETE FROM settings WHERE substr(name, 1, length(?1)) = ?1 AND name <> ?2",
		      PARAMS(P_TEXT(str_of(start)), P_TEXT(str_of(name))), NULL);
}
