/* Every file that somebody has sent or received: the list, and what the script of a message asks
 * for to attach one again. */
#pragma once

#include "core/form_errors.h"
#include "core/library.h"
#include "http/route.h"
#include "web/file_words.h"
#include "web/frame.h"

struct library_row {
	struct file_words words;
	struct str note; /* whose it is, and when it went or came */
	struct str when;
	struct str when_iso;
	bool can_attach;
	bool is_unreadable;
};

struct library_view {
	struct frame frame;
	struct str query;
	struct str mistake; /* in it; empty: none */
	struct library_row *rows;
	size_t count;
	bool is_first;
	bool is_search;
	struct str next_cursor;
	struct str used; /* "12 GB used, 88 GB left"; empty: there is no quota */
	int64_t used_bytes, quota_bytes;
};

/* "From Anna Berg", "Sent by you". */
struct str library_page_note(struct cx *cx, const struct library_file *file);
/* One page of the library; a mistake in `typed` is in errors "q" and lists nothing. */
enum err library_page_look(struct cx *cx, struct str typed, struct str cursor,
			   struct library_list *ret, struct form_errors *errors) MUST_CHECK;
enum err library_page_rows(struct cx *cx, const struct library_list *list,
			   struct library_row **ret) MUST_CHECK;

handler_fn library_page_list;
/* {"files":[{"id","name","kind","size","bytes","note"}],"next","said":"3 files"}; only what may be
 * attached. */
handler_fn library_page_json;
