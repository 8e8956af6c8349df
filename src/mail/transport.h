/* How a finished e-mail leaves: by SMTP, or as a file in a folder. One thread at a time. */
#pragma once

#include "base/limits.h"
#include "core/outbox.h"

/* A mail ready to go; everything borrowed. */
struct letter {
	struct id id;
	struct str from; /* envelope: bare addresses, domains in ASCII */
	struct str to;
	struct str bytes; /* headers and body, CRLF */
};

/* How it went. */
struct mail_outcome {
	enum outbox_result result;
	bool is_trouble; /* no fault of this letter: server out of reach, login refused, disk full.
			    Others will fare no better now */
	size_t reply_len;
	char reply[LIMIT_MAIL_REPLY_BYTES]; /* one line of UTF-8: the server's words, or ours when
					       it had none */
};

struct transport_options {
	struct str url;   /* mail_url.h */
	struct str hello; /* the name we introduce ourselves by: the portal's host; empty: the
			     machine's name */
	struct str
		ca_file; /* certificates to trust instead of the system's; TLS is then required */
	int64_t connect_timeout_ms; /* 0: 15 s */
	int64_t total_timeout_ms;   /* 0: 60 s for one letter */
};

struct transport {
	bool is_8bit_carried; /* letters may hold bytes beyond ASCII */
	void (*deliver)(struct transport *self, const struct letter *letter,
			struct mail_outcome *ret);
	void (*rest)(struct transport *self);
	void (*close)(struct transport *self);
};

/* Does not connect. ERR_INVALID for a bad url (mail_url_parse says why), ERR_UNAVAILABLE when the
 * folder cannot be made. */
enum err transport_open(const struct transport_options *options, struct transport **ret) MUST_CHECK;

/* Tries once, within total_timeout_ms. What went wrong is in *ret: it always has a result.
 *
 * TLS is required, and the certificate checked, with a login, smtps:// or a ca_file; otherwise
 * STARTTLS is used where offered, unchecked, as mail servers do among each other. Bounced is what
 * the server refuses for good (5xx) because of this recipient or content. A refused login or sender
 * is retried, whatever the number: it is the portal's mistake, and mending it must find the mail
 * still there (P3.4). */
void transport_deliver(struct transport *transport, const struct letter *letter,
		       struct mail_outcome *ret);
/* Nothing to do for a while: says goodbye to the server. */
void transport_rest(struct transport *transport);
/* NULL is fine. */
void transport_close(struct transport *transport);

/* Fills *ret with words of our own (English: which reader will see them is not known yet) or the
 * server's. */
void transport_say(struct mail_outcome *ret, enum outbox_result result, bool is_trouble,
		   struct str words);

/* The numbers at the beginning of a server's reply ("550 5.1.1"), for the log: what follows may
 * name people. Empty if there are none. */
struct str transport_status(struct str reply);
