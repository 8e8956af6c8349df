/* The People page: whom one has exchanged messages with and nobody else, what was exchanged, and
 * guests whom a professional takes no messages from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/contact.h"
#include "core/core_test_support.h"
#include "core/mailbox_move.h"
#include "core/people.h"
#include "store/store_direct.h"

#define GABI STR("gabi@example.org")
#define HUGO STR("hugo@example.org")
#define PAUL STR("paul@example.com")
#define QUINN STR("quinn@example.com")
#define ADMIN STR("admin@example.com")

static struct session *gabi, *hugo, *paul, *quinn;

static void meet(struct core_fixture *f)
{
	gabi = core_fixture_person(f, GABI, STR("Gabi Guest"), GRADE_GUEST);
	hugo = core_fixture_person(f, HUGO, STR("Hugo"), GRADE_GUEST);
	paul = core_fixture_person(f, PAUL, STR("Paul Müller"), GRADE_PROFESSIONAL);
	quinn = core_fixture_person(f, QUINN, STR("Quinn"), GRADE_PROFESSIONAL);
}

static struct contact_list people_of(struct core_fixture *f, struct session *session,
				     struct str typed)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct contact_list list;
	assert_int_equal(contact_list(&cx, typed, STR(""), 50, &list, &errors), OK);
	return list;
}

/* The addresses on somebody's page, joined. */
static struct str addresses(struct core_fixture *f, struct session *session, struct str typed)
{
	struct contact_list list = people_of(f, session, typed);
	struct str all = STR("");
	for (size_t i = 0; i < list.count; i++)
		all = arena_printf(&f->arena, "%.*s%s%.*s", STR_ARGS(all), i ? " " : "",
				   STR_ARGS(list.items[i].address));
	return all;
}

static enum err get(struct core_fixture *f, struct session *session, const struct session *whom,
		    struct contact *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	return contact_get(&cx, &whom->user.id, ret);
}

static enum err block(struct core_fixture *f, struct session *session, const struct session *whom)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	enum err err = contact_block(&cx, &whom->user.id, &errors);
	assert_int_equal(errors.count > 0, err == ERR_INVALID);
	return err;
}

static struct str refusal(struct core_fixture *f, struct session *session,
			  const struct draft *draft)
{
	struct form_errors errors = {0};
	assert_int_equal(core_fixture_try_send(f, session, draft, NULL, &errors), ERR_INVALID);
	assert_int_equal(errors.count, 1);
	return errors.items[0].detail;
}

static void everybody_one_exchanged_messages_with_newest_first(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	assert_str(addresses(f, gabi, STR("")), ADMIN);
	assert_str(addresses(f, paul, STR("")), ADMIN);
	core_fixture_sleep(f, SECOND_MS);
	struct sent sent = core_fixture_send(f, paul, STR("gabi@example.org, hugo@example.org"),
					     STR("Both"), STR("Text"));
	assert_str(addresses(f, gabi, STR("")), STR("paul@example.com admin@example.com"));
	/* Two recipients of one message have written nothing to each other. */
	struct contact contact;
	assert_int_equal(get(f, gabi, hugo, &contact), ERR_NOT_FOUND);
	core_fixture_sleep(f, SECOND_MS);
	core_fixture_send(f, gabi, ADMIN, STR("To you"), STR("Text"));
	assert_str(addresses(f, gabi, STR("")), STR("admin@example.com paul@example.com"));
	/* Somebody who has not registered yet is there too. */
	core_fixture_sleep(f, SECOND_MS);
	core_fixture_send(f, paul, STR("new@example.net"), STR("Hello"), STR("You?"));
	struct contact_list list = people_of(f, paul, STR("new"));
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].state, USER_INVITED);
	assert_true(list.items[0].can_resend_invitation && list.items[0].can_write);
	assert_true(list.items[0].last_ms > 0);
	/* Seen by a Bcc recipient: the sender alone. */
	const struct draft hidden = {
		.to = GABI, .bcc = QUINN, .subject = STR("Hidden"), .body = STR("Text")};
	assert_int_equal(core_fixture_try_send(f, paul, &hidden, NULL, NULL), OK);
	assert_str(addresses(f, quinn, STR("")), STR("paul@example.com admin@example.com"));
	assert_int_equal(get(f, gabi, quinn, &contact), ERR_NOT_FOUND);
	(void)sent;
	assert_int_equal(core_fixture_problems(f), 0);
}

static void the_page_is_searched_by_name_and_address(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *typed, *found;
	} rows[] = {
		{"mul", "paul@example.com"},
		{"MÜL", "paul@example.com"},
		{" paul@ex ", "paul@example.com"},
		{"aul", ""},
		{"%", ""},
		{"_", ""},
		{"(.*)", ""},
		{"ada", "admin@example.com"},
	};
	meet(f);
	core_fixture_send(f, paul, GABI, STR("Hello"), STR("Text"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_str(addresses(f, gabi, str_of(rows[i].typed)), str_of(rows[i].found));
	/* Quinn has not written to her: searching is no way to find strangers. */
	assert_str(addresses(f, gabi, STR("quinn")), STR(""));
	struct cx cx = core_fixture_cx(f, gabi);
	struct form_errors errors = {0};
	struct contact_list list;
	char longer[102];
	memset(longer, 'a', sizeof(longer));
	assert_int_equal(
		contact_list(&cx, str_bytes(longer, sizeof(longer)), STR(""), 50, &list, &errors),
		ERR_INVALID);
	assert_string_equal(errors.items[0].field, "q");
	errors.count = 0;
	assert_int_equal(contact_list(&cx, STR("\xff"), STR(""), 50, &list, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "q");
}

static void pages_by_cursor(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct str cursor = STR(""), last = STR("");
	size_t seen = 0;
	for (int i = 0; i < 7; i++) {
		core_fixture_sleep(f, SECOND_MS);
		core_fixture_send(f, f->admin,
				  arena_printf(&f->arena, "p%d@example.org, q%d@example.org", i, i),
				  STR("Hello"), STR("Text"));
	}
	do {
		struct contact_list list;
		assert_int_equal(contact_list(&admin, STR(""), cursor, 4, &list, &errors), OK);
		for (size_t i = 0; i < list.count; i++) {
			assert_false(str_eq(last, list.items[i].address));
			last = list.items[i].address;
		}
		seen += list.count;
		cursor = list.next_cursor;
	} while (cursor.len > 0);
	assert_int_equal(seen, 14);
	static const char *const garbage[] = {"x", "-", "01KDVDNA00GTSSYSV7Y2WS2NVR",
					      "01KDVDNA00GTSSYSV7Y2WS2NVR-x"};
	struct contact_list list;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
		assert_int_equal(
			contact_list(&admin, STR(""), str_of(garbage[i]), 4, &list, &errors),
			ERR_INVALID);
	assert_int_equal(contact_list(&admin, STR(""), STR(""), 0, &list, &errors), ERR_INVALID);
	assert_int_equal(
		contact_list(&admin, STR(""), STR(""), LIMIT_PAGE_ROWS + 1, &list, &errors),
		ERR_INVALID);
	assert_int_equal(errors.count, 0);
}

static void what_was_exchanged(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct cx cx = core_fixture_cx(f, gabi);
	struct message_list list;
	core_fixture_sleep(f, SECOND_MS);
	core_fixture_send(f, paul, GABI, STR("One"), STR("Text"));
	core_fixture_sleep(f, SECOND_MS);
	struct sent two = core_fixture_send(f, gabi, PAUL, STR("Two"), STR("Text"));
	core_fixture_send(f, gabi, ADMIN, STR("Not this one"), STR("Text"));
	core_fixture_send(f, paul, HUGO, STR("Nor this"), STR("Text"));
	assert_int_equal(contact_messages(&cx, &paul->user.id, STR(""), 50, &list), OK);
	assert_int_equal(list.count, 2);
	assert_str(list.rows[0].subject, STR("Two"));
	assert_true(list.rows[0].is_mine);
	assert_str(list.rows[1].subject, STR("One"));
	assert_int_equal(contact_messages(&cx, &paul->user.id, STR(""), 1, &list), OK);
	assert_int_equal(contact_messages(&cx, &paul->user.id, list.next_cursor, 1, &list), OK);
	assert_str(list.rows[0].subject, STR("One"));
	assert_int_equal(contact_messages(&cx, &hugo->user.id, STR(""), 50, &list), ERR_NOT_FOUND);
	/* In Trash it is not listed; deleted for ever by both, nothing of it is left. */
	struct cx other = core_fixture_cx(f, paul);
	assert_int_equal(mailbox_move(&cx, &two.id, 1, BOX_TRASH), OK);
	assert_int_equal(contact_messages(&cx, &paul->user.id, STR(""), 50, &list), OK);
	assert_int_equal(list.count, 1);
	assert_int_equal(mailbox_destroy(&cx, &two.id, 1), OK);
	assert_int_equal(mailbox_move(&other, &two.id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&other, &two.id, 1), OK);
	char *left = store_direct_read(
		f->url, arena_cstr(&f->arena,
				   arena_printf(&f->arena,
						"SELECT COUNT(*) FROM exchanges WHERE message_id = "
						"'%s'",
						two.id.text)));
	assert_string_equal(left, "0");
	free(left);
}

/* P1.3: whom one may see, and what one may do there. */
static void what_guests_and_professionals_see(void **state)
{
	struct core_fixture *f = *state;
	struct contact contact;
	meet(f);
	assert_int_equal(get(f, gabi, quinn, &contact), ERR_NOT_FOUND);
	assert_int_equal(get(f, gabi, gabi, &contact), ERR_NOT_FOUND);
	/* A professional may write to everybody, known by typing. */
	assert_int_equal(get(f, quinn, gabi, &contact), OK);
	assert_true(contact.can_write && contact.can_block);
	assert_int_equal(contact.last_ms, 0);
	assert_int_equal(get(f, quinn, paul, &contact), OK);
	assert_true(contact.can_write && !contact.can_block);
	core_fixture_send(f, paul, GABI, STR("Hello"), STR("Text"));
	assert_int_equal(get(f, gabi, paul, &contact), OK);
	assert_true(contact.can_write && !contact.can_block && !contact.can_resend_invitation);
	struct cx admin = core_fixture_cx(f, f->admin);
	assert_int_equal(people_enable(&admin, &paul->user.id, false), OK);
	assert_int_equal(get(f, gabi, paul, &contact), OK);
	assert_int_equal(contact.state, USER_DISABLED);
	assert_false(contact.can_write);
}

static void a_blocked_guest_is_refused_like_by_a_disabled_person(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	meet(f);
	struct sent first = core_fixture_send(f, paul, GABI, STR("Hello"), STR("Text"));
	const struct draft draft = {.to = PAUL, .subject = STR("Hi"), .body = STR("Text")};
	const struct draft reply = {
		.to = PAUL, .subject = STR("Hi"), .body = STR("Text"), .reply_to = first.id};
	struct cx cx = core_fixture_cx(f, gabi);
	struct contact off, shut;
	struct conversation_view when_off, when_shut;
	struct draft reply_off, reply_shut;
	struct person *people;
	size_t count;
	assert_int_equal(people_enable(&admin, &paul->user.id, false), OK);
	struct str why = refusal(f, gabi, &draft);
	assert_int_equal(get(f, gabi, paul, &off), OK);
	assert_int_equal(mailbox_conversation(&cx, &first.id, &when_off), OK);
	assert_int_equal(message_reply_draft(&cx, &first.id, true, &reply_off), OK);
	assert_int_equal(people_enable(&admin, &paul->user.id, true), OK);
	assert_int_equal(core_fixture_try_send(f, gabi, &reply, NULL, NULL), OK);

	paul = core_fixture_sign_in(f, PAUL, CORE_FIXTURE_PASSWORD);
	assert_int_equal(block(f, paul, gabi), OK);
	assert_int_equal(block(f, paul, gabi), OK);
	/* Whatever she asks, the answers are the same. */
	assert_str(refusal(f, gabi, &draft), why);
	assert_str(refusal(f, gabi, &reply), why);
	assert_int_equal(get(f, gabi, paul, &shut), OK);
	assert_int_equal(shut.state, off.state);
	assert_int_equal(shut.can_write, off.can_write);
	assert_false(shut.is_blocked);
	assert_int_equal(mailbox_conversation(&cx, &first.id, &when_shut), OK);
	assert_int_equal(when_shut.can_reply, when_off.can_reply);
	assert_int_equal(message_reply_draft(&cx, &first.id, true, &reply_shut), OK);
	assert_str(reply_shut.to, reply_off.to);
	assert_int_equal(message_suggest(&cx, STR("paul"), &people, &count), OK);
	assert_int_equal(count, 0);
	/* What she has stays hers to read, and others are not concerned. */
	assert_str(core_fixture_open(f, gabi, &first.id).body, STR("Text"));
	core_fixture_send(f, gabi, ADMIN, STR("Hi"), STR("Text"));
	assert_int_equal(core_fixture_try_send(f, hugo, &draft, NULL, NULL), OK);
	/* He may go on writing to her. */
	core_fixture_send(f, paul, GABI, STR("More"), STR("Text"));
	assert_int_equal(core_fixture_problems(f), 0);
}

static void blocks_are_listed_and_undone(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct cx cx = core_fixture_cx(f, paul);
	const struct draft draft = {.to = PAUL, .subject = STR("Hi"), .body = STR("Text")};
	struct contact *blocked, contact;
	size_t count;
	assert_int_equal(block(f, paul, gabi), OK);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(block(f, paul, hugo), OK);
	assert_int_equal(contact_blocked(&cx, &blocked, &count), OK);
	assert_int_equal(count, 2);
	assert_str(blocked[0].address, HUGO);
	assert_int_equal(get(f, paul, gabi, &contact), OK);
	assert_true(contact.is_blocked && !contact.can_block);
	assert_int_equal(contact_unblock(&cx, &gabi->user.id), OK);
	assert_int_equal(contact_unblock(&cx, &gabi->user.id), OK);
	assert_int_equal(core_fixture_try_send(f, gabi, &draft, NULL, NULL), OK);
	assert_int_equal(contact_blocked(&cx, &blocked, &count), OK);
	assert_int_equal(count, 1);
}

/* P1.4, P1.5 */
static void guests_block_nobody_and_grades_decide(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	const struct draft draft = {.to = PAUL, .subject = STR("Hi"), .body = STR("Text")};
	meet(f);
	core_fixture_send(f, paul, GABI, STR("Hello"), STR("Text"));
	assert_int_equal(block(f, gabi, paul), ERR_DENIED);
	assert_int_equal(block(f, gabi, quinn), ERR_NOT_FOUND);
	assert_int_equal(block(f, paul, quinn), ERR_INVALID);
	assert_int_equal(block(f, paul, gabi), OK);
	/* Raised, she is a colleague. */
	assert_int_equal(people_set_grade(&admin, &gabi->user.id, GRADE_PROFESSIONAL), OK);
	gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	assert_int_equal(core_fixture_try_send(f, gabi, &draft, NULL, NULL), OK);
	assert_int_equal(people_set_grade(&admin, &gabi->user.id, GRADE_GUEST), OK);
	gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	refusal(f, gabi, &draft);
	/* Lowered, he blocks nobody: a reply keeps him, as guests among themselves. */
	struct sent both = core_fixture_send(f, quinn, STR("paul@example.com, gabi@example.org"),
					     STR("Both"), STR("Text"));
	assert_int_equal(people_set_grade(&admin, &paul->user.id, GRADE_GUEST), OK);
	const struct draft reply = {
		.to = PAUL, .subject = STR("Hi"), .body = STR("Text"), .reply_to = both.id};
	assert_int_equal(core_fixture_try_send(f, gabi, &reply, NULL, NULL), OK);
}

static size_t suggested(struct core_fixture *f, struct session *session, const char *typed)
{
	struct cx cx = core_fixture_cx(f, session);
	struct person *people;
	size_t count;
	assert_int_equal(message_suggest(&cx, str_of(typed), &people, &count), OK);
	return count;
}

/* P1.4 with guest_compose "known": the administrator has written to Gabi; Quinn has not, though she
 * wrote to Quinn when any professional would do. */
static void guests_write_to_those_who_have_written_to_them(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	core_fixture_send(f, gabi, QUINN, STR("Hello"), STR("Are you there?"));
	struct sent both = core_fixture_send(f, f->admin, STR("gabi@example.org, hugo@example.org"),
					     STR("Plan"), STR("See below."));
	const struct {
		const char *sentence, *setting;
		struct session *who;
		const char *to;
		bool is_reply;
		enum err err;
	} cases[] = {
		{"any: one who has written", "any", gabi, "admin@example.com", false, OK},
		{"any: one who has not", "any", gabi, "paul@example.com", false, OK},
		{"known: one who has written", "known", gabi, "admin@example.com", false, OK},
		{"known: one who has not", "known", gabi, "quinn@example.com", false, ERR_INVALID},
		{"known: nobody", "known", gabi, "nobody@example.com", false, ERR_INVALID},
		{"known: who is on the message", "known", gabi,
		 "admin@example.com, hugo@example.org", true, OK},
		{"known: adding a stranger", "known", gabi, "admin@example.com, quinn@example.com",
		 true, ERR_INVALID},
		{"known: a professional", "known", paul, "quinn@example.com", false, OK},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		core_fixture_set(f, "guest_compose", str_of(cases[i].setting));
		struct draft draft = {
			.to = str_of(cases[i].to), .subject = STR("S"), .body = STR("B")};
		struct form_errors errors = {0};
		struct sent sent;
		if (cases[i].is_reply)
			draft.reply_to = both.id;
		enum err err = core_fixture_try_send(f, cases[i].who, &draft, &sent, &errors);
		if (err != cases[i].err)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
	struct contact contact;
	assert_int_equal(get(f, gabi, quinn, &contact), OK);
	assert_false(contact.can_write);
	assert_int_equal(get(f, gabi, f->admin, &contact), OK);
	assert_true(contact.can_write);
	struct contact_list list = people_of(f, gabi, STR(""));
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.items[i].can_write, str_eq(list.items[i].address, ADMIN));
	assert_int_equal(suggested(f, gabi, "qui"), 0);
	assert_int_equal(suggested(f, gabi, "adm"), 1);
	core_fixture_set(f, "guest_compose", STR("any"));
	assert_int_equal(suggested(f, gabi, "qui"), 1);
	assert_int_equal(get(f, gabi, quinn, &contact), OK);
	assert_true(contact.can_write);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void bent_and_planted_rows_are_refused(void **state)
{
	struct core_fixture *f = *state;
	struct log_capture log;
	struct contact contact;
	char sql[1024];
	meet(f);
	core_fixture_send(f, paul, GABI, STR("Hello"), STR("Text"));
	assert_int_equal(block(f, paul, hugo), OK);
	log_capture_begin(&log);
	/* A stranger's row, as if they had exchanged messages. */
	snprintf(sql, sizeof(sql),
		 "INSERT INTO contacts (user_id, other_id, last_id, mac) SELECT user_id, '%s', "
		 "last_id, mac FROM contacts WHERE user_id = '%s' AND other_id = '%s'",
		 quinn->user.id.text, gabi->user.id.text, paul->user.id.text);
	store_direct_run(f->url, sql);
	assert_int_equal(get(f, gabi, quinn, &contact), ERR_CORRUPT);
	assert_int_equal(people_of(f, gabi, STR("")).count, 2);
	assert_int_equal(core_fixture_problems(f), 1);
	snprintf(sql, sizeof(sql), "DELETE FROM contacts WHERE other_id = '%s' AND user_id = '%s'",
		 quinn->user.id.text, gabi->user.id.text);
	store_direct_run(f->url, sql);
	/* A block that nobody has made. */
	snprintf(sql, sizeof(sql), "UPDATE blocks SET blocked_id = '%s'", gabi->user.id.text);
	store_direct_run(f->url, sql);
	const struct draft draft = {.to = PAUL, .subject = STR("Hi"), .body = STR("Text")};
	assert_int_equal(core_fixture_try_send(f, gabi, &draft, NULL, NULL), ERR_CORRUPT);
	assert_true(core_fixture_problems(f) >= 1);
	assert_non_null(strstr(log_capture_end(&log), " alarm "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(everybody_one_exchanged_messages_with_newest_first),
		CORE_TEST(the_page_is_searched_by_name_and_address),
		CORE_TEST(pages_by_cursor),
		CORE_TEST(what_was_exchanged),
		CORE_TEST(what_guests_and_professionals_see),
		CORE_TEST(a_blocked_guest_is_refused_like_by_a_disabled_person),
		CORE_TEST(blocks_are_listed_and_undone),
		CORE_TEST(guests_block_nobody_and_grades_decide),
		CORE_TEST(guests_write_to_those_who_have_written_to_them),
		CORE_TEST(bent_and_planted_rows_are_refused),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
