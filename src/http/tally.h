/* How much each client network holds of something: connections, bytes. A network is an IPv4 address
 * or an IPv6 /64, as one household or server gets a whole /64. */
#pragma once

#include "base/err.h"
#include "http/proxy.h"

struct tally;

enum err tally_new(struct tally **ret) MUST_CHECK;
/* NULL is fine. */
void tally_free(struct tally *tally);
/* False, and nothing is added, when the network would hold more than max or there is no memory. */
bool tally_add(struct tally *tally, const struct network *network, int64_t amount, int64_t max);
void tally_subtract(struct tally *tally, const struct network *network, int64_t amount);
