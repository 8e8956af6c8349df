/* Table ways_in: each row opens one user's private key by one means (ARCHITECTURE, Keys), or is a
 * mailed link. Authenticated. */
#pragma once

#include "store/users.h"

/* Stored as these numbers; never renumber. */
enum way_in_kind {
	WAY_IN_PASSWORD = 1,
	WAY_IN_BROWSER = 2, /* session cookie */
	WAY_IN_API = 3,     /* API session */
	WAY_IN_INVITATION =
		4, /* link; the private key is wrapped under its secret until it is used */
	WAY_IN_RECOVERY = 5,
	WAY_IN_PORTAL = 6, /* sealed to the portal's key: managed custody, and pending invitees */
	WAY_IN_RESET = 7,  /* link; holds no key */
	/* Links to a mailbox (core/address_change.h), which hold no key either and open nothing;
	 * their label is the address. */
	WAY_IN_ADDRESS = 8,       /* it becomes theirs, and the one before an alias */
	WAY_IN_ADDRESS_ALONE = 9, /* it becomes theirs, and the one before is so no more */
	WAY_IN_ALIAS = 10,
	WAY_IN_ADDRESS_BACK = 11, /* the one before becomes theirs again */
};

struct way_in {
	struct id id;
	struct id user_id;
	enum way_in_kind kind;
	struct str wrapped; /* the private key, wrapped or sealed; empty: none (any more) */
	struct str salt;    /* password only */
	int64_t cost_memory_bytes;
	int64_t cost_passes;
	struct str secret_hash; /* links only: BLAKE2b of the link's secret, so that a used link is
				   known again */
	struct id made_by;      /* links: who invited */
	int64_t created_ms;
	int64_t expires_ms; /* 0: never */
	int64_t used_ms;    /* sessions: last seen; links: spent; 0: not yet */
	struct str label;   /* sessions: user agent; links to a mailbox: its address */
	struct str remote;  /* sessions: network address at sign-in */
};

#define WAYS_IN_COLUMNS                                                                            \
	"w.id, w.user_id, w.kind, w.wrapped, w.salt, w.cost_memory_bytes, w.cost_passes, "         \
	"w.secret_hash, "                                                                          \
	"w.made_by, w.created_ms, w.expires_ms, w.used_ms, w.label, w.remote, w.mac"
enum { WAYS_IN_COLUMN_COUNT = 15 };
enum err ways_in_read(struct rows *rows, int column, struct arena *arena,
		      struct way_in *ret) MUST_CHECK;

enum err ways_in_by_id(struct db *db, struct arena *arena, const struct id *id,
		       struct way_in *ret) MUST_CHECK;
/* With the user it belongs to. ERR_NOT_FOUND: no such row. */
enum err ways_in_with_user(struct db *db, struct arena *arena, const struct id *id,
			   struct way_in *ret, struct user *ret_user) MUST_CHECK;
/* The newest of a kind. ERR_NOT_FOUND: none. */
enum err ways_in_newest(struct db *db, struct arena *arena, const struct id *user_id,
			enum way_in_kind kind, struct way_in *ret) MUST_CHECK;
/* All of a user, newest first. */
enum err ways_in_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			 struct way_in **ret, size_t *ret_count) MUST_CHECK;
enum err ways_in_insert(struct db *db, const struct way_in *way_in) MUST_CHECK;
/* Writes wrapped, used_ms, expires_ms. ERR_CONFLICT: it is gone, or was used meanwhile (stored
 * used_ms is not expected_used_ms). */
enum err ways_in_update(struct db *db, const struct way_in *way_in,
			int64_t expected_used_ms) MUST_CHECK;
enum err ways_in_delete(struct db *db, const struct id *id) MUST_CHECK;
/* Deletes all of a kind but `keep` (may be NULL). */
enum err ways_in_delete_kind(struct db *db, const struct id *user_id, enum way_in_kind kind,
			     const struct id *keep) MUST_CHECK;
/* Deletes the oldest of a kind so that at most `keep_newest` remain. */
enum err ways_in_trim(struct db *db, const struct id *user_id, enum way_in_kind kind,
		      int64_t keep_newest) MUST_CHECK;
/* Deletes sessions that ended by total or idle time. */
enum err ways_in_delete_expired(struct db *db, int64_t now_ms, int64_t idle_before_ms) MUST_CHECK;
/* Deletes at most `limit` links that expired before. (Spent ones expire too.) */
enum err ways_in_delete_old_links(struct db *db, int64_t expired_before_ms, int64_t limit,
				  int64_t *ret_deleted) MUST_CHECK;
/* After a restore: deletes all sessions, and links for a new password or another address. */
enum err ways_in_end_sessions(struct db *db, int64_t *ret_sessions) MUST_CHECK;
/* The next rows by id, at most limit. */
enum err ways_in_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		      struct way_in **ret) MUST_CHECK;
