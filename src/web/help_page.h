/* For people who cannot sign in: ask for a link, choose a new password. */
#pragma once

#include "core/account.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct help_view {
	struct frame frame;
	const struct form_errors *errors;
	struct field address;
	bool is_strict;
	bool is_done;
};

struct reset_page_view {
	struct frame frame;
	const struct form_errors *errors;
	struct str token;
	struct str address;
	bool is_good;
	bool needs_recovery_code;
	struct field password;
	struct field recovery_code;
};

handler_fn help_page_show, help_page_submit;
handler_fn help_page_reset_show, help_page_reset_submit;
