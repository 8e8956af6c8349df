/* For core/: what the parts of audit_verify() share. */
#pragma once

#include "core/audit_log.h"
#include "core/audit_verify.h"

struct audit_verifying {
	struct cx cx; /* with an arena of one page */
	void (*tell)(void *argument, struct cx *cx, const struct audit_problem *problem);
	void *argument;
	struct audit_report report;
};

enum { AUDIT_VERIFY_PAGE = 200 };

void audit_verifying_tell(struct audit_verifying *verifying, const struct audit_problem *problem);

/* audit_rows.c: users, rules, texts and settings against the newest entries of them. */
enum err audit_rows_verify(struct audit_verifying *verifying, struct db *db) MUST_CHECK;
/* audit_recalls.c: that no destroyed key is back. */
enum err audit_recalls_verify(struct audit_verifying *verifying, struct db *db) MUST_CHECK;
