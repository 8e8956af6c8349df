/* For backup/restore.c: the folder that a portal is made in, beside its place. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct restore_folder {
	const char *place;      /* where it goes */
	const char *unfinished; /* PLACE.restoring */
	int fd;                 /* of it, locked; -1: none */
};

/* Makes it, in place of one that was left. ERR_CONFLICT: there is something in the place.
 * ERR_NOT_FOUND: the folder above is missing. ERR_BUSY: somebody else is at it. */
enum err restore_folder_make(struct arena *arena, struct str place,
			     struct restore_folder *ret) MUST_CHECK;
/* Puts it in its place, on disk for good. */
enum err restore_folder_finish(struct restore_folder *folder) MUST_CHECK;
/* Removes what was not finished. */
void restore_folder_release(struct restore_folder *folder);
