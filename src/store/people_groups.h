/* Table people_groups: personal groups. Nothing but ciphertext under the owner's mailbox key, bound
 * to id, owner and version: that authenticates them. */
#pragma once

#include "store/db_list.h"

struct group_row {
	struct id id;
	struct id user_id;
	int64_t version;
	struct str content; /* ciphertext: name and members */
};

/* ERR_TOO_LARGE: there are `most` already. */
enum err people_groups_insert(struct db *db, const struct group_row *group,
			      int64_t most) MUST_CHECK;
/* ERR_CONFLICT: the version is not expected_version. */
enum err people_groups_update(struct db *db, const struct group_row *group,
			      int64_t expected_version) MUST_CHECK;
/* ERR_NOT_FOUND: no such, or not this user's. */
enum err people_groups_get(struct db *db, struct arena *arena, const struct id *user_id,
			   const struct id *id, struct group_row *ret) MUST_CHECK;
enum err people_groups_delete(struct db *db, const struct id *user_id,
			      const struct id *id) MUST_CHECK;
/* All of a user, oldest first. */
enum err people_groups_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			       struct group_row **ret, size_t *ret_count) MUST_CHECK;
