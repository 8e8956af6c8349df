#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/addressing.h"
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

/* Who an answer goes to: the sender, or for one's own message the people in To; all of them with
 * is_to_all. */
static void add_people(const struct message_copy *copy, const struct message_reader *readers,
		       size_t count, const struct user *self, bool is_to_all, struct buf *to,
		       struct buf *cc)
{
	bool is_mine = id_eq(&copy->message.sender_id, &self->id);
	if (!is_mine)
		add_address(to, &copy->sender);
	for (size_t i = 0; i < count; i++) {
		const struct message_reader *reader = &readers[i];
		bool is_self = id_eq(&reader->user.id, &self->id);
		/* A Bcc recipient stays unseen: no answer names them. */
		if (is_self || reader->delivery.kind == RECIPIENT_BCC ||
		    reader->user.state == USER_DISABLED)
			continue;
		if (reader->delivery.kind == RECIPIENT_TO && (is_mine || is_to_all))
			add_address(to, &reader->user);
		else if (is_to_all)
			add_address(cc, &reader->user);
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
	struct buf to CLEANUP_BUF;
	struct buf cc CLEANUP_BUF;
	buf_init(&to, 1 << 20);
	buf_init(&cc, 1 << 20);
	add_people(&copy, readers, count, &cx->session->user, is_to_all, &to, &cc);
	if (to.err != OK || cc.err != OK)
		return ERR_UNAVAILABLE;
	*ret = (struct draft){
		.to = arena_copy(cx->arena, buf_str(&to)),
		.cc = arena_copy(cx->arena, buf_str(&cc)),
		.subject = starts_with_re(subject)
				   ? subject
				   : arena_printf(cx->arena, "Re: %.*s",
						  STR_ARGS(utf8_first(subject,
								      LIMIT_SUBJECT_CHARS - 4))),
		.reply_to = *id,
	};
	return OK;
}
