/* Taking all of one's messages along. */
#pragma once

#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct export_view {
	struct frame frame;
	const struct form_errors *errors;
	struct field password;
};

handler_fn export_page_show, export_page_download;
