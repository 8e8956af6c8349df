#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/addressing.h"
#include "core/block.h"
#include "core/mailbox.h"
#include "core/message_key.h"
#include "core/message_options.h"
#include "core/policy.h"

static void add_address(struct buf *list, const struct user *user)
{
	if (list->len > 0)
		buf_add(list, STR(", "));
	buf_add(list, user->address);
}

/* mark: "Re: ". Once is enough. */
static struct str marked(struct cx *cx, struct str mark, struct str subject)
{
	struct str bare = str_trim(mark);
	bool has_it =
		subject.len >= bare.len && str_eq_nocase(str_slice(subject, 0, bare.len), bare);
	if (has_it)
		return subject;
	return arena_printf(cx->arena, "%.*s%.*s", STR_ARGS(mark),
			    STR_ARGS(utf8_first(subject, LIMIT_SUBJECT_CHARS - mark.len)));
}

struct answering {
	const struct user *self;
	bool is_to_all;
	struct blockers blockers;
	struct buf to, cc;
};

static void answering_release(struct answering *answering)
{
	buf_release(&answering->to);
	buf_release(&answering->cc);
}
#define CLEANUP_ANSWERING __attribute__((cleanup(answering_release)))

/* Who an answer goes to: the sender, or for one's own message the people in To; all of them with
 * is_to_all. */
static void add_people(const struct message_copy *copy, const struct message_reader *readers,
		       size_t count, struct answering *answering)
{
	struct buf *to = &answering->to;
	bool is_mine = id_eq(&copy->message.sender_id, &answering->self->id);
	if (!is_mine)
		add_address(to, &copy->sender);
	for (size_t i = 0; i < count; i++) {
		const struct message_reader *reader = &readers[i];
		bool is_self = id_eq(&reader->user.id, &answering->self->id);
		/* A Bcc recipient stays unseen: no answer names them. */
		if (is_self || reader->delivery.kind == RECIPIENT_BCC ||
		    block_state(&answering->blockers, &reader->user) == USER_DISABLED)
			continue;
		if (reader->delivery.kind == RECIPIENT_TO && (is_mine || answering->is_to_all))
			add_address(to, &reader->user);
		else if (answering->is_to_all)
			add_address(&answering->cc, &reader->user);
	}
}

static enum err read_subject(struct cx *cx, const struct message_copy *copy, struct str *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	const struct session *session = cx->session;
	TRY(message_key_open(&copy->delivery, &session->user, session->private_key,
			     session->mailbox_key, &key));
	return message_key_decrypt(cx, &copy->delivery, MESSAGE_SUBJECT, key, copy->message.subject,
				   ret);
}

enum err message_reply_draft(struct cx *cx, const struct id *id, bool is_to_all, struct draft *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy copy;
	struct message_reader *readers;
	size_t count;
	struct str subject;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_get(db, cx->arena, &cx->session->user.id, id, &copy));
	if (!copy.is_authentic)
		return ERR_CORRUPT;
	TRY(messages_readers(db, cx->arena, id, &readers, &count));
	TRY(read_subject(cx, &copy, &subject));
	struct answering answering CLEANUP_ANSWERING = {.self = &cx->session->user,
							.is_to_all = is_to_all};
	buf_init(&answering.to, 1 << 20);
	buf_init(&answering.cc, 1 << 20);
	TRY(block_load(cx, db, answering.self, &answering.blockers));
	add_people(&copy, readers, count, &answering);
	if (answering.to.err != OK || answering.cc.err != OK)
		return ERR_UNAVAILABLE;
	*ret = (struct draft){
		.to = arena_copy(cx->arena, buf_str(&answering.to)),
		.cc = arena_copy(cx->arena, buf_str(&answering.cc)),
		.subject = marked(cx, STR("Re: "), subject),
		.reply_to = *id,
	};
	return OK;
}

/* The message that a draft answers or forwards. */
static enum err get_source(struct cx *cx, const struct id *id, struct message_copy *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_get(db, cx->arena, &cx->session->user.id, id, ret));
	return ret->is_authentic ? OK : ERR_CORRUPT;
}

enum err message_forward_draft(struct cx *cx, const struct id *id, struct draft *ret,
			       struct form_errors *errors)
{
	struct message_copy copy;
	struct str subject;
	if (!policy_may(cx, ACT_FORWARD))
		return message_options_refuse(cx, REFUSAL_OFF, errors);
	TRY(get_source(cx, id, &copy));
	struct message_acts acts = message_options_acts(&cx->session->user, &copy, cx_now_ms(cx));
	TRY(message_options_refuse(cx, acts.forward, errors));
	TRY(read_subject(cx, &copy, &subject));
	*ret = (struct draft){.subject = marked(cx, STR("Fwd: "), subject), .forward_of = *id};
	return OK;
}

enum err message_options_of_draft(struct cx *cx, const struct draft *draft,
				  struct message_terms *ret)
{
	struct message_copy copy;
	bool is_answer = !id_is_empty(&draft->reply_to);
	const struct id *id = is_answer ? &draft->reply_to : &draft->forward_of;
	*ret = (struct message_terms){0};
	if (id_is_empty(id))
		return OK;
	enum err err = get_source(cx, id, &copy);
	if (err == OK)
		*ret = message_options_inherited(draft, &copy.message);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}
