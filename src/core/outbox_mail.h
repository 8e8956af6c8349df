/* Making rows for the queue of mails; taking them out is core/outbox.h. */
#pragma once

#include "core/cx.h"
#include "core/outbox.h"
#include "core/user.h"
#include "store/mails.h"

struct outbox_letter {
	enum mail_kind kind;
	enum mail_about about;
	int64_t documents; /* with an `about`: how many are to be signed */
	const struct user *to;
	struct str from_name; /* who wrote or invited; may be empty */
	struct str subject;   /* of the message; used only if the portal allows (P3.1) */
	struct str link;
	struct id message_id; /* empty: not about a message */
	int64_t expires_ms;   /* of the link, or the deadline to sign; 0: never */
	/* Of MAIL_TEST: its words. */
	struct str own_subject, own_body;
};

/* The row, its content encrypted under the portal's queue key. Write it in the transaction that
 * causes the mail (P3.4). */
enum err outbox_mail_prepare(struct cx *cx, const struct outbox_letter *letter,
			     struct mail_row *ret) MUST_CHECK;
/* Tells the mail thread that something was queued; after the commit. */
void outbox_mail_wake(const struct portal *portal);

/* Content as fields, and back. */
struct outbox_content {
	struct str to_address, to_name, from_name, subject, link, language;
	int64_t expires_ms;
	enum mail_about about;
	int64_t documents;
	struct str own_subject, own_body; /* of MAIL_TEST */
};
enum err outbox_mail_open(struct cx *cx, const struct mail_row *mail,
			  struct outbox_content *ret) MUST_CHECK;
