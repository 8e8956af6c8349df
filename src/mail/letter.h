/* From a queued mail to the letter a transport takes: words, addresses, bytes. */
#pragma once

#include "mail/transport.h"

/* `from`: the portal's own address; is_8bit_carried: by the transport. In cx's arena. ERR_INVALID
 * when the mail can never be written: a bad address or link; anything else may go better later. */
enum err letter_make(struct cx *cx, const struct outbox_mail *mail, struct str from,
		     bool is_8bit_carried, struct letter *ret) MUST_CHECK;

/* "mail.example.com" out of "https://mail.example.com:8443/x"; for Message-ID, EHLO and the usual
 * sender address. "localhost" where the url has an IPv6 address. */
struct str letter_host(struct str portal_url);
