#include "core/account_mail.h"

#include "core/outbox_mail.h"

enum err account_mail_changed(struct cx *cx, const struct user *user, struct mail_row *ret)
{
	struct outbox_letter letter = {
		.kind = MAIL_PASSWORD_CHANGED,
		.to = user,
		.link = arena_printf(cx->arena, "%.*s/help-signing-in",
				     STR_ARGS(cx->portal->settings->url)),
	};
	return outbox_mail_prepare(cx, &letter, ret);
}
