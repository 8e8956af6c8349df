#include "pdf/worker/page_tree.h"

#include "base/limits.h"

enum {
	DEPTH_MAX = 100,
	NODES_MAX = 4 * LIMIT_PDF_PAGES,
	PAGES_MAX = LIMIT_PDF_PAGES + 100, /* certificate pages are not counted */
};

struct walk {
	struct work *work;
	struct page_tree *tree;
	int room, nodes;
};

static void add_page(struct walk *walk, pdf_obj *page)
{
	int number = pdf_to_num(walk->work->ctx, page);
	if (walk->tree->count >= walk->room || number <= 0)
		refuse(walk->work, PDF_DAMAGED);
	walk->tree->numbers[walk->tree->count++] = number;
}

static void visit(struct walk *walk, pdf_obj *node, int depth)
{
	fz_context *ctx = walk->work->ctx;
	pdf_obj *kids = pdf_dict_get(ctx, node, PDF_NAME(Kids));
	if (depth > DEPTH_MAX || ++walk->nodes > NODES_MAX || !pdf_is_dict(ctx, node))
		refuse(walk->work, PDF_DAMAGED);
	if (!pdf_is_array(ctx, kids)) {
		if (!pdf_name_eq(ctx, pdf_dict_get(ctx, node, PDF_NAME(Type)), PDF_NAME(Page)))
			refuse(walk->work, PDF_DAMAGED);
		add_page(walk, node);
		return;
	}
	int count = pdf_array_len(ctx, kids);
	for (int i = 0; i < count; i++)
		visit(walk, pdf_array_get(ctx, kids, i), depth + 1);
}

void page_tree_read(struct work *work, pdf_document *doc, struct page_tree *ret)
{
	fz_context *ctx = work->ctx;
	int count = pdf_count_pages(ctx, doc);
	if (count > PAGES_MAX)
		refuse(work, PDF_TOO_MANY_PAGES);
	if (count <= 0)
		refuse(work, PDF_DAMAGED);
	*ret = (struct page_tree){.numbers = WORK_ARRAY(work, (size_t)count, int)};
	struct walk walk = {.work = work, .tree = ret, .room = count};
	visit(&walk, pdf_dict_getp(ctx, pdf_trailer(ctx, doc), "Root/Pages"), 0);
	if (ret->count != count)
		refuse(work, PDF_DAMAGED);
}
