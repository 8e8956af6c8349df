/* What signatures are in a document, and what was changed after each. */
#pragma once

#include "pdf/worker/work.h"

void signatures(struct work *work);
