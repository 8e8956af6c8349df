/* Pages as they are shown: turned, cut to what readers show, measured from the top left. */
#pragma once

#include "pdf/worker/work.h"

struct page_place {
	int number;                /* of the page's object */
	fz_matrix to_page;         /* from the page as shown to its own coordinates */
	struct pdf_page_size size; /* as shown */
};
/* Every page; throws PDF_TOO_MANY_PAGES, PDF_BAD_PAGE, PDF_DAMAGED. In the arena. */
struct page_place *page_places(struct work *work, size_t *ret_count);
/* Throws PDF_BAD_FIELD: outside of the page, or too small to hold anything. */
fz_rect page_place_box(struct work *work, const struct page_place *place,
		       const struct pdf_box *box);
