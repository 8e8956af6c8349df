/* What the audit log tells of, put back as it once was, is seen (P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/audit_test_support.h"
#include "core/file_test_support.h"
#include "core/recall_test_support.h"
#include "core/settings_live.h"
#include "core/texts.h"
#include "store/store_direct.h"

#define GABI STR("gabi@example.org")

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
	TRY(users_update(db, &after, (struct users_keys){.name = STR(" gabi")}));
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
	int64_t number = audit_test_last(f);
	audit_test_whole(f);
	store_direct_run(f->url,
			 "UPDATE users SET grade = (SELECT grade FROM kept), version = (SELECT "
			 "version FROM kept), mac = (SELECT mac FROM kept) WHERE id = (SELECT id "
			 "FROM kept)");
	assert_int_equal(core_fixture_user(f, GABI).grade, GRADE_PROFESSIONAL);
	audit_test_expect(f, AUDIT_PROBLEM_USER_OLDER, number);
	assert_true(core_fixture_problems(f) > 0);
	struct audit_problem problem = audit_test_verify(f).problems[0];
	assert_str(problem.name, GABI);
	assert_str(problem.said, STR("guest member active"));
	assert_str(problem.is, STR("professional member active"));
	/* Their version grows again: still nobody has raised them. */
	struct session *session = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	assert_int_equal(account_rename(&cx, STR("Gabriele"), &errors), OK);
	assert_int_equal(account_rename(&cx, STR("Gabi"), &errors), OK);
	audit_test_expect(f, AUDIT_PROBLEM_USER_OTHER, number);
	set_grade(f, &gabi.id, GRADE_GUEST);
	audit_test_whole(f);
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
	audit_test_whole(f);
	put_rule_back(f);
	audit_test_expect(f, AUDIT_PROBLEM_RULE_OLDER, audit_test_last(f));
	set_rule(f, false, true);
	audit_test_whole(f);
	put_rule_back(f);
	audit_test_expect(f, AUDIT_PROBLEM_RULE_BACK, audit_test_last(f));
	set_rule(f, false, false);
	store_direct_run(f->url, "DELETE FROM rules WHERE pattern = 'example.net'");
	audit_test_expect(f, AUDIT_PROBLEM_RULE_MISSING, audit_test_last(f));
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
	int64_t number = audit_test_last(f);
	audit_test_by(f, AUDIT_RECALL, &f->admin->user.id);
	audit_test_whole(f);
	put_deliveries_back(f);
	audit_test_expect(f, AUDIT_PROBLEM_MESSAGE_BACK, number);
	struct audit_test_seen back = audit_test_verify(f);
	assert_true(id_eq(&back.problems[0].user_id, &gabi.id));
	recall_test_whole(f, f->admin, &sent.id, STR(""));
	audit_test_whole(f);
	assert_true(audit_test_newest(f, AUDIT_RECALL).is_whole);
	put_deliveries_back(f);
	struct audit_test_seen seen = audit_test_verify(f);
	assert_int_equal(seen.count, 3); /* one by the first entry, two by the second */
	for (size_t i = 0; i < seen.count; i++)
		assert_int_equal(seen.problems[i].kind, AUDIT_PROBLEM_MESSAGE_BACK);
}

static void put_rights_back(struct core_fixture *f)
{
	store_direct_run(f->url, "DELETE FROM file_deliveries WHERE message_id IN (SELECT "
				 "message_id FROM kept); INSERT INTO file_deliveries SELECT * FROM "
				 "kept");
}

/* By all entries, the newest too, for both who had it; and nothing else. */
static void expect_files_back(struct core_fixture *f, const struct id *file)
{
	struct audit_test_seen seen = audit_test_verify(f);
	int64_t number = audit_test_last(f);
	size_t newest = 0;
	for (size_t i = 0; i < seen.count; i++) {
		assert_int_equal(seen.problems[i].kind, AUDIT_PROBLEM_FILE_BACK);
		assert_true(id_eq(&seen.problems[i].file_id, file));
		newest += seen.problems[i].number == number;
	}
	assert_int_equal(newest, 2);
}

/* The message itself stays in each case but the last. */
static void a_recalled_file_put_back_is_named(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("otto@example.org"), STR("Otto"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GABI);
	struct id file = file_test_pdf(f, f->admin, "plan.pdf");
	struct id id = file_test_give(f, f->admin, "gabi@example.org, otto@example.org", &file);
	store_direct_run(f->url, arena_cstr(&f->arena,
					    arena_printf(&f->arena,
							 "CREATE TABLE kept AS SELECT * FROM "
							 "file_deliveries WHERE message_id = '%s'",
							 id.text)));
	file_test_recall(f, f->admin, &id, &file, "gabi@example.org");
	int64_t number = audit_test_last(f);
	audit_test_by(f, AUDIT_FILE_RECALL, &f->admin->user.id);
	assert_str(audit_test_newest(f, AUDIT_FILE_RECALL).subject, id_str(&file));
	audit_test_whole(f);
	put_rights_back(f);
	assert_int_equal(core_fixture_user(f, GABI).grade, GRADE_GUEST);
	audit_test_expect(f, AUDIT_PROBLEM_FILE_BACK, number);
	assert_true(id_eq(&audit_test_verify(f).problems[0].user_id, &gabi.id));
	file_test_recall(f, f->admin, &id, &file, NULL);
	audit_test_whole(f);
	put_rights_back(f);
	expect_files_back(f, &file);
	recall_test_whole(f, f->admin, &id, STR(""));
	audit_test_whole(f);
	put_rights_back(f);
	expect_files_back(f, &file);
}

/* ---- texts of mails, settings ---- */

static void write_text(struct core_fixture *f, const char *subject, const char *body)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	const struct texts_words words = {.subject = str_of(subject), .body = str_of(body)};
	core_fixture_sleep(f, 10);
	assert_int_equal(texts_write(&cx, TEXTS_INVITATION, language_find(STR("en")),
				     subject[0] ? &words : NULL, -1, &errors),
			 OK);
}

static void expect_text_is(struct core_fixture *f, const char *said, const char *is)
{
	audit_test_expect(f, AUDIT_PROBLEM_MAIL_TEXT_OTHER, audit_test_last(f));
	struct audit_problem problem = audit_test_verify(f).problems[0];
	assert_str(problem.name, STR("invitation en"));
	assert_str(problem.said, str_of(said));
	assert_str(problem.is, str_of(is));
}

static void an_older_text_put_back_is_named(void **state)
{
	struct core_fixture *f = *state;
	write_text(f, "First", "{link}");
	write_text(f, "Second", "{link} once");
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM mail_texts WHERE version = 2");
	audit_test_whole(f);
	assert_int_equal(audit_test_verify(f).report.texts, 1);
	store_direct_run(f->url, "DELETE FROM mail_texts WHERE version = 2");
	expect_text_is(f, "2: Second", "1: First");
	/* As if nobody had ever written one. */
	store_direct_run(f->url, "CREATE TABLE all_of_it AS SELECT * FROM mail_texts; DELETE FROM "
				 "mail_texts");
	expect_text_is(f, "2: Second", "standard");
	store_direct_run(f->url, "INSERT INTO mail_texts SELECT * FROM all_of_it");
	/* A second one again, with the same subject: the one that was taken out is not it. */
	write_text(f, "Second", "{link} twice");
	audit_test_whole(f);
	store_direct_run(f->url, "DELETE FROM mail_texts WHERE version = 2; INSERT INTO mail_texts "
				 "SELECT * FROM kept");
	expect_text_is(f, "2: Second", "2: Second");
	write_text(f, "", "");
	audit_test_whole(f);
	store_direct_run(f->url, "DELETE FROM mail_texts WHERE version = 3");
	expect_text_is(f, "3 standard", "2: Second");
}

static void set(struct core_fixture *f, const char *name, const char *value)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct setting_change change = {str_of(name), str_of(value)};
	struct form_errors errors = {.count = 0};
	assert_int_equal(settings_live_change(&cx, &change, 1, 0, &errors), OK);
}

static void an_older_setting_put_back_is_named(void **state)
{
	struct core_fixture *f = *state;
	set(f, "seat_limit", "20");
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM settings WHERE name = "
				 "'seat_limit'");
	set(f, "seat_limit", "10");
	int64_t number = audit_test_last(f);
	set(f, "support", "help@example.com");
	audit_test_by(f, AUDIT_BRANDING, &f->admin->user.id);
	assert_str(audit_test_newest(f, AUDIT_BRANDING).after, STR("help@example.com"));
	audit_test_whole(f);
	assert_int_equal(audit_test_verify(f).report.settings, 2);
	store_direct_run(f->url, "DELETE FROM settings WHERE name = 'seat_limit'; INSERT INTO "
				 "settings SELECT * FROM kept");
	audit_test_expect(f, AUDIT_PROBLEM_SETTING_OTHER, number);
	struct audit_problem problem = audit_test_verify(f).problems[0];
	assert_str(problem.name, STR("seat_limit"));
	assert_str(problem.said, STR("10"));
	assert_str(problem.is, STR("20"));
	/* Taken out: the default holds. */
	store_direct_run(f->url, "DELETE FROM settings WHERE name = 'seat_limit'");
	audit_test_expect(f, AUDIT_PROBLEM_SETTING_OTHER, number);
	assert_int_equal(settings_live_refresh(f->portal), OK);
	set(f, "seat_limit", "10");
	audit_test_whole(f);
	store_direct_run(f->url, "DELETE FROM settings WHERE name = 'support'");
	assert_int_equal(audit_test_verify(f).count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_user_put_back_is_named),
		CORE_TEST(a_rule_put_back_is_named),
		CORE_TEST(a_recalled_delivery_put_back_is_named),
		CORE_TEST(a_recalled_file_put_back_is_named),
		CORE_TEST(an_older_text_put_back_is_named),
		CORE_TEST(an_older_setting_put_back_is_named),
	};
	return engines_test_run("audit_rows", tests, sizeof(tests) / sizeof(tests[0]));
}
