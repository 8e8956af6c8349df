/* Text set into a box: made smaller until all of it fits. Nothing is cut off. */
#pragma once

#include "pdf/worker/typeset.h"

struct text_box {
	struct line *lines;
	size_t count;
	double size, leading; /* of each line */
};
/* On one line. */
void text_box_line(struct work *work, struct str text, double width, double height,
		   double most_size, struct text_box *ret);
/* On as many lines as it takes; "\n" begins another. */
void text_box_wrap(struct work *work, struct str text, double width, double height,
		   double most_size, struct text_box *ret);
/* From the upper left corner down. */
void text_box_draw(struct work *work, fz_buffer *content, const struct text_box *box, double x,
		   double top, double slant);
