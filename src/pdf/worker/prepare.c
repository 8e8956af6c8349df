#include "pdf/worker/prepare.h"

#include "pdf/worker/certificate_page.h"
#include "pdf/worker/document.h"
#include "pdf/worker/places.h"
#include "pdf/worker/save.h"
#include "pdf/worker/scripts.h"
#include "pdf/worker/steady.h"

static bool is_first_signature(const struct pdf_plan *plan, size_t i)
{
	const struct pdf_field *field = &plan->fields[i];
	if (field->kind != PDF_FIELD_SIGNATURE)
		return false;
	for (size_t k = 0; k < i; k++)
		if (plan->fields[k].kind == PDF_FIELD_SIGNATURE &&
		    plan->fields[k].signer == field->signer)
			return false;
	return true;
}

static void put_field(struct work *work, const struct form *form, int page_number,
		      const struct place *place, bool is_first)
{
	fz_context *ctx = work->ctx;
	pdf_obj *page = pdf_new_indirect(ctx, work->doc, page_number, 0);
	fz_try(ctx)
	{
		pdf_obj *made = places_add(work, form, page, place);
		if (is_first)
			places_set_signer(work, place->signer, made);
	}
	fz_always(ctx) pdf_drop_obj(ctx, page);
	fz_catch(ctx) fz_rethrow(ctx);
}

/* Of several places for signatures of one person the first holds their signature; the others are
 * filled as their initials are. */
static void add_field(struct work *work, const struct form *form, const struct page_place *page,
		      const struct pdf_plan *plan, size_t i)
{
	const struct pdf_field *field = &plan->fields[i];
	bool is_first = is_first_signature(plan, i);
	struct place place = {.id = field->id,
			      .kind = field->kind,
			      .signer = field->signer,
			      .label = plan->signers[field->signer],
			      .rect = page_place_box(work, page, &field->box),
			      .width = field->box.width,
			      .height = field->box.height,
			      .rotation = page->size.rotation};
	if (field->kind == PDF_FIELD_SIGNATURE && !is_first)
		place.kind = PDF_FIELD_INITIALS;
	put_field(work, form, page->number, &place, is_first);
}

static void add_fields(struct work *work, const struct form *form, const struct pdf_plan *plan)
{
	size_t page_count;
	struct page_place *pages = page_places(work, &page_count);
	for (size_t i = 0; i < plan->field_count; i++) {
		int64_t page = plan->fields[i].box.page;
		if ((size_t)page > page_count)
			refuse(work, PDF_BAD_FIELD);
		add_field(work, form, &pages[page - 1], plan, i);
	}
}

static void draw_page(struct work *work, int number)
{
	fz_context *ctx = work->ctx;
	pdf_page *page = pdf_load_page(ctx, work->doc, number);
	fz_try(ctx) pdf_update_page(ctx, page);
	fz_always(ctx) fz_drop_page(ctx, &page->super);
	fz_catch(ctx) fz_rethrow(ctx);
}

/* Fields that readers would have to draw by themselves are drawn here: what is signed is what is
 * there. */
static void draw_fields(struct work *work, pdf_obj *dict)
{
	fz_context *ctx = work->ctx;
	bool is_wanted = pdf_to_bool(ctx, pdf_dict_gets(ctx, dict, "NeedAppearances"));
	int count = is_wanted ? pdf_count_pages(ctx, work->doc) : 0;
	for (int i = 0; i < count; i++)
		draw_page(work, i);
	pdf_dict_dels(ctx, dict, "NeedAppearances");
}

static void settle_form(struct work *work, const struct form *form)
{
	fz_context *ctx = work->ctx;
	pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, work->doc), PDF_NAME(Root));
	draw_fields(work, form_make(work));
	form_lock(work, form);
	/* Rights that a maker of readers has signed would not fit the document any more. */
	pdf_dict_dels(ctx, root, "Perms");
}

void prepare_check_signed(struct work *work, const struct form *form)
{
	struct script_facts scripts;
	if (form_is_shut(work, form))
		refuse(work, PDF_SIGNED_SHUT);
	if (steady_has_loose_ends(work))
		refuse(work, PDF_DAMAGED);
	scripts_find(work, &scripts);
	if (scripts.has_scripts)
		refuse(work, PDF_SIGNED_SCRIPTS);
}

void prepare(struct work *work, const struct pdf_plan *plan)
{
	struct form form;
	form_read(work, work->doc, &form);
	bool is_signed = form.signed_count > 0;
	if (is_signed)
		prepare_check_signed(work, &form);
	if (!is_signed) {
		scripts_strip(work);
		steady_make(work);
		settle_form(work, &form);
	}
	places_begin(work, &form);
	add_fields(work, &form, plan);
	certificate_page_add(work, &form, plan);
	document_check_whole(work);
	if (is_signed)
		save_tail(work);
	else
		save_whole(work);
	document_check_whole(work);
}
