/* For core/: a kept draft and its ciphertexts. */
#pragma once

#include "core/draft.h"
#include "crypto/context.h"
#include "store/drafts.h"

/* purpose: "draft" or "draft.summary". */
struct context draft_context(const char *purpose, const struct draft_row *row);
/* ERR_DENIED: this person may read nothing. ERR_NOT_FOUND: no such, or not theirs. */
enum err draft_row_get(struct cx *cx, const struct id *id, struct draft_row *ret) MUST_CHECK;
/* ERR_CORRUPT: it fails its check; an alarm was logged. */
enum err draft_content(struct cx *cx, const struct draft_row *row, struct draft *ret) MUST_CHECK;
