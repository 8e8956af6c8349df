/* One's own mailbox as a zip of .eml files, made while it is read: nothing of it touches a disk,
 * and memory does not grow with the mailbox but for the list of names at the end. The files of a
 * message stand in a folder beside it. */
#pragma once

#include "base/buf.h"
#include "core/form_errors.h"
#include "core/session.h"

struct export;

/* Asks for the password again: whoever finds a signed-in screen does not take everything with them.
 * ERR_INVALID with errors "current": it is wrong. ERR_CONFLICT: one of this person runs already.
 * ERR_BUSY: too many tries. */
enum err export_begin(struct cx *cx, struct str password, struct form_errors *errors,
		      struct export **ret) MUST_CHECK;
/* Adds the next bytes to `piece`, as many as it holds; *ret_is_over: these were the last. Needs no
 * request. Reading a message this way opens it (P4.3). ERR_DENIED: the session has ended meanwhile.
 */
enum err export_next(struct export *export, struct buf *piece, bool *ret_is_over) MUST_CHECK;
/* Whenever it ends. NULL is fine. */
void export_free(struct export *export);
/* "mailbox-2026-11-23.zip" */
struct str export_name(struct cx *cx);
