/* Reading stays possible whatever was sent: long texts, many people, long conversations; and what
 * reading writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/core_test_support.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")

static struct session *guest(struct core_fixture *f)
{
	return core_fixture_person(f, GUEST, STR("Gabi Guest"), GRADE_GUEST);
}

/* In an arena of its own, as a request has it. */
static struct id answer(struct core_fixture *f, struct session *session, const struct id *id,
			struct str body)
{
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct draft draft;
	struct sent sent;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	cx.arena = &arena;
	core_fixture_sleep(f, HOUR_MS); /* nobody may send this much at once */
	assert_int_equal(message_reply_draft(&cx, id, false, &draft), OK);
	draft.body = body;
	assert_int_equal(message_send(&cx, &draft, &sent, &errors), OK);
	return sent.id;
}

/* The conversation in an arena of a request; the caller releases it. */
static struct conversation_view converse(struct core_fixture *f, struct session *session,
					 const struct id *id, struct arena *arena)
{
	struct cx cx = core_fixture_cx(f, session);
	struct conversation_view view;
	arena_init(arena, LIMIT_REQUEST_ARENA);
	cx.arena = arena;
	assert_int_equal(mailbox_conversation(&cx, id, &view), OK);
	assert_false(arena->failed);
	return view;
}

static int64_t unread(struct core_fixture *f, struct session *session)
{
	struct cx cx = core_fixture_cx(f, session);
	int64_t count;
	assert_int_equal(mailbox_unread_count(&cx, &count), OK);
	return count;
}

static void long_texts_hide_nothing(void **state)
{
	enum { ANSWERS = 30 };
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct id ids[ANSWERS];
	struct sent first = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("First"));
	char *text = malloc(LIMIT_BODY_BYTES);
	memset(text, 'x', LIMIT_BODY_BYTES);
	for (int i = 0; i < ANSWERS; i++)
		ids[i] = answer(f, gabi, &first.id, str_bytes(text, LIMIT_BODY_BYTES));
	free(text);
	assert_int_equal(unread(f, f->admin), ANSWERS);

	/* The first one is short: it comes with whichever was asked for, the long ones do not. */
	for (int i = 0; i < ANSWERS; i += 10) {
		struct arena arena CLEANUP_ARENA;
		struct conversation_view view = converse(f, f->admin, &ids[i], &arena);
		assert_int_equal(view.count, ANSWERS + 1);
		assert_true(str_eq(view.messages[0].body, STR("First")));
		for (int m = 0; m < ANSWERS; m++) {
			const struct message_view *message = &view.messages[m + 1];
			assert_true(id_eq(&message->id, &ids[m]));
			assert_false(message->is_unreadable);
			assert_int_equal(message->is_body_left_out, m != i);
			assert_int_equal(message->body.len, m == i ? LIMIT_BODY_BYTES : 0);
			assert_true(str_eq(message->sender.name, STR("Gabi Guest")));
		}
	}
	/* P4.3: what was not shown was not opened. */
	assert_int_equal(unread(f, f->admin), ANSWERS - 3);
	assert_int_equal(core_fixture_open(f, f->admin, &ids[1]).body.len, LIMIT_BODY_BYTES);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P4.1: a list or a conversation reads each sender once, and mixes them up never. */
static void everybody_is_named_beside_their_own_words(void **state)
{
	enum { ROUNDS = 6 };
	struct core_fixture *f = *state;
	const struct str addresses[] = {STR("paul@example.org"), STR("quinn@example.org"), GUEST};
	struct session *people[] = {
		core_fixture_person(f, addresses[0], STR("Paul"), GRADE_PROFESSIONAL),
		core_fixture_person(f, addresses[1], STR("Quinn"), GRADE_PROFESSIONAL),
		guest(f),
	};
	struct str self = f->admin->user.address;
	struct sent first = core_fixture_send(f, f->admin, addresses[2], STR("S"), STR("First"));
	for (int i = 0; i < ROUNDS; i++) {
		/* Two in turn, then the same one twice. */
		size_t at = i < 4 ? (size_t)i % 2 : 0;
		core_fixture_sleep(f, 1);
		core_fixture_send(f, people[at], self, people[at]->user.name, STR("Text"));
	}
	struct cx cx = core_fixture_cx(f, f->admin);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_INBOX, STR(""), 50, &list), OK);
	assert_int_equal(list.count, ROUNDS);
	for (size_t i = 0; i < list.count; i++) {
		assert_true(str_eq(list.rows[i].sender_name, list.rows[i].subject));
		assert_true(str_starts_with(
			list.rows[i].sender_address,
			str_eq(list.rows[i].subject, STR("Paul")) ? STR("paul@") : STR("quinn@")));
	}
	answer(f, people[2], &first.id, STR("Gabi Guest"));
	answer(f, f->admin, &first.id, STR("Ada Admin"));
	struct id last = answer(f, people[2], &first.id, STR("Gabi Guest"));
	struct arena arena CLEANUP_ARENA;
	struct conversation_view view = converse(f, f->admin, &last, &arena);
	assert_int_equal(view.count, 4);
	for (size_t i = 1; i < view.count; i++)
		assert_true(str_eq(view.messages[i].sender.name, view.messages[i].body));
}

/* Newer ones are shown as far as their texts fit, then the older ones are left out. */
static void the_newest_texts_are_shown(void **state)
{
	enum { BYTES = 200 * 1024, ANSWERS = 8, FITTING = LIMIT_CONVERSATION_BODY_BYTES / BYTES };
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct arena arena CLEANUP_ARENA;
	struct sent first = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("First"));
	char *text = malloc(BYTES);
	memset(text, 'x', BYTES);
	for (int i = 0; i < ANSWERS; i++)
		answer(f, gabi, &first.id, str_bytes(text, BYTES));
	free(text);
	struct conversation_view view = converse(f, f->admin, &first.id, &arena);
	assert_int_equal(view.count, ANSWERS + 1);
	assert_true(str_eq(view.messages[0].body, STR("First")));
	for (int i = 1; i <= ANSWERS; i++)
		assert_int_equal(view.messages[i].is_body_left_out, i <= ANSWERS - FITTING);
}

static void the_message_asked_for_is_there_however_old(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct arena arena CLEANUP_ARENA;
	struct sent first = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("First"));
	for (int i = 0; i < LIMIT_CONVERSATION_MESSAGES; i++)
		answer(f, gabi, &first.id, STR("Again"));
	struct conversation_view view = converse(f, f->admin, &first.id, &arena);
	assert_int_equal(view.count, LIMIT_CONVERSATION_MESSAGES);
	assert_true(str_eq(view.messages[0].body, STR("First")));
	for (size_t i = 1; i < view.count; i++)
		assert_true(str_eq(view.messages[i].body, STR("Again")));
}

/* Another message's text is refused whether it is loaded by itself or comes with the first
 * statement. */
static void another_text_is_not_shown(void **state)
{
	static const char *const statements[] = {
		"UPDATE messages SET body = (SELECT body FROM messages ORDER BY LENGTH(body) DESC "
		"LIMIT 1) WHERE LENGTH(body) < 4096",
		"UPDATE messages SET body = subject",
	};
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	char text[9000];
	memset(text, 'x', sizeof(text));
	struct sent first = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("First"));
	struct id id = answer(f, gabi, &first.id, str_bytes(text, sizeof(text)));
	for (size_t i = 0; i < 2; i++) {
		struct arena arena CLEANUP_ARENA;
		store_direct_run(f->url, statements[i]);
		struct conversation_view view = converse(f, f->admin, &id, &arena);
		assert_int_equal(view.count, 2);
		assert_true(view.messages[0].is_unreadable);
		assert_int_equal(view.messages[0].body.len, 0);
		assert_int_equal(view.messages[1].is_unreadable, i == 1);
		assert_int_equal(view.messages[1].body.len, i == 1 ? 0 : sizeof(text));
	}
}

/* P4.3: and sees nothing that would have to be marked. */
static void looking_marks_nothing(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
	struct cx cx = core_fixture_cx(f, gabi);
	struct conversation_view conversation;
	struct message_view view;
	int64_t before = unread(f, gabi);
	assert_int_equal(mailbox_look(&cx, &sent.id, &view), OK);
	assert_true(str_eq(view.body, STR("B")));
	assert_int_equal(mailbox_conversation_as(&cx, &sent.id, CONVERSATION_LOOK, &conversation),
			 OK);
	assert_int_equal(conversation.messages[0].body.len, 0);
	assert_true(conversation.messages[0].is_body_left_out);
	assert_int_equal(unread(f, gabi), before);
	assert_int_equal(mailbox_open(&cx, &sent.id, &view), OK);
	assert_int_equal(unread(f, gabi), before - 1);
	assert_int_equal(mailbox_conversation_as(&cx, &sent.id, CONVERSATION_LOOK, &conversation),
			 OK);
	assert_str(conversation.messages[0].body, STR("B"));
}

/* What was opened before costs little: older messages are folded, unread ones never. */
static void what_was_read_is_folded(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct id ids[4];
	struct conversation_view view;
	ids[0] = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("Zero")).id;
	for (size_t i = 1; i < 4; i++)
		ids[i] = answer(f, f->admin, &ids[0], STR("Next"));
	struct cx cx = core_fixture_cx(f, gabi);
	core_fixture_open(f, gabi, &ids[0]);
	core_fixture_open(f, gabi, &ids[1]);
	assert_int_equal(mailbox_conversation_as(&cx, &ids[0],
						 CONVERSATION_FOLDED | CONVERSATION_LOOK, &view),
			 OK);
	const bool folded[] = {false, true, false, false};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(view.messages[i].is_folded, folded[i]);
		assert_int_equal(view.messages[i].people_count > 0, !folded[i]);
		assert_int_equal(view.messages[i].body.len, i < 2 ? 4 : 0); /* opened or not */
		assert_false(view.messages[i].is_unreadable);
	}
	assert_int_equal(mailbox_conversation_as(&cx, &ids[3], CONVERSATION_FOLDED, &view), OK);
	assert_true(view.messages[0].is_folded && !view.messages[2].is_folded);
	assert_int_equal(unread(f, gabi), 1); /* another conversation's */
	assert_int_equal(mailbox_conversation_as(&cx, &ids[3], CONVERSATION_FOLDED, &view), OK);
	assert_true(view.messages[2].is_folded && !view.messages[3].is_folded);
	assert_true(view.can_reply);
	assert_int_equal(mailbox_conversation(&cx, &ids[3], &view), OK);
	assert_false(view.messages[0].is_folded);
}

static void few_people_are_counted(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	const struct draft draft = {.to = STR("gabi@example.org, p@example.org"),
				    .cc = STR("q@example.org"),
				    .bcc = STR("r@example.org, s@example.org"),
				    .body = STR("B")};
	struct conversation_view view;
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	struct cx cx = core_fixture_cx(f, gabi);
	assert_int_equal(mailbox_conversation(&cx, &sent.id, &view), OK);
	const struct message_view *message = &view.messages[0];
	assert_int_equal(message->people_count, 3);
	assert_int_equal(message->others_count, 2); /* without herself */
	assert_int_equal(view.others_count, 3);     /* with the sender */
	assert_int_equal(message->kind_counts[RECIPIENT_TO], 2);
	assert_int_equal(message->kind_counts[RECIPIENT_CC], 1);
	assert_int_equal(message->kind_counts[RECIPIENT_BCC], 0);
	cx = core_fixture_cx(f, f->admin);
	assert_int_equal(mailbox_conversation(&cx, &sent.id, &view), OK);
	message = &view.messages[0];
	assert_int_equal(message->people_count, 5);
	assert_int_equal(message->others_count, 3);
	assert_int_equal(message->kind_counts[RECIPIENT_BCC], 2);
}

static void many_people_are_counted(void **state)
{
	enum { OTHERS = 70, ALL = OTHERS + 1, HIDDEN = 5 };
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct arena *arena = &f->arena;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct str to = GUEST, bcc = STR("hidden0@example.org");
	for (int i = 0; i < OTHERS; i++)
		to = arena_printf(arena, "%.*s, p%d@example.org", STR_ARGS(to), i);
	for (int i = 1; i < HIDDEN; i++)
		bcc = arena_printf(arena, "%.*s, hidden%d@example.org", STR_ARGS(bcc), i);
	const struct draft draft = {.to = to, .bcc = bcc, .subject = STR("S"), .body = STR("B")};
	struct sent sent;
	core_fixture_sleep(f, SECOND_MS); /* within one millisecond messages have no order */
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);

	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_SENT, STR(""), 50, &list), OK);
	assert_int_equal(list.rows[0].people_more, ALL + HIDDEN - 3);

	/* One's own: everybody. */
	struct conversation_view view;
	assert_int_equal(mailbox_conversation(&cx, &sent.id, &view), OK);
	assert_int_equal(view.messages[0].people_count, ALL + HIDDEN);
	assert_int_equal(view.messages[0].people_more, 0);
	assert_int_equal(view.others_count, ALL);

	/* Somebody else's: the first ones, the rest counted, Bcc neither. */
	cx = core_fixture_cx(f, gabi);
	assert_int_equal(mailbox_conversation(&cx, &sent.id, &view), OK);
	assert_int_equal(view.messages[0].people_count, LIMIT_MESSAGE_PEOPLE);
	assert_int_equal(view.messages[0].people_more, ALL - LIMIT_MESSAGE_PEOPLE);
	assert_int_equal(view.others_count, ALL); /* without herself, with the sender */
	struct message_view one;
	assert_int_equal(mailbox_open(&cx, &sent.id, &one), OK);
	assert_int_equal(one.people_count, ALL);

	/* Around another message of the conversation, one's own is cut too, and its openings are
	   counted all the same. */
	struct id later = answer(f, gabi, &sent.id, STR("Thanks"));
	cx = core_fixture_cx(f, f->admin);
	assert_int_equal(mailbox_conversation(&cx, &later, &view), OK);
	assert_int_equal(view.messages[0].people_count, LIMIT_MESSAGE_PEOPLE);
	assert_int_equal(view.messages[0].people_more, ALL + HIDDEN - LIMIT_MESSAGE_PEOPLE);
	assert_int_equal(view.messages[0].kind_counts[RECIPIENT_TO], ALL);
	assert_int_equal(view.messages[0].kind_counts[RECIPIENT_CC], 0);
	assert_int_equal(view.messages[0].kind_counts[RECIPIENT_BCC], HIDDEN);
	assert_int_equal(view.messages[0].opened_count, 1);
}

static void someone_in_bcc_sees_that_they_are(void **state)
{
	enum { OTHERS = 60 };
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct str to = STR("p@example.org");
	for (int i = 1; i < OTHERS; i++)
		to = arena_printf(&f->arena, "%.*s, p%d@example.org", STR_ARGS(to), i);
	const struct draft draft = {.to = to, .bcc = GUEST, .subject = STR("S"), .body = STR("B")};
	struct sent sent;
	struct conversation_view view;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	struct cx cx = core_fixture_cx(f, gabi);
	assert_int_equal(mailbox_conversation(&cx, &sent.id, &view), OK);
	const struct message_view *message = &view.messages[0];
	assert_int_equal(message->people_count, LIMIT_MESSAGE_PEOPLE);
	const struct message_person *last = &message->people[message->people_count - 1];
	assert_int_equal(last->kind, RECIPIENT_BCC);
	assert_true(str_eq(last->address, GUEST));
}

/* ---- what reading writes ---- */

struct opening {
	struct delivery old, next;
};

static enum err finish_opening(struct db *db, void *argument)
{
	const struct opening *opening = argument;
	return deliveries_rewrap(db, &opening->old, &opening->next);
}

static struct delivery delivery_of(struct core_fixture *f, const struct id *message_id,
				   const struct id *user_id)
{
	struct db *db CLEANUP_READ = NULL;
	struct delivery *found;
	size_t count;
	int64_t bad;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(deliveries_of_message(db, &f->arena, message_id, &found, &count, &bad),
			 OK);
	for (size_t i = 0; i < count; i++)
		if (id_eq(&found[i].user_id, user_id))
			return found[i];
	fail_msg("no such delivery");
	return (struct delivery){.opened_ms = 0};
}

/* P4.4: an opening that is under way writes nothing over a key that was destroyed or replaced since
 * it was read. */
static void a_destroyed_key_never_comes_back(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
	struct opening opening = {.old = delivery_of(f, &sent.id, &gabi->user.id)};
	assert_true(opening.old.sealed.len > 0);
	opening.next = opening.old;
	opening.next.wrapped = STR("a key wrapped anew");
	opening.next.sealed = STR("");
	opening.next.opened_ms = 1;

	struct opening late = opening;
	late.old.sealed = STR("another key");
	assert_int_equal(store_transact(f->portal->store, finish_opening, &late, NULL),
			 ERR_NOT_FOUND);
	assert_true(delivery_of(f, &sent.id, &gabi->user.id).sealed.len > 0);
	assert_int_equal(delivery_of(f, &sent.id, &gabi->user.id).opened_ms, 0);

	assert_int_equal(store_transact(f->portal->store, finish_opening, &opening, NULL), OK);
	struct delivery now = delivery_of(f, &sent.id, &gabi->user.id);
	assert_int_equal(now.sealed.len, 0);
	assert_true(str_eq(now.wrapped, opening.next.wrapped));
	/* The slower of two openings. */
	assert_int_equal(store_transact(f->portal->store, finish_opening, &opening, NULL),
			 ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(long_texts_hide_nothing),
		CORE_TEST(everybody_is_named_beside_their_own_words),
		CORE_TEST(the_newest_texts_are_shown),
		CORE_TEST(the_message_asked_for_is_there_however_old),
		CORE_TEST(another_text_is_not_shown),
		CORE_TEST(looking_marks_nothing),
		CORE_TEST(what_was_read_is_folded),
		CORE_TEST(few_people_are_counted),
		CORE_TEST(many_people_are_counted),
		CORE_TEST(someone_in_bcc_sees_that_they_are),
		CORE_TEST(a_destroyed_key_never_comes_back),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
