/* People, for administrators: the list, one person, adding, erasing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/people.h"
#include "web/web_test_support.h"

static struct web_answer look(struct str path, struct str who)
{
	return web_fixture_get(&web, path, who);
}

static struct web_answer post(struct str path, struct str form, struct str who)
{
	return web_fixture_post(&web, path, form, who);
}

static struct str id_of(const char *address)
{
	struct user user = core_fixture_user(&web.core, str_of(address));
	return arena_copy(&web.core.arena, id_str(&user.id));
}

static void alone_and_with_others(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = look(STR("/admin/users"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Only you so far"));
	assert_true(has(&answer, "1 person"));
	struct str bens = guest();
	answer = look(STR("/admin/users"), anna);
	assert_false(has(&answer, "Only you so far"));
	assert_true(has(&answer, "2 people"));
	assert_true(has(&answer, "Ben Adler"));
	answer = look(STR("/admin/users?q=adl&grade=guest"), anna);
	assert_true(has(&answer, "1 person found"));
	assert_true(has(&answer, "value=\"adl\""));
	assert_true(has(&answer, "<option value=\"guest\" selected>"));
	answer = look(STR("/admin/users?q=%3Cb%3E"), anna);
	assert_true(has(&answer, "Nobody is like that"));
	assert_true(has(&answer, "&lt;b&gt;"));
	answer = look(STR("/admin/users?q=a+b+c+d+e"), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "at most 4 words"));
	assert_int_equal(look(STR("/admin/users?seen=x"), anna).status, 422);
	assert_int_equal(look(STR("/admin/users"), bens).status, 403);
}

static void many_at_once(void **state)
{
	(void)state;
	struct str anna = admin();
	guest();
	struct str ids = arena_printf(&web.core.arena,
				      "id=%.*s&id=%.*s&q=", STR_ARGS(id_of("ben@example.com")),
				      STR_ARGS(id_of("admin@example.com")));
	struct web_answer answer =
		post(STR("/admin/users/act"), path_of("act=lower&", ids, ""), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "1 done. 1 person stays as they were:"));
	assert_true(has(&answer, "last administrator"));
	answer = post(STR("/admin/users/act"),
		      path_of("act=raise&grade=guest&id=", id_of("ben@example.com"), ""), anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/admin/users?grade=guest&done=users-changed")));
	assert_int_equal(core_fixture_user(&web.core, STR("ben@example.com")).grade,
			 GRADE_PROFESSIONAL);
	answer = post(STR("/admin/users/act"), STR("act=disable"), anna);
	assert_true(str_eq(answer.location, STR("/admin/users?done=users-none")));
	assert_int_equal(post(STR("/admin/users/act"), STR("act=erase"), anna).status, 400);
}

static struct str change_of(struct user user, const char *rest)
{
	return arena_printf(&web.core.arena, "version=%lld&%s", (long long)user.version, rest);
}

static void one_person(void **state)
{
	(void)state;
	struct str anna = admin();
	struct str bens = guest();
	struct user ben = core_fixture_user(&web.core, STR("ben@example.com"));
	struct str path = path_of("/admin/users/", id_of("ben@example.com"), "");
	struct web_answer answer = look(path, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "1 message in their boxes"));
	assert_true(has(&answer, "Mail them a link to a new password"));
	assert_false(has(&answer, "/reset/"));
	struct str raise = change_of(ben, "grade=professional&role=administrator&state=active");
	answer = post(path, raise, anna);
	assert_int_equal(answer.status, 303);
	assert_int_equal(look(STR("/admin/users"), bens).status, 200);
	/* Somebody else saw him as he was before; what they chose stays chosen. */
	answer = post(path, change_of(ben, "grade=guest&role=member&state=disabled"), anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "Somebody else has changed this person meanwhile"));
	assert_true(has(&answer, "value=\"disabled\" checked"));
	/* The two look at each other. */
	struct str annas = path_of("/admin/users/", id_of("admin@example.com"), "");
	struct user ada = core_fixture_user(&web.core, STR("admin@example.com"));
	answer = post(annas, change_of(ada, "grade=professional&role=member&state=active"), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Another administrator can"));
	answer = post(annas, change_of(ada, "grade=guest&role=member&state=active"), bens);
	assert_int_equal(answer.status, 303);
	assert_int_equal(look(STR("/admin/users"), anna).status, 403);
	answer = post(path_of("", annas, "/password-reset"), STR(""), bens);
	assert_int_equal(answer.status, 303);
	assert_int_equal(core_fixture_count_mails(&web.core, MAIL_RESET, STR("admin@example.com")),
			 1);
}

static void a_lost_password_in_strict_custody(void **state)
{
	(void)state;
	struct str anna = admin();
	guest();
	struct str path = path_of("/admin/users/", id_of("ben@example.com"), "");
	struct web_answer answer = look(path, anna);
	assert_true(has(&answer, "keeps their own key"));
	assert_false(has(&answer, "/password-reset\""));
	answer = post(path_of("", path, "/password-reset"), STR(""), anna);
	assert_int_equal(answer.status, 422);
}

static void adding_somebody(void **state)
{
	(void)state;
	struct str anna = admin();
	assert_int_equal(look(STR("/admin/users/new"), anna).status, 200);
	struct web_answer answer =
		post(STR("/admin/users/new"), STR("address=dora&grade=guest"), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "not a complete e-mail address"));
	answer = post(STR("/admin/users/new"),
		      STR("address=dora%40example.org&grade=guest&administrator=yes"), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Only professionals can be administrators"));
	answer = post(STR("/admin/users/new"), STR("address=dora%40example.org&grade=professional"),
		      anna);
	assert_int_equal(answer.status, 303);
	struct str path = path_of("/admin/users/", id_of("dora@example.org"), "");
	assert_true(str_starts_with(answer.location, path));
	answer = post(STR("/admin/users/new"), STR("address=dora%40example.org&grade=guest"), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "is here already"));
	assert_int_equal(
		core_fixture_count_mails(&web.core, MAIL_INVITATION, STR("dora@example.org")), 1);
	/* P2.7: her link is nowhere to be seen. */
	answer = look(path, anna);
	assert_false(has(&answer, "/register/"));
	answer = post(path_of("", path, "/invite"), STR(""), anna);
	assert_int_equal(answer.status, 303);
	assert_int_equal(
		core_fixture_count_mails(&web.core, MAIL_INVITATION, STR("dora@example.org")), 2);
}

static void erasing_somebody(void **state)
{
	(void)state;
	struct str anna = admin();
	struct str bens = guest();
	struct str path = path_of("/admin/users/", id_of("ben@example.com"), "/erase");
	struct web_answer answer = look(path, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Their access to 1 message"));
	static const struct {
		const char *form;
		const char *sentence;
	} wrong[] = {
		{"address=ben%40example.com&current=wrong+password+here",
		 "not your current password"},
		{"address=bem%40example.com&current=violet+kettle+harbour+42", "not their address"},
		{"address=&current=violet+kettle+harbour+42", "not their address"},
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		answer = post(path, str_of(wrong[i].form), anna);
		assert_int_equal(answer.status, 422);
		assert_true(has(&answer, wrong[i].sentence));
	}
	assert_int_equal(look(STR("/inbox"), bens).status, 200);
	answer =
		post(path, STR("address=Ben%40example.com&current=violet+kettle+harbour+42"), anna);
	assert_int_equal(answer.status, 303);
	assert_int_equal(look(STR("/inbox"), bens).status, 303);
	assert_int_equal(look(path, anna).status, 404);
	assert_false(has(&(struct web_answer){.body = look(STR("/sent"), anna).body}, "Ben"));
	struct str own = path_of("/admin/users/", id_of("admin@example.com"), "/erase");
	answer = post(own, STR("address=admin%40example.com&current=violet+kettle+harbour+42"),
		      anna);
	assert_int_equal(answer.status, 422);
}

static void ending_a_session(void **state)
{
	(void)state;
	struct str anna = admin();
	struct str bens = guest();
	struct str path = path_of("/admin/users/", id_of("ben@example.com"), "");
	for (int i = 0; i < 3; i++) {
		struct web_answer answer = look(path, anna);
		ptrdiff_t at = str_find(answer.body, STR("/sessions/"));
		if (at < 0)
			break;
		struct str session = str_slice(answer.body, (size_t)at, 10 + 26 + 4);
		assert_int_equal(
			post(path_of("", path, arena_cstr(&web.core.arena, session)), STR(""), anna)
				.status,
			303);
	}
	assert_int_equal(look(STR("/inbox"), bens).status, 303);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(alone_and_with_others),
		WEB_TEST(many_at_once),
		WEB_TEST(one_person),
		STRICT_TEST(a_lost_password_in_strict_custody),
		WEB_TEST(adding_somebody),
		WEB_TEST(erasing_somebody),
		WEB_TEST(ending_a_session),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
