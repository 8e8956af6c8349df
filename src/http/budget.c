#include "http/budget.h"

#include <stdatomic.h>

/* Large ones leave a quarter to the small: people must be able to sign in. */
static int64_t room(const struct budget *budget, const struct budget_share *share)
{
	return share->is_large ? budget->limits.bytes / 4 * 3 : budget->limits.bytes;
}

void budget_open(struct budget_share *share, bool is_large, const struct networks *proxies,
		 struct str remote)
{
	*share = (struct budget_share){.is_large = is_large};
	share->is_network_bound = is_large && !proxies_stand_for_many(proxies, remote) &&
				  proxy_client_network(remote, &share->network);
}

bool budget_reserve(struct budget *budget, struct budget_share *share, int64_t total_bytes)
{
	int64_t more = total_bytes - share->bytes;
	if (more <= 0)
		return true;
	if (atomic_fetch_add(&budget->bytes, more) + more > room(budget, share)) {
		atomic_fetch_sub(&budget->bytes, more);
		return false;
	}
	if (share->is_network_bound &&
	    !tally_add(budget->large, &share->network, more, budget->limits.bytes_per_network)) {
		atomic_fetch_sub(&budget->bytes, more);
		return false;
	}
	share->bytes += more;
	return true;
}

void budget_take(struct budget *budget, struct budget_share *share, int64_t bytes)
{
	atomic_fetch_add(&budget->bytes, bytes);
	*share = (struct budget_share){.bytes = bytes};
}

void budget_release(struct budget *budget, struct budget_share *share)
{
	if (share->bytes == 0)
		return;
	atomic_fetch_sub(&budget->bytes, share->bytes);
	if (share->is_network_bound)
		tally_subtract(budget->large, &share->network, share->bytes);
	share->bytes = 0;
}
