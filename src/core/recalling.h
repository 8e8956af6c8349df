/* For core/: a recall being made. Everything its transaction writes is prepared before it. */
#pragma once

#include "core/file_reach.h"
#include "core/recall.h"
#include "core/recall_reach.h"
#include "core/signing_recall.h"

struct recalling {
	struct cx *cx; /* with an arena for this try */
	const struct recall_wish *wish;
	const struct signing_recall *signing; /* of documents to sign; may be NULL */
	struct str reason;                    /* checked */
	struct message message;
	struct message_holder *holders; /* as they were; those reached have their end prepared */
	size_t count;
	struct recall_from from;
	struct str sealed_reason; /* ciphertext */
	int64_t now_ms;
	enum delivery_end end; /* DELIVERY_RECALLED, or by its date when that has passed */
	/* By the transaction. */
	struct recalled recalled;
	struct file_reach files; /* what of its files was sent on */
};

/* The acting person's own message, who has it, and what ending it comes to. */
enum err recall_read_message(struct recalling *recalling, struct cx *cx, struct db *db,
			     const struct id *id, struct delivery *ret_own) MUST_CHECK;
/* Whom it is recalled from, by the wish. ERR_INVALID with errors["recipients"]. */
enum err recall_choose(struct recalling *recalling, struct cx *cx,
		       struct form_errors *errors) MUST_CHECK;

/* A store_fn, of a struct recalling. ERR_CONFLICT: somebody got it meanwhile, or has another key
 * pair now. */
enum err recall_write(struct db *db, void *recalling) MUST_CHECK;
