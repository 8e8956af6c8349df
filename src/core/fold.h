/* Unicode forms in which text is compared. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* NFC, as stored and hashed. ERR_INVALID for bad UTF-8. */
enum err fold_nfc(struct arena *arena, struct str text, struct str *ret) MUST_CHECK;
/* Case and accents taken away (full case folding of NFKD without marks), for finding names.
 * ERR_INVALID for bad UTF-8. */
enum err fold_text(struct arena *arena, struct str text, struct str *ret) MUST_CHECK;
