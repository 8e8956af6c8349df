/* Administration: the settings of the whole portal (P7), made from the table of
 * core/portal_settings.c. */
#pragma once

#include "core/portal_settings.h"
#include "http/route.h"
#include "web/frame.h"

struct setting_choice {
	const char *word;
	struct str label;
	bool is_chosen;
};

struct setting_row {
	const char *name;
	struct str label, hint, error;
	struct str theirs; /* what is saved, where that differs from what was typed */
	struct str value;
	enum setting_kind kind;
	bool is_on;
	int64_t min, max;
	struct setting_choice *choices; /* of SETTING_WORD */
	size_t choice_count;
};

struct setting_part {
	struct str title, lead;
	struct setting_row *rows;
	size_t count;
};

struct admin_settings_view {
	struct frame frame;
	const struct form_errors *errors;
	struct str rules, branding; /* what other pages are called */
	bool is_conflict;
	int64_t version; /* of the values that stand there */
	struct setting_part parts[SETTING_GROUPS];
	size_t part_count;
	struct setting_part fixed;
};

handler_fn admin_settings_page_show, admin_settings_page_save;
