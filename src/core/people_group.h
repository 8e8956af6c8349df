/* Personal groups ("Board"): a name for several addresses, usable wherever one addresses. Name and
 * members are encrypted under the owner's mailbox key. Recipients see each other, never the name.
 */
#pragma once

#include "core/form_errors.h"
#include "core/message.h"

struct people_group {
	struct id id;
	struct str name;
	struct str *members; /* addresses */
	size_t member_count;
};

/* One's own, by name. One that fails its check is left out; an alarm was logged. */
enum err people_group_list(struct cx *cx, struct people_group **ret, size_t *ret_count) MUST_CHECK;
/* ERR_NOT_FOUND: no such, or not theirs. ERR_CORRUPT: it fails its check. */
enum err people_group_get(struct cx *cx, const struct id *id, struct people_group *ret) MUST_CHECK;
/* Makes (with an empty id) or replaces one. members: typed as in To. ERR_INVALID with errors:
 * "name", "members", or "" (LIMIT_GROUPS are there already). ERR_NOT_FOUND: no such, or not theirs.
 */
enum err people_group_save(struct cx *cx, const struct id *id, struct str name, struct str members,
			   struct people_group *ret, struct form_errors *errors) MUST_CHECK;
enum err people_group_delete(struct cx *cx, const struct id *id) MUST_CHECK;
/* Those with a word of their name that begins with `typed`, a few at most. */
enum err people_group_suggest(struct cx *cx, struct str typed, struct people_group **ret,
			      size_t *ret_count) MUST_CHECK;

/* A draft with the members in place of the names of one's groups in To, Cc and Bcc. */
enum err people_group_expand(struct cx *cx, struct db *db, const struct draft *draft,
			     struct draft *ret) MUST_CHECK;
