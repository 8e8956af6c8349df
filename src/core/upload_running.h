/* For core/upload*.c: one request that brings bytes of a file.
 *
 *   |<--- file.stored_bytes --->|<--- offset --->|<--- part.bytes --->|
 *     rows: acknowledged          blobs without    the part that is being
 *                                 rows, as long    written: whole chunks,
 *                                 as a checksum    and the rest, of which a
 *                                 is to come       cut leaves nothing
 */
#pragma once

#include "core/session_rights.h"
#include "core/upload.h"
#include "core/upload_scan.h"
#include "crypto/chunks.h"
#include "store/blob.h"

#include <pthread.h>

struct upload_part {
	struct chunk_part place;
	struct chunk_writer *writer; /* NULL: none is being written */
	struct blob_put *put;
	int64_t bytes;
	int64_t begun_ms; /* by the clock that nobody sets */
};

enum upload_trouble {
	UPLOAD_FINE,
	UPLOAD_PAST_END,
	UPLOAD_TOO_LARGE,
	UPLOAD_OVER_QUOTA,
	UPLOAD_PIECES,
	UPLOAD_INFECTED,
	UPLOAD_NOT_SCANNED,
};

struct upload {
	struct portal *portal;
	struct id file_id;
	struct session_rights rights;
	_Atomic int64_t taken; /* pieces */
	_Atomic bool is_over;  /* ended, or taken over: it keeps nothing more */
	/* All of it has come, and the virus scanner takes its time: it is not to be settled. */
	_Atomic bool is_finishing;

	/* Under the lock of core/uploads.c. */
	struct upload *next;
	const _Atomic uint64_t *received;
	int references;
	_Atomic bool is_awaited; /* a rival waits whether it is alive */

	/* What follows is under this one. */
	pthread_mutex_t lock;
	bool is_begun;      /* what follows is filled in; before that there is nothing to settle */
	struct arena arena; /* of the row's texts */
	struct file file;
	int64_t writer; /* of files_take_over() */
	struct secret *key;
	enum err failed; /* sticks */
	enum upload_trouble trouble;

	struct upload_part part;
	struct buf cipher; /* used again for each piece */
	int64_t offset;
	struct file_part *rows; /* of blobs that are stored */
	size_t row_count, row_room;

	struct hashing *hashing;           /* of all bytes of the file so far */
	uint8_t whole[SHA256_STATE_BYTES]; /* the same, to the last whole chunk */
	struct hashing *sum;               /* of this request's; NULL: not wanted */
	struct upload_checksum checksum;
	struct upload_scan *scan;
	int64_t looked_ms, touched_ms; /* whether the session lives; that the file is in use */
};

/* A cx for a step between requests: nobody's, with memory of its own. */
struct upload_step {
	struct arena arena;
	struct cx cx;
};
void upload_step_begin(struct upload_step *step, const struct upload *upload);
void upload_step_end(struct upload_step *step);
#define CLEANUP_UPLOAD_STEP __attribute__((cleanup(upload_step_end)))

/* The row of an upload that the acting person may go on with, or has finished. ERR_NOT_FOUND. */
enum err upload_read_own(struct cx *cx, const struct id *id, struct file *ret) MUST_CHECK;
int64_t upload_expires_ms(const struct file *file);
bool upload_is_expired(struct cx *cx, const struct file *file);

/* Where the next byte goes. */
int64_t upload_position(const struct upload *upload);
/* Adds bytes of one chunk to the part that is open; opens one. */
enum err upload_part_add(struct upload *upload, struct str bytes) MUST_CHECK;
/* Stores the part and adds its row to `rows`. is_cut: to its last whole chunk, which may be
 * nothing. */
enum err upload_part_store(struct upload *upload, bool is_cut, bool is_last) MUST_CHECK;
/* Blobs that no row names any more, or never did. What cannot be removed now is an orphan. */
void upload_blobs_delete(struct portal *portal, const struct file_part *parts, size_t count);
/* Gives up the part, and blobs without rows. */
void upload_part_drop(struct upload *upload);

/* The SHA-256 of what is acknowledged, to go on with. */
enum err upload_hashing_open(struct cx *cx, const struct file *file, const struct secret *key,
			     struct hashing **ret) MUST_CHECK;
/* Writes the rows of what is stored; with is_complete the file is ready. ERR_DENIED: the session
 * has ended. */
enum err upload_commit(struct upload *upload, bool is_complete, enum file_scan scan) MUST_CHECK;
/* The scanner has found something, and such files are refused: all of it goes. ERR_DENIED. */
enum err upload_commit_refusal(struct upload *upload) MUST_CHECK;

/* For core/uploads.c. Settles it as if its connection had been cut. */
void upload_running_settle(struct upload *upload);
/* Keeps nothing that is not committed. */
void upload_running_stop(struct upload *upload);
void upload_running_free(struct upload *upload);
