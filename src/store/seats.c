#include "store/seats.h"

#include "base/clock.h"
#include "crypto/digest.h"
#include "store/users.h"

#define COLUMNS "number, at_ms, user_id, actor_id, delta, used, mac"

/* ---- the end of it ---- */

struct head {
	int64_t number; /* 0: there is no row yet */
	int64_t used;
};

static void mac_head(struct mac *mac, const struct db *db, const struct head *head)
{
	mac_begin(mac, db_row_key(db), "seats_head");
	mac_int(mac, head->number);
	mac_int(mac, head->used);
}

static enum err read_head(struct db *db, struct head *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	struct mac mac;
	*ret = (struct head){.number = 0};
	enum err err = db_select_row(
		db, &rows, "SELECT number, used, mac FROM seats_head WHERE id = 1", NO_PARAMS);
	if (err != OK)
		return err == ERR_NOT_FOUND ? OK : err;
	ret->number = rows_int(&rows, 0);
	ret->used = rows_int(&rows, 1);
	mac_head(&mac, db, ret);
	return mac_check(&mac, rows_view(&rows, 2)) ? OK : db_not_authentic("seats_head", STR("1"));
}

static enum err write_head(struct db *db, const struct head *head)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	mac_head(&mac, db, head);
	mac_end(&mac, digest);
	return db_run(
		db,
		"INSERT INTO seats_head (id, number, used, mac) VALUES (1, ?1, ?2, ?3) ON CONFLICT "
		"(id) DO UPDATE SET number = excluded.number, used = excluded.used, mac = "
		"excluded.mac",
		PARAMS(P_INT(head->number), P_INT(head->used),
		       P_BLOB(str_bytes(digest, sizeof(digest)))),
		NULL);
}

/* ---- rows ---- */

static void mac_change(struct mac *mac, const struct db *db, const struct seat_change *change)
{
	mac_begin(mac, db_row_key(db), "seats");
	mac_int(mac, change->number);
	mac_int(mac, change->at_ms);
	mac_str(mac, id_str(&change->user_id));
	mac_str(mac, id_str(&change->actor_id));
	mac_int(mac, change->delta);
	mac_int(mac, change->used);
}

enum err seats_append(struct db *db, struct seat_change *change)
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	struct seat_change next = *change;
	struct head head;
	TRY(read_head(db, &head));
	if (head.number == 0)
		TRY(users_count_seats(db, &head.used));
	else
		head.used += next.delta;
	head.number++;
	TRY(write_head(db, &head));
	next.number = head.number;
	next.used = head.used;
	mac_change(&mac, db, &next);
	mac_end(&mac, digest);
	TRY(db_run(db, "INSERT INTO seats (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		   PARAMS(P_INT(next.number), P_INT(next.at_ms), P_ID(&next.user_id),
			  P_ID(&next.actor_id), P_INT(next.delta), P_INT(next.used),
			  P_BLOB(str_bytes(digest, sizeof(digest)))),
		   NULL));
	*change = next;
	return OK;
}

static enum err read_item(struct list *list, struct rows *rows, void *item)
{
	struct seat_change change = {
		.number = rows_int(rows, 0),
		.at_ms = rows_int(rows, 1),
		.user_id = rows_id(rows, 2),
		.actor_id = rows_id(rows, 3),
		.delta = rows_int(rows, 4),
		.used = rows_int(rows, 5),
	};
	struct mac mac;
	mac_change(&mac, rows->db, &change);
	if (!mac_check(&mac, rows_view(rows, 6)))
		return db_not_authentic(
			"seats", arena_printf(list->arena, "%lld", (long long)change.number));
	*(struct seat_change *)item = change;
	return OK;
}

enum err seats_changes(struct db *db, struct arena *arena, int64_t from_ms, int64_t to_ms,
		       int64_t before, int64_t limit, struct seat_change **ret, size_t *ret_count,
		       int64_t *ret_bad)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct seat_change)};
	TRY(db_list(db, &list,
		    "SELECT " COLUMNS " FROM seats WHERE at_ms >= ?1 AND at_ms < ?2 AND number < "
		    "?3 ORDER BY number DESC LIMIT ?4",
		    PARAMS(P_INT(from_ms), P_INT(to_ms), P_INT(before > 0 ? before : INT64_MAX),
			   P_INT(limit))));
	*ret = list.items;
	*ret_count = list.page.count;
	*ret_bad = list.page.bad;
	return OK;
}

static enum err read_day(struct list *list, struct rows *rows, void *item)
{
	(void)list;
	*(struct seat_day *)item =
		(struct seat_day){rows_int(rows, 0), rows_int(rows, 1), rows_int(rows, 2)};
	return OK;
}

enum err seats_days(struct db *db, struct arena *arena, int64_t from_ms, int64_t to_ms,
		    struct seat_day **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_day, .item_bytes = sizeof(struct seat_day)};
	TRY(db_list(db, &list,
		    "SELECT d.day, d.most, s.used FROM (SELECT at_ms / 86400000 AS day, MAX(used) "
		    "AS most, MAX(number) AS number FROM seats WHERE at_ms >= ?1 AND at_ms < ?2 "
		    "GROUP BY at_ms / 86400000) d JOIN seats s ON s.number = d.number ORDER BY "
		    "d.day",
		    PARAMS(P_INT(from_ms), P_INT(to_ms))));
	*ret = list.items;
	*ret_count = list.page.count;
	return OK;
}

enum err seats_used_before(struct db *db, int64_t at_ms, int64_t *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select_row(
		db, &rows,
		"SELECT used FROM seats WHERE at_ms < ?1 ORDER BY at_ms DESC, number DESC LIMIT 1",
		PARAMS(P_INT(at_ms))));
	*ret = rows_int(&rows, 0);
	return OK;
}

enum err seats_used_now(struct db *db, int64_t *ret)
{
	struct head head;
	TRY(read_head(db, &head));
	if (head.number == 0)
		return ERR_NOT_FOUND;
	*ret = head.used;
	return OK;
}

enum err seats_check(struct db *db, struct arena *arena, int64_t *ret_count, int64_t *ret_bad)
{
	struct list list = {
		.arena = arena, .read = read_item, .item_bytes = sizeof(struct seat_change)};
	struct head head;
	enum err err = read_head(db, &head);
	if (err != OK && err != ERR_CORRUPT)
		return err;
	TRY(db_list(db, &list, "SELECT " COLUMNS " FROM seats ORDER BY number", NO_PARAMS));
	const struct seat_change *changes = list.items;
	int64_t bad = (err == ERR_CORRUPT) + list.page.bad;
	for (size_t i = 0; i < list.page.count && bad == 0; i++) {
		bad += changes[i].number != (int64_t)i + 1;
		bad += i > 0 && changes[i].used != changes[i - 1].used + changes[i].delta;
	}
	if (bad == 0 && (head.number != (int64_t)list.page.count ||
			 (head.number > 0 && head.used != changes[list.page.count - 1].used)))
		bad++;
	*ret_count = (int64_t)list.page.count;
	*ret_bad = bad;
	return OK;
}
