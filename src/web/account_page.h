/* What people change about themselves. */
#pragma once

#include "core/account.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct way_part {
	struct id id;
	struct str name; /* "Firefox on Windows", "Recovery code" */
	struct str used;
	struct str remote;
	struct str since;
	bool is_current;
	bool is_session;
};

struct account_view {
	struct frame frame;
	const struct form_errors *errors;
	struct str address;
	struct str grade; /* "Professional, administrator" */
	bool is_strict;
	struct field name;
	struct field current;
	struct field password;
	struct field code_current;
	struct field zone;
	struct str language;
	struct way_part *ways;
	size_t way_count;
	bool has_other_sessions;
	struct str blank; /* the mark where the script puts a zone */
};

struct recovery_view {
	struct frame frame;
	struct str code;
	bool is_strict;
};

handler_fn account_page_show, account_page_name, account_page_password, account_page_recovery;
handler_fn account_page_locale, account_page_end_one, account_page_end_others;
