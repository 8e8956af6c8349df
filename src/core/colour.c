#include "core/colour.h"

#include <math.h>

/* What pages are made of: assets/styles/base.css has the same. The accent is read on all of them.
 */
static const struct colour grounds[2][3] = {
	{{0xf5, 0xf6, 0xf4}, {0xff, 0xff, 0xff}, {0xee, 0xf1, 0xee}},
	{{0x12, 0x18, 0x1a}, {0x1b, 0x22, 0x24}, {0x23, 0x2c, 0x2e}},
};
static const struct colour white = {0xff, 0xff, 0xff}, black = {0, 0, 0};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum err colour_parse(struct str text, struct colour *ret)
{
	uint8_t parts[3];
	if (text.len != 7 || text.data[0] != '#')
		return ERR_INVALID;
	for (size_t i = 0; i < 3; i++) {
		int high = hex_digit(text.data[1 + 2 * i]), low = hex_digit(text.data[2 + 2 * i]);
		if (high < 0 || low < 0)
			return ERR_INVALID;
		parts[i] = (uint8_t)(high << 4 | low);
	}
	*ret = (struct colour){parts[0], parts[1], parts[2]};
	return OK;
}

struct str colour_text(struct arena *arena, struct colour colour)
{
	return arena_printf(arena, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
}

/* WCAG 2.2, relative luminance. */
static double linear(uint8_t part)
{
	double value = part / 255.0;
	return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(struct colour colour)
{
	return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) +
	       0.0722 * linear(colour.blue);
}

double colour_contrast(struct colour one, struct colour other)
{
	double a = luminance(one) + 0.05, b = luminance(other) + 0.05;
	return a > b ? a / b : b / a;
}

static uint8_t mix_part(uint8_t one, uint8_t other, int percent)
{
	return (uint8_t)((one * percent + other * (100 - percent) + 50) / 100);
}

/* So much of the first. */
static struct colour mix(struct colour one, struct colour other, int percent)
{
	return (struct colour){mix_part(one.red, other.red, percent),
			       mix_part(one.green, other.green, percent),
			       mix_part(one.blue, other.blue, percent)};
}

struct colour_theme colour_theme_of(struct colour accent, bool is_dark)
{
	return (struct colour_theme){
		.accent = accent,
		.strong = is_dark ? mix(accent, white, 65) : mix(accent, black, 75),
		.wash = mix(accent, is_dark ? grounds[1][0] : white, is_dark ? 20 : 12),
		.on_accent = is_dark ? mix(accent, black, 12) : white,
	};
}

static double least(double one, double other)
{
	return one < other ? one : other;
}

double colour_theme_contrast(struct colour accent, bool is_dark)
{
	struct colour_theme theme = colour_theme_of(accent, is_dark);
	double contrast = colour_contrast(theme.on_accent, accent);
	for (size_t i = 0; i < 3; i++)
		contrast = least(contrast, colour_contrast(accent, grounds[is_dark][i]));
	contrast = least(contrast, colour_contrast(theme.on_accent, theme.strong));
	return least(contrast, colour_contrast(theme.strong, theme.wash));
}
