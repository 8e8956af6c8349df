#include "core/account.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/address.h"
#include "core/invite.h"
#include "core/name_rules.h"
#include "core/outbox_mail.h"
#include "core/password_rules.h"
#include "core/session_begin.h"
#include "core/throttle.h"
#include "text/tz.h"

enum { HELP_MAILS_PER_HOUR = 3, HELP_PER_NETWORK_PER_HOUR = 60 };

/* ---- small changes of one's own row ---- */

struct user_change {
	struct user user;
	struct str name_key;
};

static enum err write_user(struct db *db, void *argument)
{
	const struct user_change *change = argument;
	struct user user = change->user;
	return users_update(db, &user, change->name_key);
}

static enum err change_user(struct cx *cx, const struct user *next)
{
	struct user_change change = {.user = *next,
				     .name_key = user_name_key(cx->arena, next->name)};
	TRY(store_transact(cx->portal->store, write_user, &change, cx->arena));
	cx->session->user = *next;
	cx->session->user.version++;
	return OK;
}

enum err account_rename(struct cx *cx, struct str name, struct form_errors *errors)
{
	struct user next = cx->session->user;
	TRY(name_rules_check(cx, name, &next.name, errors));
	return change_user(cx, &next);
}

enum err account_set_locale(struct cx *cx, struct str language, struct str zone,
			    struct form_errors *errors)
{
	struct user next = cx->session->user;
	if (language.len > 0 && !str_eq(language_tag(language_find(language)), language))
		form_error(cx, errors, "language", TEXT_ERROR_LANGUAGE_UNKNOWN);
	if (zone.len > 0 && !tz_is_known(zone))
		form_error(cx, errors, "zone", TEXT_ERROR_ZONE_UNKNOWN);
	if (errors->count > 0)
		return ERR_INVALID;
	next.language = language;
	next.zone = zone;
	return change_user(cx, &next);
}

/* ---- password and recovery code of somebody signed in ---- */

struct new_way_in {
	const struct session *session;
	struct arena *arena;
	struct way_in way_in; /* replaces those of its kind */
	struct mail_row mail;
	bool has_mail;
	bool ends_other_sessions;
};

static enum err write_new_way_in(struct db *db, void *argument)
{
	const struct new_way_in *change = argument;
	const struct id *user_id = &change->way_in.user_id;
	struct way_in own;
	struct user now;
	/* Ended meanwhile, by a new password somewhere else say: whoever sits here may change
	 * nothing more. */
	enum err err = ways_in_with_user(db, change->arena, &change->session->id, &own, &now);
	if (err == ERR_NOT_FOUND || (err == OK && now.state != USER_ACTIVE))
		return ERR_CONFLICT;
	TRY(err);
	TRY(ways_in_delete_kind(db, user_id, change->way_in.kind, NULL));
	TRY(ways_in_insert(db, &change->way_in));
	if (change->ends_other_sessions) {
		TRY(ways_in_delete_kind(db, user_id, WAY_IN_BROWSER, &change->session->id));
		TRY(ways_in_delete_kind(db, user_id, WAY_IN_API, &change->session->id));
		TRY(ways_in_delete_kind(db, user_id, WAY_IN_RESET, NULL));
	}
	return change->has_mail ? mails_insert(db, &change->mail) : OK;
}

static enum err tell_of_change(struct cx *cx, const struct user *user, struct mail_row *ret)
{
	struct outbox_letter letter = {
		.kind = MAIL_PASSWORD_CHANGED,
		.to = user,
		.link = arena_printf(cx->arena, "%.*s/help-signing-in",
				     STR_ARGS(cx->portal->settings.url)),
	};
	return outbox_mail_prepare(cx, &letter, ret);
}

enum err account_change_password(struct cx *cx, struct str current, struct str password,
				 struct form_errors *errors)
{
	const struct session *session = cx->session;
	struct new_way_in change = {.session = session,
				    .arena = cx->arena,
				    .has_mail = true,
				    .ends_other_sessions = true};
	struct str normal;
	TRY(session_confirm_password(cx, current, errors));
	TRY(password_rules_check(cx, password, session->user.name, session->user.address, &normal,
				 errors));
	TRY(way_in_password(cx, &session->user, session->private_key, normal, &change.way_in));
	TRY(tell_of_change(cx, &session->user, &change.mail));
	TRY(store_transact(cx->portal->store, write_new_way_in, &change, cx->arena));
	log_event(LOG_INFO, "account.password_changed", LOG_STR("user", id_str(&session->user.id)));
	outbox_mail_wake(cx->portal);
	return OK;
}

enum err account_new_recovery_code(struct cx *cx, struct str current, struct str *ret_code,
				   struct form_errors *errors)
{
	const struct session *session = cx->session;
	struct new_way_in change = {.session = session, .arena = cx->arena};
	struct str code;
	TRY(session_confirm_password(cx, current, errors));
	TRY(way_in_recovery(cx, &session->user, session->private_key, &change.way_in, &code));
	TRY(store_transact(cx->portal->store, write_new_way_in, &change, cx->arena));
	log_event(LOG_INFO, "account.recovery_code_made",
		  LOG_STR("user", id_str(&session->user.id)));
	*ret_code = code;
	return OK;
}

/* ---- asking for help: same answer, same writes for known and unknown addresses ---- */

struct help {
	struct way_in link;
	bool has_link;
	struct mail_row mail;
};

static enum err write_help(struct db *db, void *argument)
{
	const struct help *help = argument;
	/* For nobody these find nothing, but cost the same. */
	TRY(ways_in_delete_kind(db, &help->link.user_id, WAY_IN_RESET, NULL));
	TRY(mails_cancel(db, &help->link.user_id, MAIL_RESET));
	if (help->has_link)
		TRY(ways_in_insert(db, &help->link));
	return mails_insert(db, &help->mail);
}

static enum err send_reset(struct cx *cx, const struct user *user, enum mail_state state)
{
	struct help help = {.has_link = state == MAIL_QUEUED};
	struct str token;
	TRY(way_in_link(cx, user, NULL, WAY_IN_RESET, NULL, &help.link, &token));
	struct outbox_letter letter = {
		.kind = MAIL_RESET,
		.to = user,
		.link = arena_printf(cx->arena, "%.*s/reset/%.*s",
				     STR_ARGS(cx->portal->settings.url), STR_ARGS(token)),
		.expires_ms = help.link.expires_ms,
	};
	TRY(outbox_mail_prepare(cx, &letter, &help.mail));
	help.mail.state = state;
	if (state == MAIL_VOID)
		help.mail.content = STR("");
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

enum err account_ask_help(struct cx *cx, struct str address, struct form_errors *errors)
{
	struct address parsed;
	struct user user;
	struct user nobody = {.id = id_new(cx_now_ms(cx))};
	if (address_parse(cx->arena, address, &parsed) != OK) {
		form_error(cx, errors, "address", TEXT_ERROR_ADDRESS_BAD,
			   TEXT_ARG("address", form_error_quote(cx, address)),
			   TEXT_ARG("portal", cx->portal->settings.name));
		return ERR_INVALID;
	}
	/* Each costs a row, for unknown addresses too: nobody fills the disk with them. */
	if (cx->remote.len > 0 &&
	    throttle_take(cx->portal->throttle, "help from", cx->remote, HELP_PER_NETWORK_PER_HOUR,
			  HOUR_MS, cx_now_ms(cx)) != OK)
		return ERR_BUSY;
	if (throttle_take(cx->portal->throttle, "help", parsed.key, HELP_MAILS_PER_HOUR, HOUR_MS,
			  cx_now_ms(cx)) != OK)
		return OK;
	enum err err = find_by_key(cx, parsed.key, &user);
	if (err == OK && user.state == USER_INVITED) {
		err = invite_again(cx, &user, NULL);
		return err == ERR_CONFLICT ? OK : err;
	}
	if (err == OK && user.state == USER_ACTIVE)
		return send_reset(cx, &user, MAIL_QUEUED);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	nobody.address = parsed.text;
	return send_reset(cx, &nobody, MAIL_VOID);
}

/* ---- a new password by a mailed link ---- */

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
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_PASSWORD, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_BROWSER, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_API, NULL));
	TRY(ways_in_insert(db, &write->password));
	TRY(session_begin_write(db, &write->session));
	return mails_insert(db, &write->mail);
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
		.resetting = &resetting, .arena = cx->arena, .now_ms = cx_now_ms(cx)};
	TRY(way_in_password(cx, user, private_key, normal, &write.password));
	TRY(tell_of_change(cx, user, &write.mail));
	TRY(session_begin_prepare(cx, user, private_key, kind, user_agent, &write.session));
	enum err err = store_transact(cx->portal->store, write_reset, &write, cx->arena);
	if (err != OK) {
		session_begin_release(&write.session);
		return err;
	}
	throttle_succeeded(cx->portal->throttle, user->address_key, cx->remote, cx_now_ms(cx));
	log_event(LOG_INFO, "account.password_reset", LOG_STR("user", id_str(&user->id)),
		  LOG_STR("remote", cx->remote));
	outbox_mail_wake(cx->portal);
	session_begin_finish(cx, &write.session, user, ret);
	return OK;
}
