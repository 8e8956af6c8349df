#include "store/aliases.h"

#include "crypto/digest.h"

static void mac_alias(struct mac *mac, const struct db *db, const struct alias *alias)
{
	mac_begin(mac, db_row_key(db), "aliases");
	mac_str(mac, alias->address_key);
	mac_str(mac, alias->address);
	mac_str(mac, id_str(&alias->user_id));
	mac_int(mac, alias->created_ms);
}

#define COLUMNS "a.address_key, a.address, a.user_id, a.created_ms, a.mac"

static enum err read_alias(struct rows *rows, struct arena *arena, struct alias *ret)
{
	struct alias alias = {
		.address_key = rows_bytes(rows, 0, arena),
		.address = rows_bytes(rows, 1, arena),
		.user_id = rows_id(rows, 2),
		.created_ms = rows_int(rows, 3),
	};
	struct str stored = rows_bytes(rows, 4, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_alias(&mac, rows->db, &alias);
	if (!mac_check(&mac, stored))
		return db_not_authentic("aliases", alias.address_key);
	*ret = alias;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_alias(rows, list->arena, item);
}

enum err aliases_by_key(struct db *db, struct arena *arena, struct str address_key,
			struct alias *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT " COLUMNS " FROM aliases a WHERE a.address_key = ?1",
			  PARAMS(P_TEXT(address_key))));
	return read_alias(&rows, arena, ret);
}

static enum err list_of(struct db *db, struct arena *arena, const struct id *user_id,
			struct list *ret)
{
	*ret = (struct list){.arena = arena, .read = read_item, .item_bytes = sizeof(struct alias)};
	return db_list(db, ret,
		       "SELECT " COLUMNS
		       " FROM aliases a WHERE a.user_id = ?1 ORDER BY a.address_key",
		       PARAMS(P_ID(user_id)));
}

enum err aliases_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			 struct alias **ret, size_t *ret_count)
{
	struct list list;
	TRY(list_of(db, arena, user_id, &list));
	if (list.page.bad > 0)
		return ERR_CORRUPT;
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err aliases_insert(struct db *db, const struct alias *alias)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	int64_t taken;
	/* Their own may be on its way here. */
	TRY(db_select_number(db, "SELECT COUNT(*) FROM users WHERE address_key = ?1 AND id <> ?2",
			     PARAMS(P_TEXT(alias->address_key), P_ID(&alias->user_id)), &taken));
	if (taken > 0)
		return ERR_CONFLICT;
	mac_alias(&mac, db, alias);
	mac_end(&mac, digest);
	return db_run(db,
		      "INSERT INTO aliases (address_key, address, user_id, created_ms, mac) VALUES "
		      "(?1, ?2, ?3, ?4, ?5)",
		      PARAMS(P_TEXT(alias->address_key), P_TEXT(alias->address),
			     P_ID(&alias->user_id), P_INT(alias->created_ms),
			     P_BLOB(str_bytes(digest, sizeof(digest)))),
		      NULL);
}

enum err aliases_delete(struct db *db, const struct id *user_id, struct str address_key)
{
	int64_t changes;
	TRY(db_run(db, "DELETE FROM aliases WHERE address_key = ?1 AND user_id = ?2",
		   PARAMS(P_TEXT(address_key), P_ID(user_id)), &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

enum err aliases_count_bad(struct db *db, struct arena *arena, const struct id *user_id,
			   int64_t *ret)
{
	struct list list;
	int64_t doubled;
	TRY(list_of(db, arena, user_id, &list));
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM aliases a JOIN users u ON u.address_key = "
			     "a.address_key WHERE a.user_id = ?1",
			     PARAMS(P_ID(user_id)), &doubled));
	*ret += list.page.bad + doubled;
	return OK;
}
