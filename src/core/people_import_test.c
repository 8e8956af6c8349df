/* Importing people from a list: the fate of each row, known before and done after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/audit_log.h"
#include "core/audit_test_support.h"
#include "core/people.h"
#include "core/people_import.h"
#include "store/store_direct.h"

static struct people_import run(struct core_fixture *f, struct session *who, const char *file,
				bool is_dry)
{
	struct cx cx = core_fixture_cx(f, who);
	struct people_import import;
	struct form_errors errors = {0};
	assert_int_equal(people_import_read(&cx, str_of(file), &import, &errors), OK);
	while (!people_import_is_over(&import))
		assert_int_equal(people_import_step(&cx, &import, is_dry), OK);
	if (!is_dry)
		assert_int_equal(people_import_end(&cx, &import), OK);
	if (!is_dry && who && import.tally[IMPORT_ADDED] + import.tally[IMPORT_CHANGED] > 0)
		audit_test_by(f, AUDIT_USERS_IMPORTED, &who->user.id);
	return import;
}

static void expect(const struct people_import *import, const char *const *words, size_t count)
{
	assert_int_equal(import->count, count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(people_import_word(import->rows[i].fate), words[i]) != 0)
			fail_msg("row %zu: %s, not %s", i, people_import_word(import->rows[i].fate),
				 words[i]);
}
#define EXPECT(import, ...)                                                                        \
	expect(import, (const char *const[]){__VA_ARGS__},                                         \
	       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static int64_t count(struct core_fixture *f, const char *sql)
{
	char *text = store_direct_read(f->url, sql);
	int64_t number = text ? strtoll(text, NULL, 10) : 0;
	free(text);
	return number;
}

static void each_row_has_a_fate(void **state)
{
	struct core_fixture *f = *state;
	static const char file[] = "Address;NAME;grade;Role;language\r\n"
				   "new@example.com;Nora New;professional;;en\r\n"
				   "guest@example.com;;;;\r\n"
				   "here@example.com;;guest;;\r\n"
				   "up@example.com;;professional;;\r\n"
				   "Admin@example.com;;guest;member;\r\n"
				   "eve@bad.example;;;;\r\n"
				   "by@rule.example;;;;\r\n"
				   "no address;;;;\r\n"
				   "NEW@example.com;;;;\r\n"
				   "a@example.com;;boss;;\r\n"
				   "b@example.com;;guest;administrator;\r\n"
				   "c@example.com;;;boss;\r\n"
				   "d@example.com;;;;tlh\r\n"
				   "e@example.com;\"@@\";;;\r\n"
				   "f@example.com;;;;;x\r\n"
				   "boss@example.com;;;administrator\r\n"
				   "\"'+plus@example.com\";;;;\r\n";
	core_fixture_person(f, STR("here@example.com"), STR("Here"), GRADE_GUEST);
	core_fixture_person(f, STR("up@example.com"), STR("Up"), GRADE_GUEST);
	core_fixture_rule(f, STR("bad.example"), false, 0);
	core_fixture_rule(f, STR("rule.example"), true, GRADE_PROFESSIONAL);
	int64_t before = count(f, "SELECT COUNT(*) FROM users");
	int64_t mails = count(f, "SELECT COUNT(*) FROM mails");
	struct people_import dry = run(f, f->admin, file, true);
	EXPECT(&dry, "added", "added", "unchanged", "changed", "kept", "refused", "added",
	       "bad_address", "twice", "bad_grade", "bad_role", "bad_role", "bad_language",
	       "bad_name", "bad_cells", "added", "added");
	/* Nothing is done. */
	assert_int_equal(count(f, "SELECT COUNT(*) FROM users"), before);
	assert_int_equal(count(f, "SELECT COUNT(*) FROM mails"), mails);
	struct people_import import = run(f, f->admin, file, false);
	EXPECT(&import, "added", "added", "unchanged", "changed", "kept", "refused", "added",
	       "bad_address", "twice", "bad_grade", "bad_role", "bad_role", "bad_language",
	       "bad_name", "bad_cells", "added", "added");
	assert_int_equal(import.tally[IMPORT_ADDED], 5);
	/* Each of them stands in the log. */
	char sql[80];
	snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM audit WHERE kind = %d", AUDIT_USER_ADDED);
	assert_int_equal(count(f, sql), 5);
	assert_int_equal(count(f, "SELECT COUNT(*) FROM users"), before + 5);
	struct user user = core_fixture_user(f, STR("new@example.com"));
	assert_int_equal(user.grade, GRADE_PROFESSIONAL);
	assert_int_equal(user.state, USER_INVITED);
	assert_str(user.name, STR("Nora New"));
	assert_str(user.language, STR("en"));
	assert_int_equal(core_fixture_user(f, STR("guest@example.com")).grade, GRADE_GUEST);
	assert_int_equal(core_fixture_user(f, STR("up@example.com")).grade, GRADE_PROFESSIONAL);
	assert_int_equal(core_fixture_user(f, STR("by@rule.example")).grade, GRADE_PROFESSIONAL);
	assert_int_equal(core_fixture_user(f, STR("boss@example.com")).role, ROLE_ADMINISTRATOR);
	assert_int_equal(core_fixture_user(f, STR("boss@example.com")).grade, GRADE_PROFESSIONAL);
	assert_int_equal(core_fixture_user(f, STR("+plus@example.com")).grade, GRADE_GUEST);
	/* Doing it again changes nothing more. */
	struct people_import again = run(f, f->admin, file, false);
	EXPECT(&again, "unchanged", "unchanged", "unchanged", "unchanged", "kept", "refused",
	       "unchanged", "bad_address", "twice", "bad_grade", "bad_role", "bad_role",
	       "bad_language", "bad_name", "bad_cells", "unchanged", "unchanged");
	assert_int_equal(core_fixture_problems(f), 0);
}

/* As `web/people_csv.c` writes them, then changed in a spreadsheet by somebody who likes capitals.
 */
static void an_export_comes_in_again(void **state)
{
	struct core_fixture *f = *state;
	static const char file[] =
		"\xef\xbb\xbf"
		"address,name,grade,role,language,state,added,last_seen\r\n"
		"here@example.com,Here,Professional,Member,,active,2026-11-24T03:32:09Z,\r\n"
		"gone@example.com,Gone,guest,MEMBER,,Disabled,2026-11-24T03:32:09Z,\r\n"
		"new@example.com,New,GUEST,,,invited,,\r\n";
	core_fixture_person(f, STR("here@example.com"), STR("Here"), GRADE_GUEST);
	struct people_import dry = run(f, f->admin, file, true);
	EXPECT(&dry, "changed", "disabled", "added");
	struct people_import import = run(f, f->admin, file, false);
	EXPECT(&import, "changed", "disabled", "added");
	assert_int_equal(core_fixture_user(f, STR("here@example.com")).grade, GRADE_PROFESSIONAL);
	assert_int_equal(count(f, "SELECT COUNT(*) FROM users WHERE address = 'gone@example.com'"),
			 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P2.4: whoever was imported registers by the mailed link, as everybody does. */
static void who_was_imported_registers(void **state)
{
	struct core_fixture *f = *state;
	run(f, f->admin, "address,name\nnora@example.com,Nora New\n", false);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, STR("nora@example.com")), 1);
	struct session *nora =
		core_fixture_register(
			f, core_fixture_token(f, MAIL_INVITATION, STR("nora@example.com")),
			STR("Nora Newer"))
			.sign_in.session;
	assert_str(nora->user.name, STR("Nora Newer"));
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P1.6 */
static void seats_end(void **state)
{
	struct core_fixture *f = *state;
	static const char file[] = "address,grade\n"
				   "a@example.com,professional\n"
				   "b@example.com,guest\n"
				   "c@example.com,professional\n"
				   "up@example.com,professional\n"
				   "d@example.com,professional\n";
	core_fixture_person(f, STR("up@example.com"), STR("Up"), GRADE_GUEST);
	core_fixture_set(f, "seat_limit", STR("4"));
	struct people_import dry = run(f, f->admin, file, true);
	EXPECT(&dry, "added", "added", "added", "changed", "no_seat");
	struct people_import import = run(f, f->admin, file, false);
	EXPECT(&import, "added", "added", "added", "changed", "no_seat");
	core_fixture_set(f, "seat_limit", STR("5"));
	import = run(f, f->admin, file, false);
	EXPECT(&import, "unchanged", "unchanged", "unchanged", "unchanged", "added");
	assert_int_equal(core_fixture_problems(f), 0);
}

/* More than a step; seats are counted across steps, also when nothing is done. */
static void many_rows_go_step_by_step(void **state)
{
	struct core_fixture *f = *state;
	struct buf file CLEANUP_BUF;
	buf_init(&file, 1 << 20);
	buf_add(&file, STR("address,grade\n"));
	for (int i = 0; i < 250; i++)
		buf_add(&file, arena_printf(&f->arena, "p%d@example.com,professional\n", i));
	buf_add_char(&file, '\0');
	const char *text = arena_cstr(&f->arena, str_slice(buf_str(&file), 0, file.len - 1));
	core_fixture_set(f, "seat_limit", STR("201"));
	struct people_import dry = run(f, f->admin, text, true);
	assert_int_equal(dry.tally[IMPORT_ADDED], 200);
	assert_int_equal(dry.tally[IMPORT_NO_SEAT], 50);
	/* Broken off after a step, and begun again. */
	struct cx cx = core_fixture_cx(f, f->admin);
	struct people_import part;
	struct form_errors errors = {0};
	assert_int_equal(people_import_read(&cx, str_of(text), &part, &errors), OK);
	assert_int_equal(people_import_step(&cx, &part, false), OK);
	assert_int_equal(part.tally[IMPORT_ADDED], 100);
	struct people_import rest = run(f, f->admin, text, false);
	assert_int_equal(rest.tally[IMPORT_THERE], 100);
	assert_int_equal(rest.tally[IMPORT_ADDED], 100);
	assert_int_equal(rest.tally[IMPORT_NO_SEAT], 50);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void files_that_cannot_be_used(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	static const struct {
		struct str file;
		const char *sentence;
	} bad[] = {
		{STR(""), "There is nobody"},
		{STR("address,grade\n"), "There is nobody"},
		{STR("name,grade\nAnna,guest\n"), "one of them must be address"},
		{STR("anna@example.com,guest\n"), "The first line is a person already"},
		{STR("address,phone\nanna@example.com,1\n"), "a column \"phone\""},
		{STR("address,Address\na@example.com,\n"), "twice"},
		{STR("address\n\"anna@example.com\n"), "quotation mark in line 2"},
		{STR("address\nM\xfcller@example.com\n"), "not in UTF-8"},
		{STR("\xff\xfe"
		     "a\0"),
		 "UTF-16"},
		{STR("address\na\0b\n"), "not a CSV file"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct people_import import;
		struct form_errors errors = {0};
		assert_int_equal(people_import_read(&cx, bad[i].file, &import, &errors),
				 ERR_INVALID);
		assert_string_equal(errors.items[0].field, "file");
		if (str_find(errors.items[0].detail, str_of(bad[i].sentence)) < 0)
			fail_msg("%zu: %.*s", i, STR_ARGS(errors.items[0].detail));
	}
}

static void only_administrators_import(void **state)
{
	struct core_fixture *f = *state;
	struct session *paul =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct cx cx = core_fixture_cx(f, paul);
	struct people_import import;
	struct form_errors errors = {0};
	assert_int_equal(people_import_read(&cx, STR("address\na@example.com\n"), &import, &errors),
			 ERR_DENIED);
	/* A command on the machine acts for nobody. */
	import = run(f, NULL, "address\na@example.com\n", false);
	EXPECT(&import, "added");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_row_has_a_fate),        CORE_TEST(an_export_comes_in_again),
		CORE_TEST(who_was_imported_registers), CORE_TEST(seats_end),
		CORE_TEST(many_rows_go_step_by_step),  CORE_TEST(files_that_cannot_be_used),
		CORE_TEST(only_administrators_import),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
