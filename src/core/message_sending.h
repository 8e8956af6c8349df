/* For core/: one message being sent. Everything its transaction writes is prepared before it: seals
 * and ciphertexts cost too much inside. */
#pragma once

#include "core/addressing.h"
#include "core/message.h"

struct sending {
	const struct settings *settings;
	const struct user *sender;
	struct message message;
	struct delivery *deliveries; /* the sender's own first */
	size_t delivery_count;
	const struct user *
		*known; /* people whose row must not have changed since their key was used */
	size_t known_count;
	struct invitee *invitees;
	size_t invitee_count;
	struct mail_row *mails;
	size_t mail_count;
	struct str key_hash, request_hash; /* idempotency; empty: none */
	struct id draft_id;                /* the kept draft that goes with it; empty: none */
	int64_t draft_version;
	bool is_draft_changed; /* why it is ERR_CONFLICT */
	bool is_counted;       /* among what the sender may send within the hour */
};

/* Encrypts subject and body under a fresh key, seals the key to everybody, makes the rows of new
 * people and the mails. sender, settings and idempotency are set by the caller. conversation_id:
 * empty for a new conversation. */
enum err message_sending_prepare(struct cx *cx, const struct draft *draft,
				 const struct id *conversation_id, const struct resolved *resolved,
				 struct str subject, struct str body,
				 struct sending *sending) MUST_CHECK;
/* A store_fn. ERR_CONFLICT: somebody registered, was invited, changed or sent the same meanwhile,
 * or (is_draft_changed) saved, sent or deleted the draft.
 * ERR_TOO_LARGE: no seat is left. */
enum err message_sending_write(struct db *db, void *sending) MUST_CHECK;
