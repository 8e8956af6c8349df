/* Drafts (P4): what somebody writes, kept encrypted until it is sent, on whatever device they go
 * on. Everybody who is signed in has drafts, and only their own: another's id is as good as none.
 */
#pragma once

#include "core/message.h"

/* A draft as stored. Its `draft` has kept_id and kept_version set, and no idempotency_key. */
struct kept_draft {
	struct id id;
	int64_t version;
	int64_t saved_ms;
	struct draft draft;
};

struct draft_saved {
	struct id id;
	int64_t version;
	int64_t saved_ms;
};

/* Saves what is in `draft`, which may lack anything. With an empty id it is a new draft; with
 * version 0 it is the first saving of a draft whose id a form chose. Else `version` is the one that
 * was last seen: ERR_CONFLICT when another window or device has saved since, and nothing is
 * written; but what the same form saved (told by draft->idempotency_key, which each form has
 * afresh) is no conflict. ERR_NOT_FOUND: no such draft. ERR_INVALID with errors: a field is too
 * long, (in errors[""]) there are LIMIT_DRAFTS already, or (in errors["files"]) there are too many
 * files or one that this person never had. A file that was fine when the draft was saved before
 * stays in it, whatever has become of it: that is told when it is sent, and no text is lost
 * meanwhile. */
enum err draft_save(struct cx *cx, const struct id *id, int64_t version, const struct draft *draft,
		    struct draft_saved *ret, struct form_errors *errors) MUST_CHECK;

/* The version of a draft that a form may replace or send: the one it has seen last, or a later one
 * that it saved itself; 0 when it has saved nothing yet. ERR_CONFLICT and ERR_NOT_FOUND as above.
 */
enum err draft_claim(struct cx *cx, const struct id *id, int64_t version, struct str key,
		     int64_t *ret_version) MUST_CHECK;

/* ERR_NOT_FOUND: no such, or not theirs. ERR_CORRUPT: it fails its check; an alarm was logged. */
enum err draft_get(struct cx *cx, const struct id *id, struct kept_draft *ret) MUST_CHECK;

/* The answer to a message that was begun last. ERR_NOT_FOUND: none. */
enum err draft_answering(struct cx *cx, const struct id *message_id,
			 struct kept_draft *ret) MUST_CHECK;

enum { DRAFT_NAMED_PEOPLE = 3 };

struct draft_line {
	struct id id;
	int64_t version;
	int64_t saved_ms;
	struct str subject;
	struct str people[DRAFT_NAMED_PEOPLE]; /* the first ones in To, as typed */
	size_t people_count;
	int64_t people_more;
	size_t file_count;
	bool is_signing;    /* its files are documents to sign */
	bool is_unreadable; /* it failed its check: an alarm was logged */
};

struct draft_list {
	struct draft_line *lines;
	size_t count;
	struct str next_cursor; /* empty: this is the last page */
};

/* Last saved first. cursor: empty or a next_cursor (ERR_INVALID for anything else).
 * limit 1..LIMIT_PAGE_ROWS. */
enum err draft_list(struct cx *cx, struct str cursor, int64_t limit,
		    struct draft_list *ret) MUST_CHECK;

enum err draft_delete(struct cx *cx, const struct id *id) MUST_CHECK;

/* Sends a draft as it is kept; it goes in the same transaction, and stays when sending is refused
 * or fails. Errors as of message_send(); ERR_NOT_FOUND: no such draft. */
enum err draft_send(struct cx *cx, const struct id *id, struct str idempotency_key,
		    struct sent *ret, struct form_errors *errors) MUST_CHECK;
