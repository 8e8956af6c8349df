#include "core/way_in.h"

#include "base/limits.h"
#include "base/random.h"
#include "base/utf8.h"
#include "crypto/aead.h"
#include "crypto/digest.h"

#include <string.h>

static const char *const purposes[] = {
	[WAY_IN_PASSWORD] = "way_in.password", [WAY_IN_BROWSER] = "way_in.browser",
	[WAY_IN_API] = "way_in.api",           [WAY_IN_INVITATION] = "way_in.invitation",
	[WAY_IN_RECOVERY] = "way_in.recovery", [WAY_IN_PORTAL] = "way_in.portal",
	[WAY_IN_RESET] = "way_in.reset",
};

static int64_t link_life_ms(const struct settings *settings, enum way_in_kind kind)
{
	switch (kind) {
	case WAY_IN_INVITATION: return settings->invitation_days * DAY_MS;
	case WAY_IN_ADDRESS:
	case WAY_IN_ADDRESS_ALONE:
	case WAY_IN_ALIAS: return LIMIT_ADDRESS_LINK_HOURS * HOUR_MS;
	case WAY_IN_ADDRESS_BACK: return LIMIT_ADDRESS_BACK_HOURS * HOUR_MS;
	default: return settings->reset_minutes * MINUTE_MS;
	}
}

static struct context context_of(const struct way_in *way_in)
{
	return (struct context){
		.purpose = purposes[way_in->kind],
		.object = id_str(&way_in->id),
		.holder = id_str(&way_in->user_id),
		.version = 1,
	};
}

static struct way_in begin(struct cx *cx, const struct user *user, enum way_in_kind kind)
{
	int64_t now_ms = cx_now_ms(cx);
	return (struct way_in){
		.id = id_new(now_ms), .user_id = user->id, .kind = kind, .created_ms = now_ms};
}

/* A high-entropy secret becomes the wrapping key by one derivation per kind. */
static enum err wrap_under(struct cx *cx, const struct secret *secret,
			   const struct secret *private_key, struct way_in *way_in)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct context context = context_of(way_in);
	TRY(key_derive(secret, purposes[way_in->kind], &key));
	return key_wrap(key, &context, private_key, cx->arena, &way_in->wrapped);
}

static enum err unwrap_under(const struct secret *secret, const struct way_in *way_in,
			     struct secret **ret_private)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct context context = context_of(way_in);
	TRY(key_derive(secret, purposes[way_in->kind], &key));
	return key_unwrap(key, &context, way_in->wrapped, ret_private);
}

static enum err check_pair(const struct user *user, struct secret *private_key,
			   struct secret **ret_private)
{
	uint8_t public_key[PUBLIC_KEY_BYTES];
	if (keypair_public(private_key, public_key) != OK ||
	    memcmp(public_key, user->public_key, sizeof(public_key)) != 0) {
		secret_free(private_key);
		return ERR_CORRUPT;
	}
	*ret_private = private_key;
	return OK;
}

enum err way_in_password(struct cx *cx, const struct user *user, const struct secret *private_key,
			 struct str password, struct way_in *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct way_in way_in = begin(cx, user, WAY_IN_PASSWORD);
	const struct password_cost *cost = &cx->portal->password_cost;
	uint8_t *salt = arena_alloc(cx->arena, PASSWORD_SALT_BYTES);
	if (salt == NULL)
		return ERR_UNAVAILABLE;
	random_fill(salt, PASSWORD_SALT_BYTES);
	TRY(password_key(cx->portal->passwords, cost, password, salt, &key));
	way_in.salt = str_bytes(salt, PASSWORD_SALT_BYTES);
	way_in.cost_memory_bytes = cost->memory_bytes;
	way_in.cost_passes = cost->passes;
	struct context context = context_of(&way_in);
	TRY(key_wrap(key, &context, private_key, cx->arena, &way_in.wrapped));
	*ret = way_in;
	return OK;
}

enum err way_in_session(struct cx *cx, const struct user *user, const struct secret *private_key,
			enum way_in_kind kind, struct str user_agent, struct way_in *ret,
			struct str *ret_token)
{
	struct way_in way_in = begin(cx, user, kind);
	struct token token CLEANUP_TOKEN = {0};
	TRY(token_new(&way_in.id, &token));
	TRY(wrap_under(cx, token.secret, private_key, &way_in));
	way_in.used_ms = way_in.created_ms;
	way_in.expires_ms = way_in.created_ms + cx->portal->settings->session_total_hours * HOUR_MS;
	if (utf8_is_line(user_agent))
		way_in.label = utf8_first(user_agent, LIMIT_USER_AGENT_BYTES);
	way_in.remote = cx->remote;
	*ret_token = token_text(&token, cx->arena);
	*ret = way_in;
	return ret_token->len > 0 ? OK : ERR_UNAVAILABLE;
}

static void hash_secret(const struct token *token, uint8_t ret[DIGEST_BYTES])
{
	digest(str_bytes(token->secret->bytes, KEY_BYTES), ret);
}

enum err way_in_link(struct cx *cx, const struct user *user, const struct secret *private_key,
		     enum way_in_kind kind, const struct id *made_by, struct way_in *ret,
		     struct str *ret_token)
{
	struct way_in way_in = begin(cx, user, kind);
	struct token token CLEANUP_TOKEN = {0};
	uint8_t *hash = arena_alloc(cx->arena, DIGEST_BYTES);
	if (hash == NULL)
		return ERR_UNAVAILABLE;
	TRY(token_new(&way_in.id, &token));
	if (private_key)
		TRY(wrap_under(cx, token.secret, private_key, &way_in));
	hash_secret(&token, hash);
	way_in.secret_hash = str_bytes(hash, DIGEST_BYTES);
	way_in.expires_ms = way_in.created_ms + link_life_ms(cx->portal->settings, kind);
	if (made_by)
		way_in.made_by = *made_by;
	*ret_token = token_text(&token, cx->arena);
	*ret = way_in;
	return ret_token->len > 0 ? OK : ERR_UNAVAILABLE;
}

enum err way_in_recovery(struct cx *cx, const struct user *user, const struct secret *private_key,
			 struct way_in *ret, struct str *ret_code)
{
	struct way_in way_in = begin(cx, user, WAY_IN_RECOVERY);
	struct secret *key CLEANUP_SECRET = NULL;
	struct str code = recovery_code_new(cx->arena);
	TRY(recovery_code_key(code, &key));
	TRY(wrap_under(cx, key, private_key, &way_in));
	*ret = way_in;
	*ret_code = code;
	return OK;
}

enum err way_in_portal(struct cx *cx, const struct user *user, const struct secret *private_key,
		       struct way_in *ret)
{
	struct way_in way_in = begin(cx, user, WAY_IN_PORTAL);
	struct context context = context_of(&way_in);
	TRY(seal_key(cx->portal->portal_public, &context, private_key, cx->arena, &way_in.wrapped));
	*ret = way_in;
	return OK;
}

enum err way_in_open_password(struct cx *cx, const struct way_in *way_in, const struct user *user,
			      struct str password, struct secret **ret_private)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct secret *private_key = NULL;
	struct context context = context_of(way_in);
	struct password_cost cost = {way_in->cost_memory_bytes, way_in->cost_passes};
	if (way_in->kind != WAY_IN_PASSWORD || way_in->salt.len != PASSWORD_SALT_BYTES)
		return ERR_CORRUPT;
	TRY(password_key(cx->portal->passwords, &cost, password, (const uint8_t *)way_in->salt.data,
			 &key));
	/* The row is authentic, so a wrap that does not open means a wrong password. */
	enum err err = key_unwrap(key, &context, way_in->wrapped, &private_key);
	if (err != OK)
		return err == ERR_CORRUPT ? ERR_DENIED : err;
	return check_pair(user, private_key, ret_private);
}

enum err way_in_pretend_password(struct cx *cx, struct str password)
{
	struct secret *key CLEANUP_SECRET = NULL;
	uint8_t salt[PASSWORD_SALT_BYTES] = {0};
	return password_key(cx->portal->passwords, &cx->portal->password_cost, password, salt,
			    &key);
}

enum err way_in_open_token(const struct way_in *way_in, const struct token *token,
			   struct secret **ret_private)
{
	return unwrap_under(token->secret, way_in, ret_private);
}

enum err way_in_open_recovery(const struct way_in *way_in, const struct user *user, struct str code,
			      struct secret **ret_private)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct secret *private_key = NULL;
	if (recovery_code_key(code, &key) != OK)
		return ERR_DENIED;
	enum err err = unwrap_under(key, way_in, &private_key);
	if (err != OK)
		return err == ERR_CORRUPT ? ERR_DENIED : err;
	return check_pair(user, private_key, ret_private);
}

enum err way_in_open_portal(struct cx *cx, const struct way_in *way_in, const struct user *user,
			    struct secret **ret_private)
{
	struct secret *private_key = NULL;
	struct context context = context_of(way_in);
	TRY(seal_open(cx->portal->portal_private, cx->portal->portal_public, &context,
		      way_in->wrapped, &private_key));
	return check_pair(user, private_key, ret_private);
}

bool way_in_is_token(const struct way_in *way_in, const struct token *token)
{
	uint8_t hash[DIGEST_BYTES];
	hash_secret(token, hash);
	return id_eq(&way_in->id, &token->id) &&
	       digest_eq(str_bytes(hash, sizeof(hash)), way_in->secret_hash);
}

enum err way_in_mailbox_key(const struct secret *private_key, struct secret **ret)
{
	return key_derive(private_key, "mailbox", ret);
}
