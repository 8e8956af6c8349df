/* P4.4: what has ended since a backup was made does not come back with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backup/backup_test_support.h"
#include "base/limits.h"
#include "core/audit_test_support.h"
#include "core/file_test_support.h"
#include "core/mailbox_move.h"
#include "core/overview.h"
#include "core/people_change.h"
#include "core/people_erase.h"
#include "core/recall_test_support.h"
#include "core/registration_rule.h"
#include "core/tracking.h"

#define GABI STR("gabi@example.org")

static void sessions_and_waiting_mails_have_ended(void **state)
{
	struct core_fixture *f = *state;
	struct backup_test_place place = backup_test_place(f);
	char url[128], name[128];
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	backup_test_make(f);
	snprintf(url, sizeof(url), "sqlite:%s/postern.db", place.folder);
	struct restore_report report = backup_test_restore(f, STR_NONE);
	assert_int_equal(report.mails, 1);
	assert_int_equal(
		backup_test_number(url, "SELECT COUNT(*) FROM ways_in WHERE kind IN (2, 3, 7)"), 0);
	assert_int_equal(backup_test_number(url, "SELECT COUNT(*) FROM mails WHERE state = 1"), 0);
	assert_int_equal(backup_test_number(url, "SELECT COUNT(*) FROM mails WHERE state = 5 AND "
						 "LENGTH(content) = 0"),
			 1);
	snprintf(name, sizeof(name), "%s1", place.folder);
	assert_int_equal(rename(place.folder, name), 0);
	struct restore_options options = backup_test_options(f, &place);
	options.keeps_queue = true;
	assert_int_equal(restore_portal(&options, &f->arena, &report), OK);
	assert_int_equal(report.mails, 0);
	assert_int_equal(backup_test_number(url, "SELECT COUNT(*) FROM mails WHERE state = 1"), 1);
}

/* It did not come back, and nobody says so. */
static void an_invitation_that_waited_is_told_until_it_is_sent_again(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct sent sent = core_fixture_send(f, f->admin, STR("paul@example.com"), STR("Findings"),
					     STR("Secret"));
	backup_test_make(f);
	/* Gabi's notification, Paul's and his invitation. */
	assert_int_equal(backup_test_restore(f, STR_NONE).mails, 3);
	backup_test_move_in(f);
	struct session *admin =
		core_fixture_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD);
	struct cx cx = core_fixture_cx(f, admin);
	struct overview overview;
	struct form_errors errors = {.count = 0};
	assert_int_equal(overview_read(&cx, OVERVIEW_DAYS, &overview), OK);
	assert_int_equal(overview.mails.bounced, 0);
	assert_int_equal(overview.bounced_count, 0);
	assert_int_equal(overview.mails.waiting, 0);
	assert_int_equal(overview.mails.not_sent, 1);
	struct message_view view = core_fixture_open(f, admin, &sent.id);
	assert_int_equal(view.people[0].mail, MAIL_NOT_SENT);
	assert_int_equal(tracking_state_of(&view.people[0]), TRACKING_NOT_SENT);
	struct user paul = core_fixture_user(f, STR("paul@example.com"));
	core_fixture_sleep(f, 1);
	assert_int_equal(people_invite_again(&cx, &paul.id, &errors), OK);
	assert_int_equal(overview_read(&cx, OVERVIEW_DAYS, &overview), OK);
	assert_int_equal(overview.mails.not_sent, 0);
	assert_int_equal(overview.mails.waiting, 1);
}

static void what_expired_since_has_ended(void **state)
{
	struct core_fixture *f = *state;
	struct backup_test_place place = backup_test_place(f);
	char url[128];
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	const struct draft draft = {.to = GABI,
				    .subject = STR("Soon gone"),
				    .body = STR("Secret"),
				    .expires = STR("2026-01-02T00:00:00Z")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	backup_test_make(f);
	core_fixture_sleep(f, 3 * DAY_MS);
	backup_test_restore(f, STR_NONE);
	snprintf(url, sizeof(url), "sqlite:%s/postern.db", place.folder);
	assert_int_equal(backup_test_number(url, "SELECT COUNT(*) FROM deliveries WHERE ended = 2"),
			 1);
}

/* ---- what was destroyed since ---- */

/* Of each kind one, after the backup. */
struct destroyed_scene {
	struct session *gabi;
	struct id whole, partly, with_file, file, deleted;
};

static void destroy_some(struct core_fixture *f, struct destroyed_scene *scene)
{
	struct sent sent;
	scene->gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_GUEST);
	scene->whole = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret")).id;
	assert_str(core_fixture_open(f, scene->gabi, &scene->whole).body, STR("Secret"));
	const struct draft draft = {.to = STR("gabi@example.org, paul@example.com"),
				    .subject = STR("Findings"),
				    .body = STR("Secret")};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	scene->partly = sent.id;
	scene->file = file_test_pdf(f, f->admin, "plan.pdf");
	scene->with_file = file_test_give(f, f->admin, "gabi@example.org", &scene->file);
	scene->deleted = core_fixture_send(f, f->admin, GABI, STR("Old"), STR("Secret")).id;
	backup_test_make(f);
	core_fixture_sleep(f, HOUR_MS);
	recall_test_whole(f, f->admin, &scene->whole, STR("Wrong person"));
	recall_test_from(f, f->admin, &scene->partly, GABI, STR(""));
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(
		file_recall(&cx, &scene->with_file, &scene->file, &wish, &recalled, &errors), OK);
	cx = core_fixture_cx(f, scene->gabi);
	assert_int_equal(mailbox_move(&cx, &scene->deleted, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &scene->deleted, 1), OK);
}

static void what_was_recalled_since_stays_closed(void **state)
{
	struct core_fixture *f = *state;
	struct destroyed_scene scene;
	destroy_some(f, &scene);
	struct restore_report report = backup_test_restore(f, STR_NONE);
	assert_non_null(report.journal);
	assert_int_equal(report.destroyed.keys, 4);
	assert_int_equal(report.destroyed.begun_ms, report.at_ms + HOUR_MS);
	backup_test_move_in(f);
	struct session *gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	struct message_view view = core_fixture_open(f, gabi, &scene.whole);
	assert_int_equal(view.ended, DELIVERY_RECALLED);
	assert_int_equal(view.body.len, 0);
	assert_str(view.subject, STR("Findings"));
	assert_str(view.reason, STR("Wrong person"));
	assert_int_equal(core_fixture_open(f, gabi, &scene.partly).ended, DELIVERY_RECALLED);
	assert_int_not_equal(file_test_read(f, gabi, &scene.file, &scene.with_file), OK);
	struct cx cx = core_fixture_cx(f, gabi);
	struct message_view gone;
	assert_int_equal(mailbox_open(&cx, &scene.deleted, &gone), ERR_NOT_FOUND);
	struct session *paul =
		core_fixture_sign_in(f, STR("paul@example.com"), CORE_FIXTURE_PASSWORD);
	assert_str(core_fixture_open(f, paul, &scene.partly).body, STR("Secret"));
	assert_int_equal(recall_test_entries(f, &scene.whole), 1);
	/* Once more: nothing is left to do. */
	backup_test_make(f);
}

static void who_was_erased_since_is_erased_again(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	backup_test_make(f);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(people_erase(&cx, &gabi->user.id, NULL, &errors), OK);
	backup_test_restore(f, STR_NONE);
	backup_test_move_in(f);
	struct db *db CLEANUP_READ = NULL;
	struct user user;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(users_by_id(db, &f->arena, &gabi->user.id, &user), OK);
	assert_true(users_is_erased(&user));
	assert_true(user.state == USER_DISABLED);
}

/* ---- what administrators decided since ---- */

static struct id meet(struct core_fixture *f, const char *address, enum grade grade)
{
	struct session *session = core_fixture_person(f, str_of(address), STR("Somebody"), grade);
	return session->user.id;
}

static void change(struct core_fixture *f, struct session *session, const struct id *id,
		   struct people_change change)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {.count = 0};
	assert_int_equal(people_change(&cx, id, &change, NULL, &errors), OK);
}

#define IS_DISABLED ((struct people_change){.has_state = true})
#define IS_ENABLED ((struct people_change){.has_state = true, .is_enabled = true})
#define IS_GRADE(g) ((struct people_change){.has_grade = true, .grade = (g)})
#define IS_ADMINISTRATOR                                                                           \
	((struct people_change){.has_grade = true,                                                 \
				.has_role = true,                                                  \
				.grade = GRADE_PROFESSIONAL,                                       \
				.role = ROLE_ADMINISTRATOR})

static void rule(struct core_fixture *f, const char *pattern, const char *words)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	struct rule ret;
	struct rule_typed typed = {.pattern = str_of(pattern),
				   .is_allowed = strcmp(words, "refused") != 0};
	if (strcmp(words, "allowed guest") == 0)
		typed.grade = STR("guest");
	core_fixture_sleep(f, 1);
	if (words[0])
		assert_int_equal(
			registration_rule_save(&cx, &typed, RULE_EITHER, 0, &ret, NULL, &errors),
			OK);
	else
		assert_int_equal(registration_rule_delete(&cx, str_of(pattern), 0), OK);
}

/* As the housekeeper does every few seconds. */
static void flush(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, NULL);
	destroyed_journal_flush(&cx);
}

static void expect_user(struct core_fixture *f, const char *address, const char *words)
{
	struct user user = core_fixture_user(f, str_of(address));
	assert_str(audit_user_words(&f->arena, &user), str_of(words));
}

static void expect_rule(struct core_fixture *f, const char *pattern, const char *words)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct rule found;
	enum err err = registration_rule_get(&cx, str_of(pattern), &found);
	if (err != (words[0] ? OK : ERR_NOT_FOUND))
		fail_msg("%s: %s", pattern, err_name(err));
	if (words[0])
		assert_str(audit_rule_words(&f->arena, &found), str_of(words));
}

static void expect_decided(struct core_fixture *f)
{
	expect_user(f, "lowered@example.org", "guest member active");
	expect_user(f, "untitled@example.org", "professional member active");
	expect_user(f, "disabled@example.org", "professional member disabled");
	expect_user(f, "back@example.org", "guest member active");
	expect_user(f, "raised@example.org", "professional member active");
	expect_user(f, "same@example.org", "professional member active");
	expect_rule(f, "refused.example", "refused");
	expect_rule(f, "gone.example", "");
	expect_rule(f, ".again.example", "allowed guest");
	expect_rule(f, "kept.example", "allowed");
	audit_test_whole(f);
}

/* Of each kind one, after the backup. */
static void decide(struct core_fixture *f)
{
	struct id lowered = meet(f, "lowered@example.org", GRADE_PROFESSIONAL);
	struct id untitled = meet(f, "untitled@example.org", GRADE_PROFESSIONAL);
	struct id disabled = meet(f, "disabled@example.org", GRADE_PROFESSIONAL);
	struct id back = meet(f, "back@example.org", GRADE_GUEST);
	struct id raised = meet(f, "raised@example.org", GRADE_GUEST);
	struct id erased = meet(f, "erased@example.org", GRADE_PROFESSIONAL);
	meet(f, "same@example.org", GRADE_PROFESSIONAL);
	change(f, f->admin, &untitled, IS_ADMINISTRATOR);
	rule(f, "gone.example", "refused");
	rule(f, ".again.example", "allowed");
	rule(f, "kept.example", "allowed");
	backup_test_make(f);
	core_fixture_sleep(f, HOUR_MS);
	change(f, f->admin, &lowered, IS_GRADE(GRADE_GUEST));
	change(f, f->admin, &untitled, (struct people_change){.has_role = true});
	change(f, f->admin, &disabled, IS_DISABLED);
	change(f, f->admin, &back, IS_DISABLED);
	change(f, f->admin, &back, IS_ENABLED); /* within the same millisecond */
	change(f, f->admin, &raised, IS_GRADE(GRADE_PROFESSIONAL));
	change(f, f->admin, &erased, IS_GRADE(GRADE_GUEST));
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(people_erase(&cx, &erased, NULL, &errors), OK);
	struct id later = meet(f, "later@example.org", GRADE_PROFESSIONAL);
	change(f, f->admin, &later, IS_DISABLED);
	rule(f, "refused.example", "refused");
	rule(f, "gone.example", "");
	rule(f, ".again.example", "refused");
	rule(f, ".again.example", "allowed guest");
	flush(f);
	expect_decided(f);
}

static void expect_no_way_in(struct core_fixture *f)
{
	struct form_errors errors = {.count = 0};
	struct sent sent;
	assert_int_equal(
		core_test_sign_in(f, STR("disabled@example.org"), CORE_FIXTURE_PASSWORD, NULL),
		ERR_DENIED);
	struct session *admin =
		core_fixture_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD);
	const struct draft draft = {
		.to = STR("x@refused.example"), .subject = STR("S"), .body = STR("B")};
	assert_int_equal(core_fixture_try_send(f, admin, &draft, &sent, &errors), ERR_INVALID);
}

static void who_was_disabled_or_lowered_since_stays_so(void **state)
{
	struct core_fixture *f = *state;
	decide(f);
	struct restore_report report = backup_test_restore(f, STR_NONE);
	const struct decisions_done *done = &report.destroyed.decisions;
	assert_int_equal(done->people, 4); /* "back" is as it was, "erased" is gone */
	assert_int_equal(done->rules, 3);
	assert_int_equal(done->kept, 0);
	backup_test_move_in(f);
	expect_decided(f);
	expect_no_way_in(f);
	assert_int_equal(audit_test_newest(f, AUDIT_RULE).entry.actor_id.text[0], '\0');
	/* The journal of the new portal goes on: what is decided there holds for the next restore.
	 */
	struct user disabled = core_fixture_user(f, STR("disabled@example.org"));
	core_fixture_sleep(f, HOUR_MS);
	change(f, NULL, &disabled.id, IS_ENABLED);
	flush(f);
	char folder[128], journal[160];
	struct backup_test_place place = backup_test_place(f);
	portal_close(f->portal);
	snprintf(folder, sizeof(folder), "%s1", place.folder);
	assert_int_equal(rename(place.folder, folder), 0);
	snprintf(journal, sizeof(journal), "%s/destructions.log", folder);
	struct restore_options options = backup_test_options(f, &place);
	options.destructions = str_of(journal);
	assert_int_equal(restore_portal(&options, &f->arena, &report), OK);
	assert_int_equal(portal_open(&f->options, &f->portal), OK);
	expect_user(f, "disabled@example.org", "professional member active");
	expect_user(f, "lowered@example.org", "guest member active");
	expect_rule(f, "refused.example", "refused");
	audit_test_whole(f);
}

static void so_they_do_in_the_other_engine(void **state)
{
	struct core_fixture *f = *state;
	struct store_fixture other;
	if (!store_fixture_has_postgres())
		skip();
	decide(f);
	store_fixture_init(&other, true);
	assert_int_equal(backup_test_restore(f, str_of(other.url)).destroyed.decisions.people, 4);
	backup_test_move_in_at(f, str_of(other.url));
	expect_decided(f);
	expect_no_way_in(f);
	/* Before its schema goes. */
	portal_close(f->portal);
	f->portal = NULL;
	store_fixture_release(&other);
}

/* Who administers since was raised since: in any order of the journal both come to be. */
static void the_first_administrator_can_be_lowered_again(void **state)
{
	struct core_fixture *f = *state;
	struct id next = meet(f, "next@example.org", GRADE_GUEST);
	backup_test_make(f);
	change(f, f->admin, &next, IS_ADMINISTRATOR);
	struct session *session =
		core_fixture_sign_in(f, STR("next@example.org"), CORE_FIXTURE_PASSWORD);
	change(f, session, &f->admin->user.id, IS_GRADE(GRADE_GUEST));
	flush(f);
	struct restore_report report = backup_test_restore(f, STR_NONE);
	assert_int_equal(report.destroyed.decisions.people, 2);
	backup_test_move_in(f);
	expect_user(f, "next@example.org", "professional administrator active");
	expect_user(f, "admin@example.com", "guest member active");
}

/* Of who came since the backup knows nothing: somebody must be able to administer. */
static void the_only_administrator_of_a_backup_stays(void **state)
{
	struct core_fixture *f = *state;
	backup_test_make(f);
	struct id next = meet(f, "next@example.org", GRADE_PROFESSIONAL);
	change(f, f->admin, &next, IS_ADMINISTRATOR);
	struct session *session =
		core_fixture_sign_in(f, STR("next@example.org"), CORE_FIXTURE_PASSWORD);
	change(f, session, &f->admin->user.id, IS_DISABLED);
	flush(f);
	struct restore_report report = backup_test_restore(f, STR_NONE);
	assert_int_equal(report.destroyed.decisions.people, 0);
	assert_int_equal(report.destroyed.decisions.kept, 1);
	backup_test_move_in(f);
	expect_user(f, "admin@example.com", "professional administrator active");
}

/* The limit: as docs/BACKUP.md says. */
static void without_the_journal_it_is_open_again(void **state)
{
	struct core_fixture *f = *state;
	struct destroyed_scene scene;
	struct backup_test_place place = backup_test_place(f);
	struct restore_options options = backup_test_options(f, &place);
	struct restore_report report;
	destroy_some(f, &scene);
	options.ignores_destructions = true;
	assert_int_equal(restore_portal(&options, &f->arena, &report), OK);
	assert_null(report.journal);
	backup_test_move_in(f);
	struct session *gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	assert_str(core_fixture_open(f, gabi, &scene.whole).body, STR("Secret"));
}

static void a_journal_that_was_changed_is_refused(void **state)
{
	struct core_fixture *f = *state;
	struct destroyed_scene scene;
	struct backup_test_place place = backup_test_place(f);
	struct restore_options options = backup_test_options(f, &place);
	struct restore_report report;
	char path[128];
	destroy_some(f, &scene);
	snprintf(path, sizeof(path), "%s/destructions.log", f->folder);
	struct str whole = backup_test_read(f, path);
	options.destructions = str_of(path);
	size_t second = (size_t)str_find_char(whole, '\n') + 1;
	struct str rest = str_slice(whole, second, whole.len);
	size_t third = second + (size_t)str_find_char(rest, '\n') + 1;
	for (int way = 0; way < 4; way++) {
		struct buf changed CLEANUP_BUF;
		buf_init(&changed, 1 << 20);
		buf_add(&changed, whole);
		if (way == 0) /* a line less */
			memmove(changed.data + second, changed.data + third, whole.len - third);
		changed.len -= way == 0 ? third - second : 0;
		if (way == 1) /* a line without its beginning */
			memmove(changed.data, changed.data + second, changed.len -= second);
		if (way == 2) /* another byte */
			changed.data[second + 40] ^= 1;
		if (way == 3) /* a line behind it */
			buf_add(&changed, STR("01KDVDNA00A2H8SZC8S2R9F1WA X a b | 00\n"));
		int fd = open(path, O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, changed.data, changed.len), changed.len);
		close(fd);
		assert_int_equal(restore_portal(&options, &f->arena, &report), ERR_CORRUPT);
		assert_int_equal(report.failure, RESTORE_JOURNAL_BAD);
	}
	/* The last line was cut off in writing: the next one mends that. */
	int fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, whole.data, whole.len), whole.len);
	assert_int_equal(write(fd, "01KDVDNA00", 10), 10);
	close(fd);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	recall_test_whole(f, f->admin, &sent.id, STR(""));
	assert_int_equal(restore_portal(&options, &f->arena, &report), OK);
	assert_int_equal(report.destroyed.keys, 4);
	assert_int_equal(report.check.problems, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(sessions_and_waiting_mails_have_ended),
		CORE_TEST(an_invitation_that_waited_is_told_until_it_is_sent_again),
		CORE_TEST(what_expired_since_has_ended),
		CORE_TEST(what_was_recalled_since_stays_closed),
		CORE_TEST_STRICT(what_was_recalled_since_stays_closed),
		CORE_TEST(who_was_erased_since_is_erased_again),
		CORE_TEST(who_was_disabled_or_lowered_since_stays_so),
		CORE_TEST(so_they_do_in_the_other_engine),
		CORE_TEST(the_first_administrator_can_be_lowered_again),
		CORE_TEST(the_only_administrator_of_a_backup_stays),
		CORE_TEST(without_the_journal_it_is_open_again),
		CORE_TEST(a_journal_that_was_changed_is_refused),
	};
	return engines_test_run("restore_since", tests, sizeof(tests) / sizeof(tests[0]));
}
