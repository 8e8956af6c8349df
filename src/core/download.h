/* Reading a file (P5), range by range; memory does not grow with it. */
#pragma once

#include "base/buf.h"
#include "core/file_head.h"
#include "core/session.h"

struct download;

struct downloads; /* those that run; portal->downloads */
enum err downloads_new(struct downloads **ret) MUST_CHECK;
/* When nobody downloads any more. NULL is fine. */
void downloads_free(struct downloads *downloads);

/* Opens the file for the acting person: by `message_id` (empty: by whatever right they have). Marks
 * nothing yet. ERR_NOT_FOUND: no such, or not theirs. ERR_CONFLICT: it was theirs and is gone for
 * them, recalled or expired (told as 410). ERR_DENIED: of a confidential message that was not
 * opened with the password now. */
enum err download_open(struct cx *cx, const struct id *file_id, const struct id *message_id,
		       struct download **ret) MUST_CHECK;
/* The same of a document of a request to sign, by its own key, which is given away. Its message
 * gives the right to it; what the sender tracks of it is not done here (core/signing_view.c). */
enum err download_open_to_sign(struct cx *cx, const struct id *file_id, const struct id *message_id,
			       struct secret *key, struct download **ret) MUST_CHECK;
const struct file_head *download_head(const struct download *download);
const struct id *download_file_id(const struct download *download);
/* Bytes from..until (not included) are wanted. */
void download_range(struct download *download, int64_t from, int64_t until);
/* For one of many that wait for their turn: where its bytes are is forgotten, and found again when
 * they are read. Before any is. */
void download_set_aside(struct download *download);
/* Reads and checks the first chunk of what is wanted, for a clear answer before the first byte. It
 * is kept for download_next(). Errors as there. */
enum err download_prepare(struct download *download) MUST_CHECK;
/* With the first one it is a download in the sender's tracking: ERR_UNAVAILABLE when that cannot be
 * written, and nothing is given. Decrypts the next chunk's worth into `piece` (empty; CHUNK_BYTES
 * at most). *ret_is_over: these were the last. ERR_DENIED: the right to it has ended meanwhile:
 * looked at as soon as something was recalled, and every LIMIT_RIGHTS_MS. ERR_CORRUPT: blob missing
 * or damaged: logged; nothing of that chunk is given. Needs no request, and keeps the session
 * alive: somebody waits for it. */
enum err download_next(struct download *download, struct buf *piece, bool *ret_is_over) MUST_CHECK;
/* Running downloads end within a second when the right to them ends: `cut` is called then, by any
 * thread, at most once, and never after download_free(). */
void download_watch(struct download *download, void (*cut)(void *argument), void *argument);
/* NULL is fine. */
void download_free(struct download *download);

/* After a recall, an expiry or a session's end was committed: those downloads of this user that may
 * not go on are cut before it returns. Cheap when there are none. */
void download_check_rights(struct portal *portal, const struct id *user_id);
