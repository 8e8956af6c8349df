/* For core/check.c: what belongs to one person. */
#pragma once

#include "core/cx.h"
#include "core/user.h"

/* Rows that fail their check. Which ones stands in the log. */
struct check_people {
	int64_t bad_contacts;
	int64_t bad_blocks;
	int64_t bad_groups;
	int64_t bad_preferences;
	int64_t bad_kept;   /* signatures, initials, templates */
	int64_t bad_proofs; /* that an address is theirs */
	int64_t bad_aliases;
};

enum err check_people_of(struct db *db, struct arena *arena, const struct user *user,
			 struct check_people *ret) MUST_CHECK;
