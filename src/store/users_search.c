#include "store/users_search.h"

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	return users_read(rows, 0, list->arena, item);
}

/* Where a page goes on: after this one in the order of the search. */
struct place {
	struct str find_key;
	int64_t seen_ms;
};

static enum err find_place(struct db *db, struct arena *arena, const struct users_search *search,
			   struct place *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	*ret = (struct place){.find_key = STR(""), .seen_ms = INT64_MAX};
	if (id_is_empty(&search->after))
		return OK;
	TRY(db_select_row(db, &rows, "SELECT find_key, seen_ms FROM users WHERE id = ?1",
			  PARAMS(P_ID(&search->after))));
	ret->find_key = rows_bytes(&rows, 0, arena);
	ret->seen_ms = rows_int(&rows, 1);
	return OK;
}

/* One statement for all filters. What most people do not have comes first: looking no further is
 * what makes it fast. Limits of time are written so that PostgreSQL does not take them for narrow
 * ones while it does not know them. */
#define HAS_WORD(count, word) "(?6 < " count " OR strpos(i.find_key, " word ") > 0) AND "
#define CONDITIONS                                                                                 \
	HAS_WORD("1", "?7")                                                                        \
	HAS_WORD("2", "?8")                                                                        \
	HAS_WORD("3", "?9")                                                                        \
	HAS_WORD("4", "?10")                                                                       \
	"(?1 = 0 OR i.grade = ?1) AND (?2 < 0 OR i.role = ?2) AND (?3 = 0 OR i.state = ?3) AND "   \
	"(?4 = 0 OR i.seen_ms >= ?4) AND (?5 = 0 OR i.seen_ms < ?5)"
#define CONDITION_PARAMS(s)                                                                        \
	P_INT((s)->grade), P_INT((s)->role), P_INT((s)->state), P_INT((s)->seen_from_ms),          \
		P_INT((s)->seen_before_ms), P_INT((int64_t)(s)->word_count),                       \
		P_TEXT((s)->words[0]), P_TEXT((s)->words[1]), P_TEXT((s)->words[2]),               \
		P_TEXT((s)->words[3])
#define FOUND(rest)                                                                                \
	"SELECT " USERS_COLUMNS " FROM (SELECT i.id AS found_id FROM users i WHERE " CONDITIONS    \
	" AND " rest " LIMIT ?11) f JOIN users u ON u.id = f.found_id "
#define COUNTED(rest)                                                                              \
	"SELECT COUNT(*) FROM (SELECT 1 AS one FROM users i WHERE " CONDITIONS " AND " rest        \
	" LIMIT ?11) f"
/* Who was erased has no find_key. */
#define AFTER_NAME "i.find_key > ?12"
#define AFTER_SEEN "i.seen_ms <= ?13 AND (i.seen_ms < ?13 OR i.find_key > ?12) AND i.find_key <> ''"

enum err users_search(struct db *db, struct arena *arena, const struct users_search *search,
		      int64_t limit, struct user **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct list list = {.arena = arena,
			    .read = read_item,
			    .item_bytes = sizeof(struct user),
			    .room = (size_t)limit};
	struct place place;
	TRY(find_place(db, arena, search, &place));
	if (search->by_seen)
		TRY(db_list(db, &list,
			    FOUND(AFTER_SEEN
				  " ORDER BY i.seen_ms DESC, i.find_key") "ORDER BY u.seen_ms "
									  "DESC, u.find_key",
			    PARAMS(CONDITION_PARAMS(search), P_INT(limit), P_TEXT(place.find_key),
				   P_INT(place.seen_ms))));
	else
		TRY(db_list(
			db, &list, FOUND(AFTER_NAME " ORDER BY i.find_key") "ORDER BY u.find_key",
			PARAMS(CONDITION_PARAMS(search), P_INT(limit), P_TEXT(place.find_key))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

enum err users_search_count(struct db *db, struct arena *arena, const struct users_search *search,
			    int64_t most, int64_t *ret)
{
	struct place place;
	TRY(find_place(db, arena, search, &place));
	if (search->by_seen)
		return db_select_number(db, COUNTED(AFTER_SEEN),
					PARAMS(CONDITION_PARAMS(search), P_INT(most),
					       P_TEXT(place.find_key), P_INT(place.seen_ms)),
					ret);
	return db_select_number(
		db, COUNTED(AFTER_NAME),
		PARAMS(CONDITION_PARAMS(search), P_INT(most), P_TEXT(place.find_key)), ret);
}
