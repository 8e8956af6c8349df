/* The mail thread: takes what is due from the outbox, sends it, notes how it went. */
#pragma once

#include "mail/channel.h"

struct mail_worker;

/* Starts the thread and hears of new mails by portal->mail_waiting: so before requests are served.
 * The portal outlives the worker. Errors are channel_open()'s. */
enum err mail_worker_start(const struct channel_options *options,
			   struct mail_worker **ret) MUST_CHECK;
/* From the next letter on by another channel; at once if the thread waits for a server that is
 * down. After an error the old one stays. Requests may go on meanwhile. */
enum err mail_worker_change(struct mail_worker *worker,
			    const struct channel_options *options) MUST_CHECK;
/* Finishes the letter being sent, then ends. Call when no more requests run. NULL is fine. */
void mail_worker_stop(struct mail_worker *worker);
