/* Table messages: what was written. Authenticated. Who may read it: store/deliveries.h. */
#pragma once

#include "crypto/digest.h"
#include "store/deliveries.h"
#include "store/users.h"

/* What recipients may not do, or must (P4.2). Stored as these bits. */
enum message_option {
	OPTION_NO_FORWARD = 1,
	OPTION_NO_REPLY_ALL = 2,
	OPTION_NO_REPLY = 4,
	OPTION_CONFIDENTIAL = 8, /* asks for the password at every opening */
	OPTION_AUTOMATIC = 16, /* written by the portal for somebody who is away; nobody chooses it
				*/
	OPTION_SIGNING = 32,   /* with documents to sign (store/signings.h); nobody chooses it */
};

struct message {
	struct id id;
	struct id conversation_id; /* id of the first message of the conversation */
	struct id parent_id;       /* answered message; empty: none */
	struct id sender_id;
	int64_t sent_ms;
	unsigned options;                /* enum message_option */
	int64_t expires_ms;              /* 0: never */
	struct id forward_of;            /* forwarded message; empty: none */
	int64_t recalled_ms;             /* recalled from everybody; 0: not */
	struct str subject;              /* ciphertext */
	struct str body;                 /* ciphertext; empty when not asked for */
	uint8_t body_hash[DIGEST_BYTES]; /* of the body's ciphertext */
	struct str folded; /* ciphertext of what is searched; empty when not asked for */
	bool has_folded;   /* false: stored before there was search */
	uint8_t folded_hash[DIGEST_BYTES]; /* of its ciphertext */
};

enum err messages_insert(struct db *db, const struct message *message) MUST_CHECK;
/* Says that it was recalled from everybody. `message`: as read. ERR_NOT_FOUND: that is said
 * already.
 */
enum err messages_set_recalled(struct db *db, const struct message *message,
			       int64_t recalled_ms) MUST_CHECK;

/* A message as one reader has it. */
struct message_copy {
	struct message message;
	struct delivery delivery;
	struct user sender;
	int64_t body_bytes; /* of its ciphertext; in a conversation, where it may not be loaded */
	int64_t beside;     /* in a list of conversations: how many messages it stands for */
	bool is_any_unread; /* of these */
	bool is_authentic; /* false: some row failed its check (alarm logged): show nothing of it */
	int64_t signing_state; /* enum signing_state of a message with OPTION_SIGNING; 0: it has
				  none, or its row failed its check (alarm logged) */
};

/* A reader's box, newest first, below the id `before` (empty: from the top); without bodies. */
enum err messages_in_box(struct db *db, struct arena *arena, const struct id *user_id, enum box box,
			 const struct id *before, int64_t limit, struct message_copy **ret,
			 size_t *ret_count) MUST_CHECK;
/* The same of what has one of the reader's labels, in whatever box but Trash. */
enum err messages_with_label(struct db *db, struct arena *arena, const struct id *user_id,
			     const struct id *label_id, const struct id *before, int64_t limit,
			     struct message_copy **ret, size_t *ret_count) MUST_CHECK;
/* The same of the messages between the reader and another person, whichever sent them
 * (store/contacts.h); not those in Trash. */
enum err messages_exchanged(struct db *db, struct arena *arena, const struct id *user_id,
			    const struct id *other_id, const struct id *before, int64_t limit,
			    struct message_copy **ret, size_t *ret_count) MUST_CHECK;
/* The same with the newest message of each conversation in place of all that are in the box. */
enum err messages_tops_in_box(struct db *db, struct arena *arena, const struct id *user_id,
			      enum box box, const struct id *before, int64_t limit,
			      struct message_copy **ret, size_t *ret_count) MUST_CHECK;
/* Unread ones in the Inbox; counting stops at 100. */
enum err messages_count_unread(struct db *db, const struct id *user_id, int64_t *ret) MUST_CHECK;
/* One message with its body. ERR_NOT_FOUND: no such, or not this reader's. */
enum err messages_get(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct id *message_id, struct message_copy *ret) MUST_CHECK;
/* The same without its body. */
enum err messages_get_head(struct db *db, struct arena *arena, const struct id *user_id,
			   const struct id *message_id, struct message_copy *ret) MUST_CHECK;
/* The conversation that holds a message of this reader, as they have it, newest first; none when
 * the message is not theirs. What is in Trash is left out, unless it is that message. Bodies only
 * where they are of inline_max_bytes at most. */
enum err messages_conversation(struct db *db, struct arena *arena, const struct id *user_id,
			       const struct id *message_id, int64_t inline_max_bytes, int64_t limit,
			       struct message_copy **ret, size_t *ret_count) MUST_CHECK;
/* Loads the body of an authentic copy; is_authentic becomes false when it is not the one that was
 * written. */
enum err messages_load_body(struct db *db, struct arena *arena,
			    struct message_copy *copy) MUST_CHECK;

/* A recipient of a message. What became of their mails: mails_of_message(). */
struct message_reader {
	struct delivery delivery;
	struct user user;
};
/* All readers but the sender: To before Cc before Bcc, each in the order they were typed. Rows that
 * fail their check are left out (alarm logged). */
enum err messages_readers(struct db *db, struct arena *arena, const struct id *message_id,
			  struct message_reader **ret, size_t *ret_count) MUST_CHECK;

/* Those whom a reader may see: Bcc only the sender, and that person. */
struct message_audience {
	struct message_reader *readers; /* the first ones, To before Cc before Bcc */
	size_t count;
	int64_t total;                    /* all of them */
	int64_t opened;                   /* of all */
	int64_t others;                   /* of all: To and Cc without the reader */
	int64_t of_kind[RECIPIENT_KINDS]; /* of all, by enum recipient_kind */
};
enum err messages_readers_seen(struct db *db, struct arena *arena, const struct message *message,
			       const struct id *reader_id, int64_t limit,
			       struct message_audience *ret) MUST_CHECK;

/* Everybody but the sender who has a delivery of a message, quoted or not; in the order of their
 * ids, so that two lists can be compared (deliveries_end.c). Deliveries that fail their check are
 * left out. */
struct message_holder {
	struct delivery delivery;
	struct id via_sender_id; /* who sent the message it was quoted by; empty: it is gone */
	struct user user;
	bool is_user_authentic; /* false: say nothing of them, give them nothing */
};
enum err messages_holders(struct db *db, struct arena *arena, const struct id *message_id,
			  struct message_holder **ret, size_t *ret_count) MUST_CHECK;

/* For checking everything: the next messages by id, with their bodies. */
enum err messages_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		       struct message **ret) MUST_CHECK;
