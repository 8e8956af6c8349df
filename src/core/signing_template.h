/* Templates of requests to sign (P6): fields, order, reminders under a name, to use again with
 * other documents and other people. A professional's own, encrypted so that only they open them.
 *
 * In a template signers and documents are places: the first in To, the second, ... */
#pragma once

#include "core/message.h"
#include "core/signing.h"

struct signing_template {
	struct id id;
	struct str name;
	size_t field_count;
	size_t signer_count; /* so many people it has fields for */
	size_t document_count;
	struct signing_plan plan; /* field.signer: "1", "2" ...: place in To; no deadline */
};

/* One's own, by name, without their fields (field_count says how many). One that fails its check is
 * left out; an alarm was logged. ERR_DENIED: they may not ask for signatures. */
enum err signing_template_list(struct cx *cx, struct signing_template **ret,
			       size_t *ret_count) MUST_CHECK;
/* ERR_NOT_FOUND: no such, or not theirs. ERR_CORRUPT: it fails its check. */
enum err signing_template_get(struct cx *cx, const struct id *id,
			      struct signing_template *ret) MUST_CHECK;
/* Keeps the plan of a draft under a name. Fields of people who are not in To are left out.
 * ERR_INVALID with errors: "name", or "" (LIMIT_SIGNING_TEMPLATES are there already). */
enum err signing_template_keep(struct cx *cx, struct str name, const struct draft *draft,
			       struct signing_template *ret, struct form_errors *errors) MUST_CHECK;
enum err signing_template_rename(struct cx *cx, const struct id *id, struct str name,
				 struct form_errors *errors) MUST_CHECK;
enum err signing_template_delete(struct cx *cx, const struct id *id) MUST_CHECK;
/* A plan for the draft's people and documents in the place of what it has; its deadline stays.
 * *ret_left_out: fields for people or documents that the draft lacks. */
enum err signing_template_use(struct cx *cx, const struct signing_template *from,
			      const struct draft *draft, const struct signing_plan **ret,
			      size_t *ret_left_out) MUST_CHECK;
