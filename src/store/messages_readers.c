/* Who got a message. */
#include "base/limits.h"
#include "store/db_list.h"
#include "store/messages.h"

#include <stdlib.h>

/* The deliveries of message ?1 that count: not the sender's (?2); Bcc (?3) only with ?4 = 1, and
 * one's own (?5). */
#define IS_SEEN                                                                                    \
	"message_id = ?1 AND kind <> ?2 AND kind < 4 AND (kind <> ?3 OR ?4 = 1 OR user_id = ?5)"
enum { SEEN_PARAM_COUNT = 5 };
#define SEEN_PARAMS(message_id, sees_all, reader_id)                                               \
	P_ID(message_id), P_INT(RECIPIENT_FROM), P_INT(RECIPIENT_BCC), P_INT(sees_all),            \
		P_ID(reader_id)

#define READERS "SELECT " DELIVERIES_COLUMNS ", " USERS_COLUMNS " "
static const char any_readers[] =
	READERS "FROM deliveries d JOIN users u ON u.id = d.user_id WHERE " IS_SEEN " LIMIT ?6";
/* A person in Bcc comes first in the choice, so that they always see that they are. */
static const char chosen_readers[] =
	READERS "FROM (SELECT * FROM deliveries WHERE " IS_SEEN
		" ORDER BY CASE WHEN user_id = ?5 THEN 0 ELSE kind END, position, "
		"user_id LIMIT ?6) d "
		"JOIN users u ON u.id = d.user_id";

static enum err read_reader(struct list *list, struct rows *rows, void *item)
{
	struct message_reader *reader = item;
	TRY(deliveries_read(rows, 0, list->arena, &reader->delivery));
	return users_read(rows, DELIVERIES_COLUMN_COUNT, list->arena, &reader->user);
}

/* To before Cc before Bcc, each as typed. */
static int compare_readers(const void *left, const void *right)
{
	const struct message_reader *a = left, *b = right;
	if (a->delivery.kind != b->delivery.kind)
		return a->delivery.kind < b->delivery.kind ? -1 : 1;
	if (a->delivery.position != b->delivery.position)
		return a->delivery.position < b->delivery.position ? -1 : 1;
	return str_compare(a->user.address_key, b->user.address_key);
}

/* Sorting here and not in SQL: there, sorters cost more than all the rest of a message. */
static enum err read_readers(struct db *db, const char *sql, const struct param *params,
			     struct list *ret)
{
	ret->read = read_reader;
	ret->item_bytes = sizeof(struct message_reader);
	TRY(db_list(db, ret, sql, params, SEEN_PARAM_COUNT + 1));
	if (ret->page.count > 1)
		qsort(ret->items, ret->page.count, ret->item_bytes, compare_readers);
	return OK;
}

enum err messages_readers(struct db *db, struct arena *arena, const struct id *message_id,
			  struct message_reader **ret, size_t *ret_count)
{
	const struct id nobody = {0};
	const struct param params[] = {SEEN_PARAMS(message_id, 1, &nobody),
				       P_INT(LIMIT_RECIPIENTS)};
	struct list readers = {.arena = arena};
	TRY(read_readers(db, any_readers, params, &readers));
	*ret = readers.items;
	*ret_count = readers.page.count;
	return OK;
}

/* All were read: no need to ask. */
static void count_here(const struct id *reader_id, struct message_audience *audience)
{
	audience->total = (int64_t)audience->count;
	for (size_t i = 0; i < audience->count; i++) {
		const struct delivery *delivery = &audience->readers[i].delivery;
		audience->of_kind[delivery->kind]++;
		audience->opened += delivery->opened_ms > 0;
		audience->others +=
			delivery->kind != RECIPIENT_BCC && !id_eq(&delivery->user_id, reader_id);
	}
}

static enum err count_all(struct db *db, const struct param *params, int64_t bad,
			  struct message_audience *audience)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(db, &rows,
			  "SELECT COUNT(*), SUM(CASE WHEN opened_ms > 0 THEN 1 ELSE 0 END), "
			  "SUM(CASE WHEN kind <> ?3 AND user_id <> ?5 THEN 1 ELSE 0 END), "
			  "SUM(CASE WHEN kind = 1 THEN 1 ELSE 0 END), "
			  "SUM(CASE WHEN kind = 2 THEN 1 ELSE 0 END), "
			  "SUM(CASE WHEN kind = 3 THEN 1 ELSE 0 END) "
			  "FROM deliveries WHERE " IS_SEEN,
			  params, SEEN_PARAM_COUNT));
	audience->total = rows_int(&rows, 0) - bad;
	audience->opened = rows_int(&rows, 1);
	audience->others = rows_int(&rows, 2);
	for (int kind = RECIPIENT_TO; kind <= RECIPIENT_BCC; kind++)
		audience->of_kind[kind] = rows_int(&rows, 2 + kind);
	return OK;
}

enum err messages_readers_seen(struct db *db, struct arena *arena, const struct message *message,
			       const struct id *reader_id, int64_t limit,
			       struct message_audience *ret)
{
	bool is_sender = id_eq(&message->sender_id, reader_id);
	const struct param params[] = {SEEN_PARAMS(&message->id, is_sender, reader_id),
				       P_INT(limit)};
	struct list any = {.arena = arena}, chosen = {.arena = arena};
	TRY(read_readers(db, any_readers, params, &any));
	if ((int64_t)any.page.count + any.page.bad < limit) {
		*ret = (struct message_audience){.readers = any.items, .count = any.page.count};
		count_here(reader_id, ret);
		return OK;
	}
	TRY(read_readers(db, chosen_readers, params, &chosen));
	struct message_audience audience = {.readers = chosen.items, .count = chosen.page.count};
	TRY(count_all(db, params, chosen.page.bad, &audience));
	*ret = audience;
	return OK;
}
