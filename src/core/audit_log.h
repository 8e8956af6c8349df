/* The audit log (P7): who did what, when and from where, old and new. A row of the chain
 * (store/audit.h) says when, who and which kind; what it says beyond that is encrypted under a key
 * from the portal key, as it names people:
 *
 *   plain = 'a' | remote | subject | before | after      (core/packed.h)
 *
 * and the chain holds the digest of the ciphertext. */
#pragma once

#include "core/cx.h"
#include "store/audit.h"

struct audit_act {
	enum audit_kind kind;
	struct id actor_id;  /* empty: who is signed in, or else the portal itself */
	struct id object_id; /* user, message; may be empty */
	struct str subject;  /* the name of a setting, an address; may be empty, as the next two */
	struct str before;
	struct str after;
};
/* In the transaction of what it tells of. Never content, never a secret. */
enum err audit_log(struct cx *cx, struct db *db, const struct audit_act *act) MUST_CHECK;

struct audit_view {
	struct audit_entry entry;
	struct str remote; /* empty: on the machine itself */
	struct str subject;
	struct str before;
	struct str after;
	bool is_changed; /* what it said is not what was written: nothing of it is shown */
};
/* What an entry says. */
enum err audit_log_read(struct cx *cx, struct db *db, const struct audit_entry *entry,
			struct audit_view *ret) MUST_CHECK;
