/* Table rules: registration rules for addresses and domains (P2.2). Authenticated. */
#pragma once

#include "store/users.h"

struct rule {
	struct str pattern; /* normalised: "anna@example.com", "example.com" (that domain),
			       ".example.com" (it and all below) */
	bool is_allowed;
	enum grade grade; /* 0: the rule leaves the grade to the sender */
	int64_t created_ms;
};

/* ERR_NOT_FOUND: no rule with exactly this pattern. */
enum err rules_get(struct db *db, struct arena *arena, struct str pattern,
		   struct rule *ret) MUST_CHECK;
enum err rules_put(struct db *db, const struct rule *rule) MUST_CHECK;
enum err rules_delete(struct db *db, struct str pattern) MUST_CHECK;
/* By pattern: at most `limit` that come after this one and contain `part` (empty: all). */
enum err rules_find(struct db *db, struct arena *arena, struct str part, struct str after,
		    int64_t limit, struct rule **ret, size_t *ret_count,
		    int64_t *ret_bad) MUST_CHECK;
enum err rules_count(struct db *db, int64_t *ret) MUST_CHECK;
/* All, by pattern; rows that fail their check are left out and counted. At most `limit`. */
enum err rules_list(struct db *db, struct arena *arena, int64_t limit, struct rule **ret,
		    size_t *ret_count, int64_t *ret_bad) MUST_CHECK;
