/* Table signing_people. */
#include "store/signings.h"

static void mac_person(struct mac *mac, const struct db *db, const struct signing_person *person)
{
	mac_begin(mac, db_row_key(db), "signing_people");
	mac_str(mac, id_str(&person->message_id));
	mac_int(mac, person->position);
	mac_str(mac, id_str(&person->user_id));
	mac_int(mac, person->state);
	mac_int(mac, person->asked_ms);
	mac_int(mac, person->reminded_ms);
	mac_int(mac, person->ended_ms);
	mac_int(mac, person->reminders);
}

static void mac_of(const struct db *db, const struct signing_person *person,
		   uint8_t ret_mac[DIGEST_BYTES])
{
	struct mac mac;
	mac_person(&mac, db, person);
	mac_end(&mac, ret_mac);
}

enum err signing_people_insert(struct db *db, const struct signing_person *person)
{
	uint8_t row_mac[DIGEST_BYTES];
	mac_of(db, person, row_mac);
	return db_run(db,
		      "INSERT INTO signing_people (message_id, position, user_id, state, asked_ms, "
		      "reminded_ms, ended_ms, reminders, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
		      "?8, ?9)",
		      PARAMS(P_ID(&person->message_id), P_INT(person->position),
			     P_ID(&person->user_id), P_INT(person->state), P_INT(person->asked_ms),
			     P_INT(person->reminded_ms), P_INT(person->ended_ms),
			     P_INT(person->reminders), P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		      NULL);
}

static enum err read_person(struct list *list, struct rows *rows, void *item)
{
	struct signing_person person = {
		.message_id = rows_id(rows, 0),
		.position = rows_int(rows, 1),
		.user_id = rows_id(rows, 2),
		.state = (enum signer_state)rows_code(rows, 3),
		.asked_ms = rows_int(rows, 4),
		.reminded_ms = rows_int(rows, 5),
		.ended_ms = rows_int(rows, 6),
		.reminders = rows_int(rows, 7),
	};
	struct str stored = rows_bytes(rows, 8, list->arena);
	struct mac mac;
	if (list->arena->failed)
		return ERR_UNAVAILABLE;
	mac_person(&mac, rows->db, &person);
	if (!mac_check(&mac, stored))
		return db_not_authentic("signing_people", id_str(&person.message_id));
	*(struct signing_person *)item = person;
	return OK;
}

enum err signing_people_of(struct db *db, struct arena *arena, const struct signing *signing,
			   struct signing_person **ret)
{
	struct list list = {
		.arena = arena, .read = read_person, .item_bytes = sizeof(struct signing_person)};
	TRY(db_list(db, &list,
		    "SELECT message_id, position, user_id, state, asked_ms, reminded_ms, ended_ms, "
		    "reminders, mac FROM signing_people WHERE message_id = ?1 ORDER BY position",
		    PARAMS(P_ID(&signing->message_id))));
	if (list.page.bad > 0)
		return ERR_CORRUPT;
	if ((int64_t)list.page.count != signing->signer_count)
		return db_not_authentic("signing_people", id_str(&signing->message_id));
	*ret = list.items;
	return OK;
}

enum err signing_people_update(struct db *db, const struct signing_person *old,
			       const struct signing_person *next)
{
	struct signing_person changed = *old;
	uint8_t old_mac[DIGEST_BYTES], next_mac[DIGEST_BYTES];
	int64_t changes;
	changed.state = next->state;
	changed.asked_ms = next->asked_ms;
	changed.reminded_ms = next->reminded_ms;
	changed.ended_ms = next->ended_ms;
	changed.reminders = next->reminders;
	mac_of(db, old, old_mac);
	mac_of(db, &changed, next_mac);
	TRY(db_run(db,
		   "UPDATE signing_people SET state = ?3, asked_ms = ?4, reminded_ms = ?5, "
		   "ended_ms = ?6, reminders = ?7, mac = ?8 WHERE message_id = ?1 AND position = "
		   "?2 AND mac = ?9",
		   PARAMS(P_ID(&old->message_id), P_INT(old->position), P_INT(changed.state),
			  P_INT(changed.asked_ms), P_INT(changed.reminded_ms),
			  P_INT(changed.ended_ms), P_INT(changed.reminders),
			  P_BLOB(str_bytes(next_mac, sizeof(next_mac))),
			  P_BLOB(str_bytes(old_mac, sizeof(old_mac)))),
		   &changes));
	return changes == 1 ? OK : ERR_CONFLICT;
}
