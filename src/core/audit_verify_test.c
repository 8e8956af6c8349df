/* What the audit log holds, and whatever is done to it or to what it tells of is seen (P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "core/account.h"
#include "core/audit_checkpoint.h"
#include "core/audit_log.h"
#include "core/audit_verify.h"
#include "core/core_test_support.h"
#include "core/recall_test_support.h"
#include "core/throttle.h"
#include "store/store_direct.h"

#define GABI STR("gabi@example.org")

enum { SEEN_MAX = 50, SQL_BYTES = 8192 };

struct seen {
	struct arena *arena;
	struct audit_problem problems[SEEN_MAX];
	size_t count;
	struct audit_report report;
};

static void see(void *argument, struct cx *cx, const struct audit_problem *problem)
{
	struct seen *seen = argument;
	assert_true(audit_problem_sentence(cx, problem).len > 20);
	assert_true(seen->count < SEEN_MAX);
	struct audit_problem *kept = &seen->problems[seen->count++];
	*kept = *problem;
	kept->name = arena_copy(seen->arena, problem->name);
	kept->said = arena_copy(seen->arena, problem->said);
	kept->is = arena_copy(seen->arena, problem->is);
}

static struct seen verify(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct seen seen = {.arena = cx.arena};
	assert_int_equal(audit_verify(&cx, f->portal->checkpoints, see, &seen, &seen.report), OK);
	assert_int_equal(seen.count, seen.report.problems);
	return seen;
}

static void expect(struct core_fixture *f, enum audit_problem_kind kind, int64_t number)
{
	struct seen seen = verify(f);
	if (seen.count != 1 || seen.problems[0].kind != kind || seen.problems[0].number != number)
		fail_msg("%d problems, the first is %s at %d, not %s at %d", (int)seen.count,
			 seen.count ? audit_problem_word(seen.problems[0].kind) : "none",
			 seen.count ? (int)seen.problems[0].number : 0, audit_problem_word(kind),
			 (int)number);
}

static void expect_whole(struct core_fixture *f)
{
	struct seen seen = verify(f);
	if (seen.count > 0)
		fail_msg("%s at %d", audit_problem_word(seen.problems[0].kind),
			 (int)seen.problems[0].number);
}

static int64_t last_number(struct core_fixture *f)
{
	struct db *db CLEANUP_READ = NULL;
	uint8_t chain[DIGEST_BYTES];
	int64_t number;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_end(db, &number, chain), OK);
	return number;
}

/* The newest of a kind; entry.number 0: none. */
static struct audit_view newest(struct core_fixture *f, enum audit_kind kind)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct db *db CLEANUP_READ = NULL;
	struct audit_filter filter = {.kinds = AUDIT_KIND(kind)};
	struct audit_view view = {.version = 0};
	struct audit_entry *entries;
	size_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_find(db, cx.arena, &filter, 1, &entries, &count), OK);
	if (count > 0)
		assert_int_equal(audit_log_read(&cx, db, &entries[0], &view), OK);
	return view;
}

static int64_t count_kind(struct core_fixture *f, enum audit_kind kind)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct db *db CLEANUP_READ = NULL;
	struct audit_filter filter = {.kinds = AUDIT_KIND(kind)};
	struct audit_entry *entries;
	size_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_find(db, cx.arena, &filter, 10000, &entries, &count), OK);
	return (int64_t)count;
}

static void expect_by(struct core_fixture *f, enum audit_kind kind, const struct id *actor_id)
{
	struct audit_view view = newest(f, kind);
	if (view.entry.number == 0)
		fail_msg("no entry of kind %d", kind);
	assert_false(view.is_changed || view.is_erased);
	assert_str(id_str(&view.entry.actor_id), id_str(actor_id));
	assert_str(view.remote, core_fixture_cx(f, NULL).remote);
}

/* ---- what it holds ---- */

static void what_people_do_to_get_in_stands_in_it(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in here, there;
	struct form_errors errors = {0};
	struct str code;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GABI);
	expect_by(f, AUDIT_INVITED, &f->admin->user.id);
	assert_str(newest(f, AUDIT_INVITED).subject, GABI);
	expect_by(f, AUDIT_REGISTERED, &gabi.id);
	assert_str(newest(f, AUDIT_REGISTERED).before, STR("guest member invited"));
	assert_str(newest(f, AUDIT_REGISTERED).after, STR("guest member active"));
	assert_int_equal(newest(f, AUDIT_REGISTERED).version, gabi.version);
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, &here), OK);
	expect_by(f, AUDIT_SIGN_IN, &gabi.id);
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, &there), OK);
	struct cx cx = core_fixture_cx(f, here.session);
	assert_int_equal(session_end_one(&cx, &there.session->id), OK);
	expect_by(f, AUDIT_SESSION_ENDED, &gabi.id);
	assert_int_equal(session_end_others(&cx), OK);
	assert_str(newest(f, AUDIT_SESSION_ENDED).after, STR("others"));
	assert_int_equal(account_new_recovery_code(&cx, CORE_FIXTURE_PASSWORD, &code, &errors), OK);
	expect_by(f, AUDIT_RECOVERY_CODE, &gabi.id);
	assert_int_equal(account_change_password(&cx, CORE_FIXTURE_PASSWORD,
						 STR("copper lantern meadow 7"), &errors),
			 OK);
	expect_by(f, AUDIT_PASSWORD_CHANGED, &gabi.id);
	assert_int_equal(session_end(&cx), OK);
	expect_by(f, AUDIT_SIGN_OUT, &gabi.id);
	expect_whole(f);
}

static void a_reset_stands_in_it(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	struct sign_in begun;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GABI);
	assert_int_equal(account_ask_help(&cx, GABI, &errors), OK);
	assert_str(newest(f, AUDIT_HELP_ASKED).subject, GABI);
	struct audit_view asked = newest(f, AUDIT_HELP_ASKED);
	assert_true(id_eq(&asked.entry.object_id, &gabi.id));
	assert_int_equal(account_ask_help(&cx, STR("nobody@example.org"), &errors), OK);
	asked = newest(f, AUDIT_HELP_ASKED);
	assert_true(id_is_empty(&asked.entry.object_id));
	assert_int_equal(account_reset(&cx, core_fixture_token(f, MAIL_RESET, GABI),
				       STR("copper lantern meadow 7"), STR(""), SESSION_BROWSER,
				       STR("Test"), &begun, &errors),
			 OK);
	core_fixture_keep(f, begun.session);
	expect_by(f, AUDIT_PASSWORD_RESET, &gabi.id);
}

static void a_wrong_password_stands_in_it_whoever_it_is_for(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *typed, *subject;
		bool is_known;
	} rows[] = {
		{"admin@example.com", "admin@example.com", true},
		{"  ADMIN@example.com ", "ADMIN@example.com", true},
		{"nobody@example.com", "nobody@example.com", false},
		{"no address at all", "no address at all", false},
		{"bell\a and\nlines", "?", false},
		{"", "", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t before = last_number(f);
		assert_int_equal(core_test_sign_in(f, str_of(rows[i].typed),
						   STR("wrong password here"), NULL),
				 ERR_DENIED);
		assert_int_equal(last_number(f), before + 1);
		struct audit_view view = newest(f, AUDIT_SIGN_IN_FAILED);
		assert_str(view.subject, str_of(rows[i].subject));
		assert_int_equal(!id_is_empty(&view.entry.object_id), rows[i].is_known);
		assert_true(id_is_empty(&view.entry.actor_id));
	}
}

/* Many addresses from many networks: the throttle of each sees nothing. */
static void nobody_floods_it(void **state)
{
	struct core_fixture *f = *state;
	enum { TRIES = 40, LEFT = 20 };
	struct cx cx = core_fixture_cx(f, NULL);
	for (int i = 0; i < LIMIT_AUDIT_FAILED_PER_HOUR - LEFT; i++)
		assert_int_equal(throttle_take(f->portal->throttle, "audit", STR(""), 1,
					       LIMIT_AUDIT_FAILED_PER_HOUR, HOUR_MS,
					       cx_now_ms(&cx)),
				 OK);
	for (int i = 0; i < TRIES; i++) {
		struct sign_in begun;
		int64_t wait_s;
		cx.remote = arena_printf(&f->arena, "10.%d.1.1", i);
		assert_int_equal(session_sign_in(&cx, arena_printf(&f->arena, "u%d@example.com", i),
						 STR("wrong password here"), SESSION_BROWSER,
						 STR("Test"), &begun, &wait_s),
				 ERR_DENIED);
	}
	assert_int_equal(count_kind(f, AUDIT_SIGN_IN_FAILED), LEFT + 1);
	assert_str(newest(f, AUDIT_SIGN_IN_FAILED).after, STR("more"));
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(
		core_test_sign_in(f, STR("x@example.com"), STR("wrong password here"), NULL),
		ERR_DENIED);
	assert_int_equal(count_kind(f, AUDIT_SIGN_IN_FAILED), LEFT + 2);
}

/* ---- the log itself ---- */

static bool is_sqlite(const struct core_fixture *f)
{
	return strncmp(f->url, "sqlite:", strlen("sqlite:")) == 0;
}

static char *read_hex(struct core_fixture *f, const char *table, const char *column, int64_t number)
{
	char sql[512];
	snprintf(sql, sizeof(sql), "SELECT %s%s%s FROM %s WHERE number = %d",
		 is_sqlite(f) ? "lower(hex(" : "encode(", column, is_sqlite(f) ? "))" : ", 'hex')",
		 table, (int)number);
	return store_direct_read(f->url, sql);
}

static void write_hex(struct core_fixture *f, const char *table, const char *column, int64_t number,
		      const char *hex)
{
	char sql[SQL_BYTES];
	snprintf(sql, sizeof(sql), "UPDATE %s SET %s = %s'%s'%s WHERE number = %d", table, column,
		 is_sqlite(f) ? "x" : "decode(", hex, is_sqlite(f) ? "" : ", 'hex')", (int)number);
	store_direct_run(f->url, sql);
}

static void flip_each(struct core_fixture *f, const char *table, const char *column,
		      enum audit_problem_kind kind)
{
	int64_t last = last_number(f);
	for (int64_t number = 1; number <= last; number++) {
		char *hex = read_hex(f, table, column, number);
		size_t len = strlen(hex);
		/* A connection for each costs much more there. */
		size_t step = is_sqlite(f) ? 2 : 26;
		for (size_t i = 0; i < len; i += step) {
			char was = hex[i];
			hex[i] = was == '0' ? '1' : '0';
			write_hex(f, table, column, number, hex);
			expect(f, kind, number);
			hex[i] = was;
		}
		write_hex(f, table, column, number, hex);
		free(hex);
	}
}

static void every_flipped_byte_is_named(void **state)
{
	struct core_fixture *f = *state;
	assert_int_equal(core_test_sign_in(f, STR("a@example.com"), STR("wrong password"), NULL),
			 ERR_DENIED);
	assert_int_equal(
		core_test_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD, NULL), OK);
	assert_true(last_number(f) >= 3);
	expect_whole(f);
	flip_each(f, "audit_texts", "content", AUDIT_PROBLEM_TEXT_CHANGED);
	flip_each(f, "audit", "detail", AUDIT_PROBLEM_ENTRY_CHANGED);
	flip_each(f, "audit", "chain", AUDIT_PROBLEM_ENTRY_CHANGED);
	expect_whole(f);
	static const char *const changes[] = {
		"UPDATE audit SET at_ms = at_ms + 1 WHERE number = 2",
		"UPDATE audit SET at_ms = at_ms - 1 WHERE number = 2",
		"UPDATE audit SET kind = kind + 1 WHERE number = 2",
		"UPDATE audit SET kind = kind - 1 WHERE number = 2",
		"UPDATE audit SET actor_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV' WHERE number = 2",
		"UPDATE audit SET object_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV' WHERE number = 2",
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM audit");
		store_direct_run(f->url, changes[i]);
		expect(f, AUDIT_PROBLEM_ENTRY_CHANGED, 2);
		store_direct_run(f->url, "DELETE FROM audit");
		store_direct_run(f->url, "INSERT INTO audit SELECT * FROM kept");
		store_direct_run(f->url, "DROP TABLE kept");
	}
	expect_whole(f);
}

static void texts_taken_out_swapped_or_planted_are_named(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *what, *sql;
		enum audit_problem_kind kind;
		int64_t number;
	} rows[] = {
		{"taken out", "DELETE FROM audit_texts WHERE number = 2",
		 AUDIT_PROBLEM_TEXT_MISSING, 2},
		{"swapped",
		 "UPDATE audit_texts SET number = 100 WHERE number = 2; UPDATE audit_texts SET "
		 "number = 2 WHERE number = 3; UPDATE audit_texts SET number = 3 WHERE number = "
		 "100",
		 AUDIT_PROBLEM_TEXT_CHANGED, 2},
		{"an entry is taken out", "DELETE FROM audit WHERE number = 2",
		 AUDIT_PROBLEM_ENTRY_MISSING, 2},
		{"the last is taken out",
		 "DELETE FROM audit WHERE number = (SELECT MAX(number) FROM audit)",
		 AUDIT_PROBLEM_END_CHANGED, 4},
		{"one is put behind",
		 "INSERT INTO audit SELECT number + 1, at_ms, kind, actor_id, object_id, detail, "
		 "chain FROM audit WHERE number = 4; INSERT INTO audit_texts SELECT number + 1, "
		 "content FROM audit_texts WHERE number = 4",
		 AUDIT_PROBLEM_ENTRY_CHANGED, 5},
	};
	while (last_number(f) < 4)
		core_test_sign_in(f, STR("a@example.com"), STR("wrong password"), NULL);
	assert_int_equal(last_number(f), 4);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM audit");
		store_direct_run(f->url, "CREATE TABLE kept_texts AS SELECT * FROM audit_texts");
		store_direct_run(f->url, rows[i].sql);
		expect(f, rows[i].kind, rows[i].number);
		store_direct_run(f->url,
				 "DELETE FROM audit; DELETE FROM audit_texts; INSERT INTO audit "
				 "SELECT * FROM kept; INSERT INTO audit_texts SELECT * FROM "
				 "kept_texts; DROP TABLE kept; DROP TABLE kept_texts");
		expect_whole(f);
	}
}

/* ---- checkpoints ---- */

static int64_t sign_now(struct core_fixture *f, enum err expected)
{
	struct cx cx = core_fixture_cx(f, NULL);
	int64_t number = 0;
	assert_int_equal(audit_checkpoint_write(&cx, f->portal->checkpoints, &number), expected);
	return number;
}

static void fail_to_sign_in(struct core_fixture *f)
{
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(core_test_sign_in(f, STR("a@example.com"), STR("wrong password"), NULL),
			 ERR_DENIED);
}

static void keep_log(struct core_fixture *f)
{
	store_direct_run(f->url,
			 "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_texts "
			 "AS SELECT * FROM audit_texts; CREATE TABLE kept_head AS SELECT * "
			 "FROM audit_head");
}

static void put_log_back(struct core_fixture *f)
{
	store_direct_run(f->url,
			 "DELETE FROM audit; DELETE FROM audit_texts; DELETE FROM audit_head; "
			 "INSERT INTO audit SELECT * FROM kept; INSERT INTO audit_texts "
			 "SELECT * FROM kept_texts; INSERT INTO audit_head SELECT * FROM "
			 "kept_head");
}

static void a_log_put_back_as_a_whole_is_seen_by_its_checkpoints(void **state)
{
	struct core_fixture *f = *state;
	assert_true(verify(f).report.has_no_checkpoints);
	fail_to_sign_in(f);
	int64_t first = last_number(f);
	assert_int_equal(sign_now(f, OK), first);
	assert_int_equal(sign_now(f, OK), 0); /* nothing new */
	keep_log(f);
	fail_to_sign_in(f);
	fail_to_sign_in(f);
	assert_int_equal(sign_now(f, OK), first + 2);
	struct seen seen = verify(f);
	assert_int_equal(seen.report.checkpoints, 2);
	assert_int_equal(seen.report.checkpoint, first + 2);
	put_log_back(f);
	expect(f, AUDIT_PROBLEM_ROLLED_BACK, first + 2);
	sign_now(f, ERR_CORRUPT);
	/* Others happen in their place. */
	fail_to_sign_in(f);
	fail_to_sign_in(f);
	fail_to_sign_in(f);
	expect(f, AUDIT_PROBLEM_NOT_SIGNED, first + 2);
	sign_now(f, ERR_CORRUPT);
}

static void nothing_is_signed_that_was_altered(void **state)
{
	struct core_fixture *f = *state;
	fail_to_sign_in(f);
	sign_now(f, OK);
	fail_to_sign_in(f);
	store_direct_run(f->url, "UPDATE audit SET at_ms = at_ms + 1 WHERE number = (SELECT "
				 "MAX(number) FROM audit)");
	sign_now(f, ERR_CORRUPT);
}

static void add_to_file(struct core_fixture *f, const char *text)
{
	FILE *file = fopen(arena_cstr(&f->arena, f->portal->checkpoints), "a");
	fputs(text, file);
	fclose(file);
}

static void lines_that_are_torn_or_forged_are_told_apart(void **state)
{
	struct core_fixture *f = *state;
	char line[512];
	fail_to_sign_in(f);
	sign_now(f, OK);
	FILE *file = fopen(arena_cstr(&f->arena, f->portal->checkpoints), "r");
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	add_to_file(f, "postern-audit-1 12 17");
	assert_int_equal(verify(f).report.torn_lines, 1);
	expect_whole(f);
	/* The next one stands on a line of its own. */
	fail_to_sign_in(f);
	sign_now(f, OK);
	assert_int_equal(verify(f).report.checkpoints, 2);
	assert_int_equal(verify(f).report.torn_lines, 1);
	line[strlen("postern-audit-1 ")]++; /* another entry by the same signature */
	add_to_file(f, line);
	struct seen seen = verify(f);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.problems[0].kind, AUDIT_PROBLEM_CHECKPOINT_FORGED);
	assert_int_equal(seen.problems[0].line, 4);
}

/* ---- rows put back ---- */

struct user_change {
	struct cx *cx;
	struct id id;
	enum grade grade;
};

static enum err write_user_change(struct db *db, void *argument)
{
	const struct user_change *change = argument;
	struct user before, after;
	TRY(users_by_id(db, change->cx->arena, &change->id, &before));
	after = before;
	after.grade = change->grade;
	TRY(users_update(db, &after, STR(" gabi")));
	return audit_log_user(change->cx, db, AUDIT_USER_CHANGED, &before, &after, STR(""));
}

static void set_grade(struct core_fixture *f, const struct id *id, enum grade grade)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct user_change change = {&cx, *id, grade};
	assert_int_equal(store_transact(f->portal->store, write_user_change, &change, NULL), OK);
}

static void a_user_put_back_is_named(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_PROFESSIONAL);
	struct user gabi = core_fixture_user(f, GABI);
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM users WHERE address = "
				 "'gabi@example.org'");
	set_grade(f, &gabi.id, GRADE_GUEST);
	int64_t number = last_number(f);
	expect_whole(f);
	store_direct_run(f->url,
			 "UPDATE users SET grade = (SELECT grade FROM kept), version = (SELECT "
			 "version FROM kept), mac = (SELECT mac FROM kept) WHERE id = (SELECT id "
			 "FROM kept)");
	assert_int_equal(core_fixture_user(f, GABI).grade, GRADE_PROFESSIONAL);
	expect(f, AUDIT_PROBLEM_USER_OLDER, number);
	assert_true(core_fixture_problems(f) > 0);
	struct audit_problem problem = verify(f).problems[0];
	assert_str(problem.name, GABI);
	assert_str(problem.said, STR("guest member active"));
	assert_str(problem.is, STR("professional member active"));
	/* Their version grows again: still nobody has raised them. */
	struct session *session = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	assert_int_equal(account_rename(&cx, STR("Gabriele"), &errors), OK);
	assert_int_equal(account_rename(&cx, STR("Gabi"), &errors), OK);
	expect(f, AUDIT_PROBLEM_USER_OTHER, number);
	set_grade(f, &gabi.id, GRADE_GUEST);
	expect_whole(f);
}

struct rule_change {
	struct cx *cx;
	struct rule rule;
	bool is_gone;
};

static enum err write_rule_change(struct db *db, void *argument)
{
	const struct rule_change *change = argument;
	struct audit_act act = {.kind = AUDIT_RULE, .subject = change->rule.pattern};
	if (change->is_gone) {
		TRY(rules_delete(db, change->rule.pattern));
	} else {
		TRY(rules_put(db, &change->rule));
		act.after = audit_rule_words(change->cx->arena, &change->rule);
	}
	return audit_log(change->cx, db, &act);
}

static void set_rule(struct core_fixture *f, bool is_allowed, bool is_gone)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct rule_change change = {
		&cx, {.pattern = STR("example.net"), .is_allowed = is_allowed}, is_gone};
	change.rule.created_ms = cx_now_ms(&cx);
	assert_int_equal(store_transact(f->portal->store, write_rule_change, &change, NULL), OK);
}

static void put_rule_back(struct core_fixture *f)
{
	store_direct_run(f->url, "DELETE FROM rules WHERE pattern = 'example.net'; INSERT INTO "
				 "rules SELECT * FROM kept");
}

static void a_rule_put_back_is_named(void **state)
{
	struct core_fixture *f = *state;
	set_rule(f, true, false);
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM rules WHERE pattern = "
				 "'example.net'");
	set_rule(f, false, false);
	expect_whole(f);
	put_rule_back(f);
	expect(f, AUDIT_PROBLEM_RULE_OLDER, last_number(f));
	set_rule(f, false, true);
	expect_whole(f);
	put_rule_back(f);
	expect(f, AUDIT_PROBLEM_RULE_BACK, last_number(f));
	set_rule(f, false, false);
	store_direct_run(f->url, "DELETE FROM rules WHERE pattern = 'example.net'");
	expect(f, AUDIT_PROBLEM_RULE_MISSING, last_number(f));
}

static void put_deliveries_back(struct core_fixture *f)
{
	store_direct_run(f->url, "DELETE FROM deliveries WHERE message_id IN (SELECT message_id "
				 "FROM kept); INSERT INTO deliveries SELECT * FROM kept");
}

static void a_recalled_delivery_put_back_is_named(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("otto@example.org"), STR("Otto"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GABI);
	struct sent sent = core_fixture_send(f, f->admin, STR("gabi@example.org, otto@example.org"),
					     STR("Hello"), STR("One"));
	store_direct_run(f->url,
			 arena_cstr(&f->arena, arena_printf(&f->arena,
							    "CREATE TABLE kept AS SELECT * FROM "
							    "deliveries WHERE message_id = '%s'",
							    sent.id.text)));
	const struct str only[] = {GABI};
	struct form_errors errors = {0};
	struct recalled recalled;
	const struct recall_wish wish = {.addresses = only, .address_count = 1};
	assert_int_equal(recall_test_try(f, f->admin, &sent.id, &wish, &recalled, &errors), OK);
	int64_t number = last_number(f);
	expect_by(f, AUDIT_RECALL, &f->admin->user.id);
	expect_whole(f);
	put_deliveries_back(f);
	expect(f, AUDIT_PROBLEM_MESSAGE_BACK, number);
	struct seen back = verify(f);
	assert_true(id_eq(&back.problems[0].user_id, &gabi.id));
	recall_test_whole(f, f->admin, &sent.id, STR(""));
	expect_whole(f);
	assert_true(newest(f, AUDIT_RECALL).is_whole);
	put_deliveries_back(f);
	struct seen seen = verify(f);
	assert_int_equal(seen.count, 3); /* one by the first entry, two by the second */
	for (size_t i = 0; i < seen.count; i++)
		assert_int_equal(seen.problems[i].kind, AUDIT_PROBLEM_MESSAGE_BACK);
}

/* ---- erasing ---- */

static enum err write_forgetting(struct db *db, void *argument)
{
	struct cx *cx = argument;
	struct user gabi;
	TRY(users_by_key(db, cx->arena, GABI, &gabi));
	return audit_log_forget(cx, db, &gabi.id);
}

static void what_it_said_of_somebody_can_be_erased_but_not_taken_out(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	core_test_sign_in(f, GABI, STR("wrong password"), NULL);
	core_test_sign_in(f, STR("admin@example.com"), STR("wrong password"), NULL);
	assert_int_equal(store_transact(f->portal->store, write_forgetting, &cx, NULL), OK);
	expect_whole(f);
	assert_true(newest(f, AUDIT_SIGN_IN).is_erased);
	assert_true(newest(f, AUDIT_INVITED).is_erased);
	assert_int_equal(newest(f, AUDIT_REGISTERED).subject.len, 0);
	/* What is about others stays. */
	assert_str(newest(f, AUDIT_SIGN_IN_FAILED).subject, STR("admin@example.com"));
	int64_t signed_in = newest(f, AUDIT_SIGN_IN).entry.number;
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM audit_texts");
	store_direct_run(f->url, arena_cstr(&f->arena,
					    arena_printf(&f->arena,
							 "UPDATE audit_texts SET content = (SELECT "
							 "content FROM kept WHERE number = %d) "
							 "WHERE number = %d",
							 (int)newest(f, AUDIT_INVITED).entry.number,
							 (int)signed_in)));
	expect(f, AUDIT_PROBLEM_TEXT_CHANGED, signed_in);
	assert_true(newest(f, AUDIT_SIGN_IN).is_changed);
	store_direct_run(
		f->url,
		arena_cstr(&f->arena,
			   arena_printf(&f->arena, "DELETE FROM audit_texts WHERE number = %d",
					(int)signed_in)));
	expect(f, AUDIT_PROBLEM_TEXT_MISSING, signed_in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(what_people_do_to_get_in_stands_in_it),
		CORE_TEST(a_reset_stands_in_it),
		CORE_TEST(a_wrong_password_stands_in_it_whoever_it_is_for),
		CORE_TEST(nobody_floods_it),
		CORE_TEST(every_flipped_byte_is_named),
		CORE_TEST(texts_taken_out_swapped_or_planted_are_named),
		CORE_TEST(a_log_put_back_as_a_whole_is_seen_by_its_checkpoints),
		CORE_TEST(nothing_is_signed_that_was_altered),
		CORE_TEST(lines_that_are_torn_or_forged_are_told_apart),
		CORE_TEST(a_user_put_back_is_named),
		CORE_TEST(a_rule_put_back_is_named),
		CORE_TEST(a_recalled_delivery_put_back_is_named),
		CORE_TEST(what_it_said_of_somebody_can_be_erased_but_not_taken_out),
	};
	return engines_test_run("audit_verify", tests, sizeof(tests) / sizeof(tests[0]));
}
