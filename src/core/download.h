/* Reading a file (P5), range by range; memory does not grow with it. */
#pragma once

#include "base/buf.h"
#include "core/file_head.h"
#include "core/session.h"

struct download;

/* Opens the file for the acting person: by `message_id` (empty: by whatever right they have). Marks
 * nothing yet. ERR_NOT_FOUND: no such, or not theirs. ERR_CONFLICT: it was theirs and is gone for
 * them, recalled or expired (told as 410). ERR_DENIED: of a confidential message that was not
 * opened with the password now. */
enum err download_open(struct cx *cx, const struct id *file_id, const struct id *message_id,
		       struct download **ret) MUST_CHECK;
const struct file_head *download_head(const struct download *download);
/* Bytes from..until (not included) are wanted. When the last byte of a whole file is given, or of a
 * range that ends it, that is a download in the sender's tracking. */
void download_range(struct download *download, int64_t from, int64_t until);
/* Decrypts the next chunk's worth into `piece` (empty; CHUNK_BYTES at most). *ret_is_over: these
 * were the last. ERR_DENIED: the right to it has ended meanwhile (looked at for each piece).
 * ERR_CORRUPT: blob missing or damaged: logged; nothing of that chunk is given. Needs no request.
 */
enum err download_next(struct download *download, struct buf *piece, bool *ret_is_over) MUST_CHECK;
/* Running downloads end within a second when the right to them ends: `cut` is called then, by any
 * thread, at most once, and never after download_free(). */
void download_watch(struct download *download, void (*cut)(void *argument), void *argument);
/* NULL is fine. */
void download_free(struct download *download);

/* A recall, an expiry or a session's end: those downloads of this user look whether they may go on.
 * Cheap when there are none. */
void download_check_rights(struct portal *portal, const struct id *user_id);
