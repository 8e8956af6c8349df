/* For core/signing*.c: the audit trail, as lines of text: the appearance of the final seal. In the
 * sender's language; times in UTC and in the sender's zone. */
#pragma once

#include "core/signing_case.h"

/* Room on the certificate page for so many, whatever happens. */
int64_t signing_trail_lines(int64_t signer_count);
/* Of one document, when all have signed. `one` holds everything up to the end. */
enum err signing_trail_write(struct cx *cx, const struct signing_case *one, int64_t position,
			     struct str *ret) MUST_CHECK;
