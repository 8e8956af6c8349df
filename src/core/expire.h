/* Messages that expire (P4.2): after their date the recipients keep the subject, and nobody can
 * give them the text again, nor its files: those that they attached to another message end there
 * too. */
#pragma once

#include "core/cx.h"

/* For housekeeping: destroys the keys of what has expired; at most LIMIT_SWEEP_ROWS. Reading does
 * not wait for it: see message_options_end(). */
enum err expire_sweep(struct cx *cx, size_t *ret_count) MUST_CHECK;
