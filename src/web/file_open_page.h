/* Downloading from pages: all files of a message as one, and those of a confidential message, for
 * each of which the password is asked once more (P4.2). */
#pragma once

#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct file_open_view {
	struct frame frame;
	struct id message_id;
	struct id file_id; /* with is_one */
	bool is_one;       /* else all of them */
	struct field password;
	const struct form_errors *errors;
};

/* GET /message/{id}/files.zip */
handler_fn file_open_page_zip;
/* /message/{id}/files/open, with file=ID or for all. */
handler_fn file_open_page_show, file_open_page_submit;
