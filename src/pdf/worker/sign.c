#include "pdf/worker/sign.h"

#include "base/limits.h"
#include "pdf/worker/document.h"
#include "pdf/worker/marks.h"
#include "pdf/worker/pdf_text.h"
#include "pdf/worker/places.h"
#include "pdf/worker/save.h"

static void put_dummies(struct work *work, pdf_obj *value)
{
	fz_context *ctx = work->ctx;
	uint8_t *zeros = WORK_ARRAY(work, SAVE_CONTENTS_BYTES, uint8_t);
	pdf_obj *range = pdf_dict_put_array(ctx, value, PDF_NAME(ByteRange), 4);
	pdf_array_push_int(ctx, range, 0);
	for (int i = 1; i < 4; i++)
		pdf_array_push_int(ctx, range, SAVE_RANGE_DUMMY);
	pdf_dict_put_string(ctx, value, PDF_NAME(Contents), (const char *)zeros,
			    SAVE_CONTENTS_BYTES);
}

/* The one entry of /Reference: what may not change any more (PDF 1.7, 12.8.2). Returns its rule, to
 * be filled in. data: what it is about; NULL: not said. */
static pdf_obj *put_rule(struct work *work, pdf_obj *value, const char *method, pdf_obj *data)
{
	fz_context *ctx = work->ctx;
	pdf_obj *references = pdf_dict_put_array(ctx, value, PDF_NAME(Reference), 1);
	pdf_obj *reference = pdf_array_push_dict(ctx, references, 4);
	pdf_dict_puts_drop(ctx, reference, "Type", pdf_new_name(ctx, "SigRef"));
	pdf_dict_puts_drop(ctx, reference, "TransformMethod", pdf_new_name(ctx, method));
	pdf_obj *rule = pdf_dict_puts_dict(ctx, reference, "TransformParams", 3);
	pdf_dict_puts_drop(ctx, rule, "Type", pdf_new_name(ctx, "TransformParams"));
	pdf_dict_puts_drop(ctx, rule, "V", pdf_new_name(ctx, "1.2"));
	if (data)
		pdf_dict_puts(ctx, reference, "Data", data);
	return rule;
}

static pdf_obj *catalog(struct work *work)
{
	return pdf_dict_get(work->ctx, pdf_trailer(work->ctx, work->doc), PDF_NAME(Root));
}

/* A certification has to be the first signature of all: a document that came signed has none of
 * ours, but an ordinary signature in its stead. */
static void certify(struct work *work, pdf_obj *value)
{
	enum { FILLING_AND_SIGNING = 2 };
	fz_context *ctx = work->ctx;
	struct form form;
	form_read(work, work->doc, &form);
	if (form.signed_count > 1)
		return;
	pdf_obj *rule = put_rule(work, value, "DocMDP", NULL);
	pdf_dict_puts_drop(ctx, rule, "P", pdf_new_int(ctx, FILLING_AND_SIGNING));
	pdf_dict_puts(ctx, pdf_dict_puts_dict(ctx, catalog(work), "Perms", 1), "DocMDP", value);
}

/* /Data says of what the fields are; FieldMDP has to have it (PDF 1.7, table 253). */
static void shut(struct work *work, pdf_obj *value)
{
	fz_context *ctx = work->ctx;
	pdf_obj *rule = put_rule(work, value, "FieldMDP", catalog(work));
	pdf_dict_puts_drop(ctx, rule, "Action", pdf_new_name(ctx, "All"));
}

static void fill_value(struct work *work, pdf_obj *value, const struct pdf_signing *signing)
{
	fz_context *ctx = work->ctx;
	pdf_dict_put(ctx, value, PDF_NAME(Type), PDF_NAME(Sig));
	pdf_dict_puts_drop(ctx, value, "Filter", pdf_new_name(ctx, "Adobe.PPKLite"));
	pdf_dict_puts_drop(ctx, value, "SubFilter", pdf_new_name(ctx, "ETSI.CAdES.detached"));
	put_dummies(work, value);
	pdf_text_put_time(work, value, "M", signing->at_ms);
	if (signing->name.len > 0)
		pdf_text_put(work, value, "Name", signing->name);
	if (signing->reason.len > 0)
		pdf_text_put(work, value, "Reason", signing->reason);
	if (signing->contact.len > 0)
		pdf_text_put(work, value, "ContactInfo", signing->contact);
}

static pdf_obj *find_field(struct work *work, const struct pdf_signing *signing)
{
	if (signing->kind == PDF_CERTIFY)
		return places_find(work, "Certify");
	if (signing->kind == PDF_SEAL)
		return places_find(work, "Seal");
	return places_find_signer(work, signing->signer);
}

static size_t most_bytes(const struct pdf_signing *signing)
{
	if (signing->kind != PDF_SIGN)
		return SIZE_MAX;
	return LIMIT_PDF_SIGNER_BYTES + signing->mark_count * LIMIT_PDF_MARK_BYTES;
}

void sign(struct work *work, const struct pdf_signing *signing)
{
	fz_context *ctx = work->ctx;
	pdf_obj *field = find_field(work, signing);
	if (signing->kind == PDF_SIGN)
		marks_fill(work, field, signing);
	else if (signing->kind == PDF_SEAL)
		marks_seal(work, field, signing);
	pdf_obj *value = pdf_add_new_dict(ctx, work->doc, 12);
	pdf_dict_put_drop(ctx, field, PDF_NAME(V), value);
	/* The field keeps it. */
	fill_value(work, value, signing);
	if (signing->kind == PDF_CERTIFY)
		certify(work, value);
	else if (signing->kind == PDF_SEAL)
		shut(work, value);
	document_check_whole(work);
	save_tail_open(work, most_bytes(signing));
}
