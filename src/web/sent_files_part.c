#include "web/sent_files_part.h"

#include "core/policy.h"
#include "web/when.h"

static struct str dated(struct cx *cx, enum text_id id, int64_t ms)
{
	return TEXT_FILL(cx->arena, cx->language, id, TEXT_ARG("date", when_long(cx, ms)));
}

static struct str end_of(struct cx *cx, const struct file_view *file)
{
	switch (file->ended) {
	case DELIVERY_RECALLED: return dated(cx, TEXT_FILES_RECALLED, file->ended_ms);
	case DELIVERY_EXPIRED: return dated(cx, TEXT_FILES_EXPIRED, file->ended_ms);
	case DELIVERY_LIVE: break;
	}
	return STR_NONE;
}

static struct str reach_of(struct cx *cx, const struct file_view *file)
{
	if (file->is_recalled_from_all)
		return text_get(cx->language, TEXT_FILES_RECALLED_OWN);
	if (file->live_count == file->reader_count)
		return STR_NONE;
	return TEXT_FILL(cx->arena, cx->language, TEXT_FILES_RECALLED_SOME,
			 TEXT_NUMBER("live", file->live_count),
			 TEXT_NUMBER("count", file->reader_count));
}

static enum err fill_one(struct cx *cx, const struct message_view *message,
			 const struct file_view *file, struct sent_file *ret)
{
	*ret = (struct sent_file){
		.message_id = message->id,
		.words = {.id = file->id},
		.is_confidential = message->options & OPTION_CONFIDENTIAL,
	};
	if (file->is_unreadable) {
		ret->words.name = text_get(cx->language, TEXT_FILES_UNREADABLE_HEAD);
		ret->end = text_get(cx->language, TEXT_FILES_UNREADABLE_WHY);
		return OK;
	}
	TRY(file_words_fill(cx, &file->id, &file->head, &ret->words));
	ret->end = end_of(cx, file);
	if (!message->is_mine)
		return OK;
	ret->reach = message->recalled_ms > 0 ? STR_NONE : reach_of(cx, file);
	ret->can_recall = policy_may(cx, ACT_RECALL) && message->recalled_ms == 0 &&
			  !file->is_recalled_from_all && file->live_count > 0;
	return OK;
}

enum err sent_files_fill(struct cx *cx, const struct message_view *message, struct sent_files *ret)
{
	struct sent_files files = {
		.message_id = message->id,
		.is_confidential = message->options & OPTION_CONFIDENTIAL,
	};
	int64_t open_count = 0, open_bytes = 0;
	if (message->files == NULL) {
		if (message->needs_password)
			files.hidden_count = (int64_t)message->file_count;
		*ret = files;
		return OK;
	}
	files.items = ARENA_ARRAY(cx->arena, message->file_count + 1, struct sent_file);
	if (files.items == NULL)
		return ERR_UNAVAILABLE;
	files.count = message->file_count;
	for (size_t i = 0; i < files.count; i++) {
		TRY(fill_one(cx, message, &message->files[i], &files.items[i]));
		if (files.items[i].end.len > 0)
			continue;
		open_count++;
		open_bytes += message->files[i].head.bytes;
	}
	if (open_count > 1)
		files.all = TEXT_FILL(cx->arena, cx->language, TEXT_FILES_ALL,
				      TEXT_NUMBER("count", open_count),
				      TEXT_ARG("size", file_words_size(cx, open_bytes)));
	*ret = files;
	return OK;
}
