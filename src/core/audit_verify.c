#include "core/audit_verify.h"

#include "core/audit_checkpoint.h"
#include "core/audit_verifying.h"

#include <string.h>

enum { CHAIN_PAGE = 1000, PAGE_ARENA_BYTES = 256 << 20 };

static const struct {
	const char *word;
	enum text_id sentence;
} kinds[AUDIT_PROBLEMS] = {
	[AUDIT_PROBLEM_ENTRY_CHANGED] = {"entry_changed", TEXT_AUDIT_VERIFY_ENTRY_CHANGED},
	[AUDIT_PROBLEM_ENTRY_MISSING] = {"entry_missing", TEXT_AUDIT_VERIFY_ENTRY_MISSING},
	[AUDIT_PROBLEM_TEXT_CHANGED] = {"text_changed", TEXT_AUDIT_VERIFY_TEXT_CHANGED},
	[AUDIT_PROBLEM_TEXT_MISSING] = {"text_missing", TEXT_AUDIT_VERIFY_TEXT_MISSING},
	[AUDIT_PROBLEM_END_CHANGED] = {"end_changed", TEXT_AUDIT_VERIFY_END_CHANGED},
	[AUDIT_PROBLEM_ROLLED_BACK] = {"rolled_back", TEXT_AUDIT_VERIFY_ROLLED_BACK},
	[AUDIT_PROBLEM_NOT_SIGNED] = {"not_signed", TEXT_AUDIT_VERIFY_NOT_SIGNED},
	[AUDIT_PROBLEM_CHECKPOINT_FORGED] = {"checkpoint_forged",
					     TEXT_AUDIT_VERIFY_CHECKPOINT_FORGED},
	[AUDIT_PROBLEM_USER_OLDER] = {"user_older", TEXT_AUDIT_VERIFY_USER_OLDER},
	[AUDIT_PROBLEM_USER_OTHER] = {"user_other", TEXT_AUDIT_VERIFY_USER_OTHER},
	[AUDIT_PROBLEM_USER_MISSING] = {"user_missing", TEXT_AUDIT_VERIFY_USER_MISSING},
	[AUDIT_PROBLEM_USER_ADDRESSES] = {"user_addresses", TEXT_AUDIT_VERIFY_USER_ADDRESSES},
	[AUDIT_PROBLEM_RULE_OLDER] = {"rule_older", TEXT_AUDIT_VERIFY_RULE_OLDER},
	[AUDIT_PROBLEM_RULE_BACK] = {"rule_back", TEXT_AUDIT_VERIFY_RULE_BACK},
	[AUDIT_PROBLEM_RULE_MISSING] = {"rule_missing", TEXT_AUDIT_VERIFY_RULE_MISSING},
	[AUDIT_PROBLEM_MAIL_TEXT_OTHER] = {"mail_text_other", TEXT_AUDIT_VERIFY_MAIL_TEXT_OTHER},
	[AUDIT_PROBLEM_SETTING_OTHER] = {"setting_other", TEXT_AUDIT_VERIFY_SETTING_OTHER},
	[AUDIT_PROBLEM_MESSAGE_BACK] = {"message_back", TEXT_AUDIT_VERIFY_MESSAGE_BACK},
	[AUDIT_PROBLEM_FILE_BACK] = {"file_back", TEXT_AUDIT_VERIFY_FILE_BACK},
};

const char *audit_problem_word(enum audit_problem_kind kind)
{
	return kinds[kind].word;
}

/* Plain digits: they are looked for with other tools. */
static struct str digits(struct cx *cx, int64_t number)
{
	return arena_printf(cx->arena, "%lld", (long long)number);
}

struct str audit_problem_sentence(struct cx *cx, const struct audit_problem *problem)
{
	struct str user = problem->name.len > 0 ? problem->name : id_str(&problem->user_id);
	return TEXT_FILL(
		cx->arena, cx->language, kinds[problem->kind].sentence,
		TEXT_ARG("number", digits(cx, problem->number)),
		TEXT_ARG("line", digits(cx, problem->line)),
		TEXT_ARG("time", format_date(cx->arena, cx->language, STR("UTC"), problem->at_ms)),
		TEXT_ARG("user", user), TEXT_ARG("id", id_str(&problem->user_id)),
		TEXT_ARG("message", id_str(&problem->message_id)),
		TEXT_ARG("file", id_str(&problem->file_id)), TEXT_ARG("said", problem->said),
		TEXT_ARG("is", problem->is));
}

void audit_verifying_tell(struct audit_verifying *verifying, const struct audit_problem *problem)
{
	verifying->report.problems++;
	verifying->tell(verifying->argument, &verifying->cx, problem);
}

static void tell_fault(struct audit_verifying *verifying, const struct audit_checked *found)
{
	static const enum audit_problem_kind of[] = {
		[AUDIT_CHANGED] = AUDIT_PROBLEM_ENTRY_CHANGED,
		[AUDIT_MISSING] = AUDIT_PROBLEM_ENTRY_MISSING,
		[AUDIT_TEXT_CHANGED] = AUDIT_PROBLEM_TEXT_CHANGED,
		[AUDIT_TEXT_MISSING] = AUDIT_PROBLEM_TEXT_MISSING,
		[AUDIT_END_CHANGED] = AUDIT_PROBLEM_END_CHANGED,
	};
	const struct audit_problem problem = {.kind = of[found->fault], .number = found->bad};
	audit_verifying_tell(verifying, &problem);
}

static enum err verify_chain(struct audit_verifying *verifying, struct db *db)
{
	struct audit_checked found = {.last = 0};
	int64_t before;
	do {
		before = found.last;
		TRY(audit_check(db, before, CHAIN_PAGE, &found));
	} while (found.bad == 0 && found.last - before == CHAIN_PAGE);
	verifying->report.entries = found.last;
	if (found.bad > 0)
		tell_fault(verifying, &found);
	return OK;
}

/* ---- checkpoints ---- */

/* The log has been cut behind each of them: one is enough to say. */
static enum err compare(struct audit_verifying *verifying, struct db *db,
			const struct audit_checkpoint *checkpoint, int64_t line, bool *is_cut)
{
	struct audit_problem problem = {
		.kind = AUDIT_PROBLEM_NOT_SIGNED,
		.number = checkpoint->number,
		.line = line,
		.at_ms = checkpoint->at_ms,
	};
	struct audit_report *report = &verifying->report;
	uint8_t chain[DIGEST_BYTES];
	enum err err = audit_chain(db, checkpoint->number, chain);
	if (err == OK && memcmp(chain, checkpoint->chain, DIGEST_BYTES) == 0) {
		report->checkpoints++;
		if (checkpoint->number > report->checkpoint) {
			report->checkpoint = checkpoint->number;
			report->checkpoint_ms = checkpoint->at_ms;
		}
		return OK;
	}
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_NOT_FOUND && *is_cut)
		return OK;
	if (err == ERR_NOT_FOUND)
		problem.kind = AUDIT_PROBLEM_ROLLED_BACK;
	*is_cut = *is_cut || err == ERR_NOT_FOUND;
	audit_verifying_tell(verifying, &problem);
	return OK;
}

static enum err verify_checkpoints(struct audit_verifying *verifying, struct db *db,
				   struct str path)
{
	struct audit_checkpoints checkpoints CLEANUP_CHECKPOINTS = {.file = NULL};
	struct audit_checkpoint checkpoint;
	bool is_cut = false;
	enum err err = audit_checkpoints_open(&verifying->cx, path, &checkpoints);
	verifying->report.has_no_checkpoints = err == ERR_NOT_FOUND;
	if (err != OK)
		return err == ERR_NOT_FOUND ? OK : err;
	for (;;) {
		err = audit_checkpoints_next(&checkpoints, &checkpoint);
		if (err == ERR_NOT_FOUND)
			return OK;
		if (err == ERR_INVALID) {
			verifying->report.torn_lines++;
			continue;
		}
		if (err == ERR_CORRUPT) {
			const struct audit_problem problem = {
				.kind = AUDIT_PROBLEM_CHECKPOINT_FORGED, .line = checkpoints.line};
			audit_verifying_tell(verifying, &problem);
			continue;
		}
		TRY(err);
		TRY(compare(verifying, db, &checkpoint, checkpoints.line, &is_cut));
		arena_release(verifying->cx.arena);
	}
}

enum err audit_verify(struct cx *cx, struct str checkpoints,
		      void (*tell)(void *argument, struct cx *cx,
				   const struct audit_problem *problem),
		      void *argument, struct audit_report *ret)
{
	struct arena arena CLEANUP_ARENA;
	struct db *db CLEANUP_READ = NULL;
	struct audit_verifying verifying = {.cx = *cx, .tell = tell, .argument = argument};
	arena_init(&arena, PAGE_ARENA_BYTES);
	verifying.cx.arena = &arena;
	TRY(store_read_begin_long(cx->portal->store, &db));
	TRY(verify_chain(&verifying, db));
	if (checkpoints.len > 0)
		TRY(verify_checkpoints(&verifying, db, checkpoints));
	TRY(audit_rows_verify(&verifying, db));
	TRY(audit_recalls_verify(&verifying, db));
	*ret = verifying.report;
	return OK;
}
