/* Table drafts: what people write and have not sent yet. */
#pragma once

#include "store/db_list.h"

struct draft_row {
	struct id id;
	struct id user_id;
	int64_t version; /* 1 when first saved */
	int64_t saved_ms;
	struct id reply_to; /* message answered; empty: none, and in lists */
	struct str summary; /* ciphertext of what a list shows */
	struct str content; /* ciphertext of all of it; empty in lists */
};

/* ERR_CONFLICT: there is a draft of this id. */
enum err drafts_insert(struct db *db, const struct draft_row *draft) MUST_CHECK;
/* Writes version, saved_ms, reply_to, summary and content. ERR_CONFLICT: the version stored is not
 * expected_version, or the user has no such draft. */
enum err drafts_update(struct db *db, const struct draft_row *draft,
		       int64_t expected_version) MUST_CHECK;
/* ERR_NOT_FOUND: this user has no such draft. */
enum err drafts_get(struct db *db, struct arena *arena, const struct id *user_id,
		    const struct id *id, struct draft_row *ret) MUST_CHECK;
/* The draft of an answer to a message: the last one saved. ERR_NOT_FOUND: none. */
enum err drafts_answering(struct db *db, struct arena *arena, const struct id *user_id,
			  const struct id *message_id, struct draft_row *ret) MUST_CHECK;
/* A user's drafts without their content, last saved first: those after the place (before_ms,
 * before_id) in that order. */
enum err drafts_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			int64_t before_ms, const struct id *before_id, int64_t limit,
			struct draft_row **ret, size_t *ret_count) MUST_CHECK;
enum err drafts_count(struct db *db, const struct id *user_id, int64_t *ret) MUST_CHECK;
/* ERR_NOT_FOUND: this user has no such draft. */
enum err drafts_delete(struct db *db, const struct id *user_id, const struct id *id) MUST_CHECK;
/* ERR_CONFLICT: it has another version by now, or is gone. */
enum err drafts_delete_version(struct db *db, const struct id *user_id, const struct id *id,
			       int64_t version) MUST_CHECK;
/* The next rows by id, at most limit, without content. Such without a proper id are left out and
 * counted. */
enum err drafts_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		     struct draft_row **ret) MUST_CHECK;
