/* What people do with what is there, whatever fails on the way (core/fault_steps.h): reading,
 * answering, recalling, labels, settings, searching; and a full disk, where sending says so and
 * reading goes on. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/core_test_support.h"
#include "core/fault_steps.h"
#include "core/label.h"
#include "core/mailbox_move.h"
#include "core/preferences.h"
#include "core/recall.h"
#include "core/search.h"
#include "store/store_direct.h"
#include "store/store_state.h"

/* Reads, and writes only a mark that may fail. */
static enum err do_read(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct message_list list;
	struct message_view view;
	TRY(mailbox_list(&cx, BOX_INBOX, STR(""), 10, &list));
	for (size_t i = 0; i < list.count; i++)
		if (list.rows[i].is_unreadable)
			return ERR_CORRUPT;
	TRY(mailbox_open(&cx, &s->id, &view));
	return view.is_unreadable || !str_eq(view.body, STR("One")) ? ERR_CORRUPT : OK;
}

/* Every one of its failures leaves the message as it was, or recalled. */
static enum err do_recall(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	const struct recall_wish wish = {.reason = STR("Sorry"), .is_whole = true};
	struct recalled recalled;
	struct form_errors errors = {0};
	return recall_message(&cx, &s->id, &wish, &recalled, &errors);
}

/* Writing too much within the hour is refused. */
static void prepare_later(struct fault_state *s)
{
	core_fixture_sleep(s->f, HOUR_MS);
	fault_steps_known(s);
}

static enum err do_change(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	const struct mailbox_change wish = {.has_box = true,
					    .box = BOX_ARCHIVE,
					    .has_read = true,
					    .is_read = false,
					    .has_labels = true,
					    .labels = &s->address,
					    .label_count = 1};
	struct form_errors errors = {0};
	return mailbox_change(&cx, &s->id, &wish, "labels", &errors);
}

static enum err do_answer(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct form_errors errors = {0};
	struct draft draft;
	struct sent sent;
	TRY(message_reply_draft(&cx, &s->id, false, &draft));
	draft.body = STR("Something secret");
	return message_send(&cx, &draft, &sent, &errors);
}

/* RFC 3834: the answer to an answer goes in the same transaction. */
static void prepare_absence(struct fault_state *s)
{
	static const struct preferences away = {
		.notify = NOTIFY_EACH,
		.away_from = STR("2026-01-01"),
		.away_until = STR("2036-01-01"),
		.away_text = STR("I am in the mountains."),
	};
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	struct form_errors errors = {0};
	prepare_later(s);
	assert_int_equal(preferences_write(&cx, &away, &errors), OK);
	/* Each time as if for the first time. */
	store_direct_run(s->f->url, "DELETE FROM away_answers");
}

static enum err do_write_settings(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct preferences next = {.notify = NOTIFY_EACH, .signature = s->address};
	return preferences_write(&cx, &next, &errors);
}

static enum err do_set_locale(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct form_errors errors = {0};
	return account_set_locale(&cx, STR("en"), STR("Asia/Tokyo"), &errors);
}

/* One label that is there and one that is new. */
static void prepare_label(struct fault_state *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	const struct str name = STR("Tax");
	struct form_errors errors = {0};
	fault_steps_known(s);
	cx.session = s->session;
	assert_int_equal(label_set(&cx, &s->id, &name, 1, "labels", &errors), OK);
}

static enum err do_label(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	const struct str names[] = {s->address, STR("tax")};
	struct form_errors errors = {0};
	return label_set(&cx, &s->id, names, 2, "labels", &errors);
}

static enum err do_delete_label(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct label *labels;
	size_t count;
	TRY(label_list(&cx, &labels, &count));
	return count > 0 ? label_delete(&cx, &labels[0].id) : ERR_CORRUPT;
}

static void prepare_trash(struct fault_state *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	prepare_label(s);
	cx.session = s->session;
	assert_int_equal(mailbox_move(&cx, &s->id, 1, BOX_TRASH), OK);
}

static enum err do_destroy(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	return mailbox_destroy(&cx, &s->id, 1);
}

/* One that a worker has claimed; no other is due. */
static struct outbox_mail claimed;

static void prepare_mail(struct fault_state *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	int64_t next_due_ms;
	store_direct_run(s->f->url, "DELETE FROM mails WHERE state = 1");
	fault_steps_known(s);
	assert_int_equal(outbox_claim(&cx, MINUTE_MS, &claimed, &next_due_ms), OK);
}

static enum err do_settle(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, NULL);
	return outbox_settle(&cx, &claimed, OUTBOX_ACCEPTED, STR("250 fine"));
}

/* Whoever has one message: the rest of a mailbox would be looked through as well. */
static void prepare_new(struct fault_state *s)
{
	s->session = core_fixture_person(s->f, s->address, STR("Nora"), GRADE_GUEST);
	s->id = core_fixture_send(s->f, s->f->admin, s->address, STR("Hello"), STR("One")).id;
}

static enum err do_search(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct form_errors errors = {0};
	struct search_result result;
	TRY(search_find(&cx, STR("one"), STR(""), 1, &result, &errors));
	return result.count == 1 && id_eq(&result.hits[0].row.id, &s->id) ? OK : ERR_CORRUPT;
}

static const struct fault_step steps[] = {
	{"recalling", fault_steps_known, do_recall},
	{"moving, marking and labelling", fault_steps_known, do_change},
	{"answering", prepare_later, do_answer},
	{"answering somebody who is away", prepare_absence, do_answer},
	{"choosing settings", prepare_absence, do_write_settings},
	{"choosing a time zone", fault_steps_known, do_set_locale},
	{"labelling", prepare_label, do_label},
	{"deleting a label", prepare_label, do_delete_label},
	{"deleting for ever", prepare_trash, do_destroy},
	{"the mail server takes a mail", prepare_mail, do_settle},
	{"searching", prepare_new, do_search, true},
	{"reading", fault_steps_known, do_read, true},
};

static void each_step_is_whole_or_absent(void **state)
{
	fault_steps_run(*state, steps, sizeof(steps) / sizeof(steps[0]));
}

/* ---- a full disk ---- */

static void a_full_disk_refuses_sending_and_lets_read(void **state)
{
	struct core_fixture *f = *state;
	signal(SIGXFSZ, SIG_IGN);
	struct sent sent =
		core_fixture_send(f, f->admin, STR("known@example.org"), STR("Hello"), STR("One"));
	struct session *known =
		core_fixture_register(
			f, core_fixture_token(f, MAIL_INVITATION, STR("known@example.org")),
			STR("Known"))
			.sign_in.session;
	struct sent unread =
		core_fixture_send(f, f->admin, STR("known@example.org"), STR("Hello"), STR("Two"));
	size_t mails = f->mail_count;
	char *big = arena_alloc(&f->arena, 1 << 20);
	memset(big, 'b', 1 << 20);
	const struct draft draft = {
		.to = STR("known@example.org"), .subject = STR("Hello"), .body = {big, 1 << 20}};

	const struct draft reply = {.to = STR("admin@example.com"),
				    .subject = STR("Re: Hello"),
				    .body = {big, 1 << 20},
				    .reply_to = sent.id};
	char *counts = store_state_counts(f->url);

	struct rlimit before, small;
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	enum err refused = core_fixture_try_send(f, f->admin, &draft, NULL, NULL);
	enum err answer = core_fixture_try_send(f, known, &reply, NULL, NULL);
	char *counts_after = store_state_counts(f->url);
	struct message_view first = core_fixture_open(f, known, &sent.id);
	struct message_view second = core_fixture_open(f, known, &unread.id);
	setrlimit(RLIMIT_FSIZE, &before);

	assert_int_equal(refused, ERR_UNAVAILABLE);
	assert_int_equal(answer, ERR_UNAVAILABLE);
	assert_string_equal(counts, counts_after);
	free(counts);
	free(counts_after);
	assert_true(str_eq(first.body, STR("One")));
	assert_true(str_eq(second.body, STR("Two")));
	fault_steps_check_openings(f, "a full disk");
	assert_int_equal(core_fixture_problems(f), 0);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, mails + 1);
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, NULL), OK);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, mails + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_step_is_whole_or_absent),
		CORE_TEST(a_full_disk_refuses_sending_and_lets_read),
	};
	return engines_test_run_sqlite("core", tests, sizeof(tests) / sizeof(tests[0]));
}
