/* Table tracks: what a message's recipients did with it, written in the transaction that causes it
 * (P4.3). Authenticated: the sender is told nothing that did not happen. */
#pragma once

#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum track_kind {
	TRACK_NOTIFIED = 1, /* the mail server took the notification */
	TRACK_OPENED = 2,   /* decrypted for the recipient; a visit to the link is none */
	TRACK_REPLIED = 3,
	TRACK_FORWARDED = 4,
	TRACK_RECALLED = 5,
	TRACK_DOWNLOADED = 6, /* of a file, which is in detail: some of it was given out */
	TRACK_SIGNED = 7,     /* the documents of a request (P6) */
	TRACK_KINDS,
};

struct track {
	struct id message_id;
	struct id user_id; /* the recipient */
	enum track_kind kind;
	struct str detail; /* of which thing, where there are several; empty: of the message */
	int64_t at_ms;
};

/* Only the first of its kind and detail is kept; and none of somebody whom the message was not
 * addressed to: the sender, or who got it quoted. */
enum err tracks_add(struct db *db, const struct track *track) MUST_CHECK;
/* Of all recipients, in the order that tracks_time() needs. Those that fail their check are left
 * out and counted. */
enum err tracks_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			   struct track **ret, size_t *ret_count, int64_t *ret_bad) MUST_CHECK;
/* Of one recipient; bad ones are left out. */
enum err tracks_of_recipient(struct db *db, struct arena *arena, const struct id *message_id,
			     const struct id *user_id, struct track **ret,
			     size_t *ret_count) MUST_CHECK;
/* When it happened, of those that the calls above gave; 0: it did not. detail: of which file;
 * empty: the message. */
int64_t tracks_time(const struct track *tracks, size_t count, const struct id *user_id,
		    enum track_kind kind, struct str detail);
/* All of one recipient: the first of them; *ret_count: how many. */
const struct track *tracks_of_user(const struct track *tracks, size_t count,
				   const struct id *user_id, size_t *ret_count);
