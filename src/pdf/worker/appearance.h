/* What a field looks like: a form XObject, drawn upright whatever the page's rotation. */
#pragma once

#include "pdf/worker/picture.h"
#include "pdf/worker/places.h"

struct appearance {
	struct work *work;
	fz_buffer *content;
	pdf_obj *images; /* /XObject; NULL: none */
};
/* Between these nothing else may throw that is not in appearance_make()'s draw(). */
typedef void appearance_draw(struct appearance *appearance, const struct place *place,
			     const void *what);
/* A new reference to the XObject. */
pdf_obj *appearance_make(struct work *work, const struct place *place, appearance_draw *draw,
			 const void *what);
/* For good: /AP /N. */
void appearance_set(struct work *work, pdf_obj *field, const struct place *place,
		    appearance_draw *draw, const void *what);
/* As large as it can be in this box, kept in proportion, from the left. */
void appearance_picture(struct appearance *appearance, struct str png, const fz_rect *box);
