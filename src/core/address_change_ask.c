#include "core/address_changing.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/address.h"
#include "core/outbox_mail.h"
#include "core/session.h"
#include "core/session_begin.h"
#include "core/throttle.h"
#include "core/user.h"

/* As many as there may be, when all that is asked for is confirmed: but for what this replaces. */
static bool is_full(const struct addresses *addresses, bool is_alias)
{
	size_t count = addresses->alias_count;
	for (size_t i = 0; i < addresses->pending_count; i++) {
		const struct address_pending *pending = &addresses->pending[i];
		count += pending->is_alias || (pending->keeps_old && is_alias);
	}
	return count >= LIMIT_ALIASES;
}

struct asking {
	struct cx *cx;
	const struct address_ask *ask;
	bool drops_old; /* nobody does so for themself: who has stolen a session would */
	struct addresses found;
	struct address address;
	bool is_own;
	bool is_taken;
	struct way_in link;
	struct mail_row mail;
};

static enum err refuse(const struct asking *asking, enum err err, enum text_id sentence,
		       struct form_errors *errors)
{
	struct cx *cx = asking->cx;
	form_error(cx, errors, err == ERR_INVALID ? "address" : "", sentence,
		   TEXT_ARG("address", form_error_quote(cx, asking->ask->address)),
		   TEXT_ARG("portal", cx->portal->settings->name),
		   TEXT_ARG("person", user_label(&asking->found.user)),
		   TEXT_NUMBER("count", LIMIT_ALIASES));
	return err;
}

static enum err check_address(struct asking *asking, struct db *db, struct form_errors *errors)
{
	struct cx *cx = asking->cx;
	const struct addresses *found = &asking->found;
	struct str key = asking->address.key;
	struct user other;
	bool is_fine;
	if (str_eq(key, found->user.address_key) ||
	    (asking->ask->is_alias && address_change_is_alias(found, key)))
		return refuse(asking, ERR_INVALID,
			      asking->is_own ? TEXT_ADDRESSES_SAME_OWN : TEXT_ADDRESSES_SAME,
			      errors);
	TRY(address_change_is_allowed(cx, db, &asking->address, &found->user, asking->is_own,
				      &is_fine));
	if (!is_fine)
		return refuse(asking, ERR_INVALID, TEXT_ADDRESSES_REFUSED, errors);
	bool grows = asking->ask->is_alias ||
		     (!asking->drops_old && !address_change_is_alias(found, key));
	if (grows && is_full(found, asking->ask->is_alias))
		return refuse(asking, ERR_INVALID, TEXT_ADDRESSES_FULL, errors);
	enum err err = users_by_key(db, cx->arena, key, &other);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	asking->is_taken = err == OK && !id_eq(&other.id, &found->user.id);
	return asking->is_taken && !asking->is_own
		       ? refuse(asking, ERR_INVALID, TEXT_ADDRESSES_TAKEN, errors)
		       : OK;
}

static enum err check_asking(struct asking *asking, struct form_errors *errors)
{
	struct cx *cx = asking->cx;
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(address_change_read(cx, db, &asking->ask->user_id, &asking->found));
	if (asking->found.user.state != USER_ACTIVE)
		return refuse(asking, ERR_CONFLICT,
			      asking->found.user.state == USER_INVITED
				      ? TEXT_ADDRESSES_NOT_REGISTERED
				      : TEXT_ADMIN_USERS_IS_DISABLED,
			      errors);
	if (address_parse(cx->arena, asking->ask->address, &asking->address) != OK ||
	    asking->address.name.len > 0)
		return refuse(asking, ERR_INVALID, TEXT_ERROR_ADDRESS_BAD, errors);
	return check_address(asking, db, errors);
}

static enum err take_turn(const struct asking *asking, struct form_errors *errors)
{
	struct cx *cx = asking->cx;
	struct throttle *throttle = cx->portal->throttle;
	if (throttle_take(throttle, "address of", id_str(&asking->ask->user_id), 1,
			  LIMIT_ADDRESS_ASKED_PER_HOUR, HOUR_MS, cx_now_ms(cx)) != OK ||
	    throttle_take(throttle, "address to", asking->address.key, 1,
			  LIMIT_ADDRESS_MAILS_PER_HOUR, HOUR_MS, cx_now_ms(cx)) != OK)
		return refuse(asking, ERR_BUSY, TEXT_ADDRESSES_OFTEN, errors);
	return OK;
}

/* A mail to a mailbox that may not be theirs names nobody. */
static enum err prepare_asking(struct asking *asking)
{
	struct cx *cx = asking->cx;
	struct str token;
	const struct user *user = &asking->found.user;
	struct user at = {
		.id = user->id, .address = asking->address.text, .language = user->language};
	enum way_in_kind kind = asking->ask->is_alias ? WAY_IN_ALIAS
				: asking->drops_old   ? WAY_IN_ADDRESS_ALONE
						      : WAY_IN_ADDRESS;
	TRY(way_in_link(cx, user, NULL, kind, cx->session ? &cx->session->user.id : NULL,
			&asking->link, &token));
	asking->link.label = asking->address.text;
	struct outbox_letter letter = {
		.kind = MAIL_ADDRESS,
		.to = &at,
		.link = address_change_url(cx, token),
		.expires_ms = asking->link.expires_ms,
	};
	TRY(outbox_mail_prepare(cx, &letter, &asking->mail));
	if (asking->is_taken) {
		asking->mail.state = MAIL_VOID;
		asking->mail.content = STR("");
	}
	return OK;
}

/* What this takes the place of. */
static enum err retire_older(const struct asking *asking, struct db *db)
{
	struct addresses now;
	TRY(address_change_read(asking->cx, db, &asking->ask->user_id, &now));
	if (now.user.state != USER_ACTIVE)
		return ERR_CONFLICT;
	for (size_t i = 0; i < now.pending_count; i++) {
		const struct address_pending *pending = &now.pending[i];
		if (pending->is_alias == asking->ask->is_alias &&
		    (!pending->is_alias || str_eq(pending->address, asking->address.text)))
			TRY(ways_in_delete(db, &pending->id));
	}
	return OK;
}

static enum err write_asking(struct db *db, void *argument)
{
	const struct asking *asking = argument;
	const struct id *user_id = &asking->ask->user_id;
	TRY(address_change_check_still(asking->cx, db, user_id));
	TRY(retire_older(asking, db));
	TRY(ways_in_insert(db, &asking->link));
	TRY(mails_insert(db, &asking->mail));
	return address_change_log_asked(asking->cx, db, user_id, STR_NONE, asking->address.text);
}

enum err address_change_ask(struct cx *cx, const struct address_ask *ask,
			    struct form_errors *errors)
{
	bool is_own = address_change_is_oneself(cx, &ask->user_id);
	struct asking asking = {
		.cx = cx, .ask = ask, .drops_old = ask->drops_old && !is_own, .is_own = is_own};
	TRY(address_change_check(cx, &ask->user_id));
	if (asking.is_own)
		TRY(session_confirm_password(cx, ask->password, errors));
	TRY(check_asking(&asking, errors));
	TRY(take_turn(&asking, errors));
	TRY(prepare_asking(&asking));
	TRY(store_transact(cx->portal->store, write_asking, &asking, cx->arena));
	log_event(LOG_INFO, "address.asked", LOG_STR("user", id_str(&ask->user_id)));
	outbox_mail_wake(cx->portal);
	return OK;
}
