#include "pdf/worker/document.h"

enum { HEADER_WITHIN_BYTES = 1024 }; /* as readers take it: PDF 1.7, appendix H.3.4.1 */

pdf_document *document_open_bytes(struct work *work, struct str bytes)
{
	fz_context *ctx = work->ctx;
	fz_stream *stream = fz_open_memory(ctx, (const unsigned char *)bytes.data, bytes.len);
	pdf_document *doc = NULL;
	fz_var(doc);
	fz_try(ctx) doc = pdf_open_document_with_stream(ctx, stream);
	fz_always(ctx) fz_drop_stream(ctx, stream);
	fz_catch(ctx) fz_rethrow(ctx);
	return doc;
}

void document_check_whole(struct work *work)
{
	if (pdf_was_repaired(work->ctx, work->doc))
		refuse(work, PDF_DAMAGED);
}

/* Whoever may open it with an empty password (an "owner's" password only) may not change it: its
 * owner has said so. We do not go over their head. */
static void refuse_encrypted(struct work *work, pdf_obj *trailer)
{
	if (pdf_dict_get(work->ctx, trailer, PDF_NAME(Encrypt)) ||
	    pdf_needs_password(work->ctx, work->doc))
		refuse(work, PDF_NEEDS_PASSWORD);
}

/* What is encrypted in a way that the library does not know it cannot open at all. */
static void open_or_say_why(struct work *work)
{
	fz_try(work->ctx) work->doc = document_open_bytes(work, work->bytes);
	fz_catch(work->ctx)
	{
		if (str_find(work->bytes, STR("/Encrypt")) >= 0)
			refuse(work, PDF_NEEDS_PASSWORD);
		fz_rethrow(work->ctx);
	}
}

void document_open(struct work *work)
{
	fz_context *ctx = work->ctx;
	if (str_find(str_slice(work->bytes, 0, HEADER_WITHIN_BYTES), STR("%PDF-")) < 0)
		refuse(work, PDF_NOT_A_PDF);
	open_or_say_why(work);
	pdf_obj *trailer = pdf_trailer(ctx, work->doc);
	refuse_encrypted(work, trailer);
	document_check_whole(work);
	pdf_obj *catalog = pdf_dict_get(ctx, trailer, PDF_NAME(Root));
	if (!pdf_is_dict(ctx, catalog) || !pdf_is_indirect(ctx, catalog))
		refuse(work, PDF_DAMAGED);
	if (pdf_dict_getp(ctx, trailer, "Root/AcroForm/XFA"))
		refuse(work, PDF_XFA);
}
