/* Where clamd or spamd listens: "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310",
 * "tcp:[::1]:3310". No names of hosts: looking one up may take for ever, and what is sent is not
 * encrypted. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <netinet/in.h>
#include <sys/un.h>

struct scan_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
		struct sockaddr_un local;
	};
	socklen_t bytes;
};

/* ERR_INVALID. */
enum err scan_address_parse(struct str url, struct scan_address *ret) MUST_CHECK;
