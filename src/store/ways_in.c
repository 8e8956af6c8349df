#include "store/ways_in.h"

#include "crypto/digest.h"

static void mac_way_in(struct mac *mac, const struct db *db, const struct way_in *way_in)
{
	mac_begin(mac, db_row_key(db), "ways_in");
	mac_str(mac, id_str(&way_in->id));
	mac_str(mac, id_str(&way_in->user_id));
	mac_int(mac, way_in->kind);
	mac_str(mac, way_in->wrapped);
	mac_str(mac, way_in->salt);
	mac_int(mac, way_in->cost_memory_bytes);
	mac_int(mac, way_in->cost_passes);
	mac_str(mac, way_in->secret_hash);
	mac_str(mac, id_str(&way_in->made_by));
	mac_int(mac, way_in->created_ms);
	mac_int(mac, way_in->expires_ms);
	mac_int(mac, way_in->used_ms);
	mac_str(mac, way_in->label);
	mac_str(mac, way_in->remote);
}

enum err ways_in_read(struct rows *rows, int column, struct arena *arena, struct way_in *ret)
{
	struct way_in way_in = {
		.id = rows_id(rows, column),
		.user_id = rows_id(rows, column + 1),
		.kind = (enum way_in_kind)rows_code(rows, column + 2),
		.wrapped = rows_bytes(rows, column + 3, arena),
		.salt = rows_bytes(rows, column + 4, arena),
		.cost_memory_bytes = rows_int(rows, column + 5),
		.cost_passes = rows_int(rows, column + 6),
		.secret_hash = rows_bytes(rows, column + 7, arena),
		.made_by = rows_id(rows, column + 8),
		.created_ms = rows_int(rows, column + 9),
		.expires_ms = rows_int(rows, column + 10),
		.used_ms = rows_int(rows, column + 11),
		.label = rows_bytes(rows, column + 12, arena),
		.remote = rows_bytes(rows, column + 13, arena),
	};
	struct str stored = rows_bytes(rows, column + 14, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_way_in(&mac, rows->db, &way_in);
	if (!mac_check(&mac, stored))
		return db_not_authentic("ways_in", id_str(&way_in.id));
	*ret = way_in;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return ways_in_read(rows, 0, list->arena, item);
}

enum err ways_in_by_id(struct db *db, struct arena *arena, const struct id *id, struct way_in *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows, "SELECT " WAYS_IN_COLUMNS " FROM ways_in w WHERE w.id = ?1",
			  PARAMS(P_ID(id))));
	return ways_in_read(&rows, 0, arena, ret);
}

enum err ways_in_with_user(struct db *db, struct arena *arena, const struct id *id,
			   struct way_in *ret, struct user *ret_user)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " WAYS_IN_COLUMNS ", " USERS_COLUMNS
			  " FROM ways_in w JOIN users u ON u.id = w.user_id "
			  "WHERE w.id = ?1",
			  PARAMS(P_ID(id))));
	TRY(users_read(&rows, WAYS_IN_COLUMN_COUNT, arena, ret_user));
	return ways_in_read(&rows, 0, arena, ret);
}

enum err ways_in_newest(struct db *db, struct arena *arena, const struct id *user_id,
			enum way_in_kind kind, struct way_in *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT " WAYS_IN_COLUMNS
			  " FROM ways_in w WHERE w.user_id = ?1 AND w.kind = ?2 "
			  "ORDER BY w.id DESC LIMIT 1",
			  PARAMS(P_ID(user_id), P_INT(kind))));
	return ways_in_read(&rows, 0, arena, ret);
}

enum err ways_in_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			 struct way_in **ret, size_t *ret_count)
{
	enum { WAYS_IN_MAX = 200 };
	struct list list = {.arena = arena, .read = read_item, .item_bytes = sizeof(struct way_in)};
	TRY(db_list(db, &list,
		    "SELECT " WAYS_IN_COLUMNS
		    " FROM ways_in w WHERE w.user_id = ?1 ORDER BY w.id DESC LIMIT ?2",
		    PARAMS(P_ID(user_id), P_INT(WAYS_IN_MAX))));
	if (list.page.bad > 0)
		return ERR_CORRUPT;
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err ways_in_insert(struct db *db, const struct way_in *way_in)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	mac_way_in(&mac, db, way_in);
	mac_end(&mac, digest);
	return db_run(db,
		      "INSERT INTO ways_in (id, user_id, kind, wrapped, salt, cost_memory_bytes, "
		      "cost_passes, "
		      "secret_hash, made_by, created_ms, expires_ms, used_ms, label, remote, mac) "
		      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
		      PARAMS(P_ID(&way_in->id), P_ID(&way_in->user_id), P_INT(way_in->kind),
			     P_BLOB(way_in->wrapped), P_BLOB(way_in->salt),
			     P_INT(way_in->cost_memory_bytes), P_INT(way_in->cost_passes),
			     P_BLOB(way_in->secret_hash), P_ID(&way_in->made_by),
			     P_INT(way_in->created_ms), P_INT(way_in->expires_ms),
			     P_INT(way_in->used_ms), P_TEXT(way_in->label), P_TEXT(way_in->remote),
			     P_BLOB(str_bytes(digest, sizeof(digest)))),
		      NULL);
}

enum err ways_in_update(struct db *db, const struct way_in *way_in, int64_t expected_used_ms)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	int64_t changes;
	mac_way_in(&mac, db, way_in);
	mac_end(&mac, digest);
	TRY(db_run(db,
		   "UPDATE ways_in SET wrapped = ?3, used_ms = ?4, expires_ms = ?5, mac = ?6 "
		   "WHERE id = ?1 AND used_ms = ?2",
		   PARAMS(P_ID(&way_in->id), P_INT(expected_used_ms), P_BLOB(way_in->wrapped),
			  P_INT(way_in->used_ms), P_INT(way_in->expires_ms),
			  P_BLOB(str_bytes(digest, sizeof(digest)))),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}

enum err ways_in_delete(struct db *db, const struct id *id)
{
	return db_run(db, "DELETE FROM ways_in WHERE id = ?1", PARAMS(P_ID(id)), NULL);
}

enum err ways_in_delete_kind(struct db *db, const struct id *user_id, enum way_in_kind kind,
			     const struct id *keep)
{
	return db_run(db, "DELETE FROM ways_in WHERE user_id = ?1 AND kind = ?2 AND id <> ?3",
		      PARAMS(P_ID(user_id), P_INT(kind), P_TEXT(keep ? id_str(keep) : STR(""))),
		      NULL);
}

enum err ways_in_trim(struct db *db, const struct id *user_id, enum way_in_kind kind,
		      int64_t keep_newest)
{
	return db_run(db,
		      "DELETE FROM ways_in WHERE user_id = ?1 AND kind = ?2 AND id NOT IN (SELECT "
		      "id FROM ways_in "
		      "WHERE user_id = ?1 AND kind = ?2 ORDER BY id DESC LIMIT ?3)",
		      PARAMS(P_ID(user_id), P_INT(kind), P_INT(keep_newest)), NULL);
}

enum err ways_in_delete_expired(struct db *db, int64_t now_ms, int64_t idle_before_ms)
{
	return db_run(db,
		      "DELETE FROM ways_in WHERE kind IN (?1, ?2) AND (expires_ms <= ?3 OR used_ms "
		      "<= ?4)",
		      PARAMS(P_INT(WAY_IN_BROWSER), P_INT(WAY_IN_API), P_INT(now_ms),
			     P_INT(idle_before_ms)),
		      NULL);
}

enum err ways_in_delete_old_links(struct db *db, int64_t expired_before_ms, int64_t limit,
				  int64_t *ret_deleted)
{
	/* Invitations, and all from WAY_IN_RESET on; as numbers, so that the index is used. */
	return db_run(db,
		      "DELETE FROM ways_in WHERE id IN (SELECT id FROM ways_in WHERE kind IN (4, "
		      "7, 8, 9, 10, 11) AND expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)",
		      PARAMS(P_INT(expired_before_ms), P_INT(limit)), ret_deleted);
}

enum err ways_in_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		      struct way_in **ret)
{
	struct list list = {.arena = arena, .read = read_item, .item_bytes = sizeof(struct way_in)};
	TRY(db_list_step(db, &list,
			 "SELECT " WAYS_IN_COLUMNS
			 " FROM ways_in w WHERE w.id > ?1 ORDER BY w.id LIMIT ?2",
			 limit, page));
	*ret = list.items;
	return OK;
}

enum err ways_in_end_sessions(struct db *db, int64_t *ret_sessions)
{
	TRY(db_run(db, "DELETE FROM ways_in WHERE kind IN (7, 8, 9, 10, 11)", NO_PARAMS, NULL));
	return db_run(db, "DELETE FROM ways_in WHERE kind IN (2, 3)", NO_PARAMS, ret_sessions);
}
