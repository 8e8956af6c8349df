/* One person, for administrators: what there is of them (never content), changing, helping, and
 * erasing them; and adding somebody. */
#pragma once

#include "core/people_erase.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct user_session_part {
	struct id id;
	struct str kind;
	struct str used;
	struct str since;
};

struct user_view {
	struct frame frame;
	const struct user *user;
	struct str label;
	const struct form_errors *errors;
	bool is_self;
	bool is_changed_meanwhile;
	/* As stored, or as typed. */
	enum grade grade;
	enum role role;
	bool is_enabled;
	struct str created;
	struct str seen;       /* empty: never */
	struct str invited_by; /* empty: by the portal itself, or by somebody erased */
	struct erase_counts counts;
	struct str storage;
	struct user_session_part *sessions;
	size_t session_count;
	struct str *ways; /* what kinds of ways in there are beside */
	size_t way_count;
	bool is_strict;
};

struct user_erase_view {
	struct frame frame;
	const struct user *user;
	struct str label;
	const struct form_errors *errors;
	struct erase_counts counts;
	int64_t kept; /* messages that others keep */
	struct str storage;
	struct field address;
	struct field current;
};

struct user_new_view {
	struct frame frame;
	const struct form_errors *errors;
	struct field address;
	enum grade grade;
	enum role role;
};

handler_fn user_page_show, user_page_change, user_page_help, user_page_invite,
	user_page_end_session, user_page_erase_show, user_page_erase, user_page_new, user_page_add;
