/* Table deliveries: who may read a message, and by which key. Authenticated. */
#pragma once

#include "crypto/digest.h"
#include "store/db.h"

/* Stored as these numbers; never renumber. */
enum recipient_kind {
	RECIPIENT_FROM = 0,
	RECIPIENT_TO = 1,
	RECIPIENT_CC = 2,
	RECIPIENT_BCC = 3,
	RECIPIENT_KINDS, /* of those a message was addressed to */
	/* Not a recipient: got the message with another one that quotes or forwards it (via). In no
	   box and in no list of people. */
	RECIPIENT_QUOTED = 4,
};
/* Destroyed: the reader has deleted it for ever. It has no key and is in no list of theirs; that
 * they once got it stays known to the others. */
enum box {
	BOX_NONE = 0,
	BOX_INBOX = 1,
	BOX_SENT = 2,
	BOX_ARCHIVE = 3,
	BOX_TRASH = 4,
	BOX_DESTROYED = 5
};

/* Stored as these numbers. After the end the key that opened the whole message is destroyed; in its
 * place is the notice key, which opens the subject and the reason (P4.4). */
enum delivery_end { DELIVERY_LIVE = 0, DELIVERY_RECALLED = 1, DELIVERY_EXPIRED = 2 };

/* One reader's right to one message. Exactly one of sealed and wrapped is not empty, unless it is
 * destroyed. */
struct delivery {
	struct id message_id;
	struct id user_id;
	enum recipient_kind kind;
	enum box box;
	struct str sealed;  /* the message key, sealed to the user's public key */
	struct str wrapped; /* the message key, wrapped under the user's mailbox key */
	int64_t opened_ms;  /* 0: not yet */
	int64_t position;   /* among the recipients as they were typed; all 0 in old messages */
	int64_t moved_ms;   /* when it went to Trash; else 0 */
	bool is_unread;     /* never opened, or marked so; says nothing to the sender */
	enum delivery_end ended;
	int64_t ended_ms;  /* 0: live */
	struct str reason; /* ciphertext; empty: none was given */
	struct str notice; /* sealed notice key, until the message expires; empty: it does not */
	struct id via;     /* quoted by this message; empty: was addressed */
};

/* For statements that join deliveries: the columns in the order deliveries_read() takes them, for
 * an alias d. */
#define DELIVERIES_COLUMNS                                                                         \
	"d.message_id, d.user_id, d.kind, d.box, d.sealed, d.wrapped, d.opened_ms, d.position, "   \
	"d.moved_ms, d.is_unread, d.ended, d.ended_ms, d.reason, d.notice, d.via, d.mac"
enum { DELIVERIES_COLUMN_COUNT = 16 };
/* Reads and authenticates the delivery whose columns begin at `column`. */
enum err deliveries_read(struct rows *rows, int column, struct arena *arena,
			 struct delivery *ret) MUST_CHECK;

/* For store/: what stands in the column mac. */
void deliveries_mac(const struct db *db, const struct delivery *delivery,
		    uint8_t ret_mac[DIGEST_BYTES]);

/* One with a notice ends when its message expires; so the message is inserted before. */
enum err deliveries_insert(struct db *db, const struct delivery *delivery) MUST_CHECK;
/* The same for a quoted one, but leaves what that user has of the message already, its end too. */
enum err deliveries_insert_quoted(struct db *db, const struct delivery *delivery) MUST_CHECK;
/* Whether the user has or ever had the message, in whatever way. */
enum err deliveries_has(struct db *db, const struct id *user_id, const struct id *message_id,
			bool *ret) MUST_CHECK;
/* Whether the user can open it, as things stand inside the transaction that asks. */
enum err deliveries_is_live(struct db *db, const struct id *user_id, const struct id *message_id,
			    bool *ret) MUST_CHECK;
/* The end of a live one (P4.2, P4.4): puts key, ended, ended_ms, reason and notice of `next` in
 * place. ERR_NOT_FOUND: it has ended already, was destroyed, or has another key than `old` by now,
 * and nothing was changed. */
enum err deliveries_end(struct db *db, const struct delivery *old,
			const struct delivery *next) MUST_CHECK;
/* Live ones of messages that have expired; at most `limit`. Those that fail their check are left
 * out and counted. */
enum err deliveries_expired(struct db *db, struct arena *arena, int64_t now_ms, int64_t limit,
			    struct delivery **ret, size_t *ret_count, int64_t *ret_bad) MUST_CHECK;
/* Puts the key of `next` in place of that of `old`, and its notice; with an opened_ms it is read,
 * and that is set where it is 0 (0 leaves both). ERR_NOT_FOUND: the row is gone or has another key
 * by now, one that was destroyed perhaps, and nothing was changed. */
enum err deliveries_rewrap(struct db *db, const struct delivery *old,
			   const struct delivery *next) MUST_CHECK;
/* Sets opened_ms where it is 0, and is_unread to false; no key changes. */
enum err deliveries_mark_opened(struct db *db, const struct delivery *delivery) MUST_CHECK;

/* After a further message of a conversation was inserted. */
enum err deliveries_put_on_top(struct db *db, const struct delivery *delivery,
			       const struct id *conversation_id) MUST_CHECK;
/* After a message of this reader went to another box: the newest in each is its top. */
enum err deliveries_regroup(struct db *db, const struct id *user_id,
			    const struct id *message_id) MUST_CHECK;
/* As deliveries_move() and deliveries_mark() for all of its conversation in the same box. */
enum err deliveries_move_beside(struct db *db, const struct id *user_id,
				const struct id *message_id, enum box box,
				int64_t now_ms) MUST_CHECK;
enum err deliveries_mark_beside(struct db *db, const struct id *user_id,
				const struct id *message_id, bool is_unread) MUST_CHECK;
/* For checking everything. */
enum err deliveries_count_wrong_tops(struct db *db, int64_t *ret) MUST_CHECK;

/* The four below are for what a reader has in a box: ERR_NOT_FOUND for any other. */
/* Inbox and Sent both mean back where it came from. now_ms: for Trash. */
enum err deliveries_move(struct db *db, const struct id *user_id, const struct id *message_id,
			 enum box box, int64_t now_ms) MUST_CHECK;
enum err deliveries_mark(struct db *db, const struct id *user_id, const struct id *message_id,
			 bool is_unread) MUST_CHECK;
enum err deliveries_get(struct db *db, struct arena *arena, const struct id *user_id,
			const struct id *message_id, struct delivery *ret) MUST_CHECK;
/* Takes the key away for ever; and the message with all its rows once nobody has it any more. Also
 * ERR_NOT_FOUND: it is not in Trash, or was moved there after until_ms. */
enum err deliveries_destroy(struct db *db, const struct delivery *delivery,
			    int64_t until_ms) MUST_CHECK;
/* The same for a reader who was erased, in whatever box and by that one's own line in the journal
 * (store/destroyed.h); the tops of conversations are the caller's. */
enum err deliveries_erase(struct db *db, const struct delivery *delivery) MUST_CHECK;
/* What a reader has had in Trash since until_ms or longer; at most `limit`. */
enum err deliveries_in_trash_of(struct db *db, struct arena *arena, const struct id *user_id,
				int64_t until_ms, int64_t limit, struct delivery **ret,
				size_t *ret_count) MUST_CHECK;
/* What went to Trash before a time, of everybody; at most `limit`. */
enum err deliveries_in_trash(struct db *db, struct arena *arena, int64_t before_ms, int64_t limit,
			     struct delivery **ret, size_t *ret_count) MUST_CHECK;

/* What everybody has of messages older than this id and has not in Trash since 1970 yet; at most
 * `limit`. Not of documents that are being signed. */
enum err deliveries_before(struct db *db, struct arena *arena, const struct id *message_id,
			   int64_t limit, struct delivery **ret, size_t *ret_count) MUST_CHECK;

/* A user's deliveries whose key is still sealed. */
enum err deliveries_sealed(struct db *db, struct arena *arena, const struct id *user_id,
			   struct delivery **ret, size_t *ret_count) MUST_CHECK;

/* All of a message; those that fail their check are left out and counted. */
enum err deliveries_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			       struct delivery **ret, size_t *ret_count,
			       int64_t *ret_bad) MUST_CHECK;

/* Takes the keys away from those of a message that fail their check: nobody is given them, but who
 * mends the row must not find them. *ret_count: how many had one. */
enum err deliveries_wipe_bad(struct db *db, struct arena *arena, const struct id *message_id,
			     int64_t *ret_count) MUST_CHECK;
