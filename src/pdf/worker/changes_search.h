/* For changes*.c: what they look for, and how far they are. */
#pragma once

#include "pdf/worker/changes.h"
#include "pdf/worker/form.h"

enum changes_list {
	CHANGES_NO_LIST,
	CHANGES_FIELDS, /* of fields or annotations */
	CHANGES_PAGES,
};
/* Objects are gone through by their numbers: an update that gives something another number has
 * changed what refers to it. */
struct changes {
	struct work *work;
	pdf_document *before, *now;
	const struct change_rules *rules;
	struct form form; /* of `before`; read when more is allowed */
	int object_count; /* of `before` */
	uint8_t *is_seen;
	uint8_t *lists; /* enum changes_list, of each object: an array by itself that may grow */
	int *queue, first, last;
	int *owner;          /* of each object: a page (1 ...), 0: the document */
	int owner_now;       /* of what is looked at */
	const char *changed; /* NULL: nothing yet */
};
