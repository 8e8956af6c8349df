#include "pdf/worker/changes_additions.h"

#include "pdf/worker/page_tree.h"

enum { NAMED_PAGES_MAX = 10 };

static bool was_there(struct changes *changes, int number)
{
	fz_context *ctx = changes->work->ctx;
	if (number >= changes->object_count)
		return false;
	bool *is_one = WORK_ARRAY(changes->work, 1, bool);
	pdf_obj *was = pdf_new_indirect(ctx, changes->before, number, 0);
	fz_try(ctx) *is_one = !pdf_is_null(ctx, pdf_resolve_indirect(ctx, was));
	fz_always(ctx) pdf_drop_obj(ctx, was);
	fz_catch(ctx) fz_rethrow(ctx);
	return *is_one;
}

/* "a" and "a.b" are one in the other. */
static bool is_name_taken(const struct form *form, struct str name)
{
	for (size_t i = 0; i < form->count; i++) {
		struct str one = str_of(form->items[i].name);
		struct str longer = one.len > name.len ? one : name;
		struct str shorter = one.len > name.len ? name : one;
		if (str_starts_with(longer, shorter) &&
		    (longer.len == shorter.len || longer.data[shorter.len] == '.'))
			return true;
	}
	return false;
}

bool changes_additions_is_field(struct changes *changes, pdf_obj *field)
{
	static const char *const others[] = {"Parent", "Kids", "A", "AA"};
	fz_context *ctx = changes->work->ctx;
	if (!pdf_is_indirect(ctx, field) || !pdf_is_dict(ctx, field) ||
	    was_there(changes, pdf_to_num(ctx, field)))
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (pdf_dict_gets(ctx, field, others[i]))
			return false;
	struct str name = str_of(pdf_to_text_string(ctx, pdf_dict_get(ctx, field, PDF_NAME(T))));
	return pdf_dict_get(ctx, field, PDF_NAME(FT)) && name.len > 0 &&
	       pdf_name_eq(ctx, pdf_dict_get(ctx, field, PDF_NAME(Subtype)), PDF_NAME(Widget)) &&
	       !is_name_taken(&changes->form, name);
}

bool changes_additions_keep_pages(struct changes *changes)
{
	struct page_tree was, is;
	page_tree_read(changes->work, changes->before, &was);
	page_tree_read(changes->work, changes->now, &is);
	return is.count >= was.count &&
	       memcmp(was.numbers, is.numbers, (size_t)was.count * sizeof(int)) == 0;
}

static int annotation_count(struct work *work, pdf_document *doc, int number)
{
	fz_context *ctx = work->ctx;
	int *count = WORK_ARRAY(work, 1, int);
	pdf_obj *page = pdf_new_indirect(ctx, doc, number, 0);
	fz_try(ctx) *count = pdf_array_len(ctx, pdf_dict_get(ctx, page, PDF_NAME(Annots)));
	fz_always(ctx) pdf_drop_obj(ctx, page);
	fz_catch(ctx) fz_rethrow(ctx);
	return *count;
}

static struct str name_pages(struct arena *arena, int was, int is)
{
	if (is == was)
		return STR_NONE;
	if (is == was + 1)
		return arena_printf(arena, "page %d", is);
	return arena_printf(arena, "pages %d to %d", was + 1, is);
}

static struct str name_fields(struct work *work, pdf_document *before, const struct page_tree *was)
{
	struct str names = STR_NONE;
	for (int i = 0, found = 0; i < was->count && found <= NAMED_PAGES_MAX; i++) {
		int number = was->numbers[i];
		if (annotation_count(work, before, number) ==
		    annotation_count(work, work->doc, number))
			continue;
		if (++found > NAMED_PAGES_MAX)
			names = arena_printf(work->arena, "%.*s and more", STR_ARGS(names));
		else if (found == 1)
			names = arena_printf(work->arena, "fields on page %d", i + 1);
		else
			names = arena_printf(work->arena, "%.*s, %d", STR_ARGS(names), i + 1);
	}
	return names;
}

const char *changes_additions_name(struct work *work, pdf_document *before)
{
	struct page_tree was, is;
	page_tree_read(work, before, &was);
	page_tree_read(work, work->doc, &is);
	struct str pages = name_pages(work->arena, was.count, is.count);
	struct str fields = name_fields(work, before, &was);
	struct str both = pages.len == 0    ? fields
			  : fields.len == 0 ? pages
					    : arena_printf(work->arena, "%.*s, %.*s",
							   STR_ARGS(pages), STR_ARGS(fields));
	const char *name = both.len > 0 ? arena_cstr(work->arena, both) : NULL;
	return name ? name : "fields";
}
