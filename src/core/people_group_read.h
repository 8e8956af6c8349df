/* For core/people_group.c: groups out of their rows, and into them. */
#pragma once

#include "core/people_group.h"
#include "store/people_groups.h"

/* Encrypts name and members for the id, owner and version of the row. */
enum err people_group_read_encrypt(struct cx *cx, const struct people_group *group,
				   struct group_row *row) MUST_CHECK;
/* ERR_CORRUPT: it fails its check; an alarm was logged. */
enum err people_group_read_row(struct cx *cx, const struct group_row *row,
			       struct people_group *ret) MUST_CHECK;
/* One's own, but for those that fail their check. */
enum err people_group_read_all(struct cx *cx, struct db *db, struct people_group **ret,
			       size_t *ret_count) MUST_CHECK;
/* Whether two names are one: case and accents do not matter. */
enum err people_group_read_is_same(struct cx *cx, struct str a, struct str b, bool *ret) MUST_CHECK;
