/* Opening a document, and all that makes us refuse one. */
#pragma once

#include "pdf/worker/work.h"

/* work->doc; throws PDF_NOT_A_PDF, PDF_DAMAGED, PDF_NEEDS_PASSWORD, PDF_XFA. */
void document_open(struct work *work);
/* Parts of a document are read when they are needed, and may turn out to be damaged then. */
void document_check_whole(struct work *work);
/* A second one, of other bytes; throws. */
pdf_document *document_open_bytes(struct work *work, struct str bytes);
