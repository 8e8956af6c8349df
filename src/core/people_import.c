#include "core/people_import.h"

#include "base/csv_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/audit_log.h"
#include "core/csv_read.h"
#include "core/invite.h"
#include "core/name_rules.h"
#include "core/outbox_mail.h"
#include "core/people_change.h"
#include "core/people_guard.h"

#include <stdlib.h>

/* ---- the list ---- */

enum column {
	COLUMN_ADDRESS,
	COLUMN_NAME,
	COLUMN_GRADE,
	COLUMN_ROLE,
	COLUMN_LANGUAGE,
	/* What the list of everybody has besides: it can be taken, changed and imported again. */
	COLUMN_STATE,
	COLUMN_ADDED,
	COLUMN_LAST_SEEN,
	COLUMNS,
};
static const char *const column_names[COLUMNS] = {"address",  "name",  "grade", "role",
						  "language", "state", "added", "last_seen"};
enum { CELLS_MAX = 16, CELL_BYTES = 1000 };

static const enum text_id file_problems[] = {
	[CSV_NOTHING] = TEXT_IMPORT_FILE_EMPTY,     [CSV_UTF16] = TEXT_IMPORT_FILE_UTF16,
	[CSV_NOT_UTF8] = TEXT_IMPORT_FILE_NOT_UTF8, [CSV_NUL] = TEXT_IMPORT_FILE_NUL,
	[CSV_QUOTES] = TEXT_IMPORT_FILE_QUOTES,     [CSV_LONG_CELL] = TEXT_IMPORT_FILE_LONG_CELL,
	[CSV_MANY_ROWS] = TEXT_IMPORT_FILE_ROWS,    [CSV_MANY_CELLS] = TEXT_IMPORT_FILE_CELLS,
};

static enum err refuse_file(struct cx *cx, struct form_errors *errors, enum text_id sentence,
			    int64_t line, struct str name)
{
	form_error(cx, errors, "file", sentence, TEXT_NUMBER("line", line),
		   TEXT_NUMBER("count", LIMIT_IMPORT_ROWS),
		   TEXT_ARG("name", form_error_quote(cx, name)));
	return ERR_INVALID;
}

static size_t find_column(struct str name)
{
	if (str_eq_nocase(name, STR("email")) || str_eq_nocase(name, STR("e-mail")))
		return COLUMN_ADDRESS;
	for (size_t i = 0; i < COLUMNS; i++)
		if (str_eq_nocase(name, str_of(column_names[i])))
			return i;
	return COLUMNS;
}

/* at[i]: where column i stands; CELLS_MAX: nowhere. */
static enum err read_header(struct cx *cx, const struct csv_row *row, size_t at[COLUMNS],
			    struct form_errors *errors)
{
	for (size_t i = 0; i < COLUMNS; i++)
		at[i] = CELLS_MAX;
	for (size_t i = 0; i < row->count; i++) {
		size_t column = find_column(row->cells[i]);
		if (column == COLUMNS && str_find_char(row->cells[i], '@') >= 0)
			return refuse_file(cx, errors, TEXT_IMPORT_FILE_NO_HEADER, row->line,
					   STR_NONE);
		if (column == COLUMNS)
			return refuse_file(cx, errors, TEXT_IMPORT_FILE_COLUMN, row->line,
					   row->cells[i]);
		if (at[column] != CELLS_MAX)
			return refuse_file(cx, errors, TEXT_IMPORT_FILE_COLUMN_TWICE, row->line,
					   row->cells[i]);
		at[column] = i;
	}
	if (at[COLUMN_ADDRESS] == CELLS_MAX)
		return refuse_file(cx, errors, TEXT_IMPORT_FILE_NO_ADDRESS, row->line, STR_NONE);
	return OK;
}

/* What keeps a spreadsheet from reading a cell as a formula is no part of it. */
static struct str cell_of(const struct csv_row *row, size_t at)
{
	return at < row->count ? csv_write_undo(str_trim(row->cells[at])) : STR_NONE;
}

/* In capitals or not, as people write: Guest, Professional. */
static enum err parse_grade(struct str word, enum grade *ret)
{
	for (enum grade grade = GRADE_GUEST; grade <= GRADE_PROFESSIONAL; grade++)
		if (str_eq_nocase(word, str_of(user_grade_word(grade)))) {
			*ret = grade;
			return OK;
		}
	return ERR_INVALID;
}

static enum err parse_role(struct str word, enum role *ret)
{
	for (enum role role = ROLE_MEMBER; role <= ROLE_ADMINISTRATOR; role++)
		if (str_eq_nocase(word, str_of(user_role_word(role)))) {
			*ret = role;
			return OK;
		}
	return ERR_INVALID;
}

static enum import_fate judge_cells(struct cx *cx, const struct csv_row *row,
				    const size_t at[COLUMNS], struct import_row *ret)
{
	struct form_errors ignored = {0};
	struct address address;
	struct str grade = cell_of(row, at[COLUMN_GRADE]), role = cell_of(row, at[COLUMN_ROLE]);
	struct str name = cell_of(row, at[COLUMN_NAME]);
	if (address_parse(cx->arena, ret->address, &address) != OK || address.name.len > 0)
		return IMPORT_BAD_ADDRESS;
	ret->key = address.key;
	if (name.len > 0 && name_rules_check(cx, name, &ret->name, &ignored) != OK)
		return IMPORT_BAD_NAME;
	if (grade.len > 0 && parse_grade(grade, &ret->grade) != OK)
		return IMPORT_BAD_GRADE;
	ret->has_role = role.len > 0;
	if (ret->has_role && parse_role(role, &ret->role) != OK)
		return IMPORT_BAD_ROLE;
	/* An administrator is a professional (P1.2). */
	if (ret->role == ROLE_ADMINISTRATOR && ret->grade == GRADE_GUEST)
		return IMPORT_BAD_ROLE;
	ret->is_disabled = str_eq_nocase(cell_of(row, at[COLUMN_STATE]),
					 str_of(user_state_word(USER_DISABLED)));
	ret->language = cell_of(row, at[COLUMN_LANGUAGE]);
	if (ret->language.len > 0 &&
	    !str_eq(language_tag(language_find(ret->language)), ret->language))
		return IMPORT_BAD_LANGUAGE;
	return IMPORT_UNKNOWN;
}

static int compare_rows(const void *a, const void *b)
{
	const struct import_row *one = *(struct import_row *const *)a;
	const struct import_row *other = *(struct import_row *const *)b;
	int order = str_compare(one->key, other->key);
	if (order != 0)
		return order;
	return (one->line > other->line) - (one->line < other->line);
}

/* The first of them counts. */
static enum err mark_twice(struct cx *cx, struct people_import *import)
{
	struct import_row **order = ARENA_ARRAY(cx->arena, import->count, struct import_row *);
	if (order == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < import->count; i++)
		order[i] = &import->rows[i];
	qsort(order, import->count, sizeof(struct import_row *), compare_rows);
	for (size_t i = 1; i < import->count; i++)
		if (order[i]->key.len > 0 && str_eq(order[i]->key, order[i - 1]->key))
			order[i]->fate = IMPORT_TWICE;
	return OK;
}

enum err people_import_read(struct cx *cx, struct str bytes, struct people_import *ret,
			    struct form_errors *errors)
{
	static const struct csv_limits limits = {LIMIT_IMPORT_ROWS + 1, CELLS_MAX, CELL_BYTES};
	struct people_import import = {.count = 0};
	struct csv csv;
	enum csv_problem problem;
	size_t at[COLUMNS];
	int64_t line;
	TRY(people_check_administrator(cx));
	enum err err = csv_read(cx->arena, bytes, &limits, &csv, &problem, &line);
	if (err == ERR_INVALID)
		return refuse_file(cx, errors, file_problems[problem], line, STR_NONE);
	TRY(err);
	TRY(read_header(cx, &csv.rows[0], at, errors));
	import.count = csv.count - 1;
	if (import.count == 0)
		return refuse_file(cx, errors, TEXT_IMPORT_FILE_EMPTY, 0, STR_NONE);
	import.rows = ARENA_ARRAY(cx->arena, import.count, struct import_row);
	if (import.rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < import.count; i++) {
		const struct csv_row *row = &csv.rows[i + 1];
		import.rows[i] = (struct import_row){
			.line = row->line,
			.address = cell_of(row, at[COLUMN_ADDRESS]),
		};
		import.rows[i].fate = row->count > csv.rows[0].count
					      ? IMPORT_BAD_CELLS
					      : judge_cells(cx, row, at, &import.rows[i]);
	}
	TRY(mark_twice(cx, &import));
	*ret = import;
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

/* ---- what would happen ---- */

/* Of one step. */
struct step {
	struct cx *cx;
	struct db *db;
	int64_t seats_left; /* INT64_MAX: no limit */
	struct user users[LIMIT_IMPORT_STEP];
	struct invitee invitees[LIMIT_IMPORT_STEP];
	size_t invitee_count;
	int64_t professionals; /* among them */
};

static enum err count_seats_left(struct step *step, const struct people_import *import)
{
	const struct settings *settings = step->cx->portal->settings;
	int64_t used;
	step->seats_left = INT64_MAX;
	if (settings->seat_limit == 0)
		return OK;
	TRY(users_count_seats(step->db, &used));
	step->seats_left = settings->seat_limit - used - import->seats_taken;
	return OK;
}

static enum import_fate take_seat(struct step *step, enum import_fate fate)
{
	if (step->seats_left <= 0)
		return IMPORT_NO_SEAT;
	step->seats_left--;
	return fate;
}

static enum err judge_known(struct step *step, const struct import_row *row,
			    const struct user *user, enum import_fate *ret)
{
	struct user after = *user;
	enum people_refusal why;
	enum grade grade = row->grade != 0 ? row->grade : user->grade;
	enum role role = row->has_role ? row->role : user->role;
	*ret = IMPORT_BAD_ROLE;
	/* Whoever becomes a guest administers no longer (P1.2). */
	if (role == ROLE_ADMINISTRATOR && grade == GRADE_GUEST && row->has_role)
		return OK;
	*ret = IMPORT_THERE;
	if (grade == user->grade && role == user->role)
		return OK;
	after.grade = grade;
	after.role = role;
	*ret = IMPORT_KEPT;
	enum err err = people_guard(step->cx, step->db, user, &after, &why);
	if (err != OK)
		return err == ERR_DENIED ? OK : err;
	bool needs_seat = grade == GRADE_PROFESSIONAL && user->grade == GRADE_GUEST &&
			  user->state != USER_DISABLED;
	*ret = needs_seat ? take_seat(step, IMPORT_CHANGED) : IMPORT_CHANGED;
	return OK;
}

static enum err judge_new(struct step *step, struct import_row *row, enum import_fate *ret)
{
	struct address address;
	struct rule_verdict verdict;
	*ret = IMPORT_DISABLED;
	if (row->is_disabled)
		return OK;
	TRY(address_parse(step->cx->arena, row->address, &address));
	TRY(invite_judge(step->cx, step->db, &address, &verdict));
	*ret = IMPORT_REFUSED;
	if (!verdict.is_allowed)
		return OK;
	if (row->grade == 0 && row->has_role && row->role == ROLE_ADMINISTRATOR)
		row->grade = GRADE_PROFESSIONAL;
	if (row->grade == 0)
		row->grade = verdict.grade != 0 ? verdict.grade : GRADE_GUEST;
	*ret = row->grade == GRADE_PROFESSIONAL ? take_seat(step, IMPORT_ADDED) : IMPORT_ADDED;
	return OK;
}

/* fates: of the step's rows. */
static enum err judge(struct step *step, struct people_import *import, size_t count,
		      enum import_fate *fates)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(step->cx->portal->store, &db));
	step->db = db;
	TRY(count_seats_left(step, import));
	for (size_t i = 0; i < count; i++) {
		struct import_row *row = &import->rows[import->at + i];
		fates[i] = row->fate;
		if (row->fate != IMPORT_UNKNOWN)
			continue;
		enum err err = users_by_key(db, step->cx->arena, row->key, &step->users[i]);
		if (err == OK)
			TRY(judge_known(step, row, &step->users[i], &fates[i]));
		else if (err == ERR_NOT_FOUND)
			TRY(judge_new(step, row, &fates[i]));
		else
			return err;
	}
	return OK;
}

/* ---- doing it ---- */

static enum err prepare(struct step *step, const struct import_row *row)
{
	struct address address;
	TRY(address_parse(step->cx->arena, row->address, &address));
	struct invite invite = {
		.address = &address,
		.grade = row->grade,
		.role = row->role,
		.name = row->name,
		.language = row->language,
	};
	TRY(invite_prepare(step->cx, &invite, &step->invitees[step->invitee_count]));
	step->invitee_count++;
	step->professionals += row->grade == GRADE_PROFESSIONAL;
	return OK;
}

static enum err write_invitees(struct db *db, void *argument)
{
	struct step *step = argument;
	const struct settings *settings = step->cx->portal->settings;
	int64_t used = 0;
	TRY(people_check_actor(step->cx, db));
	if (settings->seat_limit > 0 && step->professionals > 0)
		TRY(users_count_seats(db, &used));
	if (settings->seat_limit > 0 && step->professionals > settings->seat_limit - used &&
	    step->professionals > 0)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < step->invitee_count; i++) {
		const struct user *user = &step->invitees[i].user;
		TRY(invite_write(db, &step->invitees[i]));
		TRY(audit_log_user(step->cx, db, AUDIT_USER_ADDED, NULL, user, user->address));
	}
	return OK;
}

static enum err change_known(struct step *step, const struct import_row *row,
			     const struct user *user, enum import_fate *ret)
{
	struct form_errors ignored = {0};
	struct people_change change = {
		.has_grade = row->grade != 0,
		.grade = row->grade,
		.has_role = row->has_role,
		.role = row->role,
		.seen_version = user->version,
	};
	enum err err = people_change(step->cx, &user->id, &change, NULL, &ignored);
	*ret = err == OK              ? IMPORT_CHANGED
	       : err == ERR_DENIED    ? IMPORT_KEPT
	       : err == ERR_TOO_LARGE ? IMPORT_NO_SEAT
	       : err == ERR_INVALID   ? IMPORT_BAD_ROLE
				      : IMPORT_FAILED;
	bool is_of_row = err == OK || err == ERR_DENIED || err == ERR_TOO_LARGE ||
			 err == ERR_INVALID || err == ERR_CONFLICT || err == ERR_NOT_FOUND;
	return is_of_row ? OK : err;
}

/* All who are new in one transaction; who is here already one by one. */
static enum err carry_out(struct step *step, struct people_import *import, size_t count,
			  enum import_fate *fates)
{
	const struct import_row *rows = &import->rows[import->at];
	step->invitee_count = 0;
	step->professionals = 0;
	for (size_t i = 0; i < count; i++)
		if (fates[i] == IMPORT_ADDED)
			TRY(prepare(step, &rows[i]));
	if (step->invitee_count > 0)
		TRY(store_transact(step->cx->portal->store, write_invitees, step, step->cx->arena));
	for (size_t i = 0; i < count; i++)
		if (fates[i] == IMPORT_CHANGED)
			TRY(change_known(step, &rows[i], &step->users[i], &fates[i]));
	return OK;
}

/* Somebody may be invited, or take the last seat, between looking and doing: then it looks again.
 */
static enum err run_step(struct step *step, struct people_import *import, size_t count, bool is_dry,
			 enum import_fate *fates)
{
	enum { TRIES = 5 };
	for (int i = 0; i < TRIES; i++) {
		TRY(judge(step, import, count, fates));
		enum err err = is_dry ? OK : carry_out(step, import, count, fates);
		if (err != ERR_CONFLICT && err != ERR_TOO_LARGE)
			return err;
	}
	return ERR_BUSY;
}

enum err people_import_step(struct cx *cx, struct people_import *import, bool is_dry)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	enum import_fate fates[LIMIT_IMPORT_STEP];
	size_t count = import->count - import->at;
	if (count > LIMIT_IMPORT_STEP)
		count = LIMIT_IMPORT_STEP;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	TRY(people_check_administrator(cx));
	own.arena = &arena;
	struct step *step = ARENA_ARRAY(&arena, 1, struct step);
	if (step == NULL)
		return ERR_UNAVAILABLE;
	step->cx = &own;
	TRY(run_step(step, import, count, is_dry, fates));
	for (size_t i = 0; i < count; i++) {
		struct import_row *row = &import->rows[import->at + i];
		row->fate = fates[i];
		import->tally[fates[i]]++;
		bool is_seat =
			row->grade == GRADE_PROFESSIONAL &&
			(fates[i] == IMPORT_ADDED ||
			 (fates[i] == IMPORT_CHANGED && step->users[i].grade == GRADE_GUEST &&
			  step->users[i].state != USER_DISABLED));
		/* What is done is counted in the database. */
		import->seats_taken += is_dry && is_seat;
	}
	import->at += count;
	if (!is_dry && step->invitee_count > 0)
		outbox_mail_wake(cx->portal);
	return OK;
}

/* ---- its end ---- */

struct ending {
	struct cx *cx;
	const struct people_import *import;
};

static enum err write_end(struct db *db, void *argument)
{
	const struct ending *ending = argument;
	const int64_t *tally = ending->import->tally;
	struct audit_act act = {
		.kind = AUDIT_USERS_IMPORTED,
		.after = arena_printf(ending->cx->arena, "added %lld, changed %lld",
				      (long long)tally[IMPORT_ADDED],
				      (long long)tally[IMPORT_CHANGED]),
	};
	return audit_log(ending->cx, db, &act);
}

enum err people_import_end(struct cx *cx, const struct people_import *import)
{
	struct ending ending = {cx, import};
	if (import->tally[IMPORT_ADDED] + import->tally[IMPORT_CHANGED] == 0)
		return OK;
	log_event(LOG_INFO, "users.imported", LOG_INT("added", import->tally[IMPORT_ADDED]),
		  LOG_INT("changed", import->tally[IMPORT_CHANGED]));
	return store_transact(cx->portal->store, write_end, &ending, cx->arena);
}

/* ---- words ---- */

static const struct {
	const char *word;
	enum text_id dry, done;
} fates[IMPORT_FATES] = {
	[IMPORT_UNKNOWN] = {"unknown", TEXT_IMPORT_UNKNOWN, TEXT_IMPORT_UNKNOWN},
	[IMPORT_ADDED] = {"added", TEXT_IMPORT_WILL_ADD, TEXT_IMPORT_ADDED},
	[IMPORT_THERE] = {"unchanged", TEXT_IMPORT_THERE, TEXT_IMPORT_THERE},
	[IMPORT_CHANGED] = {"changed", TEXT_IMPORT_WILL_CHANGE, TEXT_IMPORT_CHANGED},
	[IMPORT_REFUSED] = {"refused", TEXT_IMPORT_REFUSED, TEXT_IMPORT_REFUSED},
	[IMPORT_BAD_ADDRESS] = {"bad_address", TEXT_IMPORT_BAD_ADDRESS, TEXT_IMPORT_BAD_ADDRESS},
	[IMPORT_BAD_NAME] = {"bad_name", TEXT_IMPORT_BAD_NAME, TEXT_IMPORT_BAD_NAME},
	[IMPORT_BAD_GRADE] = {"bad_grade", TEXT_IMPORT_BAD_GRADE, TEXT_IMPORT_BAD_GRADE},
	[IMPORT_BAD_ROLE] = {"bad_role", TEXT_IMPORT_BAD_ROLE, TEXT_IMPORT_BAD_ROLE},
	[IMPORT_BAD_LANGUAGE] = {"bad_language", TEXT_IMPORT_BAD_LANGUAGE,
				 TEXT_IMPORT_BAD_LANGUAGE},
	[IMPORT_BAD_CELLS] = {"bad_cells", TEXT_IMPORT_BAD_CELLS, TEXT_IMPORT_BAD_CELLS},
	[IMPORT_TWICE] = {"twice", TEXT_IMPORT_TWICE, TEXT_IMPORT_TWICE},
	[IMPORT_DISABLED] = {"disabled", TEXT_IMPORT_DISABLED, TEXT_IMPORT_DISABLED},
	[IMPORT_NO_SEAT] = {"no_seat", TEXT_IMPORT_NO_SEAT, TEXT_IMPORT_NO_SEAT},
	[IMPORT_KEPT] = {"kept", TEXT_IMPORT_KEPT, TEXT_IMPORT_KEPT},
	[IMPORT_FAILED] = {"failed", TEXT_IMPORT_FAILED, TEXT_IMPORT_FAILED},
};

const char *people_import_word(enum import_fate fate)
{
	return fates[fate].word;
}

enum text_id people_import_text(enum import_fate fate, bool is_dry)
{
	return is_dry ? fates[fate].dry : fates[fate].done;
}
