#include "pdf/signed_check.h"

#include "crypto/cms.h"
#include "crypto/timestamp.h"

bool pdf_signature_pieces(const struct pdf_signature *signature, struct str document,
			  struct str ret[2])
{
	int64_t whole = (int64_t)document.len;
	const int64_t *range = signature->range;
	if (!signature->is_whole || range[0] != 0 || range[1] < 0 || range[2] < range[1] ||
	    range[2] > whole || range[3] < 0 || range[3] > whole - range[2])
		return false;
	ret[0] = str_slice(document, 0, (size_t)range[1]);
	ret[1] = str_slice(document, (size_t)range[2], (size_t)range[3]);
	return true;
}

static enum err look_at(const struct pdf_signature *signature, struct str document,
			struct arena *arena, bool *ret_is_one)
{
	struct str pieces[2];
	*ret_is_one = false;
	if (!pdf_signature_pieces(signature, document, pieces))
		return OK;
	if (str_eq(signature->sub_filter, STR("ETSI.RFC3161"))) {
		struct timestamp_facts facts;
		TRY(timestamp_verify(signature->contents, pieces, arena, &facts));
		*ret_is_one = facts.verdict == TIMESTAMP_GOOD;
		return OK;
	}
	struct cms_facts facts;
	TRY(cms_verify(signature->contents, pieces, arena, &facts));
	*ret_is_one = facts.is_of_document && facts.verdict != CMS_BAD_SIGNATURE;
	return OK;
}

enum err signed_check(struct str document, const struct pdf_signatures *signatures,
		      struct arena *arena, enum pdf_refusal *ret_refusal)
{
	for (size_t i = 0; i < signatures->count; i++) {
		bool is_one;
		TRY(look_at(&signatures->items[i], document, arena, &is_one));
		if (!is_one) {
			*ret_refusal = PDF_SIGNED_FALSELY;
			return ERR_INVALID;
		}
	}
	return OK;
}
