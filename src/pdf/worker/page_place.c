#include "pdf/worker/page_place.h"

#include "base/limits.h"
#include "pdf/worker/page_tree.h"

static const double least_page = 3, least_box = 4, slack = 1;

static bool is_size(double points)
{
	return points >= least_page && points <= LIMIT_PDF_PAGE_POINTS;
}

/* The library invents a size for a page that has none; we do not. */
static void check_boxes(struct work *work, pdf_obj *page)
{
	fz_context *ctx = work->ctx;
	pdf_obj *media = pdf_dict_get_inheritable(ctx, page, PDF_NAME(MediaBox));
	pdf_obj *crop = pdf_dict_get_inheritable(ctx, page, PDF_NAME(CropBox));
	if (pdf_array_len(ctx, media) != 4)
		refuse(work, PDF_BAD_PAGE);
	fz_rect box = pdf_to_rect(ctx, media);
	if (pdf_array_len(ctx, crop) == 4)
		box = fz_intersect_rect(box, pdf_to_rect(ctx, crop));
	if (!is_size(box.x1 - box.x0) || !is_size(box.y1 - box.y0))
		refuse(work, PDF_BAD_PAGE);
}

static int rotation_of(struct work *work, pdf_obj *page)
{
	int turned =
		pdf_to_int(work->ctx, pdf_dict_get_inheritable(work->ctx, page, PDF_NAME(Rotate)));
	turned = turned % 360 < 0 ? turned % 360 + 360 : turned % 360;
	return turned % 90 == 0 ? turned : 0;
}

static void measure(struct work *work, pdf_obj *page, struct page_place *ret)
{
	fz_context *ctx = work->ctx;
	fz_rect box;
	fz_matrix to_shown;
	check_boxes(work, page);
	pdf_page_obj_transform(ctx, page, &box, &to_shown);
	box = fz_transform_rect(box, to_shown);
	ret->to_page = fz_invert_matrix(to_shown);
	ret->size.width = box.x1 - box.x0;
	ret->size.height = box.y1 - box.y0;
	ret->size.rotation = rotation_of(work, page);
	if (!is_size(ret->size.width) || !is_size(ret->size.height))
		refuse(work, PDF_BAD_PAGE);
}

static void place(struct work *work, int number, struct page_place *ret)
{
	fz_context *ctx = work->ctx;
	pdf_obj *page = pdf_new_indirect(ctx, work->doc, number, 0);
	ret->number = number;
	fz_try(ctx) measure(work, page, ret);
	fz_always(ctx) pdf_drop_obj(ctx, page);
	fz_catch(ctx) fz_rethrow(ctx);
}

struct page_place *page_places(struct work *work, size_t *ret_count)
{
	struct page_tree tree;
	page_tree_read(work, work->doc, &tree);
	if (tree.count > LIMIT_PDF_PAGES)
		refuse(work, PDF_TOO_MANY_PAGES);
	struct page_place *places = WORK_ARRAY(work, (size_t)tree.count, struct page_place);
	for (int i = 0; i < tree.count; i++)
		place(work, tree.numbers[i], &places[i]);
	*ret_count = (size_t)tree.count;
	return places;
}

fz_rect page_place_box(struct work *work, const struct page_place *place, const struct pdf_box *box)
{
	double right = box->x + box->width, bottom = box->y + box->height;
	if (box->width < least_box || box->height < least_box || box->x < -slack ||
	    box->y < -slack || right > place->size.width + slack ||
	    bottom > place->size.height + slack)
		refuse(work, PDF_BAD_FIELD);
	fz_rect shown = {(float)box->x, (float)box->y, (float)right, (float)bottom};
	return fz_transform_rect(shown, place->to_page);
}
