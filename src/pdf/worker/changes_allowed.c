#include "pdf/worker/changes_allowed.h"

#include "pdf/worker/changes_additions.h"

enum { KEYS_MAX = 5 };

static const char *const keys[][KEYS_MAX] = {
	[CHANGES_ALLOWED_NOTHING] = {NULL},
	[CHANGES_ALLOWED_CATALOG] = {"DSS", "Extensions", "Metadata", NULL},
	[CHANGES_ALLOWED_CATALOG_AND_FORM] = {"DSS", "Extensions", "Metadata", "AcroForm", NULL},
	[CHANGES_ALLOWED_FIELD] = {"V", "AP", "AS", "M", NULL},
	[CHANGES_ALLOWED_FORM] = {"Fields", "SigFlags", NULL},
	[CHANGES_ALLOWED_ANNOTATIONS] = {"Annots", NULL},
	[CHANGES_ALLOWED_PAGES] = {"Kids", "Count", NULL},
};

bool changes_allowed_key(const struct changes *changes, enum changes_allowed what, const char *key)
{
	for (const char *const *one = keys[what]; *one; one++)
		if (strcmp(key, *one) == 0)
			return true;
	/* Where pdf_prepare() notes its places. */
	return changes->rules->allows_more && strcmp(key, "Postern") == 0 &&
	       (what == CHANGES_ALLOWED_CATALOG || what == CHANGES_ALLOWED_CATALOG_AND_FORM);
}

static bool is_field(fz_context *ctx, pdf_obj *object)
{
	return pdf_dict_get_inheritable(ctx, object, PDF_NAME(FT)) &&
	       (pdf_dict_get(ctx, object, PDF_NAME(T)) ||
		pdf_name_eq(ctx, pdf_dict_get(ctx, object, PDF_NAME(Subtype)), PDF_NAME(Widget)));
}

static bool is_signed(fz_context *ctx, pdf_obj *field)
{
	return pdf_name_eq(ctx, pdf_dict_get_inheritable(ctx, field, PDF_NAME(FT)),
			   PDF_NAME(Sig)) &&
	       pdf_is_dict(ctx, pdf_dict_get(ctx, field, PDF_NAME(V)));
}

/* A signature's place may be filled by a signature only: not by something that looks like one. */
static bool may_fill(struct changes *changes, pdf_obj *was, pdf_obj *is)
{
	fz_context *ctx = changes->work->ctx;
	pdf_obj *kind = pdf_dict_get_inheritable(ctx, was, PDF_NAME(FT));
	if (changes->rules->docmdp == 1 || changes->rules->is_locked || is_signed(ctx, was))
		return false;
	return !pdf_name_eq(ctx, kind, PDF_NAME(Sig)) || is_signed(ctx, is);
}

/* Others than us add their fields when they sign; a certification forbids it. */
static bool may_add_fields(const struct changes *changes)
{
	return changes->rules->docmdp == 0 && !changes->rules->is_locked;
}

pdf_obj *changes_allowed_form_within(fz_context *ctx, pdf_obj *catalog)
{
	pdf_obj *form = pdf_dict_get(ctx, catalog, PDF_NAME(AcroForm));
	return pdf_is_indirect(ctx, form) || !pdf_is_dict(ctx, form) ? NULL : form;
}

enum changes_allowed changes_allowed_in_form(const struct changes *changes)
{
	return may_add_fields(changes) ? CHANGES_ALLOWED_FORM : CHANGES_ALLOWED_NOTHING;
}

enum changes_allowed changes_allowed_in(struct changes *changes, int number, pdf_obj *was,
					pdf_obj *is)
{
	fz_context *ctx = changes->work->ctx;
	pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, changes->before), PDF_NAME(Root));
	pdf_obj *type = pdf_dict_get(ctx, was, PDF_NAME(Type));
	if (number == pdf_to_num(ctx, root))
		return changes_allowed_form_within(ctx, was) ? CHANGES_ALLOWED_CATALOG_AND_FORM
							     : CHANGES_ALLOWED_CATALOG;
	if (is_field(ctx, was))
		return may_fill(changes, was, is) ? CHANGES_ALLOWED_FIELD : CHANGES_ALLOWED_NOTHING;
	if (number == pdf_to_num(ctx, pdf_dict_get(ctx, root, PDF_NAME(AcroForm))))
		return changes_allowed_in_form(changes);
	if (pdf_name_eq(ctx, type, PDF_NAME(Page)) &&
	    (may_add_fields(changes) || changes->rules->docmdp == 3))
		return CHANGES_ALLOWED_ANNOTATIONS;
	if (pdf_name_eq(ctx, type, PDF_NAME(Pages)) && changes->rules->allows_more)
		return CHANGES_ALLOWED_PAGES;
	return CHANGES_ALLOWED_NOTHING;
}

/* Places for signatures, or comments where they are allowed: nothing else may cover a page. */
static bool may_be_added(struct changes *changes, enum changes_list kind, pdf_obj *item)
{
	fz_context *ctx = changes->work->ctx;
	return kind == CHANGES_PAGES || changes->rules->docmdp == 3 ||
	       pdf_name_eq(ctx, pdf_dict_get_inheritable(ctx, item, PDF_NAME(FT)), PDF_NAME(Sig)) ||
	       (changes->rules->allows_more && changes_additions_is_field(changes, item));
}

bool changes_allowed_list(struct changes *changes, enum changes_list kind, pdf_obj *was,
			  pdf_obj *is)
{
	fz_context *ctx = changes->work->ctx;
	int count = pdf_array_len(ctx, was), count_now = pdf_array_len(ctx, is);
	for (int i = 0; i < count; i++)
		if (pdf_objcmp(ctx, pdf_array_get(ctx, was, i), pdf_array_get(ctx, is, i)) != 0)
			return false;
	for (int i = count; i < count_now; i++)
		if (!may_be_added(changes, kind, pdf_array_get(ctx, is, i)))
			return false;
	return true;
}

static void note(struct changes *changes, enum changes_list kind, pdf_obj *dict, pdf_obj *key)
{
	pdf_obj *list = pdf_dict_get(changes->work->ctx, dict, key);
	int number = pdf_to_num(changes->work->ctx, list);
	/* One that is of both kinds is no list of pages. */
	if (number > 0 && number < changes->object_count &&
	    changes->lists[number] != CHANGES_FIELDS)
		changes->lists[number] = (uint8_t)kind;
}

void changes_allowed_note_lists(struct changes *changes, int number, pdf_obj *was, pdf_obj *is)
{
	fz_context *ctx = changes->work->ctx;
	if (!pdf_is_dict(ctx, was))
		return;
	switch (changes_allowed_in(changes, number, was, is)) {
	case CHANGES_ALLOWED_ANNOTATIONS:
		note(changes, CHANGES_FIELDS, was, PDF_NAME(Annots));
		break;
	case CHANGES_ALLOWED_FORM: note(changes, CHANGES_FIELDS, was, PDF_NAME(Fields)); break;
	case CHANGES_ALLOWED_PAGES: note(changes, CHANGES_PAGES, was, PDF_NAME(Kids)); break;
	case CHANGES_ALLOWED_CATALOG_AND_FORM:
		if (may_add_fields(changes))
			note(changes, CHANGES_FIELDS, changes_allowed_form_within(ctx, was),
			     PDF_NAME(Fields));
		break;
	case CHANGES_ALLOWED_CATALOG:
	case CHANGES_ALLOWED_FIELD:
	case CHANGES_ALLOWED_NOTHING: break;
	}
}
