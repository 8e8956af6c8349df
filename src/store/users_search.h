/* Searching among all people, for administrators (P7). */
#pragma once

#include "store/users.h"

enum { USERS_SEARCH_WORDS = 4 };

struct users_search {
	struct str words[USERS_SEARCH_WORDS]; /* folded; all must be in the name or the address */
	size_t word_count;
	enum grade grade;       /* 0: any */
	int role;               /* -1: any */
	enum user_state state;  /* 0: any */
	int64_t seen_from_ms;   /* last seen then or later ... */
	int64_t seen_before_ms; /* ... but before then; 0: whenever */
	bool by_seen;           /* who was seen last comes first; else by name */
	struct id after;        /* the last one of the page before; empty: from the start */
};

/* At most `limit`, of which *ret_bad failed their check and are left out. Nobody who was erased.
 * ERR_NOT_FOUND: there is no user `after`. */
enum err users_search(struct db *db, struct arena *arena, const struct users_search *search,
		      int64_t limit, struct user **ret, size_t *ret_count,
		      int64_t *ret_bad) MUST_CHECK;
/* How many there are in all after that one, counted up to `most`. */
enum err users_search_count(struct db *db, struct arena *arena, const struct users_search *search,
			    int64_t most, int64_t *ret) MUST_CHECK;
