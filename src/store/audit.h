/* Table audit: what happened, each row bound to the one before (P7): nobody can take one out or
 * change it afterwards without its being seen. Holds no content: of what was done only a digest.
 *
 *   chain = BLAKE2b-256(key from the master key; previous chain, and all fields of this row) */
#pragma once

#include "crypto/digest.h"
#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum audit_kind {
	AUDIT_SIGNING_SENT = 1,
	AUDIT_SIGNING_OPENED,
	AUDIT_SIGNING_AGREED,
	AUDIT_SIGNING_SIGNED,
	AUDIT_SIGNING_DECLINED,
	AUDIT_SIGNING_COMPLETED,
	AUDIT_SIGNING_CANCELLED,
	AUDIT_SIGNING_EXPIRED,
	AUDIT_SIGNING_REMINDED,
	AUDIT_SIGNING_DOWNLOADED,
};

struct audit_entry {
	int64_t number; /* 1, 2 ... without gaps; given when it is appended */
	int64_t at_ms;
	enum audit_kind kind;
	struct id actor_id;           /* empty: the portal itself */
	struct id object_id;          /* message, say */
	uint8_t detail[DIGEST_BYTES]; /* of what is kept elsewhere, encrypted */
};
/* In the transaction of what it tells of; appenders wait for each other until its end. */
enum err audit_append(struct db *db, const struct audit_entry *entry) MUST_CHECK;
/* All of one object, in order. Whether they are what they were says audit_check(). */
enum err audit_of_object(struct db *db, struct arena *arena, const struct id *object_id,
			 struct audit_entry **ret, size_t *ret_count) MUST_CHECK;
/* Walks some of the chain. *ret_bad: the number of the first row that is not what it was, or that
 * is missing; 0: none. */
enum err audit_check(struct db *db, int64_t after, int64_t limit, int64_t *ret_last,
		     int64_t *ret_bad) MUST_CHECK;
