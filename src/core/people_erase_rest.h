/* What is left of somebody who was erased, after the one transaction that took their keys: requests
 * to sign, messages, mails, files. Some at a time, so that others write in between; a portal that
 * ends on the way goes on when it runs again. */
#pragma once

#include "core/cx.h"

/* Begins with it; for a command, which has no session, to the end. What takes long, and what goes
 * wrong, is left for housekeeping. */
void people_erase_rest(struct cx *cx, const struct id *id);

/* Housekeeping: goes on with some of it, of whomever something is left. portal->has_to_erase says
 * afterwards that there is more: then call it soon. */
void people_erase_rest_sweep(struct cx *cx);
