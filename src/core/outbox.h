/* The queue of e-mails. A mail is a row written in the transaction that causes it (P3.4): what it
 * is about, encrypted under the portal's queue key because it may hold a registration link; its
 * words are made when it is sent. Wiped once delivered. */
#pragma once

#include "core/cx.h"
#include "store/mails.h"

/* What a notification, or a mail of MAIL_SIGNING, tells in words of its own (P6). Kept as these
 * numbers; never renumber. */
enum mail_about {
	ABOUT_MESSAGE = 0,
	/* Of notifications. */
	ABOUT_SIGN = 1, /* documents to sign have come */
	ABOUT_TURN = 2, /* those before have signed */
	/* Of MAIL_SIGNING. */
	ABOUT_REMINDER = 3,
	ABOUT_COMPLETED = 4,
	ABOUT_DECLINED = 5,
	ABOUT_CANCELLED = 6,
	ABOUT_EXPIRED = 7,
	/* To the person who asks, and signs too: they cannot decline. */
	ABOUT_OWN_TURN = 8,     /* as ABOUT_TURN */
	ABOUT_OWN_REMINDER = 9, /* as ABOUT_REMINDER */
	MAIL_ABOUTS,
};

struct outbox_mail {
	struct id id;
	enum mail_kind kind;
	enum mail_about about;
	struct str to_address;
	struct str to_name;   /* may be empty */
	struct str from_name; /* who wrote or invited; may be empty */
	struct str subject;   /* of the message, only if the portal allows; else empty */
	struct str link;      /* the one link */
	struct str language;
	int64_t expires_ms; /* of the link, or the deadline to sign; 0: never */
	int64_t created_ms;
	int64_t attempts;  /* made before this one */
	int64_t count;     /* of messages it tells of: 1, or of MAIL_SUMMARY more */
	int64_t documents; /* to sign, of what has an `about`; else 0 */
	/* What an administrator has written for such a mail, with placeholders (core/texts.h); of
	 * MAIL_TEST the words as they are. Empty: the portal's own. */
	struct str own_subject, own_body;
	/* For outbox_settle(): of whom it was claimed together with others, and until when; empty:
	 * alone. */
	struct id together_of;
	int64_t claimed_until_ms;
};

/* The next mail that is due, claimed for this worker until `claim_ms` from now (another worker may
 * have it afterwards). ERR_NOT_FOUND: none due; *ret_next_due_ms (may be 0: none at all) says when
 * to look again. */
enum err outbox_claim(struct cx *cx, int64_t claim_ms, struct outbox_mail *ret,
		      int64_t *ret_next_due_ms) MUST_CHECK;

/* Housekeeping, every few seconds: wakes the mail thread when something is due. It hears by itself
 * of what this process queues, and so of what another one does: a command beside a running portal.
 */
void outbox_look(struct cx *cx);

enum outbox_result {
	OUTBOX_ACCEPTED, /* the server took it: content wiped */
	OUTBOX_RETRY, /* not now (4xx, no connection): back-off, until OUTBOX_GIVE_UP_DAYS after it
			 was queued, then bounced */
	OUTBOX_BOUNCED, /* refused for good (5xx) */
};
enum {
	OUTBOX_GIVE_UP_DAYS = 5,
	OUTBOX_CLAIM_MS = 5 * 60 * 1000, /* longer than two tries of one letter and settling it */
};
/* claimed: as it was; of those that go together, what of them is still there. reply: the
 * server's words (cut to LIMIT_MAIL_REPLY_BYTES), shown to the sender. ERR_NOT_FOUND: settled
 * already, given up or cancelled meanwhile. */
enum err outbox_settle(struct cx *cx, const struct outbox_mail *claimed, enum outbox_result result,
		       struct str reply) MUST_CHECK;
