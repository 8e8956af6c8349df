/* The listening socket. */
#pragma once

#include "base/err.h"
#include "base/str.h"

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080" (all addresses, IPv4 and IPv6).
 * ERR_INVALID for anything else, ERR_UNAVAILABLE when the address is taken or not ours. The caller
 * closes the socket. */
enum err listen_open(struct str where, int *ret_fd, int *ret_port) MUST_CHECK;
/* Whether it is written like one of those. */
bool listen_is_good(struct str where);
