/* What administrators have decided about people and registration rules since a backup, so that a
 * restore does not undo it: who was disabled then is no person who gets in again afterwards. Kept
 * in the journal of destroyed keys (core/destroyed_journal.h), a line for each change with what it
 * came to; of each person and rule the newest line holds. */
#pragma once

#include "core/cx.h"
#include "store/rules.h"

/* In the transaction that changes them. Nothing if grade, role and whether they are disabled stay
 * the same. */
enum err decisions_note_person(struct cx *cx, struct db *db, const struct user *before,
			       const struct user *after) MUST_CHECK;
/* rule: NULL: it was taken away. */
enum err decisions_note_rule(struct cx *cx, struct db *db, struct str pattern,
			     const struct rule *rule) MUST_CHECK;

/* ---- after a restore ---- */

struct decisions;
enum err decisions_new(struct decisions **ret) MUST_CHECK;
/* NULL is fine. */
void decisions_free(struct decisions *decisions);
/* A line of the journal, in any order. ERR_NOT_FOUND: it is about something else. ERR_INVALID: it
 * is no such line. */
enum err decisions_take(struct decisions *decisions, struct cx *cx, const struct id *line,
			struct str content) MUST_CHECK;

struct decisions_done {
	int64_t people, rules; /* that have changed */
	int64_t kept; /* that could not: nobody else is left to administer, or no seat. In the log
		       */
};
/* Makes it so, in the name of the portal itself, and in the audit log. Who or what is not there is
 * left alone. */
enum err decisions_again(struct decisions *decisions, struct cx *cx,
			 struct decisions_done *ret) MUST_CHECK;
