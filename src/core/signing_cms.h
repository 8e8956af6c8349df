/* For core/signing*.c: the signature that goes into a document's open place. */
#pragma once

#include "core/cx.h"
#include "core/user.h"
#include "pdf/pdf.h"

/* Of one act, which may sign several documents: a time-stamp server that has failed, or has taken
 * LIMIT_TIMESTAMP_MS in all, is not asked again. */
struct signing_stamping {
	int64_t until_ms; /* by the clock that nobody sets; 0: not asked yet */
	bool is_over;
};

/* By a fresh key that is destroyed right after: of `person` for PDF_SIGN, else the portal's own.
 * With a time stamp, if there is a server that answers in time; *ret_stamped_ms: 0 without.
 * stamping NULL: none is wanted. */
enum err signing_cms_close(struct cx *cx, struct pdf_open *open, enum pdf_signing_kind kind,
			   const struct user *person, struct signing_stamping *stamping,
			   int64_t *ret_stamped_ms) MUST_CHECK;
