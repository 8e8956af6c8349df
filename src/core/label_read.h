/* For core/: the labels of one reader, and which of them is on which message. */
#pragma once

#include "core/label.h"
#include "store/labels.h"

/* Ordered by folded name. */
enum err label_read_all(struct cx *cx, struct db *db, struct label **ret,
			size_t *ret_count) MUST_CHECK;
/* Those of `all` that are on the message, in the order of `all`. */
enum err label_read_on(struct cx *cx, struct db *db, const struct label *all, size_t all_count,
		       const struct id *message_id, const struct label **ret,
		       size_t *ret_count) MUST_CHECK;
/* Those that are on any message of the conversation. */
enum err label_read_on_conversation(struct cx *cx, struct db *db, const struct label *all,
				    size_t all_count, const struct id *conversation_id,
				    const struct label **ret, size_t *ret_count) MUST_CHECK;
/* The keyed hash by which a name is found, whatever its case and accents. */
enum err label_read_key(struct cx *cx, struct str name, struct str *ret) MUST_CHECK;
enum err label_read_encrypt(struct cx *cx, const struct label_row *row, struct str name,
			    struct str *ret) MUST_CHECK;
/* A name that fails its check is empty, and an alarm was logged. */
enum err label_read_one(struct cx *cx, const struct label_row *row, struct label *ret) MUST_CHECK;
