#include "core/people_change.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/account_mail.h"
#include "core/audit_log.h"
#include "core/invite.h"
#include "core/outbox_mail.h"
#include "core/people.h"
#include "core/people_guard.h"
#include "core/policy.h"
#include "core/seats.h"
#include "core/session.h"
#include "core/session_begin.h"
#include "core/session_rights.h"
#include "core/throttle.h"

/* A command on the machine acts for nobody and may do everything. */
enum err people_check_administrator(const struct cx *cx)
{
	bool is_allowed = cx->session == NULL || policy_may(cx, ACT_ADMINISTER);
	return is_allowed ? OK : ERR_DENIED;
}

/* Why not, for whoever wants it; besides the rule about administrators. */
enum refusal {
	REFUSED_NOT,
	REFUSED_SEAT,
	REFUSED_GUEST_ROLE,
};

static const struct refused {
	enum err err;
	const char *field;
	enum text_id sentence;
} refusals[] = {
	[REFUSED_SEAT] = {ERR_TOO_LARGE, "grade", TEXT_ADMIN_USERS_NO_SEAT},
	[REFUSED_GUEST_ROLE] = {ERR_INVALID, "role", TEXT_ADMIN_USERS_GUEST_ROLE},
};

struct changing {
	struct cx *cx;
	const struct settings *settings;
	struct id id;
	struct people_change change;
	/* By the transaction. */
	struct user after;
	bool is_changed;
	enum refusal refusal;
	enum people_refusal guarded;
};

static enum err refuse(struct changing *changing, enum refusal refusal)
{
	changing->refusal = refusal;
	return refusals[refusal].err;
}

static enum err check_seat(struct db *db, struct changing *changing, const struct user *before)
{
	if (!seats_takes(&changing->after) || seats_takes(before))
		return OK;
	enum err err = invite_check_seat(db, changing->settings);
	return err == ERR_TOO_LARGE ? refuse(changing, REFUSED_SEAT) : err;
}

static enum err end_sessions(struct db *db, const struct id *user_id)
{
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_BROWSER, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_API, NULL));
	return ways_in_delete_kind(db, user_id, WAY_IN_RESET, NULL);
}

static struct user changed(const struct user *before, const struct people_change *change)
{
	struct user after = *before;
	if (change->has_grade)
		after.grade = change->grade;
	if (change->has_role)
		after.role = change->role;
	else if (change->has_grade && after.grade == GRADE_GUEST)
		after.role = ROLE_MEMBER;
	if (change->has_state && !change->is_enabled)
		after.state = USER_DISABLED;
	else if (change->has_state && before->state == USER_DISABLED)
		after.state = before->is_registered ? USER_ACTIVE : USER_INVITED;
	return after;
}

static enum err write_changing(struct db *db, void *argument)
{
	struct changing *changing = argument;
	struct arena *arena = changing->cx->arena;
	const struct people_change *change = &changing->change;
	struct user before;
	changing->refusal = REFUSED_NOT;
	changing->guarded = PEOPLE_ALLOWED;
	TRY(people_check_actor(changing->cx, db));
	TRY(users_by_id(db, arena, &changing->id, &before));
	if (users_is_erased(&before))
		return ERR_NOT_FOUND;
	if (change->seen_version != 0 && change->seen_version != before.version)
		return ERR_CONFLICT;
	changing->after = changed(&before, change);
	struct user *after = &changing->after;
	changing->is_changed = after->grade != before.grade || after->role != before.role ||
			       after->state != before.state;
	if (!changing->is_changed)
		return OK;
	if (after->role == ROLE_ADMINISTRATOR && after->grade != GRADE_PROFESSIONAL)
		return refuse(changing, REFUSED_GUEST_ROLE);
	TRY(people_guard(changing->cx, db, &before, after, &changing->guarded));
	TRY(check_seat(db, changing, &before));
	if (after->state == USER_DISABLED)
		TRY(end_sessions(db, &after->id));
	TRY(users_update(db, after, user_keys(arena, after)));
	TRY(seats_note(changing->cx, db, &before, after));
	return audit_log_user(changing->cx, db, AUDIT_USER_CHANGED, &before, after, after->address);
}

enum err people_change(struct cx *cx, const struct id *id, const struct people_change *change,
		       struct user *ret_after, struct form_errors *errors)
{
	struct changing changing = {
		.cx = cx, .settings = cx->portal->settings, .id = *id, .change = *change};
	TRY(people_check_administrator(cx));
	enum err err = store_transact(cx->portal->store, write_changing, &changing, cx->arena);
	if (err != OK && changing.refusal != REFUSED_NOT)
		form_error(cx, errors, refusals[changing.refusal].field,
			   refusals[changing.refusal].sentence,
			   TEXT_ARG("person", user_label(&changing.after)),
			   TEXT_NUMBER("count", changing.settings->seat_limit),
			   TEXT_ARG("portal", changing.settings->name));
	if (err != OK)
		people_guard_tell(cx, changing.guarded, &changing.after, errors);
	TRY(err);
	if (ret_after)
		*ret_after = changing.after;
	if (!changing.is_changed)
		return OK;
	session_rights_changed(cx->portal, id);
	log_event(LOG_INFO, "user.changed", LOG_STR("user", id_str(id)));
	return OK;
}

enum err people_set_grade(struct cx *cx, const struct id *id, enum grade grade)
{
	struct form_errors errors = {.count = 0};
	return people_change(cx, id, &(struct people_change){.has_grade = true, .grade = grade},
			     NULL, &errors);
}

enum err people_enable(struct cx *cx, const struct id *id, bool is_enabled)
{
	struct form_errors errors = {.count = 0};
	return people_change(cx, id,
			     &(struct people_change){.has_state = true, .is_enabled = is_enabled},
			     NULL, &errors);
}

/* ---- helping in ---- */

struct helping {
	struct cx *cx;
	struct user user;
	struct account_reset_mail reset;
};

static enum err refuse_help(struct cx *cx, const struct user *user, enum err err,
			    enum text_id sentence, struct form_errors *errors)
{
	form_error(cx, errors, "", sentence, TEXT_ARG("person", user_label(user)));
	return err;
}

enum err people_invite_again(struct cx *cx, const struct id *id, struct form_errors *errors)
{
	struct user invited;
	const struct user *user = &invited;
	TRY(people_get(cx, id, &invited));
	if (user->state != USER_INVITED)
		return refuse_help(cx, user, ERR_CONFLICT,
				   user->state == USER_ACTIVE ? TEXT_ADMIN_USERS_REGISTERED_ALREADY
							      : TEXT_ADMIN_USERS_IS_DISABLED,
				   errors);
	if (throttle_take(cx->portal->throttle, "renew", id_str(&user->id), 1,
			  LIMIT_INVITATIONS_AGAIN_PER_HOUR, HOUR_MS, cx_now_ms(cx)) != OK)
		return refuse_help(cx, user, ERR_BUSY, TEXT_ADMIN_USERS_OFTEN, errors);
	return invite_again(cx, user, cx->session ? &cx->session->user : NULL);
}

static enum err write_help(struct db *db, void *argument)
{
	const struct helping *helping = argument;
	struct user now;
	TRY(people_check_actor(helping->cx, db));
	TRY(users_by_id(db, helping->cx->arena, &helping->user.id, &now));
	if (now.version != helping->user.version)
		return ERR_CONFLICT;
	TRY(account_reset_mail_write(db, &helping->reset));
	struct audit_act act = {
		.kind = AUDIT_USER_HELPED, .object_id = now.id, .subject = now.address};
	return audit_log(helping->cx, db, &act);
}

enum err people_help(struct cx *cx, const struct id *id, struct form_errors *errors)
{
	struct helping helping = {.cx = cx};
	const struct user *user = &helping.user;
	TRY(people_get(cx, id, &helping.user));
	if (user->state != USER_ACTIVE)
		return refuse_help(cx, user, ERR_CONFLICT,
				   user->state == USER_INVITED ? TEXT_ADMIN_USERS_NOT_REGISTERED
							       : TEXT_ADMIN_USERS_IS_DISABLED,
				   errors);
	if (user->custody == CUSTODY_STRICT)
		return refuse_help(cx, user, ERR_CONFLICT, TEXT_ADMIN_USERS_STRICT, errors);
	if (throttle_take(cx->portal->throttle, "help", user->address_key, 1,
			  LIMIT_HELP_MAILS_PER_HOUR, HOUR_MS, cx_now_ms(cx)) != OK)
		return refuse_help(cx, user, ERR_BUSY, TEXT_ADMIN_USERS_OFTEN, errors);
	TRY(account_reset_mail_prepare(cx, user, &helping.reset));
	TRY(store_transact(cx->portal->store, write_help, &helping, cx->arena));
	outbox_mail_wake(cx->portal);
	return OK;
}

/* ---- sessions ---- */

enum err people_ways_in(struct cx *cx, const struct id *id, struct way_in_view **ret,
			size_t *ret_count)
{
	TRY(people_check_administrator(cx));
	return session_ways_in_of(cx, id, ret, ret_count);
}

struct ending {
	struct cx *cx;
	struct id user_id;
	struct id session_id;
};

static enum err write_end(struct db *db, void *argument)
{
	const struct ending *ending = argument;
	struct way_in way_in;
	struct user user;
	TRY(people_check_actor(ending->cx, db));
	TRY(ways_in_with_user(db, ending->cx->arena, &ending->session_id, &way_in, &user));
	bool is_session = way_in.kind == WAY_IN_BROWSER || way_in.kind == WAY_IN_API;
	if (!is_session || !id_eq(&user.id, &ending->user_id))
		return ERR_NOT_FOUND;
	TRY(ways_in_delete(db, &way_in.id));
	struct audit_act act = {
		.kind = AUDIT_SESSION_ENDED, .object_id = user.id, .subject = user.address};
	return audit_log(ending->cx, db, &act);
}

enum err people_end_session(struct cx *cx, const struct id *id, const struct id *session_id)
{
	struct ending ending = {.cx = cx, .user_id = *id, .session_id = *session_id};
	TRY(people_check_administrator(cx));
	TRY(store_transact(cx->portal->store, write_end, &ending, cx->arena));
	session_rights_changed(cx->portal, id);
	return OK;
}
