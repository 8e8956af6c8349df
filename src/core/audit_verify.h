/* Whether the audit log is what was written (P7): the chain with what its entries say, the
 * checkpoints outside of the database (core/audit_checkpoint.h), and whether the database says of
 * users, rules, texts of mails, settings and recalled messages what the newest entries say of
 * them: a row that was put back as it once was is authentic and yet not true.
 *
 * Memory does not grow with the log. */
#pragma once

#include "core/cx.h"
#include "store/audit.h"

enum audit_problem_kind {
	AUDIT_PROBLEM_ENTRY_CHANGED,
	AUDIT_PROBLEM_ENTRY_MISSING,
	AUDIT_PROBLEM_TEXT_CHANGED,
	AUDIT_PROBLEM_TEXT_MISSING,
	AUDIT_PROBLEM_END_CHANGED,
	AUDIT_PROBLEM_ROLLED_BACK,       /* the log ends before a checkpoint */
	AUDIT_PROBLEM_NOT_SIGNED,        /* an entry is not the one of a checkpoint */
	AUDIT_PROBLEM_CHECKPOINT_FORGED, /* a line that this portal has not signed */
	AUDIT_PROBLEM_USER_OLDER,        /* an older state than the log says */
	AUDIT_PROBLEM_USER_OTHER,        /* a state that the log knows nothing of */
	AUDIT_PROBLEM_USER_MISSING,
	AUDIT_PROBLEM_USER_ADDRESSES, /* other addresses than the log says */
	AUDIT_PROBLEM_RULE_OLDER,
	AUDIT_PROBLEM_RULE_BACK, /* was taken away, and is there */
	AUDIT_PROBLEM_RULE_MISSING,
	AUDIT_PROBLEM_MAIL_TEXT_OTHER, /* another version than the log says */
	AUDIT_PROBLEM_SETTING_OTHER,
	AUDIT_PROBLEM_MESSAGE_BACK, /* a key that was destroyed by a recall is there */
	AUDIT_PROBLEM_FILE_BACK,
	AUDIT_PROBLEMS,
};

struct audit_problem {
	enum audit_problem_kind kind;
	int64_t number;       /* of the entry */
	int64_t line;         /* of the checkpoints */
	int64_t at_ms;        /* of the checkpoint */
	struct id user_id;    /* may be empty, as what follows */
	struct id message_id; /* of what was recalled */
	struct id file_id;
	struct str name; /* the pattern of a rule, the address of a user, a setting */
	struct str said; /* by the log: "guest member active" */
	struct str is;   /* by the database */
};
/* For scripts: "entry_changed" ... */
const char *audit_problem_word(enum audit_problem_kind kind);
/* What it means, for people. */
struct str audit_problem_sentence(struct cx *cx, const struct audit_problem *problem);

struct audit_report {
	int64_t entries;         /* up to here the chain is whole */
	int64_t checkpoints;     /* that fit */
	int64_t torn_lines;      /* of the checkpoints, that say nothing */
	int64_t checkpoint;      /* the last entry that one of them covers; 0: none */
	int64_t checkpoint_ms;   /* when it was made */
	bool has_no_checkpoints; /* there is no such file */
	int64_t users, rules, texts, settings, recalls;
	int64_t problems;
};

/* checkpoints: path of the file; empty: they are not looked at. tell() is called for each problem.
 * Errors only when it cannot go on. */
enum err audit_verify(struct cx *cx, struct str checkpoints,
		      void (*tell)(void *argument, struct cx *cx,
				   const struct audit_problem *problem),
		      void *argument, struct audit_report *ret) MUST_CHECK;
