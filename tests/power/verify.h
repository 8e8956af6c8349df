/* After the cut: is all there that was promised, and nothing twice? */
#pragma once

#include "power/ledger.h"

/* Opens the portal in `folder` and compares it with the ledger. False: something is wrong; the
 * first `shown` faults are printed. */
bool verify_promises(const char *folder, const struct ledger *ledger, int shown);
