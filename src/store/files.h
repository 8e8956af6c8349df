/* Tables files, file_parts and library: what was uploaded, where its bytes are, and who finds it in
 * their library. Files and parts are authenticated. Who may open which file in which message:
 * store/message_files.h. */
#pragma once

#include "crypto/digest.h"
#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum file_state {
	FILE_UNFINISHED = 1,
	FILE_READY = 2,
	FILE_REFUSED = 3, /* by the virus scanner: its bytes are gone */
};
enum file_scan {
	FILE_SCAN_NONE = 0, /* not looked at: there was no scanner */
	FILE_SCAN_CLEAN = 1,
	FILE_SCAN_INFECTED = 2, /* marked; it may still be opened */
	FILE_SCAN_UNKNOWN = 3,  /* the scanner could not tell: too large for it, or out of reach */
};

struct file {
	struct id id;
	struct id owner_id; /* who uploaded it */
	enum file_state state;
	enum file_scan scan;
	int64_t bytes; /* plaintext, whole; -1: a form is still sending it */
	int64_t created_ms;
	struct str owner_wrapped; /* file key under the owner's mailbox key; empty: they have
				     removed it from their library */
	struct str head;          /* ciphertext under the file key: name and type */
	struct str digest; /* ciphertext under the file key: SHA-256; empty until it is ready */
	/* What follows is not authenticated: no right rests on it. */
	struct str hashing;   /* ciphertext: the SHA-256 of the parts so far; empty when ready */
	int64_t stored_bytes; /* plaintext of all parts */
	int64_t part_count;
	int64_t touched_ms; /* last progress, or last use */
	int64_t writer;     /* counts those who have sent for it: only the last one may go on */
};

struct file_part {
	struct id file_id;
	int64_t number; /* 0, 1 ... */
	struct id blob_id;
	int64_t offset; /* in the file */
	int64_t bytes;  /* plaintext */
	bool is_last;
};

/* ERR_TOO_LARGE: with its bytes the owner's unfinished and ready files would take more than
 * quota_bytes (0: no quota). */
enum err files_insert(struct db *db, const struct file *file, int64_t quota_bytes) MUST_CHECK;
/* ERR_NOT_FOUND; ERR_CORRUPT. */
enum err files_get(struct db *db, struct arena *arena, const struct id *id,
		   struct file *ret) MUST_CHECK;
/* Makes the caller the one who sends: *ret_writer is theirs. Only for the unfinished
 * (ERR_NOT_FOUND). */
enum err files_take_over(struct db *db, const struct id *id, int64_t now_ms,
			 int64_t *ret_writer) MUST_CHECK;
/* Adds parts, which must follow on what is there. ERR_CONFLICT: somebody else sends by now, or
 * has. */
enum err files_add_parts(struct db *db, const struct id *id, int64_t writer,
			 const struct file_part *parts, size_t count, struct str hashing,
			 int64_t now_ms) MUST_CHECK;
/* Writes state, scan, bytes, digest and owner_wrapped; hashing is emptied unless it is unfinished.
 * `old` as read; ERR_CONFLICT: it has changed. */
enum err files_update(struct db *db, const struct file *old, const struct file *next) MUST_CHECK;
/* For a form that did not know its size: also checks the quota. */
enum err files_set_bytes(struct db *db, const struct file *old, int64_t bytes,
			 int64_t quota_bytes) MUST_CHECK;
/* In use: keeps housekeeping away for a while. */
enum err files_touch(struct db *db, const struct id *id, int64_t now_ms) MUST_CHECK;
/* With its parts and all that names it. Its blobs are then orphans. */
enum err files_delete(struct db *db, const struct id *id) MUST_CHECK;
/* In order; ERR_CORRUPT when one fails its check or they have a gap. */
enum err files_parts(struct db *db, struct arena *arena, const struct id *id,
		     struct file_part **ret, size_t *ret_count) MUST_CHECK;
/* What the owner's files take, unfinished ones with what they will. */
enum err files_used_bytes(struct db *db, const struct id *owner_id, int64_t *ret) MUST_CHECK;
/* How many of the owner's are unfinished. */
enum err files_count_unfinished(struct db *db, const struct id *owner_id, int64_t *ret) MUST_CHECK;

/* For housekeeping: files that nobody has any more or that were never finished or sent, untouched
 * since before_ms: the unfinished; the ready that are in no library, no message that anybody can
 * open and no draft; and the ready that were never in a message and are in no draft. */
enum err files_forsaken(struct db *db, struct arena *arena, int64_t before_ms, int64_t limit,
			struct id **ret, size_t *ret_count) MUST_CHECK;
/* Which of these blobs no part names. is_orphan: one for each. */
enum err files_find_orphans(struct db *db, const struct id *blob_ids, size_t count,
			    bool *is_orphan) MUST_CHECK;
/* For checking everything: the next rows by id. */
enum err files_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		    struct file **ret) MUST_CHECK;

/* ---- library: what a person has, sent or received, by when it came to them last ---- */

struct library_place {
	int64_t added_ms;
	struct id file_id;
};
enum err library_add(struct db *db, const struct id *user_id, const struct id *file_id,
		     int64_t added_ms) MUST_CHECK;
/* ERR_NOT_FOUND: it was not there. */
enum err library_remove(struct db *db, const struct id *user_id,
			const struct id *file_id) MUST_CHECK;
/* Newest first, below `before` (file_id empty: from the top). */
enum err library_list(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct library_place *before, int64_t limit, struct library_place **ret,
		      size_t *ret_count) MUST_CHECK;

/* ---- draft_files: what a draft has attached, in order ---- */

enum err draft_files_set(struct db *db, const struct id *draft_id, const struct id *file_ids,
			 size_t count) MUST_CHECK;
