/* A message of a mailbox as a file that mail programs open (RFC 5322): one text part. */
#pragma once

#include "base/buf.h"
#include "core/mailbox.h"

/* What was recalled, has expired or failed its check has the sentence that says so as its text. A
 * forwarded message stands below, as far as its reader may still see it. */
enum err eml_build(struct cx *cx, const struct message_view *view, struct buf *out) MUST_CHECK;
/* "2026-11-23 Your results (5P4.....)": any subject becomes a name that every system takes, and no
 * two messages have the same. Its file is called so with ".eml", the folder of its files without.
 */
struct str eml_stem(struct cx *cx, const struct message_view *view);
/* "Your results", as a part of such a name; never empty. */
struct str eml_subject(struct cx *cx, const struct message_view *view);
