/* For core/message_sending.c: the request that goes with a message. Everything that its transaction
 * writes is prepared before it: documents are prepared, certified and stored. */
#pragma once

#include "core/message_sending.h"
#include "core/signing.h"
#include "core/signing_version.h"

struct signing_new {
	const struct attachments *documents; /* as they came */
	struct signing signing;
	struct signing_person *people;
	struct signing_file *files;
	struct signing_version *versions; /* of each document, revision 0 */
	size_t version_count;             /* that are stored */
	struct signing_event event;
	bool is_tried;      /* a transaction has begun to write it */
	bool is_over_quota; /* why it is ERR_TOO_LARGE */
};

/* Whether this one of To is asked only after others, and told of it then. */
bool signing_new_is_later(const struct draft *draft, const struct addressee *item, size_t position);

/* After the deliveries: their To are the signers. ERR_INVALID with errors: a document cannot be
 * signed after all. */
enum err signing_new_prepare(struct cx *cx, const struct draft *draft,
			     const struct checked *checked, const struct secret *message_key,
			     struct sending *sending, struct form_errors *errors) MUST_CHECK;
/* In the transaction, after the message. ERR_CONFLICT: a document is not there any more.
 * ERR_TOO_LARGE: is_over_quota. */
enum err signing_new_write(struct db *db, struct sending *sending) MUST_CHECK;
/* Keys; and the bytes of what was not sent. err: what came of it. sending->signing may be NULL. */
void signing_new_release(struct portal *portal, struct sending *sending, enum err err);
