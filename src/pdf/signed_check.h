/* Whether a document is signed at all: not every dictionary that says so is a signature. */
#pragma once

#include "pdf/pdf.h"

/* ERR_INVALID with a refusal: one of them is no signature that can be read, or of other bytes than
 * it says. Who has made it, and what came after it, is not asked. */
enum err signed_check(struct str document, const struct pdf_signatures *signatures,
		      struct arena *arena, enum pdf_refusal *ret_refusal) MUST_CHECK;
