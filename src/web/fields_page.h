/* Where the fields of documents to sign are placed (P6), and who signs what is looked at before it
 * is sent. Without a script: the same form, which sends. */
#pragma once

#include "core/form_errors.h"
#include "http/route.h"
#include "web/compose_page.h"
#include "web/frame.h"
#include "web/signing_form.h"

struct fields_signer {
	struct str address;
	struct str name; /* or the address */
	bool has_name;
	int64_t number; /* among those who sign: 1, 2 ... */
	int64_t look;   /* one of the colours: 0, 1 ... */
	bool is_gone;   /* no longer in To, and fields are for them */
	int64_t field_count;
};
struct fields_document {
	struct id id;
	struct str name;
};
struct fields_sentence {
	struct str words;
};
struct fields_template {
	struct id id;
	struct str words; /* name, and how many fields */
};

struct fields_view {
	struct frame frame;
	const struct form_errors *errors;
	struct id draft;
	int64_t version;
	struct str key;
	struct signing_form form;
	struct fields_signer *signers;
	size_t signer_count;
	size_t watcher_count;
	struct str deadline;
	struct fields_document *documents;
	size_t document_count;
	struct fields_sentence *lacks; /* what has to be done in the message first */
	size_t lack_count;
	bool can_place, can_send;
	struct invite_part *invites;
	size_t invite_count;
	bool is_not_sent;   /* it comes back only to be asked about the invitations */
	struct str trouble; /* another window has changed the draft */
	struct fields_template *templates;
	size_t template_count;
	struct str template_name, template_wrong;
	bool has_template_mistake;
	struct str notice;
	/* Marks that sentences hold where the script puts a value. */
	struct {
		struct str number, name, kind, page, need, x, y, width, height, count, pages;
	} mark;
};

handler_fn fields_page_show, fields_page_submit, fields_page_save;
/* For fields_submit.c: the page with what was typed. *view has notice, trouble and the like. */
enum err fields_page_render(struct cx *cx, struct response *res, const struct draft *draft,
			    const struct form_errors *errors, struct fields_view *view) MUST_CHECK;
