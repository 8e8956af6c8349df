#include "core/people.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/acquaintance.h"
#include "core/address.h"
#include "core/block.h"
#include "core/fold.h"
#include "core/invite.h"
#include "core/message.h"
#include "core/outbox_mail.h"
#include "core/policy.h"
#include "core/seats.h"
#include "core/session_rights.h"
#include "core/throttle.h"

enum err people_list(struct cx *cx, const struct id *after, int64_t limit, struct user **ret,
		     size_t *ret_count, struct id *ret_last)
{
	struct db *db CLEANUP_READ = NULL;
	struct page page = {.last = *after};
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_page(db, cx->arena, limit, &page, ret));
	*ret_count = page.count;
	*ret_last = page.last;
	return OK;
}

enum err people_find(struct cx *cx, struct str address, struct user *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct address parsed;
	TRY(address_parse(cx->arena, address, &parsed));
	TRY(store_read_begin(cx->portal->store, &db));
	return users_by_key(db, cx->arena, parsed.key, ret);
}

/* A command on the machine acts for nobody and may do everything. */
static enum err check_may_administer(const struct cx *cx)
{
	bool is_allowed = cx->session == NULL || policy_may(cx, ACT_ADMINISTER);
	return is_allowed ? OK : ERR_DENIED;
}

/* ---- adding ---- */

struct adding {
	const struct settings *settings;
	struct invitee invitee;
};

static enum err write_adding(struct db *db, void *argument)
{
	const struct adding *adding = argument;
	if (adding->invitee.user.grade == GRADE_PROFESSIONAL)
		TRY(invite_check_seat(db, adding->settings));
	return invite_write(db, &adding->invitee);
}

static enum err judge(struct cx *cx, const struct address *address, struct rule_verdict *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return invite_judge(cx, db, address, ret);
}

enum err people_add(struct cx *cx, struct str typed, enum grade grade, enum role role,
		    struct form_errors *errors)
{
	struct adding adding = {.settings = cx->portal->settings};
	struct address address = {.text = typed};
	struct rule_verdict verdict;
	bool is_address = address_parse(cx->arena, typed, &address) == OK;
	TRY(check_may_administer(cx));
	/* An administrator is a professional (P1.2). */
	if (role == ROLE_ADMINISTRATOR && grade != GRADE_PROFESSIONAL)
		return ERR_INVALID;
	if (is_address)
		TRY(judge(cx, &address, &verdict));
	if (!is_address || !verdict.is_allowed) {
		form_error(cx, errors, "address",
			   is_address ? TEXT_ERROR_ADDRESS_NOT_ALLOWED : TEXT_ERROR_ADDRESS_BAD,
			   TEXT_ARG("address", form_error_quote(cx, typed)),
			   TEXT_ARG("portal", cx->portal->settings->name));
		return ERR_INVALID;
	}
	struct invite invite = {.address = &address, .grade = grade, .role = role};
	TRY(invite_prepare(cx, &invite, &adding.invitee));
	TRY(store_transact(cx->portal->store, write_adding, &adding, cx->arena));
	log_event(LOG_INFO, "user.added", LOG_STR("user", id_str(&adding.invitee.user.id)));
	outbox_mail_wake(cx->portal);
	return OK;
}

/* ---- changing ---- */

struct changing {
	struct cx *cx;
	struct arena *arena;
	const struct settings *settings;
	struct id id;
	bool changes_grade;
	enum grade grade;
	bool changes_state;
	bool is_enabled;
};

/* P1.5: somebody must be left who can administer. */
static enum err check_last_administrator(struct db *db, const struct user *before,
					 const struct user *after)
{
	int64_t count;
	bool was = before->role == ROLE_ADMINISTRATOR && before->state == USER_ACTIVE;
	bool stays = after->role == ROLE_ADMINISTRATOR && after->state == USER_ACTIVE &&
		     after->grade == GRADE_PROFESSIONAL;
	if (!was || stays)
		return OK;
	TRY(users_count_administrators(db, &count));
	return count > 1 ? OK : ERR_DENIED;
}

static enum err end_sessions(struct db *db, const struct id *user_id)
{
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_BROWSER, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_API, NULL));
	return ways_in_delete_kind(db, user_id, WAY_IN_RESET, NULL);
}

static enum err write_changing(struct db *db, void *argument)
{
	const struct changing *changing = argument;
	struct user before, after;
	TRY(users_by_id(db, changing->arena, &changing->id, &before));
	after = before;
	if (changing->changes_grade) {
		after.grade = changing->grade;
		/* An administrator is a professional (P1.2). */
		if (after.grade == GRADE_GUEST)
			after.role = ROLE_MEMBER;
	}
	if (changing->changes_state && !changing->is_enabled)
		after.state = USER_DISABLED;
	else if (changing->changes_state && before.state == USER_DISABLED)
		after.state = before.is_registered ? USER_ACTIVE : USER_INVITED;
	TRY(check_last_administrator(db, &before, &after));
	if (seats_takes(&after) && !seats_takes(&before))
		TRY(invite_check_seat(db, changing->settings));
	if (after.state == USER_DISABLED)
		TRY(end_sessions(db, &after.id));
	TRY(users_update(db, &after, user_name_key(changing->arena, after.name)));
	return seats_note(changing->cx, db, &before, &after);
}

static enum err change(struct cx *cx, struct changing *changing)
{
	TRY(check_may_administer(cx));
	changing->cx = cx;
	changing->arena = cx->arena;
	changing->settings = cx->portal->settings;
	TRY(store_transact(cx->portal->store, write_changing, changing, cx->arena));
	session_rights_changed(cx->portal, &changing->id);
	log_event(LOG_INFO, "user.changed", LOG_STR("user", id_str(&changing->id)));
	return OK;
}

enum err people_set_grade(struct cx *cx, const struct id *id, enum grade grade)
{
	struct changing changing = {.id = *id, .changes_grade = true, .grade = grade};
	return change(cx, &changing);
}

enum err people_enable(struct cx *cx, const struct id *id, bool is_enabled)
{
	struct changing changing = {.id = *id, .changes_state = true, .is_enabled = is_enabled};
	return change(cx, &changing);
}

/* ---- while typing, and inviting again ---- */

enum err message_suggest(struct cx *cx, struct str typed, struct person **ret, size_t *ret_count)
{
	enum { SUGGESTIONS = 8, TYPED_MAX_BYTES = 100 };
	struct db *db CLEANUP_READ = NULL;
	const struct user *self = &cx->session->user;
	struct user *users = NULL;
	struct blockers blockers;
	struct str folded;
	size_t count = 0, kept = 0;
	*ret_count = 0;
	typed = str_trim(typed);
	if (typed.len == 0 || typed.len > TYPED_MAX_BYTES)
		return OK;
	TRY(fold_text(cx->arena, typed, &folded));
	TRY(store_read_begin(cx->portal->store, &db));
	const struct id *known_to = policy_may(cx, ACT_WRITE_TO_GUEST) ? NULL : &self->id;
	TRY(users_find(db, cx->arena, folded, known_to, SUGGESTIONS + 1, &users, &count));
	TRY(block_load(cx, db, self, &blockers));
	struct person *people = ARENA_ARRAY(cx->arena, count + 1, struct person);
	if (people == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count && kept < SUGGESTIONS; i++) {
		bool may_write;
		if (id_eq(&users[i].id, &self->id) ||
		    block_state(&blockers, &users[i]) == USER_DISABLED)
			continue;
		TRY(acquaintance_allows(cx, db, self, &users[i].id, &may_write));
		if (may_write)
			people[kept++] =
				(struct person){users[i].id, users[i].name, users[i].address,
						users[i].grade, users[i].state};
	}
	*ret = people;
	*ret_count = kept;
	return OK;
}

enum err message_resend_invitation(struct cx *cx, const struct id *user_id)
{
	const struct user *self = &cx->session->user;
	struct user user;
	{
		struct db *db CLEANUP_READ = NULL;
		TRY(store_read_begin(cx->portal->store, &db));
		TRY(users_by_id(db, cx->arena, user_id, &user));
	}
	if (!policy_is_inviter(cx, &user))
		return ERR_NOT_FOUND;
	if (!policy_may_invite_again(cx, &user))
		return ERR_CONFLICT;
	/* Enough links of this hour are in their mail already; the newest stays good. */
	TRY(throttle_take(cx->portal->throttle, "renew", id_str(&user.id), 1,
			  LIMIT_INVITATIONS_AGAIN_PER_HOUR, HOUR_MS, cx_now_ms(cx)));
	return invite_again(cx, &user, self);
}
