/* For core/signing*.c: telling people of a request (P3, P6): that it is their turn, that it waits
 * for them, what became of it. No content; the subject only if the portal allows. */
#pragma once

#include "core/cx.h"
#include "core/invite.h"
#include "store/signings.h"

enum signing_letter_kind {
	SIGNING_LETTER_ASKED = 1, /* it is their turn, those before have signed */
	SIGNING_LETTER_REMINDER,
	SIGNING_LETTER_COMPLETED,
	SIGNING_LETTER_DECLINED,
	SIGNING_LETTER_CANCELLED,
	SIGNING_LETTER_EXPIRED,
};
struct signing_letter {
	struct mail_row mail;
	bool has_mail;
	struct invite_again again; /* with has_again: beside the mail (P2.3) */
	bool has_again;
};
/* from: whose name it says: the sender of the request; of _DECLINED who has; NULL in a mail to the
 * sender. subject: of the message; empty: not to be had now. Who may not sign in now gets none. Who
 * has not registered gets a fresh invitation with what asks them to sign. */
enum err signing_mail_prepare(struct cx *cx, enum signing_letter_kind kind,
			      const struct signing *signing, const struct user *from,
			      const struct user *to, struct str subject,
			      struct signing_letter *ret) MUST_CHECK;
/* In the transaction. ERR_CONFLICT: they have registered or changed meanwhile. */
enum err signing_mail_write(struct db *db, const struct signing_letter *letter) MUST_CHECK;
