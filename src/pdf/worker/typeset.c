#include "pdf/worker/typeset.h"

#include "pdf/worker/glyph.h"
#include "pdf/worker/pdf_text.h"

enum { FRAGMENTS_MAX = 4096 };

/* A piece of one direction and script. */
struct fragment {
	size_t from, count;
	int level, script;
};
struct layout {
	struct work *work;
	const uint32_t *runes;
	size_t rune_count;
	struct fragment fragments[FRAGMENTS_MAX];
	size_t fragment_count;
	struct glyph *glyphs; /* kept from line to line */
	size_t glyph_count, room;
	double width;
};

static bool is_shown(uint32_t rune)
{
	bool is_control = rune < 0x20 || (rune >= 0x7f && rune < 0xa0);
	bool is_direction = rune == 0x200e || rune == 0x200f || rune == 0x061c ||
			    (rune >= 0x202a && rune <= 0x202e) ||
			    (rune >= 0x2066 && rune <= 0x2069);
	return !is_control && !is_direction && rune != 0xfeff;
}

static void on_fragment(const uint32_t *from, size_t count, int level, int script, void *argument)
{
	struct layout *layout = argument;
	if (layout->fragment_count == FRAGMENTS_MAX)
		fz_throw(layout->work->ctx, FZ_ERROR_GENERIC, "too many turns");
	layout->fragments[layout->fragment_count++] =
		(struct fragment){.from = (size_t)(from - layout->runes),
				  .count = count,
				  .level = level,
				  .script = script};
}

/* Unicode's bidirectional algorithm, rule L2: from the highest level to the lowest odd one, what
 * lies at it or above is turned round. */
static void put_in_order(struct layout *layout)
{
	int highest = 0;
	for (size_t i = 0; i < layout->fragment_count; i++)
		if (layout->fragments[i].level > highest)
			highest = layout->fragments[i].level;
	for (int level = highest; level > 0; level--) {
		for (size_t i = 0; i < layout->fragment_count; i++) {
			size_t end = i;
			while (end < layout->fragment_count &&
			       layout->fragments[end].level >= level)
				end++;
			for (size_t a = i, b = end; a + 1 < b; a++, b--) {
				struct fragment other = layout->fragments[a];
				layout->fragments[a] = layout->fragments[b - 1];
				layout->fragments[b - 1] = other;
			}
			if (end > i)
				i = end - 1;
		}
	}
}

static struct glyph *add_glyph(struct layout *layout)
{
	if (layout->glyph_count == layout->room) {
		size_t room = layout->room > 0 ? layout->room * 2 : 256;
		struct glyph *more = WORK_ARRAY(layout->work, room, struct glyph);
		if (layout->glyph_count > 0)
			memcpy(more, layout->glyphs, layout->glyph_count * sizeof(*more));
		layout->glyphs = more;
		layout->room = room;
	}
	return &layout->glyphs[layout->glyph_count++];
}

static struct str utf16(struct layout *layout, size_t from, size_t until)
{
	uint8_t *text = WORK_ARRAY(layout->work, 4 * (until - from), uint8_t);
	size_t len = 0;
	for (size_t i = from; i < until; i++)
		len += pdf_text_utf16(layout->runes[i], text + len);
	return str_bytes(text, len);
}

/* Where the characters of a glyph end: where the next ones begin. */
static size_t end_of(const hb_glyph_info_t *infos, unsigned count, size_t from, size_t end)
{
	for (unsigned i = 0; i < count; i++)
		if (infos[i].cluster > from && infos[i].cluster < end)
			end = infos[i].cluster;
	return end;
}

static void take_glyphs(struct layout *layout, hb_buffer_t *buffer, int number, size_t end)
{
	unsigned count;
	const hb_glyph_info_t *infos = hb_buffer_get_glyph_infos(buffer, &count);
	const hb_glyph_position_t *positions = hb_buffer_get_glyph_positions(buffer, &count);
	struct typeface *face = &typesetter_of(layout->work)->faces[number];
	typeface_use(layout->work, face);
	for (unsigned i = 0, first = 0; i < count; i++) {
		struct glyph *glyph = add_glyph(layout);
		*glyph = (struct glyph){.face = number,
					.glyph = infos[i].codepoint,
					.advance = (double)positions[i].x_advance / face->units,
					.right = (double)positions[i].x_offset / face->units,
					.up = (double)positions[i].y_offset / face->units};
		layout->width += glyph->advance;
		hb_set_add(face->used, glyph->glyph);
		if (i > 0 && infos[i].cluster == infos[i - 1].cluster) {
			glyph[-(int)(i - first)].together++;
			continue;
		}
		first = i;
		glyph->together = 1;
		glyph->text = utf16(layout, infos[i].cluster,
				    end_of(infos, count, infos[i].cluster, end));
		if (glyph->glyph < face->glyph_count && face->texts[glyph->glyph].len == 0)
			face->texts[glyph->glyph] = glyph->text;
	}
}

static void shape(struct layout *layout, size_t from, size_t count, bool is_leftward, int face)
{
	hb_buffer_t *buffer = hb_buffer_create();
	fz_context *ctx = layout->work->ctx;
	hb_buffer_add_codepoints(buffer, layout->runes, (int)layout->rune_count, (unsigned)from,
				 (int)count);
	hb_buffer_set_direction(buffer, is_leftward ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
	hb_buffer_guess_segment_properties(buffer);
	hb_shape(typesetter_of(layout->work)->faces[face].font, buffer, NULL, 0);
	fz_try(ctx) take_glyphs(layout, buffer, face, from + count);
	fz_always(ctx) hb_buffer_destroy(buffer);
	fz_catch(ctx) fz_rethrow(ctx);
}

/* Pieces of one face each, in the order in which they are shown. */
static void shape_fragment(struct layout *layout, const struct fragment *fragment)
{
	bool is_leftward = fragment->level & 1;
	int *faces = WORK_ARRAY(layout->work, fragment->count, int);
	for (size_t i = 0; i < fragment->count; i++)
		faces[i] = typeface_for(layout->work, layout->runes[fragment->from + i],
					fragment->script, i > 0 ? faces[i - 1] : -1);
	size_t done = 0;
	while (done < fragment->count) {
		size_t from = is_leftward ? fragment->count - done - 1 : done, until = from + 1;
		while (!is_leftward && until < fragment->count && faces[until] == faces[from])
			until++;
		while (is_leftward && from > 0 && faces[from - 1] == faces[from])
			from--;
		shape(layout, fragment->from + from, until - from, is_leftward, faces[from]);
		done += until - from;
	}
}

/* One for all lines, as it is large. */
static struct layout *layout_of(struct work *work)
{
	struct typesetter *all = typesetter_of(work);
	if (all->layout == NULL)
		all->layout = work_alloc(work, 1, sizeof(*all->layout));
	all->layout->work = work;
	return all->layout;
}

static struct layout *lay_out(struct work *work, struct str utf8)
{
	struct layout *layout = layout_of(work);
	fz_bidi_direction direction = FZ_BIDI_NEUTRAL;
	size_t count, kept = 0;
	uint32_t *runes = pdf_text_runes(work, utf8, &count);
	for (size_t i = 0; i < count; i++)
		if (runes[i] == '\t' || is_shown(runes[i]))
			runes[kept++] = runes[i] == '\t' ? ' ' : runes[i];
	layout->runes = runes;
	layout->rune_count = kept;
	layout->fragment_count = 0;
	layout->glyph_count = 0;
	layout->width = 0;
	if (kept == 0)
		return layout;
	fz_bidi_fragment_text(work->ctx, runes, kept, &direction, on_fragment, layout, 0);
	put_in_order(layout);
	for (size_t i = 0; i < layout->fragment_count; i++)
		shape_fragment(layout, &layout->fragments[i]);
	return layout;
}

double typeset_width(struct work *work, struct str utf8)
{
	return lay_out(work, utf8)->width;
}

void typeset_line(struct work *work, struct str utf8, struct line *ret)
{
	const struct layout *layout = lay_out(work, utf8);
	*ret = (struct line){.count = layout->glyph_count, .width = layout->width};
	ret->glyphs = WORK_ARRAY(work, ret->count, struct glyph);
	if (ret->count > 0)
		memcpy(ret->glyphs, layout->glyphs, ret->count * sizeof(*ret->glyphs));
}

pdf_obj *typeset_fonts(struct work *work)
{
	struct typesetter *all = typesetter_of(work);
	pdf_obj *fonts = pdf_new_dict(work->ctx, work->doc, 4);
	for (int i = 0; i < all->count; i++) {
		char name[16];
		if (all->faces[i].number == 0)
			continue;
		snprintf(name, sizeof(name), "F%d", i);
		pdf_dict_puts_drop(work->ctx, fonts, name,
				   pdf_new_indirect(work->ctx, work->doc, all->faces[i].number, 0));
	}
	return fonts;
}

void typeset_finish(struct work *work)
{
	struct typesetter *all = typesetter_of(work);
	for (int i = 0; i < all->count; i++)
		if (all->faces[i].number != 0)
			typeface_embed(work, &all->faces[i]);
}
