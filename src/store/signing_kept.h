/* Table signing_kept: what somebody keeps for signing again: signature, initials, templates of
 * requests. Nothing but ciphertext under the owner's mailbox key, bound to id, owner, kind and
 * version: that authenticates them. */
#pragma once

#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum kept_kind {
	KEPT_SIGNATURE = 1, /* one of a user */
	KEPT_INITIALS = 2,  /* one of a user */
	KEPT_TEMPLATE = 3,
};

struct kept_row {
	struct id id;
	struct id user_id;
	enum kept_kind kind;
	int64_t version;
	struct str content; /* ciphertext */
};

/* ERR_TOO_LARGE: the user has `most` of this kind already. ERR_CONFLICT: somebody has inserted one
 * at the same moment, of those of which there is one. */
enum err signing_kept_insert(struct db *db, const struct kept_row *row, int64_t most) MUST_CHECK;
/* ERR_CONFLICT: the version is not expected_version. */
enum err signing_kept_update(struct db *db, const struct kept_row *row,
			     int64_t expected_version) MUST_CHECK;
/* ERR_NOT_FOUND: no such, not of this kind, or not this user's. */
enum err signing_kept_get(struct db *db, struct arena *arena, const struct id *user_id,
			  enum kept_kind kind, const struct id *id,
			  struct kept_row *ret) MUST_CHECK;
enum err signing_kept_delete(struct db *db, const struct id *user_id, enum kept_kind kind,
			     const struct id *id) MUST_CHECK;
/* All of a kind, oldest first. Get them one by one: together they may be more than a request has
 * memory for. */
enum err signing_kept_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			      enum kept_kind kind, struct id **ret, size_t *ret_count) MUST_CHECK;
