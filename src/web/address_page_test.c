/* E-mail addresses: the pages of people themselves, of administrators, and of the links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

#define RIGHT "current=violet+kettle+harbour+42"

static struct str id_of(const char *address)
{
	struct user user = core_fixture_user(&web.core, str_of(address));
	return arena_copy(&web.core.arena, id_str(&user.id));
}

static struct web_answer post(struct str path, const char *form, struct str who)
{
	return web_fixture_post(&web, path, str_of(form), who);
}

static struct str link_to(const char *address, enum mail_kind kind)
{
	return path_of("/address/", core_fixture_token(&web.core, kind, str_of(address)), "");
}

static void assert_at(const struct web_answer *answer, const char *location)
{
	assert_int_equal(answer->status, 303);
	if (!str_eq(answer->location, str_of(location)))
		fail_msg("%.*s", STR_ARGS(answer->location));
}

static void a_person_changes_their_address(void **state)
{
	(void)state;
	struct str ben = guest();
	const struct str own = STR("/account/address");
	struct web_answer answer = web_fixture_get(&web, STR("/account"), ben);
	assert_true(has(&answer, "href=\"/account/address\""));
	answer = web_fixture_get(&web, own, ben);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "There are no further addresses"));
	assert_false(has(&answer, "as-alone"));
	answer = post(own, "address=n%40example.net&as=main&current=wrong", ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "not your current password"));
	assert_true(has(&answer, "value=\"n@example.net\""));
	answer = post(own, "address=nonsense&as=alias&" RIGHT, ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "id=\"address-wrong\""));
	assert_true(has(&answer, "value=\"alias\" checked"));
	answer = post(own, "address=n%40example.net&as=main&" RIGHT, ben);
	assert_at(&answer, "/account/address?done=address-asked");
	answer = web_fixture_get(&web, answer.location, ben);
	assert_true(has(&answer, "Nothing changes until it is confirmed there"));
	assert_true(has(&answer, "Waiting for confirmation"));
	/* Mail scanners open links, and change nothing. */
	struct str link = link_to("n@example.net", MAIL_ADDRESS);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(web_fixture_head(&web, link, STR_NONE).status, 200);
		answer = web_fixture_get(&web, link, STR_NONE);
		assert_int_equal(answer.status, 200);
		assert_true(has(&answer, "name=\"current\""));
		/* It may be a stranger who reads this. */
		assert_false(has(&answer, "ben@example.com"));
		assert_false(has(&answer, "Adler"));
	}
	answer = post(link, "current=wrong", STR_NONE);
	assert_int_equal(answer.status, 422);
	answer = web_fixture_get(&web, link, ben);
	assert_false(has(&answer, "name=\"current\""));
	answer = post(link, "", ben);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, ben);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "n@example.net belongs to your account now"));
	answer = web_fixture_get(&web, own, ben);
	assert_true(has(&answer, "Remove ben@example.com"));
	answer = post(STR("/account/address/remove"), "address=ben%40example.com", ben);
	assert_at(&answer, "/account/address?done=address-removed");
	answer = post(STR("/account/address/remove"), "address=ben%40example.com", ben);
	assert_at(&answer, "/account/address?done=address-removed");
	answer = web_fixture_get(&web, own, ben);
	assert_true(has(&answer, "There are no further addresses"));
	/* And back. */
	link = link_to("ben@example.com", MAIL_ADDRESS_CHANGED);
	answer = web_fixture_get(&web, link, STR_NONE);
	assert_true(has(&answer, "Turn the change back?"));
	assert_false(has(&answer, "name=\"current\""));
	answer = post(link, "", STR_NONE);
	answer = web_fixture_get(&web, answer.location, STR_NONE);
	assert_true(has(&answer, "ben@example.com is your address again"));
	assert_int_equal(web_fixture_get(&web, own, ben).status, 303);
}

static void an_administrator_asks(void **state)
{
	(void)state;
	struct str ben = guest(), anna = admin(), bens = id_of("ben@example.com");
	struct str page = path_of("/admin/users/", bens, "/address");
	struct web_answer answer = web_fixture_get(&web, path_of("/admin/users/", bens, ""), anna);
	assert_true(str_find(answer.body, page) >= 0);
	answer = web_fixture_get(&web, page, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "E-mail addresses of Ben Adler"));
	assert_true(has(&answer, "as-alone"));
	assert_false(has(&answer, "name=\"current\""));
	answer = post(page, "address=admin%40example.com&as=main", anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "in use at"));
	answer = post(page, "address=n%40example.net&as=alone", anna);
	assert_int_equal(answer.status, 303);
	struct str link = link_to("n@example.net", MAIL_ADDRESS);
	/* The administrator cannot confirm it, nor Ben by his session alone. */
	assert_int_equal(post(link, "current=wrong", anna).status, 422);
	assert_int_equal(post(link, "", ben).status, 422);
	assert_int_equal(post(link, RIGHT, STR_NONE).status, 303);
	assert_true(
		str_eq(core_fixture_user(&web.core, STR("n@example.net")).name, STR("Ben Adler")));
	/* Another, taken back. */
	post(page, "address=m%40example.net&as=alias", anna);
	link = link_to("m@example.net", MAIL_ADDRESS);
	answer = web_fixture_get(&web, page, anna);
	ptrdiff_t at = str_find(answer.body, STR("/withdraw"));
	assert_true(at > 26);
	struct str id = str_slice(answer.body, (size_t)at - 26, 26);
	answer = post(
		arena_printf(&web.core.arena, "%.*s/%.*s/withdraw", STR_ARGS(page), STR_ARGS(id)),
		"", anna);
	assert_int_equal(answer.status, 303);
	assert_int_equal(web_fixture_get(&web, link, STR_NONE).status, 404);
	assert_int_equal(web_fixture_get(&web, STR("/address/nonsense"), STR_NONE).status, 404);
	/* Nobody else. */
	assert_int_equal(web_fixture_get(&web, page, ben).status, 403);
	assert_int_equal(post(page, "address=x%40example.net", ben).status, 403);
	/* One's own with the password only. */
	answer = web_fixture_get(
		&web, path_of("/admin/users/", id_of("admin@example.com"), "/address"), anna);
	assert_at(&answer, "/account/address");
	answer = post(path_of("/admin/users/", id_of("admin@example.com"), "/address"),
		      "address=x%40example.net", anna);
	assert_int_equal(answer.status, 422);
	/* Who has not registered has no other address. */
	core_fixture_send(&web.core, web.core.admin, STR("new@example.org"), STR("S"), STR("B"));
	page = path_of("/admin/users/", id_of("new@example.org"), "/address");
	assert_false(has(&(struct web_answer){.body = web_fixture_get(&web, page, anna).body},
			 "name=\"as\""));
	answer = post(page, "address=x%40example.net", anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "has not registered yet"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_person_changes_their_address),
		WEB_TEST(an_administrator_asks),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
