#include "pdf/worker/changes_same.h"

#include "pdf/worker/changes_allowed.h"

/* Whether it lies in the same bytes: those that were signed. */
static bool is_where_it_was(struct changes *changes, int number)
{
	fz_context *ctx = changes->work->ctx;
	pdf_xref_entry *was = pdf_get_xref_entry(ctx, changes->before, number);
	char type = was->type;
	int64_t offset = was->ofs;
	int gen = was->gen;
	if (number >= pdf_xref_len(ctx, changes->now))
		return false;
	pdf_xref_entry *is = pdf_get_xref_entry(ctx, changes->now, number);
	if (is->type != type || is->ofs != offset || is->gen != gen)
		return false;
	return type == 'n' || (type == 'o' && is_where_it_was(changes, (int)offset));
}

/* Readers that mind generations would not find it any more. Of what lies in a stream of objects it
 * is 0. */
static bool is_generation_same(struct changes *changes, int number)
{
	fz_context *ctx = changes->work->ctx;
	const pdf_xref_entry *was = pdf_get_xref_entry(ctx, changes->before, number);
	int gen = was->type == 'o' ? 0 : was->gen;
	const pdf_xref_entry *is = number < pdf_xref_len(ctx, changes->now)
					   ? pdf_get_xref_entry(ctx, changes->now, number)
					   : NULL;
	return is && gen == (is->type == 'o' ? 0 : is->gen);
}

static bool is_dict_same(struct changes *changes, pdf_obj *was, pdf_obj *is,
			 enum changes_allowed what)
{
	fz_context *ctx = changes->work->ctx;
	for (int i = 0; i < pdf_dict_len(ctx, was); i++) {
		pdf_obj *key = pdf_dict_get_key(ctx, was, i);
		pdf_obj *other = pdf_dict_get(ctx, is, key);
		if (changes_allowed_key(changes, what, pdf_to_name(ctx, key)))
			continue;
		if (other == NULL || pdf_objcmp(ctx, pdf_dict_get_val(ctx, was, i), other) != 0)
			return false;
	}
	for (int i = 0; i < pdf_dict_len(ctx, is); i++) {
		pdf_obj *key = pdf_dict_get_key(ctx, is, i);
		if (!pdf_dict_get(ctx, was, key) &&
		    !changes_allowed_key(changes, what, pdf_to_name(ctx, key)))
			return false;
	}
	return true;
}

static bool is_stream_same(struct changes *changes, int number)
{
	fz_context *ctx = changes->work->ctx;
	fz_buffer *was = NULL, *is = NULL;
	bool *is_same = WORK_ARRAY(changes->work, 1, bool);
	fz_var(was);
	fz_var(is);
	fz_try(ctx)
	{
		was = pdf_load_raw_stream_number(ctx, changes->before, number);
		is = pdf_load_raw_stream_number(ctx, changes->now, number);
		*is_same = was->len == is->len && memcmp(was->data, is->data, was->len) == 0;
	}
	fz_always(ctx)
	{
		fz_drop_buffer(ctx, was);
		fz_drop_buffer(ctx, is);
	}
	fz_catch(ctx) fz_rethrow(ctx);
	return *is_same;
}

static bool are_lists_kept(struct changes *changes, pdf_obj *was, pdf_obj *is)
{
	static const struct {
		const char *key;
		enum changes_list kind;
	} lists[] = {{"Fields", CHANGES_FIELDS}, {"Annots", CHANGES_FIELDS}};
	fz_context *ctx = changes->work->ctx;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!changes_allowed_list(changes, lists[i].kind,
					  pdf_dict_gets(ctx, was, lists[i].key),
					  pdf_dict_gets(ctx, is, lists[i].key)))
			return false;
	return true;
}

static bool are_kids_kept(struct changes *changes, enum changes_allowed what, pdf_obj *was,
			  pdf_obj *is)
{
	fz_context *ctx = changes->work->ctx;
	return what != CHANGES_ALLOWED_PAGES ||
	       changes_allowed_list(changes, CHANGES_PAGES, pdf_dict_get(ctx, was, PDF_NAME(Kids)),
				    pdf_dict_get(ctx, is, PDF_NAME(Kids)));
}

static bool is_form_within_same(struct changes *changes, pdf_obj *was, pdf_obj *is)
{
	fz_context *ctx = changes->work->ctx;
	pdf_obj *old = changes_allowed_form_within(ctx, was);
	pdf_obj *new = changes_allowed_form_within(ctx, is);
	return old == NULL ||
	       (new &&is_dict_same(changes, old, new, changes_allowed_in_form(changes)) &&
		are_lists_kept(changes, old, new));
}

static bool is_content_same(struct changes *changes, int number, pdf_obj *was, pdf_obj *is)
{
	fz_context *ctx = changes->work->ctx;
	pdf_obj *old = pdf_resolve_indirect(ctx, was), *new = pdf_resolve_indirect(ctx, is);
	enum changes_list list = changes->lists[number];
	if (list != CHANGES_NO_LIST && pdf_is_array(ctx, old) && pdf_is_array(ctx, new))
		return changes_allowed_list(changes, list, old, new);
	if (!pdf_is_dict(ctx, was))
		return pdf_objcmp(ctx, old, new) == 0;
	enum changes_allowed what = changes_allowed_in(changes, number, was, is);
	if (!pdf_is_dict(ctx, is) || !is_dict_same(changes, was, is, what) ||
	    !are_lists_kept(changes, was, is) || !are_kids_kept(changes, what, was, is) ||
	    (what == CHANGES_ALLOWED_CATALOG_AND_FORM && !is_form_within_same(changes, was, is)))
		return false;
	bool has_stream = pdf_is_stream(ctx, was);
	return has_stream == pdf_is_stream(ctx, is) &&
	       (!has_stream || is_stream_same(changes, number));
}

bool changes_same_object(struct changes *changes, int number, pdf_obj *was, pdf_obj *is)
{
	return is_where_it_was(changes, number) ||
	       (is_generation_same(changes, number) && is_content_same(changes, number, was, is));
}
