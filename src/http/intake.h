/* One request's body on its way in: collected whole, within its budget. */
#pragma once

#include "base/buf.h"
#include "http/budget.h"

struct intake {
	struct buf body;
	struct budget *budget;
	struct budget_share share;
	size_t dropped_bytes;
};

/* `share` holds what the header has told of already. */
void intake_begin(struct intake *intake, struct budget *budget, const struct budget_share *share,
		  size_t max_bytes);
/* ERR_TOO_LARGE: over max_bytes. ERR_UNAVAILABLE: no room now. What had come is given up then. */
enum err intake_take(struct intake *intake, struct str bytes) MUST_CHECK;
/* For a body that is refused: reads on, so that the refusal arrives. False when that was enough. */
bool intake_drop(struct intake *intake, size_t bytes);
/* Wipes it. May be called again. */
void intake_release(struct intake *intake);
