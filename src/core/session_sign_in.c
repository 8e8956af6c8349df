#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/audit_log.h"
#include "core/device.h"
#include "core/password_rules.h"
#include "core/session.h"
#include "core/session_begin.h"
#include "core/throttle.h"

enum { BUSY_WAIT_S = 2 };

struct candidate {
	struct user user;
	struct way_in password;
};

/* ERR_NOT_FOUND for everybody who cannot sign in by password, whatever the reason. */
static enum err find_candidate(struct cx *cx, struct str address_key, struct candidate *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_by_key(db, cx->arena, address_key, &ret->user));
	if (ret->user.state != USER_ACTIVE)
		return ERR_NOT_FOUND;
	return ways_in_newest(db, cx->arena, &ret->user.id, WAY_IN_PASSWORD, &ret->password);
}

/* Derives exactly one password key, whoever it is for. */
static enum err try_password(struct cx *cx, struct str address, struct str password,
			     struct candidate *ret, struct secret **ret_private)
{
	struct address parsed;
	struct str normal;
	enum err err = address_parse(cx->arena, address, &parsed);
	if (err == OK)
		err = find_candidate(cx, parsed.key, ret);
	if (err != OK && err != ERR_INVALID && err != ERR_NOT_FOUND)
		return err;
	enum err normalised = password_normalise(cx, password, &normal);
	if (normalised == ERR_INVALID)
		normal = STR("");
	else
		TRY(normalised);
	if (err == OK && normalised == OK)
		return way_in_open_password(cx, &ret->password, &ret->user, normal, ret_private);
	TRY(way_in_pretend_password(cx, normal));
	return ERR_DENIED;
}

struct sign_in_write {
	struct cx *cx;
	const struct session_begin *begin;
	const struct candidate *who;
	struct arena *arena;
};

static enum err write_sign_in(struct db *db, void *argument)
{
	const struct sign_in_write *write = argument;
	struct user now;
	struct way_in password;
	TRY(users_by_id(db, write->arena, &write->who->user.id, &now));
	TRY(ways_in_newest(db, write->arena, &now.id, WAY_IN_PASSWORD, &password));
	/* Changed while its key was derived: an old password must not begin a session that outlives
	 * the change. */
	if (now.state != USER_ACTIVE || !id_eq(&password.id, &write->who->password.id))
		return ERR_CONFLICT;
	TRY(session_begin_write(db, write->begin));
	struct audit_act act = {
		.kind = AUDIT_SIGN_IN,
		.actor_id = now.id,
		.after = write->begin->way_in.kind == WAY_IN_API ? STR("api") : STR("browser"),
	};
	return audit_log(write->cx, db, &act);
}

static enum err begin_signed_in(struct cx *cx, const struct candidate *who,
				const struct secret *private_key, enum session_kind kind,
				struct str user_agent, struct sign_in *ret)
{
	struct session_begin begin CLEANUP_SESSION_BEGIN = {.session = NULL};
	struct sign_in_write write = {cx, &begin, who, cx->arena};
	TRY(session_begin_prepare(cx, &who->user, private_key, kind, user_agent, &begin));
	TRY(store_transact(cx->portal->store, write_sign_in, &write, cx->arena));
	session_begin_finish(cx, &begin, &who->user, ret);
	return OK;
}

/* ---- a wrong password ---- */

struct failure {
	struct cx *cx;
	struct audit_act act;
};

static enum err write_failure(struct db *db, void *argument)
{
	const struct failure *failure = argument;
	return audit_log(failure->cx, db, &failure->act);
}

/* Of what was typed only what can be shown. */
static struct str clean(struct arena *arena, struct str typed)
{
	struct str address = utf8_first(str_trim(typed), LIMIT_ADDRESS_BYTES);
	return utf8_is_line(address) ? arena_copy(arena, address) : STR("?");
}

/* The same work whether the address is anybody's or not. The throttle bounds what one network or
 * one address adds, and a limit for all what many of them do together: at the limit one entry says
 * that the others of this hour are not written down. Who fails is refused all the same when it
 * cannot be written. */
static void note_failure(struct cx *cx, struct str typed, const struct id *user_id)
{
	struct failure failure = {
		.cx = cx,
		.act = {.kind = AUDIT_SIGN_IN_FAILED,
			.object_id = *user_id,
			.subject = clean(cx->arena, typed),
			.after = cx->session ? STR("confirming") : STR("")},
	};
	int64_t now_ms = cx_now_ms(cx);
	struct throttle *throttle = cx->portal->throttle;
	if (throttle_take(throttle, "audit", STR(""), 1, LIMIT_AUDIT_FAILED_PER_HOUR, HOUR_MS,
			  now_ms) != OK) {
		if (throttle_take(throttle, "audit more", STR(""), 1, 1, HOUR_MS, now_ms) != OK)
			return;
		failure.act.object_id = (struct id){0};
		failure.act.subject = STR("");
		failure.act.after = STR("more");
	}
	enum err err = store_transact(cx->portal->store, write_failure, &failure, cx->arena);
	if (err != OK)
		log_event(LOG_ERROR, "audit.not_written", LOG_CSTR("err", err_name(err)));
}

/* What guessing is counted by: the normalised address, or what was typed. */
static struct str throttle_key(struct cx *cx, struct str address)
{
	struct address parsed;
	return address_parse(cx->arena, address, &parsed) == OK
		       ? parsed.key
		       : str_slice(address, 0, LIMIT_ADDRESS_BYTES);
}

static void tell_end(struct cx *cx, const struct throttle_try *try, enum err err)
{
	struct throttle *throttle = cx->portal->throttle;
	if (err == OK)
		throttle_succeeded(throttle, try, cx_now_ms(cx));
	else if (err == ERR_DENIED)
		throttle_failed(throttle, try, cx_now_ms(cx));
	else
		throttle_undone(throttle, try, cx_now_ms(cx));
}

enum err session_sign_in(struct cx *cx, struct str address, struct str password,
			 enum session_kind kind, struct str user_agent, struct sign_in *ret,
			 int64_t *ret_wait_s)
{
	struct str key = throttle_key(cx, address);
	struct throttle_try try = {.address_key = key, .remote = cx->remote};
	struct secret *private_key CLEANUP_SECRET = NULL;
	struct candidate who = {.user = {.version = 0}};
	*ret_wait_s = BUSY_WAIT_S;
	if (kind == SESSION_BROWSER)
		try.device = device_known(cx, cx->device, key);
	TRY(throttle_check(cx->portal->throttle, &try, cx_now_ms(cx), ret_wait_s));
	enum err err = try_password(cx, address, password, &who, &private_key);
	tell_end(cx, &try, err);
	if (err == ERR_DENIED) {
		log_event(LOG_WARN, "session.refused", LOG_STR("remote", cx->remote));
		note_failure(cx, address, &who.user.id);
	}
	TRY(err);
	err = begin_signed_in(cx, &who, private_key, kind, user_agent, ret);
	/* Changed while the key was derived: as if the password had been wrong. */
	return err == ERR_CONFLICT || err == ERR_NOT_FOUND ? ERR_DENIED : err;
}

static enum err confirm(struct cx *cx, const struct user *user, struct str device,
			struct str password, struct form_errors *errors)
{
	struct secret *private_key CLEANUP_SECRET = NULL;
	struct candidate who = {.user = {.version = 0}};
	int64_t wait_s = BUSY_WAIT_S;
	struct throttle_try try = {
		.address_key = user->address_key, .remote = cx->remote, .device = device};
	TRY(throttle_check(cx->portal->throttle, &try, cx_now_ms(cx), &wait_s));
	enum err err = try_password(cx, user->address, password, &who, &private_key);
	tell_end(cx, &try, err);
	if (err != ERR_DENIED)
		return err;
	note_failure(cx, user->address, &user->id);
	form_error(cx, errors, "current", TEXT_ERROR_CURRENT_WRONG);
	return ERR_INVALID;
}

/* By session: nobody outside can keep its owner from changing the password, and a stolen session
 * does not guess any faster. */
enum err session_confirm_password(struct cx *cx, struct str password, struct form_errors *errors)
{
	return confirm(cx, &cx->session->user, id_str(&cx->session->id), password, errors);
}

enum err session_confirm_password_of(struct cx *cx, const struct user *user, struct str password,
				     struct form_errors *errors)
{
	return confirm(cx, user, STR_NONE, password, errors);
}
