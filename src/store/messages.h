/* Tables messages and deliveries: what was written, and who may read it. Both authenticated. */
#pragma once

#include "crypto/digest.h"
#include "store/users.h"

/* Stored as these numbers; never renumber. */
enum recipient_kind { RECIPIENT_FROM = 0, RECIPIENT_TO = 1, RECIPIENT_CC = 2, RECIPIENT_BCC = 3 };
enum box { BOX_INBOX = 1, BOX_SENT = 2 };

struct message {
	struct id id;
	struct id conversation_id; /* id of the first message of the conversation */
	struct id parent_id;       /* answered message; empty: none */
	struct id sender_id;
	int64_t sent_ms;
	struct str subject;              /* ciphertext */
	struct str body;                 /* ciphertext; empty when not asked for */
	uint8_t body_hash[DIGEST_BYTES]; /* of the body's ciphertext */
};

/* One reader's right to one message. Exactly one of sealed and wrapped is not empty. */
struct delivery {
	struct id message_id;
	struct id user_id;
	enum recipient_kind kind;
	enum box box;
	struct str sealed;  /* the message key, sealed to the user's public key */
	struct str wrapped; /* the message key, wrapped under the user's mailbox key */
	int64_t opened_ms;  /* 0: not yet */
};

enum err messages_insert(struct db *db, const struct message *message) MUST_CHECK;
enum err deliveries_insert(struct db *db, const struct delivery *delivery) MUST_CHECK;
/* Replaces sealed by wrapped and sets opened_ms where it is 0 (0 leaves it). ERR_NOT_FOUND: gone.
 */
enum err deliveries_rewrap(struct db *db, const struct delivery *delivery) MUST_CHECK;

/* A message as one reader has it. */
struct message_copy {
	struct message message;
	struct delivery delivery;
	struct user sender;
	bool is_authentic; /* false: some row failed its check (alarm logged): show nothing of it */
};

/* A reader's box, newest first, below the id `before` (empty: from the top); without bodies. */
enum err messages_in_box(struct db *db, struct arena *arena, const struct id *user_id, enum box box,
			 const struct id *before, int64_t limit, struct message_copy **ret,
			 size_t *ret_count) MUST_CHECK;
/* Unopened ones in the Inbox; counting stops at 1000. */
enum err messages_count_unread(struct db *db, const struct id *user_id, int64_t *ret) MUST_CHECK;
/* One message with its body. ERR_NOT_FOUND: no such, or not this reader's. */
enum err messages_get(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct id *message_id, struct message_copy *ret) MUST_CHECK;
/* The conversation that holds a message of this reader, as they have it, with bodies, newest first;
 * none when the message is not theirs. */
enum err messages_conversation(struct db *db, struct arena *arena, const struct id *user_id,
			       const struct id *message_id, int64_t limit,
			       struct message_copy **ret, size_t *ret_count) MUST_CHECK;

/* A recipient of a message, with the state of their notification mail (see store/mails.h). */
struct message_reader {
	struct delivery delivery;
	struct user user;
	int64_t mail_state; /* enum mail_state; 0: none was queued */
	struct str mail_reply;
};
/* All readers but the sender, in the order they were written. Rows that fail their check are left
 * out (alarm logged). */
enum err messages_readers(struct db *db, struct arena *arena, const struct id *message_id,
			  struct message_reader **ret, size_t *ret_count) MUST_CHECK;

/* A user's deliveries whose key is still sealed. */
enum err deliveries_sealed(struct db *db, struct arena *arena, const struct id *user_id,
			   struct delivery **ret, size_t *ret_count) MUST_CHECK;

/* For checking everything: rows after `after` by id; those that fail their check are left out and
 * counted. */
enum err messages_page(struct db *db, struct arena *arena, const struct id *after, int64_t limit,
		       struct message **ret, size_t *ret_count, struct id *ret_last,
		       int64_t *ret_bad) MUST_CHECK;
enum err deliveries_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			       struct delivery **ret, size_t *ret_count,
			       int64_t *ret_bad) MUST_CHECK;
