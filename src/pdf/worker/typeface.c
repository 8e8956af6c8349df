#include "pdf/worker/typeface.h"

#include "pdf/worker/typeset.h"

#include <mupdf/ucdn.h>

struct typesetter *typesetter_of(struct work *work)
{
	if (work->typesetter == NULL)
		work->typesetter = calloc(1, sizeof(*work->typesetter));
	if (work->typesetter == NULL)
		fz_throw(work->ctx, FZ_ERROR_MEMORY, "fonts");
	return work->typesetter;
}

void typesetter_free(struct typesetter *typesetter)
{
	if (typesetter == NULL)
		return;
	for (int i = 0; i < typesetter->count; i++) {
		hb_set_destroy(typesetter->faces[i].used);
		hb_font_destroy(typesetter->faces[i].font);
		hb_face_destroy(typesetter->faces[i].face);
	}
	free(typesetter);
}

static int open_face(struct work *work, const unsigned char *data, int bytes, int subfont)
{
	struct typesetter *all = typesetter_of(work);
	if (data == NULL || bytes <= 0)
		return -1;
	for (int i = 0; i < all->count; i++)
		if (all->faces[i].data == data && all->faces[i].subfont == subfont)
			return i;
	if (all->count == TYPEFACES_MAX)
		return -1;
	struct typeface *face = &all->faces[all->count];
	hb_blob_t *blob = hb_blob_create((const char *)data, (unsigned)bytes,
					 HB_MEMORY_MODE_READONLY, NULL, NULL);
	face->data = data;
	face->subfont = subfont;
	face->face = hb_face_create(blob, (unsigned)subfont);
	hb_blob_destroy(blob);
	face->font = hb_font_create(face->face);
	face->used = hb_set_create();
	face->glyph_count = hb_face_get_glyph_count(face->face);
	face->units = hb_face_get_upem(face->face);
	hb_blob_t *curves = hb_face_reference_table(face->face, HB_TAG('C', 'F', 'F', ' '));
	face->has_curves = hb_blob_get_length(curves) > 0;
	hb_blob_destroy(curves);
	return all->count++;
}

static bool has_glyph(struct work *work, int face, uint32_t rune)
{
	hb_codepoint_t glyph;
	return face >= 0 &&
	       hb_font_get_nominal_glyph(typesetter_of(work)->faces[face].font, rune, &glyph);
}

/* The n-th to ask, for a character whose own script's face does not have it; -2: that was all. */
static int fallback(struct work *work, int n)
{
	fz_context *ctx = work->ctx;
	const unsigned char *data;
	int bytes = 0, subfont = 0;
	switch (n) {
	case 0: data = fz_lookup_noto_font(ctx, UCDN_SCRIPT_LATIN, 0, &bytes, &subfont); break;
	case 1: data = fz_lookup_noto_font(ctx, UCDN_SCRIPT_HAN, 0, &bytes, &subfont); break;
	case 2: data = fz_lookup_cjk_font(ctx, FZ_ADOBE_GB, &bytes, &subfont); break;
	case 3: data = fz_lookup_noto_symbol1_font(ctx, &bytes); break;
	case 4: data = fz_lookup_noto_symbol2_font(ctx, &bytes); break;
	case 5: data = fz_lookup_noto_math_font(ctx, &bytes); break;
	case 6: data = fz_lookup_noto_music_font(ctx, &bytes); break;
	case 7: data = fz_lookup_noto_emoji_font(ctx, &bytes); break;
	default: return -2;
	}
	return open_face(work, data, bytes, subfont);
}

/* It sits on the character before it. */
static bool is_mark(uint32_t rune)
{
	int kind = ucdn_get_general_category(rune);
	return kind == UCDN_GENERAL_CATEGORY_MN || kind == UCDN_GENERAL_CATEGORY_MC ||
	       kind == UCDN_GENERAL_CATEGORY_ME || rune == 0x200c || rune == 0x200d;
}

int typeface_for(struct work *work, uint32_t rune, int script, int before)
{
	int bytes, subfont, face, own;
	if (is_mark(rune) && has_glyph(work, before, rune))
		return before;
	const unsigned char *data =
		fz_lookup_noto_font(work->ctx, script, FZ_LANG_UNSET, &bytes, &subfont);
	own = open_face(work, data, bytes, subfont);
	if (has_glyph(work, own, rune))
		return own;
	for (int n = 0; (face = fallback(work, n)) != -2; n++)
		if (has_glyph(work, face, rune))
			return face;
	/* An empty box, by the first. */
	face = fallback(work, 0);
	if (face < 0)
		fz_throw(work->ctx, FZ_ERROR_GENERIC, "no fonts");
	return face;
}

void typeface_use(struct work *work, struct typeface *face)
{
	if (face->number != 0)
		return;
	face->texts = WORK_ARRAY(work, face->glyph_count, struct str);
	face->number = pdf_create_object(work->ctx, work->doc);
	hb_set_add(face->used, 0);
}

double typeface_advance(const struct typeface *face, uint32_t glyph)
{
	return (double)hb_font_get_glyph_h_advance(face->font, glyph) / face->units;
}
