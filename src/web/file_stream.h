/* A file, or all of a message, as an answer that is made while it is read; for pages and for the
 * API. */
#pragma once

#include "core/download.h"
#include "http/request.h"
#include "mail/message_zip.h"

/* Answers GET and HEAD of the download, whole or in part (Range, If-Range, ETag). It is an
 * attachment, unless is_inline and of a type that browsers show without danger; either way what it
 * is shown as may do nothing. Takes the download, also when it fails. ERR_DENIED: the right to it
 * has just ended. ERR_CORRUPT: it is damaged where it begins. */
enum err file_stream_answer(struct cx *cx, const struct request *req, struct download *download,
			    bool is_inline, struct response *res) MUST_CHECK;
/* The same of a PDF that was asked for to be signed: it may be shown by what the browser has for
 * it. */
enum err file_stream_answer_document(struct cx *cx, const struct request *req,
				     struct download *download, bool is_inline,
				     struct response *res) MUST_CHECK;
/* The same of a zip, whose length nobody knows. */
enum err file_stream_answer_zip(struct cx *cx, struct message_zip *zip,
				struct response *res) MUST_CHECK;

/* Whether it is shown when asked for inline. */
enum file_preview {
	FILE_PREVIEW_NONE,
	FILE_PREVIEW_IMAGE,
	FILE_PREVIEW_PDF,
	FILE_PREVIEW_TEXT,
	FILE_PREVIEW_AUDIO,
	FILE_PREVIEW_VIDEO,
};
enum file_preview file_stream_preview(struct str type);
