/* Labels: the page of all of them, the messages of one, and which are on a message. */
#pragma once

#include "core/label.h"
#include "http/route.h"
#include "web/box_page.h"
#include "web/conversation.h"

/* One label in words. */
struct label_part {
	struct id id;
	struct str name;
	bool is_on; /* of the message at hand */
};

struct labels_view {
	struct frame frame;
	struct label_part *labels;
	size_t count;
	const struct form_errors *errors;
	struct str typed;  /* name that was refused */
	struct id renamed; /* whose new name that was; empty: a new label's */
};

/* A new label for a message that has a mistake in its name. */
struct label_refused_view {
	struct frame frame;
	struct id message_id;
	struct str typed;
	const struct form_errors *errors;
};

/* On a message's own page. */
struct label_strip {
	struct id message_id;
	struct label_part *labels;
	size_t count;
	size_t on_count;
};

handler_fn label_page_list, label_page_create, label_page_rename, label_page_delete,
	label_page_show, label_page_set;

/* All labels of the reader; none is on. */
enum err label_page_parts(struct cx *cx, struct label_part **ret, size_t *ret_count) MUST_CHECK;
/* Of the message that was asked for. */
enum err label_page_strip(struct cx *cx, const struct conversation_part *conversation,
			  struct label_strip *ret) MUST_CHECK;
