/* The last page of a document to sign: blocks for who has no place elsewhere, and room for the
 * trail, which the seal will show.
 *
 *   +--------------------------+
 *   | title                    |
 *   | Anna Example             |
 *   | [her signature         ] |   a block for each such signer
 *   | ...                      |
 *   | [the seal: its lines   ] |
 *   +--------------------------+ */
#pragma once

#include "pdf/worker/form.h"

void certificate_page_add(struct work *work, const struct form *form, const struct pdf_plan *plan);
/* How the trail is set: its size when there is room enough. */
extern const double certificate_line, certificate_text;
