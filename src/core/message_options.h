/* Options of messages (P4.2): what a reader may do with one, and what an answer inherits. */
#pragma once

#include "core/message.h"

/* Why not. */
enum message_refusal {
	REFUSAL_NONE,
	REFUSAL_NO_REPLY,
	REFUSAL_NO_REPLY_ALL,
	REFUSAL_NO_FORWARD,
	REFUSAL_CONFIDENTIAL, /* to forward: nobody typed the password for the one it goes to */
	REFUSAL_UNSIGNED,     /* to forward: its documents are not signed by all */
	REFUSAL_OFF,          /* to forward: nobody may (enum feature) */
	REFUSAL_QUOTED,       /* the reader has it only as part of another message */
	REFUSAL_RECALLED,
	REFUSAL_EXPIRED,
	REFUSAL_COUNT,
};

struct message_acts {
	enum message_refusal reply, reply_all, forward;
};

/* Whether this copy has ended, by its date too where housekeeping has not come by. A sender keeps
 * what they have sent. */
enum delivery_end message_options_end(const struct message_copy *copy, int64_t now_ms);
/* An authentic copy of the user's. Options bind the recipients, not the sender. */
struct message_acts message_options_acts(const struct user *self, const struct message_copy *copy,
					 int64_t now_ms);
/* Whether the user may hand it to somebody who does not have it, with a message that quotes it. */
bool message_options_may_hand_on(const struct user *self, const struct message_copy *copy,
				 int64_t now_ms);

/* ERR_DENIED or ERR_CONFLICT, and errors holds just the sentence; OK for REFUSAL_NONE. */
enum err message_options_refuse(struct cx *cx, enum message_refusal refusal,
				struct form_errors *errors) MUST_CHECK;
/* The sentence that explains a button which cannot be pressed. */
enum text_id message_options_sentence(enum message_refusal refusal);

struct message_terms {
	unsigned options;   /* enum message_option */
	int64_t expires_ms; /* 0: never */
};
/* What an answer or a forward of this message has at least; source NULL: nothing. */
struct message_terms message_options_inherited(const struct draft *draft,
					       const struct message *source);
/* The same, for showing it beside the draft; nothing when that message is not theirs (any more). */
enum err message_options_of_draft(struct cx *cx, const struct draft *draft,
				  struct message_terms *ret) MUST_CHECK;
/* What a message made from the draft will have. Mistakes go to errors: "options", "expires_at". */
struct message_terms message_options_check(struct cx *cx, const struct draft *draft,
					   const struct message *source,
					   struct form_errors *errors);
