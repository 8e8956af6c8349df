/* The page on which somebody signs: the documents with their fields, a form with the same fields,
 * agreement, and the last button; and declining (P6). Its script shows one field after another; the
 * form alone does as well. */
#pragma once

#include "http/route.h"
#include "web/frame.h"
#include "web/sign_form.h"

struct sign_document {
	int64_t position;
	struct str name;
	struct str facts;
};

struct sign_field {
	const struct signing_field *field;
	struct str label;
	struct str where;               /* "Contract.pdf, page 3" */
	struct str x, y, width, height; /* points, for the script */
	struct sign_value value;
	struct str error;
	bool is_mark;     /* signature or initials: drawn, typed or saved */
	bool is_initials; /* of these */
	bool has_saved;
	struct str saved_text; /* of a kept one that is typed; empty: it is a picture */
	bool is_required;
};

struct sign_view {
	struct frame frame;
	struct id message_id;
	struct str subject, lead, deadline;
	struct str ahead; /* how much there is to fill in */
	struct sign_document *documents;
	size_t document_count;
	struct sign_field *fields;
	size_t field_count;
	struct str today; /* what a date field gets */
	int64_t text_max, name_max;
	bool has_consented, wants_saving, can_save;
	bool wants_password, can_decline;
	struct str consent_error, password_error;
	struct str mark_number, mark_all, mark_name; /* where the script puts its own */
	const struct form_errors *errors;
};

/* Not any more. What was typed is shown once more, as it is kept nowhere. */
struct sign_over_text {
	struct str text;
};
struct sign_over_view {
	struct frame frame;
	struct id message_id;
	struct str why;
	struct sign_over_text *texts;
	size_t text_count;
};

handler_fn sign_page_show, sign_page_submit;
/* The same with the password, where it is asked for again. */
handler_fn sign_page_submit_password;
