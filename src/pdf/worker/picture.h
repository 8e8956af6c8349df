/* Drawn signatures: a PNG, as people's browsers make it. */
#pragma once

#include "pdf/worker/work.h"

struct picture {
	int width, height;
	pdf_obj *image; /* a reference; the caller drops it */
};
/* Throws PDF_BAD_IMAGE: no PNG, damaged, or too large. */
void picture_add(struct work *work, struct str png, struct picture *ret);
