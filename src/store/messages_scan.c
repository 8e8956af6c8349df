#include "store/messages_scan.h"

/* Above and below every id, in any collation. */
static struct str top_of(const struct id *id)
{
	return id_is_empty(id) ? STR("ZZZZZZZZZZZZZZZZZZZZZZZZZZ") : id_str(id);
}

static struct str bottom_of(const struct id *id)
{
	return id_is_empty(id) ? STR("0") : id_str(id);
}

/* Quoted messages are in BOX_NONE and in no list. */
#define P_BOX(scan, i) P_INT((scan)->boxes[i] == BOX_NONE ? -1 : (int64_t)(scan)->boxes[i])

struct marking {
	struct id *marks;
	size_t count;
	int64_t stride;
	int64_t total;
	struct id last;
};

static enum err read_marks(struct rows *rows, struct marking *marking)
{
	for (;;) {
		bool has_row;
		TRY(rows_next(rows, &has_row));
		if (!has_row)
			break;
		marking->last = rows_id(rows, 0);
		if (++marking->total % marking->stride == 0)
			marking->marks[marking->count++] = marking->last;
	}
	if (marking->total % marking->stride != 0)
		marking->marks[marking->count++] = marking->last;
	return OK;
}

/* Of each box the index gives its ids in order; the engines merge them. */
static enum err select_all(struct db *db, struct rows *rows, const struct messages_scan *scan,
			   int64_t limit)
{
	return db_select(db, rows,
			 "SELECT message_id FROM deliveries WHERE user_id = ?1 AND box = CAST(?2 "
			 "AS BIGINT) AND "
			 "message_id < ?5 AND message_id >= ?6 UNION ALL "
			 "SELECT message_id FROM deliveries WHERE user_id = ?1 AND box = CAST(?3 "
			 "AS BIGINT) AND "
			 "message_id < ?5 AND message_id >= ?6 UNION ALL "
			 "SELECT message_id FROM deliveries WHERE user_id = ?1 AND box = CAST(?4 "
			 "AS BIGINT) AND "
			 "message_id < ?5 AND message_id >= ?6 "
			 "ORDER BY message_id DESC LIMIT ?7",
			 PARAMS(P_ID(&scan->user_id), P_BOX(scan, 0), P_BOX(scan, 1),
				P_BOX(scan, 2), P_TEXT(top_of(&scan->before)),
				P_TEXT(bottom_of(&scan->from)), P_INT(limit)));
}

static enum err select_labelled(struct db *db, struct rows *rows, const struct messages_scan *scan,
				int64_t limit)
{
	return db_select(
		db, rows,
		"SELECT s.message_id FROM delivery_labels s JOIN deliveries d ON d.message_id = "
		"s.message_id AND d.user_id = s.user_id AND d.box IN (?2, ?3, ?4) "
		"WHERE s.user_id = ?1 AND s.label_id = ?8 AND s.message_id < ?5 AND "
		"s.message_id >= ?6 ORDER BY s.message_id DESC LIMIT ?7",
		PARAMS(P_ID(&scan->user_id), P_BOX(scan, 0), P_BOX(scan, 1), P_BOX(scan, 2),
		       P_TEXT(top_of(&scan->before)), P_TEXT(bottom_of(&scan->from)), P_INT(limit),
		       P_ID(&scan->label_id)));
}

enum err messages_scan_marks(struct db *db, struct arena *arena, const struct messages_scan *scan,
			     int64_t limit, int64_t stride, struct id **ret, size_t *ret_count,
			     int64_t *ret_total)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct marking marking = {.stride = stride};
	marking.marks = ARENA_ARRAY(arena, (size_t)(limit / stride) + 1, struct id);
	if (marking.marks == NULL)
		return ERR_UNAVAILABLE;
	if (id_is_empty(&scan->label_id))
		TRY(select_all(db, &rows, scan, limit));
	else
		TRY(select_labelled(db, &rows, scan, limit));
	TRY(read_marks(&rows, &marking));
	*ret = marking.marks;
	*ret_count = marking.count;
	*ret_total = marking.total;
	return OK;
}

static enum err read_row(struct rows *rows, const struct messages_scan *scan, messages_scan_fn *fn,
			 void *argument)
{
	struct scan_row row = {
		.is_unread = rows_int(rows, 1) != 0,
		.expires_ms = rows_int(rows, 2),
		.folded = rows_view(rows, 3),
		.delivery =
			{
				.message_id = rows_id(rows, 0),
				.user_id = scan->user_id,
				.ended = (enum delivery_end)rows_code(rows, 4),
				.sealed = rows_view(rows, 5),
				.wrapped = rows_view(rows, 6),
			},
	};
	return fn(argument, &row);
}

enum err messages_scan(struct db *db, const struct messages_scan *scan, messages_scan_fn *fn,
		       void *argument)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select(
		db, &rows,
		"SELECT d.message_id, d.is_unread, d.expires_ms, t.folded, d.ended, d.sealed, "
		"d.wrapped FROM deliveries d LEFT JOIN message_texts t ON t.message_id = "
		"d.message_id AND d.ended = 0 "
		"WHERE d.user_id = ?1 AND d.box IN (?2, ?3, ?4) AND "
		"d.message_id < ?5 AND d.message_id >= ?6 AND (?7 = '' OR EXISTS "
		"(SELECT 1 FROM delivery_labels s WHERE s.user_id = ?1 AND s.message_id = "
		"d.message_id AND s.label_id = ?7))",
		PARAMS(P_ID(&scan->user_id), P_BOX(scan, 0), P_BOX(scan, 1), P_BOX(scan, 2),
		       P_TEXT(top_of(&scan->before)), P_TEXT(bottom_of(&scan->from)),
		       P_ID(&scan->label_id))));
	for (;;) {
		bool has_row;
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			return OK;
		TRY(read_row(&rows, scan, fn, argument));
	}
}
