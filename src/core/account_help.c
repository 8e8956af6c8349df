#include "base/limits.h"
#include "core/account.h"
#include "core/account_mail.h"
#include "core/address.h"
#include "core/audit_log.h"
#include "core/invite.h"
#include "core/outbox_mail.h"
#include "core/throttle.h"
#include "core/way_in.h"

/* Asking for help: same answer, same writes for known and unknown addresses. */

enum { HELP_PER_NETWORK_PER_HOUR = 60 };

enum err account_reset_mail_write(struct db *db, const struct account_reset_mail *help)
{
	/* For nobody these find nothing, but cost the same. */
	TRY(ways_in_delete_kind(db, &help->link.user_id, WAY_IN_RESET, NULL));
	TRY(mails_cancel(db, &help->link.user_id, MAIL_RESET));
	if (help->mail.state == MAIL_QUEUED)
		TRY(ways_in_insert(db, &help->link));
	return mails_insert(db, &help->mail);
}

struct help {
	struct cx *cx;
	struct audit_act act;
	struct account_reset_mail mail;
};

static enum err write_help(struct db *db, void *argument)
{
	const struct help *help = argument;
	TRY(account_reset_mail_write(db, &help->mail));
	return audit_log(help->cx, db, &help->act);
}

enum err account_reset_mail_prepare(struct cx *cx, const struct user *user,
				    struct account_reset_mail *ret)
{
	struct str token;
	struct way_in link;
	TRY(way_in_link(cx, user, NULL, WAY_IN_RESET, NULL, &link, &token));
	struct outbox_letter letter = {
		.kind = MAIL_RESET,
		.to = user,
		.link = arena_printf(cx->arena, "%.*s/reset/%.*s",
				     STR_ARGS(cx->portal->settings->url), STR_ARGS(token)),
		.expires_ms = link.expires_ms,
	};
	TRY(outbox_mail_prepare(cx, &letter, &ret->mail));
	ret->link = link;
	return OK;
}

static enum err send_reset(struct cx *cx, const struct user *user, enum mail_state state)
{
	struct help help = {.cx = cx};
	TRY(account_reset_mail_prepare(cx, user, &help.mail));
	help.act = (struct audit_act){.kind = AUDIT_HELP_ASKED, .subject = user->address};
	if (state == MAIL_QUEUED)
		help.act.object_id = user->id;
	help.mail.mail.state = state;
	if (state == MAIL_VOID)
		help.mail.mail.content = STR("");
	TRY(store_transact(cx->portal->store, write_help, &help, cx->arena));
	outbox_mail_wake(cx->portal);
	return OK;
}

static enum err find_by_key(struct cx *cx, struct str key, struct user *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return users_by_key(db, cx->arena, key, ret);
}

/* What a fresh invitation costs, for those who get none. */
static enum err pretend_invitation(struct cx *cx, const struct user *user)
{
	struct secret *private_key CLEANUP_SECRET = NULL;
	struct db *db CLEANUP_READ = NULL;
	struct user pretended = *user;
	struct way_in portal, link;
	struct str token;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = ways_in_newest(db, cx->arena, &user->id, WAY_IN_PORTAL, &portal);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	TRY(keypair_new(&private_key, pretended.public_key));
	TRY(way_in_portal(cx, &pretended, private_key, &portal));
	return way_in_link(cx, &pretended, private_key, WAY_IN_INVITATION, NULL, &link, &token);
}

enum err account_ask_help(struct cx *cx, struct str address, struct form_errors *errors)
{
	uint8_t bytes[16];
	struct address parsed;
	struct user user;
	struct user nobody = {.id = id_new(cx_now_ms(cx))};
	if (address_parse(cx->arena, address, &parsed) != OK) {
		form_error(cx, errors, "address", TEXT_ERROR_ADDRESS_BAD,
			   TEXT_ARG("address", form_error_quote(cx, address)),
			   TEXT_ARG("portal", cx->portal->settings->name));
		return ERR_INVALID;
	}
	/* Each costs a row, for unknown addresses too: nobody fills the disk with them. */
	if (cx->remote.len > 0 &&
	    throttle_take(cx->portal->throttle, "help from", throttle_network(cx->remote, bytes), 1,
			  HELP_PER_NETWORK_PER_HOUR, HOUR_MS, cx_now_ms(cx)) != OK)
		return ERR_BUSY;
	if (throttle_take(cx->portal->throttle, "help", parsed.key, 1, LIMIT_HELP_MAILS_PER_HOUR,
			  HOUR_MS, cx_now_ms(cx)) != OK)
		return OK;
	enum err err = find_by_key(cx, parsed.key, &user);
	if (err == OK && user.state == USER_INVITED) {
		err = invite_again(cx, &user, NULL);
		return err == ERR_CONFLICT ? OK : err;
	}
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	nobody.address = parsed.text;
	TRY(pretend_invitation(cx, err == OK ? &user : &nobody));
	if (err == OK && user.state == USER_ACTIVE)
		return send_reset(cx, &user, MAIL_QUEUED);
	return send_reset(cx, &nobody, MAIL_VOID);
}
