/* A forwarded message as a block inside the one that forwards it. */
#pragma once

#include "core/mailbox.h"
#include "text/html.h"
#include "web/sent_files_part.h"

struct quoted_part {
	struct str from; /* "Forwarded message from Anna, 22 Nov 2026, 21:05" */
	struct str subject;
	struct str notice; /* why there is no text; empty: there is one */
	struct str reason; /* why it was recalled; may be empty */
	struct safe_html body;
	struct sent_files files;
	bool is_elsewhere; /* too much for one page */
	struct id id;
};

/* Renders texts while the page has room for them. *ret is NULL when nothing is forwarded. */
enum err quoted_part_fill(struct cx *cx, const struct message_view *message, size_t *bytes_left,
			  struct quoted_part **ret) MUST_CHECK;
/* Why a message has no text any more; empty while it has. */
struct str quoted_part_end(struct cx *cx, const struct message_view *message);
