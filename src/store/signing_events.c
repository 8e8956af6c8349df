/* Table signing_events. */
#include "store/audit.h"
#include "store/signings.h"

static void mac_event(struct mac *mac, const struct db *db, const struct signing_event *event)
{
	mac_begin(mac, db_row_key(db), "signing_events");
	mac_str(mac, id_str(&event->message_id));
	mac_int(mac, event->number);
	mac_int(mac, event->kind);
	mac_int(mac, event->at_ms);
	mac_str(mac, id_str(&event->user_id));
	mac_str(mac, event->detail);
}

static enum err append(struct db *db, const struct signing_event *event)
{
	struct audit_entry entry = {
		.at_ms = event->at_ms,
		.kind = (enum audit_kind)event->kind,
		.actor_id = event->user_id,
		.object_id = event->message_id,
	};
	digest(event->detail, entry.detail);
	return audit_append(db, &entry);
}

enum err signing_events_add(struct db *db, const struct signing_event *event)
{
	struct signing_event next = *event;
	struct mac mac;
	uint8_t row_mac[DIGEST_BYTES];
	TRY(db_select_number(db, "SELECT MAX(number) FROM signing_events WHERE message_id = ?1",
			     PARAMS(P_ID(&event->message_id)), &next.number));
	next.number++;
	mac_event(&mac, db, &next);
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "INSERT INTO signing_events (message_id, number, kind, at_ms, user_id, detail, "
		   "mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		   PARAMS(P_ID(&next.message_id), P_INT(next.number), P_INT(next.kind),
			  P_INT(next.at_ms), P_ID(&next.user_id), P_BLOB(next.detail),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		   NULL));
	return append(db, &next);
}

static enum err read_event(struct list *list, struct rows *rows, void *item)
{
	struct signing_event event = {
		.message_id = rows_id(rows, 0),
		.number = rows_int(rows, 1),
		.kind = rows_int(rows, 2),
		.at_ms = rows_int(rows, 3),
		.user_id = rows_id(rows, 4),
		.detail = rows_bytes(rows, 5, list->arena),
	};
	struct str stored = rows_bytes(rows, 6, list->arena);
	struct mac mac;
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	mac_event(&mac, rows->db, &event);
	if (!mac_check(&mac, stored))
		return db_not_authentic("signing_events", id_str(&event.message_id));
	*(struct signing_event *)item = event;
	return OK;
}

enum err signing_events_of(struct db *db, struct arena *arena, const struct id *message_id,
			   struct signing_event **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_event, .item_bytes = sizeof(struct signing_event)};
	TRY(db_list(db, &list,
		    "SELECT message_id, number, kind, at_ms, user_id, detail, mac FROM "
		    "signing_events WHERE message_id = ?1 ORDER BY number",
		    PARAMS(P_ID(message_id))));
	const struct signing_event *events = list.items;
	size_t count = list.page.count;
	if (list.page.bad > 0)
		return ERR_CORRUPT;
	/* The first one is written with the request itself. */
	if (count == 0 || events[count - 1].number != (int64_t)count)
		return db_not_authentic("signing_events", id_str(message_id));
	*ret = list.items;
	*ret_count = count;
	return OK;
}

enum err signing_events_count(struct db *db, const struct id *message_id, int64_t kind,
			      const struct id *user_id, int64_t *ret)
{
	return db_select_number(db,
				"SELECT COUNT(*) FROM signing_events WHERE message_id = ?1 AND (?2 "
				"= 0 OR (kind = ?2 AND user_id = ?3))",
				PARAMS(P_ID(message_id), P_INT(kind), P_ID(user_id)), ret);
}
