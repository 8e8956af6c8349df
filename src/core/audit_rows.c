/* Users and rules against the newest entries of the audit log that tell of them. */
#include "core/audit_verifying.h"

static const int64_t user_kinds = AUDIT_KIND(AUDIT_REGISTERED) | AUDIT_KIND(AUDIT_INVITED) |
				  AUDIT_KIND(AUDIT_USER_ADDED) | AUDIT_KIND(AUDIT_USER_CHANGED) |
				  AUDIT_KIND(AUDIT_USER_ADDRESS) | AUDIT_KIND(AUDIT_USER_ERASED);
static const int64_t rule_kinds = AUDIT_KIND(AUDIT_RULE);

/* What has happened meanwhile has a newer entry, which is looked at in its turn. */
static enum err tell(struct audit_verifying *verifying, struct db *db,
		     const struct audit_view *view, int64_t kinds, struct audit_problem *problem)
{
	int64_t newest;
	TRY(audit_newest_of(db, &view->entry.object_id, kinds, &newest));
	if (newest > view->entry.number)
		return OK;
	problem->number = view->entry.number;
	problem->said = view->after;
	audit_verifying_tell(verifying, problem);
	return OK;
}

/* ---- users ---- */

static enum err verify_user(struct audit_verifying *verifying, struct db *db,
			    const struct audit_view *view)
{
	struct arena *arena = verifying->cx.arena;
	struct audit_problem problem = {.user_id = view->entry.object_id};
	struct user user;
	enum err err = users_by_id(db, arena, &view->entry.object_id, &user);
	bool is_gone = view->version == 0;
	/* A row that fails its check is told of by `postern check`, and lets nobody in. */
	if (err == ERR_CORRUPT || (err == ERR_NOT_FOUND && is_gone))
		return OK;
	if (err == ERR_NOT_FOUND) {
		problem.kind = AUDIT_PROBLEM_USER_MISSING;
		return tell(verifying, db, view, user_kinds, &problem);
	}
	TRY(err);
	problem.name = user.address;
	problem.is = audit_user_words(arena, &user);
	bool is_older = is_gone || user.version < view->version;
	if (!is_older && str_eq(problem.is, view->after))
		return OK;
	problem.kind = is_older ? AUDIT_PROBLEM_USER_OLDER : AUDIT_PROBLEM_USER_OTHER;
	return tell(verifying, db, view, user_kinds, &problem);
}

static bool tells_of_user(const struct audit_view *view)
{
	return view->version > 0 || view->entry.kind == AUDIT_USER_ERASED;
}

/* ---- rules ---- */

static enum err verify_rule(struct audit_verifying *verifying, struct db *db,
			    const struct audit_view *view)
{
	struct audit_problem problem = {.name = view->subject};
	struct rule rule;
	enum err err = rules_get(db, verifying->cx.arena, view->subject, &rule);
	bool is_gone = view->after.len == 0;
	if (err == ERR_CORRUPT || (err == ERR_NOT_FOUND && is_gone))
		return OK;
	if (err == ERR_NOT_FOUND) {
		problem.kind = AUDIT_PROBLEM_RULE_MISSING;
		return tell(verifying, db, view, rule_kinds, &problem);
	}
	TRY(err);
	problem.is = audit_rule_words(verifying->cx.arena, &rule);
	if (str_eq(problem.is, view->after))
		return OK;
	problem.kind = is_gone ? AUDIT_PROBLEM_RULE_BACK : AUDIT_PROBLEM_RULE_OLDER;
	return tell(verifying, db, view, rule_kinds, &problem);
}

/* ---- */

/* What cannot be read was told of with the chain; what was erased says nothing. */
static enum err verify_entry(struct audit_verifying *verifying, struct db *db,
			     const struct audit_entry *entry)
{
	struct audit_view view;
	TRY(audit_log_read(&verifying->cx, db, entry, &view));
	if (view.is_changed || view.is_erased)
		return OK;
	if (entry->kind == AUDIT_RULE) {
		verifying->report.rules++;
		return verify_rule(verifying, db, &view);
	}
	if (!tells_of_user(&view))
		return OK;
	verifying->report.users++;
	return verify_user(verifying, db, &view);
}

static enum err verify_kinds(struct audit_verifying *verifying, struct db *db, int64_t kinds)
{
	int64_t last = 0;
	size_t count;
	do {
		struct audit_entry *entries;
		TRY(audit_of_kinds(db, verifying->cx.arena, kinds, true, last, AUDIT_VERIFY_PAGE,
				   &entries, &count));
		for (size_t i = 0; i < count; i++) {
			last = entries[i].number;
			TRY(verify_entry(verifying, db, &entries[i]));
		}
		arena_release(verifying->cx.arena);
	} while (count == AUDIT_VERIFY_PAGE);
	return OK;
}

enum err audit_rows_verify(struct audit_verifying *verifying, struct db *db)
{
	TRY(verify_kinds(verifying, db, user_kinds));
	return verify_kinds(verifying, db, rule_kinds);
}
