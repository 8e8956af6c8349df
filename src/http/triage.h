/* What is to be done with a request, as far as its header tells: who answers it, or why it is
 * refused, and whether its body may come. */
#pragma once

#include "http/dispatch.h"
#include "http/guard.h"
#include "http/wire.h"

struct triage {
	const struct route *route; /* the one or the other, when it is not refused */
	const struct asset *asset;
	struct refusal refusal;
	struct framing framing;
	bool is_unframed;         /* nobody can tell where it ends: close after the refusal */
	struct budget_share body; /* reserved for it; to be released */
};

/* Fills method, path, query, remote and is_tls of the request, whose headers are there. */
void triage_header(struct wire *wire, struct message_head *head, struct request *req,
		   struct triage *ret);
/* With Retry-After where coming back may help. The surface stays. */
void triage_refuse(struct triage *triage, int status, enum err err);
