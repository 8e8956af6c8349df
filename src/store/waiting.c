#include "store/waiting.h"

/* Both read nothing but the index deliveries_box. */

enum err waiting_count(struct db *db, const struct id *user_id, int64_t limit, int64_t *ret)
{
	return db_select_number(
		db,
		"SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE user_id = ?1 AND box = 1 "
		"LIMIT ?2) AS waiting",
		PARAMS(P_ID(user_id), P_INT(limit)), ret);
}

enum err waiting_newest(struct db *db, const struct id *user_id, struct id *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT message_id FROM deliveries WHERE user_id = ?1 AND box = 1 "
			  "ORDER BY message_id DESC LIMIT 1",
			  PARAMS(P_ID(user_id))));
	*ret = rows_id(&rows, 0);
	return OK;
}
