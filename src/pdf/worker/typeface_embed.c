/* A font's objects: composite (Identity-H, so that a code is a glyph), with a map back to text. */
#include "pdf/worker/pdf_text.h"
#include "pdf/worker/typeface.h"

static hb_blob_t *subset(struct work *work, const struct typeface *face)
{
	hb_subset_input_t *input = hb_subset_input_create_or_fail();
	if (input == NULL)
		fz_throw(work->ctx, FZ_ERROR_MEMORY, "subset");
	hb_set_union(hb_subset_input_glyph_set(input), face->used);
	hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_RETAIN_GIDS | HB_SUBSET_FLAGS_NO_HINTING |
						 HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
	hb_set_t *drop = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
	hb_set_add(drop, HB_TAG('G', 'S', 'U', 'B'));
	hb_set_add(drop, HB_TAG('G', 'P', 'O', 'S'));
	hb_set_add(drop, HB_TAG('G', 'D', 'E', 'F'));
	hb_face_t *small = hb_subset_or_fail(face->face, input);
	hb_subset_input_destroy(input);
	if (small == NULL)
		fz_throw(work->ctx, FZ_ERROR_MEMORY, "subset");
	hb_blob_t *blob = face->has_curves
				  ? hb_face_reference_table(small, HB_TAG('C', 'F', 'F', ' '))
				  : hb_face_reference_blob(small);
	hb_face_destroy(small);
	return blob;
}

static pdf_obj *put_program(struct work *work, const struct typeface *face)
{
	fz_context *ctx = work->ctx;
	hb_blob_t *blob = subset(work, face);
	pdf_obj *dict = NULL, *stream = NULL;
	fz_var(dict);
	fz_var(stream);
	fz_try(ctx)
	{
		unsigned len;
		const char *data = hb_blob_get_data(blob, &len);
		dict = pdf_new_dict(ctx, work->doc, 4);
		if (face->has_curves)
			pdf_dict_puts_drop(ctx, dict, "Subtype",
					   pdf_new_name(ctx, "CIDFontType0C"));
		else
			pdf_dict_put_int(ctx, dict, PDF_NAME(Length1), len);
		stream = pdf_text_stream(work, dict, data, len);
	}
	fz_always(ctx)
	{
		pdf_drop_obj(ctx, dict);
		hb_blob_destroy(blob);
	}
	fz_catch(ctx) fz_rethrow(ctx);
	return stream;
}

static const char *name_of(struct work *work, const struct typeface *face)
{
	char name[64] = "";
	unsigned len = sizeof(name);
	hb_ot_name_get_utf8(face->face, HB_OT_NAME_ID_POSTSCRIPT_NAME, HB_LANGUAGE_INVALID, &len,
			    name);
	char tag[7] = "AAAAAA";
	for (int i = 5, number = face->number; i >= 0; i--, number /= 26)
		tag[i] = (char)('A' + number % 26);
	return arena_printf(work->arena, "%s+%s", tag, *name ? name : "Font").data ?: "Font";
}

static void put_descriptor(struct work *work, const struct typeface *face, pdf_obj *font,
			   const char *name)
{
	enum { SYMBOLIC = 4 };
	fz_context *ctx = work->ctx;
	pdf_obj *it = pdf_add_new_dict(ctx, work->doc, 12);
	pdf_dict_put_drop(ctx, font, PDF_NAME(FontDescriptor), it);
	pdf_dict_put(ctx, it, PDF_NAME(Type), PDF_NAME(FontDescriptor));
	pdf_dict_put_name(ctx, it, PDF_NAME(FontName), name);
	pdf_dict_put_int(ctx, it, PDF_NAME(Flags), SYMBOLIC);
	pdf_dict_put_rect(ctx, it, PDF_NAME(FontBBox), (fz_rect){-1000, -500, 3000, 1500});
	pdf_dict_put_int(ctx, it, PDF_NAME(ItalicAngle), 0);
	pdf_dict_put_int(ctx, it, PDF_NAME(Ascent), 1000);
	pdf_dict_put_int(ctx, it, PDF_NAME(Descent), -300);
	pdf_dict_put_int(ctx, it, PDF_NAME(CapHeight), 700);
	pdf_dict_put_int(ctx, it, PDF_NAME(StemV), 80);
	pdf_dict_put_drop(ctx, it, face->has_curves ? PDF_NAME(FontFile3) : PDF_NAME(FontFile2),
			  put_program(work, face));
}

static void put_widths(struct work *work, const struct typeface *face, pdf_obj *font)
{
	fz_context *ctx = work->ctx;
	pdf_obj *widths = pdf_dict_put_array(ctx, font, PDF_NAME(W), 16);
	for (hb_codepoint_t glyph = HB_SET_VALUE_INVALID; hb_set_next(face->used, &glyph);) {
		pdf_array_push_int(ctx, widths, glyph);
		pdf_obj *one = pdf_array_push_array(ctx, widths, 1);
		pdf_array_push_real(ctx, one, typeface_advance(face, glyph) * 1000);
	}
}

static void put_descendant(struct work *work, const struct typeface *face, pdf_obj *font,
			   const char *name)
{
	fz_context *ctx = work->ctx;
	pdf_obj *descendants = pdf_dict_put_array(ctx, font, PDF_NAME(DescendantFonts), 1);
	pdf_obj *it = pdf_add_new_dict(ctx, work->doc, 8);
	pdf_array_push_drop(ctx, descendants, it);
	pdf_dict_put(ctx, it, PDF_NAME(Type), PDF_NAME(Font));
	pdf_dict_put(ctx, it, PDF_NAME(Subtype),
		     face->has_curves ? PDF_NAME(CIDFontType0) : PDF_NAME(CIDFontType2));
	pdf_dict_put_name(ctx, it, PDF_NAME(BaseFont), name);
	pdf_obj *system = pdf_dict_put_dict(ctx, it, PDF_NAME(CIDSystemInfo), 3);
	pdf_dict_put_string(ctx, system, PDF_NAME(Registry), "Adobe", 5);
	pdf_dict_put_string(ctx, system, PDF_NAME(Ordering), "Identity", 8);
	pdf_dict_put_int(ctx, system, PDF_NAME(Supplement), 0);
	pdf_dict_put_int(ctx, it, PDF_NAME(DW), 0);
	if (!face->has_curves)
		pdf_dict_put(ctx, it, PDF_NAME(CIDToGIDMap), PDF_NAME(Identity));
	put_widths(work, face, it);
	put_descriptor(work, face, it, name);
}

static void write_map(struct work *work, const struct typeface *face, fz_buffer *out)
{
	fz_context *ctx = work->ctx;
	fz_append_string(ctx, out,
			 "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
			 "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
			 "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
			 "1 begincodespacerange <0000> <FFFF> endcodespacerange\n");
	for (hb_codepoint_t glyph = HB_SET_VALUE_INVALID; hb_set_next(face->used, &glyph);) {
		struct str text = face->texts[glyph];
		if (text.len == 0)
			continue;
		fz_append_printf(ctx, out, "1 beginbfchar <%04x> <", glyph);
		for (size_t i = 0; i < text.len; i++)
			fz_append_printf(ctx, out, "%02x", (unsigned char)text.data[i]);
		fz_append_string(ctx, out, "> endbfchar\n");
	}
	fz_append_string(ctx, out,
			 "endcmap CMapName currentdict /CMap defineresource pop end end\n");
}

static void put_map(struct work *work, const struct typeface *face, pdf_obj *font)
{
	fz_context *ctx = work->ctx;
	pdf_obj *dict = NULL;
	fz_buffer *map = fz_new_buffer(ctx, 4096);
	fz_var(dict);
	fz_try(ctx)
	{
		write_map(work, face, map);
		dict = pdf_new_dict(ctx, work->doc, 2);
		pdf_dict_put_drop(ctx, font, PDF_NAME(ToUnicode),
				  pdf_text_stream(work, dict, map->data, map->len));
	}
	fz_always(ctx)
	{
		pdf_drop_obj(ctx, dict);
		fz_drop_buffer(ctx, map);
	}
	fz_catch(ctx) fz_rethrow(ctx);
}

void typeface_embed(struct work *work, struct typeface *face)
{
	fz_context *ctx = work->ctx;
	const char *name = name_of(work, face);
	pdf_obj *font = pdf_new_dict(ctx, work->doc, 8);
	fz_try(ctx)
	{
		pdf_update_object(ctx, work->doc, face->number, font);
		pdf_dict_put(ctx, font, PDF_NAME(Type), PDF_NAME(Font));
		pdf_dict_put(ctx, font, PDF_NAME(Subtype), PDF_NAME(Type0));
		pdf_dict_put_name(ctx, font, PDF_NAME(BaseFont), name);
		pdf_dict_put(ctx, font, PDF_NAME(Encoding), PDF_NAME(Identity_H));
		put_descendant(work, face, font, name);
		put_map(work, face, font);
	}
	fz_always(ctx) pdf_drop_obj(ctx, font);
	fz_catch(ctx) fz_rethrow(ctx);
}
