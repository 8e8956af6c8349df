/* Table preferences: how somebody wants to be told, and their absence; authenticated, as it decides
 * what is sent in their name. Table away_answers: who was answered in an absence. */
#pragma once

#include "store/db.h"

/* Stored as these numbers; never renumber. */
enum notify {
	NOTIFY_EACH = 1,     /* a mail for each message */
	NOTIFY_HOURLY = 2,   /* one mail for all that came within the hour */
	NOTIFY_NOT_LIVE = 3, /* a mail for each, but none while a window of theirs is told live */
};

struct preferences_row {
	struct id user_id;
	int64_t version; /* 0: there is no row */
	enum notify notify;
	struct id away_id; /* of the absence; empty: none */
	int64_t away_from_ms, away_until_ms;
	struct str away_text; /* ciphertext under the queue key */
	struct str signature; /* ciphertext under the mailbox key; may be empty */
};

/* ERR_NOT_FOUND: nothing was ever chosen. */
enum err preferences_get(struct db *db, struct arena *arena, const struct id *user_id,
			 struct preferences_row *ret) MUST_CHECK;
/* Writes version expected + 1. ERR_CONFLICT: the version stored is not `expected` (0: none). */
enum err preferences_put(struct db *db, const struct preferences_row *row,
			 int64_t expected) MUST_CHECK;

/* *ret_is_new is false if this sender was answered in this absence before. */
enum err away_answers_insert(struct db *db, const struct preferences_row *row,
			     const struct id *sender_id, bool *ret_is_new) MUST_CHECK;
enum err away_answers_exist(struct db *db, const struct preferences_row *row,
			    const struct id *sender_id, bool *ret) MUST_CHECK;
/* For checking everything: those of an absence that is none, or of a sender who does not exist. */
enum err away_answers_count_stray(struct db *db, int64_t *ret) MUST_CHECK;
