#include "core/addressing.h"

#include "base/limits.h"
#include "core/acquaintance.h"
#include "core/block.h"
#include "core/policy.h"
#include "store/waiting.h"

#include <string.h>

struct job {
	struct cx *cx;
	struct db *db;
	const struct user *sender;
	const struct draft *draft;
	struct address *choices; /* parsed, one for each of the draft's; key empty: no address */
	const struct id *parent_people;
	size_t parent_count;
	struct resolved *resolved;
	struct blockers blockers;
	const char *own_field; /* the first that names the sender; NULL: none does */
	struct form_errors *errors;
};

static bool is_on_parent(const struct job *job, const struct id *user_id)
{
	for (size_t i = 0; i < job->parent_count; i++)
		if (id_eq(&job->parent_people[i], user_id))
			return true;
	return false;
}

static enum err may_write_to(const struct job *job, const struct user *user, bool *ret)
{
	const struct settings *settings = job->cx->portal->settings;
	enum act act =
		user->grade == GRADE_PROFESSIONAL ? ACT_WRITE_TO_PROFESSIONAL : ACT_WRITE_TO_GUEST;
	*ret = is_on_parent(job, &user->id) &&
	       policy_allows(settings, job->sender, ACT_KEEP_PEOPLE_IN_REPLY);
	if (*ret || !policy_allows(settings, job->sender, act))
		return OK;
	return acquaintance_allows(job->cx, job->db, job->sender, &user->id, ret);
}

/* Guests get one sentence for everybody they may not write to, known or not: it tells nothing about
 * who is here. */
static void refuse(struct job *job, const char *field, enum text_id id,
		   const struct address *address)
{
	struct str typed = form_error_quote(job->cx, address->text);
	form_error(job->cx, job->errors, field, id, TEXT_ARG("address", typed),
		   TEXT_ARG("person", typed), TEXT_ARG("portal", job->cx->portal->settings->name));
}

static enum text_id guest_may_not(const struct job *job)
{
	bool is_known_only = policy_writes_to_known_only(job->cx->portal->settings, job->sender);
	if (!id_is_empty(&job->draft->reply_to))
		return is_known_only ? TEXT_ERROR_GUEST_MAY_NOT_ADD_UNKNOWN
				     : TEXT_ERROR_GUEST_MAY_NOT_ADD;
	return is_known_only ? TEXT_ERROR_GUEST_MAY_NOT_WRITE_UNKNOWN
			     : TEXT_ERROR_GUEST_MAY_NOT_WRITE_TO;
}

static enum grade chosen_grade(const struct job *job, const struct address *address)
{
	enum grade grade = job->draft->invite_as;
	for (size_t i = 0; i < job->draft->choice_count; i++)
		if (str_eq(job->choices[i].key, address->key))
			grade = job->draft->choices[i].grade;
	/* It came from outside: a number that is no grade must not be stored. */
	return grade == GRADE_PROFESSIONAL ? GRADE_PROFESSIONAL : GRADE_GUEST;
}

static enum err parse_choices(struct job *job)
{
	size_t count = job->draft->choice_count;
	if (count > LIMIT_FORM_FIELDS)
		return ERR_TOO_LARGE;
	job->choices = ARENA_ARRAY(job->cx->arena, count + 1, struct address);
	if (job->choices == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		enum err err = address_parse(job->cx->arena, job->draft->choices[i].address,
					     &job->choices[i]);
		if (err != OK && err != ERR_INVALID)
			return err;
	}
	return OK;
}

static enum err resolve_new(struct job *job, const char *field, const struct address *address,
			    struct addressee *item)
{
	struct rule_verdict verdict;
	if (!policy_allows(job->cx->portal->settings, job->sender, ACT_INVITE_GUEST)) {
		refuse(job, field, guest_may_not(job), address);
		return OK;
	}
	TRY(invite_judge(job->cx, job->db, address, &verdict));
	if (!verdict.is_allowed) {
		refuse(job, field, TEXT_ERROR_ADDRESS_NOT_ALLOWED, address);
		return OK;
	}
	item->state = ADDRESSEE_NEW;
	item->is_grade_by_rule = verdict.is_grade_fixed;
	item->grade = verdict.is_grade_fixed ? verdict.grade : chosen_grade(job, address);
	if (item->grade == GRADE_PROFESSIONAL &&
	    !policy_allows(job->cx->portal->settings, job->sender, ACT_INVITE_PROFESSIONAL))
		item->grade = GRADE_GUEST;
	job->resolved->view.new_count++;
	return OK;
}

/* Registering opens all that waits at once: so many must not wait that it cannot. */
static enum err check_waiting(struct job *job, const char *field, const struct address *address,
			      const struct user *user)
{
	int64_t count;
	TRY(waiting_count(job->db, &user->id, LIMIT_WAITING_MESSAGES, &count));
	if (count < LIMIT_WAITING_MESSAGES)
		return OK;
	form_error(job->cx, job->errors, field, TEXT_ERROR_TOO_MANY_WAITING,
		   TEXT_ARG("address", form_error_quote(job->cx, address->text)),
		   TEXT_NUMBER("count", count));
	return OK;
}

static enum err resolve_known(struct job *job, const char *field, const struct address *address,
			      const struct user *user, struct addressee *item)
{
	bool may_write;
	TRY(may_write_to(job, user, &may_write));
	if (!may_write) {
		refuse(job, field, guest_may_not(job), address);
		return OK;
	}
	if (block_state(&job->blockers, user) == USER_DISABLED) {
		refuse(job, field, TEXT_ERROR_ADDRESS_DISABLED, address);
		return OK;
	}
	item->state = user->state == USER_ACTIVE ? ADDRESSEE_KNOWN : ADDRESSEE_PENDING;
	/* As it is stored, so that a repeated request is answered alike. */
	item->address = user->address;
	item->grade = user->grade;
	item->name = user->name;
	return user->state == USER_INVITED ? check_waiting(job, field, address, user) : OK;
}

/* As it was written, or by another address of theirs. */
static bool is_listed(const struct resolved *resolved, struct str key)
{
	for (size_t i = 0; i < resolved->view.count; i++)
		if (str_eq(resolved->addresses[i].key, key) ||
		    str_eq(resolved->users[i].address_key, key))
			return true;
	return false;
}

/* The sender has a copy already; but of documents to sign they may be one of those who sign. */
static void resolve_own(struct job *job, const char *field, enum recipient_kind kind,
			const struct address *address)
{
	struct resolved *resolved = job->resolved;
	const struct user *sender = job->sender;
	if (job->own_field == NULL)
		job->own_field = field;
	if (job->draft->signing == NULL || kind != RECIPIENT_TO ||
	    is_listed(resolved, sender->address_key))
		return;
	size_t at = resolved->view.count++;
	resolved->addresses[at] = *address;
	resolved->users[at] = *sender;
	resolved->view.items[at] = (struct addressee){
		.address = sender->address,
		.name = sender->name,
		.kind = kind,
		.state = ADDRESSEE_KNOWN,
		.grade = sender->grade,
		.is_self = true,
	};
}

/* Several addresses of one person are one addressee. */
static enum err resolve_one(struct job *job, const char *field, enum recipient_kind kind,
			    const struct address *address)
{
	struct resolved *resolved = job->resolved;
	struct user user = *job->sender;
	enum err err = OK;
	if (address->key.len == 0) {
		refuse(job, field, TEXT_ERROR_ADDRESS_BAD, address);
		return OK;
	}
	if (!str_eq(address->key, user.address_key)) {
		if (is_listed(resolved, address->key))
			return OK;
		err = users_by_key(job->db, job->cx->arena, address->key, &user);
	}
	if (err == OK && id_eq(&user.id, &job->sender->id)) {
		resolve_own(job, field, kind, address);
		return OK;
	}
	if (err == OK && is_listed(resolved, user.address_key))
		return OK;
	size_t at = resolved->view.count++;
	struct addressee *item = &resolved->view.items[at];
	resolved->addresses[at] = *address;
	*item = (struct addressee){.address = address->text, .kind = kind};
	if (err == ERR_NOT_FOUND)
		return resolve_new(job, field, address, item);
	TRY(err);
	resolved->users[at] = user;
	return resolve_known(job, field, address, &resolved->users[at], item);
}

static enum err resolve_list(struct job *job, const char *field, enum recipient_kind kind,
			     struct str typed)
{
	struct address *addresses;
	size_t count;
	enum err err =
		address_parse_list(job->cx->arena, typed, LIMIT_RECIPIENTS, &addresses, &count);
	if (err == ERR_TOO_LARGE ||
	    (err == OK && job->resolved->view.count + count > LIMIT_RECIPIENTS)) {
		form_error(job->cx, job->errors, field, TEXT_ERROR_ADDRESS_TOO_MANY,
			   TEXT_NUMBER("count", LIMIT_RECIPIENTS));
		return OK;
	}
	TRY(err);
	for (size_t i = 0; i < count; i++)
		TRY(resolve_one(job, field, kind, &addresses[i]));
	return OK;
}

/* No more addresses can be in the text than this, so that a message to one person does not take
 * memory for 500. */
static size_t count_separators(struct str typed)
{
	size_t count = 1;
	for (size_t i = 0; i < typed.len; i++)
		count += typed.data[i] == ',' || typed.data[i] == ';' || typed.data[i] == '\n';
	return count;
}

static size_t capacity_for(const struct draft *draft)
{
	size_t most = count_separators(draft->to) + count_separators(draft->cc) +
		      count_separators(draft->bcc);
	return most < LIMIT_RECIPIENTS ? most : LIMIT_RECIPIENTS;
}

enum err addressing_resolve(struct cx *cx, struct db *db, const struct user *sender,
			    const struct draft *draft, const struct id *parent_people,
			    size_t parent_count, struct resolved *ret, struct form_errors *errors)
{
	size_t capacity = capacity_for(draft);
	struct resolved resolved = {
		.view.items = ARENA_ARRAY(cx->arena, capacity, struct addressee),
		.users = ARENA_ARRAY(cx->arena, capacity, struct user),
		.addresses = ARENA_ARRAY(cx->arena, capacity, struct address),
	};
	if (resolved.view.items == NULL || resolved.users == NULL || resolved.addresses == NULL)
		return ERR_UNAVAILABLE;
	struct job job = {.cx = cx,
			  .db = db,
			  .sender = sender,
			  .draft = draft,
			  .parent_people = parent_people,
			  .parent_count = parent_count,
			  .resolved = &resolved,
			  .errors = errors};
	TRY(parse_choices(&job));
	TRY(block_load(cx, db, sender, &job.blockers));
	TRY(resolve_list(&job, "to", RECIPIENT_TO, draft->to));
	TRY(resolve_list(&job, "cc", RECIPIENT_CC, draft->cc));
	TRY(resolve_list(&job, "bcc", RECIPIENT_BCC, draft->bcc));
	if (resolved.view.count == 0 && errors->count == 0)
		form_error(cx, errors, job.own_field ? job.own_field : "to",
			   job.own_field ? TEXT_ERROR_ADDRESS_OWN : TEXT_ERROR_RECIPIENT_MISSING);
	*ret = resolved;
	return errors->count == 0 ? OK : ERR_INVALID;
}

enum err addressing_people_of(struct db *db, struct arena *arena, const struct user *reader,
			      const struct message *message, struct id **ret, size_t *ret_count)
{
	struct message_reader *readers;
	size_t count, kept = 0;
	bool is_sender = id_eq(&reader->id, &message->sender_id);
	TRY(messages_readers(db, arena, &message->id, &readers, &count));
	struct id *people = ARENA_ARRAY(arena, count + 1, struct id);
	if (people == NULL)
		return ERR_UNAVAILABLE;
	people[kept++] = message->sender_id;
	for (size_t i = 0; i < count; i++)
		if (is_sender || readers[i].delivery.kind != RECIPIENT_BCC ||
		    id_eq(&readers[i].user.id, &reader->id))
			people[kept++] = readers[i].user.id;
	*ret = people;
	*ret_count = kept;
	return OK;
}
