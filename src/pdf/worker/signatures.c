#include "pdf/worker/signatures.h"

#include "pdf/worker/changes_additions.h"
#include "pdf/worker/document.h"
#include "pdf/worker/form.h"
#include "pdf/worker/pdf_text.h"

#include <stdlib.h>

static struct str text_of(struct work *work, pdf_obj *dict, const char *key)
{
	enum { MAX_BYTES = 1000 };
	pdf_obj *value = pdf_dict_gets(work->ctx, dict, key);
	if (pdf_is_name(work->ctx, value))
		return str_slice(str_of(pdf_to_name(work->ctx, value)), 0, MAX_BYTES);
	if (!pdf_is_string(work->ctx, value))
		return STR_NONE;
	struct str text = str_of(pdf_to_text_string(work->ctx, value));
	return arena_copy(work->arena, str_slice(text, 0, MAX_BYTES));
}

static void read_rules(struct work *work, pdf_obj *value, struct pdf_signature *ret)
{
	enum { USUAL = 2 };
	fz_context *ctx = work->ctx;
	pdf_obj *references = pdf_dict_gets(ctx, value, "Reference");
	for (int i = 0; i < pdf_array_len(ctx, references); i++) {
		pdf_obj *one = pdf_array_get(ctx, references, i);
		pdf_obj *rule = pdf_dict_gets(ctx, one, "TransformParams");
		const char *method = pdf_to_name(ctx, pdf_dict_gets(ctx, one, "TransformMethod"));
		if (strcmp(method, "DocMDP") == 0) {
			int level = pdf_to_int(ctx, pdf_dict_get(ctx, rule, PDF_NAME(P)));
			ret->docmdp = level >= 1 && level <= 3 ? level : USUAL;
		}
		if (strcmp(method, "FieldMDP") == 0 &&
		    strcmp(pdf_to_name(ctx, pdf_dict_gets(ctx, rule, "Action")), "All") == 0)
			ret->is_field_lock_all = true;
	}
}

/* What is left out of the range is what the reader of the document takes for the signature. */
static bool is_hole_the_contents(struct work *work, pdf_obj *value, const struct pdf_signature *it)
{
	size_t len;
	const char *contents =
		pdf_to_string(work->ctx, pdf_dict_gets(work->ctx, value, "Contents"), &len);
	int64_t from = it->range[1], until = it->range[2];
	if (from <= 0 || until <= from || until > (int64_t)work->bytes.len ||
	    until - from != (int64_t)(2 * len + 2))
		return false;
	const char *hole = work->bytes.data + from + 1;
	for (size_t i = 0; i < len; i++) {
		char digits[3];
		snprintf(digits, sizeof(digits), "%02x", (unsigned char)contents[i]);
		if ((hole[2 * i] | 0x20) != (digits[0] | 0x20) ||
		    (hole[2 * i + 1] | 0x20) != (digits[1] | 0x20))
			return false;
	}
	return true;
}

static void read_one(struct work *work, const struct form_field *field, struct pdf_signature *ret)
{
	enum { NAME_MAX_BYTES = 1000 };
	fz_context *ctx = work->ctx;
	pdf_obj *value = pdf_dict_get_inheritable(ctx, field->field, PDF_NAME(V));
	pdf_obj *range = pdf_dict_gets(ctx, value, "ByteRange");
	*ret = (struct pdf_signature){.field = str_slice(str_of(field->name), 0, NAME_MAX_BYTES),
				      .sub_filter = text_of(work, value, "SubFilter"),
				      .reason = text_of(work, value, "Reason"),
				      .name = text_of(work, value, "Name"),
				      .at_ms = pdf_text_read_time(text_of(work, value, "M"))};
	for (int i = 0; i < 4; i++)
		ret->range[i] = pdf_to_int64(ctx, pdf_array_get(ctx, range, i));
	ret->is_whole = pdf_array_len(ctx, range) == 4 && ret->range[0] == 0 &&
			is_hole_the_contents(work, value, ret);
	read_rules(work, value, ret);
}

/* How much of the document it is of; 0: that makes no sense. */
static int64_t end_of(struct work *work, const struct pdf_signature *it)
{
	int64_t whole = (int64_t)work->bytes.len;
	if (it->range[2] < 0 || it->range[2] > whole || it->range[3] < 0 ||
	    it->range[3] > whole - it->range[2])
		return 0;
	return it->range[2] + it->range[3];
}

/* One signature, and whether it forbids what pdf_prepare() adds. */
struct found {
	struct pdf_signature signature;
	bool is_shut;
};
struct comparing {
	struct work *work;
	struct change_rules rules; /* of this signature and those before it */
	bool is_shut;
};

static int by_age(const void *a, const void *b)
{
	const struct found *one = a, *other = b;
	int64_t first = one->signature.range[2], second = other->signature.range[2];
	return first < second ? -1 : first > second;
}

/* A document that somebody has signed may be added to when nothing forbids it. One that was
 * prepared by a Postern has its page and fields: nothing more is to come. */
static bool may_be_added_to(const struct comparing *comparing, pdf_document *before)
{
	fz_context *ctx = comparing->work->ctx;
	pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, before), PDF_NAME(Root));
	return !comparing->is_shut && comparing->rules.docmdp == 0 && !comparing->rules.is_locked &&
	       !pdf_dict_gets(ctx, root, "Postern") && !pdf_dict_getp(ctx, root, "Perms/DocMDP");
}

static void tell_changes(struct comparing *comparing, pdf_document *before,
			 struct pdf_signature *it)
{
	struct work *work = comparing->work;
	struct change_rules rules = comparing->rules;
	const char *changed = changes_find(work, before, &rules);
	it->is_untouched_since = changed == NULL;
	it->changed = str_of(changed);
	if (changed == NULL || !may_be_added_to(comparing, before))
		return;
	rules.allows_more = true;
	changed = changes_find(work, before, &rules); /* says more of what was not only added */
	it->is_only_added_to = changed == NULL;
	it->changed = str_of(changed ? changed : changes_additions_name(work, before));
}

static void compare(struct comparing *comparing, struct pdf_signature *it)
{
	struct work *work = comparing->work;
	fz_context *ctx = work->ctx;
	const volatile int64_t end = end_of(work, it);
	pdf_document *before = NULL;
	if (end == (int64_t)work->bytes.len) {
		it->is_untouched_since = true;
		return;
	}
	it->changed = STR("document");
	fz_var(before);
	fz_try(ctx)
	{
		before = document_open_bytes(work, str_slice(work->bytes, 0, (size_t)end));
		if (!pdf_was_repaired(ctx, before))
			tell_changes(comparing, before, it);
	}
	fz_always(ctx) pdf_drop_document(ctx, before);
	fz_catch(ctx)
	{
		/* What cannot be read cannot be compared. */
		if (work->refusal != PDF_FINE || fz_caught(ctx) == FZ_ERROR_MEMORY)
			fz_rethrow(ctx);
		it->is_untouched_since = it->is_only_added_to = false;
		it->changed = STR("document");
	}
}

static void compare_all(struct work *work, struct found *items, size_t count)
{
	struct comparing comparing = {.work = work};
	for (size_t i = 0; i < count; i++) {
		struct pdf_signature *it = &items[i].signature;
		if (it->docmdp > 0)
			comparing.rules.docmdp = it->docmdp;
		comparing.rules.is_locked = comparing.rules.is_locked || it->is_field_lock_all;
		comparing.is_shut = comparing.is_shut || items[i].is_shut;
		compare(&comparing, it);
	}
}

void signatures(struct work *work)
{
	struct form form;
	struct pdf_signatures all = {0};
	form_read(work, work->doc, &form);
	struct found *items = WORK_ARRAY(work, form.count, struct found);
	for (size_t i = 0; i < form.count; i++) {
		const struct form_field *field = &form.items[i];
		if (!field->is_signed) {
			all.has_empty_places = all.has_empty_places || field->is_signature;
			continue;
		}
		read_one(work, field, &items[all.count].signature);
		items[all.count++].is_shut = form_is_shut_by(work, field->field);
	}
	if (all.count > 1)
		qsort(items, all.count, sizeof(*items), by_age);
	compare_all(work, items, all.count);
	all.items = WORK_ARRAY(work, all.count, struct pdf_signature);
	for (size_t i = 0; i < all.count; i++)
		all.items[i] = items[i].signature;
	document_check_whole(work);
	answer_put_signatures(work->answer, &all);
}
