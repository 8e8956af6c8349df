/* Lines of text in any script: put in the order in which they are shown, shaped, and drawn with
 * fonts of which only what is used is embedded, in such a way that it can be copied and searched.
 *
 * The fonts are those built into the library (Noto, Source Han Serif, Droid Sans Fallback). A
 * character that none of them has is shown as an empty box, never left out. */
#pragma once

#include "pdf/worker/work.h"

struct glyph;
struct line {
	struct glyph *glyphs; /* as shown, from left to right */
	size_t count;
	double width; /* at size 1 */
};
/* Control characters are left out, also those that turn the direction of text. */
void typeset_line(struct work *work, struct str utf8, struct line *ret);
/* Of a line, at size 1. */
double typeset_width(struct work *work, struct str utf8);
/* slant: 0: upright. */
void typeset_draw(struct work *work, fz_buffer *content, const struct line *line, double x,
		  double y, double size, double slant);
/* The /Font of a /Resources: every font used so far. A new reference. */
pdf_obj *typeset_fonts(struct work *work);
/* Embeds them; after everything was drawn. */
void typeset_finish(struct work *work);
/* NULL is fine. */
struct typesetter;
void typesetter_free(struct typesetter *typesetter);
