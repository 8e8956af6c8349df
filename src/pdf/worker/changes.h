/* Whether a document as it stands still is the one that was signed: everything that can be reached
 * in what was signed is there, unchanged but for what the rules allow (PDF 1.7, 12.8.2). */
#pragma once

#include "pdf/worker/work.h"

struct change_rules {
	int64_t docmdp; /* 1: nothing; 2: filling in and signing; 3: comments too; 0: not certified
			 */
	bool is_locked; /* no field may be filled in any more */
	/* Pages after the last one, and fields of any kind, may be added, as pdf_prepare() adds
	 * them to a document that came signed (changes_additions.h). */
	bool allows_more;
};
/* NULL: only what is allowed; else what was changed, in the arena: "page 2", "field a1",
 * "document". `before`: the document as it was signed. */
const char *changes_find(struct work *work, pdf_document *before, const struct change_rules *rules);
