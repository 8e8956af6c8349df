#include "core/signing_recall.h"

#include "core/address.h"
#include "core/signing.h"

/* A request as it stands now, without its key. */
struct standing {
	struct signing signing;
	struct signing_person *people;
	struct user *users;
	size_t count;
};

/* ERR_NOT_FOUND: the message is none, or another's: recalling it is refused elsewhere. */
static enum err read_standing(struct cx *cx, const struct id *message_id, struct standing *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct standing standing;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signings_get(db, cx->arena, message_id, &standing.signing));
	if (!id_eq(&standing.signing.sender_id, &cx->session->user.id))
		return ERR_NOT_FOUND;
	TRY(signing_people_of(db, cx->arena, &standing.signing, &standing.people));
	standing.count = (size_t)standing.signing.signer_count;
	standing.users = ARENA_ARRAY(cx->arena, standing.count + 1, struct user);
	if (standing.users == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < standing.count; i++)
		TRY(users_by_id(db, cx->arena, &standing.people[i].user_id, &standing.users[i]));
	*ret = standing;
	return OK;
}

static bool is_sender(const struct standing *standing, size_t at)
{
	return id_eq(&standing->people[at].user_id, &standing->signing.sender_id);
}

/* But for the sender, whom nothing is recalled from. */
static const struct signing_person *find_signer(const struct standing *standing, struct str key)
{
	for (size_t i = 0; i < standing->count; i++)
		if (!is_sender(standing, i) && str_eq(standing->users[i].address_key, key))
			return &standing->people[i];
	return NULL;
}

/* *ret_is_signer: one of those whom it shall be recalled from was to sign. What is no address, or
 * nobody's, is told by the recall itself. */
static enum err check_wish(struct cx *cx, const struct standing *standing,
			   const struct recall_wish *wish, bool *ret_is_signer,
			   struct form_errors *errors)
{
	*ret_is_signer = wish->is_whole;
	for (size_t i = 0; !wish->is_whole && i < wish->address_count; i++) {
		struct address address;
		enum err err = address_parse(cx->arena, wish->addresses[i], &address);
		if (err == ERR_INVALID)
			continue;
		TRY(err);
		const struct signing_person *signer = find_signer(standing, address.key);
		*ret_is_signer = *ret_is_signer || signer;
		if (signer && signer->state == SIGNER_SIGNED)
			form_error(cx, errors, "recipients", TEXT_SIGNING_RECALL_SIGNED,
				   TEXT_ARG("address", form_error_quote(cx, address.text)));
	}
	return errors->count > 0 ? ERR_INVALID : OK;
}

static enum err refuse_completed(struct cx *cx, struct form_errors *errors)
{
	errors->count = 0;
	form_error(cx, errors, "", TEXT_SIGNING_RECALL_COMPLETED);
	return ERR_CONFLICT;
}

/* Somebody may sign, decline or let the deadline pass at the same moment: any end will do but one.
 */
static enum err cancel(struct cx *cx, const struct id *message_id, const struct recall_wish *wish,
		       struct standing *standing, struct form_errors *errors)
{
	enum err err = signing_cancel(cx, message_id, wish->reason, errors);
	if (err != OK && err != ERR_CONFLICT)
		return err;
	errors->count = 0;
	return read_standing(cx, message_id, standing);
}

static enum err list_signed(struct cx *cx, const struct standing *standing,
			    struct signing_recall *ret)
{
	ret->signed_by = ARENA_ARRAY(cx->arena, standing->count + 1, struct id);
	if (ret->signed_by == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < standing->count; i++)
		if (!is_sender(standing, i) && standing->people[i].state == SIGNER_SIGNED)
			ret->signed_by[ret->signed_count++] = standing->people[i].user_id;
	return OK;
}

enum err signing_recall_begin(struct cx *cx, const struct id *message_id,
			      const struct recall_wish *wish, struct signing_recall *ret,
			      struct form_errors *errors)
{
	struct signing_recall recall = {.is_request = true};
	struct standing standing;
	bool is_signer;
	*ret = (struct signing_recall){.is_request = false};
	enum err err = read_standing(cx, message_id, &standing);
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	if (standing.signing.state == SIGNING_COMPLETED)
		return refuse_completed(cx, errors);
	TRY(check_wish(cx, &standing, wish, &is_signer, errors));
	if (is_signer && standing.signing.state == SIGNING_OPEN)
		TRY(cancel(cx, message_id, wish, &standing, errors));
	if (standing.signing.state == SIGNING_COMPLETED)
		return refuse_completed(cx, errors);
	/* Who has signed meanwhile. */
	TRY(check_wish(cx, &standing, wish, &is_signer, errors));
	TRY(list_signed(cx, &standing, &recall));
	*ret = recall;
	return OK;
}

bool signing_recall_keeps(const struct signing_recall *recall, const struct id *user_id)
{
	for (size_t i = 0; i < recall->signed_count; i++)
		if (id_eq(&recall->signed_by[i], user_id))
			return true;
	return false;
}

enum err signing_recall_check_file(struct cx *cx, const struct id *message_id,
				   struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct signing signing;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = signings_get(db, cx->arena, message_id, &signing);
	if (err == ERR_NOT_FOUND ||
	    (err == OK && !id_eq(&signing.sender_id, &cx->session->user.id)))
		return OK;
	TRY(err);
	form_error(cx, errors, "", TEXT_SIGNING_RECALL_FILE);
	return ERR_CONFLICT;
}
