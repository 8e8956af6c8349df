#include "core/people_erase.h"

#include "base/log.h"
#include "core/address.h"
#include "core/audit_log.h"
#include "core/people_change.h"
#include "core/people_erase_rest.h"
#include "core/people_guard.h"
#include "core/seats.h"
#include "core/session.h"
#include "core/session_rights.h"
#include "store/destroyed.h"

#include <string.h>

static enum err read_user(struct cx *cx, struct db *db, const struct id *id, struct user *ret)
{
	TRY(users_by_id(db, cx->arena, id, ret));
	return users_is_erased(ret) ? ERR_NOT_FOUND : OK;
}

enum err people_erase_look(struct cx *cx, const struct id *id, struct user *ret_user,
			   struct erase_counts *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(people_check_administrator(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(read_user(cx, db, id, ret_user));
	return erase_count(db, id, ret);
}

struct erasing {
	struct cx *cx;
	struct id id;
	/* By the transaction. */
	struct user before;
	struct user after;
	enum people_refusal guarded;
};

/* What keeps their place. No mail ever goes to this address (RFC 2606 2), and no key can be sealed
 * to a public key of zeros. Of an id made now: nobody can have taken this address before, to keep
 * somebody whose id they know from being erased. */
static struct user tombstone(struct cx *cx, const struct user *user)
{
	struct user next = *user;
	const struct id fresh = id_new(cx_now_ms(cx));
	char id[ID_CHARS + 1] = {0};
	for (size_t i = 0; i < ID_CHARS; i++)
		id[i] = (char)(fresh.text[i] >= 'A' ? fresh.text[i] | 32 : fresh.text[i]);
	next.address = next.address_key =
		arena_printf(cx->arena, "erased-%s" PEOPLE_ERASED_DOMAIN, id);
	next.name = text_get(cx->language, TEXT_ADMIN_USERS_ERASED_NAME);
	next.grade = GRADE_GUEST;
	next.role = ROLE_MEMBER;
	next.state = USER_DISABLED;
	next.is_registered = false;
	next.language = next.zone = STR("");
	memset(next.public_key, 0, sizeof(next.public_key));
	return next;
}

static enum err write_erasing(struct db *db, void *argument)
{
	struct erasing *erasing = argument;
	struct cx *cx = erasing->cx;
	struct user *before = &erasing->before;
	erasing->guarded = PEOPLE_ALLOWED;
	TRY(people_check_actor(cx, db));
	TRY(read_user(cx, db, &erasing->id, before));
	erasing->after = tombstone(cx, before);
	TRY(people_guard(cx, db, before, &erasing->after, &erasing->guarded));
	TRY(erase_rows(db, &erasing->id));
	TRY(destroyed_note_user(db, &erasing->id));
	TRY(users_update(db, &erasing->after, (struct users_keys){{0}}));
	TRY(users_set_seen(db, &erasing->id, 0));
	TRY(seats_note(cx, db, before, NULL));
	TRY(audit_log_forget(cx, db, &erasing->id));
	return audit_log_user(cx, db, AUDIT_USER_ERASED, before, &erasing->after, STR(""));
}

/* ---- the act ---- */

static enum err check_typed(struct cx *cx, const struct id *id, const struct str *typed,
			    struct form_errors *errors)
{
	struct user user;
	struct address address;
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(read_user(cx, db, id, &user));
	if (typed == NULL || (address_parse(cx->arena, *typed, &address) == OK &&
			      str_eq(address.key, user.address_key)))
		return OK;
	form_error(cx, errors, "address", TEXT_ADMIN_USERS_ERASE_ADDRESS_WRONG,
		   TEXT_ARG("address", user.address));
	return ERR_INVALID;
}

enum err people_erase(struct cx *cx, const struct id *id, const struct str *typed,
		      struct form_errors *errors)
{
	struct erasing erasing = {.cx = cx, .id = *id};
	TRY(people_check_administrator(cx));
	TRY(check_typed(cx, id, typed, errors));
	enum err err = store_transact(cx->portal->store, write_erasing, &erasing, cx->arena);
	if (err != OK)
		people_guard_tell(cx, erasing.guarded, &erasing.before, errors);
	TRY(err);
	session_rights_changed(cx->portal, id);
	log_event(LOG_INFO, "user.erased", LOG_STR("user", id_str(id)));
	/* Their keys are gone. The rest only makes room. */
	people_erase_rest(cx, id);
	return OK;
}
