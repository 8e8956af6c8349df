#include "http/intake.h"

enum { DROPPED_MAX_BYTES = 1 << 20 };

void intake_begin(struct intake *intake, struct budget *budget, const struct budget_share *share,
		  size_t max_bytes)
{
	*intake = (struct intake){.budget = budget, .share = *share};
	buf_init(&intake->body, max_bytes);
}

static enum err add(struct intake *intake, struct str bytes)
{
	int64_t total_bytes = (int64_t)(intake->body.len + bytes.len);
	if (!budget_reserve(intake->budget, &intake->share, total_bytes))
		return ERR_UNAVAILABLE;
	buf_add(&intake->body, bytes);
	return intake->body.err;
}

enum err intake_take(struct intake *intake, struct str bytes)
{
	enum err err = add(intake, bytes);
	if (err != OK)
		intake_release(intake);
	return err;
}

bool intake_drop(struct intake *intake, size_t bytes)
{
	intake->dropped_bytes += bytes;
	return intake->dropped_bytes <= DROPPED_MAX_BYTES;
}

void intake_release(struct intake *intake)
{
	buf_release(&intake->body);
	if (intake->budget)
		budget_release(intake->budget, &intake->share);
}
