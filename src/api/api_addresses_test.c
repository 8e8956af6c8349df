/* E-mail addresses by API: one's own, and other people's for administrators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

#define PASSWORD "copper lantern river oat" /* api_fixture_password */

/* Gabi, a guest who has registered. */
struct scene {
	const char *admin, *gabi, *id;
};

static struct scene begin(struct test *t)
{
	struct scene s = {.admin = sign_in_admin(t)};
	struct str link = STR_NONE;
	call(t, "POST", "/api/v1/users", s.admin, "{\"address\":\"gabi@example.org\"}");
	expect(t, 201);
	s.id = keep(t, "id");
	api_fixture_take_mails(&t->f, "gabi@example.org", &link);
	s.gabi = api_fixture_register(&t->f, link, "Gabi");
	return s;
}

static const char *path_of(struct test *t, const char *before, const char *part, const char *after)
{
	return arena_printf(&t->f.arena, "/api/v1%s%s%s", before, part, after).data;
}

static const char *link_to(struct test *t, const char *address)
{
	struct str token = STR_NONE;
	api_fixture_take_mails(&t->f, address, &token);
	assert_true(token.len > 0);
	return path_of(t, "/address-links/", arena_cstr(&t->f.arena, token), "");
}

static void by_themselves(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	struct scene s = begin(t);
	call(t, "PUT", "/api/v1/me/address", s.gabi,
	     "{\"address\":\"new@example.net\",\"password\":\"not my password\"}");
	expect_type(t, 422, "mistakes");
	expect_text(t, "errors.0.field", "password");
	call(t, "PUT", "/api/v1/me/address", s.gabi,
	     "{\"address\":\"no address\",\"password\":\"" PASSWORD "\"}");
	expect_text(t, "errors.0.field", "address");
	/* The same answer for an address that is somebody else's. */
	call(t, "POST", "/api/v1/me/aliases", s.gabi,
	     "{\"address\":\"admin@example.com\",\"password\":\"" PASSWORD "\"}");
	expect(t, 202);
	expect_text(t, "pending.0.address", "admin@example.com");
	const char *pending = keep(t, "pending.0.id");
	call(t, "DELETE", path_of(t, "/me/address-requests/", pending, ""), s.gabi, NULL);
	expect(t, 204);
	call(t, "DELETE", path_of(t, "/me/address-requests/", pending, ""), s.gabi, NULL);
	expect_type(t, 404, "not-found");
	call(t, "PUT", "/api/v1/me/address", s.gabi,
	     "{\"address\":\"new@example.net\",\"password\":\"" PASSWORD "\"}");
	expect(t, 202);
	expect_text(t, "address", "gabi@example.org");
	assert_true(json_is_true(at(t, "pending.0.keep_old")));
	const char *link = link_to(t, "new@example.net");
	for (int i = 0; i < 2; i++) {
		call(t, "GET", link, NULL, NULL);
		expect(t, 200);
		expect_text(t, "state", "good");
		assert_true(json_is_true(at(t, "needs_password")));
	}
	call(t, "GET", link, s.gabi, NULL);
	assert_true(json_is_false(at(t, "needs_password")));
	call(t, "POST", link, s.gabi, NULL);
	expect(t, 204);
	call(t, "POST", link, s.gabi, NULL);
	expect_type(t, 409, "conflict");
	call(t, "GET", "/api/v1/me/addresses", s.gabi, NULL);
	expect(t, 200);
	expect_text(t, "address", "new@example.net");
	expect_text(t, "aliases.0.address", "gabi@example.org");
	assert_int_equal(json_array_size(at(t, "pending")), 0);
	/* Turned back by whoever reads the old mailbox. */
	link = link_to(t, "gabi@example.org");
	call(t, "GET", link, NULL, NULL);
	assert_true(json_is_true(at(t, "turns_back")));
	assert_true(json_is_false(at(t, "needs_password")));
	call(t, "POST", link, NULL, NULL);
	expect(t, 204);
	call(t, "GET", "/api/v1/me", s.gabi, NULL);
	expect_type(t, 401, "not-signed-in");
	call(t, "GET", path_of(t, "/users/", s.id, ""), s.admin, NULL);
	expect_text(t, "email", "gabi@example.org");
}

static void by_an_administrator(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	struct scene s = begin(t);
	const char *user = path_of(t, "/users/", s.id, "");
	call(t, "PATCH", user, s.admin, "{\"address\":\"admin@example.com\"}");
	expect_type(t, 422, "mistakes");
	expect_text(t, "errors.0.field", "address");
	call(t, "PATCH", user, s.admin, "{\"address\":\"n@example.net\",\"grade\":\"guest\"}");
	expect_type(t, 422, "mistakes");
	expect_text(t, "errors.0.field", "grade");
	call(t, "PATCH", user, s.admin, "{\"address\":\"n@example.net\",\"keep_old\":false}");
	expect(t, 202);
	assert_true(json_is_false(at(t, "pending.0.keep_old")));
	const char *link = link_to(t, "n@example.net");
	/* Nobody but Gabi: not the administrator who has asked, not the mailbox alone. */
	call(t, "POST", link, s.admin, NULL);
	expect_type(t, 422, "mistakes");
	expect_text(t, "errors.0.field", "password");
	call(t, "POST", link, NULL, "{\"password\":\"not my password\"}");
	expect_type(t, 422, "mistakes");
	call(t, "POST", link, NULL, "{\"password\":\"" PASSWORD "\"}");
	expect(t, 204);
	call(t, "POST", path_of(t, "/users/", s.id, "/aliases"), s.admin,
	     "{\"address\":\"alias@example.net\"}");
	expect(t, 202);
	call(t, "POST", link_to(t, "alias@example.net"), s.gabi, "{\"password\":\"" PASSWORD "\"}");
	expect(t, 204);
	call(t, "GET", path_of(t, "/users/", s.id, "/addresses"), s.admin, NULL);
	expect_text(t, "address", "n@example.net");
	expect_text(t, "aliases.0.address", "alias@example.net");
	assert_int_equal(json_array_size(at(t, "aliases")), 1);
	call(t, "DELETE", path_of(t, "/users/", s.id, "/aliases/alias%40example.net"), s.admin,
	     NULL);
	expect(t, 204);
	call(t, "DELETE", path_of(t, "/users/", s.id, "/aliases/alias%40example.net"), s.admin,
	     NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", "/api/v1/audit?kind=people&limit=2", s.admin, NULL);
	expect_text(t, "items.0.kind", "user_address_changed");
	expect_text(t, "items.0.before", "alias@example.net");
	/* One's own is changed with the password. */
	call(t, "GET", "/api/v1/me", s.admin, NULL);
	call(t, "PATCH", path_of(t, "/users/", keep(t, "id"), ""), s.admin,
	     "{\"address\":\"ada@example.net\"}");
	expect_type(t, 403, "denied");
	/* Others may nothing of it. */
	static const struct {
		const char *method, *path, *body;
	} calls[] = {
		{"PATCH", "", "{\"address\":\"x@example.net\"}"},
		{"GET", "/addresses", NULL},
		{"POST", "/aliases", "{\"address\":\"x@example.net\"}"},
		{"DELETE", "/aliases/x%40example.net", NULL},
		{"DELETE", "/address-requests/01ARZ3NDEKTSV4RRFFQ69G5FAV", NULL},
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		call(t, calls[i].method, path_of(t, "/users/", s.id, calls[i].path), s.gabi,
		     calls[i].body);
		expect_type(t, 403, "denied");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_themselves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(by_themselves, set_up_postgres, tear_down),
		cmocka_unit_test_setup_teardown(by_an_administrator, set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
