/* Writing messages: addressing by policy, inviting by sending (P2.1), replying, sending. */
#pragma once

#include "core/form_errors.h"
#include "core/session.h"
#include "store/messages.h"

/* The sender's explicit choice for one new address; wins over draft.invite_as, loses against a rule
 * (P2.2). */
struct invite_choice {
	struct str address; /* as typed */
	enum grade grade;
};

/* core/signing.h */
struct signing_plan;

struct draft {
	struct str to, cc, bcc; /* typed: addresses parted by , ; or newline; "Anna
				   <anna@example.com>" is fine */
	struct str subject;
	struct str body;      /* Markdown */
	enum grade invite_as; /* 0: guest, unless a rule says otherwise */
	const struct invite_choice *choices;
	size_t choice_count;
	struct id reply_to;     /* message answered; empty: a new conversation */
	struct id forward_of;   /* message forwarded; empty: none */
	unsigned options;       /* enum message_option: those it shall have (P4.2) */
	unsigned options_off;   /* those that were said not to hold */
	struct str expires;     /* typed, core/expiry.h; empty: never */
	const struct id *files; /* attached, in order (P5) */
	size_t file_count;
	const struct signing_plan *signing; /* the files are documents to sign (P6); NULL: none */
	struct str idempotency_key;         /* empty: none */
	/* The kept draft that goes, if it still has this version, in the transaction that sends
	   (core/draft.h); empty: none. */
	struct id kept_id;
	int64_t kept_version;
	bool is_sent_by_id; /* the request names the kept draft and does not hold its text */
};

/* What will happen to one addressee, before and after sending. */
enum addressee_state {
	ADDRESSEE_KNOWN,   /* registered: "delivered" */
	ADDRESSEE_PENDING, /* invited earlier, not registered: "invited" */
	ADDRESSEE_NEW,     /* sending invites: "invited" */
};

struct addressee {
	struct str address;
	struct str name; /* of known people; else empty */
	enum recipient_kind kind;
	enum addressee_state state;
	enum grade grade;      /* known: theirs; new: what they will get */
	bool is_grade_by_rule; /* new: the sender cannot choose */
	bool is_self;          /* the sender, in To of a request: signs too, and is sent nothing */
};

struct addressing {
	struct addressee *items;
	size_t count;
	size_t new_count; /* "2 people will be invited" */
};

/* Who would get this draft, with every mistake in to/cc/bcc as a sentence in errors ("to", "cc",
 * "bcc"). Writes nothing. ERR_INVALID when errors has any. Duplicates are merged (to wins over cc
 * over bcc), and so is the sender's own address, who has a copy anyway: alone it is a mistake. In
 * To of a request it makes the sender a signer, at that place among the others, alone as well (P6).
 */
enum err message_address(struct cx *cx, const struct draft *draft, struct addressing *ret,
			 struct form_errors *errors) MUST_CHECK;

/* Every mistake that would keep the draft from being sent, in its text too. Writes nothing.
 * ERR_INVALID when there is one. */
enum err message_check(struct cx *cx, const struct draft *draft,
		       struct form_errors *errors) MUST_CHECK;

struct sent {
	struct id id;
	struct id conversation_id;
	struct addressing addressing;
	bool is_repeat; /* the idempotency key was used for the same request before; nothing was
			   sent now */
};

/* Sends, invites and queues every mail in one transaction. ERR_INVALID with errors: to, cc, bcc,
 * subject, body, files, idempotency_key (same key, other content). ERR_BUSY with errors[""]: this
 * person has sent too much within the hour; without: too many others write at once. ERR_DENIED when
 * policy forbids replying, and with errors[""] when an option of the message that is answered or
 * forwarded does; ERR_NOT_FOUND: that message is not theirs; ERR_CONFLICT with errors[""]: it was
 * recalled or has expired; without: the kept draft was changed, sent or deleted meanwhile. */
enum err message_send(struct cx *cx, const struct draft *draft, struct sent *ret,
		      struct form_errors *errors) MUST_CHECK;

/* What an earlier request with the same idempotency key has sent. ERR_NOT_FOUND: there was none.
 * ERR_INVALID with errors, as above. */
enum err message_sent_before(struct cx *cx, const struct draft *draft, struct sent *ret,
			     struct form_errors *errors) MUST_CHECK;

/* Addresses, subject ("Re: ...") for an answer to message `id`: sender only, or everybody visible
 * but oneself. */
enum err message_reply_draft(struct cx *cx, const struct id *id, bool is_to_all,
			     struct draft *ret) MUST_CHECK;

/* Subject ("Fwd: ...") for a forward of message `id`. ERR_NOT_FOUND, ERR_DENIED and
 * ERR_CONFLICT with a sentence in errors[""], as of message_send(). */
enum err message_forward_draft(struct cx *cx, const struct id *id, struct draft *ret,
			       struct form_errors *errors) MUST_CHECK;

/* Sends the person a fresh invitation: for the professional who invited them or an administrator.
 * ERR_CONFLICT: registered already. ERR_BUSY: nothing was sent, as they were sent several within
 * the hour (TEXT_ERROR_INVITED_OFTEN says so). Nobody sees the link (P2.7). */
enum err message_resend_invitation(struct cx *cx, const struct id *user_id) MUST_CHECK;

/* People to suggest while typing: those this user may write to, matching by name or address prefix
 * of any word. Guests see only professionals they share a message with; professionals see everybody
 * known. At most 8. */
struct person {
	struct id id;
	struct str name;
	struct str address;
	enum grade grade;
	enum user_state state;
};
enum err message_suggest(struct cx *cx, struct str typed, struct person **ret,
			 size_t *ret_count) MUST_CHECK;
