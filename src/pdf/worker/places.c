#include "pdf/worker/places.h"

#include "pdf/worker/pdf_text.h"

enum {
	READ_ONLY = 1, /* Ff */
	PRINT = 4,
	LOCKED = 128, /* F */
};

static pdf_obj *ours(struct work *work)
{
	return pdf_dict_getp(work->ctx, pdf_trailer(work->ctx, work->doc), "Root/Postern");
}

void places_begin(struct work *work, struct form *form)
{
	fz_context *ctx = work->ctx;
	pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, work->doc), PDF_NAME(Root));
	(void)form;
	pdf_obj *own = pdf_dict_puts_dict(ctx, root, "Postern", 4);
	pdf_dict_puts_drop(ctx, own, "Fields", pdf_new_array(ctx, work->doc, 8));
	pdf_dict_puts_drop(ctx, own, "Signers", pdf_new_array(ctx, work->doc, 4));
}

/* Its id, or something like it if the document has a field of that name. */
static struct str name_for(struct work *work, const struct form *form, struct str id)
{
	struct str name = arena_copy(work->arena, id);
	for (int i = 2; name.data && form_has_name(form, name.data) && i < 1000; i++)
		name = arena_printf(work->arena, "%.*s-%d", STR_ARGS(id), i);
	return name;
}

static void put_type(struct work *work, pdf_obj *field, enum pdf_field_kind kind)
{
	fz_context *ctx = work->ctx;
	if (kind == PDF_FIELD_SIGNATURE) {
		pdf_dict_put(ctx, field, PDF_NAME(FT), PDF_NAME(Sig));
		return;
	}
	pdf_dict_put(ctx, field, PDF_NAME(FT),
		     kind == PDF_FIELD_CHECK ? PDF_NAME(Btn) : PDF_NAME(Tx));
	pdf_dict_put_int(ctx, field, PDF_NAME(Ff), READ_ONLY);
	if (kind == PDF_FIELD_CHECK)
		pdf_dict_put(ctx, field, PDF_NAME(AS), PDF_NAME(Off));
	else
		pdf_dict_put_string(ctx, field, PDF_NAME(DA), "/Helv 0 Tf 0 g", 14);
}

static void put_place(struct work *work, pdf_obj *field, const struct place *place)
{
	fz_context *ctx = work->ctx;
	pdf_dict_puts_drop(ctx, field, "PosternId",
			   pdf_new_string(ctx, place->id.data, place->id.len));
	pdf_dict_puts_drop(ctx, field, "PosternKind", pdf_new_int(ctx, place->kind));
	pdf_dict_puts_drop(ctx, field, "PosternSigner", pdf_new_int(ctx, place->signer));
	pdf_obj *size = pdf_new_array(ctx, work->doc, 2);
	pdf_dict_puts_drop(ctx, field, "PosternSize", size);
	pdf_array_push_real(ctx, size, place->width);
	pdf_array_push_real(ctx, size, place->height);
	if (place->rotation != 0)
		pdf_dict_put_int(ctx, pdf_dict_put_dict(ctx, field, PDF_NAME(MK), 1), PDF_NAME(R),
				 place->rotation);
}

static void put_on_page(struct work *work, pdf_obj *page, pdf_obj *field)
{
	fz_context *ctx = work->ctx;
	pdf_obj *annotations = pdf_dict_get(ctx, page, PDF_NAME(Annots));
	if (!pdf_is_array(ctx, annotations))
		annotations = pdf_dict_put_array(ctx, page, PDF_NAME(Annots), 8);
	pdf_array_push(ctx, annotations, field);
	pdf_dict_put(ctx, field, PDF_NAME(P), page);
}

pdf_obj *places_add(struct work *work, const struct form *form, pdf_obj *page,
		    const struct place *place)
{
	fz_context *ctx = work->ctx;
	struct str name = name_for(work, form, place->id);
	pdf_obj *new = pdf_add_new_dict(ctx, work->doc, 16);
	pdf_array_push_drop(ctx, pdf_dict_gets(ctx, ours(work), "Fields"), new);
	/* The array keeps it. */
	pdf_dict_put(ctx, new, PDF_NAME(Type), PDF_NAME(Annot));
	pdf_dict_put(ctx, new, PDF_NAME(Subtype), PDF_NAME(Widget));
	put_type(work, new, place->kind);
	pdf_dict_put_string(ctx, new, PDF_NAME(T), name.data ? name.data : "", name.len);
	pdf_dict_put_rect(ctx, new, PDF_NAME(Rect), place->rect);
	pdf_dict_put_int(ctx, new, PDF_NAME(F), PRINT | LOCKED);
	if (place->label.len > 0)
		pdf_text_put(work, new, "TU", place->label);
	put_place(work, new, place);
	put_on_page(work, page, new);
	pdf_array_push(ctx, pdf_dict_get(ctx, form_make(work), PDF_NAME(Fields)), new);
	return new;
}

void places_set_signer(struct work *work, int64_t signer, pdf_obj *field)
{
	fz_context *ctx = work->ctx;
	pdf_obj *signers = pdf_dict_gets(ctx, ours(work), "Signers");
	while (pdf_array_len(ctx, signers) <= signer)
		pdf_array_push(ctx, signers, PDF_NULL);
	pdf_array_put(ctx, signers, (int)signer, field);
}

void places_set(struct work *work, const char *what, pdf_obj *field)
{
	pdf_dict_puts(work->ctx, ours(work), what, field);
}

static pdf_obj *unsigned_one(struct work *work, pdf_obj *field)
{
	if (!pdf_is_dict(work->ctx, field) || !pdf_is_indirect(work->ctx, field) ||
	    pdf_dict_get(work->ctx, field, PDF_NAME(V)))
		refuse(work, PDF_BAD_FIELD);
	return field;
}

pdf_obj *places_find_signer(struct work *work, int64_t signer)
{
	pdf_obj *signers = pdf_dict_gets(work->ctx, ours(work), "Signers");
	return unsigned_one(work, pdf_array_get(work->ctx, signers, (int)signer));
}

pdf_obj *places_find(struct work *work, const char *what)
{
	return unsigned_one(work, pdf_dict_gets(work->ctx, ours(work), what));
}

struct place places_read(struct work *work, pdf_obj *field)
{
	fz_context *ctx = work->ctx;
	size_t len;
	const char *id = pdf_to_string(ctx, pdf_dict_gets(ctx, field, "PosternId"), &len);
	pdf_obj *size = pdf_dict_gets(ctx, field, "PosternSize");
	return (struct place){
		.id = str_bytes(id, len),
		.kind = (enum pdf_field_kind)pdf_to_int(ctx,
							pdf_dict_gets(ctx, field, "PosternKind")),
		.signer = pdf_to_int(ctx, pdf_dict_gets(ctx, field, "PosternSigner")),
		.rect = pdf_dict_get_rect(ctx, field, PDF_NAME(Rect)),
		.width = pdf_array_get_real(ctx, size, 0),
		.height = pdf_array_get_real(ctx, size, 1),
		.rotation = pdf_to_int(ctx, pdf_dict_getp(ctx, field, "MK/R")),
	};
}

pdf_obj *places_find_id(struct work *work, struct str id, int64_t signer)
{
	fz_context *ctx = work->ctx;
	pdf_obj *fields = pdf_dict_gets(ctx, ours(work), "Fields");
	int count = pdf_array_len(ctx, fields);
	for (int i = 0; i < count; i++) {
		pdf_obj *field = pdf_array_get(ctx, fields, i);
		struct place place = places_read(work, field);
		if (str_eq(place.id, id) && place.signer == signer)
			return unsigned_one(work, field);
	}
	refuse(work, PDF_BAD_FIELD);
}
