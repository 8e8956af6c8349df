/* Attaching files without a script: a page of the draft with a form that sends them, what is
 * attached, and what the library has. The way back leads to the message that is being written. */
#pragma once

#include "core/form_errors.h"
#include "http/route.h"
#include "web/files_part.h"
#include "web/frame.h"
#include "web/library_page.h"

struct draft_files_view {
	struct frame frame;
	struct id draft;
	struct id reply_to; /* of an answer */
	bool is_reply;
	struct attached_file *files;
	size_t count;
	struct str limits;
	struct str blocked; /* a sentence; empty: nothing is blocked */
	const struct form_errors *errors;
	struct str query; /* what the library was searched for */
	struct str query_mistake;
	struct library_row *rows;
	size_t row_count;
	struct str next_cursor;
};

handler_fn draft_files_page_show, draft_files_page_add, draft_files_page_remove;
/* multipart/form-data, taken while it comes. */
handler_fn draft_files_page_upload;

/* For draft_files_upload.c: the page once more, with what went wrong. */
enum err draft_files_page_render(struct cx *cx, struct response *res, const struct id *draft,
				 struct str query, struct str cursor,
				 const struct form_errors *errors) MUST_CHECK;
/* Adds them to the draft as it is kept now. ERR_INVALID with errors. */
enum err draft_files_page_attach(struct cx *cx, const struct id *draft, const struct id *files,
				 size_t count, struct form_errors *errors) MUST_CHECK;
