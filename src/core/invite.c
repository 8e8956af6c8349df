#include "core/invite.h"

#include "base/limits.h"
#include "core/audit_log.h"
#include "core/outbox_mail.h"
#include "core/seats.h"
#include "core/session.h"
#include "core/way_in.h"

#include <string.h>

static enum err find_rule(struct db *db, struct arena *arena, const struct address *address,
			  struct rule *ret)
{
	enum err err = rules_get(db, arena, address->key, ret);
	if (err == ERR_NOT_FOUND)
		err = rules_get(db, arena, address->domain, ret);
	for (struct str rest = address->domain; err == ERR_NOT_FOUND && rest.len > 0;) {
		struct str label;
		err = rules_get(db, arena, arena_printf(arena, ".%.*s", STR_ARGS(rest)), ret);
		if (!str_next(&rest, '.', &label))
			break;
	}
	return err;
}

enum err invite_judge(struct cx *cx, struct db *db, const struct address *address,
		      struct rule_verdict *ret)
{
	struct rule rule;
	enum err err = find_rule(db, cx->arena, address, &rule);
	if (err == ERR_NOT_FOUND) {
		*ret = (struct rule_verdict){.is_allowed =
						     cx->portal->settings->access == ACCESS_OPEN};
		return OK;
	}
	TRY(err);
	*ret = (struct rule_verdict){
		.is_allowed = rule.is_allowed,
		.is_grade_fixed = rule.grade != 0,
		.grade = rule.grade,
		.pattern = rule.pattern,
	};
	return OK;
}

static struct str link_of(struct cx *cx, struct str token)
{
	return arena_printf(cx->arena, "%.*s/register/%.*s", STR_ARGS(cx->portal->settings->url),
			    STR_ARGS(token));
}

static enum err prepare_mail(struct cx *cx, const struct user *user, const struct user *inviter,
			     struct str link, const struct id *message_id, int64_t expires_ms,
			     struct mail_row *ret)
{
	struct outbox_letter letter = {
		.kind = MAIL_INVITATION,
		.to = user,
		.from_name = inviter ? user_label(inviter) : STR_NONE,
		.link = link,
		.message_id = *message_id,
		.expires_ms = expires_ms,
	};
	return outbox_mail_prepare(cx, &letter, ret);
}

enum err invite_prepare(struct cx *cx, const struct invite *invite, struct invitee *ret)
{
	struct secret *private_key CLEANUP_SECRET = NULL;
	struct str token;
	int64_t now_ms = cx_now_ms(cx);
	struct invitee invitee = {.user = {
					  .id = id_new(now_ms),
					  .address = invite->address->text,
					  .address_key = invite->address->key,
					  .name = invite->name,
					  .language = invite->language,
					  .grade = invite->grade,
					  .role = invite->role,
					  .state = USER_INVITED,
					  .custody = cx->portal->settings->custody,
					  .version = 1,
					  .created_ms = now_ms,
				  }};
	invitee.keys = user_keys(cx->arena, &invitee.user);
	if (cx->session)
		invitee.by = cx->session->user.id;
	if (invite->inviter)
		invitee.by = invitee.user.invited_by = invite->inviter->id;
	TRY(keypair_new(&private_key, invitee.user.public_key));
	TRY(way_in_portal(cx, &invitee.user, private_key, &invitee.portal));
	TRY(way_in_link(cx, &invitee.user, private_key, WAY_IN_INVITATION, &invitee.user.invited_by,
			&invitee.invitation, &token));
	invitee.link = link_of(cx, token);
	if (!invite->is_unmailed) {
		invitee.has_mail = true;
		TRY(prepare_mail(cx, &invitee.user, invite->inviter, invitee.link,
				 &invite->message_id, invitee.invitation.expires_ms,
				 &invitee.mail));
	}
	*ret = invitee;
	return OK;
}

enum err invite_check_seat(struct db *db, const struct settings *settings)
{
	int64_t seats;
	if (settings->seat_limit == 0)
		return OK;
	TRY(users_count_seats(db, &seats));
	return seats < settings->seat_limit ? OK : ERR_TOO_LARGE;
}

enum err invite_write(struct db *db, const struct invitee *invitee)
{
	TRY(users_insert(db, &invitee->user, invitee->keys));
	TRY(seats_note_by(db, &invitee->by, invitee->user.created_ms, NULL, &invitee->user));
	TRY(ways_in_insert(db, &invitee->portal));
	TRY(ways_in_insert(db, &invitee->invitation));
	return invitee->has_mail ? mails_insert(db, &invitee->mail) : OK;
}

enum err invite_retire_links(struct db *db, struct arena *arena, const struct id *user_id,
			     int64_t now_ms)
{
	struct way_in *ways_in;
	size_t count;
	TRY(ways_in_of_user(db, arena, user_id, &ways_in, &count));
	for (size_t i = 0; i < count; i++) {
		struct way_in *link = &ways_in[i];
		if (link->kind != WAY_IN_INVITATION || link->wrapped.len == 0)
			continue;
		link->wrapped = STR("");
		if (link->expires_ms > now_ms)
			link->expires_ms = now_ms;
		TRY(ways_in_update(db, link, link->used_ms));
	}
	return OK;
}

enum err invite_again_write(struct db *db, const struct invite_again *again)
{
	struct arena arena CLEANUP_ARENA; /* it may run again */
	struct user now;
	arena_init(&arena, LIMIT_BODY_SMALL);
	TRY(users_by_id(db, &arena, &again->user_id, &now));
	if (now.version != again->user_version || now.state != USER_INVITED)
		return ERR_CONFLICT;
	TRY(mails_cancel(db, &now.id, MAIL_INVITATION));
	TRY(invite_retire_links(db, &arena, &now.id, again->invitation.created_ms));
	TRY(ways_in_insert(db, &again->invitation));
	return mails_insert(db, &again->mail);
}

struct writing_again {
	struct cx *cx;
	struct invite_again again;
	struct str address;
};

/* By somebody for another, or by whoever holds an old link or says that they cannot sign in. */
static enum err write_again(struct db *db, void *argument)
{
	const struct writing_again *writing = argument;
	struct cx *cx = writing->cx;
	bool is_own = cx->session == NULL && cx->remote.len > 0;
	TRY(invite_again_write(db, &writing->again));
	struct audit_act act = {
		.kind = is_own ? AUDIT_HELP_ASKED : AUDIT_INVITED_AGAIN,
		.object_id = writing->again.user_id,
		.subject = writing->address,
	};
	return audit_log(cx, db, &act);
}

/* Whoever has registered since they were read has no such way in any more, or one for another key.
 * In this order: what is read first may be from before, on PostgreSQL. */
static enum err open_pending_key(struct cx *cx, const struct user *user,
				 struct secret **ret_private)
{
	struct db *db CLEANUP_READ = NULL;
	struct way_in portal;
	struct user now;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = ways_in_newest(db, cx->arena, &user->id, WAY_IN_PORTAL, &portal);
	TRY(users_by_id(db, cx->arena, &user->id, &now));
	if (now.version != user->version)
		return ERR_CONFLICT;
	TRY(err);
	return way_in_open_portal(cx, &portal, user, ret_private);
}

enum err invite_again_prepare(struct cx *cx, const struct user *user, const struct user *inviter,
			      const struct id *message_id, struct invite_again *ret)
{
	struct secret *private_key CLEANUP_SECRET = NULL;
	struct invite_again again = {.user_id = user->id, .user_version = user->version};
	struct str token;
	TRY(open_pending_key(cx, user, &private_key));
	TRY(way_in_link(cx, user, private_key, WAY_IN_INVITATION,
			inviter ? &inviter->id : &user->invited_by, &again.invitation, &token));
	TRY(prepare_mail(cx, user, inviter, link_of(cx, token), message_id,
			 again.invitation.expires_ms, &again.mail));
	*ret = again;
	return OK;
}

enum err invite_again(struct cx *cx, const struct user *user, const struct user *inviter)
{
	struct writing_again writing = {.cx = cx, .address = user->address};
	if (user->state != USER_INVITED)
		return ERR_CONFLICT;
	TRY(invite_again_prepare(cx, user, inviter, &(struct id){0}, &writing.again));
	TRY(store_transact(cx->portal->store, write_again, &writing, cx->arena));
	outbox_mail_wake(cx->portal);
	return OK;
}
