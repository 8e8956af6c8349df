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
 * One that is refused loses its parts: their blobs are orphans then. `old` as read; ERR_CONFLICT:
 * it has changed. */
enum err files_update(struct db *db, const struct file *old, const struct file *next) MUST_CHECK;
/* For a form that did not know its size: also checks the quota. */
enum err files_set_bytes(struct db *db, const struct file *old, int64_t bytes,
			 int64_t quota_bytes) MUST_CHECK;
/* In use: keeps housekeeping away for a while. */
enum err files_touch(struct db *db, const struct id *id, int64_t now_ms) MUST_CHECK;
/* With its parts, out of all libraries and drafts; its blobs are then orphans. Messages that had it
 * go on naming it. ERR_CONFLICT: somebody can open it in one. ERR_NOT_FOUND. */
enum err files_delete(struct db *db, const struct id *id) MUST_CHECK;
/* In order; none when there is no such file. ERR_CORRUPT: one fails its check, or they are not all
 * of what there should be. */
enum err files_parts(struct db *db, struct arena *arena, const struct id *id,
		     struct file_part **ret, size_t *ret_count) MUST_CHECK;
/* Of all files, for a backup: the next ones behind `after` ({0}: from the first), at most `limit`.
 * Only blob_id, bytes and is_last are filled in, and what `after` needs; nothing is authenticated.
 */
enum err file_parts_page(struct db *db, struct arena *arena, const struct file_part *after,
			 int64_t limit, struct file_part **ret, size_t *ret_count) MUST_CHECK;
/* What the owner's files take, unfinished ones with what they will. */
enum err files_used_bytes(struct db *db, const struct id *owner_id, int64_t *ret) MUST_CHECK;
/* How many of the owner's are unfinished. */
enum err files_count_unfinished(struct db *db, const struct id *owner_id, int64_t *ret) MUST_CHECK;
/* How many of the owner's, unfinished ones too, never were in a message. */
enum err files_count_unsent(struct db *db, const struct id *owner_id, int64_t *ret) MUST_CHECK;

/* For housekeeping: what nobody wants any more, if it is untouched since before_ms: the unfinished,
 * the refused, the ready that are in no draft and never were in a message; and those that were, and
 * are in no draft, no library and no message in which anybody can open them. First those that it
 * may be, at most `limit`: */
enum err files_loose(struct db *db, struct arena *arena, int64_t before_ms, int64_t limit,
		     struct id **ret, size_t *ret_count) MUST_CHECK;
/* ... then each, as files_delete(), if it is so. *ret_is_deleted: false when somebody has it; then
 * it is no longer among those. */
enum err files_delete_forsaken(struct db *db, const struct id *id, int64_t before_ms,
			       bool *ret_is_deleted) MUST_CHECK;
/* Which of these blobs no part names. is_orphan: one for each. */
enum err files_find_orphans(struct db *db, const struct id *blob_ids, size_t count,
			    bool *is_orphan) MUST_CHECK;
/* For checking everything: the next rows by id. */
enum err files_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		    struct file **ret) MUST_CHECK;

/* ---- library: what a person has, sent or received, by when it came to them last. A received file
 * goes from it with the last right to it (store/message_files.h) ---- */

struct library_place {
	int64_t added_ms;
	struct id file_id;
};
enum err library_add(struct db *db, const struct id *user_id, const struct id *file_id,
		     int64_t added_ms) MUST_CHECK;
/* ERR_NOT_FOUND: it was not there. */
enum err library_remove(struct db *db, const struct id *user_id,
			const struct id *file_id) MUST_CHECK;
/* When it came to them last. ERR_NOT_FOUND: it is not there. */
enum err library_find(struct db *db, const struct id *user_id, const struct id *file_id,
		      int64_t *ret_added_ms) MUST_CHECK;
/* Newest first, below `before` (file_id empty: from the top). */
enum err library_list(struct db *db, struct arena *arena, const struct id *user_id,
		      const struct library_place *before, int64_t limit, struct library_place **ret,
		      size_t *ret_count) MUST_CHECK;

/* ---- draft_files: what drafts have attached, so that it is kept ---- */

/* In place of what it had. Files that are gone are left out. */
enum err draft_files_set(struct db *db, const struct id *draft_id, const struct id *file_ids,
			 size_t count) MUST_CHECK;
/* For store/drafts.c: before the draft itself goes. */
enum err draft_files_delete(struct db *db, const struct id *draft_id) MUST_CHECK;
