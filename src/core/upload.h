/* Uploading (P5): a file arrives in pieces, over as many requests as it takes, and is encrypted on
 * the way; what was acknowledged is on disk. Only its owner ever sees an upload. */
#pragma once

#include "core/file_head.h"
#include "core/session.h"

enum { UPLOAD_BYTES_UNKNOWN = -1 };

/* ERR_INVALID, ERR_TOO_LARGE or ERR_DENIED with a sentence in errors[""]: over the size a file or
 * the person's quota may have (ERR_TOO_LARGE), a blocked ending (ERR_DENIED), too many unfinished
 * ones. bytes: of the whole file; UPLOAD_BYTES_UNKNOWN for a form, which is checked as it comes. */
enum err upload_create(struct cx *cx, struct str name, struct str type, int64_t bytes,
		       struct id *ret, struct form_errors *errors) MUST_CHECK;

struct upload_view {
	struct id id;
	int64_t offset;        /* acknowledged */
	int64_t bytes;         /* whole */
	int64_t expires_ms;    /* unfinished; 0: it is ready or refused */
	bool is_expired;       /* nothing can be added any more; it goes soon */
	struct file_head head; /* sha256 when it is ready */
	enum file_state state;
};
/* ERR_NOT_FOUND: no such, or not theirs. */
enum err upload_get(struct cx *cx, const struct id *id, struct upload_view *ret) MUST_CHECK;
/* The same for a client that comes back to go on: what its old connection has brought is settled
 * first, unless that one is alive. */
enum err upload_resume(struct cx *cx, const struct id *id, struct upload_view *ret) MUST_CHECK;
/* Ends it and removes what had come; also of a ready one that is in no message. ERR_CONFLICT: it is
 * in one. ERR_BUSY: the virus scanner is looking at it. */
enum err upload_delete(struct cx *cx, const struct id *id) MUST_CHECK;

/* The same of whomever's file it is, for who was erased. ERR_NOT_FOUND: it is gone. */
enum err upload_destroy(struct portal *portal, const struct id *id,
			const struct id *owner_id) MUST_CHECK;

struct upload_checksum {
	enum hash_kind kind;
	uint8_t expected[HASHING_MAX_BYTES];
	bool is_wanted;
};

/* One request that brings bytes. Outlives the request's cx. */
struct upload;
/* Takes over from whoever was sending: their connection is dead or they lose (ERR_CONFLICT at their
 * next step). ERR_CONFLICT: `offset` is not where the file stands. ERR_TOO_LARGE: `bytes` (of this
 * request; -1 unknown) would go past its end; or it came in too many pieces. ERR_NOT_FOUND, also
 * when it has expired. ERR_BUSY: somebody else is really sending at this very moment (they have
 * brought bytes within LIMIT_UPLOAD_RIVAL_MS): a true second writer. ERR_UNAVAILABLE: this person
 * sends as many at once as they may, or trouble of ours. checksum: of this request; NULL: none. */
enum err upload_begin(struct cx *cx, const struct id *id, int64_t offset, int64_t bytes,
		      const struct upload_checksum *checksum, struct upload **ret) MUST_CHECK;
/* A number that grows with every byte of this request that arrives, be it long before it is taken:
 * by it a slow connection is known from a dead one. Borrowed until upload_free(). */
void upload_follow(struct upload *upload, const _Atomic uint64_t *received);
/* On a worker, never two at once. ERR_CONFLICT: taken over by another connection. ERR_TOO_LARGE.
 * ERR_DENIED: the session has ended. ERR_UNAVAILABLE: disk full. After an error nothing more is
 * kept; what was acknowledged stays. */
enum err upload_take(struct upload *upload, struct str bytes) MUST_CHECK;
enum upload_end {
	UPLOAD_SENT, /* the request has come whole: its last byte counts too */
	UPLOAD_CUT,  /* its connection broke: kept to the last whole chunk */
};
/* Commits what has come, and when that is all of it makes the file ready. *ret_offset: where it
 * stands now. ERR_INVALID: the checksum is another, and nothing of this request was kept.
 * ERR_DENIED: the virus scanner found something and the setting refuses it (the file is
 * FILE_REFUSED), or the session has ended. The error of upload_take(), if there was one. Call it
 * once, then upload_free(); leaving it out keeps nothing that is not committed yet. */
enum err upload_end(struct upload *upload, enum upload_end how, int64_t *ret_offset) MUST_CHECK;
/* Instead of upload_end(), for a file whose id nobody was told: removes it and what had come. */
enum err upload_abandon(struct upload *upload) MUST_CHECK;
/* Why the last call failed, if it was for something that the person can mend; else empty. */
struct str upload_sentence(struct cx *cx, struct upload *upload);
/* NULL is fine. */
void upload_free(struct upload *upload);

/* For the sentence shown before an upload starts, and Tus-Max-Size. */
struct upload_limits {
	int64_t file_bytes;
	int64_t message_bytes;
	int64_t quota_bytes; /* 0: none */
	int64_t used_bytes;
	struct str blocked_endings; /* "exe, bat"; empty: none */
};
enum err upload_limits_of(struct cx *cx, struct upload_limits *ret) MUST_CHECK;

/* Housekeeping. Some of what nobody wants any more: those that expired or were never sent, and
 * those that are in no message, library or draft now. */
enum err upload_sweep(struct cx *cx, size_t *ret_count) MUST_CHECK;
/* Some of the blobs, each time the next ones: those that no row names are removed. One thread. */
enum err upload_sweep_orphans(struct cx *cx, size_t *ret_count) MUST_CHECK;
