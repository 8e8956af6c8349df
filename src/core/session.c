#include "core/session.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/audit_log.h"
#include "core/device.h"
#include "core/session_begin.h"
#include "core/session_rights.h"
#include "crypto/token.h"

enum { SEEN_EVERY_MS = 60 * 1000 };

static enum way_in_kind kind_of(enum session_kind kind)
{
	return kind == SESSION_API ? WAY_IN_API : WAY_IN_BROWSER;
}

bool session_is_fresh(const struct cx *cx)
{
	return cx->session->created_ms + LIMIT_FRESH_SIGN_IN_MINUTES * MINUTE_MS > cx_now_ms(cx);
}

void session_release(struct session *session)
{
	if (session == NULL)
		return;
	secret_free(session->private_key);
	secret_free(session->mailbox_key);
	session->private_key = session->mailbox_key = NULL;
}

/* ---- beginning ---- */

static enum err make_session(struct cx *cx, const struct way_in *way_in, const struct user *user,
			     struct secret *private_key, struct session **ret)
{
	struct session *session = ARENA_NEW(cx->arena, struct session);
	if (session == NULL) {
		secret_free(private_key);
		return ERR_UNAVAILABLE;
	}
	session->id = way_in->id;
	session->kind = way_in->kind == WAY_IN_API ? SESSION_API : SESSION_BROWSER;
	session->user = *user;
	session->created_ms = way_in->created_ms;
	session->private_key = private_key;
	enum err err = way_in_mailbox_key(private_key, &session->mailbox_key);
	if (err != OK)
		session_release(session);
	else
		*ret = session;
	return err;
}

enum err session_begin_prepare(struct cx *cx, const struct user *user,
			       const struct secret *private_key, enum session_kind kind,
			       struct str user_agent, struct session_begin *ret)
{
	struct session_begin begin = {.session = NULL};
	struct secret *copy = NULL;
	TRY(way_in_session(cx, user, private_key, kind_of(kind), user_agent, &begin.way_in,
			   &begin.token));
	TRY(secret_copy(str_bytes(private_key->bytes, KEY_BYTES), &copy));
	TRY(make_session(cx, &begin.way_in, user, copy, &begin.session));
	*ret = begin;
	return OK;
}

void session_begin_release(struct session_begin *begin)
{
	session_release(begin->session);
	begin->session = NULL;
}

enum err session_begin_write(struct db *db, const struct session_begin *begin)
{
	const struct way_in *way_in = &begin->way_in;
	TRY(ways_in_insert(db, way_in));
	TRY(ways_in_trim(db, &way_in->user_id, way_in->kind, LIMIT_SESSIONS_PER_USER));
	return users_set_seen(db, &way_in->user_id, way_in->created_ms);
}

void session_begin_finish(struct cx *cx, struct session_begin *begin, const struct user *user,
			  struct sign_in *ret)
{
	begin->session->user = *user;
	ret->session = begin->session;
	ret->token = begin->token;
	ret->device = STR_NONE;
	if (ret->session->kind == SESSION_BROWSER)
		ret->device = device_renew(cx, cx->device, user->address_key);
	begin->session = NULL;
	log_event(LOG_INFO, "session.begun", LOG_STR("user", id_str(&user->id)),
		  LOG_STR("session", id_str(&begin->way_in.id)), LOG_STR("remote", cx->remote));
}

/* ---- being signed in ---- */

struct seen {
	struct way_in way_in;
	int64_t before_ms;
};

static enum err write_seen(struct db *db, void *argument)
{
	const struct seen *seen = argument;
	return ways_in_update(db, &seen->way_in, seen->before_ms);
}

/* Reading must go on when nothing can be written; the session then only looks idle for longer. */
void session_note_seen(struct cx *cx, const struct way_in *way_in)
{
	if (cx->is_background)
		return;
	struct seen seen = {.way_in = *way_in, .before_ms = way_in->used_ms};
	seen.way_in.used_ms = cx_now_ms(cx);
	if (seen.way_in.used_ms - seen.before_ms < SEEN_EVERY_MS)
		return;
	enum err err = store_transact(cx->portal->store, write_seen, &seen, cx->arena);
	if (err != OK && err != ERR_CONFLICT)
		log_event(LOG_WARN, "session.not_noted", LOG_CSTR("err", err_name(err)));
}

/* A shorter time holds for whoever is signed in, too; a longer total from the next signing in on.
 */
bool session_is_over(struct cx *cx, const struct way_in *way_in)
{
	const struct settings *settings = cx->portal->settings;
	int64_t now_ms = cx_now_ms(cx);
	return way_in->expires_ms <= now_ms ||
	       way_in->created_ms + settings->session_total_hours * HOUR_MS <= now_ms ||
	       way_in->used_ms + settings->session_idle_minutes * MINUTE_MS <= now_ms;
}

static enum err find_session(struct cx *cx, const struct token *token, struct way_in *ret,
			     struct user *ret_user)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return ways_in_with_user(db, cx->arena, &token->id, ret, ret_user);
}

enum err session_open(struct cx *cx, struct str text, enum session_kind kind, struct session **ret)
{
	struct token token CLEANUP_TOKEN = {0};
	struct way_in way_in;
	struct user user;
	struct secret *private_key = NULL;
	if (token_parse(text, &token) != OK)
		return ERR_NOT_FOUND;
	TRY(find_session(cx, &token, &way_in, &user));
	if (way_in.kind != kind_of(kind) || user.state != USER_ACTIVE ||
	    session_is_over(cx, &way_in))
		return ERR_NOT_FOUND;
	/* The row is authentic: a wrap that does not open means a guessed secret. */
	enum err err = way_in_open_token(&way_in, &token, &private_key);
	if (err != OK)
		return err == ERR_CORRUPT ? ERR_NOT_FOUND : err;
	TRY(make_session(cx, &way_in, &user, private_key, ret));
	session_note_seen(cx, &way_in);
	return OK;
}

/* ---- renewing ---- */

struct renewing {
	const struct session *before;
	const struct session_begin *begin;
	struct arena *arena;
};

static enum err write_renewing(struct db *db, void *argument)
{
	const struct renewing *renewing = argument;
	struct way_in before;
	enum err err = ways_in_by_id(db, renewing->arena, &renewing->before->id, &before);
	if (err != OK)
		return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
	TRY(ways_in_delete(db, &before.id));
	return session_begin_write(db, renewing->begin);
}

enum err session_renew(struct cx *cx, struct str user_agent, struct sign_in *ret)
{
	const struct session *before = cx->session;
	struct session_begin begin CLEANUP_SESSION_BEGIN = {.session = NULL};
	struct renewing renewing = {.before = before, .begin = &begin, .arena = cx->arena};
	TRY(session_begin_prepare(cx, &before->user, before->private_key, before->kind, user_agent,
				  &begin));
	TRY(store_transact(cx->portal->store, write_renewing, &renewing, cx->arena));
	session_rights_changed(cx->portal, &before->user.id);
	session_begin_finish(cx, &begin, &before->user, ret);
	return OK;
}

/* ---- ending ---- */

struct ending {
	struct cx *cx;
	const struct session *session;
	struct id one; /* empty: all but the session's own */
	struct arena *arena;
};

static enum err write_end_one(struct db *db, void *argument)
{
	const struct ending *ending = argument;
	struct way_in way_in;
	TRY(ways_in_by_id(db, ending->arena, &ending->one, &way_in));
	bool is_session = way_in.kind == WAY_IN_BROWSER || way_in.kind == WAY_IN_API;
	if (!is_session || !id_eq(&way_in.user_id, &ending->session->user.id))
		return ERR_NOT_FOUND;
	TRY(ways_in_delete(db, &way_in.id));
	bool is_own = id_eq(&way_in.id, &ending->session->id);
	struct audit_act act = {.kind = is_own ? AUDIT_SIGN_OUT : AUDIT_SESSION_ENDED};
	return audit_log(ending->cx, db, &act);
}

static enum err write_end_others(struct db *db, void *argument)
{
	const struct ending *ending = argument;
	const struct session *session = ending->session;
	TRY(ways_in_delete_kind(db, &session->user.id, WAY_IN_BROWSER, &session->id));
	TRY(ways_in_delete_kind(db, &session->user.id, WAY_IN_API, &session->id));
	struct audit_act act = {.kind = AUDIT_SESSION_ENDED, .after = STR("others")};
	return audit_log(ending->cx, db, &act);
}

enum err session_end_one(struct cx *cx, const struct id *id)
{
	struct ending ending = {cx, cx->session, *id, cx->arena};
	TRY(store_transact(cx->portal->store, write_end_one, &ending, cx->arena));
	session_rights_changed(cx->portal, &cx->session->user.id);
	log_event(LOG_INFO, "session.ended", LOG_STR("session", id_str(id)));
	return OK;
}

enum err session_end(struct cx *cx)
{
	return session_end_one(cx, &cx->session->id);
}

enum err session_end_others(struct cx *cx)
{
	struct ending ending = {.cx = cx, .session = cx->session, .arena = cx->arena};
	TRY(store_transact(cx->portal->store, write_end_others, &ending, cx->arena));
	session_rights_changed(cx->portal, &cx->session->user.id);
	log_event(LOG_INFO, "session.others_ended", LOG_STR("user", id_str(&cx->session->user.id)));
	return OK;
}

static const char *kind_word(enum way_in_kind kind)
{
	static const char *const words[] = {
		[WAY_IN_PASSWORD] = "password", [WAY_IN_BROWSER] = "session",
		[WAY_IN_API] = "api",           [WAY_IN_INVITATION] = "invitation",
		[WAY_IN_RECOVERY] = "recovery", [WAY_IN_PORTAL] = "portal",
		[WAY_IN_RESET] = "reset",
	};
	return words[kind];
}

enum err session_ways_in_of(struct cx *cx, const struct id *user_id, struct way_in_view **ret,
			    size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct way_in *found;
	size_t count, live = 0;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(ways_in_of_user(db, cx->arena, user_id, &found, &count));
	struct way_in_view *views = ARENA_ARRAY(cx->arena, count + 1, struct way_in_view);
	if (views == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct way_in *way_in = &found[i];
		bool is_session = way_in->kind == WAY_IN_BROWSER || way_in->kind == WAY_IN_API;
		bool is_link = way_in->kind == WAY_IN_INVITATION || way_in->kind == WAY_IN_RESET;
		/* A link to another mailbox opens nothing. */
		if (way_in->kind >= WAY_IN_ADDRESS)
			continue;
		if ((is_session && session_is_over(cx, way_in)) ||
		    (is_link && way_in->used_ms != 0) ||
		    (is_link && way_in->expires_ms <= cx_now_ms(cx)))
			continue;
		views[live++] = (struct way_in_view){
			.id = way_in->id,
			.kind = kind_word(way_in->kind),
			.is_session = is_session,
			.is_current = id_eq(&way_in->id, &cx->session->id),
			.label = way_in->label,
			.remote = way_in->remote,
			.created_ms = way_in->created_ms,
			.used_ms = way_in->used_ms,
		};
	}
	*ret = views;
	*ret_count = live;
	return OK;
}

enum err session_list_ways_in(struct cx *cx, struct way_in_view **ret, size_t *ret_count)
{
	return session_ways_in_of(cx, &cx->session->user.id, ret, ret_count);
}
