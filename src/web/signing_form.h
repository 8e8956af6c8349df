/* Documents to sign, in the form in which a message is written and in the editor of their fields:
 * both send all of the following, so that nothing is lost from one to the other.
 *
 *   signing              "on": the files are documents to sign; else nothing below counts
 *   signing_order        "all" or "sequence"
 *   signing_deadline     "2026-12-31", as typed; empty: none
 *   signing_after        days until the first reminder; empty: none
 *   signing_every        days between further ones; empty: none
 *   signing_before       days before the deadline; empty: none
 *   signing_password     "on": the password is asked for again before each signature
 *   signing_too          own address: the sender signs as well, last if it is not in To yet
 *   signing_too_was      own address: it was in To; so that without a script it can be taken out
 *   signing_fields       one line for each placed field (core/signing_plan.h); a textarea or a
 *                        hidden field */
#pragma once

#include "core/draft.h"
#include "core/signing.h"
#include "http/form.h"

struct signing_form {
	bool is_offered; /* professional users only (P1.4) */
	bool is_on;
	bool is_sequence, wants_password;
	struct str own;                            /* address of the sender */
	bool is_own_in;                            /* is in To: they sign too */
	struct str deadline, after, every, before; /* as typed */
	struct str fields;                         /* lines */
	size_t field_count;
	/* What is wrong; empty: nothing. */
	struct str wrong, deadline_wrong, after_wrong, every_wrong, before_wrong;
	/* Marks that sentences hold where the script puts a value. */
	struct {
		struct str blank, address, number;
	} mark;
};

/* Days of reminders, as pages show them (pages/prepare.html). */
enum { REMINDER_FIELDS = 3 };
struct reminder_field {
	const char *name;
	struct str label, value, wrong;
};
void signing_form_reminders(struct cx *cx, const struct signing_form *form,
			    struct reminder_field ret[REMINDER_FIELDS]);

/* After the addresses and files of the draft were read. Fields of documents that are not among them
 * any more are left out. ERR_INVALID: a line that no page of ours has written. */
enum err signing_form_read(struct arena *arena, const struct form *form,
			   struct draft *draft) MUST_CHECK;
enum err signing_form_fill(struct cx *cx, const struct draft *draft,
			   const struct form_errors *errors, struct signing_form *ret) MUST_CHECK;
