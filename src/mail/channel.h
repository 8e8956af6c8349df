/* The way mails leave by, and the address they come from: what the settings `mail`, `mail-from` and
 * `mail-ca` say. */
#pragma once

#include "core/portal.h"
#include "mail/transport.h"

struct channel {
	struct transport *transport;
	struct str from; /* in the arena */
	struct arena arena;
};

struct channel_options {
	struct portal *portal; /* borrowed while opening */
	struct str from;       /* the portal's own address; empty: postern@ the host of its url */
	struct transport_options transport; /* `hello` empty: the host of the portal's url */
};

/* Whether mails can come from this address; empty: the usual one. */
bool channel_takes_from(struct str from);
/* Errors are transport_open()'s, and ERR_INVALID for a bad `from`. */
enum err channel_open(const struct channel_options *options, struct channel **ret) MUST_CHECK;
/* NULL is fine. */
void channel_close(struct channel *channel);
