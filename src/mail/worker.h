/* The mail thread: takes what is due from the outbox, sends it, notes how it went. */
#pragma once

#include "core/portal.h"
#include "mail/transport.h"

struct mail_worker;

struct mail_worker_options {
	struct portal *portal; /* borrowed; outlives the worker */
	struct str from;       /* the portal's own address; empty: postern@ the host of its url */
	struct transport_options transport; /* `hello` empty: the host of the portal's url */
};

/* Starts the thread and hears of new mails by portal->mail_waiting: so before requests are served.
 * Errors are transport_open()'s, and ERR_INVALID for a bad `from`. */
enum err mail_worker_start(const struct mail_worker_options *options,
			   struct mail_worker **ret) MUST_CHECK;
/* Finishes the letter being sent, then ends. Call when no more requests run. NULL is fine. */
void mail_worker_stop(struct mail_worker *worker);
