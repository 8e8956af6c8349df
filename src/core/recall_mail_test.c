/* P4.4, P3.4: a recall and the mails that tell of the message, wherever they are just then; each
 * outcome as core/recall.h says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/preferences.h"
#include "core/recall_test_support.h"

#define PAUL STR("paul@example.com")

enum { MESSAGES = 3 };

static struct session *paul;

static void meet(struct core_fixture *f, enum notify notify)
{
	const struct preferences next = {.notify = notify};
	struct form_errors errors = {0};
	paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct cx cx = core_fixture_cx(f, paul);
	assert_int_equal(preferences_write(&cx, &next, &errors), OK);
	core_fixture_take_mails(f);
}

static struct id send(struct core_fixture *f)
{
	core_fixture_sleep(f, MINUTE_MS);
	return core_fixture_send(f, f->admin, PAUL, STR("Findings"), STR("Secret")).id;
}

static enum err claim(struct core_fixture *f, struct outbox_mail *ret)
{
	struct cx cx = core_fixture_cx(f, NULL);
	int64_t next_due_ms;
	return outbox_claim(&cx, MINUTE_MS, ret, &next_due_ms);
}

static enum err settle(struct core_fixture *f, const struct outbox_mail *mail,
		       enum outbox_result result)
{
	struct cx cx = core_fixture_cx(f, NULL);
	return outbox_settle(&cx, mail, result, STR("so it was"));
}

static void recall_one(struct core_fixture *f, const struct id *id)
{
	assert_int_equal(recall_test_whole(f, f->admin, id, STR("")).mails, 1);
}

static struct message_person state_of(struct core_fixture *f, const struct id *id)
{
	struct message_view view = core_fixture_open(f, f->admin, id);
	assert_int_equal(view.people_count, 1);
	return view.people[0];
}

/* Nothing is in the queue, now or later. */
static void assert_no_more(struct core_fixture *f)
{
	struct outbox_mail mail;
	core_fixture_sleep(f, DAY_MS);
	assert_int_equal(claim(f, &mail), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void assert_notice(struct core_fixture *f, const struct id *id)
{
	struct message_person state = state_of(f, id);
	assert_true(state.recalled_ms > 0);
	assert_int_equal(state.mail, MAIL_NONE);
	assert_int_equal(state.notified_ms, 0);
	assert_int_equal(core_fixture_open(f, paul, id).ended, DELIVERY_RECALLED);
}

static const enum outbox_result results[] = {OUTBOX_ACCEPTED, OUTBOX_RETRY, OUTBOX_BOUNCED};
enum { RESULTS = sizeof(results) / sizeof(results[0]) };

/* Whatever the mail server made of it: it is not sent again. */
static void a_mail_on_its_way_leads_to_the_notice(void **state)
{
	struct core_fixture *f = *state;
	meet(f, NOTIFY_EACH);
	for (int i = 0; i < RESULTS; i++) {
		struct outbox_mail mail;
		struct id id = send(f);
		assert_int_equal(claim(f, &mail), OK);
		recall_one(f, &id);
		assert_int_equal(settle(f, &mail, results[i]), ERR_NOT_FOUND);
		assert_notice(f, &id);
	}
	assert_no_more(f);
}

static void a_mail_that_waits_for_its_retry_is_not_sent(void **state)
{
	struct core_fixture *f = *state;
	struct outbox_mail mail;
	meet(f, NOTIFY_EACH);
	struct id id = send(f);
	assert_int_equal(claim(f, &mail), OK);
	assert_int_equal(settle(f, &mail, OUTBOX_RETRY), OK);
	recall_one(f, &id);
	assert_notice(f, &id);
	assert_no_more(f);
}

/* Of three messages in the mail of an hour so many are recalled, from the first or the last on. */
static void a_summary_that_waits_tells_of_those_that_are_left(void **state)
{
	struct core_fixture *f = *state;
	meet(f, NOTIFY_HOURLY);
	for (int recalled = 1; recalled <= MESSAGES; recalled++) {
		for (int is_last = 0; is_last < 2; is_last++) {
			struct outbox_mail mail;
			struct id ids[MESSAGES];
			for (int i = 0; i < MESSAGES; i++)
				ids[i] = send(f);
			int from = is_last ? MESSAGES - recalled : 0;
			for (int i = from; i < from + recalled; i++)
				recall_one(f, &ids[i]);
			core_fixture_sleep(f, HOUR_MS);
			enum err err = claim(f, &mail);
			assert_int_equal(err, recalled < MESSAGES ? OK : ERR_NOT_FOUND);
			if (err != OK)
				continue;
			assert_int_equal(mail.count, MESSAGES - recalled);
			assert_int_equal(mail.kind,
					 mail.count > 1 ? MAIL_SUMMARY : MAIL_NOTIFICATION);
			assert_int_equal(settle(f, &mail, OUTBOX_ACCEPTED), OK);
			for (int i = 0; i < MESSAGES; i++) {
				bool is_recalled = i >= from && i < from + recalled;
				assert_int_equal(state_of(f, &ids[i]).notified_ms > 0,
						 !is_recalled);
			}
			assert_int_equal(claim(f, &mail), ERR_NOT_FOUND);
		}
	}
	assert_no_more(f);
}

static void check_others(struct core_fixture *f, const struct id *ids, int recalled,
			 enum mail_state expected)
{
	for (int i = 0; i < MESSAGES; i++) {
		if (i == recalled) {
			assert_notice(f, &ids[i]);
			continue;
		}
		struct message_person state = state_of(f, &ids[i]);
		assert_int_equal(state.mail, expected);
		assert_int_equal(state.notified_ms > 0, expected == MAIL_ACCEPTED);
	}
}

/* Whichever of the rows stands for the summary: what became of it became of the others, once. */
static void a_summary_on_its_way_is_settled_for_the_others(void **state)
{
	struct core_fixture *f = *state;
	meet(f, NOTIFY_HOURLY);
	for (int i = 0; i < RESULTS * MESSAGES; i++) {
		enum outbox_result result = results[i / MESSAGES];
		int recalled = i % MESSAGES;
		struct outbox_mail mail;
		struct id ids[MESSAGES];
		for (int j = 0; j < MESSAGES; j++)
			ids[j] = send(f);
		core_fixture_sleep(f, HOUR_MS);
		assert_int_equal(claim(f, &mail), OK);
		assert_int_equal(mail.count, MESSAGES);
		recall_one(f, &ids[recalled]);
		assert_int_equal(settle(f, &mail, result), OK);
		check_others(f, ids, recalled,
			     result == OUTBOX_ACCEPTED  ? MAIL_ACCEPTED
			     : result == OUTBOX_BOUNCED ? MAIL_BOUNCED
							: MAIL_QUEUED);
		core_fixture_sleep(f, MINUTE_MS);
		enum err err = claim(f, &mail);
		assert_int_equal(err, result == OUTBOX_RETRY ? OK : ERR_NOT_FOUND);
		if (err != OK)
			continue;
		assert_int_equal(mail.count, MESSAGES - 1);
		assert_int_equal(mail.attempts, 1);
		/* One more of it is recalled while it is tried again: the last one is told. */
		recall_one(f, &ids[(recalled + 1) % MESSAGES]);
		assert_int_equal(settle(f, &mail, OUTBOX_ACCEPTED), OK);
		assert_int_equal(state_of(f, &ids[(recalled + 2) % MESSAGES]).mail, MAIL_ACCEPTED);
	}
	assert_no_more(f);
}

static void a_summary_of_which_all_was_recalled_is_over(void **state)
{
	struct core_fixture *f = *state;
	struct outbox_mail mail;
	struct id ids[MESSAGES];
	meet(f, NOTIFY_HOURLY);
	for (int i = 0; i < MESSAGES; i++)
		ids[i] = send(f);
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(claim(f, &mail), OK);
	for (int i = 0; i < MESSAGES; i++)
		recall_one(f, &ids[i]);
	assert_int_equal(settle(f, &mail, OUTBOX_RETRY), ERR_NOT_FOUND);
	assert_no_more(f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(a_mail_on_its_way_leads_to_the_notice),
		CORE_TEST(a_mail_that_waits_for_its_retry_is_not_sent),
		CORE_TEST(a_summary_that_waits_tells_of_those_that_are_left),
		CORE_TEST(a_summary_on_its_way_is_settled_for_the_others),
		CORE_TEST(a_summary_of_which_all_was_recalled_is_over),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
