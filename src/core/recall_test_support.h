/* For the tests of recall: each step as one call. Include after cmocka.h. */
#pragma once

#include "core/core_test_support.h"
#include "core/message_key.h"
#include "core/recall.h"
#include "store/destructions.h"

static inline enum err recall_test_try(struct core_fixture *f, struct session *session,
				       const struct id *id, const struct recall_wish *wish,
				       struct recalled *ret, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, session);
	return recall_message(&cx, id, wish, ret, errors);
}

static inline struct recalled recall_test_whole(struct core_fixture *f, struct session *session,
						const struct id *id, struct str reason)
{
	const struct recall_wish wish = {.reason = reason, .is_whole = true};
	struct form_errors errors = {0};
	struct recalled recalled;
	assert_int_equal(recall_test_try(f, session, id, &wish, &recalled, &errors), OK);
	return recalled;
}

static inline struct recalled recall_test_from(struct core_fixture *f, struct session *session,
					       const struct id *id, struct str address,
					       struct str reason)
{
	const struct recall_wish wish = {
		.reason = reason, .addresses = &address, .address_count = 1};
	struct form_errors errors = {0};
	struct recalled recalled;
	assert_int_equal(recall_test_try(f, session, id, &wish, &recalled, &errors), OK);
	return recalled;
}

/* How many entries of destroyed keys there are of a message. */
static inline size_t recall_test_entries(struct core_fixture *f, const struct id *message_id)
{
	struct db *db CLEANUP_READ = NULL;
	struct destruction *entries;
	size_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(destructions_of_message(db, &f->arena, message_id, &entries, &count), OK);
	return count;
}

static inline enum err recall_test_insert(struct db *db, void *argument)
{
	return deliveries_insert(db, argument);
}

/* As a forward does: gives `to` what `from` may read, by the message `via`. */
static inline void recall_test_quote(struct core_fixture *f, struct session *from,
				     const struct id *message_id, const struct id *via,
				     const struct user *to)
{
	struct cx cx = core_fixture_cx(f, from);
	struct secret *key CLEANUP_SECRET = NULL;
	struct message_copy copy;
	struct db *db CLEANUP_READ = NULL;
	struct delivery quoted = {
		.message_id = *message_id,
		.user_id = to->id,
		.kind = RECIPIENT_QUOTED,
		.box = BOX_NONE,
		.via = *via,
	};
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(messages_get(db, &f->arena, &from->user.id, message_id, &copy), OK);
	assert_int_equal(message_key_open(&copy.delivery, &from->user, from->private_key,
					  from->mailbox_key, &key),
			 OK);
	assert_int_equal(message_key_seal(&cx, message_id, to, key, &quoted.sealed), OK);
	assert_int_equal(store_transact(f->portal->store, recall_test_insert, &quoted, NULL), OK);
}
