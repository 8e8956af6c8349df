/* Inbox, Sent, Archive and Trash. */
#pragma once

#include "core/mailbox.h"
#include "http/route.h"
#include "web/frame.h"

struct box_row {
	const struct message_row *row;
	struct str subject;
	struct str people;  /* sender, or "To ..." */
	struct str signing; /* how far its documents are signed; empty: it has none */
	struct str when;
	struct str when_iso;
};

struct label_part;

struct box_part {
	enum box box;                    /* BOX_NONE: what has a label, whatever its box */
	struct id label_id;              /* then; else empty */
	const struct label_part *labels; /* of the reader, for those that are ticked */
	size_t label_count;
	struct str path; /* "inbox" */
	struct str cursor;
	int64_t trash_days;
	bool may_write_first; /* a professional with nothing yet is offered to write */
	struct box_row *rows;
	size_t count;
	bool is_first;
	struct str next_cursor;
	int64_t unread_count; /* of the Inbox */
};

/* Offered once after messages were moved. */
struct undo_part {
	struct str act; /* for move_page_act */
	const struct id *ids;
	size_t count; /* 0: nothing to undo */
};

struct box_view {
	struct frame frame;
	struct box_part box;
	struct undo_part undo;
};

handler_fn box_page_start, box_page_inbox, box_page_sent, box_page_archive, box_page_trash;
/* The last part of a box's address, and back: BOX_INBOX for anything else. */
struct str box_page_path(enum box box);
enum box box_page_box(struct str path);
/* The rows of a list, as pages show them. */
enum err box_page_rows(struct cx *cx, const struct message_list *list,
		       struct box_row **ret) MUST_CHECK;
/* A page of any list. */
enum err box_page_part(struct cx *cx, const struct message_list *list, struct str cursor,
		       struct box_part *ret) MUST_CHECK;
/* One page of a box for the acting user. */
enum err box_page_fill(struct cx *cx, enum box box, struct str cursor,
		       struct box_part *ret) MUST_CHECK;
