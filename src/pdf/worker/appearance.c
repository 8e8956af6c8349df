#include "pdf/worker/appearance.h"

#include "pdf/worker/pdf_text.h"
#include "pdf/worker/typeset.h"

/* Pictures darken what is below them and hide nothing: who signs last cannot paint over what others
 * have signed. */
static void put_ink(fz_context *ctx, pdf_obj *resources)
{
	pdf_obj *states = pdf_dict_put_dict(ctx, resources, PDF_NAME(ExtGState), 1);
	pdf_obj *ink = pdf_dict_puts_dict(ctx, states, "G", 1);
	pdf_dict_put(ctx, ink, PDF_NAME(BM), PDF_NAME(Multiply));
}

static pdf_obj *make_dict(struct appearance *appearance, const struct place *place)
{
	struct work *work = appearance->work;
	fz_context *ctx = work->ctx;
	pdf_obj *dict = pdf_new_dict(ctx, work->doc, 8);
	fz_try(ctx)
	{
		pdf_dict_put(ctx, dict, PDF_NAME(Type), PDF_NAME(XObject));
		pdf_dict_put(ctx, dict, PDF_NAME(Subtype), PDF_NAME(Form));
		pdf_dict_put_rect(ctx, dict, PDF_NAME(BBox),
				  (fz_rect){0, 0, (float)place->width, (float)place->height});
		pdf_dict_put_matrix(ctx, dict, PDF_NAME(Matrix), fz_rotate((float)place->rotation));
		pdf_obj *resources = pdf_dict_put_dict(ctx, dict, PDF_NAME(Resources), 2);
		pdf_dict_put_drop(ctx, resources, PDF_NAME(Font), typeset_fonts(work));
		if (appearance->images) {
			pdf_dict_put(ctx, resources, PDF_NAME(XObject), appearance->images);
			put_ink(ctx, resources);
		}
	}
	fz_catch(ctx)
	{
		pdf_drop_obj(ctx, dict);
		fz_rethrow(ctx);
	}
	return dict;
}

pdf_obj *appearance_make(struct work *work, const struct place *place, appearance_draw *draw,
			 const void *what)
{
	fz_context *ctx = work->ctx;
	struct appearance *it = WORK_ARRAY(work, 1, struct appearance);
	pdf_obj *dict = NULL, *stream = NULL;
	*it = (struct appearance){.work = work, .content = fz_new_buffer(ctx, 1024)};
	fz_var(dict);
	fz_var(stream);
	fz_try(ctx)
	{
		draw(it, place, what);
		dict = make_dict(it, place);
		stream = pdf_text_stream(work, dict, it->content->data, it->content->len);
	}
	fz_always(ctx)
	{
		pdf_drop_obj(ctx, dict);
		pdf_drop_obj(ctx, it->images);
		fz_drop_buffer(ctx, it->content);
	}
	fz_catch(ctx) fz_rethrow(ctx);
	return stream;
}

void appearance_set(struct work *work, pdf_obj *field, const struct place *place,
		    appearance_draw *draw, const void *what)
{
	fz_context *ctx = work->ctx;
	pdf_obj *made = appearance_make(work, place, draw, what);
	fz_try(ctx) pdf_dict_put(ctx, pdf_dict_put_dict(ctx, field, PDF_NAME(AP), 1), PDF_NAME(N),
				 made);
	fz_always(ctx) pdf_drop_obj(ctx, made);
	fz_catch(ctx) fz_rethrow(ctx);
}

void appearance_picture(struct appearance *appearance, struct str png, const fz_rect *box)
{
	struct work *work = appearance->work;
	fz_context *ctx = work->ctx;
	struct picture picture;
	picture_add(work, png, &picture);
	double across = (box->x1 - box->x0) / picture.width;
	double up = (box->y1 - box->y0) / picture.height;
	double scale = across < up ? across : up;
	double height = picture.height * scale, middle = (box->y0 + box->y1) / 2;
	appearance->images = pdf_new_dict(ctx, work->doc, 1);
	pdf_dict_puts_drop(ctx, appearance->images, "I", picture.image);
	fz_append_printf(ctx, appearance->content, "q /G gs %g 0 0 %g %g %g cm /I Do Q\n",
			 picture.width * scale, height, box->x0, middle - height / 2);
}
