/* A backup of a whole portal while it runs (P7): all rows as they stood at one moment, and every
 * file that they name. What it holds opens nothing without the master key, which is not in it. */
#pragma once

#include "core/cx.h"

struct backup_report {
	int64_t at_ms;   /* the moment */
	int64_t bytes;   /* of the archive */
	int64_t files;   /* parts of files */
	int64_t missing; /* parts that should be in the file store and are not; each is in the log
			  */
};
/* So much has been written, and `files` of so many parts; 0 of 0 while the database is read. */
typedef void backup_progress(void *argument, int64_t bytes, int64_t files, int64_t of_files);

/* Writes it to `path`, which is there whole or, as before, not at all. ERR_BUSY: another backup is
 * being written there. ERR_UNAVAILABLE: disk, folder or database. */
enum err backup_write(struct cx *cx, const char *path, backup_progress *progress, void *argument,
		      struct backup_report *ret) MUST_CHECK;
