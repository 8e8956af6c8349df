/* The People page, and the page of one person. */
#pragma once

#include "core/contact.h"
#include "core/people_group.h"
#include "http/route.h"
#include "web/box_page.h"
#include "web/field.h"
#include "web/frame.h"

struct people_row {
	const struct contact *contact;
	struct str when; /* of the newest message; empty: none yet */
	struct str when_iso;
	bool has_name; /* the label is not the address */
};

struct people_view {
	struct frame frame;
	struct field q;
	struct people_row *rows;
	size_t count;
	bool is_first;
	bool is_search;
	struct str next_cursor;
	const struct people_group *groups; /* on the first page of all */
	size_t group_count;
	struct people_row *blocked; /* likewise */
	size_t blocked_count;
};

struct person_view {
	struct frame frame;
	struct people_row row;
	bool is_registered;
	bool is_invited;
	const struct form_errors *errors;
	struct box_row *messages;
	size_t message_count;
	bool is_first;
	struct str next_cursor;
};

handler_fn people_page_list, people_page_show, people_page_block, people_page_unblock;
