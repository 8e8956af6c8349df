/* One signature: the marks of who signs, and a place for the signature, added to the end. */
#pragma once

#include "pdf/worker/work.h"

void sign(struct work *work, const struct pdf_signing *signing);
