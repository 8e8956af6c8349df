/* Documents to sign of one message as they now stand, in an archive that is made while it is read
 * (P6). Of a completed request they are its files already. */
#pragma once

#include "core/cx.h"
#include "mail/zip.h"

struct zip_documents;

/* folder: what their paths begin with. ERR_NOT_FOUND: there are none to be had. */
enum err zip_documents_open(struct cx *cx, const struct id *message_id, struct str folder,
			    struct zip_documents **ret) MUST_CHECK;
/* NULL is fine. */
void zip_documents_free(struct zip_documents *documents);
/* The next piece; cx: of the same person. What was recalled meanwhile is left out. */
enum err zip_documents_next(struct cx *cx, struct zip_documents *documents, struct zip *zip,
			    bool *ret_is_over) MUST_CHECK;
