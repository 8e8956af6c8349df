/* "Download all": the files of one message as a zip, made while it is read (P5). */
#pragma once

#include "base/buf.h"
#include "core/session.h"

struct message_zip;

/* Of a message of the acting person, whom it marks as having opened it. ERR_NOT_FOUND: no such, or
 * not theirs, or it has no file. ERR_CONFLICT: all were recalled or have expired. ERR_DENIED: a
 * confidential one that was not opened with the password now. */
enum err message_zip_begin(struct cx *cx, const struct id *message_id,
			   struct message_zip **ret) MUST_CHECK;
/* "Subject.zip": what the message is about, as a file is called. */
struct str message_zip_name(const struct message_zip *zip);
/* Adds the next bytes to `piece`, as many as it holds; *ret_is_over: these were the last. Needs no
 * request. Errors as of zip_files_next(); and ERR_DENIED, not the end, once the session is over. */
enum err message_zip_next(struct message_zip *zip, struct buf *piece, bool *ret_is_over) MUST_CHECK;
/* As zip_files_watch(). */
void message_zip_watch(struct message_zip *zip, void (*cut)(void *argument), void *argument);
/* NULL is fine. */
void message_zip_free(struct message_zip *zip);
