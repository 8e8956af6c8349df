/* The lists of messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/mailbox_move.h"
#include "web/web_test_support.h"

static void many_unread_are_not_counted_out(void **state)
{
	(void)state;
	struct str ben = guest();
	/* One has been waiting. */
	for (int i = 2; i <= 100; i++) {
		core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("S"),
				  STR("B"));
		if (i < 99)
			continue;
		struct web_answer answer = web_fixture_get(&web, STR("/inbox"), ben);
		assert_true(has(&answer, i == 99 ? ">99</span>" : ">99+</span>"));
		assert_true(has(&answer, i == 99 ? ", 99 unread" : ", more than 99 unread"));
	}
}

/* The id of the newest message in a box. */
static struct str newest(struct session *session, enum box box)
{
	struct cx cx = core_fixture_cx(&web.core, session);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, box, STR(""), 50, &list), OK);
	assert_true(list.count > 0);
	return arena_copy(&web.core.arena, id_str(&list.rows[0].id));
}

static size_t count_in(struct session *session, enum box box)
{
	struct cx cx = core_fixture_cx(&web.core, session);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, box, STR(""), 50, &list), OK);
	return list.count;
}

static struct web_answer act(const char *act, const char *from, struct str ids, struct str token)
{
	struct str form =
		arena_printf(&web.core.arena, "act=%s&from=%s%.*s", act, from, STR_ARGS(ids));
	return web_fixture_post(&web, STR("/messages/act"), form, token);
}

static struct str id_field(struct str id)
{
	return arena_printf(&web.core.arena, "&id=%.*s", STR_ARGS(id));
}

static void empty_boxes_say_what_they_are_for(void **state)
{
	static const struct {
		const char *path, *sentence;
	} boxes[] = {
		{"/sent", "You have not sent anything yet"},
		{"/archive", "Nothing is archived"},
		{"/trash", "waits here for 30 days"},
	};
	(void)state;
	struct str ben = guest();
	for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
		struct web_answer answer = web_fixture_get(&web, str_of(boxes[i].path), ben);
		assert_int_equal(answer.status, 200);
		assert_true(has(&answer, boxes[i].sentence));
		assert_false(has(&answer, "type=\"checkbox\" name=\"id\""));
		assert_int_equal(web_fixture_get(&web, str_of(boxes[i].path), STR_NONE).status,
				 303);
	}
}

static void many_are_moved_and_taken_back(void **state)
{
	(void)state;
	struct session *ben = core_fixture_person(&web.core, STR("ben@example.com"),
						  STR("Ben Adler"), GRADE_GUEST);
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct str first = newest(ben, BOX_INBOX);
	web.core.clock.now_ms += 1000;
	core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("Two"), STR("B"));
	struct str second = newest(ben, BOX_INBOX);
	struct str both = arena_printf(&web.core.arena, "&id=%.*s&id=%.*s", STR_ARGS(first),
				       STR_ARGS(second));
	static const struct {
		const char *act, *from, *notice;
		enum box to;
	} moves[] = {
		{"archive", "inbox", "Moved to Archive.", BOX_ARCHIVE},
		{"trash", "archive", "Moved to Trash.", BOX_TRASH},
		{"back", "trash", "Moved back.", BOX_INBOX},
		{"trash", "inbox", "Moved to Trash.", BOX_TRASH},
	};
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		struct web_answer moved = act(moves[i].act, moves[i].from, both, token);
		assert_int_equal(moved.status, 303);
		assert_int_equal(count_in(ben, moves[i].to), 2);
		struct web_answer page = web_fixture_get(&web, moved.location, token);
		assert_int_equal(page.status, 200);
		assert_true(has(&page, moves[i].notice));
		assert_true(has(&page, ">Undo</button>"));
		assert_true(str_find(page.body, first) >= 0 && str_find(page.body, second) >= 0);
		/* Nobody is told so, nor offered it, who follows somebody's link. */
		page = web_fixture_get_from_elsewhere(&web, moved.location, token);
		assert_false(has(&page, moves[i].notice) || has(&page, ">Undo</button>"));
	}
	struct web_answer back =
		act("back", "inbox", arena_printf(&web.core.arena, "%.*s&undo=yes", STR_ARGS(both)),
		    token);
	assert_true(str_starts_with(back.location, STR("/inbox?done=undone")));
	assert_int_equal(count_in(ben, BOX_INBOX), 2);
	back = web_fixture_get(&web, back.location, token);
	assert_true(has(&back, "Undone"));
	assert_false(has(&back, ">Undo</button>"));

	assert_int_equal(act("read", "inbox", both, token).status, 303);
	struct web_answer list = web_fixture_get(&web, STR("/inbox"), token);
	assert_false(has(&list, "is-unread"));
	assert_int_equal(act("unread", "inbox", both, token).status, 303);
	list = web_fixture_get(&web, STR("/inbox"), token);
	assert_true(has(&list, "is-unread"));
}

static void what_is_wrong_moves_nothing(void **state)
{
	(void)state;
	struct session *ben = core_fixture_person(&web.core, STR("ben@example.com"),
						  STR("Ben Adler"), GRADE_GUEST);
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	core_fixture_person(&web.core, STR("otto@example.com"), STR("Otto"), GRADE_GUEST);
	struct str otto = web_fixture_sign_in(&web, STR("otto@example.com"));
	struct str own = id_field(newest(ben, BOX_INBOX));
	const struct {
		const char *act;
		struct str ids;
		struct str token;
		int status;
	} bad[] = {
		{"archive", own, otto, 404},
		{"read", own, otto, 404},
		{"trash", STR("&id=nonsense"), token, 404},
		{"trash", STR("&id=01ARZ3NDEKTSV4RRFFQ69G5FAV"), token, 404},
		{"shred", own, token, 400},
		{"", own, token, 400},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(act(bad[i].act, "inbox", bad[i].ids, bad[i].token).status,
				 bad[i].status);
	/* A list of another site's making leads nowhere else. */
	struct web_answer answer = act("archive", "//evil.example", own, token);
	assert_true(str_starts_with(answer.location, STR("/inbox?done=archived")));
	assert_int_equal(web_fixture_post_from_elsewhere(
				 &web, STR("/messages/act"),
				 arena_printf(&web.core.arena, "act=trash%.*s", STR_ARGS(own)),
				 token)
				 .status,
			 403);
	assert_int_equal(count_in(ben, BOX_ARCHIVE), 1);
	answer = act("trash", "inbox", STR(""), token);
	answer = web_fixture_get(&web, answer.location, token);
	assert_true(has(&answer, "Nothing is selected yet"));
	/* Nor does a broken offer to undo. */
	answer = web_fixture_get(&web, STR("/inbox?done=trashed&undo=x.%22%3E"), token);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, ">Undo</button>"));
}

/* P4.1: and what is done to the row is done to the conversation. */
static void a_conversation_is_one_row(void **state)
{
	(void)state;
	struct session *ben = core_fixture_person(&web.core, STR("ben@example.com"),
						  STR("Ben Adler"), GRADE_GUEST);
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct draft draft = {
		.to = STR("ben@example.com"), .subject = STR("Tides"), .body = STR("High water")};
	struct sent sent;
	int64_t before = count_in(ben, BOX_INBOX);
	for (int i = 0; i < 3; i++) {
		core_fixture_sleep(&web.core, SECOND_MS);
		assert_int_equal(
			core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
		draft.reply_to = sent.id;
	}
	struct web_answer answer = web_fixture_get(&web, STR("/inbox"), token);
	assert_true(has(&answer, "<span class=\"unseen\">(3 messages)</span>"));
	assert_int_equal(count_in(ben, BOX_INBOX), before + 3);
	act("archive", "inbox", id_field(id_str(&sent.id)), token);
	assert_int_equal(count_in(ben, BOX_INBOX), before);
	assert_int_equal(count_in(ben, BOX_ARCHIVE), 3);
	answer = web_fixture_get(&web, STR("/archive"), token);
	assert_true(has(&answer, "(3 messages)"));
}

/* The ids of a list's rows, newest first, appended to `ids`. */
static size_t rows_of(struct web_answer *page, struct str *ids, size_t count)
{
	const struct str mark = STR("name=\"id\" value=\"");
	struct str rest = page->body;
	for (ptrdiff_t at; (at = str_find(rest, mark)) >= 0; count++) {
		rest = str_slice(rest, (size_t)at + mark.len, rest.len);
		ids[count] = str_slice(rest, 0, ID_CHARS);
	}
	return count;
}

/* Where "Older" leads; empty: nowhere. */
static struct str older_of(struct web_answer *page)
{
	const struct str mark = STR("rel=\"next\" href=\"");
	struct str path = STR_NONE;
	ptrdiff_t at = str_find(page->body, mark);
	if (at < 0)
		return path;
	struct str rest = str_slice(page->body, (size_t)at + mark.len, page->body.len);
	assert_true(str_next(&rest, '"', &path));
	return path;
}

/* P4.1: page by page each conversation once, where its newest message stands. */
static void older_pages_hold_the_rest_once(void **state)
{
	enum { CONVERSATIONS = 2 * LIMIT_PAGE_ROWS_DEFAULT + 5 };
	static const size_t pages[] = {LIMIT_PAGE_ROWS_DEFAULT, LIMIT_PAGE_ROWS_DEFAULT, 5};
	static const char *const lists[] = {"/inbox", "/archive"};
	(void)state;
	struct session *ben = core_fixture_person(&web.core, STR("ben@example.com"),
						  STR("Ben Adler"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(&web.core, ben);
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct id newest_first[CONVERSATIONS];
	struct draft draft = {
		.to = STR("ben@example.com"), .subject = STR("Tides"), .body = STR("High water")};
	struct sent sent;
	act("trash", "inbox", id_field(newest(ben, BOX_INBOX)), token);
	for (size_t i = CONVERSATIONS; i-- > 0;) {
		core_fixture_sleep(&web.core, SECOND_MS);
		newest_first[i] =
			core_fixture_send(&web.core, web.core.admin, draft.to, STR("S"), STR("B"))
				.id;
	}
	/* The oldest is answered: its row goes to the top, and stands nowhere else. */
	draft.reply_to = newest_first[CONVERSATIONS - 1];
	core_fixture_sleep(&web.core, SECOND_MS);
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
	memmove(newest_first + 1, newest_first, sizeof newest_first - sizeof newest_first[0]);
	newest_first[0] = sent.id;
	for (size_t list = 0; list < 2; list++) {
		struct str ids[CONVERSATIONS + LIMIT_PAGE_ROWS];
		struct str path = str_of(lists[list]);
		size_t count = 0;
		for (size_t p = 0; p < 3; p++) {
			struct web_answer page = web_fixture_get(&web, path, token);
			assert_int_equal(page.status, 200);
			size_t before = count;
			count = rows_of(&page, ids, count);
			assert_int_equal(count - before, pages[p]);
			path = older_of(&page);
			assert_int_equal(path.len > 0, p < 2);
		}
		for (size_t i = 0; i < CONVERSATIONS; i++)
			assert_true(str_eq(ids[i], id_str(&newest_first[i])));
		assert_int_equal(
			mailbox_move_conversations(&cx, newest_first, CONVERSATIONS, BOX_ARCHIVE),
			OK);
	}
}

static bool has_at(const char *path, const char *part, struct str token)
{
	struct web_answer answer = web_fixture_get(&web, str_of(path), token);
	return has(&answer, part);
}

static void deleting_for_ever_is_for_trash_only(void **state)
{
	(void)state;
	struct session *ben = core_fixture_person(&web.core, STR("ben@example.com"),
						  STR("Ben Adler"), GRADE_GUEST);
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct str id = newest(ben, BOX_INBOX);
	struct str page = path_of("/message/", id, ""), path = path_of("/message/", id, "/destroy");
	struct web_answer answer = web_fixture_get(&web, page, token);
	assert_true(has(&answer, ">Archive</button>") && has(&answer, ">Delete</button>"));
	assert_false(has(&answer, "Delete for ever"));
	assert_int_equal(web_fixture_post(&web, path, STR(""), token).status, 409);
	act("trash", "inbox", id_field(id), token);
	answer = web_fixture_get(&web, page, token);
	assert_true(has(&answer, "Delete this message for ever?"));
	assert_true(has(&answer, "Move to Inbox") && has(&answer, "Back to Trash"));
	answer = web_fixture_post(&web, path, STR(""), token);
	assert_true(str_eq(answer.location, STR("/trash?done=destroyed")));
	assert_int_equal(web_fixture_get(&web, page, token).status, 404);
	assert_int_equal(web_fixture_post(&web, path, STR(""), token).status, 404);
	assert_int_equal(count_in(ben, BOX_TRASH), 0);
}

static void trash_is_emptied_by_one_button(void **state)
{
	(void)state;
	struct session *ben = core_fixture_person(&web.core, STR("ben@example.com"),
						  STR("Ben Adler"), GRADE_GUEST);
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	assert_false(has_at("/trash", "Empty Trash", token));
	act("trash", "inbox", id_field(newest(ben, BOX_INBOX)), token);
	assert_true(has_at("/trash", "Empty Trash", token));
	assert_int_equal(
		web_fixture_post_from_elsewhere(&web, STR("/trash/empty"), STR(""), token).status,
		403);
	assert_int_equal(count_in(ben, BOX_TRASH), 1);
	struct web_answer answer = web_fixture_post(&web, STR("/trash/empty"), STR(""), token);
	assert_true(str_eq(answer.location, STR("/trash?done=trash-emptied")));
	assert_true(has_at("/trash?done=trash-emptied", "Trash is empty. What was in it", token));
	assert_int_equal(count_in(ben, BOX_TRASH), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(many_unread_are_not_counted_out),
		WEB_TEST(empty_boxes_say_what_they_are_for),
		WEB_TEST(many_are_moved_and_taken_back),
		WEB_TEST(what_is_wrong_moves_nothing),
		WEB_TEST(deleting_for_ever_is_for_trash_only),
		WEB_TEST(trash_is_emptied_by_one_button),
		WEB_TEST(a_conversation_is_one_row),
		WEB_TEST(older_pages_hold_the_rest_once),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
