/* The fonts that are built into the library, and embedding of what is used of them. */
#pragma once

#include "pdf/worker/work.h"

#include <hb-subset.h>
#include <hb.h>

struct typeface {
	const unsigned char *data;
	int subfont;
	hb_face_t *face;
	hb_font_t *font;
	hb_set_t *used;    /* glyphs */
	struct str *texts; /* of each glyph, UTF-16BE: what it stands for */
	unsigned glyph_count, units;
	int number;      /* of its object in the document; 0: it has not been used */
	bool has_curves; /* of PostScript (CFF) */
};
enum { TYPEFACES_MAX = 48 };
struct typesetter {
	struct typeface faces[TYPEFACES_MAX];
	int count;
	struct layout *layout; /* of typeset.c; in the arena */
};

/* The place of the face for a character of this script; `before` (-1: none): that of the
 * one before, which marks on it keep if they can. */
int typeface_for(struct work *work, uint32_t rune, int script, int before);
/* Reserves its object. */
void typeface_use(struct work *work, struct typeface *face);
double typeface_advance(const struct typeface *face, uint32_t glyph);
void typeface_embed(struct work *work, struct typeface *face);
struct typesetter *typesetter_of(struct work *work);
