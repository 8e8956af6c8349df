/* Who got a message. */
#include "base/limits.h"
#include "store/messages.h"

#include <string.h>

/* Which deliveries of ?1 count: not the sender's (?2); Bcc (?3) only with ?4 = 1, and one's own
 * (?5). */
#define SEEN "message_id = ?1 AND kind <> ?2 AND (kind <> ?3 OR ?4 = 1 OR user_id = ?5)"
#define SEEN_PARAMS(message_id, sees_all, reader_id)                                               \
	P_ID(message_id), P_INT(RECIPIENT_FROM), P_INT(RECIPIENT_BCC), P_INT(sees_all),            \
		P_ID(reader_id)

static bool read_reader(struct rows *rows, struct arena *arena, struct message_reader *ret)
{
	const int column = DELIVERIES_COLUMN_COUNT + USERS_COLUMN_COUNT;
	if (deliveries_read(rows, 0, arena, &ret->delivery) != OK ||
	    users_read(rows, DELIVERIES_COLUMN_COUNT, arena, &ret->user) != OK)
		return false;
	ret->mail_state = rows_int(rows, column);
	ret->mail_reply = rows_bytes(rows, column + 1, arena);
	return true;
}

/* ret_bad: left out because they failed their check. A person in Bcc comes first in the choice, so
 * that they always see that they are. */
static enum err read_readers(struct db *db, struct arena *arena, const struct param *params,
			     struct message_reader **ret, size_t *ret_count, int64_t *ret_bad)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct message_reader *found = NULL;
	size_t count = 0, room = 0;
	int64_t bad = 0;
	TRY(db_select(db, &rows,
		      "SELECT " DELIVERIES_COLUMNS ", " USERS_COLUMNS
		      ", n.state, n.reply FROM (SELECT * FROM deliveries WHERE " SEEN
		      " ORDER BY CASE WHEN user_id = ?5 THEN 0 ELSE kind END, user_id LIMIT ?6) d "
		      "JOIN users u ON u.id = d.user_id "
		      "LEFT JOIN mails n ON n.message_id = d.message_id AND "
		      "n.user_id = d.user_id AND n.kind = 1 "
		      "ORDER BY d.kind, u.name_key, u.address_key",
		      params, 6));
	for (;;) {
		bool has_row;
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			break;
		if (count == room) {
			room = room ? room * 4 : 4;
			struct message_reader *more =
				ARENA_ARRAY(arena, room, struct message_reader);
			if (more == NULL)
				return ERR_UNAVAILABLE;
			if (count > 0)
				memcpy(more, found, count * sizeof(*found));
			found = more;
		}
		bool is_good = read_reader(&rows, arena, &found[count]);
		if (arena->failed)
			return ERR_UNAVAILABLE;
		count += is_good;
		bad += !is_good;
	}
	*ret = found;
	*ret_count = count;
	*ret_bad = bad;
	return OK;
}

enum err messages_readers(struct db *db, struct arena *arena, const struct id *message_id,
			  struct message_reader **ret, size_t *ret_count)
{
	const struct id nobody = {0};
	const struct param params[] = {SEEN_PARAMS(message_id, 1, &nobody),
				       P_INT(LIMIT_RECIPIENTS)};
	int64_t bad;
	return read_readers(db, arena, params, ret, ret_count, &bad);
}

/* All were read: no need to ask. */
static void count_audience(const struct id *reader_id, struct message_audience *audience)
{
	audience->total = (int64_t)audience->count;
	for (size_t i = 0; i < audience->count; i++) {
		const struct delivery *delivery = &audience->readers[i].delivery;
		audience->opened += delivery->opened_ms > 0;
		audience->others +=
			delivery->kind != RECIPIENT_BCC && !id_eq(&delivery->user_id, reader_id);
	}
}

enum err messages_readers_seen(struct db *db, struct arena *arena, const struct message *message,
			       const struct id *reader_id, int64_t limit,
			       struct message_audience *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct message_audience audience = {0};
	int64_t bad;
	bool has_row, is_sender = id_eq(&message->sender_id, reader_id);
	const struct param params[] = {SEEN_PARAMS(&message->id, is_sender, reader_id),
				       P_INT(limit)};
	TRY(read_readers(db, arena, params, &audience.readers, &audience.count, &bad));
	count_audience(reader_id, &audience);
	*ret = audience;
	if ((int64_t)audience.count + bad < limit)
		return OK;
	TRY(db_select(db, &rows,
		      "SELECT COUNT(*), SUM(CASE WHEN opened_ms > 0 THEN 1 ELSE 0 END), "
		      "SUM(CASE WHEN kind <> ?3 AND user_id <> ?5 THEN 1 ELSE 0 END) "
		      "FROM deliveries WHERE " SEEN,
		      params, 5));
	TRY(rows_next(&rows, &has_row));
	ret->total = rows_int(&rows, 0) - bad;
	ret->opened = rows_int(&rows, 1);
	ret->others = rows_int(&rows, 2);
	return OK;
}
