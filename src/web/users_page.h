/* All people, for administrators: searched as one types, many changed at once. */
#pragma once

#include "core/people_search.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct users_row {
	const struct user *user;
	struct str label; /* name, or the address until there is one */
	bool has_name;
	bool is_self;
	struct str seen; /* empty: never */
	struct str seen_iso;
};

struct users_option {
	struct str value;
	struct str label;
	bool is_chosen;
};

/* One filter above the list. */
struct users_choice {
	const char *name;
	struct str label;
	struct users_option options[8];
	size_t count;
};

/* What became of one of many. */
struct users_outcome {
	struct str label;
	struct str sentence;
};

enum { USERS_CHOICES = 5 };

struct users_view {
	struct frame frame;
	struct people_query query;
	struct field q;
	const struct form_errors *errors;
	struct users_choice choices[USERS_CHOICES];
	bool is_filtered;
	struct people_found found;
	struct users_row *rows;
	struct str next; /* query of the next page; empty: none */
	bool is_first;
	bool is_alone;                  /* nobody but the administrator */
	struct users_outcome *outcomes; /* who was left as they were */
	size_t outcome_count;
	int64_t done_count;
};

handler_fn users_page_list, users_page_act;
