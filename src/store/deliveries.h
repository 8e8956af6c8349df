/* Table deliveries: who may read a message, and by which key. Authenticated. */
#pragma once

#include "store/db.h"

/* Stored as these numbers; never renumber. */
enum recipient_kind { RECIPIENT_FROM = 0, RECIPIENT_TO = 1, RECIPIENT_CC = 2, RECIPIENT_BCC = 3 };
enum { RECIPIENT_KINDS = 4 };
enum box { BOX_INBOX = 1, BOX_SENT = 2 };

/* One reader's right to one message. Exactly one of sealed and wrapped is not empty. */
struct delivery {
	struct id message_id;
	struct id user_id;
	enum recipient_kind kind;
	enum box box;
	struct str sealed;  /* the message key, sealed to the user's public key */
	struct str wrapped; /* the message key, wrapped under the user's mailbox key */
	int64_t opened_ms;  /* 0: not yet */
	int64_t position;   /* among the recipients as they were typed; all 0 in old messages */
};

/* For statements that join deliveries: the columns in the order deliveries_read() takes them, for
 * an alias d. */
#define DELIVERIES_COLUMNS                                                                         \
	"d.message_id, d.user_id, d.kind, d.box, d.sealed, d.wrapped, d.opened_ms, d.position, "   \
	"d.mac"
enum { DELIVERIES_COLUMN_COUNT = 9 };
/* Reads and authenticates the delivery whose columns begin at `column`. */
enum err deliveries_read(struct rows *rows, int column, struct arena *arena,
			 struct delivery *ret) MUST_CHECK;

enum err deliveries_insert(struct db *db, const struct delivery *delivery) MUST_CHECK;
/* Puts the key of `next` in place of that of `old`, and sets opened_ms where it is 0 (0 leaves it).
 * ERR_NOT_FOUND: the row is gone or has another key by now, one that was destroyed perhaps, and
 * nothing was changed. */
enum err deliveries_rewrap(struct db *db, const struct delivery *old,
			   const struct delivery *next) MUST_CHECK;
/* Sets opened_ms where it is 0; no key changes. */
enum err deliveries_mark_opened(struct db *db, const struct delivery *delivery) MUST_CHECK;

/* A user's deliveries whose key is still sealed. */
enum err deliveries_sealed(struct db *db, struct arena *arena, const struct id *user_id,
			   struct delivery **ret, size_t *ret_count) MUST_CHECK;

/* All of a message; those that fail their check are left out and counted. */
enum err deliveries_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			       struct delivery **ret, size_t *ret_count,
			       int64_t *ret_bad) MUST_CHECK;
