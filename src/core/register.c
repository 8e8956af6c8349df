#include "core/register.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/audit_log.h"
#include "core/fold.h"
#include "core/invite.h"
#include "core/name_rules.h"
#include "core/outbox_mail.h"
#include "core/password_rules.h"
#include "core/session_begin.h"
#include "core/texts.h"
#include "core/throttle.h"
#include "core/waiting_keys.h"
#include "store/address_proofs.h"
#include "store/waiting.h"

#include <string.h>

enum { REGISTER_TRIES = 8 };

/* An invitation as it stands: the link's row and the person. ERR_NOT_FOUND unless the token is the
 * very one. */
struct invited {
	struct way_in way_in;
	struct user user;
};

static enum err find(struct cx *cx, struct db *db, const struct token *token, struct invited *ret)
{
	TRY(ways_in_with_user(db, cx->arena, &token->id, &ret->way_in, &ret->user));
	bool is_this =
		ret->way_in.kind == WAY_IN_INVITATION && way_in_is_token(&ret->way_in, token);
	return is_this ? OK : ERR_NOT_FOUND;
}

static enum link_state state_of(struct cx *cx, const struct invited *invited)
{
	if (invited->way_in.used_ms != 0 || invited->user.state != USER_INVITED)
		return LINK_USED;
	/* invite_retire_links() took its key. */
	if (invited->way_in.wrapped.len == 0)
		return LINK_REPLACED;
	return invited->way_in.expires_ms <= cx_now_ms(cx) ? LINK_EXPIRED : LINK_GOOD;
}

static enum err find_inviter(struct cx *cx, struct db *db, const struct invited *invited,
			     struct str *ret)
{
	struct user inviter;
	*ret = STR_NONE;
	if (id_is_empty(&invited->way_in.made_by))
		return OK;
	enum err err = users_by_id(db, cx->arena, &invited->way_in.made_by, &inviter);
	if (err == OK)
		*ret = user_label(&inviter);
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err look(struct cx *cx, struct db *db, const struct token *token,
		     struct invitation_view *ret)
{
	struct invited invited;
	TRY(find(cx, db, token, &invited));
	struct invitation_view view = {
		.state = state_of(cx, &invited),
		.address = invited.user.address,
		.grade = invited.user.grade,
		.custody = invited.user.custody,
		.expires_ms = invited.way_in.expires_ms,
	};
	TRY(find_inviter(cx, db, &invited, &view.inviter));
	if (view.state != LINK_USED)
		TRY(waiting_count(db, &invited.user.id, LIMIT_WAITING_MESSAGES,
				  &view.waiting_count));
	if (view.waiting_count > 0)
		TRY(waiting_newest(db, &invited.user.id, &view.message_id));
	*ret = view;
	return OK;
}

enum err register_look(struct cx *cx, struct str text, struct invitation_view *ret)
{
	struct token token CLEANUP_TOKEN = {0};
	struct db *db CLEANUP_READ = NULL;
	if (token_parse(text, &token) != OK)
		return ERR_NOT_FOUND;
	TRY(store_read_begin(cx->portal->store, &db));
	return look(cx, db, &token, ret);
}

/* ERR_CONFLICT: it was used, has expired or was replaced. */
static enum err find_good(struct cx *cx, struct db *db, const struct token *token,
			  struct invited *ret)
{
	TRY(find(cx, db, token, ret));
	return state_of(cx, ret) == LINK_GOOD ? OK : ERR_CONFLICT;
}

/* ---- registering ---- */

struct registering {
	struct cx *cx;
	struct arena *arena;
	struct way_in invitation; /* as found; spent by this */
	struct user user;         /* as found; `next` is what it becomes */
	struct user next;
	struct way_in password, recovery, portal;
	struct session_begin session;
	struct waiting_keys waiting;
	int64_t now_ms;
	struct users_keys keys;
	struct address_proof proof; /* the link went to their address */
	struct mail_row welcome;
	bool is_welcomed;
};

static enum err write_registration(struct db *db, void *argument)
{
	const struct registering *registering = argument;
	struct user next = registering->next;
	struct way_in spent = registering->invitation;
	TRY(users_update(db, &next, registering->keys));
	spent.used_ms = registering->now_ms;
	spent.wrapped = STR("");
	TRY(ways_in_update(db, &spent, 0));
	/* At set-up the link is printed, and proves nothing of the address. */
	if (!id_is_empty(&spent.made_by))
		TRY(address_proofs_add(db, &registering->proof));
	TRY(invite_retire_links(db, registering->arena, &next.id, registering->now_ms));
	TRY(ways_in_delete_kind(db, &next.id, WAY_IN_PORTAL, NULL));
	TRY(mails_cancel(db, &next.id, MAIL_INVITATION));
	TRY(waiting_keys_write(db, registering->arena, &next.id, &registering->waiting));
	TRY(ways_in_insert(db, &registering->password));
	TRY(ways_in_insert(db, &registering->recovery));
	if (registering->is_welcomed)
		TRY(mails_insert(db, &registering->welcome));
	if (next.custody == CUSTODY_MANAGED)
		TRY(ways_in_insert(db, &registering->portal));
	TRY(session_begin_write(db, &registering->session));
	return audit_log_user(registering->cx, db, AUDIT_REGISTERED, &registering->user, &next,
			      next.address);
}

struct wishes {
	struct str name, password; /* checked and normalised */
	enum session_kind kind;
	struct str user_agent;
};

/* A key pair of one's own and its ways in: what lay in the mail, or in the portal's hands until
 * now, opens nothing later. Made once, because it is slow and messages may come in meanwhile. */
static enum err prepare_keys(struct cx *cx, const struct wishes *wishes,
			     struct registering *registering, struct secret **ret_private,
			     struct str *ret_recovery_code)
{
	struct user *next = &registering->next;
	TRY(keypair_new(ret_private, next->public_key));
	TRY(way_in_password(cx, next, *ret_private, wishes->password, &registering->password));
	TRY(way_in_recovery(cx, next, *ret_private, &registering->recovery, ret_recovery_code));
	if (next->custody == CUSTODY_MANAGED)
		TRY(way_in_portal(cx, next, *ret_private, &registering->portal));
	return session_begin_prepare(cx, next, *ret_private, wishes->kind, wishes->user_agent,
				     &registering->session);
}

static enum err find_registering(struct cx *cx, const struct token *token,
				 struct registering *registering)
{
	struct db *db CLEANUP_READ = NULL;
	struct invited invited;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(find_good(cx, db, token, &invited));
	registering->invitation = invited.way_in;
	registering->user = invited.user;
	return waiting_keys_find(db, cx->arena, &invited.user.id, &registering->waiting);
}

static enum err rewrap_waiting(struct cx *cx, const struct token *token,
			       const struct secret *private_key, struct registering *registering)
{
	struct secret *old_private CLEANUP_SECRET = NULL;
	TRY(way_in_open_token(&registering->invitation, token, &old_private));
	return waiting_keys_rewrap(cx, &registering->user, old_private, private_key,
				   &registering->waiting);
}

static enum err try_register(struct cx *cx, const struct token *token, const struct wishes *wishes,
			     const struct secret *private_key, struct registering *registering)
{
	struct user *next = &registering->next;
	uint8_t public_key[PUBLIC_KEY_BYTES];
	TRY(find_registering(cx, token, registering));
	memcpy(public_key, next->public_key, sizeof(public_key));
	*next = registering->user;
	memcpy(next->public_key, public_key, sizeof(public_key));
	next->name = wishes->name;
	next->state = USER_ACTIVE;
	next->is_registered = true;
	registering->keys = user_keys(cx->arena, next);
	registering->now_ms = cx_now_ms(cx);
	registering->proof = (struct address_proof){
		.user_id = next->id,
		.at_ms = registering->now_ms,
		.kind = ADDRESS_PROOF_INVITATION,
		.address = next->address_key,
		.link = registering->invitation.secret_hash,
	};
	TRY(rewrap_waiting(cx, token, private_key, registering));
	TRY(texts_welcome(cx, next, &registering->welcome, &registering->is_welcomed));
	TRY(store_transact(cx->portal->store, write_registration, registering, cx->arena));
	next->version++;
	return OK;
}

/* A conflict is a message that arrived meanwhile, or somebody using the link: find_registering()
 * tells them apart. */
static enum err keep_trying(struct cx *cx, const struct token *token, const struct wishes *wishes,
			    const struct secret *private_key, struct registering *registering)
{
	for (int i = 0; i < REGISTER_TRIES; i++) {
		enum err err = try_register(cx, token, wishes, private_key, registering);
		if (err != ERR_CONFLICT)
			return err;
		TRY(find_registering(cx, token, registering));
	}
	return ERR_BUSY;
}

static enum err check_wishes(struct cx *cx, const struct token *token, struct str name,
			     struct str password, bool is_terms_agreed, struct wishes *wishes,
			     struct user *ret_user, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct invited invited;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(find_good(cx, db, token, &invited));
	*ret_user = invited.user;
	enum err name_err = name_rules_check(cx, name, &wishes->name, errors);
	enum err password_err = password_rules_check(cx, password, name, invited.user.address,
						     &wishes->password, errors);
	if (cx->portal->settings->terms_url.len > 0 && !is_terms_agreed) {
		form_error(cx, errors, "terms", TEXT_ERROR_TERMS_NOT_AGREED);
		return ERR_INVALID;
	}
	TRY(name_err);
	return password_err;
}

enum err register_complete(struct cx *cx, struct str text, struct str name, struct str password,
			   bool is_terms_agreed, enum session_kind kind, struct str user_agent,
			   struct registration *ret, struct form_errors *errors)
{
	struct token token CLEANUP_TOKEN = {0};
	struct wishes wishes = {.kind = kind, .user_agent = user_agent};
	if (token_parse(text, &token) != OK)
		return ERR_NOT_FOUND;
	struct registering registering = {.cx = cx, .arena = cx->arena};
	struct user *next = &registering.next;
	struct secret *private_key CLEANUP_SECRET = NULL;
	struct registration registration = {0};
	TRY(check_wishes(cx, &token, name, password, is_terms_agreed, &wishes, next, errors));
	TRY(prepare_keys(cx, &wishes, &registering, &private_key, &registration.recovery_code));
	enum err err = keep_trying(cx, &token, &wishes, private_key, &registering);
	if (err != OK) {
		session_begin_release(&registering.session);
		return err;
	}
	log_event(LOG_INFO, "user.registered", LOG_STR("user", id_str(&next->id)),
		  LOG_STR("remote", cx->remote));
	if (registering.is_welcomed)
		outbox_mail_wake(cx->portal);
	if (registering.waiting.count > 0)
		registration.message_id = registering.waiting.wrapped[0].message_id;
	session_begin_finish(cx, &registering.session, next, &registration.sign_in);
	*ret = registration;
	return OK;
}

enum err register_renew(struct cx *cx, struct str text)
{
	struct token token CLEANUP_TOKEN = {0};
	struct invited invited;
	if (token_parse(text, &token) != OK)
		return OK;
	{
		struct db *db CLEANUP_READ = NULL;
		TRY(store_read_begin(cx->portal->store, &db));
		enum err err = find(cx, db, &token, &invited);
		if (err == ERR_NOT_FOUND)
			return OK;
		TRY(err);
	}
	enum link_state link = state_of(cx, &invited);
	if (link != LINK_EXPIRED && link != LINK_REPLACED)
		return OK;
	/* So rarely that whoever holds an old link cannot keep the newest one from being used. */
	if (throttle_take(cx->portal->throttle, "renew", id_str(&invited.user.id), 1,
			  LIMIT_INVITATIONS_AGAIN_PER_HOUR, HOUR_MS, cx_now_ms(cx)) != OK)
		return OK;
	enum err err = invite_again(cx, &invited.user, NULL);
	return err == ERR_CONFLICT ? OK : err;
}
