/* Registration rules (P2.2): what administrators decide about addresses and domains, and what would
 * happen to an address. core/invite.h applies them. All calls but registration_rule_try() are for
 * administrators: others get ERR_DENIED. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/invite.h"

/* At most `limit` after this pattern (empty: from the first), those that contain `part` (empty:
 * all). */
enum err registration_rule_list(struct cx *cx, struct str part, struct str after, int64_t limit,
				struct rule **ret, size_t *ret_count) MUST_CHECK;
enum err registration_rule_get(struct cx *cx, struct str pattern, struct rule *ret) MUST_CHECK;

/* As typed: "Example.com", "*.example.com", "anna@example.com". */
struct rule_typed {
	struct str pattern;
	bool is_allowed;
	struct str grade; /* "guest", "professional"; empty: left to the sender */
};
enum rule_save { RULE_NEW, RULE_CHANGE, RULE_EITHER };
/* seen_ms: created_ms of the rule that whoever changes it has seen; 0: whatever it was. ERR_INVALID
 * with errors["pattern"] or errors["grade"]. ERR_CONFLICT: RULE_NEW, and there is one (*ret is it),
 * or somebody has changed it since it was seen. ERR_NOT_FOUND: RULE_CHANGE, and there is none.
 * ret_is_new may be NULL. */
enum err registration_rule_save(struct cx *cx, const struct rule_typed *typed, enum rule_save how,
				int64_t seen_ms, struct rule *ret, bool *ret_is_new,
				struct form_errors *errors) MUST_CHECK;
/* ERR_NOT_FOUND; ERR_CONFLICT: seen_ms is given, and somebody has changed it since. */
enum err registration_rule_delete(struct cx *cx, struct str pattern, int64_t seen_ms) MUST_CHECK;

/* What would happen to an address that somebody writes to. */
enum rule_outcome {
	RULE_OUTCOME_BAD,     /* it is no address */
	RULE_OUTCOME_KNOWN,   /* there is such a person: rules are about new ones */
	RULE_OUTCOME_INVITED, /* they would be */
	RULE_OUTCOME_REFUSED,
};
struct rule_trial {
	enum rule_outcome outcome;
	struct str address;
	struct user known;
	struct rule_verdict verdict;
	bool has_seat; /* a professional would find one */
};
enum err registration_rule_try(struct cx *cx, struct str address,
			       struct rule_trial *ret) MUST_CHECK;
/* In words, for whom the portal is administered. */
struct str registration_rule_sentence(struct cx *cx, const struct rule_trial *trial);
/* "addresses at example.com", of a pattern. */
struct str registration_rule_about(struct cx *cx, struct str pattern);
