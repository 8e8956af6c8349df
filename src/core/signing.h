/* Documents to sign (P6): a message whose To are asked to sign what is with it.
 *
 *   draft + plan --message_send()--> open --last one signs--> completed: everybody has the sealed
 * copy
 *                                      |--one declines-------> declined
 *                                      |--deadline passes----> expired
 *                                      `--sender cancels or recalls--> cancelled
 *
 * What comes of two things at once is what comes of them one after the other; who was late is told
 * what happened. Everything of one act is one transaction: it happened or it did not. */
#pragma once

#include "core/download.h"
#include "core/form_errors.h"
#include "core/session.h"
#include "pdf/pdf.h"
#include "store/audit.h"
#include "store/signings.h"

/* ---- what the sender plans; in a draft (core/message.h: draft.signing) ---- */

struct signing_field {
	struct str id; /* 1 to 32 ASCII letters, digits, - and _; once in a request */
	enum pdf_field_kind kind;
	struct str signer; /* address, as in To */
	int64_t file;      /* position among the draft's files */
	struct pdf_box box;
	bool is_required;
	struct str label; /* of a text or check box, shown to who fills it; may be empty */
};
struct signing_plan {
	struct signing_field *fields;
	size_t field_count;
	enum signing_order order;
	struct str deadline; /* as typed: day or time (core/expiry.h); empty: none */
	int64_t remind_after_days, remind_every_days, remind_before_days; /* 0: not */
	bool wants_password;
};

/* For the editor and message_check(): the pages of a file of the acting person, who has uploaded
 * it. ERR_INVALID with errors["files"]: why it cannot be signed. ERR_DENIED: they may not ask
 * anybody to sign. ERR_BUSY with errors[""]: too many documents are looked at just now, or too many
 * of theirs. */
enum err signing_inspect(struct cx *cx, const struct id *file_id, struct pdf_facts *ret,
			 struct form_errors *errors) MUST_CHECK;

/* ---- what everybody of the message sees ---- */

struct signing_signer {
	struct id user_id;
	struct str name, address;
	enum signer_state state;
	int64_t asked_ms, opened_ms, ended_ms;
	struct str reason; /* why declined; may be empty */
	bool is_me;
	bool is_gone; /* told to the sender: disabled since, so they can neither sign nor decline */
};
struct signing_document {
	int64_t position;
	struct id original_id; /* what was uploaded; names it for programs */
	struct id file_id;     /* the sealed copy when completed; else empty */
	struct str name;
	int64_t bytes, pages, revision;     /* as it stands: with its page of certificates */
	struct str original_sha256, sha256; /* hexadecimal */
};
struct signing_event_view {
	enum audit_kind kind;
	int64_t at_ms;
	struct str who;    /* label; empty: the portal. Of a reminder: who was reminded */
	struct str detail; /* in words of the reader's language */
};
struct signing_view {
	struct id message_id;
	enum signing_state state;
	enum signing_order order;
	int64_t deadline_ms, ended_ms;
	struct str reason;  /* why the sender has cancelled it; may be empty */
	bool is_broken_off; /* cancelled by the portal: somebody of it was erased */
	struct signing_signer *signers;
	size_t signer_count;
	struct signing_document *documents;
	size_t document_count;
	struct signing_event_view *events;
	size_t event_count;
	/* Of the reader, if they can sign now; boxes as shown. Who has no place for a signature in
	   any document has one with the id "signature" and no size: on the page of certificates. */
	struct signing_field *my_fields;
	size_t my_field_count;
	bool can_sign, can_decline, can_cancel, can_remind;
	bool sender_signs; /* is one of the signers */
	bool wants_password;
};
/* ERR_NOT_FOUND: no such, not theirs, or no documents to sign. ERR_CONFLICT: it was recalled. */
enum err signing_get(struct cx *cx, const struct id *message_id,
		     struct signing_view *ret) MUST_CHECK;
/* One document as it now stands. Free it with pdf_bytes_free(). Tracked as a download. */
enum err signing_document(struct cx *cx, const struct id *message_id, int64_t position,
			  struct pdf_bytes *ret) MUST_CHECK;
/* The same, piece by piece: memory does not grow with it, and it is cut when it is recalled. */
enum err signing_download(struct cx *cx, const struct id *message_id, int64_t position,
			  struct download **ret) MUST_CHECK;

/* ---- what people do ---- */

struct signing_value {
	struct str field_id;
	struct str text; /* "on" for a check box */
	struct str png;  /* of a drawn signature or initials; empty: typed */
	bool is_flag;    /* ticked or not, by a program: for a check box only */
};
struct signing_act {
	bool has_consented;
	struct str consent_text; /* as it was shown; kept with the signature */
	struct str user_agent;
	struct str password; /* where it is wanted */
	const struct signing_value *values;
	size_t value_count;
};
/* ERR_INVALID with errors: "consent", "password", "fields.ID". ERR_DENIED: not a signer, or not
 * their turn (errors[""]). ERR_CONFLICT with errors[""]: signed, declined, cancelled, expired or
 * recalled already. ERR_UNAVAILABLE, ERR_BUSY with errors[""]: nothing was signed, try again. */
enum err signing_sign(struct cx *cx, const struct id *message_id, const struct signing_act *act,
		      struct form_errors *errors) MUST_CHECK;
enum err signing_decline(struct cx *cx, const struct id *message_id, struct str reason,
			 struct str user_agent, struct form_errors *errors) MUST_CHECK;
enum err signing_cancel(struct cx *cx, const struct id *message_id, struct str reason,
			struct form_errors *errors) MUST_CHECK;
/* Mails everybody whose turn it is. ERR_BUSY with errors[""]: they were reminded within the hour.
 */
enum err signing_remind(struct cx *cx, const struct id *message_id, int64_t *ret_count,
			struct form_errors *errors) MUST_CHECK;

/* In the name of the portal, as somebody of it was erased without whom it cannot be completed: it
 * is cancelled, and everybody else who was asked, and the sender, are told. Fine if it has ended.
 */
enum err signing_break_off(struct cx *cx, const struct id *message_id) MUST_CHECK;

/* Housekeeping: deadlines that have passed, reminders that are due; some of them. */
enum err signing_sweep(struct cx *cx, size_t *ret_count) MUST_CHECK;
