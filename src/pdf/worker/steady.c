#include "pdf/worker/steady.h"

enum { DEPTH_MAX = 64, HIDDEN = 2, NO_VIEW = 32, TOGGLE_NO_VIEW = 256 };

/* Of streams: pages of other documents, pictures that are elsewhere or for printing only. */
static const char *const stream_keys[] = {"Ref", "OPI", "Alternates"};

struct walk {
	struct work *work;
	int count; /* of objects */
	bool changes, has_loose_ends;
};

static bool is_loose(struct walk *walk, pdf_obj *item)
{
	bool is_one = pdf_is_indirect(walk->work->ctx, item) &&
		      pdf_to_num(walk->work->ctx, item) >= walk->count;
	walk->has_loose_ends = walk->has_loose_ends || is_one;
	return is_one;
}

static void tie_up(struct walk *walk, pdf_obj *object, int depth)
{
	fz_context *ctx = walk->work->ctx;
	bool is_dict = pdf_is_dict(ctx, object);
	int len = is_dict ? pdf_dict_len(ctx, object) : pdf_array_len(ctx, object);
	if (depth > DEPTH_MAX)
		refuse(walk->work, PDF_DAMAGED);
	for (int i = 0; i < len; i++) {
		pdf_obj *item =
			is_dict ? pdf_dict_get_val(ctx, object, i) : pdf_array_get(ctx, object, i);
		if (is_loose(walk, item)) {
			if (walk->changes && is_dict)
				pdf_dict_put_val_null(ctx, object, i);
			else if (walk->changes)
				pdf_array_put(ctx, object, i, PDF_NULL);
		} else if (!pdf_is_indirect(ctx, item)) {
			tie_up(walk, item, depth + 1);
		}
	}
}

static void settle_stream(fz_context *ctx, pdf_obj *stream)
{
	pdf_obj *file = pdf_dict_get(ctx, stream, PDF_NAME(F));
	for (size_t i = 0; i < sizeof(stream_keys) / sizeof(stream_keys[0]); i++)
		pdf_dict_dels(ctx, stream, stream_keys[i]);
	/* Its bytes are elsewhere. (As a name it is how some write a filter.) */
	if (pdf_is_string(ctx, file) || pdf_is_dict(ctx, file))
		pdf_dict_del(ctx, stream, PDF_NAME(F));
}

/* A layer that goes by itself, for one on a screen or for another on paper. */
static void settle_layers(fz_context *ctx, pdf_obj *dict)
{
	if (pdf_name_eq(ctx, pdf_dict_get(ctx, dict, PDF_NAME(Type)), PDF_NAME(OCG)))
		pdf_dict_dels(ctx, dict, "Usage");
	if (pdf_is_array(ctx, pdf_dict_gets(ctx, dict, "AS")))
		pdf_dict_dels(ctx, dict, "AS");
}

/* What cannot be seen on a screen cannot be seen at all. */
static void settle_annotation(fz_context *ctx, pdf_obj *dict)
{
	int flags = pdf_to_int(ctx, pdf_dict_get(ctx, dict, PDF_NAME(F)));
	if ((flags & (NO_VIEW | TOGGLE_NO_VIEW)) != 0 && pdf_dict_get(ctx, dict, PDF_NAME(Rect)))
		pdf_dict_put_int(ctx, dict, PDF_NAME(F),
				 (flags | HIDDEN) & ~(NO_VIEW | TOGGLE_NO_VIEW));
}

static void settle(struct walk *walk, pdf_obj *object, int depth)
{
	fz_context *ctx = walk->work->ctx;
	if (depth > DEPTH_MAX || pdf_is_indirect(ctx, object))
		return;
	for (int i = 0; i < pdf_array_len(ctx, object); i++)
		settle(walk, pdf_array_get(ctx, object, i), depth + 1);
	if (!pdf_is_dict(ctx, object))
		return;
	settle_layers(ctx, object);
	settle_annotation(ctx, object);
	for (int i = 0; i < pdf_dict_len(ctx, object); i++)
		settle(walk, pdf_dict_get_val(ctx, object, i), depth + 1);
}

static void look_at(struct walk *walk, int number)
{
	fz_context *ctx = walk->work->ctx;
	pdf_obj *reference = pdf_new_indirect(ctx, walk->work->doc, number, 0);
	fz_try(ctx)
	{
		pdf_obj *object = pdf_resolve_indirect(ctx, reference);
		tie_up(walk, object, 0);
		if (walk->changes && pdf_is_stream(ctx, reference))
			settle_stream(ctx, object);
		if (walk->changes)
			settle(walk, object, 0);
	}
	fz_always(ctx) pdf_drop_obj(ctx, reference);
	fz_catch(ctx) fz_rethrow(ctx);
}

static bool look_at_all(struct work *work, bool changes)
{
	struct walk walk = {.work = work, .changes = changes};
	walk.count = pdf_xref_len(work->ctx, work->doc);
	for (int i = 1; i < walk.count; i++)
		look_at(&walk, i);
	return walk.has_loose_ends;
}

bool steady_has_loose_ends(struct work *work)
{
	return look_at_all(work, false);
}

void steady_make(struct work *work)
{
	look_at_all(work, true);
}
