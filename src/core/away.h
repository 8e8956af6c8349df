/* For core/: out-of-office. Somebody who is away answers each sender once in an absence, in the
 * transaction of the message that is answered (RFC 3834 in spirit): only what is addressed to them
 * in To or Cc, never an automatic answer, never where no reply is wanted.
 *
 * It is sent in their name without their session: the text is under a key of the server, the
 * message has a key of its own as any, and both copies are sealed to public keys. Nothing else of
 * theirs is needed or opened. */
#pragma once

#include "core/message_sending.h"

/* The preferences of the recipients, one for each of checked->resolved. */
enum err away_load(struct cx *cx, const struct checked *checked,
		   struct preferences_row **ret) MUST_CHECK;
/* Prepares the answers to a message that is prepared. */
enum err away_prepare(struct cx *cx, const struct checked *checked,
		      struct sending *sending) MUST_CHECK;
