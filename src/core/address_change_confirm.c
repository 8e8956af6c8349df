#include "core/address_changing.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/account_mail.h"
#include "core/address.h"
#include "core/outbox_mail.h"
#include "core/session_begin.h"
#include "core/session_rights.h"
#include "core/user.h"
#include "store/address_proofs.h"

enum { CONFIRM_TRIES = 3 };

struct confirming {
	struct cx *cx;
	struct way_in link;
	struct user before;
	struct address address;
	bool is_by_them; /* who asked for it */
	/* Prepared. */
	struct mail_row notice; /* to the mailbox before */
	bool has_notice;
	struct way_in back;
	bool has_back;
	struct account_reset_mail reset;
	/* By the transaction. */
	enum text_id refusal;
	bool is_refused;
};

static enum err find_link(struct cx *cx, struct str text, struct confirming *ret)
{
	struct token token CLEANUP_TOKEN = {0};
	struct db *db CLEANUP_READ = NULL;
	struct confirming found = {.cx = cx};
	if (token_parse(text, &token) != OK)
		return ERR_NOT_FOUND;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(ways_in_with_user(db, cx->arena, &token.id, &found.link, &found.before));
	if (!address_change_is_link(&found.link) || !way_in_is_token(&found.link, &token))
		return ERR_NOT_FOUND;
	if (address_parse(cx->arena, found.link.label, &found.address) != OK)
		return ERR_CORRUPT;
	found.is_by_them = id_eq(&found.link.made_by, &found.before.id);
	*ret = found;
	return OK;
}

static enum address_link_state state_of(const struct confirming *found)
{
	if (found->link.used_ms != 0)
		return ADDRESS_LINK_USED;
	bool is_good =
		found->link.expires_ms > cx_now_ms(found->cx) && found->before.state == USER_ACTIVE;
	return is_good ? ADDRESS_LINK_GOOD : ADDRESS_LINK_EXPIRED;
}

/* Turning back must be open to who has lost their password to somebody else. */
static bool needs_password(const struct confirming *found)
{
	return found->link.kind != WAY_IN_ADDRESS_BACK &&
	       !(found->is_by_them && address_change_is_oneself(found->cx, &found->before.id));
}

enum err address_change_link(struct cx *cx, struct str token, struct address_link *ret)
{
	struct confirming found;
	TRY(find_link(cx, token, &found));
	*ret = (struct address_link){
		.state = state_of(&found),
		.is_alias = found.link.kind == WAY_IN_ALIAS,
		.is_back = found.link.kind == WAY_IN_ADDRESS_BACK,
		.address = found.link.label,
		.needs_password = needs_password(&found),
	};
	return OK;
}

/* To the mailbox that was theirs until now: with a link that turns it back, or with none. */
static enum err prepare_notice(struct confirming *confirming)
{
	struct cx *cx = confirming->cx;
	struct str token;
	struct outbox_letter letter = {
		.kind = MAIL_ADDRESS_GONE,
		.to = &confirming->before,
		.link = arena_printf(cx->arena, "%.*s/help-signing-in",
				     STR_ARGS(cx->portal->settings->url)),
	};
	if (confirming->link.kind == WAY_IN_ADDRESS) {
		TRY(way_in_link(cx, &confirming->before, NULL, WAY_IN_ADDRESS_BACK, NULL,
				&confirming->back, &token));
		confirming->back.label = confirming->before.address;
		confirming->has_back = true;
		letter.kind = MAIL_ADDRESS_CHANGED;
		letter.link = address_change_url(cx, token);
		letter.expires_ms = confirming->back.expires_ms;
	}
	confirming->has_notice = true;
	return outbox_mail_prepare(cx, &letter, &confirming->notice);
}

static enum err prepare_confirming(struct confirming *confirming)
{
	if (confirming->link.kind != WAY_IN_ALIAS)
		TRY(prepare_notice(confirming));
	if (confirming->link.kind != WAY_IN_ADDRESS_BACK)
		return OK;
	struct user back = confirming->before;
	back.address = confirming->address.text;
	return account_reset_mail_prepare(confirming->cx, &back, &confirming->reset);
}

static enum err refuse_confirming(struct confirming *confirming, enum text_id sentence)
{
	confirming->is_refused = true;
	confirming->refusal = sentence;
	return ERR_DENIED;
}

/* Whether it may still become theirs. */
static enum err check_confirming(struct confirming *confirming, struct db *db,
				 const struct addresses *now)
{
	struct cx *cx = confirming->cx;
	struct str key = confirming->address.key;
	enum way_in_kind kind = confirming->link.kind;
	struct user other;
	bool is_fine = true;
	if (kind != WAY_IN_ADDRESS_BACK)
		TRY(address_change_is_allowed(cx, db, &confirming->address, &now->user,
					      confirming->is_by_them, &is_fine));
	if (!is_fine)
		return refuse_confirming(confirming, TEXT_ADDRESSES_REFUSED);
	enum err err = users_by_key(db, cx->arena, key, &other);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	bool is_theirs = err == OK && id_eq(&other.id, &now->user.id);
	if (err == OK && !is_theirs)
		return refuse_confirming(confirming, TEXT_ADDRESSES_TAKEN);
	if (str_eq(key, now->user.address_key) || (is_theirs && kind == WAY_IN_ALIAS))
		return refuse_confirming(confirming, TEXT_ADDRESSES_SAME_OWN);
	bool grows = kind == WAY_IN_ALIAS || (kind == WAY_IN_ADDRESS && !is_theirs);
	return grows && now->alias_count >= LIMIT_ALIASES
		       ? refuse_confirming(confirming, TEXT_ADDRESSES_FULL)
		       : OK;
}

static enum err add_alias(struct db *db, const struct user *user, struct str address,
			  struct str key, int64_t now_ms)
{
	struct alias alias = {
		.address_key = key, .address = address, .user_id = user->id, .created_ms = now_ms};
	return aliases_insert(db, &alias);
}

/* Mailed links lie in the mailbox before; what else was asked for in place of the address is
 * past. */
static enum err end_links(struct db *db, const struct confirming *confirming)
{
	const struct id *user_id = &confirming->before.id;
	const struct id *keep = &confirming->link.id;
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_RESET, NULL));
	TRY(mails_cancel(db, user_id, MAIL_RESET));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_ADDRESS, keep));
	return ways_in_delete_kind(db, user_id, WAY_IN_ADDRESS_ALONE, keep);
}

/* Somebody else may have come in: they are out, and the person gets a link to a new password. */
static enum err write_back(struct db *db, const struct confirming *confirming)
{
	const struct id *user_id = &confirming->before.id;
	if (confirming->link.kind != WAY_IN_ADDRESS_BACK)
		return OK;
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_BROWSER, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_API, NULL));
	TRY(ways_in_delete_kind(db, user_id, WAY_IN_ALIAS, NULL));
	return account_reset_mail_write(db, &confirming->reset);
}

static enum err write_address(struct db *db, const struct confirming *confirming,
			      const struct addresses *now, struct user *after)
{
	const struct address *address = &confirming->address;
	int64_t now_ms = cx_now_ms(confirming->cx);
	struct address_proof proof = {
		.user_id = after->id,
		.at_ms = now_ms,
		.kind = ADDRESS_PROOF_CHANGE,
		.address = address->key,
		.link = confirming->link.secret_hash,
	};
	if (address_change_is_alias(now, address->key))
		TRY(aliases_delete(db, &after->id, address->key));
	if (confirming->link.kind == WAY_IN_ADDRESS)
		TRY(add_alias(db, after, after->address, after->address_key, now_ms));
	after->address = address->text;
	after->address_key = address->key;
	TRY(address_proofs_add(db, &proof));
	TRY(end_links(db, confirming));
	return write_back(db, confirming);
}

static enum err write_confirming(struct db *db, void *argument)
{
	struct confirming *confirming = argument;
	struct cx *cx = confirming->cx;
	bool is_alias = confirming->link.kind == WAY_IN_ALIAS;
	struct way_in spent = confirming->link;
	struct addresses now;
	confirming->is_refused = false;
	TRY(address_change_read(cx, db, &confirming->before.id, &now));
	if (now.user.version != confirming->before.version)
		return ERR_CONFLICT;
	TRY(check_confirming(confirming, db, &now));
	struct user after = now.user;
	spent.used_ms = cx_now_ms(cx);
	TRY(ways_in_update(db, &spent, 0));
	if (is_alias)
		TRY(add_alias(db, &after, confirming->address.text, confirming->address.key,
			      spent.used_ms));
	else
		TRY(write_address(db, confirming, &now, &after));
	TRY(users_update(db, &after, user_keys(cx->arena, &after)));
	if (confirming->has_back)
		TRY(ways_in_insert(db, &confirming->back));
	if (confirming->has_notice)
		TRY(mails_insert(db, &confirming->notice));
	return address_change_log(cx, db, &after, is_alias ? STR_NONE : confirming->before.address,
				  confirming->address.text, true);
}

static enum err try_confirm(struct cx *cx, struct str token, struct str password,
			    struct confirming *confirming, bool *is_proven,
			    struct form_errors *errors)
{
	TRY(find_link(cx, token, confirming));
	if (state_of(confirming) != ADDRESS_LINK_GOOD)
		return ERR_CONFLICT;
	if (!*is_proven && needs_password(confirming))
		TRY(session_confirm_password_of(cx, &confirming->before, password, errors));
	*is_proven = true;
	TRY(prepare_confirming(confirming));
	return store_transact(cx->portal->store, write_confirming, confirming, cx->arena);
}

enum err address_change_confirm(struct cx *cx, struct str token, struct str password,
				struct form_errors *errors)
{
	struct confirming confirming = {.cx = cx};
	bool is_proven = false;
	enum err err = ERR_CONFLICT;
	/* A conflict is a change of something else about them, or the end of the link. */
	for (int i = 0; i < CONFIRM_TRIES && err == ERR_CONFLICT; i++) {
		err = try_confirm(cx, token, password, &confirming, &is_proven, errors);
		if (err == ERR_CONFLICT && state_of(&confirming) != ADDRESS_LINK_GOOD)
			return ERR_CONFLICT;
	}
	if (err == ERR_DENIED && confirming.is_refused)
		form_error(cx, errors, "", confirming.refusal,
			   TEXT_ARG("address", confirming.address.text),
			   TEXT_ARG("portal", cx->portal->settings->name),
			   TEXT_NUMBER("count", LIMIT_ALIASES));
	TRY(err);
	log_event(LOG_INFO, "address.confirmed", LOG_STR("user", id_str(&confirming.before.id)));
	session_rights_changed(cx->portal, &confirming.before.id);
	outbox_mail_wake(cx->portal);
	return OK;
}
