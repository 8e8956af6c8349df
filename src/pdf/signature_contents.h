/* What stands in a document's signatures, read here out of its bytes, whatever the worker says. */
#pragma once

#include "pdf/pdf.h"

/* Fills contents, covers_all, has_unsigned_end; takes back is_whole where the range says otherwise.
 */
enum err signature_contents(struct str document, struct arena *arena,
			    struct pdf_signatures *signatures) MUST_CHECK;
