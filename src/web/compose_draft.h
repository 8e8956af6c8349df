/* The fields of a compose form as a draft. */
#pragma once

#include "core/draft.h"
#include "http/form.h"
#include "http/request.h"

/* The day that stands in a new form as the one on which the message expires; empty: none does. */
struct str compose_draft_expiry(struct cx *cx);
/* Everything that was typed and chosen: to, cc, bcc, subject, body, key, reply_to, draft and
 * version (where it is kept), a "file" for each that is attached, and a "grade:ADDRESS" for each
 * choice. Documents to sign have a deadline instead of that day: it is not taken as their own. */
enum err compose_draft_read(struct cx *cx, const struct request *req, struct draft *ret) MUST_CHECK;
/* Which button it was; all but the first save the draft. */
enum compose_button {
	BUTTON_SEND,
	BUTTON_SAVE,
	BUTTON_ATTACH, /* leads to a page for choosing files, without a script */
	BUTTON_LIBRARY,
	BUTTON_FIELDS, /* leads to where the fields of documents to sign are placed */
	BUTTON_DROP,   /* a file is taken out of it */
};
enum compose_button compose_draft_button(const struct request *req);
/* Whether the sender has said what the person at this new address shall be. */
bool compose_draft_has_choice(const struct draft *draft, struct str address, enum grade *ret_grade);
/* Sends what was typed; the kept draft goes with its message. One that another window has changed
 * (ERR_CONFLICT, ERR_NOT_FOUND) is not sent, unless it was this very form that did, or had it sent
 * before. Other errors as of message_send(). */
enum err compose_draft_send(struct cx *cx, const struct draft *draft, struct sent *ret,
			    struct form_errors *errors) MUST_CHECK;
/* Another window has changed the draft (ERR_CONFLICT), or sent or deleted it (ERR_NOT_FOUND):
 * *ret_why is the sentence, and the form may go on with the newer version, or with a draft of its
 * own. */
enum err compose_draft_renew(struct cx *cx, enum err err, struct draft *draft,
			     enum text_id *ret_why) MUST_CHECK;
