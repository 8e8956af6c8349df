/* Users, rules, texts and settings against the newest entries of the audit log that tell of them.
 */
#include "core/audit_verifying.h"
#include "core/portal_settings.h"

static const int64_t user_kinds = AUDIT_KIND(AUDIT_REGISTERED) | AUDIT_KIND(AUDIT_INVITED) |
				  AUDIT_KIND(AUDIT_USER_ADDED) | AUDIT_KIND(AUDIT_USER_CHANGED) |
				  AUDIT_KIND(AUDIT_USER_ERASED);
/* Grade and addresses change each for itself: the newest entry of either says what is. */
static const int64_t address_kinds = AUDIT_KIND(AUDIT_USER_ADDRESS);
static const int64_t rule_kinds = AUDIT_KIND(AUDIT_RULE);
static const int64_t text_kinds = AUDIT_KIND(AUDIT_TEXT);
static const int64_t setting_kinds = AUDIT_KIND(AUDIT_SETTING) | AUDIT_KIND(AUDIT_BRANDING);

/* What has happened meanwhile has a newer entry, which is looked at in its turn. */
static enum err tell(struct audit_verifying *verifying, struct db *db,
		     const struct audit_view *view, int64_t kinds, struct audit_problem *problem)
{
	int64_t newest;
	TRY(audit_newest_of(db, &view->entry.object_id, kinds, &newest));
	if (newest > view->entry.number)
		return OK;
	problem->number = view->entry.number;
	problem->said = view->entry.kind == AUDIT_USER_ADDRESS ? view->subject : view->after;
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

/* All their addresses. Whether they are there at all is looked at with their other entries. */
static enum err verify_addresses(struct audit_verifying *verifying, struct db *db,
				 const struct audit_view *view)
{
	struct arena *arena = verifying->cx.arena;
	struct audit_problem problem = {.user_id = view->entry.object_id};
	struct user user;
	struct alias *aliases;
	size_t count;
	enum err err = users_by_id(db, arena, &view->entry.object_id, &user);
	if (err == OK)
		err = aliases_of_user(db, arena, &user.id, &aliases, &count);
	if (err == ERR_CORRUPT || err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	bool is_older = user.version < view->version;
	problem.name = user.address;
	problem.is = audit_address_words(arena, &user, aliases, count);
	if (!is_older && str_eq(problem.is, view->subject))
		return OK;
	problem.kind = is_older ? AUDIT_PROBLEM_USER_OLDER : AUDIT_PROBLEM_USER_ADDRESSES;
	return tell(verifying, db, view, address_kinds, &problem);
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

/* ---- texts of mails ---- */

static enum err verify_text(struct audit_verifying *verifying, struct db *db,
			    const struct audit_view *view)
{
	struct audit_problem problem = {.kind = AUDIT_PROBLEM_MAIL_TEXT_OTHER,
					.name = view->subject,
					.is = STR("standard")};
	struct mail_text_row row = {.version = 0};
	struct str name, language = view->subject;
	if (!str_next(&language, ' ', &name))
		return OK;
	enum err err = mail_texts_newest(db, verifying->cx.arena, name, language, &row);
	if (err == ERR_CORRUPT)
		return OK;
	if (err != ERR_NOT_FOUND)
		TRY(err);
	/* The time tells two from each other that were each the third, say. */
	if (row.version == view->version && row.at_ms == view->entry.at_ms)
		return OK;
	if (row.version > 0)
		problem.is = audit_text_words(verifying->cx.arena, &row);
	return tell(verifying, db, view, text_kinds, &problem);
}

/* ---- settings ---- */

static enum err verify_setting(struct audit_verifying *verifying, struct db *db,
			       const struct audit_view *view)
{
	struct audit_problem problem = {.kind = AUDIT_PROBLEM_SETTING_OTHER, .name = view->subject};
	struct settings settings;
	size_t at;
	/* One of an older version of the program. */
	if (portal_settings_find(view->subject, &at) != OK)
		return OK;
	enum err err = portal_settings_load(db, verifying->cx.arena, &settings);
	if (err != OK)
		return err == ERR_CORRUPT ? OK : err;
	problem.is = portal_settings_value(&settings, at, verifying->cx.arena);
	if (str_eq(audit_log_kept(problem.is), view->after))
		return OK;
	return tell(verifying, db, view, setting_kinds, &problem);
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
	struct audit_report *report = &verifying->report;
	switch (entry->kind) {
	case AUDIT_RULE: report->rules++; return verify_rule(verifying, db, &view);
	case AUDIT_TEXT: report->texts++; return verify_text(verifying, db, &view);
	case AUDIT_SETTING:
	case AUDIT_BRANDING: report->settings++; return verify_setting(verifying, db, &view);
	case AUDIT_USER_ADDRESS: return verify_addresses(verifying, db, &view);
	default: break;
	}
	if (!tells_of_user(&view))
		return OK;
	report->users++;
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
	TRY(verify_kinds(verifying, db, address_kinds));
	TRY(verify_kinds(verifying, db, rule_kinds));
	TRY(verify_kinds(verifying, db, text_kinds));
	return verify_kinds(verifying, db, setting_kinds);
}
