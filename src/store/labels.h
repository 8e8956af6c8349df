/* Tables labels and delivery_labels: what people call their messages, each for themselves. They
 * decide no right. */
#pragma once

#include "store/db_list.h"

struct label_row {
	struct id id;
	struct id user_id;
	int64_t version;     /* 1 when first made; counts every name */
	struct str name;     /* ciphertext */
	struct str name_key; /* keyed hash of the folded name: nobody has one twice */
};

/* ERR_CONFLICT: the user has a label of this name. */
enum err labels_insert(struct db *db, const struct label_row *label) MUST_CHECK;
/* Writes name, name_key and version. ERR_NOT_FOUND: the user has no such label, or its version is
 * not expected_version. */
enum err labels_update(struct db *db, const struct label_row *label,
		       int64_t expected_version) MUST_CHECK;
/* Takes it off every message too. ERR_NOT_FOUND: the user has no such label. */
enum err labels_delete(struct db *db, const struct id *user_id, const struct id *id) MUST_CHECK;
/* ERR_NOT_FOUND: the user has no such label. */
enum err labels_get(struct db *db, struct arena *arena, const struct id *user_id,
		    const struct id *id, struct label_row *ret) MUST_CHECK;
/* The same by name_key; only its id. */
enum err labels_find(struct db *db, const struct id *user_id, struct str name_key,
		     struct id *ret) MUST_CHECK;
enum err labels_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			struct label_row **ret, size_t *ret_count) MUST_CHECK;
enum err labels_count(struct db *db, const struct id *user_id, int64_t *ret) MUST_CHECK;
/* The next rows by id, at most limit. */
enum err labels_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		     struct label_row **ret) MUST_CHECK;

/* The user's own label on a message of theirs; the caller has made sure of both. Twice is once. */
enum err labels_put(struct db *db, const struct id *user_id, const struct id *message_id,
		    const struct id *label_id) MUST_CHECK;
/* From all of the message's conversation. One that is not there is fine. */
enum err labels_take(struct db *db, const struct id *user_id, const struct id *message_id,
		     const struct id *label_id) MUST_CHECK;
enum err labels_take_all(struct db *db, const struct id *user_id,
			 const struct id *message_id) MUST_CHECK;
/* Those on one message. */
enum err labels_on(struct db *db, struct arena *arena, const struct id *user_id,
		   const struct id *message_id, struct id **ret, size_t *ret_count) MUST_CHECK;
/* Those on any message of a conversation that the user has. */
enum err labels_on_conversation(struct db *db, struct arena *arena, const struct id *user_id,
				const struct id *conversation_id, struct id **ret,
				size_t *ret_count) MUST_CHECK;
/* Rows that belong to no delivery or to somebody else's label. */
enum err labels_count_stray(struct db *db, int64_t *ret) MUST_CHECK;
