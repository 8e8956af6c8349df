#include "pdf/worker/glyph.h"
#include "pdf/worker/typeset.h"

#include <math.h>

/* Where the next glyph would come by itself, and whether a row of glyphs has been begun. */
struct pen {
	double x, y;
	int face; /* -1: none has been begun */
};

static void end_row(struct work *work, fz_buffer *out, struct pen *pen)
{
	if (pen->face >= 0)
		fz_append_string(work->ctx, out, "]TJ\n");
	pen->face = -1;
}

static void draw_glyph(struct work *work, fz_buffer *out, const struct glyph *glyph,
		       struct pen *pen, const struct pen *at, const double form[4])
{
	const double size = form[2], slant = form[3];
	fz_context *ctx = work->ctx;
	const struct typeface *face = &typesetter_of(work)->faces[glyph->face];
	double x = at->x + glyph->right, y = at->y + glyph->up;
	if (pen->face != glyph->face || fabs(pen->y - y) > 1e-6) {
		end_row(work, out, pen);
		fz_append_printf(ctx, out, "/F%d %g Tf 1 0 %g 1 %g %g Tm [", glyph->face, size,
				 slant, form[0] + x * size, form[1] + y * size);
		*pen = (struct pen){.x = x, .y = y, .face = glyph->face};
	}
	if (fabs(pen->x - x) > 1e-4)
		fz_append_printf(ctx, out, "%g", (pen->x - x) * 1000);
	fz_append_printf(ctx, out, "<%04x>", glyph->glyph);
	pen->x = x + typeface_advance(face, glyph->glyph);
}

/* What a reader that copies it shall take, where the map of the font says something else, and where
 * several glyphs are one piece of text. */
static bool begin_actual(struct work *work, fz_buffer *out, const struct glyph *glyph,
			 struct pen *pen)
{
	const struct typeface *face = &typesetter_of(work)->faces[glyph->face];
	if (glyph->together == 1 && glyph->glyph < face->glyph_count &&
	    str_eq(face->texts[glyph->glyph], glyph->text))
		return false;
	end_row(work, out, pen);
	fz_append_string(work->ctx, out, "/Span<</ActualText<feff");
	for (size_t i = 0; i < glyph->text.len; i++)
		fz_append_printf(work->ctx, out, "%02x", (unsigned char)glyph->text.data[i]);
	fz_append_string(work->ctx, out, ">>>BDC\n");
	return true;
}

void typeset_draw(struct work *work, fz_buffer *content, const struct line *line, double x,
		  double y, double size, double slant)
{
	struct pen pen = {.face = -1}, at = {0};
	const double form[4] = {x, y, size, slant};
	fz_append_string(work->ctx, content, "BT\n");
	for (size_t i = 0; i < line->count;) {
		size_t together = (size_t)line->glyphs[i].together;
		bool is_actual = begin_actual(work, content, &line->glyphs[i], &pen);
		for (size_t k = 0; k < together && i < line->count; k++, i++) {
			draw_glyph(work, content, &line->glyphs[i], &pen, &at, form);
			at.x += line->glyphs[i].advance;
		}
		if (is_actual) {
			end_row(work, content, &pen);
			fz_append_string(work->ctx, content, "EMC\n");
		}
	}
	end_row(work, content, &pen);
	fz_append_string(work->ctx, content, "ET\n");
}
