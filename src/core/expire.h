/* Messages that expire (P4.2): after their date the recipients keep the subject, and nobody can
 * give them the text again, nor its files: those that they attached to another message end there
 * too. */
#pragma once

#include "core/cx.h"

/* For housekeeping: destroys the keys of what has expired; at most LIMIT_SWEEP_ROWS. Reading does
 * not wait for it: see message_options_end(). */
enum err expire_sweep(struct cx *cx, size_t *ret_count) MUST_CHECK;
/* The same for files that were sent on by somebody who has deleted the message for ever since, so
 * that nothing of theirs expires. *ret_count: keys. */
enum err expire_sweep_files(struct cx *cx, size_t *ret_count) MUST_CHECK;
