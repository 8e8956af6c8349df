/* The files of a message, as its reader sees them: what they are called stands under the message's
 * own key, so it costs nothing but one statement. */
#include "base/log.h"
#include "core/mailbox_read.h"

struct reading {
	struct cx *cx;
	struct db *db;
	struct secret *key;
	struct message_view *view;
};

static void fill_end(const struct reading *reading, const struct message_file_copy *copy,
		     struct file_view *file)
{
	bool is_mine = reading->view->is_mine;
	file->ended = copy->delivery.ended;
	file->ended_ms = copy->delivery.ended_ms;
	file->is_recalled_from_all = is_mine && copy->file.recalled_ms > 0;
	if (copy->file.recalled_ms == 0 || file->ended != DELIVERY_LIVE)
		return;
	file->ended_ms = copy->file.recalled_ms;
	/* From everybody: whatever a row says, put back from an old copy perhaps (P4.4). */
	if (!is_mine)
		file->ended = DELIVERY_RECALLED;
}

static enum err fill_readers(struct reading *reading, struct file_view *file)
{
	struct file_holder *holders;
	size_t count;
	TRY(file_deliveries_of_file(reading->db, reading->cx->arena, &file->message_id, &file->id,
				    &holders, &count));
	for (size_t i = 0; i < count; i++) {
		file->reader_count++;
		file->live_count +=
			holders[i].is_authentic && holders[i].delivery.ended == DELIVERY_LIVE;
	}
	return OK;
}

static enum err read_one(struct reading *reading, const struct message_file_copy *copy,
			 struct file_view *file)
{
	const struct id *message_id = &reading->view->id;
	*file = (struct file_view){.id = copy->file.file_id, .message_id = *message_id};
	file->is_unreadable = !copy->is_authentic;
	if (file->is_unreadable)
		return OK;
	fill_end(reading, copy, file);
	enum err err = file_head_decrypt_in_message(reading->cx, message_id, &file->id,
						    reading->key, copy->file.head, &file->head);
	if (err != ERR_CORRUPT)
		return err;
	log_event(LOG_ALARM, "file.unreadable", LOG_STR("file", id_str(&file->id)));
	*file = (struct file_view){
		.id = file->id, .message_id = *message_id, .is_unreadable = true};
	return OK;
}

/* Who got the message quoted was given what the giver could open; the rest is not for them. */
static bool is_shown(const struct reading *reading, const struct message_file_copy *copy)
{
	return !copy->is_authentic || !reading->view->is_quoted ||
	       !id_is_empty(&copy->delivery.message_id);
}

static enum err read_all(struct reading *reading, const struct message_file_copy *copies,
			 size_t count, bool has_readers)
{
	struct message_view *view = reading->view;
	view->files = ARENA_ARRAY(reading->cx->arena, count, struct file_view);
	if (view->files == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		struct file_view *file = &view->files[view->file_count];
		if (!is_shown(reading, &copies[i]))
			continue;
		TRY(read_one(reading, &copies[i], file));
		view->file_count++;
		if (has_readers && view->is_mine && !file->is_unreadable)
			TRY(fill_readers(reading, file));
	}
	return OK;
}

enum err mailbox_read_files(struct cx *cx, struct db *db, const struct message_copy *copy,
			    bool has_readers, struct message_view *view)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct message_file_copy *copies;
	size_t count;
	if (view->is_unreadable)
		return OK;
	TRY(message_files_of(db, cx->arena, &view->id, &cx->session->user.id, &copies, &count));
	if (count == 0)
		return OK;
	/* As the body: names are part of what it says. */
	if (!mailbox_read_allows_body(cx, copy)) {
		view->file_count = count;
		return OK;
	}
	TRY(mailbox_read_key(cx, copy, &key));
	if (key == NULL)
		return OK;
	struct reading reading = {.cx = cx, .db = db, .key = key, .view = view};
	return read_all(&reading, copies, count, has_readers);
}
