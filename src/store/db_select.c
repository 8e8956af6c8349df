/* What most statements give: one row, or one number. */
#include "store/db_engine.h"

enum err db_select_row(struct db *db, struct rows *ret, const char *sql, const struct param *params,
		       size_t count)
{
	bool has_row;
	TRY(db_select(db, ret, sql, params, count));
	TRY(rows_next(ret, &has_row));
	return has_row ? OK : ERR_NOT_FOUND;
}

enum err db_select_number(struct db *db, const char *sql, const struct param *params, size_t count,
			  int64_t *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	enum err err = db_select_row(db, &rows, sql, params, count);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	*ret = err == OK ? rows_int(&rows, 0) : 0;
	return OK;
}

enum err db_bytes(struct db *db, int64_t *ret)
{
	return db_select_number(db, db->engine->size_sql, NO_PARAMS, ret);
}
