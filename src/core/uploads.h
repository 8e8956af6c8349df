/* For core/upload*.c: the requests of this process that are bringing bytes right now, so that a
 * client who comes back can take over from its own dead connection. Across processes the database
 * decides (files_take_over). */
#pragma once

#include "core/cx.h"

struct upload;
struct uploads; /* portal->uploads */

enum err uploads_new(struct uploads **ret) MUST_CHECK;
/* When nobody uploads any more. NULL is fine. */
void uploads_free(struct uploads *uploads);

/* Waits for whoever is sending this file: a dead connection is settled, what it brought in whole
 * chunks is kept. ERR_BUSY: it is alive. Blocks for LIMIT_UPLOAD_RIVAL_MS at most, and for what the
 * other is writing just then. */
enum err uploads_settle(struct uploads *uploads, const struct id *file_id) MUST_CHECK;
/* The same, and from then on `upload` is the one who sends. ERR_UNAVAILABLE: its owner sends
 * LIMIT_UPLOADS_PER_USER already. */
enum err uploads_enter(struct uploads *uploads, struct upload *upload) MUST_CHECK;
/* See upload_follow(). */
void uploads_follow(struct uploads *uploads, struct upload *upload,
		    const _Atomic uint64_t *received);
/* Takes the file away from whoever is sending it, alive or not; nothing more of it is kept.
 * ERR_BUSY: all of it has come, and the virus scanner takes its time. */
enum err uploads_stop(struct uploads *uploads, const struct id *file_id) MUST_CHECK;
/* Forgets it; frees it when nobody holds it. Fine if it never entered. */
void uploads_leave(struct uploads *uploads, struct upload *upload);
