#include "pdf/worker/form.h"

enum { DEPTH_MAX = 32, FIELDS_MAX = 50000, NAME_MAX_BYTES = 1024, READ_ONLY = 1 };

struct walk {
	struct work *work;
	struct form *form;
	size_t room;
};

static void add(struct walk *walk, pdf_obj *field, const char *name)
{
	struct form *form = walk->form;
	fz_context *ctx = walk->work->ctx;
	if (form->count == walk->room) {
		size_t room = walk->room > 0 ? walk->room * 2 : 32;
		struct form_field *more = WORK_ARRAY(walk->work, room, struct form_field);
		if (form->count > 0)
			memcpy(more, form->items, form->count * sizeof(*more));
		form->items = more;
		walk->room = room;
	}
	if (form->count >= FIELDS_MAX)
		refuse(walk->work, PDF_DAMAGED);
	struct form_field found = {.field = field, .name = name};
	found.is_signature =
		pdf_name_eq(ctx, pdf_dict_get_inheritable(ctx, field, PDF_NAME(FT)), PDF_NAME(Sig));
	found.is_signed = found.is_signature &&
			  pdf_is_dict(ctx, pdf_dict_get_inheritable(ctx, field, PDF_NAME(V)));
	form->signed_count += found.is_signed;
	form->items[form->count++] = found;
}

static const char *name_below(struct walk *walk, const char *above, pdf_obj *field)
{
	pdf_obj *own = pdf_dict_get(walk->work->ctx, field, PDF_NAME(T));
	if (own == NULL)
		return above;
	const char *text = pdf_to_text_string(walk->work->ctx, own);
	struct str name = arena_printf(walk->work->arena, "%.*s%s%.*s", NAME_MAX_BYTES, above,
				       *above ? "." : "", NAME_MAX_BYTES, text);
	return name.data ? name.data : "";
}

static void visit(struct walk *walk, pdf_obj *field, const char *above, int depth)
{
	fz_context *ctx = walk->work->ctx;
	if (depth > DEPTH_MAX)
		refuse(walk->work, PDF_DAMAGED);
	if (!pdf_is_dict(ctx, field))
		return;
	const char *name = name_below(walk, above, field);
	pdf_obj *kids = pdf_dict_get(ctx, field, PDF_NAME(Kids));
	int count = pdf_array_len(ctx, kids);
	bool has_fields = false;
	for (int i = 0; i < count; i++) {
		pdf_obj *kid = pdf_array_get(ctx, kids, i);
		/* A kid without a name is a place of this field on a page. */
		if (pdf_dict_get(ctx, kid, PDF_NAME(T)) == NULL)
			continue;
		has_fields = true;
		visit(walk, kid, name, depth + 1);
	}
	if (!has_fields)
		add(walk, field, name);
}

void form_read(struct work *work, pdf_document *doc, struct form *ret)
{
	fz_context *ctx = work->ctx;
	struct walk walk = {.work = work, .form = ret};
	*ret = (struct form){0};
	pdf_obj *fields = pdf_dict_getp(ctx, pdf_trailer(ctx, doc), "Root/AcroForm/Fields");
	int count = pdf_array_len(ctx, fields);
	for (int i = 0; i < count; i++)
		visit(&walk, pdf_array_get(ctx, fields, i), "", 0);
}

bool form_has_name(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->items[i].name, name) == 0)
			return true;
	return false;
}

void form_lock(struct work *work, const struct form *form)
{
	fz_context *ctx = work->ctx;
	for (size_t i = 0; i < form->count; i++) {
		pdf_obj *field = form->items[i].field;
		int flags = pdf_to_int(ctx, pdf_dict_get_inheritable(ctx, field, PDF_NAME(Ff)));
		pdf_dict_put_int(ctx, field, PDF_NAME(Ff), flags | READ_ONLY);
	}
}

/* Of a lock or of the parameters of a signature: whether fields that it does not name are locked,
 * as ours would be, or changes are forbidden altogether. */
static bool locks_others(fz_context *ctx, pdf_obj *lock)
{
	const char *action = pdf_to_name(ctx, pdf_dict_gets(ctx, lock, "Action"));
	return strcmp(action, "All") == 0 || strcmp(action, "Exclude") == 0 ||
	       pdf_dict_get(ctx, lock, PDF_NAME(P));
}

/* What a rule of a signature says of others: a certification allows filling in at most, or
 * comments, whether it says how much or not. */
static bool is_shut_by_rule(fz_context *ctx, pdf_obj *reference)
{
	return pdf_name_eq(ctx, pdf_dict_gets(ctx, reference, "TransformMethod"),
			   PDF_NAME(DocMDP)) ||
	       locks_others(ctx, pdf_dict_gets(ctx, reference, "TransformParams"));
}

bool form_is_shut_by(struct work *work, pdf_obj *field)
{
	fz_context *ctx = work->ctx;
	pdf_obj *references = pdf_dict_getp(ctx, field, "V/Reference");
	if (locks_others(ctx, pdf_dict_gets(ctx, field, "Lock")))
		return true;
	for (int i = 0; i < pdf_array_len(ctx, references); i++)
		if (is_shut_by_rule(ctx, pdf_array_get(ctx, references, i)))
			return true;
	return false;
}

/* A certified document never allows one more page; nor do our own signatures, which are made when
 * every page and field is there. */
bool form_is_shut(struct work *work, const struct form *form)
{
	fz_context *ctx = work->ctx;
	pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, work->doc), PDF_NAME(Root));
	if (pdf_dict_getp(ctx, root, "Perms/DocMDP") || pdf_dict_gets(ctx, root, "Postern"))
		return true;
	for (size_t i = 0; i < form->count; i++)
		if (form->items[i].is_signed && form_is_shut_by(work, form->items[i].field))
			return true;
	return false;
}

pdf_obj *form_make(struct work *work)
{
	enum { SIGNATURES_EXIST = 1, APPEND_ONLY = 2 };
	fz_context *ctx = work->ctx;
	pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, work->doc), PDF_NAME(Root));
	pdf_obj *form = pdf_dict_get(ctx, root, PDF_NAME(AcroForm));
	if (!pdf_is_dict(ctx, form)) {
		pdf_dict_put_drop(ctx, root, PDF_NAME(AcroForm),
				  pdf_add_new_dict(ctx, work->doc, 4));
		form = pdf_dict_get(ctx, root, PDF_NAME(AcroForm));
	}
	if (!pdf_is_array(ctx, pdf_dict_get(ctx, form, PDF_NAME(Fields))))
		pdf_dict_put_array(ctx, form, PDF_NAME(Fields), 8);
	pdf_dict_put_int(ctx, form, PDF_NAME(SigFlags), SIGNATURES_EXIST | APPEND_ONLY);
	return form;
}
