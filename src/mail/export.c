#include "mail/export.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/export_turn.h"
#include "core/session_begin.h"
#include "core/session_rights.h"
#include "mail/eml.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PAGE_ROWS = 50,
	CURSOR_MAX_BYTES = 256,
	SLICE_BYTES = 256 * 1024, /* of a message, at a time */
};

static const struct {
	enum box box;
	enum text_id folder;
} boxes[] = {
	{BOX_INBOX, TEXT_INBOX_TITLE},
	{BOX_SENT, TEXT_SENT_TITLE},
	{BOX_ARCHIVE, TEXT_ARCHIVE_TITLE},
	{BOX_TRASH, TEXT_TRASH_TITLE},
};
enum { BOXES = sizeof(boxes) / sizeof(boxes[0]) };

struct export
{
	struct portal *portal;
	const struct language *language;
	struct session_rights rights;
	int64_t session_created_ms;
	struct secret *private_key, *mailbox_key;
	bool has_turn;

	/* Where it is: the box, its page, the messages of that page. */
	size_t box_at;
	char cursor[CURSOR_MAX_BYTES];
	size_t cursor_bytes;
	bool is_last_page;
	struct id ids[PAGE_ROWS];
	size_t id_count, id_at;

	struct buf eml; /* of the message that goes into the archive */
	size_t eml_at;
	struct archive *archive;
	locale_t utf8;  /* libarchive asks the thread's locale how file names are to be read */
	struct buf out; /* what it has written and nobody has taken */
	size_t out_at;
	bool is_closed;
	int64_t messages;
};

/* ---- the archive ---- */

static la_ssize_t write_out(struct archive *archive, void *argument, const void *bytes, size_t len)
{
	struct export *export = argument;
	buf_add(&export->out, str_bytes(bytes, len));
	if (export->out.err == OK)
		return (la_ssize_t)len;
	archive_set_error(archive, ENOMEM, "no room");
	return -1;
}

static enum err check(struct export *export, int result)
{
	if (result >= ARCHIVE_WARN)
		return OK;
	const char *why = archive_error_string(export->archive);
	log_event(LOG_ERROR, "export.archive", LOG_CSTR("why", why ? why : ""));
	return export->out.err != OK ? export->out.err : ERR_INTERNAL;
}

static enum err start_archive(struct export *export)
{
	export->archive = archive_write_new();
	if (export->archive == NULL)
		return ERR_UNAVAILABLE;
	TRY(check(export, archive_write_set_format_zip(export->archive)));
	TRY(check(export,
		  archive_write_set_format_option(export->archive, "zip", "hdrcharset", "UTF-8")));
	/* No padding, and nothing kept back. */
	TRY(check(export, archive_write_set_bytes_per_block(export->archive, 0)));
	TRY(check(export, archive_write_set_bytes_in_last_block(export->archive, 1)));
	return check(export,
		     archive_write_open2(export->archive, export, NULL, write_out, NULL, NULL));
}

static enum err open_archive(struct export *export)
{
	export->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (export->utf8 == (locale_t)0)
		return ERR_UNAVAILABLE;
	locale_t before = uselocale(export->utf8);
	enum err err = start_archive(export);
	uselocale(before);
	return err;
}

static enum err begin_file(struct export *export, const char *path, int64_t sent_ms)
{
	struct archive_entry *entry = archive_entry_new();
	if (entry == NULL)
		return ERR_UNAVAILABLE;
	archive_entry_set_pathname_utf8(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t) export->eml.len);
	archive_entry_set_mtime(entry, sent_ms / SECOND_MS, 0);
	enum err err = check(export, archive_write_header(export->archive, entry));
	archive_entry_free(entry);
	return err;
}

static enum err write_slice(struct export *export)
{
	struct str slice = str_slice(buf_str(&export->eml), export->eml_at, SLICE_BYTES);
	if (archive_write_data(export->archive, slice.data, slice.len) != (la_ssize_t)slice.len)
		return check(export, ARCHIVE_FATAL);
	export->eml_at += slice.len;
	if (export->eml_at < export->eml.len)
		return OK;
	buf_release(&export->eml);
	export->eml_at = 0;
	return check(export, archive_write_finish_entry(export->archive));
}

/* ---- the mailbox ---- */

/* The next page of ids; none when there is nothing left at all. */
static enum err load_page(struct cx *cx, struct export *export)
{
	struct message_list list;
	if (export->is_last_page) {
		export->box_at++;
		export->cursor_bytes = 0;
		export->is_last_page = false;
	}
	export->id_at = export->id_count = 0;
	if (export->box_at == BOXES)
		return OK;
	TRY(mailbox_list(cx, boxes[export->box_at].box,
			 str_bytes(export->cursor, export->cursor_bytes), PAGE_ROWS, &list));
	if (list.next_cursor.len > CURSOR_MAX_BYTES)
		return ERR_INTERNAL;
	for (size_t i = 0; i < list.count; i++)
		export->ids[export->id_count++] = list.rows[i].id;
	memcpy(export->cursor, list.next_cursor.data ? list.next_cursor.data : "",
	       list.next_cursor.len);
	export->cursor_bytes = list.next_cursor.len;
	export->is_last_page = list.next_cursor.len == 0;
	return OK;
}

static enum err begin_message(struct cx *cx, struct export *export, const struct id *id)
{
	struct message_view view;
	/* The password was given for all of them. */
	cx->confirmed = *id;
	enum err err = mailbox_open(cx, id, &view);
	/* Deleted for ever since its page was listed. */
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	TRY(eml_build(cx, &view, &export->eml));
	struct str folder = text_get(cx->language, boxes[export->box_at].folder);
	struct str path = arena_printf(cx->arena, "%.*s/%.*s", STR_ARGS(folder),
				       STR_ARGS(eml_name(cx, &view)));
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	export->messages++;
	return begin_file(export, path.data, view.sent_ms);
}

static enum err read_on(struct export *export)
{
	struct arena arena CLEANUP_ARENA;
	struct session session;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	struct cx cx = {.arena = &arena,
			.portal = export->portal,
			.session = &session,
			.language = export->language};
	struct user user;
	TRY(session_rights_user(&cx, &export->rights, &user));
	session = (struct session){.id = export->rights.session_id,
				   .kind = export->rights.kind,
				   .user = user,
				   .private_key = export->private_key,
				   .mailbox_key = export->mailbox_key,
				   .created_ms = export->session_created_ms};
	if (export->id_at < export->id_count)
		return begin_message(&cx, export, &export->ids[export->id_at++]);
	TRY(load_page(&cx, export));
	if (export->box_at < BOXES)
		return OK;
	export->is_closed = true;
	log_event(LOG_INFO, "export.finished", LOG_STR("user", id_str(&export->rights.user_id)),
		  LOG_INT("messages", export->messages));
	return check(export, archive_write_close(export->archive));
}

static enum err advance(struct export *export)
{
	return export->eml.len > 0 ? write_slice(export) : read_on(export);
}

/* ---- */

static void take(struct export *export, struct buf *piece)
{
	struct str rest = str_slice(buf_str(&export->out), export->out_at, piece->max_bytes);
	buf_add(piece, rest);
	export->out_at += rest.len;
	if (export->out_at < export->out.len)
		return;
	buf_clear(&export->out);
	export->out_at = 0;
}

enum err export_next(struct export *export, struct buf *piece, bool *ret_is_over)
{
	enum err err = OK;
	if (export->out.len == 0 && !export->is_closed) {
		locale_t before = uselocale(export->utf8);
		err = advance(export);
		uselocale(before);
	}
	TRY(err);
	take(export, piece);
	*ret_is_over = export->is_closed && export->out.len == 0;
	return piece->err;
}

static enum err begin(struct cx *cx, struct export *export)
{
	const struct session *session = cx->session;
	export->portal = cx->portal;
	export->language = cx->language;
	export->rights = session_rights_of(session);
	export->session_created_ms = session->created_ms;
	buf_init(&export->eml, LIMIT_EML_BYTES);
	buf_init(&export->out, LIMIT_EXPORT_NAMES_BYTES);
	TRY(secret_copy(str_bytes(session->private_key->bytes, KEY_BYTES), &export->private_key));
	TRY(secret_copy(str_bytes(session->mailbox_key->bytes, KEY_BYTES), &export->mailbox_key));
	TRY(export_turn_take(cx->portal, &session->user.id));
	export->has_turn = true;
	return open_archive(export);
}

enum err export_begin(struct cx *cx, struct str password, struct form_errors *errors,
		      struct export **ret)
{
	TRY(session_confirm_password(cx, password, errors));
	struct export *export = calloc(1, sizeof(*export));
	if (export == NULL)
		return ERR_UNAVAILABLE;
	enum err err = begin(cx, export);
	if (err != OK) {
		export_free(export);
		return err;
	}
	log_event(LOG_INFO, "export.begun", LOG_STR("user", id_str(&cx->session->user.id)),
		  LOG_STR("remote", cx->remote));
	*ret = export;
	return OK;
}

void export_free(struct export *export)
{
	if (export == NULL)
		return;
	/* Closing an archive that was left in the middle writes its end: into `out`, for nobody. */
	archive_write_free(export->archive);
	if (export->utf8 != (locale_t)0)
		freelocale(export->utf8);
	if (export->has_turn)
		export_turn_give_back(export->portal, &export->rights.user_id);
	secret_free(export->private_key);
	secret_free(export->mailbox_key);
	buf_release(&export->eml);
	buf_release(&export->out);
	free(export);
}

struct str export_name(struct cx *cx)
{
	time_t seconds = (time_t)(cx_now_ms(cx) / SECOND_MS);
	struct tm utc = {0};
	gmtime_r(&seconds, &utc);
	return arena_printf(cx->arena, "mailbox-%04d-%02d-%02d.zip", utc.tm_year + 1900,
			    utc.tm_mon + 1, utc.tm_mday);
}
