#include "base/log.h"
#include "core/account.h"
#include "core/account_mail.h"
#include "core/audit_log.h"
#include "core/outbox_mail.h"
#include "core/password_rules.h"
#include "core/session_begin.h"
#include "core/session_rights.h"
#include "core/throttle.h"
#include "store/address_proofs.h"

/* A new password by a mailed link. */

struct resetting {
	struct way_in link;
	struct user user;
	struct id opened_by; /* the way in that gave the key */
};

static enum err find_reset(struct cx *cx, struct db *db, const struct token *token,
			   struct resetting *ret)
{
	TRY(ways_in_with_user(db, cx->arena, &token->id, &ret->link, &ret->user));
	bool is_this = ret->link.kind == WAY_IN_RESET && way_in_is_token(&ret->link, token);
	return is_this ? OK : ERR_NOT_FOUND;
}

static bool is_good(struct cx *cx, const struct resetting *resetting)
{
	return resetting->link.used_ms == 0 && resetting->link.expires_ms > cx_now_ms(cx) &&
	       resetting->user.state == USER_ACTIVE;
}

enum err account_reset_look(struct cx *cx, struct str text, struct reset_view *ret)
{
	struct token token CLEANUP_TOKEN = {0};
	struct db *db CLEANUP_READ = NULL;
	struct resetting resetting;
	if (token_parse(text, &token) != OK)
		return ERR_NOT_FOUND;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(find_reset(cx, db, &token, &resetting));
	*ret = (struct reset_view){
		.is_good = is_good(cx, &resetting),
		.address = resetting.user.address,
		.needs_recovery_code = resetting.user.custody == CUSTODY_STRICT,
	};
	return OK;
}

struct reset_write {
	const struct resetting *resetting;
	struct way_in password;
	struct session_begin session;
	struct mail_row mail;
	struct cx *cx;
	struct address_proof proof; /* the link went to their address */
	struct arena *arena;
	int64_t now_ms;
};

static enum err write_reset(struct db *db, void *argument)
{
	const struct reset_write *write = argument;
	const struct id *user_id = &write->resetting->user.id;
	struct user now;
	struct way_in opened_by;
	struct way_in spent = write->resetting->link;
	TRY(users_by_id(db, write->arena, user_id, &now));
	if (now.version != write->resetting->user.version)
		return ERR_CONFLICT;
	/* A recovery code replaced meanwhile opens nothing more. */
	enum err still = ways_in_by_id(db, write->arena, &write->resetting->opened_by, &opened_by);
	if (still != OK)
		return still == ERR_NOT_FOUND ? ERR_CONFLICT : still;
	spent.used_ms = write->now_ms;
	TRY(ways_in_update(db, &spent, 0));
	TRY(address_proofs_add(db, &write->proof));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_PASSWORD, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_BROWSER, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_API, NULL));
	TRY(ways_in_insert(db, &write->password));
	TRY(session_begin_write(db, &write->session));
	TRY(mails_insert(db, &write->mail));
	struct audit_act act = {.kind = AUDIT_PASSWORD_RESET, .actor_id = *user_id};
	return audit_log(write->cx, db, &act);
}

/* Managed custody: by the portal's key. Strict: only by the recovery code. */
static enum err open_for_reset(struct cx *cx, struct resetting *resetting, struct str code,
			       struct secret **ret_private, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct way_in way_in;
	const struct user *user = &resetting->user;
	bool is_strict = user->custody == CUSTODY_STRICT;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(ways_in_newest(db, cx->arena, &user->id, is_strict ? WAY_IN_RECOVERY : WAY_IN_PORTAL,
			   &way_in));
	resetting->opened_by = way_in.id;
	if (!is_strict)
		return way_in_open_portal(cx, &way_in, user, ret_private);
	enum err err = way_in_open_recovery(&way_in, user, code, ret_private);
	if (err == ERR_DENIED) {
		form_error(cx, errors, "recovery_code", TEXT_ERROR_RECOVERY_CODE_WRONG);
		return ERR_INVALID;
	}
	return err;
}

static enum err find_good_reset(struct cx *cx, const struct token *token, struct resetting *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(find_reset(cx, db, token, ret));
	return is_good(cx, ret) ? OK : ERR_CONFLICT;
}

enum err account_reset(struct cx *cx, struct str text, struct str password,
		       struct str recovery_code, enum session_kind kind, struct str user_agent,
		       struct sign_in *ret, struct form_errors *errors)
{
	struct token token CLEANUP_TOKEN = {0};
	struct secret *private_key CLEANUP_SECRET = NULL;
	struct resetting resetting;
	struct str normal;
	if (token_parse(text, &token) != OK)
		return ERR_NOT_FOUND;
	TRY(find_good_reset(cx, &token, &resetting));
	const struct user *user = &resetting.user;
	TRY(open_for_reset(cx, &resetting, recovery_code, &private_key, errors));
	TRY(password_rules_check(cx, password, user->name, user->address, &normal, errors));
	struct reset_write write = {
		.resetting = &resetting, .cx = cx, .arena = cx->arena, .now_ms = cx_now_ms(cx)};
	write.proof = (struct address_proof){
		.user_id = user->id,
		.at_ms = write.now_ms,
		.kind = ADDRESS_PROOF_RESET,
		.address = user->address_key,
		.link = resetting.link.secret_hash,
	};
	TRY(way_in_password(cx, user, private_key, normal, &write.password));
	TRY(account_mail_changed(cx, user, &write.mail));
	TRY(session_begin_prepare(cx, user, private_key, kind, user_agent, &write.session));
	enum err err = store_transact(cx->portal->store, write_reset, &write, cx->arena);
	if (err != OK) {
		session_begin_release(&write.session);
		return err;
	}
	throttle_succeeded(cx->portal->throttle,
			   &(struct throttle_try){.address_key = user->address_key}, cx_now_ms(cx));
	log_event(LOG_INFO, "account.password_reset", LOG_STR("user", id_str(&user->id)),
		  LOG_STR("remote", cx->remote));
	outbox_mail_wake(cx->portal);
	session_rights_changed(cx->portal, &user->id);
	session_begin_finish(cx, &write.session, user, ret);
	return OK;
}
