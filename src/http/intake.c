#include "http/intake.h"

#include <stdatomic.h>

/* Large bodies leave a quarter to the small ones: people must be able to sign in. */
static int64_t room(const struct intake *intake, const struct intake_share *share)
{
	return share->is_large ? intake->limits.bytes / 4 * 3 : intake->limits.bytes;
}

bool intake_reserve(struct intake *intake, struct intake_share *share, int64_t total_bytes)
{
	int64_t more = total_bytes - share->bytes;
	if (more <= 0)
		return true;
	if (atomic_fetch_add(&intake->bytes, more) + more > room(intake, share)) {
		atomic_fetch_sub(&intake->bytes, more);
		return false;
	}
	if (share->is_network_bound &&
	    !tally_add(intake->large, &share->network, more, intake->limits.bytes_per_network)) {
		atomic_fetch_sub(&intake->bytes, more);
		return false;
	}
	share->bytes += more;
	return true;
}

void intake_release(struct intake *intake, struct intake_share *share)
{
	if (share->bytes == 0)
		return;
	atomic_fetch_sub(&intake->bytes, share->bytes);
	if (share->is_network_bound)
		tally_subtract(intake->large, &share->network, share->bytes);
	share->bytes = 0;
}
