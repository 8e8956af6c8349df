/* A shaped line, glyph by glyph. */
#pragma once

#include "pdf/worker/typeface.h"

struct glyph {
	int face;
	uint32_t glyph;
	double advance, right, up; /* at size 1 */
	struct str text;           /* UTF-16BE: what it and the next ones stand for; maybe empty */
	int together;              /* so many glyphs; 0: it belongs to one before */
};
