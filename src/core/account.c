#include "core/account.h"

#include "base/log.h"
#include "core/account_mail.h"
#include "core/audit_log.h"
#include "core/name_rules.h"
#include "core/outbox_mail.h"
#include "core/password_rules.h"
#include "core/session_begin.h"
#include "core/session_rights.h"
#include "text/tz.h"

/* ---- small changes of one's own row ---- */

struct user_change {
	struct user user;
	struct users_keys keys;
};

static enum err write_user(struct db *db, void *argument)
{
	const struct user_change *change = argument;
	struct user user = change->user;
	return users_update(db, &user, change->keys);
}

static enum err change_user(struct cx *cx, const struct user *next)
{
	struct user_change change = {.user = *next, .keys = user_keys(cx->arena, next)};
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
	struct cx *cx;
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
	if (change->has_mail)
		TRY(mails_insert(db, &change->mail));
	bool is_password = change->way_in.kind == WAY_IN_PASSWORD;
	struct audit_act act = {.kind = is_password ? AUDIT_PASSWORD_CHANGED : AUDIT_RECOVERY_CODE};
	return audit_log(change->cx, db, &act);
}

enum err account_change_password(struct cx *cx, struct str current, struct str password,
				 struct form_errors *errors)
{
	const struct session *session = cx->session;
	struct new_way_in change = {.cx = cx,
				    .session = session,
				    .arena = cx->arena,
				    .has_mail = true,
				    .ends_other_sessions = true};
	struct str normal;
	TRY(session_confirm_password(cx, current, errors));
	TRY(password_rules_check(cx, password, session->user.name, session->user.address, &normal,
				 errors));
	TRY(way_in_password(cx, &session->user, session->private_key, normal, &change.way_in));
	TRY(account_mail_changed(cx, &session->user, &change.mail));
	TRY(store_transact(cx->portal->store, write_new_way_in, &change, cx->arena));
	session_rights_changed(cx->portal, &session->user.id);
	log_event(LOG_INFO, "account.password_changed", LOG_STR("user", id_str(&session->user.id)));
	outbox_mail_wake(cx->portal);
	return OK;
}

enum err account_new_recovery_code(struct cx *cx, struct str current, struct str *ret_code,
				   struct form_errors *errors)
{
	const struct session *session = cx->session;
	struct new_way_in change = {.cx = cx, .session = session, .arena = cx->arena};
	struct str code;
	TRY(session_confirm_password(cx, current, errors));
	TRY(way_in_recovery(cx, &session->user, session->private_key, &change.way_in, &code));
	TRY(store_transact(cx->portal->store, write_new_way_in, &change, cx->arena));
	log_event(LOG_INFO, "account.recovery_code_made",
		  LOG_STR("user", id_str(&session->user.id)));
	*ret_code = code;
	return OK;
}
