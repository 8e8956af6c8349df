/* When the portal was last backed up (P7): what the overview reminds of. */
#pragma once

#include "core/cx.h"

/* The time of the last backup that was finished; 0: never. A restored portal knows of none until it
 * is backed up itself. */
enum err backup_last(struct cx *cx, int64_t *ret_ms) MUST_CHECK;
/* In one transaction with the entry in the audit log: a backup of so many bytes has been finished.
 */
enum err backup_done(struct cx *cx, int64_t bytes) MUST_CHECK;
/* The same for a portal that comes from a backup of `backup_ms`; `destroyed`: how many keys were
 * destroyed again. In a transaction. */
enum err backup_restored(struct cx *cx, struct db *db, int64_t backup_ms,
			 int64_t destroyed) MUST_CHECK;
