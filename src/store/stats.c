#include "store/stats.h"

static enum err read_day(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct stats_day *)item = (struct stats_day){
		.kind = (enum stats_kind)rows_code(rows, 0),
		.day = rows_int(rows, 1),
		.value = rows_int(rows, 2),
	};
	return OK;
}

enum err stats_days(struct db *db, struct arena *arena, int64_t from_day, struct stats_day **ret,
		    size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_day, .item_bytes = sizeof(struct stats_day)};
	TRY(db_list(db, &list,
		    "SELECT kind, day, value FROM stats_days WHERE kind IN (1, 2, 3) AND day >= ?1 "
		    "ORDER BY kind, day",
		    PARAMS(P_INT(from_day))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err stats_last_before(struct db *db, enum stats_kind kind, int64_t day, int64_t *ret)
{
	return db_select_number(db,
				"SELECT value FROM stats_days WHERE kind = ?1 AND day < ?2 ORDER "
				"BY day DESC LIMIT 1",
				PARAMS(P_INT(kind), P_INT(day)), ret);
}

enum err stats_set(struct db *db, int64_t day, enum stats_kind kind, int64_t value)
{
	return db_run(db,
		      "INSERT INTO stats_days (kind, day, value) VALUES (?1, ?2, ?3) "
		      "ON CONFLICT (kind, day) DO UPDATE SET value = excluded.value",
		      PARAMS(P_INT(kind), P_INT(day), P_INT(value)), NULL);
}

enum err stats_counted(struct db *db, struct id *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	enum err err = db_select_row(db, &rows, "SELECT next_id FROM stats_counted WHERE kind = 1",
				     NO_PARAMS);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	*ret = err == OK ? rows_id(&rows, 0) : (struct id){""};
	return OK;
}

enum err stats_count(struct db *db, const struct id *counted, const struct id *next, int64_t day,
		     int64_t count)
{
	int64_t changes;
	if (id_is_empty(counted))
		TRY(db_run(db,
			   "INSERT INTO stats_counted (kind, next_id) VALUES (1, ?1) ON CONFLICT "
			   "(kind) DO NOTHING",
			   PARAMS(P_ID(next)), &changes));
	else
		TRY(db_run(db,
			   "UPDATE stats_counted SET next_id = ?2 WHERE kind = 1 AND next_id = ?1",
			   PARAMS(P_ID(counted), P_ID(next)), &changes));
	if (changes != 1)
		return ERR_CONFLICT;
	return db_run(db,
		      "INSERT INTO stats_days (kind, day, value) VALUES (1, ?1, ?2) "
		      "ON CONFLICT (kind, day) DO UPDATE SET value = stats_days.value + "
		      "excluded.value",
		      PARAMS(P_INT(day), P_INT(count)), NULL);
}

enum err stats_first_message(struct db *db, const struct id *from, const struct id *before,
			     struct id *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT id FROM messages WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 1",
			  PARAMS(P_ID(from), P_ID(before))));
	*ret = rows_id(&rows, 0);
	return OK;
}

enum err stats_messages_between(struct db *db, const struct id *from, const struct id *before,
				int64_t *ret)
{
	return db_select_number(db, "SELECT COUNT(*) FROM messages WHERE id >= ?1 AND id < ?2",
				PARAMS(P_ID(from), P_ID(before)), ret);
}

enum err stats_file_bytes(struct db *db, int64_t *ret)
{
	return db_select_number(db,
				"SELECT CAST(COALESCE(SUM(stored_bytes), 0) AS BIGINT) FROM files",
				NO_PARAMS, ret);
}

static enum err read_people(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct stats_people *)item = (struct stats_people){
		.grade = (enum grade)rows_code(rows, 0),
		.state = (enum user_state)rows_code(rows, 1),
		.count = rows_int(rows, 2),
	};
	return OK;
}

enum err stats_people(struct db *db, struct arena *arena, struct stats_people **ret,
		      size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_people, .item_bytes = sizeof(struct stats_people)};
	TRY(db_list(db, &list,
		    "SELECT grade, state, value FROM stats_people WHERE value <> 0 ORDER BY "
		    "grade, state",
		    NO_PARAMS));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err stats_people_add(struct db *db, enum grade grade, enum user_state state, int64_t count)
{
	return db_run(db,
		      "INSERT INTO stats_people (grade, state, value) VALUES (?1, ?2, ?3) ON "
		      "CONFLICT (grade, state) DO UPDATE SET value = stats_people.value + "
		      "excluded.value",
		      PARAMS(P_INT(grade), P_INT(state), P_INT(count)), NULL);
}

#define EVERYBODY                                                                                  \
	"SELECT grade, state, COUNT(*) FROM users WHERE find_key <> '' GROUP BY grade, state"

enum err stats_people_look(struct db *db, struct arena *arena, struct stats_people **ret,
			   size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_people, .item_bytes = sizeof(struct stats_people)};
	TRY(db_list(db, &list, EVERYBODY " ORDER BY grade, state", NO_PARAMS));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err stats_people_mend(struct db *db)
{
	TRY(db_run(db, "DELETE FROM stats_people", NO_PARAMS, NULL));
	return db_run(db, "INSERT INTO stats_people (grade, state, value) " EVERYBODY, NO_PARAMS,
		      NULL);
}
