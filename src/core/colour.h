/* Colours of the portal's own (P7): from one accent, those that pages are drawn with, and whether
 * they can be read (WCAG 2.2, 1.4.3: a contrast of 4.5 to 1). */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct colour {
	uint8_t red, green, blue;
};

/* "#17605b". ERR_INVALID: it is not written so. */
enum err colour_parse(struct str text, struct colour *ret) MUST_CHECK;
struct str colour_text(struct arena *arena, struct colour colour);
/* 1 to 21, whichever of the two is darker. */
double colour_contrast(struct colour one, struct colour other);

/* Beside the paper, cards and ink of assets/styles/base.css. */
struct colour_theme {
	struct colour accent, strong, wash, on_accent;
};
struct colour_theme colour_theme_of(struct colour accent, bool is_dark);
/* The least contrast among all places where the accent is read, or read upon. */
double colour_theme_contrast(struct colour accent, bool is_dark);
#define COLOUR_CONTRAST_MIN 4.5
