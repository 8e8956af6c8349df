/* For core/draft.c: what a draft has attached. */
#pragma once

#include "core/draft.h"

/* Each file once. Mistakes go to errors["files"]. What the draft `id` had already when it was saved
 * last is not asked about again. */
enum err draft_files_check(struct cx *cx, const struct id *id, const struct draft *draft,
			   struct id **ret, size_t *ret_count,
			   struct form_errors *errors) MUST_CHECK;
