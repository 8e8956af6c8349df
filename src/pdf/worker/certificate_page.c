#include "pdf/worker/certificate_page.h"

#include "base/limits.h"
#include "pdf/worker/places.h"
#include "pdf/worker/text_box.h"

#include <limits.h>

const double certificate_line = 11, certificate_text = 8;
static const double page_width = 595, least_height = 842, margin = 48;
static const double title_height = 44, title_size = 18, block_height = 66, label_height = 14,
		    label_size = 9, gap = 10;

struct plan_page {
	struct work *work;
	const struct form *form;
	const struct pdf_plan *plan;
	fz_buffer *content;
	pdf_obj *page;
	double height, top; /* what is below `top` is free */
};

static bool needs_block(const struct pdf_plan *plan, int64_t signer)
{
	for (size_t i = 0; i < plan->field_count; i++)
		if (plan->fields[i].kind == PDF_FIELD_SIGNATURE && plan->fields[i].signer == signer)
			return false;
	return true;
}

static double height_of(const struct pdf_plan *plan)
{
	double height = 2 * margin + title_height;
	for (size_t i = 0; plan->wants_blocks && i < plan->signer_count; i++)
		height += needs_block(plan, (int64_t)i) ? block_height : 0;
	height += (double)(plan->trail_lines + 2) * certificate_line;
	if (height > LIMIT_PDF_PAGE_POINTS)
		return LIMIT_PDF_PAGE_POINTS;
	return height > least_height ? height : least_height;
}

static void draw(struct plan_page *it, struct str text, double height, double size)
{
	struct text_box set;
	text_box_line(it->work, text, page_width - 2 * margin, height, size, &set);
	text_box_draw(it->work, it->content, &set, margin, it->top, 0);
	it->top -= height;
}

/* Their places are found by the same arithmetic when the page is there. */
static void draw_all(struct plan_page *it)
{
	fz_context *ctx = it->work->ctx;
	it->top = it->height - margin;
	draw(it, it->plan->title, title_height, title_size);
	for (size_t i = 0; it->plan->wants_blocks && i < it->plan->signer_count; i++) {
		if (!needs_block(it->plan, (int64_t)i))
			continue;
		draw(it, it->plan->signers[i], label_height, label_size);
		it->top -= block_height - label_height;
		fz_append_printf(ctx, it->content, "0.5 w 0.6 G %g %g %g %g re S\n", margin,
				 it->top + gap, page_width - 2 * margin,
				 block_height - label_height - gap);
	}
}

static void make_page(struct plan_page *it)
{
	struct work *work = it->work;
	fz_context *ctx = work->ctx;
	pdf_obj *resources = pdf_new_dict(ctx, work->doc, 1);
	pdf_obj *page = NULL;
	fz_var(page);
	fz_try(ctx)
	{
		pdf_dict_put_drop(ctx, resources, PDF_NAME(Font), typeset_fonts(work));
		page = pdf_add_page(ctx, work->doc,
				    (fz_rect){0, 0, (float)page_width, (float)it->height}, 0,
				    resources, it->content);
		/* Not what pages of this document have by default. */
		pdf_dict_put_rect(ctx, page, PDF_NAME(CropBox),
				  (fz_rect){0, 0, (float)page_width, (float)it->height});
		pdf_insert_page(ctx, work->doc, INT_MAX, page);
	}
	fz_always(ctx)
	{
		pdf_drop_obj(ctx, page);
		pdf_drop_obj(ctx, resources);
	}
	fz_catch(ctx) fz_rethrow(ctx);
	it->page = pdf_lookup_page_obj(ctx, work->doc, pdf_count_pages(ctx, work->doc) - 1);
}

static pdf_obj *add(struct plan_page *it, struct str id, int64_t signer, fz_rect rect)
{
	struct place place = {.id = id,
			      .kind = PDF_FIELD_SIGNATURE,
			      .signer = signer,
			      .label = signer >= 0 ? it->plan->signers[signer] : it->plan->title,
			      .rect = rect,
			      .width = rect.x1 - rect.x0,
			      .height = rect.y1 - rect.y0};
	return places_add(it->work, it->form, it->page, &place);
}

static const fz_rect nowhere = {0, 0, 0, 0};

static void add_signers(struct plan_page *it)
{
	const double right = page_width - margin;
	it->top = it->height - margin - title_height;
	for (int64_t i = 0; (size_t)i < it->plan->signer_count; i++) {
		if (!needs_block(it->plan, i))
			continue;
		struct str id = arena_printf(it->work->arena, "signer-%d", (int)i + 1);
		fz_rect box = {(float)margin, (float)(it->top - block_height + gap), (float)right,
			       (float)(it->top - label_height)};
		bool is_shown = it->plan->wants_blocks;
		places_set_signer(it->work, i, add(it, id, i, is_shown ? box : nowhere));
		it->top -= is_shown ? block_height : 0;
	}
}

static void add_portal(struct plan_page *it)
{
	fz_context *ctx = it->work->ctx;
	fz_rect trail = {(float)margin, (float)margin, (float)(page_width - margin),
			 (float)(it->top - gap)};
	places_set(it->work, "Certify", add(it, STR("postern-certified"), -1, nowhere));
	pdf_obj *seal = add(it, STR("postern-sealed"), -1, trail);
	places_set(it->work, "Seal", seal);
	pdf_obj *lock = pdf_dict_puts_dict(ctx, seal, "Lock", 2);
	pdf_dict_puts_drop(ctx, lock, "Type", pdf_new_name(ctx, "SigFieldLock"));
	pdf_dict_puts_drop(ctx, lock, "Action", pdf_new_name(ctx, "All"));
}

void certificate_page_add(struct work *work, const struct form *form, const struct pdf_plan *plan)
{
	fz_context *ctx = work->ctx;
	struct plan_page *it = WORK_ARRAY(work, 1, struct plan_page);
	*it = (struct plan_page){.work = work, .form = form, .plan = plan};
	it->height = height_of(plan);
	it->content = fz_new_buffer(ctx, 4096);
	fz_try(ctx)
	{
		draw_all(it);
		make_page(it);
	}
	fz_always(ctx) fz_drop_buffer(ctx, it->content);
	fz_catch(ctx) fz_rethrow(ctx);
	add_signers(it);
	add_portal(it);
	typeset_finish(work);
}
