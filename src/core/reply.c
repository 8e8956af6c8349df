#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/addressing.h"
#include "core/block.h"
#include "core/mailbox.h"
#include "core/message_key.h"

static void add_address(struct buf *list, const struct user *user)
{
	if (list->len > 0)
		buf_add(list, STR(", "));
	buf_add(list, user->address);
}

static bool starts_with_re(struct str subject)
{
	return subject.len >= 3 && str_eq_nocase(str_slice(subject, 0, 3), STR("re:"));
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
		.subject = starts_with_re(subject)
				   ? subject
				   : arena_printf(cx->arena, "Re: %.*s",
						  STR_ARGS(utf8_first(subject,
								      LIMIT_SUBJECT_CHARS - 4))),
		.reply_to = *id,
	};
	return OK;
}
