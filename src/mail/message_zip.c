#include "mail/message_zip.h"

#include "base/limits.h"
#include "core/session_rights.h"
#include "mail/eml.h"
#include "mail/zip_files.h"

#include <stdlib.h>

/* What one step writes: a chunk and the headers around it; and the list of names. */
enum { OUT_BYTES = 4 << 20, NAME_BYTES = 512 };

struct message_zip {
	struct portal *portal;
	struct session_rights rights;
	struct zip *zip;
	struct zip_files *files;
	bool is_closed;
	char name[NAME_BYTES];
	size_t name_len;
};

/* What it forwards counts too. */
static bool has_files(const struct message_view *view)
{
	bool has = view->file_count > 0;
	for (size_t i = 0; i < view->quoted_count; i++)
		has = has || view->quoted[i].file_count > 0;
	return has;
}

static enum err open_message(struct cx *cx, const struct id *message_id, struct message_view *ret)
{
	TRY(mailbox_open(cx, message_id, ret));
	if (ret->is_unreadable)
		return ERR_CORRUPT;
	if (!has_files(ret))
		return ERR_NOT_FOUND;
	if (ret->ended != DELIVERY_LIVE)
		return ERR_CONFLICT;
	return ret->needs_password ? ERR_DENIED : OK;
}

static void set_name(struct cx *cx, const struct message_view *view, struct message_zip *zip)
{
	struct str name = arena_printf(cx->arena, "%.*s.zip", STR_ARGS(eml_subject(cx, view)));
	zip->name_len = name.len < NAME_BYTES ? name.len : NAME_BYTES;
	memcpy(zip->name, name.data ? name.data : "", zip->name_len);
}

static enum err begin(struct cx *cx, const struct id *message_id, struct message_zip *zip)
{
	struct message_view view;
	TRY(open_message(cx, message_id, &view));
	set_name(cx, &view, zip);
	TRY(zip_files_open(cx, &view, STR(""), &zip->files));
	if (zip_files_count(zip->files) == 0)
		return ERR_CONFLICT;
	return zip_new(OUT_BYTES, &zip->zip);
}

enum err message_zip_begin(struct cx *cx, const struct id *message_id, struct message_zip **ret)
{
	struct message_zip *zip = calloc(1, sizeof(*zip));
	if (zip == NULL)
		return ERR_UNAVAILABLE;
	zip->portal = cx->portal;
	zip->rights = session_rights_of(cx->session);
	enum err err = begin(cx, message_id, zip);
	if (err != OK)
		message_zip_free(zip);
	else
		*ret = zip;
	return err;
}

struct str message_zip_name(const struct message_zip *zip)
{
	return str_bytes(zip->name, zip->name_len);
}

/* What is left out at its end has been recalled; without the session it would be everything. */
static enum err end(struct message_zip *zip)
{
	struct arena arena CLEANUP_ARENA;
	struct cx cx = {.arena = &arena, .portal = zip->portal};
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	TRY(session_rights_check(&cx, &zip->rights));
	TRY(zip_close(zip->zip));
	zip->is_closed = true;
	return OK;
}

enum err message_zip_next(struct message_zip *zip, struct buf *piece, bool *ret_is_over)
{
	bool has_no_more = false;
	if (!zip_has_output(zip->zip) && !zip->is_closed) {
		TRY(zip_files_next(zip->files, zip->zip, &has_no_more));
		if (has_no_more)
			TRY(end(zip));
	}
	TRY(zip_take(zip->zip, piece));
	*ret_is_over = zip->is_closed && !zip_has_output(zip->zip);
	return OK;
}

void message_zip_watch(struct message_zip *zip, void (*cut)(void *argument), void *argument)
{
	zip_files_watch(zip->files, cut, argument);
}

void message_zip_free(struct message_zip *zip)
{
	if (zip == NULL)
		return;
	zip_files_free(zip->files);
	zip_free(zip->zip);
	free(zip);
}
