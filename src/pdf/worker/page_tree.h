/* The pages of a document, in order, by the numbers of their objects. */
#pragma once

#include "pdf/worker/work.h"

struct page_tree {
	int *numbers; /* in the arena */
	int count;
};
/* Throws PDF_TOO_MANY_PAGES; PDF_DAMAGED when it does not hold what it says, or goes in rings. */
void page_tree_read(struct work *work, pdf_document *doc, struct page_tree *ret);
