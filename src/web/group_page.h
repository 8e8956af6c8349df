/* Making, changing and deleting a personal group. */
#pragma once

#include "core/people_group.h"
#include "http/route.h"
#include "web/compose_page.h"
#include "web/field.h"
#include "web/frame.h"

struct group_view {
	struct frame frame;
	const struct form_errors *errors;
	struct id id; /* empty: a new one */
	bool is_new;
	struct str name_now; /* as it is stored */
	struct field name;
	struct people_field members;
	struct str blank;
};

handler_fn group_page_new, group_page_create, group_page_show, group_page_save, group_page_delete;
