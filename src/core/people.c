#include "core/people.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/acquaintance.h"
#include "core/address.h"
#include "core/audit_log.h"
#include "core/block.h"
#include "core/fold.h"
#include "core/invite.h"
#include "core/message.h"
#include "core/outbox_mail.h"
#include "core/people_change.h"
#include "core/people_guard.h"
#include "core/policy.h"
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

enum err people_get(struct cx *cx, const struct id *id, struct user *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(people_check_administrator(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_by_id(db, cx->arena, id, ret));
	return users_is_erased(ret) ? ERR_NOT_FOUND : OK;
}

/* ---- adding ---- */

struct adding {
	struct cx *cx;
	const struct settings *settings;
	struct invitee invitee;
};

static enum err write_adding(struct db *db, void *argument)
{
	const struct adding *adding = argument;
	TRY(people_check_actor(adding->cx, db));
	if (adding->invitee.user.grade == GRADE_PROFESSIONAL)
		TRY(invite_check_seat(db, adding->settings));
	TRY(invite_write(db, &adding->invitee));
	const struct user *user = &adding->invitee.user;
	return audit_log_user(adding->cx, db, AUDIT_USER_ADDED, NULL, user, user->address);
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
	struct adding adding = {.cx = cx, .settings = cx->portal->settings};
	struct address address = {.text = typed};
	struct rule_verdict verdict;
	bool is_address = address_parse(cx->arena, typed, &address) == OK;
	TRY(people_check_administrator(cx));
	/* An administrator is a professional (P1.2). */
	if (role == ROLE_ADMINISTRATOR && grade != GRADE_PROFESSIONAL) {
		form_error(cx, errors, "role", TEXT_ADMIN_USERS_GUEST_ROLE_NEW);
		return ERR_INVALID;
	}
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
	enum err err = store_transact(cx->portal->store, write_adding, &adding, cx->arena);
	if (err == ERR_CONFLICT)
		form_error(cx, errors, "address", TEXT_ADMIN_USERS_EXISTS,
			   TEXT_ARG("address", address.text));
	if (err == ERR_TOO_LARGE)
		form_error(cx, errors, "grade", TEXT_ADMIN_USERS_NO_SEAT,
			   TEXT_NUMBER("count", adding.settings->seat_limit),
			   TEXT_ARG("portal", adding.settings->name));
	TRY(err);
	log_event(LOG_INFO, "user.added", LOG_STR("user", id_str(&adding.invitee.user.id)));
	outbox_mail_wake(cx->portal);
	return OK;
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
