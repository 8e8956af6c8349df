#include "core/people_guard.h"

#include "core/session.h"
#include "store/users.h"

static bool is_administrator(const struct user *user)
{
	return user->role == ROLE_ADMINISTRATOR && user->state == USER_ACTIVE &&
	       user->grade == GRADE_PROFESSIONAL;
}

enum err people_check_actor(const struct cx *cx, struct db *db)
{
	struct user now;
	if (cx->session == NULL)
		return OK;
	TRY(users_by_id(db, cx->arena, &cx->session->user.id, &now));
	return is_administrator(&now) ? OK : ERR_DENIED;
}

static enum people_refusal about_self(const struct user *after)
{
	if (users_is_erased(after))
		return PEOPLE_REFUSED_SELF_ERASED;
	return after->state == USER_ACTIVE ? PEOPLE_REFUSED_SELF_GRADE : PEOPLE_REFUSED_SELF_STATE;
}

enum err people_guard(const struct cx *cx, struct db *db, const struct user *before,
		      const struct user *after, enum people_refusal *ret_why)
{
	int64_t count;
	bool is_self = cx->session && id_eq(&cx->session->user.id, &before->id);
	*ret_why = PEOPLE_ALLOWED;
	if (!is_administrator(before) || is_administrator(after))
		return OK;
	TRY(users_count_administrators(db, &count));
	if (count <= 1)
		*ret_why = PEOPLE_REFUSED_LAST;
	else if (is_self)
		*ret_why = about_self(after);
	return *ret_why == PEOPLE_ALLOWED ? OK : ERR_DENIED;
}

void people_guard_tell(struct cx *cx, enum people_refusal why, const struct user *user,
		       struct form_errors *errors)
{
	static const struct {
		const char *field;
		enum text_id sentence;
	} refusals[] = {
		[PEOPLE_REFUSED_LAST] = {"", TEXT_ADMIN_USERS_LAST_ADMINISTRATOR},
		[PEOPLE_REFUSED_SELF_GRADE] = {"", TEXT_ADMIN_USERS_NOT_ONESELF},
		[PEOPLE_REFUSED_SELF_STATE] = {"state", TEXT_ADMIN_USERS_NOT_ONESELF_STATE},
		[PEOPLE_REFUSED_SELF_ERASED] = {"", TEXT_ADMIN_USERS_NOT_ONESELF_ERASED},
	};
	if (why != PEOPLE_ALLOWED)
		form_error(cx, errors, refusals[why].field, refusals[why].sentence,
			   TEXT_ARG("person", user_label(user)));
}
