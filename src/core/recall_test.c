/* P4.4: who may recall, what it leaves to whom, and what it is written down as. Races:
 * recall_race_test.c; what stays in the files: recall_bytes_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/mailbox_move.h"
#include "core/people.h"
#include "core/recall_test_support.h"

#define GABI STR("gabi@example.org")
#define PAUL STR("paul@example.com")

/* ---- what it leaves ---- */

static void check_notice(struct core_fixture *f, struct session *session, const struct id *id,
			 struct str reason, int64_t recalled_ms)
{
	struct message_view view = core_fixture_open(f, session, id);
	assert_false(view.is_unreadable);
	assert_int_equal(view.ended, DELIVERY_RECALLED);
	assert_int_equal(view.ended_ms, recalled_ms);
	assert_str(view.subject, STR("Findings"));
	assert_int_equal(view.body.len, 0);
	assert_false(view.is_body_left_out);
	assert_str(view.reason, reason);
	struct message_list list = core_test_inbox(f, session);
	for (size_t i = 0; i < list.count; i++) {
		if (id_eq(&list.rows[i].id, id)) {
			assert_int_equal(list.rows[i].ended, DELIVERY_RECALLED);
			assert_str(list.rows[i].subject, STR("Findings"));
			return;
		}
	}
	fail_msg("the notice is not in the Inbox");
}

/* P4.4: before or after reading; and again after the notice key was wrapped. */
static void recipients_keep_the_subject_and_a_notice(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	for (int is_read = 0; is_read <= 1; is_read++) {
		struct sent sent =
			core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
		if (is_read)
			assert_str(core_fixture_open(f, gabi, &sent.id).body, STR("Secret"));
		core_fixture_sleep(f, MINUTE_MS);
		struct recalled recalled =
			recall_test_whole(f, f->admin, &sent.id, STR("Wrong person.\nSorry!"));
		assert_int_equal(recalled.keys, 1);
		assert_int_equal(recalled.recalled_ms, f->clock.now_ms);
		for (int i = 0; i < 2; i++)
			check_notice(f, gabi, &sent.id, STR("Wrong person.\nSorry!"),
				     recalled.recalled_ms);
		struct cx cx = core_fixture_cx(f, gabi);
		struct conversation_view conversation;
		assert_int_equal(mailbox_conversation(&cx, &sent.id, &conversation), OK);
		assert_int_equal(conversation.messages[0].body.len, 0);
		/* Its sender keeps it, and sees that and from whom. */
		struct message_view own = core_fixture_open(f, f->admin, &sent.id);
		assert_str(own.body, STR("Secret"));
		assert_int_equal(own.ended, DELIVERY_LIVE);
		assert_int_equal(own.recalled_ms, recalled.recalled_ms);
		assert_int_equal(own.people[0].recalled_ms, recalled.recalled_ms);
		assert_int_equal(own.people[0].opened_ms > 0, is_read);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_reason_may_be_missing(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct recalled recalled = recall_test_whole(f, f->admin, &sent.id, STR("  \n "));
	check_notice(f, gabi, &sent.id, STR(""), recalled.recalled_ms);
}

/* ---- who may, and what is refused ---- */

static void only_a_professional_sender_recalls(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *ines =
		core_fixture_person(f, STR("ines@example.com"), STR("Ines"), GRADE_PROFESSIONAL);
	struct sent of_gabi = core_fixture_send(f, gabi, PAUL, STR("Question"), STR("Why?"));
	struct sent of_paul = core_fixture_send(f, paul, GABI, STR("Answer"), STR("So."));
	struct sent to_paul = core_fixture_send(f, f->admin, PAUL, STR("Plan"), STR("Later."));
	const struct id nothing = id_new(f->clock.now_ms);
	const struct {
		const char *sentence;
		struct session *session;
		const struct id *id;
		enum err expected;
	} rows[] = {
		{"a guest recalls nothing, not even their own", gabi, &of_gabi.id, ERR_DENIED},
		{"a guest is told the same of what is not there", gabi, &nothing, ERR_DENIED},
		{"a recipient does not recall", paul, &to_paul.id, ERR_DENIED},
		{"nor does who has it from a guest", paul, &of_gabi.id, ERR_DENIED},
		{"an administrator recalls nobody else's", f->admin, &of_paul.id, ERR_NOT_FOUND},
		{"a stranger is told of nothing", ines, &of_paul.id, ERR_NOT_FOUND},
		{"what is not there is not found", paul, &nothing, ERR_NOT_FOUND},
		{"the sender does", paul, &of_paul.id, OK},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recall_wish wish = {.is_whole = true};
		struct form_errors errors = {0};
		struct recalled recalled;
		if (recall_test_try(f, rows[i].session, rows[i].id, &wish, &recalled, &errors) !=
		    rows[i].expected)
			fail_msg("%s", rows[i].sentence);
	}
	assert_str(core_fixture_open(f, paul, &of_gabi.id).body, STR("Why?"));
	/* P1.5: lowered, they can not any more. */
	struct cx cx = core_fixture_cx(f, f->admin);
	struct sent later = core_fixture_send(f, paul, GABI, STR("More"), STR("Text"));
	assert_int_equal(people_set_grade(&cx, &paul->user.id, GRADE_GUEST), OK);
	paul = core_fixture_sign_in(f, PAUL, CORE_FIXTURE_PASSWORD);
	struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {0};
	struct recalled recalled;
	assert_int_equal(recall_test_try(f, paul, &later.id, &wish, &recalled, &errors),
			 ERR_DENIED);
}

static void mistakes_are_told(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	char *longest = arena_alloc(&f->arena, LIMIT_RECALL_REASON_CHARS + 2);
	memset(longest, 'x', LIMIT_RECALL_REASON_CHARS + 2);
	static const struct str not_theirs[] = {STR("gabi@example.org"), STR("paul@example.com")};
	static const struct str no_address[] = {STR("gabi")};
	static const struct str own[] = {STR("admin@example.com")};
	const struct {
		const char *sentence;
		struct recall_wish wish;
		const char *field;
	} rows[] = {
		{"a reason is of some length",
		 {.reason = {longest, LIMIT_RECALL_REASON_CHARS + 1}, .is_whole = true},
		 "reason"},
		{"a reason is text", {.reason = STR("a\001b"), .is_whole = true}, "reason"},
		{"a reason is UTF-8", {.reason = STR("\xff"), .is_whole = true}, "reason"},
		{"from somebody", {.is_whole = false}, "recipients"},
		{"only recipients", {.addresses = not_theirs, .address_count = 2}, "recipients"},
		{"only addresses", {.addresses = no_address, .address_count = 1}, "recipients"},
		{"not from oneself", {.addresses = own, .address_count = 1}, "recipients"},
	};
	struct recalled recalled;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form_errors errors = {0};
		if (recall_test_try(f, f->admin, &sent.id, &rows[i].wish, &recalled, &errors) !=
			    ERR_INVALID ||
		    form_errors_for(&errors, rows[i].field).len == 0)
			fail_msg("%s", rows[i].sentence);
	}
	assert_str(core_fixture_open(f, gabi, &sent.id).body, STR("Secret"));
	struct recall_wish longest_wish = {.reason = {longest, LIMIT_RECALL_REASON_CHARS},
					   .is_whole = true};
	struct form_errors errors = {0};
	assert_int_equal(recall_test_try(f, f->admin, &sent.id, &longest_wish, &recalled, &errors),
			 OK);
}

/* ---- from some, again, from all ---- */

static void from_one_then_from_all(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *hugo =
		core_fixture_person(f, STR("hugo@example.org"), STR("Hugo"), GRADE_GUEST);
	const struct draft draft = {.to = STR("gabi@example.org, paul@example.com"),
				    .bcc = STR("hugo@example.org"),
				    .subject = STR("Findings"),
				    .body = STR("Secret")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	struct recalled first =
		recall_test_from(f, f->admin, &sent.id, STR("Gabi@EXAMPLE.org"), STR("One"));
	assert_int_equal(first.keys, 1);
	check_notice(f, gabi, &sent.id, STR("One"), first.recalled_ms);
	assert_str(core_fixture_open(f, paul, &sent.id).body, STR("Secret"));
	assert_int_equal(core_fixture_open(f, f->admin, &sent.id).recalled_ms, 0);
	/* Nobody else is told. */
	struct message_view seen = core_fixture_open(f, paul, &sent.id);
	for (size_t i = 0; i < seen.people_count; i++)
		assert_int_equal(seen.people[i].recalled_ms, 0);

	core_fixture_sleep(f, MINUTE_MS);
	struct recalled again = recall_test_from(f, f->admin, &sent.id, GABI, STR("Another"));
	assert_true(again.is_repeat);
	assert_int_equal(again.keys, 0);
	assert_int_equal(again.recalled_ms, first.recalled_ms);
	check_notice(f, gabi, &sent.id, STR("One"), first.recalled_ms);

	struct recalled whole = recall_test_whole(f, f->admin, &sent.id, STR("All"));
	assert_int_equal(whole.keys, 2);
	check_notice(f, gabi, &sent.id, STR("One"), first.recalled_ms);
	check_notice(f, paul, &sent.id, STR("All"), whole.recalled_ms);
	check_notice(f, hugo, &sent.id, STR("All"), whole.recalled_ms);

	core_fixture_sleep(f, MINUTE_MS);
	struct recalled once_more = recall_test_whole(f, f->admin, &sent.id, STR("Never"));
	assert_true(once_more.is_repeat);
	assert_int_equal(once_more.recalled_ms, whole.recalled_ms);
	check_notice(f, paul, &sent.id, STR("All"), whole.recalled_ms);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void from_the_last_one_is_from_everybody(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct recalled recalled = recall_test_from(f, f->admin, &sent.id, GABI, STR(""));
	struct message_view own = core_fixture_open(f, f->admin, &sent.id);
	assert_int_equal(own.recalled_ms, recalled.recalled_ms);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct message_row row;
	assert_int_equal(mailbox_row(&cx, &sent.id, &row), OK);
	assert_int_equal(row.ended, DELIVERY_RECALLED);
}

/* What was deleted for ever has no key to destroy; that it is recalled is said all the same. */
static void what_was_deleted_for_ever(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, gabi);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	assert_int_equal(mailbox_move(&cx, &sent.id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &sent.id, 1), OK);
	struct recalled recalled = recall_test_whole(f, f->admin, &sent.id, STR(""));
	assert_int_equal(recalled.keys, 0);
	assert_int_equal(core_fixture_problems(f), 0);
	/* The notice can be deleted like a message. */
	sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	recall_test_whole(f, f->admin, &sent.id, STR(""));
	assert_int_equal(mailbox_move(&cx, &sent.id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &sent.id, 1), OK);
	struct message_view view;
	assert_int_equal(mailbox_open(&cx, &sent.id, &view), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
	/* Its sender does so too: nobody has it, and nothing of it is left but the entry. */
	cx = core_fixture_cx(f, f->admin);
	assert_int_equal(mailbox_move(&cx, &sent.id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &sent.id, 1), OK);
	assert_int_equal(recall_test_entries(f, &sent.id), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- mails and invitations ---- */

static size_t mails_of(struct core_fixture *f, enum mail_kind kind, struct str address,
		       size_t before)
{
	return core_fixture_count_mails(f, kind, address) - before;
}

static void queued_notifications_are_not_sent(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	size_t to_gabi = core_fixture_count_mails(f, MAIL_NOTIFICATION, GABI);
	size_t to_paul = core_fixture_count_mails(f, MAIL_NOTIFICATION, PAUL);
	struct sent sent = core_fixture_send(f, f->admin, STR("gabi@example.org, paul@example.com"),
					     STR("Findings"), STR("Secret"));
	struct recalled recalled = recall_test_from(f, f->admin, &sent.id, GABI, STR(""));
	assert_int_equal(recalled.mails, 1);
	assert_int_equal(mails_of(f, MAIL_NOTIFICATION, GABI, to_gabi), 0);
	assert_int_equal(mails_of(f, MAIL_NOTIFICATION, PAUL, to_paul), 1);
	recalled = recall_test_whole(f, f->admin, &sent.id, STR(""));
	assert_int_equal(recalled.mails, 0);
}

/* The invitation stays: it invites to the portal, and is the only way in. */
static void an_invited_person_finds_the_notice(void **state)
{
	struct core_fixture *f = *state;
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct recalled recalled = recall_test_whole(f, f->admin, &sent.id, STR("Too early"));
	assert_int_equal(recalled.mails, 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, GABI), 0);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GABI), 1);
	struct str token = core_fixture_token(f, MAIL_INVITATION, GABI);
	struct session *gabi = core_fixture_register(f, token, STR("Gabi")).sign_in.session;
	check_notice(f, gabi, &sent.id, STR("Too early"), recalled.recalled_ms);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- quoted ---- */

/* A person who got M by another message of a third one. */
static void quote(struct core_fixture *f, struct session *from, const struct id *message_id,
		  const struct id *via, struct session *to)
{
	recall_test_quote(f, from, message_id, via, &to->user);
	assert_str(core_fixture_open(f, to, message_id).body, STR("Secret"));
}

/* gabi forwarded to paul, paul to hugo; ines got it addressed, and by gabi's forward too. */
static void what_was_forwarded_goes_blank(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_PROFESSIONAL);
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *hugo =
		core_fixture_person(f, STR("hugo@example.org"), STR("Hugo"), GRADE_GUEST);
	struct session *ines =
		core_fixture_person(f, STR("ines@example.com"), STR("Ines"), GRADE_PROFESSIONAL);
	for (int is_whole = 0; is_whole <= 1; is_whole++) {
		struct sent sent =
			core_fixture_send(f, f->admin, STR("gabi@example.org, ines@example.com"),
					  STR("Findings"), STR("Secret"));
		struct sent forward = core_fixture_send(
			f, gabi, STR("paul@example.com, ines@example.com"), STR("Fwd"), STR("See"));
		struct sent second =
			core_fixture_send(f, paul, STR("hugo@example.org"), STR("Fwd"), STR("See"));
		quote(f, gabi, &sent.id, &forward.id, paul);
		quote(f, paul, &sent.id, &second.id, hugo);
		struct recalled recalled =
			is_whole ? recall_test_whole(f, f->admin, &sent.id, STR("Why"))
				 : recall_test_from(f, f->admin, &sent.id, GABI, STR("Why"));
		assert_int_equal(recalled.keys, is_whole ? 4 : 3);
		struct session *const blank[] = {gabi, paul, hugo, ines};
		for (int i = 0; i < 3 + is_whole; i++) {
			struct message_view view = core_fixture_open(f, blank[i], &sent.id);
			assert_int_equal(view.body.len, 0);
			assert_str(view.subject, STR("Findings"));
			assert_str(view.reason, STR("Why"));
		}
		if (!is_whole)
			assert_str(core_fixture_open(f, ines, &sent.id).body, STR("Secret"));
		/* The forward's own words stand. */
		assert_str(core_fixture_open(f, paul, &forward.id).body, STR("See"));
		/* Who was given it by others is in no list of the sender's people. */
		assert_int_equal(core_fixture_open(f, f->admin, &sent.id).people_count, 2);
	}
}

/* Recalled from who was given it by the sender's own forward: no other loses it. */
static void recall_from_one_leaves_other_forwards(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_PROFESSIONAL);
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	struct sent forward = core_fixture_send(f, f->admin, PAUL, STR("Fwd"), STR("See"));
	quote(f, f->admin, &sent.id, &forward.id, paul);
	recall_test_from(f, f->admin, &sent.id, GABI, STR(""));
	assert_int_equal(core_fixture_open(f, gabi, &sent.id).body.len, 0);
	assert_str(core_fixture_open(f, paul, &sent.id).body, STR("Secret"));
	assert_int_equal(core_fixture_open(f, f->admin, &sent.id).recalled_ms, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* gabi forwarded to paul, paul to hugo, and paul has deleted what he got: hugo has it from gabi
 * still, though nobody can tell any more. */
static void a_link_of_the_chain_that_is_gone(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_PROFESSIONAL);
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *hugo =
		core_fixture_person(f, STR("hugo@example.org"), STR("Hugo"), GRADE_GUEST);
	core_fixture_person(f, STR("ines@example.com"), STR("Ines"), GRADE_PROFESSIONAL);
	struct sent sent = core_fixture_send(f, f->admin, STR("gabi@example.org, ines@example.com"),
					     STR("Findings"), STR("Secret"));
	struct draft draft = {
		.to = PAUL, .subject = STR("Fwd"), .body = STR("See"), .forward_of = sent.id};
	struct sent first, second;
	assert_int_equal(core_fixture_try_send(f, gabi, &draft, &first, NULL), OK);
	draft.to = STR("hugo@example.org");
	draft.forward_of = first.id;
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &second, NULL), OK);
	assert_str(core_fixture_open(f, hugo, &sent.id).body, STR("Secret"));
	struct cx cx = core_fixture_cx(f, paul);
	const struct id gone[] = {first.id, second.id};
	assert_int_equal(mailbox_move(&cx, gone, 2, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, gone, 2), OK);
	recall_test_from(f, f->admin, &sent.id, GABI, STR(""));
	assert_int_equal(core_fixture_open(f, hugo, &sent.id).body.len, 0);
	assert_int_equal(core_fixture_open(f, f->admin, &sent.id).recalled_ms, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- written down ---- */

static void every_destruction_has_an_entry(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	core_fixture_take_mails(f);
	struct sent sent = core_fixture_send(f, f->admin, STR("gabi@example.org, paul@example.com"),
					     STR("Findings"), STR("Secret"));
	struct log_capture capture;
	log_capture_begin(&capture);
	recall_test_from(f, f->admin, &sent.id, GABI, STR("Reasonable"));
	core_fixture_sleep(f, MINUTE_MS);
	recall_test_whole(f, f->admin, &sent.id, STR("Reasonable"));
	recall_test_whole(f, f->admin, &sent.id, STR("Reasonable"));
	struct str log = str_of(log_capture_end(&capture));
	assert_true(str_find(log, STR("message.keys_destroyed")) >= 0);
	assert_true(str_find(log, id_str(&sent.id)) >= 0);
	assert_true(str_find(log, STR("Findings")) < 0 && str_find(log, STR("Reasonable")) < 0);

	struct db *db CLEANUP_READ = NULL;
	struct destruction *entries;
	size_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(destructions_of_message(db, &f->arena, &sent.id, &entries, &count), OK);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(id_eq(&entries[i].user_id, &f->admin->user.id));
		assert_int_equal(entries[i].keys, 1);
		assert_int_equal(entries[i].mails, 1);
		assert_int_equal(entries[i].is_whole, i == 1);
		assert_int_equal(entries[i].at_ms, f->clock.now_ms - (i == 0 ? MINUTE_MS : 0));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(recipients_keep_the_subject_and_a_notice),
		CORE_TEST_STRICT(recipients_keep_the_subject_and_a_notice),
		CORE_TEST(a_reason_may_be_missing),
		CORE_TEST(only_a_professional_sender_recalls),
		CORE_TEST(mistakes_are_told),
		CORE_TEST(from_one_then_from_all),
		CORE_TEST(from_the_last_one_is_from_everybody),
		CORE_TEST(what_was_deleted_for_ever),
		CORE_TEST(queued_notifications_are_not_sent),
		CORE_TEST(an_invited_person_finds_the_notice),
		CORE_TEST(what_was_forwarded_goes_blank),
		CORE_TEST(recall_from_one_leaves_other_forwards),
		CORE_TEST(a_link_of_the_chain_that_is_gone),
		CORE_TEST(every_destruction_has_an_entry),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
