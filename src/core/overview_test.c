/* Figures for administrators (P7): counted once, whatever happens meanwhile; e-mails in trouble;
 * never content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/audit_test_support.h"
#include "core/backup_last.h"
#include "core/housekeeping.h"
#include "core/overview.h"
#include "core/people.h"
#include "core/people_erase.h"
#include "core/texts.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")

static struct overview look(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct overview overview;
	assert_int_equal(overview_read(&cx, OVERVIEW_DAYS, &overview), OK);
	return overview;
}

static void sweep(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(statistics_sweep(&cx), OK);
}

static void send_some(struct core_fixture *f, int count)
{
	for (int i = 0; i < count; i++)
		core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Text"));
}

/* How many messages the last day has, and the one before. */
static void expect_days(struct core_fixture *f, int64_t today, int64_t yesterday)
{
	struct overview overview = look(f);
	assert_int_equal(overview.day_count, OVERVIEW_DAYS);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 1].messages, today);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 2].messages, yesterday);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 1].day, f->clock.now_ms / DAY_MS);
}

static void to_hour(struct core_fixture *f, int64_t hour)
{
	int64_t now_ms = f->clock.now_ms;
	core_fixture_sleep(f, DAY_MS - now_ms % DAY_MS + hour * HOUR_MS);
}

static void messages_count_on_the_day_they_were_sent(void **state)
{
	struct core_fixture *f = *state;
	to_hour(f, 12);
	expect_days(f, 0, 0);
	send_some(f, 3);
	expect_days(f, 3, 0); /* nobody has swept yet */
	sweep(f);
	expect_days(f, 3, 0);
	core_fixture_sleep(f, HOUR_MS);
	sweep(f);
	expect_days(f, 3, 0);
	sweep(f); /* and not again */
	expect_days(f, 3, 0);
	send_some(f, 2);
	expect_days(f, 5, 0);
	core_fixture_sleep(f, 11 * HOUR_MS + 1000); /* past midnight UTC */
	expect_days(f, 0, 5);
	send_some(f, 1);
	expect_days(f, 1, 5);
	core_fixture_sleep(f, HOUR_MS);
	sweep(f);
	expect_days(f, 1, 5);
	core_fixture_reopen(f);
	sweep(f);
	expect_days(f, 1, 5);
}

/* A sweep just after midnight meets messages of both days, of which the newest are not settled. */
static void a_sweep_at_midnight_counts_each_day_for_itself(void **state)
{
	struct core_fixture *f = *state;
	to_hour(f, 23);
	core_fixture_sleep(f, 45 * MINUTE_MS);
	send_some(f, 2);
	core_fixture_sleep(f, 16 * MINUTE_MS);
	send_some(f, 3);
	sweep(f);
	expect_days(f, 3, 2);
	core_fixture_sleep(f, HOUR_MS);
	sweep(f);
	expect_days(f, 3, 2);
}

static void what_was_sent_stays_counted_when_it_is_gone(void **state)
{
	struct core_fixture *f = *state;
	to_hour(f, 12);
	send_some(f, 2);
	core_fixture_sleep(f, HOUR_MS);
	sweep(f);
	store_direct_run(f->url, "DELETE FROM message_texts; DELETE FROM mails; DELETE FROM "
				 "exchanges; DELETE FROM tracks; DELETE FROM deliveries; DELETE "
				 "FROM messages");
	sweep(f);
	expect_days(f, 2, 0);
}

static void days_that_nobody_counted_are_counted_at_once(void **state)
{
	struct core_fixture *f = *state;
	to_hour(f, 12);
	send_some(f, 2);
	core_fixture_sleep(f, 2 * DAY_MS);
	send_some(f, 1);
	struct overview overview = look(f);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 3].messages, 2);
	sweep(f);
	overview = look(f);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 3].messages, 2);
	expect_days(f, 1, 0);
	/* After a hundred days they are out of sight, and new ones are counted as ever. */
	core_fixture_sleep(f, 100 * DAY_MS);
	sweep(f);
	send_some(f, 1);
	expect_days(f, 1, 0);
}

static enum err count_from_the_beginning(struct db *db, void *argument)
{
	const struct core_fixture *f = argument;
	struct id none = {""}, now = id_first_at(f->clock.now_ms);
	return stats_count(db, &none, &now, f->clock.now_ms / DAY_MS, 2);
}

static void two_who_count_the_same_count_it_once(void **state)
{
	struct core_fixture *f = *state;
	to_hour(f, 12);
	send_some(f, 2);
	core_fixture_sleep(f, HOUR_MS);
	sweep(f);
	/* Another process has looked before the mark moved. */
	assert_int_equal(store_transact(f->portal->store, count_from_the_beginning, f, NULL),
			 ERR_CONFLICT);
	expect_days(f, 2, 0);
}

static void storage_is_what_was_last_measured(void **state)
{
	struct core_fixture *f = *state;
	to_hour(f, 12);
	struct overview overview = look(f);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 1].database_bytes, 0);
	sweep(f);
	overview = look(f);
	int64_t bytes = overview.days[OVERVIEW_DAYS - 1].database_bytes;
	assert_true(bytes > 10000);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 2].database_bytes, 0);
	/* Nobody looked for three days: it was as before. */
	core_fixture_sleep(f, 3 * DAY_MS);
	overview = look(f);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 1].database_bytes, bytes);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 4].database_bytes, bytes);
	assert_int_equal(overview.days[OVERVIEW_DAYS - 5].database_bytes, 0);
}

static void people_by_grade_and_state(void **state)
{
	struct core_fixture *f = *state;
	struct overview overview = look(f);
	assert_int_equal(overview.people[GRADE_PROFESSIONAL][USER_ACTIVE], 1);
	assert_int_equal(overview.seats, 1);
	assert_int_equal(overview.seat_limit, 0);
	assert_int_equal(overview.administrators, 1);
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	core_fixture_send(f, f->admin, STR("dora@example.org"), STR("Hello"), STR("Text"));
	core_fixture_set(f, "seat_limit", STR("5"));
	overview = look(f);
	assert_int_equal(overview.people[GRADE_PROFESSIONAL][USER_ACTIVE], 2);
	assert_int_equal(overview.people[GRADE_GUEST][USER_ACTIVE], 1);
	assert_int_equal(overview.people[GRADE_GUEST][USER_INVITED], 1);
	assert_int_equal(overview.seats, 2);
	assert_int_equal(overview.seat_limit, 5);
}

/* What is kept is what there is, whoever looks at it how. */
static void expect_people(struct core_fixture *f, int64_t guests, int64_t invited, int64_t disabled,
			  int64_t professionals)
{
	struct db *db CLEANUP_READ = NULL;
	struct stats_people *said, *there;
	size_t said_count, there_count;
	struct overview overview = look(f);
	assert_int_equal(overview.people[GRADE_GUEST][USER_ACTIVE], guests);
	assert_int_equal(overview.people[GRADE_GUEST][USER_INVITED], invited);
	assert_int_equal(overview.people[GRADE_GUEST][USER_DISABLED], disabled);
	assert_int_equal(overview.people[GRADE_PROFESSIONAL][USER_ACTIVE], professionals);
	assert_int_equal(overview.seats, professionals);
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(stats_people(db, &f->arena, &said, &said_count), OK);
	assert_int_equal(stats_people_look(db, &f->arena, &there, &there_count), OK);
	assert_int_equal(said_count, there_count);
	for (size_t i = 0; i < said_count; i++)
		assert_memory_equal(&said[i], &there[i], sizeof(said[i]));
}

static void people_are_counted_as_they_come_change_and_go(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	expect_people(f, 0, 0, 0, 1);
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Text"));
	expect_people(f, 0, 1, 0, 1);
	core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_GUEST);
	expect_people(f, 1, 1, 0, 1);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id gabi = core_fixture_user(f, GUEST).id;
	struct id paul = core_fixture_user(f, STR("paul@example.com")).id;
	assert_int_equal(people_set_grade(&cx, &paul, GRADE_PROFESSIONAL), OK);
	expect_people(f, 0, 1, 0, 2);
	assert_int_equal(people_set_grade(&cx, &paul, GRADE_PROFESSIONAL), OK); /* is so already */
	expect_people(f, 0, 1, 0, 2);
	assert_int_equal(people_set_grade(&cx, &paul, GRADE_GUEST), OK);
	assert_int_equal(people_enable(&cx, &gabi, false), OK);
	expect_people(f, 1, 0, 1, 1);
	assert_int_equal(account_rename(&cx, STR("Ada A. Admin"), &errors), OK);
	expect_people(f, 1, 0, 1, 1);
	assert_int_equal(people_erase(&cx, &gabi, NULL, &errors), OK);
	expect_people(f, 1, 0, 0, 1);
	assert_int_equal(people_erase(&cx, &paul, NULL, &errors), OK);
	expect_people(f, 0, 0, 0, 1);
	sweep(f);
	expect_people(f, 0, 0, 0, 1);
	core_fixture_reopen(f);
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST); /* invited anew */
	expect_people(f, 1, 0, 0, 1);
}

/* A transaction that does not hold counts nobody. */
static enum err take_back(struct db *db, void *argument)
{
	const struct user *gabi = argument;
	struct user next = *gabi;
	next.grade = GRADE_PROFESSIONAL;
	TRY(users_update(db, &next, (struct users_keys){{0}}));
	return ERR_DENIED;
}

static void what_was_counted_wrongly_is_mended(void **state)
{
	struct core_fixture *f = *state;
	static const char *const wrongs[] = {
		"UPDATE stats_people SET value = value + 7",
		"DELETE FROM stats_people",
		"INSERT INTO stats_people (grade, state, value) VALUES (9, 9, 9)",
	};
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct user gabi = core_fixture_user(f, GUEST);
	assert_int_equal(store_transact(f->portal->store, take_back, &gabi, NULL), ERR_DENIED);
	expect_people(f, 1, 0, 0, 1);
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		store_direct_run(f->url, wrongs[i]);
		sweep(f);
		expect_people(f, 1, 0, 0, 1);
	}
}

/* ---- e-mails ---- */

static void settle_all(struct core_fixture *f, enum outbox_result result, struct str reply)
{
	for (;;) {
		struct cx cx = core_fixture_cx(f, NULL);
		struct outbox_mail mail;
		int64_t next_due_ms;
		enum err err = outbox_claim(&cx, OUTBOX_CLAIM_MS, &mail, &next_due_ms);
		if (err == ERR_NOT_FOUND)
			return;
		assert_int_equal(err, OK);
		assert_int_equal(outbox_settle(&cx, &mail, result, reply), OK);
	}
}

static void what_came_back_is_shown_until_it_is_taken_off(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Text"));
	struct overview overview = look(f);
	assert_int_equal(overview.mails.waiting, 2); /* the invitation, too */
	assert_int_equal(overview.mails.bounced, 0);
	settle_all(f, OUTBOX_BOUNCED, STR("550 5.1.1 There is no such person here"));
	overview = look(f);
	assert_int_equal(overview.mails.waiting, 0);
	assert_int_equal(overview.mails.bounced, 2);
	assert_int_equal(overview.bounced_count, 2);
	assert_str(overview.bounced[0].user.address, GUEST);
	assert_str(overview.bounced[0].reply, STR("550 5.1.1 There is no such person here"));
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = overview.bounced[0].id;
	assert_int_equal(overview_take_mail_off(&cx, &id), OK);
	audit_test_says(f, AUDIT_MAIL_TAKEN_OFF, &f->admin->user.id,
			"Ada Admin took an e-mail for gabi@example.org off the queue.");
	assert_int_equal(overview_take_mail_off(&cx, &id), ERR_NOT_FOUND);
	overview = look(f);
	assert_int_equal(overview.mails.bounced, 1);
	/* P3.4: its sender sees it as before. */
	char *bounced = store_direct_read(f->url, "SELECT COUNT(*) FROM mails WHERE state = 3");
	assert_string_equal(bounced, "2");
	free(bounced);
}

static void what_was_put_off_is_tried_at_once_or_given_up(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Text"));
	for (int i = 0; i < 4; i++) { /* now they wait for a quarter of an hour */
		settle_all(f, OUTBOX_RETRY, STR("450 later"));
		core_fixture_sleep(f, i < 3 ? 6 * MINUTE_MS : MINUTE_MS);
	}
	struct overview overview = look(f);
	assert_int_equal(overview.mails.retrying, 2);
	assert_int_equal(overview.mails.waiting, 0);
	assert_int_equal(overview.retrying[0].attempts, 4);
	assert_str(overview.retrying[0].reply, STR("450 later"));
	struct cx cx = core_fixture_cx(f, f->admin);
	struct outbox_mail mail;
	int64_t due_ms, count;
	assert_int_equal(outbox_claim(&cx, OUTBOX_CLAIM_MS, &mail, &due_ms), ERR_NOT_FOUND);
	assert_int_equal(overview_retry_mails(&cx, &count), OK);
	assert_int_equal(count, 2);
	audit_test_says(f, AUDIT_MAILS_RETRIED, &f->admin->user.id,
			"Ada Admin had waiting e-mails tried again: 2.");
	assert_int_equal(overview_retry_mails(&cx, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(outbox_claim(&cx, OUTBOX_CLAIM_MS, &mail, &due_ms), OK);
	/* What is on its way just now is not made due for another worker. */
	assert_int_equal(overview_retry_mails(&cx, &count), OK);
	assert_int_equal(count, 0);
	/* Given up while it is: what comes of it is not noted. */
	assert_int_equal(overview_take_mail_off(&cx, &mail.id), OK);
	assert_int_equal(outbox_settle(&cx, &mail, OUTBOX_ACCEPTED, STR("250 fine")),
			 ERR_NOT_FOUND);
	overview = look(f);
	assert_int_equal(overview.mails.retrying, 1);
	assert_int_equal(overview.mails.bounced, 0);
	char *left = store_direct_read(f->url, "SELECT COUNT(*) FROM mails WHERE state = 3 AND "
					       "length(content) = 0 AND reply <> ''");
	assert_string_equal(left, "1");
	free(left);
}

static void one_that_was_never_tried_is_not_given_up(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Text"));
	char *text = store_direct_read(f->url, "SELECT MAX(id) FROM mails WHERE state = 1");
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id, none = id_new(f->clock.now_ms);
	assert_int_equal(id_parse(str_of(text), &id), OK);
	free(text);
	assert_int_equal(overview_take_mail_off(&cx, &id), ERR_NOT_FOUND);
	assert_int_equal(overview_take_mail_off(&cx, &none), ERR_NOT_FOUND);
}

static void only_administrators_see_or_do_any_of_it(void **state)
{
	struct core_fixture *f = *state;
	struct session *others[] = {
		core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST),
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL)};
	for (size_t i = 0; i < 2; i++) {
		struct cx cx = core_fixture_cx(f, others[i]);
		struct overview overview;
		struct id id = id_new(f->clock.now_ms);
		int64_t count;
		assert_int_equal(overview_read(&cx, OVERVIEW_DAYS, &overview), ERR_DENIED);
		assert_int_equal(overview_retry_mails(&cx, &count), ERR_DENIED);
		assert_int_equal(overview_take_mail_off(&cx, &id), ERR_DENIED);
	}
}

/* ---- health ---- */

static enum health_state state_of(struct core_fixture *f, enum health_thing thing)
{
	struct overview overview = look(f);
	const struct health_line *line = &overview.health[thing];
	assert_int_equal(line->thing, thing);
	assert_true(line->is.len > 0);
	/* Whoever is told that something is wrong is told what to do. */
	if (line->state == HEALTH_SOON || line->state == HEALTH_BAD)
		assert_true(line->todo.len > 0);
	assert_true(overview.worst >= line->state);
	return line->state;
}

static void health_says_what_is_wrong_and_what_to_do(void **state)
{
	struct core_fixture *f = *state;
	struct health_notes *notes = &f->portal->health;
	int64_t now_ms = f->clock.now_ms;
	assert_int_equal(state_of(f, HEALTH_BACKUP), HEALTH_SOON);
	assert_int_equal(state_of(f, HEALTH_MAIL), HEALTH_GOOD);
	notes->is_mail_folder = true;
	assert_int_equal(state_of(f, HEALTH_MAIL), HEALTH_SOON);
	notes->is_mail_folder = false;
	notes->mail_ms = now_ms;
	assert_int_equal(state_of(f, HEALTH_MAIL), HEALTH_GOOD);
	notes->is_mail_down = true;
	assert_int_equal(state_of(f, HEALTH_MAIL), HEALTH_BAD);
	/* The portal's address begins with https, so somebody else has the certificate. */
	assert_int_equal(state_of(f, HEALTH_CERTIFICATE), HEALTH_OFF);
	static const struct {
		int64_t days;
		enum health_state state;
	} ends[] = {{90, HEALTH_GOOD}, {20, HEALTH_SOON}, {6, HEALTH_BAD}, {-1, HEALTH_BAD}};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		notes->certificate_ms = now_ms + ends[i].days * DAY_MS;
		assert_int_equal(state_of(f, HEALTH_CERTIFICATE), ends[i].state);
	}
	assert_int_equal(state_of(f, HEALTH_TEXTS), HEALTH_SOON);
	assert_int_equal(state_of(f, HEALTH_SCANNER), HEALTH_OFF);
	assert_int_equal(state_of(f, HEALTH_STAMP), HEALTH_OFF);
	assert_int_equal(state_of(f, HEALTH_PDF), HEALTH_BAD);
	core_fixture_set(f, "signatures", STR("no"));
	assert_int_equal(state_of(f, HEALTH_PDF), HEALTH_OFF);
	assert_true(state_of(f, HEALTH_DATA) != HEALTH_OFF);
	assert_true(state_of(f, HEALTH_FILES) != HEALTH_OFF);
}

static void write_text(struct core_fixture *f, enum texts_name name, const char *body)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	const struct texts_words words = {STR("Ours"), str_of(body ? body : "")};
	assert_int_equal(texts_write(&cx, name, cx.language, body ? &words : NULL, -1, &errors),
			 OK);
}

/* P3.3: until both of those that people get first say something of the organisation. */
static void one_is_reminded_of_texts_that_every_portal_has(void **state)
{
	struct core_fixture *f = *state;
	assert_int_equal(state_of(f, HEALTH_TEXTS), HEALTH_SOON);
	write_text(f, TEXTS_INVITATION, "Hello {name}: {link}");
	assert_int_equal(state_of(f, HEALTH_TEXTS), HEALTH_SOON);
	write_text(f, TEXTS_NOTIFICATION, "Hello {name}: {link}");
	assert_int_equal(state_of(f, HEALTH_TEXTS), HEALTH_GOOD);
	write_text(f, TEXTS_INVITATION, NULL);
	assert_int_equal(state_of(f, HEALTH_TEXTS), HEALTH_SOON);
}

static void a_backup_grows_old(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(backup_done(&cx, 1000), OK);
	assert_int_equal(state_of(f, HEALTH_BACKUP), HEALTH_GOOD);
	core_fixture_sleep(f, 3 * DAY_MS);
	assert_int_equal(state_of(f, HEALTH_BACKUP), HEALTH_SOON);
	core_fixture_sleep(f, 6 * DAY_MS);
	assert_int_equal(state_of(f, HEALTH_BACKUP), HEALTH_BAD);
}

/* Counted by the sweep that every portal makes. */
static void housekeeping_counts(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	to_hour(f, 12);
	send_some(f, 2);
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	char *counted = store_direct_read(f->url, "SELECT value FROM stats_days WHERE kind = 1");
	assert_string_equal(counted, "2");
	free(counted);
	expect_days(f, 2, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(messages_count_on_the_day_they_were_sent),
		CORE_TEST(a_sweep_at_midnight_counts_each_day_for_itself),
		CORE_TEST(what_was_sent_stays_counted_when_it_is_gone),
		CORE_TEST(days_that_nobody_counted_are_counted_at_once),
		CORE_TEST(two_who_count_the_same_count_it_once),
		CORE_TEST(storage_is_what_was_last_measured),
		CORE_TEST(people_by_grade_and_state),
		CORE_TEST(people_are_counted_as_they_come_change_and_go),
		CORE_TEST(what_was_counted_wrongly_is_mended),
		CORE_TEST(what_came_back_is_shown_until_it_is_taken_off),
		CORE_TEST(what_was_put_off_is_tried_at_once_or_given_up),
		CORE_TEST(one_that_was_never_tried_is_not_given_up),
		CORE_TEST(only_administrators_see_or_do_any_of_it),
		CORE_TEST(health_says_what_is_wrong_and_what_to_do),
		CORE_TEST(one_is_reminded_of_texts_that_every_portal_has),
		CORE_TEST(a_backup_grows_old),
		CORE_TEST(housekeeping_counts),
	};
	return engines_test_run("overview", tests, sizeof(tests) / sizeof(tests[0]));
}
