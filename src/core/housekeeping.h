/* What is swept away from time to time: ended sessions (with the keys wrapped in them), old answers
 * to repeated requests, the keys of what has expired or has been in Trash for long, files that
 * nobody wants any more. */
#pragma once

#include "core/cx.h"

/* Between two sweeps; so often, too, a checkpoint of the audit log is written. */
enum { HOUSEKEEPING_EVERY_MINUTES = 5 };

enum err housekeeping_sweep(struct cx *cx) MUST_CHECK;

/* Between the sweeps, every few seconds: sees settings that another process has changed, and mails
 * that it has queued; goes on with what is left of somebody who was erased; tries again to have
 * destroyed keys leave the files of the database, if readers were in the way. */
void housekeeping_look(struct cx *cx);
