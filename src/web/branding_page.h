/* Administration: the portal's name, logo, colours and links (P7); and what browsers fetch of
 * them. */
#pragma once

#include "http/route.h"
#include "web/frame.h"

struct branding_field {
	struct str hint, error, theirs;
	struct str label, value;
	const char *name;
};
enum {
	BRANDING_NAME,
	BRANDING_SUPPORT,
	BRANDING_TERMS,
	BRANDING_LIGHT,
	BRANDING_DARK,
	BRANDING_FIELDS,
	BRANDING_COLOURS = BRANDING_FIELDS - BRANDING_LIGHT,
};

struct branding_view {
	struct frame frame;
	const struct form_errors *errors;
	bool is_conflict;
	int64_t version;
	struct branding_field links[BRANDING_LIGHT];
	struct branding_field colours[BRANDING_COLOURS];
	struct str logo_hint, logo_error;
	struct str logo; /* name of the picture; empty: ours */
};

handler_fn branding_page_show, branding_page_save;
/* "/branding/theme-....css" and "/branding/logo-....png", for everybody. */
handler_fn branding_page_file;
