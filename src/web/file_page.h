/* One file: looking at it, where it was sent, writing with it again. */
#pragma once

#include "core/library.h"
#include "http/route.h"
#include "web/file_text.h"
#include "web/file_words.h"
#include "web/frame.h"

struct file_place {
	struct id id; /* of the message */
	struct str subject;
	struct str people;
	struct str when;
	struct str when_iso;
};

struct file_page_view {
	struct frame frame;
	struct file_words words;
	struct id message_id; /* by whose right it is shown; empty: by any */
	bool has_message;
	struct str note;                   /* whose it is */
	struct str mark_number, mark_most; /* where sentences hold a number, for the script */
	struct file_text text;             /* of FILE_PREVIEW_TEXT */
	bool is_in_library;
	bool can_attach;
	struct file_place *places;
	size_t place_count;
};

handler_fn file_page_show, file_page_remove;
