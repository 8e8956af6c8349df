/* Whatever is done to the audit log is seen (P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/audit_checkpoint.h"
#include "core/audit_test_support.h"
#include "store/store_direct.h"

enum { SQL_BYTES = 8192 };

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
	int64_t last = audit_test_last(f);
	for (int64_t number = 1; number <= last; number++) {
		char *hex = read_hex(f, table, column, number);
		size_t len = strlen(hex);
		/* A connection for each costs much more there. */
		size_t step = is_sqlite(f) ? 2 : 26;
		for (size_t i = 0; i < len; i += step) {
			char was = hex[i];
			hex[i] = was == '0' ? '1' : '0';
			write_hex(f, table, column, number, hex);
			audit_test_expect(f, kind, number);
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
	assert_true(audit_test_last(f) >= 3);
	audit_test_whole(f);
	flip_each(f, "audit_texts", "content", AUDIT_PROBLEM_TEXT_CHANGED);
	flip_each(f, "audit", "detail", AUDIT_PROBLEM_ENTRY_CHANGED);
	flip_each(f, "audit", "chain", AUDIT_PROBLEM_ENTRY_CHANGED);
	audit_test_whole(f);
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
		audit_test_expect(f, AUDIT_PROBLEM_ENTRY_CHANGED, 2);
		store_direct_run(f->url, "DELETE FROM audit");
		store_direct_run(f->url, "INSERT INTO audit SELECT * FROM kept");
		store_direct_run(f->url, "DROP TABLE kept");
	}
	audit_test_whole(f);
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
	while (audit_test_last(f) < 4)
		core_test_sign_in(f, STR("a@example.com"), STR("wrong password"), NULL);
	assert_int_equal(audit_test_last(f), 4);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM audit");
		store_direct_run(f->url, "CREATE TABLE kept_texts AS SELECT * FROM audit_texts");
		store_direct_run(f->url, rows[i].sql);
		audit_test_expect(f, rows[i].kind, rows[i].number);
		store_direct_run(f->url,
				 "DELETE FROM audit; DELETE FROM audit_texts; INSERT INTO audit "
				 "SELECT * FROM kept; INSERT INTO audit_texts SELECT * FROM "
				 "kept_texts; DROP TABLE kept; DROP TABLE kept_texts");
		audit_test_whole(f);
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
	assert_true(audit_test_verify(f).report.has_no_checkpoints);
	fail_to_sign_in(f);
	int64_t first = audit_test_last(f);
	assert_int_equal(sign_now(f, OK), first);
	assert_int_equal(sign_now(f, OK), 0); /* nothing new */
	keep_log(f);
	fail_to_sign_in(f);
	fail_to_sign_in(f);
	assert_int_equal(sign_now(f, OK), first + 2);
	struct audit_test_seen seen = audit_test_verify(f);
	assert_int_equal(seen.report.checkpoints, 2);
	assert_int_equal(seen.report.checkpoint, first + 2);
	put_log_back(f);
	audit_test_expect(f, AUDIT_PROBLEM_ROLLED_BACK, first + 2);
	sign_now(f, ERR_CORRUPT);
	/* Others happen in their place. */
	fail_to_sign_in(f);
	fail_to_sign_in(f);
	fail_to_sign_in(f);
	audit_test_expect(f, AUDIT_PROBLEM_NOT_SIGNED, first + 2);
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
	assert_int_equal(audit_test_verify(f).report.torn_lines, 1);
	audit_test_whole(f);
	/* The next one stands on a line of its own. */
	fail_to_sign_in(f);
	sign_now(f, OK);
	assert_int_equal(audit_test_verify(f).report.checkpoints, 2);
	assert_int_equal(audit_test_verify(f).report.torn_lines, 1);
	line[strlen("postern-audit-1 ")]++; /* another entry by the same signature */
	add_to_file(f, line);
	struct audit_test_seen seen = audit_test_verify(f);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.problems[0].kind, AUDIT_PROBLEM_CHECKPOINT_FORGED);
	assert_int_equal(seen.problems[0].line, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(every_flipped_byte_is_named),
		CORE_TEST(texts_taken_out_swapped_or_planted_are_named),
		CORE_TEST(a_log_put_back_as_a_whole_is_seen_by_its_checkpoints),
		CORE_TEST(nothing_is_signed_that_was_altered),
		CORE_TEST(lines_that_are_torn_or_forged_are_told_apart),
	};
	return engines_test_run("audit_verify", tests, sizeof(tests) / sizeof(tests[0]));
}
