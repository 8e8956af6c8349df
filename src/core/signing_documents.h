/* For core/: documents that shall be signed, looked at before anything is sent. */
#pragma once

#include "core/attaching.h"
#include "core/signing.h"
#include "core/signing_turn.h"

/* What keeps each from being signed, and fields that are on no page of theirs. Mistakes go to
 * errors: "files", "fields.ID". *ret: of each document, in order. ERR_UNAVAILABLE with errors[""]:
 * they cannot be looked at now. ERR_BUSY with errors[""]: see turn, which is kept for what follows;
 * it may stay untaken. */
enum err signing_documents_check(struct cx *cx, const struct draft *draft,
				 const struct attachments *documents, struct signing_turn *turn,
				 struct pdf_facts **ret, struct form_errors *errors) MUST_CHECK;
/* What came of the worker, as a sentence in errors[field]; ERR_INVALID and ERR_UNAVAILABLE are
 * returned for all that it can be. name: of the document. */
enum err signing_documents_refuse(struct cx *cx, enum err err, enum pdf_refusal refusal,
				  struct str name, const char *field,
				  struct form_errors *errors) MUST_CHECK;
