/* Tables contacts, exchanges and blocks: with whom a person has exchanged messages, which ones, and
 * from whom they take none. Contacts and blocks are authenticated; an exchange gives no right: who
 * may read is in deliveries. */
#pragma once

#include "store/users.h"

struct contact_row {
	struct user user;
	struct id last_id; /* the newest message between the two */
	bool is_blocked;   /* by the person whose contact it is */
	bool is_blocking;  /* takes no messages from that person */
};

/* Notes a message between two people, for both of them. */
enum err contacts_note(struct db *db, const struct id *sender_id, const struct id *recipient_id,
		       const struct id *message_id) MUST_CHECK;
/* For checking everything: exchanges of a message that is none, or that the one of the two has not
 * sent to the other. */
enum err exchanges_count_stray(struct db *db, int64_t *ret) MUST_CHECK;

/* The newest message that the one has sent to the other and that is still there. ERR_NOT_FOUND. It
 * gives no right by itself: whoever builds one on it looks at the delivery. */
enum err exchanges_newest(struct db *db, const struct id *sender_id, const struct id *recipient_id,
			  struct id *ret_message_id) MUST_CHECK;

/* Where a walk through somebody's contacts stands, newest message first. Begin with {0}; both are
 * empty again at the end. */
struct contact_place {
	struct id last_id;
	struct id other_id;
};

struct contact_rows {
	struct contact_row *items;
	size_t count;
	int64_t bad; /* left out, as they failed their check */
	struct contact_place next;
};

/* The next contacts of a person, at most `limit`. folded: only those with a word of their name, or
 * an address, that begins so; it looks at `scan_max` contacts at most, so that a page may hold few
 * or none and still have a next one. Empty: all. */
enum err contacts_page(struct db *db, struct arena *arena, const struct id *user_id,
		       struct str folded, const struct contact_place *from, int64_t scan_max,
		       int64_t limit, struct contact_rows *ret) MUST_CHECK;
/* ERR_NOT_FOUND: the two have exchanged nothing. */
enum err contacts_get(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct id *other_id, struct contact_row *ret) MUST_CHECK;

/* ---- blocks ---- */

/* Doing it twice is once. ERR_TOO_LARGE: `most` are blocked already. */
enum err blocks_insert(struct db *db, const struct id *user_id, const struct id *blocked_id,
		       int64_t now_ms, int64_t most) MUST_CHECK;
enum err blocks_delete(struct db *db, const struct id *user_id,
		       const struct id *blocked_id) MUST_CHECK;
/* Whether there is a row, as stored: to see whether it is as it was read before. */
enum err blocks_exist(struct db *db, const struct id *user_id, const struct id *blocked_id,
		      bool *ret) MUST_CHECK;
/* Those whom a person has blocked, newest first; rows that fail their check are counted in
 * *ret_bad.
 */
enum err blocks_of_user(struct db *db, struct arena *arena, const struct id *user_id, int64_t limit,
			struct user **ret, size_t *ret_count, int64_t *ret_bad) MUST_CHECK;
/* Who has blocked this person. ERR_CORRUPT: a row failed its check. */
enum err blocks_against(struct db *db, struct arena *arena, const struct id *blocked_id,
			int64_t limit, struct id **ret, size_t *ret_count) MUST_CHECK;
