/* Writing a message; people who are new are shown, with the choice of their grade, before anything
 * is sent (P2.1). */
#pragma once

#include "core/message.h"
#include "http/form.h"
#include "http/route.h"
#include "web/compose_draft.h"
#include "web/field.h"
#include "web/files_part.h"
#include "web/frame.h"
#include "web/options_part.h"
#include "web/signing_form.h"

/* A field of addresses. */
struct people_field {
	const char *name; /* "to", "cc", "bcc" */
	struct str label;
	struct str hint;
	struct str signing_label, signing_hint; /* with documents to sign; empty: the same */
	struct str value;
	struct form_error mistakes[FORM_ERRORS_MAX];
	size_t mistake_count;
	bool is_required;
};

struct invite_part {
	struct str address;
	bool is_by_rule;
	bool is_professional;
};

struct compose_view {
	struct frame frame;
	const struct form_errors *errors;
	bool is_guest;
	bool is_known_only;  /* ... who writes to those who have written to them */
	bool is_signing_off; /* it was to be signed, and that is not possible any more */
	struct people_field to, cc, bcc;
	bool has_more; /* Cc or Bcc are open */
	struct field subject;
	struct str body;
	struct str body_error;
	struct str key;
	struct options_part options;
	struct files_part files;
	struct signing_form signing;
	struct reminder_field reminders[REMINDER_FIELDS];
	struct id forward_of;
	bool is_forward;
	struct str forwarded; /* its subject */
	bool is_reply;
	struct id reply_to;  /* of a kept answer */
	struct id draft;     /* where it is kept, or will be */
	int64_t version;     /* 0: not kept yet */
	struct str trouble;  /* another window has changed the draft */
	bool can_open_other; /* and it is still there */
	struct invite_part *invites;
	size_t invite_count;
	struct str notice;
	bool is_not_sent; /* it comes back only to be asked about the invitations */
	bool is_many;     /* guests who would see the addresses of each other */
	/* For the script: choices to copy, and the mark that sentences hold where it puts an
	 * address. */
	struct invite_part template_choice;
	struct invite_part template_by_rule;
	struct str blank;
	bool is_untouched; /* the text is the signature alone */
	struct str groups; /* names, one a line */
};

/* A field of addresses with its mistakes. */
struct people_field compose_page_people_field(struct cx *cx, const char *name, enum text_id label,
					      struct str value, const struct form_errors *errors);

handler_fn compose_page_show, compose_page_submit;
/* Where a button of the form leads that saved the draft: to its files, or back to the form. */
struct str compose_page_after(struct cx *cx, const struct id *draft, enum compose_button button,
			      struct str back);
/* Whether so many guests stand in To and Cc that the sender should think of Bcc. */
bool compose_page_is_many(const struct addressing *addressing);
/* The new people; *ret_is_asked is false while the sender has not seen one of them. */
enum err compose_page_list_invites(struct cx *cx, const struct draft *draft,
				   const struct addressing *addressing, struct invite_part **ret,
				   size_t *ret_count, bool *ret_is_asked) MUST_CHECK;
/* To the message that was sent. */
enum err compose_page_finish(struct cx *cx, struct response *res, const struct draft *draft,
			     const struct sent *sent) MUST_CHECK;
/* Why a draft was not sent: the status, and a sentence in errors; then OK. Else the error, of which
 * the form has nothing to say. */
enum err compose_page_say(struct cx *cx, struct response *res, enum err err, struct draft *draft,
			  struct form_errors *errors) MUST_CHECK;
/* A fresh random key for a form, so that sending twice sends once. */
struct str compose_page_key(struct arena *arena);
