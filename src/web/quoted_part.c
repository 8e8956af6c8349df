#include "web/quoted_part.h"

#include "web/markdown.h"
#include "web/when.h"

struct str quoted_part_end(struct cx *cx, const struct message_view *message)
{
	enum text_id id =
		message->ended == DELIVERY_RECALLED ? TEXT_MESSAGE_RECALLED : TEXT_MESSAGE_EXPIRED;
	if (message->ended == DELIVERY_LIVE)
		return STR_NONE;
	return TEXT_FILL(cx->arena, cx->language, id,
			 TEXT_ARG("date", when_long(cx, message->ended_ms)));
}

static struct str notice_of(struct cx *cx, const struct message_view *message)
{
	if (message->is_missing)
		return text_get(cx->language, TEXT_QUOTED_MISSING);
	if (message->is_unreadable)
		return text_get(cx->language, TEXT_MESSAGE_UNREADABLE);
	if (message->needs_password)
		return text_get(cx->language, TEXT_MESSAGE_CONFIDENTIAL);
	if (message->ended == DELIVERY_LIVE && str_trim(message->body).len == 0)
		return text_get(cx->language, TEXT_MESSAGE_EMPTY_BODY);
	return quoted_part_end(cx, message);
}

static enum err fill_one(struct cx *cx, const struct message_view *message, size_t *bytes_left,
			 struct quoted_part *part)
{
	*part = (struct quoted_part){
		.id = message->id,
		.from = text_get(cx->language, TEXT_QUOTED_TITLE),
		.notice = notice_of(cx, message),
		.reason = message->reason,
	};
	if (message->is_missing || message->is_unreadable)
		return OK;
	part->from = TEXT_FILL(cx->arena, cx->language, TEXT_QUOTED_FROM,
			       TEXT_ARG("name", message->sender.name),
			       TEXT_ARG("date", when_long(cx, message->sent_ms)));
	part->subject = message->subject.len > 0 ? message->subject
						 : text_get(cx->language, TEXT_BOX_NO_SUBJECT);
	TRY(sent_files_fill(cx, message, &part->files));
	if (part->notice.len > 0)
		return OK;
	enum err err = markdown_render(cx->arena, message->body, *bytes_left, &part->body);
	part->is_elsewhere = err == ERR_TOO_LARGE;
	if (part->is_elsewhere)
		return OK;
	*bytes_left -= part->body.markup.len;
	return err;
}

enum err quoted_part_fill(struct cx *cx, const struct message_view *message, size_t *bytes_left,
			  struct quoted_part **ret)
{
	*ret = NULL;
	if (message->quoted_count == 0)
		return OK;
	struct quoted_part *parts =
		ARENA_ARRAY(cx->arena, message->quoted_count, struct quoted_part);
	if (parts == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < message->quoted_count; i++)
		TRY(fill_one(cx, &message->quoted[i], bytes_left, &parts[i]));
	*ret = parts;
	return OK;
}
