/* For core/: mails about passwords: that it was changed, and the link to a new one. */
#pragma once

#include "core/cx.h"
#include "core/user.h"
#include "core/way_in.h"
#include "store/mails.h"

enum err account_mail_changed(struct cx *cx, const struct user *user,
			      struct mail_row *ret) MUST_CHECK;

/* The link, and the mail that brings it. Older ones stop working. */
struct account_reset_mail {
	struct way_in link;
	struct mail_row mail;
};
enum err account_reset_mail_prepare(struct cx *cx, const struct user *user,
				    struct account_reset_mail *ret) MUST_CHECK;
/* In a transaction. A mail that is not queued brings no link. */
enum err account_reset_mail_write(struct db *db, const struct account_reset_mail *help) MUST_CHECK;
