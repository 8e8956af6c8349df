/* Where the encrypted bytes of files lie, outside the database: one small interface, so that it may
 * be a folder or an object store. A blob is written once, whole, and never changed: rows say which
 * one belongs to what (store/files.h). What it holds means nothing without a key. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"

struct blobs;

/* url: "dir:PATH"; made if it is not there (0700). ERR_UNAVAILABLE, ERR_INVALID. */
enum err blobs_open(struct str url, struct blobs **ret) MUST_CHECK;
/* NULL is fine. */
void blobs_close(struct blobs *blobs);

/* Putting one. Any thread, one at a time. */
struct blob_put;
/* The id must be a new one, else it is ERR_CONFLICT here or at the commit. */
enum err blob_put_begin(struct blobs *blobs, const struct id *id, struct blob_put **ret) MUST_CHECK;
/* ERR_UNAVAILABLE: the disk is full, say. */
enum err blob_put_add(struct blob_put *put, struct str bytes) MUST_CHECK;
/* Keeps the first `bytes` of what was added; on disk for good when it returns OK. Gives `put` back
 * in any case. */
enum err blob_put_commit(struct blob_put *put, int64_t bytes) MUST_CHECK;
/* Leaves nothing. NULL is fine. */
void blob_put_abandon(struct blob_put *put);

/* Exactly `bytes` from `offset` on. ERR_NOT_FOUND: no such blob. ERR_CORRUPT: it is shorter.
 * ERR_UNAVAILABLE: it cannot be read now. */
enum err blob_get(struct blobs *blobs, const struct id *id, int64_t offset, size_t bytes,
		  void *room) MUST_CHECK;
/* Fine if there is none. */
enum err blob_delete(struct blobs *blobs, const struct id *id) MUST_CHECK;

struct blob_entry {
	struct id id;
	int64_t bytes;
};
/* The next ones after `after` (empty: from the first) in the store's own order, which is not that
 * of the ids, at most `limit`; fewer: that is all. What was begun and not committed by a process
 * that is gone is removed on the way. */
enum err blob_list(struct blobs *blobs, struct arena *arena, const struct id *after, size_t limit,
		   struct blob_entry **ret, size_t *ret_count) MUST_CHECK;

/* Where they lie: bytes in all, and free for us. ERR_NOT_FOUND: nobody can tell. */
enum err blob_space(struct blobs *blobs, int64_t *ret_bytes, int64_t *ret_free) MUST_CHECK;
