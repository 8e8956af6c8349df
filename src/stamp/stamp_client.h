/* A time-stamp server that is asked over HTTP or HTTPS (RFC 3161 3.4): one POST for each stamp. */
#pragma once

#include "base/network.h"
#include "core/timestamper.h"

struct stamp_options {
	struct str ca_file; /* certificates to trust for HTTPS; empty: those of the system */
	/* Where it may connect to besides the internet: an administrator names the server, and is
	 * not to look around in the operator's network. */
	struct networks private_targets;
	/* 0: those of base/limits.h. Tests are less patient. */
	int64_t timeout_ms;
	int64_t rest_ms; /* after a failure nobody waits for that server again for so long */
};

/* http://... or https://... */
bool stamp_client_is_url(struct str url);

struct stamp_client;
/* Connects to nothing yet. */
enum err stamp_client_new(const struct stamp_options *options,
			  struct stamp_client **ret) MUST_CHECK;
/* Lives as long as it does. */
struct timestamper *stamp_client_timestamper(struct stamp_client *client);
/* When nobody asks any more. NULL is fine. */
void stamp_client_free(struct stamp_client *client);
