/* The audit log, for administrators (P7). */
#pragma once

#include "core/audit_look.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct audit_choice {
	struct str word, label;
	bool is_chosen;
};

struct audit_row {
	const struct audit_line *line;
	struct str when, iso;
	struct id person_id; /* whose page it leads to: whom it was done to, else who did it */
	struct str person;   /* empty: nobody */
};

struct audit_view_page {
	struct frame frame;
	const struct form_errors *errors;
	struct audit_list list;
	struct audit_row *rows;
	struct field words, person, from, to;
	struct audit_choice groups[AUDIT_GROUPS];
	struct str query;   /* of links: what is looked for */
	struct str older;   /* the same, further back */
	struct str reached; /* how far back it was looked through */
	bool is_filtered;
	bool is_first;
};

handler_fn audit_page_show;
