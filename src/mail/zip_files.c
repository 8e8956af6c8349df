#include "mail/zip_files.h"

#include "core/download.h"
#include "crypto/chunks.h"

#include <stdlib.h>

struct zip_file {
	struct download *download;
	struct str path;
};

struct zip_files {
	struct arena arena;
	const struct language *language;
	int64_t time_ms;
	struct zip_file *items;
	size_t count, at;
	bool is_begun; /* the one at `at` */
	void (*cut)(void *argument);
	void *argument;
	struct buf piece;
};

/* ---- opening ---- */

/* In memory of its own: each looks through all files of its message. */
static enum err open_download(struct cx *cx, const struct file_view *view, struct download **ret)
{
	enum { LOOK_BYTES = 4 << 20 };
	struct arena scratch CLEANUP_ARENA;
	struct cx own = *cx;
	arena_init(&scratch, LOOK_BYTES);
	own.arena = &scratch;
	TRY(download_open(&own, &view->id, &view->message_id, ret));
	download_set_aside(*ret);
	return OK;
}

/* What cannot be opened is not there any more; what is wrong with it was logged. */
static enum err open_one(struct cx *cx, const struct file_view *view, struct str folder,
			 struct zip_files *files, struct str *names)
{
	struct zip_file *item = &files->items[files->count];
	if (view->is_unreadable || view->ended != DELIVERY_LIVE)
		return OK;
	enum err err = open_download(cx, view, &item->download);
	if (err == ERR_NOT_FOUND || err == ERR_CONFLICT || err == ERR_CORRUPT)
		return OK;
	TRY(err);
	struct arena *arena = &files->arena;
	struct str name = zip_safe_name(arena, view->head.name);
	name = zip_other_name(arena, name, names, files->count);
	names[files->count++] = name;
	item->path = arena_printf(arena, "%.*s%.*s", STR_ARGS(folder), STR_ARGS(name));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

static size_t count_of(const struct message_view *view)
{
	return view->files ? view->file_count : 0;
}

/* What it forwards stands below it, with its files. */
static enum err open_all(struct cx *cx, const struct message_view *view, struct str folder,
			 struct zip_files *files)
{
	size_t most = count_of(view);
	for (size_t i = 0; i < view->quoted_count; i++)
		most += count_of(&view->quoted[i]);
	struct str *names = ARENA_ARRAY(&files->arena, most + 1, struct str);
	files->items = ARENA_ARRAY(&files->arena, most + 1, struct zip_file);
	if (files->arena.failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count_of(view); i++)
		TRY(open_one(cx, &view->files[i], folder, files, names));
	for (size_t at = 0; at < view->quoted_count; at++)
		for (size_t i = 0; i < count_of(&view->quoted[at]); i++)
			TRY(open_one(cx, &view->quoted[at].files[i], folder, files, names));
	return OK;
}

enum err zip_files_open(struct cx *cx, const struct message_view *view, struct str folder,
			struct zip_files **ret)
{
	enum { NAMES_BYTES = 4 << 20 }; /* a thousand of the longest, with their folder */
	struct zip_files *files = calloc(1, sizeof(*files));
	if (files == NULL)
		return ERR_UNAVAILABLE;
	files->language = cx->language;
	files->time_ms = view->sent_ms;
	arena_init(&files->arena, NAMES_BYTES);
	buf_init(&files->piece, CHUNK_BYTES);
	enum err err = open_all(cx, view, folder, files);
	if (err != OK)
		zip_files_free(files);
	else
		*ret = files;
	return err;
}

size_t zip_files_count(const struct zip_files *files)
{
	return files->count;
}

void zip_files_free(struct zip_files *files)
{
	if (files == NULL)
		return;
	for (size_t i = files->at; i < files->count; i++)
		download_free(files->items[i].download);
	buf_release(&files->piece);
	arena_release(&files->arena);
	free(files);
}

void zip_files_watch(struct zip_files *files, void (*cut)(void *argument), void *argument)
{
	files->cut = cut;
	files->argument = argument;
}

/* ---- writing ---- */

static void leave(struct zip_files *files)
{
	download_free(files->items[files->at++].download);
	files->is_begun = false;
}

static enum err write_note(struct zip_files *files, struct zip *zip)
{
	struct str path = files->items[files->at].path;
	struct str note = text_get(files->language, TEXT_EXPORT_FILE_DAMAGED);
	const struct zip_entry entry = {
		.path = arena_printf(&files->arena, "%.*s.txt", STR_ARGS(path)),
		.bytes = (int64_t)note.len,
		.time_ms = files->time_ms,
	};
	if (files->arena.failed)
		return ERR_UNAVAILABLE;
	TRY(zip_begin_entry(zip, &entry));
	TRY(zip_add(zip, note));
	return zip_end_entry(zip);
}

static enum err begin(struct zip_files *files, struct zip *zip)
{
	const struct zip_file *item = &files->items[files->at];
	enum err err = download_prepare(item->download);
	if (err == ERR_CORRUPT || err == ERR_DENIED) {
		err = err == ERR_CORRUPT ? write_note(files, zip) : OK;
		leave(files);
		return err;
	}
	TRY(err);
	const struct zip_entry entry = {
		.path = item->path,
		.bytes = download_head(item->download)->bytes,
		.time_ms = files->time_ms,
	};
	files->is_begun = true;
	if (files->cut)
		download_watch(item->download, files->cut, files->argument);
	return zip_begin_entry(zip, &entry);
}

static enum err go_on(struct zip_files *files, struct zip *zip)
{
	bool is_over;
	buf_clear(&files->piece);
	TRY(download_next(files->items[files->at].download, &files->piece, &is_over));
	if (files->piece.len > 0)
		TRY(zip_add(zip, buf_str(&files->piece)));
	if (!is_over)
		return OK;
	leave(files);
	return zip_end_entry(zip);
}

enum err zip_files_next(struct zip_files *files, struct zip *zip, bool *ret_is_over)
{
	*ret_is_over = files->at == files->count;
	if (*ret_is_over)
		return OK;
	return files->is_begun ? go_on(files, zip) : begin(files, zip);
}
