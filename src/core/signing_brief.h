/* How far a request to sign has come, short enough for a line of a list (P6). */
#pragma once

#include "core/cx.h"
#include "store/messages.h"
#include "store/signings.h"

struct signing_brief {
	enum signing_state state;   /* 0: the message has no documents to sign */
	enum signer_state my_state; /* 0: the reader is none of the signers */
	int64_t signed_count, signer_count;
	bool sender_signs; /* is one of the signers */
};
/* Of a message as the reader has it. One that fails its check has none; an alarm was logged. */
enum err signing_brief_read(struct cx *cx, struct db *db, const struct message_copy *copy,
			    struct signing_brief *ret) MUST_CHECK;
/* "Waiting for your signature", "2 of 3 have signed"; empty without documents to sign. */
struct str signing_brief_words(struct cx *cx, const struct signing_brief *brief);
/* For scripts: "open", "completed" ...; "waiting", "asked" ... */
const char *signing_brief_state_word(enum signing_state state);
const char *signing_brief_signer_word(enum signer_state state);
