#include "web/file_page.h"

#include "http/form.h"
#include "http/security.h"
#include "web/library_page.h"
#include "web/page_file.h"
#include "web/when.h"

/* ---- what is known of it ---- */

static enum err fill_places(struct cx *cx, const struct library_detail *detail,
			    struct file_page_view *view)
{
	view->places = ARENA_ARRAY(cx->arena, detail->message_count + 1, struct file_place);
	if (view->places == NULL)
		return ERR_UNAVAILABLE;
	view->place_count = detail->message_count;
	for (size_t i = 0; i < detail->message_count; i++) {
		const struct library_message *message = &detail->messages[i];
		view->places[i] = (struct file_place){
			.id = message->id,
			.subject = message->subject.len > 0
					   ? message->subject
					   : text_get(cx->language, TEXT_BOX_NO_SUBJECT),
			.people = TEXT_FILL(cx->arena, cx->language,
					    message->is_mine ? TEXT_BOX_TO : TEXT_LIBRARY_FROM,
					    TEXT_ARG("people", message->people),
					    TEXT_ARG("name", message->people)),
			.when = when_short(cx, message->sent_ms),
			.when_iso = when_iso(cx, message->sent_ms),
		};
	}
	return OK;
}

/* Somebody may have taken it out of their library and have it in a message still. */
static enum err fill_from_library(struct cx *cx, const struct id *id, struct file_page_view *view)
{
	struct library_detail detail;
	enum err err = library_get(cx, id, &detail);
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	view->is_in_library = true;
	view->can_attach = detail.file.can_attach && !detail.file.is_unreadable;
	view->note = library_page_note(cx, &detail.file);
	return fill_places(cx, &detail, view);
}

static void release_download(struct download **download)
{
	download_free(*download);
}

static enum err fill(struct cx *cx, const struct id *id, struct file_page_view *view)
{
	__attribute__((cleanup(release_download))) struct download *download = NULL;
	TRY(download_open(cx, id, &view->message_id, &download));
	TRY(file_words_fill(cx, id, download_head(download), &view->words));
	TRY(fill_from_library(cx, id, view));
	/* What the scanner warns of is opened by nobody in passing. */
	if (view->words.is_suspect)
		view->words.preview = FILE_PREVIEW_NONE;
	if (view->words.preview != FILE_PREVIEW_TEXT)
		return OK;
	enum err err = file_text_read(cx, download, &view->text);
	if (err == ERR_CORRUPT || view->text.is_binary)
		view->words.preview = FILE_PREVIEW_NONE;
	return err == ERR_CORRUPT ? OK : err;
}

/* ---- the page ---- */

static void allow_preview(struct response *res, enum file_preview preview)
{
	if (preview == FILE_PREVIEW_AUDIO || preview == FILE_PREVIEW_VIDEO)
		response_header(res, "Content-Security-Policy",
				STR(SECURITY_CSP "; media-src 'self'"));
	/* The one script that is made by a script: pdf.js's worker. */
	if (preview == FILE_PREVIEW_PDF)
		response_header(res, "Content-Security-Policy",
				STR(SECURITY_CSP "; worker-src 'self'; trusted-types pdf-worker"));
}

static enum err say_gone(struct cx *cx, struct response *res, struct file_page_view *view)
{
	res->status = 410;
	TRY(frame_init(cx, text_get(cx->language, TEXT_FILE_PAGE_GONE_TITLE), PLACE_FILES,
		       &view->frame));
	struct html html = frame_html(cx, res);
	page_file_gone(&html, view);
	return OK;
}

enum err file_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct form query;
	struct file_page_view view = {.mark_number = STR("{number}"), .mark_most = STR("{most}")};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->query, &query));
	if (form_has(&query, "message")) {
		if (id_parse(form_value(&query, "message"), &view.message_id) != OK)
			return ERR_NOT_FOUND;
		view.has_message = true;
	}
	enum err err = fill(cx, &id, &view);
	if (err == ERR_CONFLICT)
		return say_gone(cx, res, &view);
	/* Of a confidential message. */
	if (err == ERR_DENIED && view.has_message) {
		response_redirect(res, arena_printf(cx->arena, "/message/%s/files/open?file=%s",
						    view.message_id.text, id.text));
		return OK;
	}
	TRY(err);
	allow_preview(res, view.words.preview);
	TRY(frame_init(cx, view.words.name, PLACE_FILES, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_file(&html, &view);
	return OK;
}

enum err file_page_remove(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(library_remove_file(cx, &id));
	response_redirect(res, STR("/files?done=file-removed"));
	return OK;
}
