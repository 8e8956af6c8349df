/* What a document is like: pages, signatures, scripts. */
#pragma once

#include "pdf/worker/work.h"

void inspect(struct work *work);
