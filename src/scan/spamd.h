/* A spam filter that asks spamd, of SpamAssassin, by SYMBOLS of its protocol (spamd/PROTOCOL): a
 * connection for each letter, which goes over it not encrypted. */
#pragma once

#include "core/spam_filter.h"

struct spamd_options {
	struct str url; /* scan/scan_address.h; "127.0.0.1:783" is "tcp:127.0.0.1:783" */
	/* 0: those of base/limits.h. Tests are less patient. */
	int step_ms;
	int answer_ms;
};

struct spamd;
/* Connects to nothing yet. ERR_INVALID: not an address. */
enum err spamd_new(const struct spamd_options *options, struct spamd **ret) MUST_CHECK;
/* Lives as long as it does. */
struct spam_filter *spamd_filter(struct spamd *spamd);
/* NULL is fine. */
void spamd_free(struct spamd *spamd);
