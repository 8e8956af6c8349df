/* Searching among all people of the portal, for administrators (P7). */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/user.h"

/* As in the address of a page or of the API. Empty: whichever. */
struct people_query {
	struct str q;      /* words of the name, or parts of the address; each must be there */
	struct str grade;  /* "guest" ... */
	struct str role;   /* "administrator" ... */
	struct str state;  /* "invited" ... */
	struct str seen;   /* "never", "within-30", "over-30": days */
	struct str sort;   /* "name", "seen": who was seen last comes first */
	struct str cursor; /* of the page before */
};

struct people_found {
	struct user *users;
	size_t count;
	struct str next_cursor; /* empty at the end */
	bool has_total;         /* on the first page */
	int64_t total;          /* of all pages */
	bool is_more;           /* there are more than `total` */
};

/* At most `limit` a page. ERR_DENIED: not an administrator (without a session: a command on the
 * machine, which may). ERR_INVALID with errors by the names above. */
enum err people_search(struct cx *cx, const struct people_query *query, int64_t limit,
		       struct people_found *ret, struct form_errors *errors) MUST_CHECK;
