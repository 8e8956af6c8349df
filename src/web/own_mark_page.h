/* "My signature" of the settings: the signature and the initials that one keeps for next time, to
 * look at, to draw or type anew, to delete (P6). */
#pragma once

#include "core/own_signature.h"
#include "http/form.h"
#include "http/route.h"
#include "web/frame.h"

struct own_mark_part {
	const char *name; /* "signature", "initials" */
	bool is_initials;
	bool is_kept, is_drawn; /* the kept one; drawn: a picture */
	struct str kept;        /* typed */
	struct str text;        /* in the line for a new one */
	struct str error;
};
enum { OWN_MARK_PARTS = 2 };
struct own_mark_view {
	struct frame frame;
	struct own_mark_part parts[OWN_MARK_PARTS];
	int64_t text_max;
	const struct form_errors *errors;
};

/* /settings/signature. POST: mark=signature or initials; act=keep with drawn or text, or delete. */
handler_fn own_mark_page_show, own_mark_page_save;
/* GET /settings/signature/{mark}: the picture of a drawn one. */
handler_fn own_mark_page_picture;
