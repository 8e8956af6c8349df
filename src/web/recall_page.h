/* Recalling a message, or one of its files: the page that explains it and asks from whom, and why
 * (P4.4). */
#pragma once

#include "core/form_errors.h"
#include "http/route.h"
#include "web/frame.h"

struct recall_person {
	struct id id;
	struct str name;
	struct str address; /* empty when it is the name already */
	struct str state;   /* "Opened ...": what they may have read already */
	bool is_chosen;
};

struct recall_view {
	struct frame frame;
	struct id message_id;
	bool is_file; /* one file of the message, which stays */
	struct id file_id;
	struct str file_name;
	struct str subject;
	struct recall_person *people; /* those who still have it */
	size_t count;
	bool is_to_sign; /* the message has documents to sign */
	bool is_some;    /* from those chosen, not from everybody */
	struct str reason;
	int64_t reason_max;
	struct str reason_error;
	const struct form_errors *errors;
};

handler_fn recall_page_show, recall_page_submit;
/* Of one file, /message/{id}/files/{file}/recall. */
handler_fn recall_page_file_show, recall_page_file_submit;
