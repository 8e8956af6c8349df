/* For core/: one message being sent. Everything its transaction writes is prepared before it: seals
 * and ciphertexts cost too much inside. */
#pragma once

#include "core/addressing.h"
#include "core/attaching.h"
#include "core/message_options.h"
#include "store/preferences.h"

struct pdf_facts;
struct signing_new;

/* A draft without a mistake. */
struct checked {
	struct user sender; /* read afresh */
	struct resolved resolved;
	struct str subject, body;
	struct id conversation_id; /* empty: a new one */
	struct message_terms terms;
	const struct message_copy
		*quoted; /* answered or forwarded, as the sender has it; or NULL */
	const struct attachments *attachments; /* or NULL */
	/* Of a request to sign (draft->signing), in the order of draft->files; they are no files of
	   the message. Else NULL. */
	const struct attachments *documents;
	const struct pdf_facts *document_facts;
	struct signing_turn *turn; /* taken, when they were looked at */
};

/* A reader's key of a file of what is quoted. */
struct quoted_file {
	struct attaching_right right; /* of the sender */
	struct file_delivery delivery;
};

struct sending {
	struct cx *cx;
	const struct settings *settings;
	const struct user *sender;
	struct message message;
	struct delivery *deliveries; /* the sender's own first */
	size_t delivery_count;
	struct delivery *quoted; /* for those who did not have what is answered or forwarded */
	size_t quoted_count;
	struct id *sources; /* answered or forwarded, and handed on with it */
	size_t source_count;
	struct attaching attaching;
	struct quoted_file *quoted_files; /* in the order of `quoted` */
	size_t quoted_file_count;
	const struct user *
		*known; /* people whose row must not have changed since their key was used */
	size_t known_count;
	struct invitee *invitees;
	size_t invitee_count;
	struct mail_row *mails;
	size_t mail_count;
	const struct signing_plan *plan;   /* of documents to sign; NULL: none */
	struct str key_hash, request_hash; /* idempotency; empty: none */
	struct id draft_id;                /* the kept draft that goes with it; empty: none */
	int64_t draft_version;
	struct preferences_row *preferences; /* of the recipients, as they were resolved */
	struct signing_new *signing;         /* the request that goes with it; NULL: none */
	struct sending *answers;             /* of those who are away (core/away.h) */
	size_t answer_count;
	bool is_automatic;                  /* this one is such an answer ... */
	const struct preferences_row *away; /* ... in this absence */
	bool is_written;                    /* and was sent: the sender had none before */
	bool is_draft_changed;              /* why it is ERR_CONFLICT */
	bool is_counted;                    /* among what the sender may send within the hour */
};

/* Encrypts subject and body under a fresh key, seals the key to everybody, and the keys of what is
 * quoted to those who do not have it; makes the rows of new people and the mails. settings and
 * idempotency are set by the caller; `checked` is borrowed until it is written. ERR_INVALID with
 * errors: it was forwarded too often, or with too many files. */
enum err message_sending_prepare(struct cx *cx, const struct draft *draft,
				 const struct checked *checked, struct sending *sending,
				 struct form_errors *errors) MUST_CHECK;
/* A store_fn. ERR_CONFLICT: somebody registered, was invited, changed or sent the same meanwhile,
 * something quoted was recalled, has expired or was deleted, or (is_draft_changed) somebody saved,
 * sent or deleted the draft. ERR_TOO_LARGE: no seat is left, or
 * (signing->is_over_quota) there is no room for what shall be signed. */
enum err message_sending_write(struct db *db, void *sending) MUST_CHECK;
