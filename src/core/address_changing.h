/* For core/: what the parts of address_change.h share: looking and taking back
 * (address_change.c), asking (address_change_ask.c), the link (address_change_confirm.c). */
#pragma once

#include "core/address.h"
#include "core/address_change.h"
#include "store/ways_in.h"

bool address_change_is_oneself(const struct cx *cx, const struct id *user_id);
/* ERR_DENIED: neither oneself nor an administrator. */
enum err address_change_check(const struct cx *cx, const struct id *user_id) MUST_CHECK;
/* In a transaction: whoever acts may have been signed out, or lost the right, since. */
enum err address_change_check_still(struct cx *cx, struct db *db,
				    const struct id *user_id) MUST_CHECK;
/* As address_change_look(), for whom it may be. */
enum err address_change_read(struct cx *cx, struct db *db, const struct id *user_id,
			     struct addresses *ret) MUST_CHECK;
bool address_change_is_alias(const struct addresses *addresses, struct str key);
/* By the registration rules. A rule that makes guests of a domain keeps professionals from going
 * there by themselves. */
enum err address_change_is_allowed(struct cx *cx, struct db *db, const struct address *address,
				   const struct user *user, bool is_own, bool *ret) MUST_CHECK;
/* A mailed one, of whichever of the four kinds. */
bool address_change_is_link(const struct way_in *way_in);
struct str address_change_url(struct cx *cx, struct str token);
/* What was changed: all their addresses as the act leaves them, and from which to which. */
enum err address_change_log(struct cx *cx, struct db *db, const struct user *after,
			    struct str address_before, struct str address_after,
			    bool is_by_them) MUST_CHECK;
/* What was asked for, or taken back. */
enum err address_change_log_asked(struct cx *cx, struct db *db, const struct id *user_id,
				  struct str withdrawn, struct str asked) MUST_CHECK;
