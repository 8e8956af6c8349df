/* For core/: the mail that tells somebody that their password was changed. */
#pragma once

#include "core/cx.h"
#include "core/user.h"
#include "store/mails.h"

enum err account_mail_changed(struct cx *cx, const struct user *user,
			      struct mail_row *ret) MUST_CHECK;
