#include "mail/zip_documents.h"

#include "base/limits.h"
#include "core/signing.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 * 1024, ARENA_BYTES = 256 * 1024 };

struct zip_documents {
	struct arena arena; /* of folder and names */
	struct id message_id;
	struct str folder;
	struct str *names; /* in the archive */
	int64_t *positions;
	size_t count, at;
	struct pdf_bytes document; /* that goes into the archive; fd -1: none */
	int64_t written;
};

static enum err take_names(struct zip_documents *documents, const struct signing_view *view,
			   struct str folder)
{
	struct arena *arena = &documents->arena;
	documents->folder = arena_copy(arena, folder);
	documents->names = ARENA_ARRAY(arena, view->document_count + 1, struct str);
	documents->positions = ARENA_ARRAY(arena, view->document_count + 1, int64_t);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < view->document_count; i++) {
		struct str name = zip_safe_name(arena, view->documents[i].name);
		documents->names[i] = zip_other_name(arena, name, documents->names, i);
		documents->positions[i] = view->documents[i].position;
	}
	documents->count = view->document_count;
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err zip_documents_open(struct cx *cx, const struct id *message_id, struct str folder,
			    struct zip_documents **ret)
{
	struct signing_view view;
	TRY(signing_get(cx, message_id, &view));
	if (view.state == SIGNING_COMPLETED)
		return ERR_NOT_FOUND;
	struct zip_documents *documents = calloc(1, sizeof(*documents));
	if (documents == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&documents->arena, ARENA_BYTES);
	documents->message_id = *message_id;
	documents->document.fd = -1;
	enum err err = take_names(documents, &view, folder);
	if (err != OK)
		zip_documents_free(documents);
	else
		*ret = documents;
	return err;
}

void zip_documents_free(struct zip_documents *documents)
{
	if (documents == NULL)
		return;
	pdf_bytes_free(&documents->document);
	arena_release(&documents->arena);
	free(documents);
}

static enum err begin(struct cx *cx, struct zip_documents *documents, struct zip *zip)
{
	size_t at = documents->at++;
	enum err err = signing_document(cx, &documents->message_id, documents->positions[at],
					&documents->document);
	/* Recalled since, or it cannot be read any more: the others go on. */
	if (err == ERR_NOT_FOUND || err == ERR_CONFLICT || err == ERR_CORRUPT) {
		documents->document.fd = -1;
		return OK;
	}
	TRY(err);
	const struct zip_entry entry = {
		.path = arena_printf(cx->arena, "%.*s%.*s", STR_ARGS(documents->folder),
				     STR_ARGS(documents->names[at])),
		.bytes = documents->document.bytes,
		.time_ms = cx_now_ms(cx),
	};
	documents->written = 0;
	return zip_begin_entry(zip, &entry);
}

static enum err write_piece(struct zip_documents *documents, struct zip *zip)
{
	static const int64_t most = PIECE_BYTES;
	char piece[PIECE_BYTES];
	struct pdf_bytes *document = &documents->document;
	int64_t left = document->bytes - documents->written;
	ssize_t count = pread(document->fd, piece, (size_t)(left < most ? left : most),
			      (off_t)documents->written);
	if (count < 0 && errno == EINTR)
		return OK;
	if (count <= 0)
		return ERR_INTERNAL;
	TRY(zip_add(zip, str_bytes(piece, (size_t)count)));
	documents->written += count;
	if (documents->written < document->bytes)
		return OK;
	pdf_bytes_free(document);
	document->fd = -1;
	return zip_end_entry(zip);
}

enum err zip_documents_next(struct cx *cx, struct zip_documents *documents, struct zip *zip,
			    bool *ret_is_over)
{
	if (documents->document.fd >= 0)
		TRY(write_piece(documents, zip));
	else if (documents->at < documents->count)
		TRY(begin(cx, documents, zip));
	*ret_is_over = documents->document.fd < 0 && documents->at == documents->count;
	return OK;
}
