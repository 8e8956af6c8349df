#include "pdf/worker/marks.h"

#include "pdf/worker/appearance.h"
#include "pdf/worker/certificate_page.h"
#include "pdf/worker/pdf_text.h"
#include "pdf/worker/text_box.h"

static const double margin = 2, slant = 0.2;
static const double text_size = 12, signature_size = 40, below_size = 7, below_from = 26,
		    outline = 0.035;

/* A signature's box: the mark, and below it, where there is room, who and when. */
struct signature_look {
	const struct pdf_mark *mark;
	struct str below;
};

static fz_rect inside(const struct place *place, double below)
{
	return (fz_rect){(float)margin, (float)(margin + below), (float)(place->width - margin),
			 (float)(place->height - margin)};
}

static void draw_line(struct appearance *it, struct str text, const fz_rect *box, double most_size,
		      double lean)
{
	struct text_box set;
	double width = box->x1 - box->x0, height = box->y1 - box->y0;
	text_box_line(it->work, text, width, height, most_size, &set);
	double top = (box->y0 + box->y1) / 2 + set.leading / 2;
	text_box_draw(it->work, it->content, &set, box->x0, top, lean);
}

static void draw_signature(struct appearance *it, const struct place *place, const void *what)
{
	const struct signature_look *look = what;
	bool has_below = place->height >= below_from && look->below.len > 0;
	double below = has_below ? below_size * 1.35 : 0;
	fz_rect box = inside(place, below);
	fz_append_string(it->work->ctx, it->content, "0 0 0.35 rg\n");
	if (look->mark->png.len > 0)
		appearance_picture(it, look->mark->png, &box);
	else
		draw_line(it, look->mark->text, &box, signature_size, slant);
	if (!has_below)
		return;
	box = (fz_rect){(float)margin, (float)margin, (float)(place->width - margin),
			(float)(margin + below)};
	fz_append_string(it->work->ctx, it->content, "0.3 0.3 0.3 rg\n");
	draw_line(it, look->below, &box, below_size, 0);
}

static void draw_text(struct appearance *it, const struct place *place, const void *what)
{
	const struct pdf_mark *mark = what;
	fz_rect box = inside(place, 0);
	struct text_box set;
	fz_append_string(it->work->ctx, it->content, "0 0 0 rg\n");
	if (place->kind != PDF_FIELD_TEXT) {
		draw_line(it, mark->text, &box, text_size, 0);
		return;
	}
	text_box_wrap(it->work, mark->text, box.x1 - box.x0, box.y1 - box.y0, text_size, &set);
	text_box_draw(it->work, it->content, &set, box.x0, box.y1, 0);
}

/* A tick, as large as the smaller side. */
static void draw_tick(struct appearance *it, const struct place *place, const void *what)
{
	double side = place->width < place->height ? place->width : place->height;
	double x = (place->width - side) / 2, y = (place->height - side) / 2;
	(void)what;
	fz_append_printf(it->work->ctx, it->content, "%g w 1 J 1 j %g %g m %g %g l %g %g l S\n",
			 side * 0.1, x + side * 0.2, y + side * 0.5, x + side * 0.42,
			 y + side * 0.25, x + side * 0.8, y + side * 0.78);
}

static void draw_nothing(struct appearance *it, const struct place *place, const void *what)
{
	(void)it;
	(void)place;
	(void)what;
}

static void fill_check(struct work *work, pdf_obj *field, const struct place *place,
		       const struct pdf_mark *mark)
{
	fz_context *ctx = work->ctx;
	if (!str_eq(mark->text, STR("on")))
		return;
	pdf_obj *states = pdf_dict_put_dict(ctx, pdf_dict_put_dict(ctx, field, PDF_NAME(AP), 1),
					    PDF_NAME(N), 2);
	pdf_dict_puts_drop(ctx, states, "Yes", appearance_make(work, place, draw_tick, NULL));
	pdf_dict_puts_drop(ctx, states, "Off", appearance_make(work, place, draw_nothing, NULL));
	pdf_dict_puts_drop(ctx, field, "V", pdf_new_name(ctx, "Yes"));
	pdf_dict_puts_drop(ctx, field, "AS", pdf_new_name(ctx, "Yes"));
}

static void fill_one(struct work *work, const struct pdf_signing *signing,
		     const struct pdf_mark *mark)
{
	pdf_obj *field = places_find_id(work, mark->field_id, signing->signer);
	struct place place = places_read(work, field);
	if (place.kind == PDF_FIELD_CHECK) {
		fill_check(work, field, &place, mark);
		return;
	}
	if (place.kind == PDF_FIELD_INITIALS)
		appearance_set(work, field, &place, draw_signature,
			       &(struct signature_look){.mark = mark});
	else
		appearance_set(work, field, &place, draw_text, mark);
	pdf_text_put(work, field, "V", mark->text.len > 0 ? mark->text : signing->name);
}

static const struct pdf_mark *find_mark(const struct pdf_signing *signing, struct str id)
{
	for (size_t i = 0; i < signing->mark_count; i++)
		if (str_eq(signing->marks[i].field_id, id))
			return &signing->marks[i];
	return NULL;
}

static void fill_signature(struct work *work, pdf_obj *field, const struct place *place,
			   const struct pdf_signing *signing)
{
	const struct pdf_mark *mark = find_mark(signing, place->id);
	const struct pdf_mark typed = {.text = signing->name};
	if (mark == NULL)
		mark = find_mark(signing, STR_NONE);
	struct str when = pdf_text_time(work, signing->at_ms);
	struct signature_look look = {.mark = mark ? mark : &typed};
	/* The time first: its letters make a line that runs to the right, whatever the name. */
	look.below =
		arena_printf(work->arena, "%.*s, %.*s", STR_ARGS(when), STR_ARGS(signing->name));
	if (place->width > 0 && place->height > 0)
		appearance_set(work, field, place, draw_signature, &look);
}

void marks_fill(struct work *work, pdf_obj *field, const struct pdf_signing *signing)
{
	struct place own = places_read(work, field);
	for (size_t i = 0; i < signing->mark_count; i++) {
		struct str id = signing->marks[i].field_id;
		if (id.len > 0 && !str_eq(id, own.id))
			fill_one(work, signing, &signing->marks[i]);
	}
	fill_signature(work, field, &own, signing);
	typeset_finish(work);
}

/* The first line of each block stands out: its letters have an outline. */
static void draw_trail(struct appearance *it, const struct place *place, const void *what)
{
	const struct str *trail = what;
	struct text_box set;
	fz_append_string(it->work->ctx, it->content, "0 0 0 rg\n");
	text_box_wrap(it->work, *trail, place->width, place->height, certificate_text, &set);
	for (size_t i = 0; i < set.count; i++) {
		bool is_head = i == 0 || set.lines[i - 1].count == 0;
		struct text_box line = {.lines = &set.lines[i],
					.count = 1,
					.size = set.size,
					.leading = set.leading};
		fz_append_printf(it->work->ctx, it->content, "%d Tr %g w\n", is_head ? 2 : 0,
				 set.size * outline);
		text_box_draw(it->work, it->content, &line, 0,
			      place->height - (double)i * set.leading, 0);
	}
}

void marks_seal(struct work *work, pdf_obj *field, const struct pdf_signing *signing)
{
	struct place place = places_read(work, field);
	appearance_set(work, field, &place, draw_trail, &signing->trail);
	typeset_finish(work);
}
