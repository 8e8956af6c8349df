/* The conversation of a message. However long its texts and however many its people, it is shown:
 * what was asked for whole, around it as much as fits. */
#include "base/limits.h"
#include "core/block.h"
#include "core/mailbox_read.h"
#include "crypto/aead.h"

enum {
	INLINE_BODY_BYTES = 4096, /* of ciphertext: such bodies come with the first statement */
	PEOPLE_ALWAYS = 3,
};

struct reading {
	struct cx *cx;
	struct db *db;
	struct message_copy *copies; /* newest first */
	size_t count;
	size_t asked;
	unsigned how;
	bool has_mine, has_theirs; /* a newer one was read already */
	struct rewrap *rewrap;
	struct conversation_view *view;
	int64_t *file_counts;
	int64_t body_bytes_left;
	int64_t people_left;
};

/* P4.3: a look opens nothing, so it does not see what is unopened either. */
static bool is_hidden(const struct reading *reading, const struct message_copy *copy)
{
	return (reading->how & CONVERSATION_LOOK) && copy->delivery.opened_ms == 0;
}

static enum err read_body(struct reading *reading, size_t i, bool *ret_has_body)
{
	struct message_copy *copy = &reading->copies[i];
	*ret_has_body = false;
	if (is_hidden(reading, copy))
		return OK;
	if (i != reading->asked) {
		*ret_has_body = copy->body_bytes <= reading->body_bytes_left;
		if (*ret_has_body)
			reading->body_bytes_left -= copy->body_bytes;
	} else {
		*ret_has_body = true;
	}
	if (!*ret_has_body || !copy->is_authentic || copy->message.body.len > 0)
		return OK;
	return messages_load_body(reading->db, reading->cx->arena, copy);
}

/* The sender sees what became of each recipient (P4.3), in the message asked for. */
static int64_t people_max(struct reading *reading, size_t i, bool is_mine)
{
	if (i == reading->asked)
		return is_mine ? LIMIT_RECIPIENTS : LIMIT_MESSAGE_PEOPLE;
	int64_t max = reading->people_left < LIMIT_MESSAGE_PEOPLE ? reading->people_left
								  : LIMIT_MESSAGE_PEOPLE;
	return max > PEOPLE_ALWAYS ? max : PEOPLE_ALWAYS;
}

/* What is folded has been opened already, and is neither what was asked for nor the newest. */
static bool is_folded(const struct reading *reading, size_t i)
{
	const struct delivery *delivery = &reading->copies[i].delivery;
	return (reading->how & CONVERSATION_FOLDED) && i != reading->asked && i > 0 &&
	       !delivery->is_unread && delivery->opened_ms > 0;
}

/* Of the newest of either side it is told who got it: they are answered. */
static bool has_people(struct reading *reading, const struct message_view *view)
{
	bool *has_newer = view->is_mine ? &reading->has_mine : &reading->has_theirs;
	bool is_newest = !*has_newer;
	*has_newer |= !view->is_unreadable;
	return is_newest || !view->is_folded;
}

/* By name beside the whole text; else how many. */
static enum err read_files(struct reading *reading, size_t i, bool is_whole,
			   struct message_view *view)
{
	if (reading->file_counts[i] == 0 || view->is_unreadable)
		return OK;
	if (is_whole)
		return mailbox_read_files(reading->cx, reading->db, &reading->copies[i],
					  i == reading->asked, view);
	view->file_count = (size_t)reading->file_counts[i];
	return OK;
}

static enum err read_message(struct reading *reading, size_t i)
{
	struct message_copy *copy = &reading->copies[i];
	struct message_view *view = &reading->view->messages[reading->count - 1 - i];
	bool is_folding = is_folded(reading, i);
	bool has_body = copy->message.body.len > 0;
	if (!is_folding)
		TRY(read_body(reading, i, &has_body));
	/* What is folded shows no subject but that of the conversation, which is the oldest's. */
	bool has_subject = !is_folding || i == reading->count - 1;
	TRY(mailbox_read_view(reading->cx, copy,
			      (has_subject ? MAILBOX_READ_SUBJECT : 0) |
				      (has_body ? MAILBOX_READ_BODY : 0),
			      reading->rewrap, view));
	view->is_folded = is_folding;
	TRY(read_files(reading, i, has_body && !is_folding, view));
	/* What was asked for always has room for what it forwards. */
	if (i == reading->asked ||
	    (!is_folding && reading->rewrap->quotes_left > LIMIT_FORWARD_CHAIN))
		TRY(mailbox_read_quoted(reading->cx, reading->db, copy, reading->rewrap, view));
	if (!has_people(reading, view))
		return OK;
	TRY(mailbox_read_people(reading->cx, reading->db, &copy->message,
				people_max(reading, i, view->is_mine), view));
	if (i != reading->asked)
		reading->people_left -= (int64_t)view->people_count;
	return OK;
}

/* One that is older than all that are shown takes the place of the oldest. */
static enum err find_asked(struct reading *reading, const struct id *id)
{
	for (size_t i = 0; i < reading->count; i++) {
		reading->asked = i;
		if (id_eq(&reading->copies[i].message.id, id))
			return OK;
	}
	return messages_get(reading->db, reading->cx->arena, &reading->cx->session->user.id, id,
			    &reading->copies[reading->asked]);
}

static enum err read_conversation(struct cx *cx, const struct id *message_id, unsigned how,
				  struct rewrap *rewrap, struct conversation_view *ret,
				  struct blockers *ret_blockers)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(block_load(cx, db, &cx->session->user, ret_blockers));
	struct reading reading = {
		.cx = cx,
		.db = db,
		.how = how,
		.rewrap = rewrap,
		.view = ret,
		.body_bytes_left = LIMIT_CONVERSATION_BODY_BYTES,
		.people_left = LIMIT_CONVERSATION_PEOPLE,
	};
	TRY(messages_conversation(db, cx->arena, &cx->session->user.id, message_id,
				  INLINE_BODY_BYTES, LIMIT_CONVERSATION_MESSAGES, &reading.copies,
				  &reading.count));
	if (reading.count == 0)
		return ERR_NOT_FOUND;
	TRY(find_asked(&reading, message_id));
	TRY(mailbox_read_file_counts(cx, db, reading.copies, reading.count, &reading.file_counts));
	ret->messages = ARENA_ARRAY(cx->arena, reading.count + 1, struct message_view);
	if (ret->messages == NULL)
		return ERR_UNAVAILABLE;
	rewrap->quotes_left = LIMIT_CONVERSATION_QUOTES;
	AEAD_BATCH;
	/* From the newest back, so that what is left out is old. */
	for (size_t i = 0; i < reading.count; i++)
		TRY(read_message(&reading, i));
	ret->count = reading.count;
	return mailbox_read_labels(cx, db, &ret->messages[reading.count - 1 - reading.asked],
				   &ret->labels, &ret->label_count);
}

static bool can_be_written_to(const struct blockers *blockers, const struct message_person *person)
{
	const struct user user = {.id = person->id, .grade = person->grade, .state = person->state};
	return block_state(blockers, &user) != USER_DISABLED;
}

/* Who an answer to the newest message would reach. */
static void count_others(const struct cx *cx, const struct blockers *blockers,
			 struct conversation_view *view)
{
	const struct message_view *last = &view->messages[view->count - 1];
	if (last->is_unreadable)
		return;
	int64_t others = last->others_count;
	others += !last->is_mine && can_be_written_to(blockers, &last->sender);
	for (size_t i = 0; i < last->people_count; i++) {
		const struct message_person *person = &last->people[i];
		bool is_self = id_eq(&person->id, &cx->session->user.id);
		others -= !is_self && person->kind != RECIPIENT_BCC &&
			  !can_be_written_to(blockers, person);
	}
	view->others_count = others > 0 ? (size_t)others : 0;
	view->can_reply = others > 0;
}

enum err mailbox_conversation_as(struct cx *cx, const struct id *message_id, unsigned how,
				 struct conversation_view *ret)
{
	struct rewrap rewrap = {0};
	struct conversation_view view = {0};
	struct blockers blockers;
	TRY(read_conversation(cx, message_id, how, &rewrap, &view, &blockers));
	if (!(how & CONVERSATION_LOOK))
		mailbox_read_finish(cx, &rewrap);
	view.subject = view.messages[0].subject;
	count_others(cx, &blockers, &view);
	*ret = view;
	return OK;
}

enum err mailbox_conversation(struct cx *cx, const struct id *message_id,
			      struct conversation_view *ret)
{
	return mailbox_conversation_as(cx, message_id, 0, ret);
}
