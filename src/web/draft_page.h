/* The list of drafts, and saving from the compose form: by its button, and by its script while
 * somebody writes. */
#pragma once

#include "core/draft.h"
#include "http/route.h"
#include "web/frame.h"

struct drafts_row {
	const struct draft_line *line;
	struct str subject;
	struct str people; /* "To ..."; empty: nobody yet */
	struct str when;
	struct str when_iso;
};

struct drafts_view {
	struct frame frame;
	struct drafts_row *rows;
	size_t count;
	bool is_first;
	struct str next_cursor;
};

handler_fn draft_page_list, draft_page_delete;
/* {"draft","version","said":"Saved 12:03"}; 409 with the version to replace if the writer wants to;
 * 404 and 422 with a sentence. */
handler_fn draft_page_save, draft_page_save_reply;
/* Saves what a form has, and answers so. */
enum err draft_page_keep(struct cx *cx, struct response *res, struct draft *draft) MUST_CHECK;
