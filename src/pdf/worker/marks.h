/* What a signer has put into their fields, drawn. */
#pragma once

#include "pdf/worker/places.h"

/* `field`: where their signature goes. Throws PDF_BAD_FIELD (not theirs), PDF_BAD_IMAGE. */
void marks_fill(struct work *work, pdf_obj *field, const struct pdf_signing *signing);
/* The trail, as the seal's own look. */
void marks_seal(struct work *work, pdf_obj *field, const struct pdf_signing *signing);
