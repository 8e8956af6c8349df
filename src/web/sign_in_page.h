/* Signing in and out (P1.1). */
#pragma once

#include "http/form.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct sign_in_view {
	struct frame frame;
	const struct form_errors *errors;
	struct field address;
	struct field password;
	struct str next;
	bool is_message_waiting; /* somebody followed the link of a notification */
};

/* "To", and to whom. */
struct session_over_line {
	struct str label;
	struct str value;
};

/* A message could not be sent, or a text of mails not saved, because the session was over: what was
 * typed, to be sent again. */
struct session_over_view {
	struct frame frame;
	struct str answered;  /* id of the message that was being answered; empty: a new one */
	bool is_signing;      /* not answered: its documents were being signed */
	struct str mail_text; /* name of the text of mails; empty: none */
	struct str language;  /* of it */
	const struct form_field *fields;
	size_t field_count;
	struct session_over_line *lines; /* what is shown of it above the text */
	size_t line_count;
	struct str text;
};

handler_fn sign_in_page_show, sign_in_page_submit, sign_in_page_leave;
/* The page of a session that ended while somebody wrote. */
enum err sign_in_page_over(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
