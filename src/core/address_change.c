#include "core/address_changing.h"

#include "base/limits.h"
#include "core/address.h"
#include "core/audit_log.h"
#include "core/invite.h"
#include "core/people_change.h"
#include "core/people_guard.h"
#include "core/session.h"
#include "core/user.h"

bool address_change_is_oneself(const struct cx *cx, const struct id *user_id)
{
	return cx->session && id_eq(&cx->session->user.id, user_id);
}

enum err address_change_check(const struct cx *cx, const struct id *user_id)
{
	return address_change_is_oneself(cx, user_id) ? OK : people_check_administrator(cx);
}

/* In a transaction: whoever acts may have been signed out, or lost the right, since. */
enum err address_change_check_still(struct cx *cx, struct db *db, const struct id *user_id)
{
	struct way_in own;
	if (!address_change_is_oneself(cx, user_id))
		return people_check_actor(cx, db);
	enum err err = ways_in_by_id(db, cx->arena, &cx->session->id, &own);
	return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
}

static enum err read_user(struct cx *cx, struct db *db, const struct id *id, struct user *ret)
{
	TRY(users_by_id(db, cx->arena, id, ret));
	return users_is_erased(ret) ? ERR_NOT_FOUND : OK;
}

/* ---- what there is ---- */

bool address_change_is_link(const struct way_in *way_in)
{
	return way_in->kind >= WAY_IN_ADDRESS && way_in->kind <= WAY_IN_ADDRESS_BACK;
}

static bool is_pending(struct cx *cx, const struct way_in *way_in)
{
	return address_change_is_link(way_in) && way_in->kind != WAY_IN_ADDRESS_BACK &&
	       way_in->used_ms == 0 && way_in->expires_ms > cx_now_ms(cx);
}

static enum err read_pending(struct cx *cx, struct db *db, struct addresses *addresses)
{
	struct way_in *ways_in;
	size_t count;
	TRY(ways_in_of_user(db, cx->arena, &addresses->user.id, &ways_in, &count));
	addresses->pending_count = 0;
	addresses->pending = ARENA_ARRAY(cx->arena, count + 1, struct address_pending);
	if (addresses->pending == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct way_in *way_in = &ways_in[i];
		if (!is_pending(cx, way_in))
			continue;
		addresses->pending[addresses->pending_count++] = (struct address_pending){
			.id = way_in->id,
			.address = way_in->label,
			.is_alias = way_in->kind == WAY_IN_ALIAS,
			.keeps_old = way_in->kind == WAY_IN_ADDRESS,
			.is_by_them = id_eq(&way_in->made_by, &way_in->user_id),
			.created_ms = way_in->created_ms,
			.expires_ms = way_in->expires_ms,
		};
	}
	return OK;
}

enum err address_change_read(struct cx *cx, struct db *db, const struct id *user_id,
			     struct addresses *ret)
{
	struct addresses found;
	TRY(read_user(cx, db, user_id, &found.user));
	TRY(aliases_of_user(db, cx->arena, user_id, &found.aliases, &found.alias_count));
	TRY(read_pending(cx, db, &found));
	*ret = found;
	return OK;
}

enum err address_change_look(struct cx *cx, const struct id *user_id, struct addresses *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(address_change_check(cx, user_id));
	TRY(store_read_begin(cx->portal->store, &db));
	return address_change_read(cx, db, user_id, ret);
}

bool address_change_is_alias(const struct addresses *addresses, struct str key)
{
	for (size_t i = 0; i < addresses->alias_count; i++)
		if (str_eq(addresses->aliases[i].address_key, key))
			return true;
	return false;
}

/* A rule that makes guests of a domain keeps professionals from going there by themselves. */
enum err address_change_is_allowed(struct cx *cx, struct db *db, const struct address *address,
				   const struct user *user, bool is_own, bool *ret)
{
	struct rule_verdict verdict;
	TRY(invite_judge(cx, db, address, &verdict));
	*ret = verdict.is_allowed &&
	       !(is_own && verdict.is_grade_fixed && verdict.grade < user->grade);
	return OK;
}

struct str address_change_url(struct cx *cx, struct str token)
{
	return arena_printf(cx->arena, "%.*s/address/%.*s", STR_ARGS(cx->portal->settings->url),
			    STR_ARGS(token));
}

/* ---- the log ---- */

/* All their addresses as the act leaves them, their own first, and what it changed. */
enum err address_change_log(struct cx *cx, struct db *db, const struct user *after,
			    struct str address_before, struct str address_after, bool is_by_them)
{
	struct alias *aliases;
	size_t count;
	TRY(aliases_of_user(db, cx->arena, &after->id, &aliases, &count));
	struct audit_act act = {
		.kind = AUDIT_USER_ADDRESS,
		.object_id = after->id,
		.subject = audit_address_words(cx->arena, after, aliases, count),
		.before = address_before,
		.after = address_after,
		.version = after->version,
	};
	if (is_by_them)
		act.actor_id = after->id;
	return cx->arena->failed ? ERR_UNAVAILABLE : audit_log(cx, db, &act);
}

enum err address_change_log_asked(struct cx *cx, struct db *db, const struct id *user_id,
				  struct str withdrawn, struct str asked)
{
	struct audit_act act = {
		.kind = AUDIT_ADDRESS_ASKED,
		.object_id = *user_id,
		.before = withdrawn,
		.after = asked,
	};
	return audit_log(cx, db, &act);
}

/* ---- taking back ---- */

struct removing {
	struct cx *cx;
	struct id user_id;
	struct id pending_id;
	struct str key;
};

static enum err write_withdrawing(struct db *db, void *argument)
{
	const struct removing *removing = argument;
	struct cx *cx = removing->cx;
	struct way_in link;
	TRY(address_change_check_still(cx, db, &removing->user_id));
	TRY(ways_in_by_id(db, cx->arena, &removing->pending_id, &link));
	if (!id_eq(&link.user_id, &removing->user_id) || !is_pending(cx, &link))
		return ERR_NOT_FOUND;
	TRY(ways_in_delete(db, &link.id));
	return address_change_log_asked(cx, db, &removing->user_id, link.label, STR_NONE);
}

enum err address_change_withdraw(struct cx *cx, const struct id *user_id,
				 const struct id *pending_id)
{
	struct removing removing = {.cx = cx, .user_id = *user_id, .pending_id = *pending_id};
	TRY(address_change_check(cx, user_id));
	return store_transact(cx->portal->store, write_withdrawing, &removing, cx->arena);
}

static enum err write_removing(struct db *db, void *argument)
{
	const struct removing *removing = argument;
	struct cx *cx = removing->cx;
	struct user user;
	struct alias alias;
	TRY(address_change_check_still(cx, db, &removing->user_id));
	TRY(read_user(cx, db, &removing->user_id, &user));
	TRY(aliases_by_key(db, cx->arena, removing->key, &alias));
	TRY(aliases_delete(db, &user.id, removing->key));
	TRY(users_update(db, &user, user_keys(cx->arena, &user)));
	return address_change_log(cx, db, &user, alias.address, STR_NONE, false);
}

enum err address_change_remove(struct cx *cx, const struct id *user_id, struct str alias)
{
	struct address address;
	TRY(address_change_check(cx, user_id));
	if (address_parse(cx->arena, alias, &address) != OK)
		return ERR_NOT_FOUND;
	struct removing removing = {.cx = cx, .user_id = *user_id, .key = address.key};
	return store_transact(cx->portal->store, write_removing, &removing, cx->arena);
}
