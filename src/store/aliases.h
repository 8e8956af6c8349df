/* Table aliases: further e-mail addresses of people (core/address_change.h). Each row is
 * authenticated; a row that fails is ERR_CORRUPT and an alarm. An address is in this table or in
 * table users, never in both. */
#pragma once

#include "store/users.h"

struct alias {
	struct str address_key; /* normalised, as of users */
	struct str address;     /* as first written */
	struct id user_id;
	int64_t created_ms;
};

/* ERR_NOT_FOUND: it is nobody's alias. */
enum err aliases_by_key(struct db *db, struct arena *arena, struct str address_key,
			struct alias *ret) MUST_CHECK;
/* In the order of their addresses. */
enum err aliases_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			 struct alias **ret, size_t *ret_count) MUST_CHECK;
/* ERR_CONFLICT: it is somebody else's address, or an alias already. The user's row finds them by it
 * once it is updated (users_update()). */
enum err aliases_insert(struct db *db, const struct alias *alias) MUST_CHECK;
/* ERR_NOT_FOUND: it is not an alias of theirs. */
enum err aliases_delete(struct db *db, const struct id *user_id, struct str address_key) MUST_CHECK;
/* For checking everything: adds to *ret how many of this person fail their check, or are somebody's
 * own address too. */
enum err aliases_count_bad(struct db *db, struct arena *arena, const struct id *user_id,
			   int64_t *ret) MUST_CHECK;
