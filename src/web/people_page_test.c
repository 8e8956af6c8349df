/* The People page, the page of one person, and personal groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

static struct web_answer look(struct str path, struct str who)
{
	return web_fixture_get(&web, path, who);
}

static struct web_answer post(struct str path, const char *form, struct str who)
{
	return web_fixture_post(&web, path, str_of(form), who);
}

static struct str id_of(const char *address)
{
	struct user user = core_fixture_user(&web.core, str_of(address));
	return arena_copy(&web.core.arena, id_str(&user.id));
}

static void nobody_yet_and_then_somebody(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = look(STR("/people"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Nobody yet"));
	assert_true(has(&answer, "href=\"/people\" aria-current=\"page\""));
	guest();
	core_fixture_send(&web.core, web.core.admin, STR("\"D\" <dora@example.org>"), STR("Hi"),
			  STR("Text"));
	answer = look(STR("/people"), anna);
	assert_false(has(&answer, "Nobody yet"));
	struct str path = path_of("href=\"/people/", id_of("ben@example.com"), "\"");
	assert_true(str_find(answer.body, path) >= 0);
	assert_true(has(&answer, "Ben Adler"));
	assert_true(has(&answer, "Not registered yet"));
	answer = look(STR("/people?q=adl"), anna);
	assert_true(has(&answer, "Ben Adler"));
	assert_false(has(&answer, "dora@example.org"));
	assert_true(has(&answer, "value=\"adl\""));
	answer = look(STR("/people?q=%3Cb%3E"), anna);
	assert_true(has(&answer, "Nobody you have exchanged messages with"));
	assert_true(has(&answer, "&lt;b&gt;"));
	answer = look(path_of("/people?q=", repeated("a", 101), ""), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Please search for at most 100 letters"));
	answer = look(STR("/people?cursor=garbage"), anna);
	assert_int_equal(answer.status, 400);
}

static void the_page_of_a_person(void **state)
{
	(void)state;
	struct str anna = admin();
	guest();
	struct str ben = path_of("/people/", id_of("ben@example.com"), "");
	struct web_answer answer = look(ben, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "<h1><bdi>Ben Adler</bdi></h1>"));
	assert_true(has(&answer, "href=\"/compose?to=ben%40example.com\""));
	assert_true(has(&answer, "href=\"/message/"));
	assert_true(has(&answer, "Block Ben Adler"));
	assert_false(has(&answer, "invite-again"));
	core_fixture_send(&web.core, web.core.admin, STR("dora@example.org"), STR("Hi"),
			  STR("Text"));
	struct str dora = path_of("/people/", id_of("dora@example.org"), "");
	answer = look(dora, anna);
	assert_true(has(&answer, "Not yet: invited"));
	answer = post(path_of("", dora, "/invite-again"),
		      arena_cstr(&web.core.arena, path_of("next=", dora, "")), anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_starts_with(answer.location, dora));
}

static void others_ids_are_as_good_as_none(void **state)
{
	(void)state;
	struct str anna = admin();
	struct str ben = guest();
	core_fixture_person(&web.core, STR("dora@example.org"), STR("Dora"), GRADE_GUEST);
	struct str dora = path_of("/people/", id_of("dora@example.org"), "");
	static const char *const acts[] = {"/block", "/unblock"};
	assert_int_equal(look(dora, ben).status, 404);
	assert_int_equal(look(STR("/people/nonsense"), anna).status, 404);
	assert_int_equal(look(STR("/people/01ARZ3NDEKTSV4RRFFQ69G5FAV"), anna).status, 404);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(post(path_of("", dora, acts[i]), "", ben).status, 404);
	struct web_answer answer = look(STR("/people"), ben);
	assert_true(has(&answer, "Ada Admin"));
	assert_false(has(&answer, "Dora"));
	/* P1.4: nor blocks a guest whom they may see. */
	struct str ada = path_of("/people/", id_of("admin@example.com"), "");
	answer = look(ada, ben);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, "/block\""));
	assert_int_equal(post(path_of("", ada, "/block"), "", ben).status, 403);
}

static void blocking_and_unblocking(void **state)
{
	(void)state;
	struct str anna = admin();
	struct str ben = guest();
	struct str path = path_of("/people/", id_of("ben@example.com"), "");
	struct web_answer answer = post(path_of("", path, "/block"), "", anna);
	assert_int_equal(answer.status, 303);
	answer = look(answer.location, anna);
	assert_true(has(&answer, "That person is blocked."));
	assert_true(has(&answer, "You have blocked Ben Adler"));
	answer = look(STR("/people"), anna);
	assert_true(has(&answer, "Blocked guests"));
	answer = post(STR("/compose"), "to=admin%40example.com&subject=S&body=B&key=k", ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "cannot receive messages at the moment"));
	assert_false(has(&answer, "block"));
	answer = look(STR("/people/suggest?q=ada"), ben);
	assert_true(has(&answer, "\"people\":[]"));
	answer = post(path_of("", path, "/unblock"), "list=yes", anna);
	assert_true(str_eq(answer.location, STR("/people?done=unblocked")));
	answer = post(STR("/compose"), "to=admin%40example.com&subject=S&body=B&key=k", ben);
	assert_int_equal(answer.status, 303);
	core_fixture_person(&web.core, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	answer = post(path_of("/people/", id_of("paul@example.com"), "/block"), "", anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Only guests can be blocked, and Paul is not one."));
}

static void groups_are_made_used_and_deleted(void **state)
{
	(void)state;
	struct str anna = admin();
	guest();
	assert_int_equal(look(STR("/people/groups/new"), anna).status, 200);
	struct web_answer answer = post(STR("/people/groups"), "name=&members=x", anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Give the group a name."));
	assert_true(has(&answer, "is not a complete e-mail address"));
	answer = post(STR("/people/groups"), "name=Board+%26+%3Cb%3E&members=ben%40example.com",
		      anna);
	assert_int_equal(answer.status, 422);
	answer = post(STR("/people/groups"), "name=Board+%26+Co&members=ben%40example.com", anna);
	assert_int_equal(answer.status, 303);
	answer = look(answer.location, anna);
	assert_true(has(&answer, "The group is saved."));
	assert_true(has(&answer, "Board &amp; Co"));
	assert_true(has(&answer, "1 member"));
	assert_true(has(&answer, "href=\"/compose?to=Board%20%26%20Co\""));
	ptrdiff_t at = str_find(answer.body, STR("href=\"/people/groups/0"));
	assert_true(at >= 0);
	struct str path = str_slice(answer.body, (size_t)at + 6, answer.body.len);
	path = str_slice(path, 0, STR("/people/groups/").len + ID_CHARS);
	answer = look(path, anna);
	assert_true(has(&answer, "ben@example.com</textarea>"));
	answer = look(STR("/people/suggest?q=boa"), anna);
	assert_true(
		has(&answer, "\"groups\":[{\"name\":\"Board & Co\",\"members\":\"1 member\"}]"));
	answer = look(STR("/compose"), anna);
	assert_true(has(&answer, "data-groups=\"Board &amp; Co\""));
	answer = post(STR("/compose"), "to=board+%26+co&subject=S&body=B&key=k", anna);
	assert_int_equal(answer.status, 303);
	answer = look(answer.location, anna);
	assert_false(has(&answer, "Board"));
	assert_true(has(&answer, "Ben Adler"));
	/* Another's. */
	struct str ben = web_fixture_sign_in(&web, STR("ben@example.com"));
	assert_int_equal(look(path, ben).status, 404);
	assert_int_equal(post(path, "name=Mine&members=a%40example.org", ben).status, 404);
	assert_int_equal(post(path_of("", path, "/delete"), "", ben).status, 404);
	answer = post(path, "name=Board&members=admin%40example.com%0Aben%40example.com", anna);
	assert_int_equal(answer.status, 303);
	answer = post(path_of("", path, "/delete"), "", anna);
	assert_true(str_eq(answer.location, STR("/people?done=group-deleted")));
	assert_int_equal(look(path, anna).status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(nobody_yet_and_then_somebody),     WEB_TEST(the_page_of_a_person),
		WEB_TEST(others_ids_are_as_good_as_none),   WEB_TEST(blocking_and_unblocking),
		WEB_TEST(groups_are_made_used_and_deleted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
