#include "store/rules.h"

#include "crypto/digest.h"

static void mac_rule(struct mac *mac, const struct db *db, const struct rule *rule)
{
	mac_begin(mac, db_row_key(db), "rules");
	mac_str(mac, rule->pattern);
	mac_int(mac, rule->is_allowed);
	mac_int(mac, rule->grade);
	mac_int(mac, rule->created_ms);
}

static enum err read_rule(struct rows *rows, struct arena *arena, struct rule *ret)
{
	struct rule rule = {
		.pattern = rows_bytes(rows, 0, arena),
		.is_allowed = rows_int(rows, 1) != 0,
		.grade = (enum grade)rows_code(rows, 2),
		.created_ms = rows_int(rows, 3),
	};
	struct str stored = rows_bytes(rows, 4, arena);
	struct mac mac;
	if (arena->failed)
		return ERR_UNAVAILABLE;
	mac_rule(&mac, rows->db, &rule);
	if (!mac_check(&mac, stored))
		return db_not_authentic("rules", rule.pattern);
	*ret = rule;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return read_rule(rows, list->arena, item);
}

enum err rules_get(struct db *db, struct arena *arena, struct str pattern, struct rule *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(
		db, &rows,
		"SELECT pattern, is_allowed, grade, created_ms, mac FROM rules WHERE pattern = ?1",
		PARAMS(P_TEXT(pattern))));
	return read_rule(&rows, arena, ret);
}

enum err rules_put(struct db *db, const struct rule *rule)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	mac_rule(&mac, db, rule);
	mac_end(&mac, digest);
	return db_run(db,
		      "INSERT INTO rules (pattern, is_allowed, grade, created_ms, mac) VALUES (?1, "
		      "?2, ?3, ?4, ?5) "
		      "ON CONFLICT (pattern) DO UPDATE SET is_allowed = excluded.is_allowed, grade "
		      "= excluded.grade, "
		      "created_ms = excluded.created_ms, mac = excluded.mac",
		      PARAMS(P_TEXT(rule->pattern), P_INT(rule->is_allowed), P_INT(rule->grade),
			     P_INT(rule->created_ms), P_BLOB(str_bytes(digest, sizeof(digest)))),
		      NULL);
}

enum err rules_delete(struct db *db, struct str pattern)
{
	int64_t changes;
	TRY(db_run(db, "DELETE FROM rules WHERE pattern = ?1", PARAMS(P_TEXT(pattern)), &changes));
	return changes == 1 ? OK : ERR_NOT_FOUND;
}

enum err rules_list(struct db *db, struct arena *arena, int64_t limit, struct rule **ret,
		    size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {.arena = arena, .read = read_item, .item_bytes = sizeof(struct rule)};
	TRY(db_list(db, &list,
		    "SELECT pattern, is_allowed, grade, created_ms, mac FROM rules ORDER BY "
		    "pattern LIMIT ?1",
		    PARAMS(P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

enum err rules_find(struct db *db, struct arena *arena, struct str part, struct str after,
		    int64_t limit, struct rule **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {.arena = arena, .read = read_item, .item_bytes = sizeof(struct rule)};
	struct str like = users_like(arena, "%", part);
	TRY(db_list(db, &list,
		    "SELECT pattern, is_allowed, grade, created_ms, mac FROM rules WHERE pattern > "
		    "?1 AND pattern LIKE ?2 ESCAPE '\\' ORDER BY pattern LIMIT ?3",
		    PARAMS(P_TEXT(after), P_TEXT(like), P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

enum err rules_count(struct db *db, int64_t *ret)
{
	return db_select_number(db, "SELECT COUNT(*) FROM rules", NO_PARAMS, ret);
}
