/* What a message forwards, shown inside it: by the reader's own right to that
 * (core/message_quotes.h), so that it goes blank when it is recalled or expires. And opening what
 * is confidential. */
#include "base/limits.h"
#include "core/mailbox_read.h"
#include "core/session_begin.h"

static enum err read_one(struct cx *cx, struct db *db, const struct id *id, struct rewrap *rewrap,
			 struct message_view *view, struct id *ret_next)
{
	struct message_copy copy;
	enum err err = messages_get(db, cx->arena, &cx->session->user.id, id, &copy);
	*ret_next = (struct id){0};
	if (err == ERR_NOT_FOUND) {
		*view = (struct message_view){.is_missing = true};
		return OK;
	}
	TRY(err);
	TRY(mailbox_read_view(cx, &copy, MAILBOX_READ_ALL, rewrap, view));
	TRY(mailbox_read_files(cx, db, &copy, false, view));
	if (copy.is_authentic)
		*ret_next = copy.message.forward_of;
	return OK;
}

enum err mailbox_read_quoted(struct cx *cx, struct db *db, const struct message_copy *copy,
			     struct rewrap *rewrap, struct message_view *view)
{
	struct id next = copy->message.forward_of;
	if (id_is_empty(&next) || view->is_unreadable || view->is_body_left_out ||
	    !mailbox_read_allows_body(cx, copy))
		return OK;
	view->quoted = ARENA_ARRAY(cx->arena, LIMIT_FORWARD_CHAIN, struct message_view);
	if (view->quoted == NULL)
		return ERR_UNAVAILABLE;
	while (!id_is_empty(&next) && view->quoted_count < LIMIT_FORWARD_CHAIN &&
	       rewrap->quotes_left > 0) {
		struct id id = next;
		TRY(read_one(cx, db, &id, rewrap, &view->quoted[view->quoted_count++], &next));
		rewrap->quotes_left--;
	}
	return OK;
}

static enum err find(struct cx *cx, const struct id *id)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy copy;
	TRY(store_read_begin(cx->portal->store, &db));
	return messages_get(db, cx->arena, &cx->session->user.id, id, &copy);
}

enum err mailbox_confirm(struct cx *cx, const struct id *id, struct str password,
			 struct form_errors *errors)
{
	struct form_errors wrong = {.count = 0};
	TRY(find(cx, id));
	enum err err = session_confirm_password(cx, password, &wrong);
	if (err == ERR_INVALID)
		form_error(cx, errors, "password", TEXT_ERROR_PASSWORD_WRONG);
	if (err == OK)
		cx->confirmed = *id;
	return err;
}
