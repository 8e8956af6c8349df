/* What people choose for themselves: how they are told, their absence, their signature. */
#pragma once

#include "core/preferences.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct settings_view {
	struct frame frame;
	const struct form_errors *errors;
	enum notify notify;
	struct str notify_error;
	bool is_away_now;
	struct field away_from, away_until;
	struct str away_text, away_text_error;
	struct str signature, signature_error;
	bool has_marks; /* drawn signatures are of use */
};

handler_fn settings_page_show, settings_page_save;
