#include "mail/export.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/audit_log.h"
#include "core/export_turn.h"
#include "core/session_begin.h"
#include "core/session_rights.h"
#include "mail/eml.h"
#include "mail/zip_documents.h"
#include "mail/zip_files.h"

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
	struct zip_files *files;         /* of the same message, after it; or NULL */
	struct zip_documents *documents; /* the same of those that are to be signed */
	struct zip *zip;
	bool is_closed;
	int64_t messages;
};

/* ---- the archive ---- */

static enum err begin_text(struct export *export, struct str path, int64_t sent_ms)
{
	const struct zip_entry entry = {
		.path = path,
		.bytes = (int64_t) export->eml.len,
		.time_ms = sent_ms,
		.is_compressed = true,
	};
	return zip_begin_entry(export->zip, &entry);
}

static enum err write_slice(struct export *export)
{
	struct str slice = str_slice(buf_str(&export->eml), export->eml_at, SLICE_BYTES);
	TRY(zip_add(export->zip, slice));
	export->eml_at += slice.len;
	if (export->eml_at < export->eml.len)
		return OK;
	buf_release(&export->eml);
	export->eml_at = 0;
	return zip_end_entry(export->zip);
}

static enum err write_files(struct export *export)
{
	bool is_over;
	TRY(zip_files_next(export->files, export->zip, &is_over));
	if (!is_over)
		return OK;
	zip_files_free(export->files);
	export->files = NULL;
	return OK;
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
	struct str box = text_get(cx->language, boxes[export->box_at].folder);
	struct str stem =
		arena_printf(cx->arena, "%.*s/%.*s", STR_ARGS(box), STR_ARGS(eml_stem(cx, &view)));
	struct str path = arena_printf(cx->arena, "%.*s.eml", STR_ARGS(stem));
	struct str folder = arena_printf(cx->arena, "%.*s/", STR_ARGS(stem));
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	if (view.file_count > 0 || view.quoted_count > 0)
		TRY(zip_files_open(cx, &view, folder, &export->files));
	/* Of a completed request the files are the documents. */
	if (view.signing.state != 0)
		err = zip_documents_open(cx, id, folder, &export->documents);
	if (err != OK && err != ERR_NOT_FOUND && err != ERR_CONFLICT && err != ERR_CORRUPT)
		return err;
	export->messages++;
	return begin_text(export, path, view.sent_ms);
}

static enum err write_documents(struct cx *cx, struct export *export)
{
	bool is_over;
	TRY(zip_documents_next(cx, export->documents, export->zip, &is_over));
	if (!is_over)
		return OK;
	zip_documents_free(export->documents);
	export->documents = NULL;
	return OK;
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
	if (export->documents)
		return write_documents(&cx, export);
	if (export->id_at < export->id_count)
		return begin_message(&cx, export, &export->ids[export->id_at++]);
	TRY(load_page(&cx, export));
	if (export->box_at < BOXES)
		return OK;
	export->is_closed = true;
	log_event(LOG_INFO, "export.finished", LOG_STR("user", id_str(&export->rights.user_id)),
		  LOG_INT("messages", export->messages));
	return zip_close(export->zip);
}

static enum err advance(struct export *export)
{
	if (export->eml.len > 0)
		return write_slice(export);
	return export->files ? write_files(export) : read_on(export);
}

/* ---- */

enum err export_next(struct export *export, struct buf *piece, bool *ret_is_over)
{
	if (!zip_has_output(export->zip) && !export->is_closed)
		TRY(advance(export));
	TRY(zip_take(export->zip, piece));
	*ret_is_over = export->is_closed && !zip_has_output(export->zip);
	return OK;
}

static enum err begin(struct cx *cx, struct export *export)
{
	const struct session *session = cx->session;
	export->portal = cx->portal;
	export->language = cx->language;
	export->rights = session_rights_of(session);
	export->session_created_ms = session->created_ms;
	buf_init(&export->eml, LIMIT_EML_BYTES);
	TRY(secret_copy(str_bytes(session->private_key->bytes, KEY_BYTES), &export->private_key));
	TRY(secret_copy(str_bytes(session->mailbox_key->bytes, KEY_BYTES), &export->mailbox_key));
	TRY(export_turn_take(cx->portal, &session->user.id));
	export->has_turn = true;
	return zip_new(LIMIT_EXPORT_NAMES_BYTES, &export->zip);
}

static enum err write_log(struct db *db, void *cx)
{
	return audit_log(cx, db, &(struct audit_act){.kind = AUDIT_EXPORT});
}

enum err export_begin(struct cx *cx, struct str password, struct form_errors *errors,
		      struct export **ret)
{
	TRY(session_confirm_password(cx, password, errors));
	struct export *export = calloc(1, sizeof(*export));
	if (export == NULL)
		return ERR_UNAVAILABLE;
	enum err err = begin(cx, export);
	if (err == OK)
		err = store_transact(cx->portal->store, write_log, cx, cx->arena);
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
	zip_files_free(export->files);
	zip_documents_free(export->documents);
	zip_free(export->zip);
	if (export->has_turn)
		export_turn_give_back(export->portal, &export->rights.user_id);
	secret_free(export->private_key);
	secret_free(export->mailbox_key);
	buf_release(&export->eml);
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
