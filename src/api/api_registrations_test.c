/* Registering by a link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/limits.h"
#include "core/register.h"

static void test_bad_registrations(void **state)
{
	static const struct {
		const char *sentence;
		const char *body;
		int status;
		const char *field;
	} rows[] = {
		{"no JSON", "name=x", 400, NULL},
		{"no name", "{\"password\":\"copper lantern river oat\"}", 422, "name"},
		{"no password", "{\"name\":\"Ada\"}", 422, "password"},
		{"a number as password", "{\"name\":\"Ada\",\"password\":123456789012}", 422,
		 "password"},
		{"an empty name", "{\"name\":\"  \",\"password\":\"copper lantern river oat\"}",
		 422, "name"},
		{"a name with a line end",
		 "{\"name\":\"A\\nB\",\"password\":\"copper lantern river oat\"}", 422, "name"},
		{"a short password", "{\"name\":\"Ada\",\"password\":\"short\"}", 422, "password"},
		{"a common password", "{\"name\":\"Ada\",\"password\":\"Password1234\"}", 422,
		 "password"},
		{"the portal's name as password",
		 "{\"name\":\"Ada\",\"password\":\"lakeside-2026\"}", 422, "password"},
		{"terms as text",
		 "{\"name\":\"Ada\",\"password\":\"copper lantern river oat\",\"terms\":\"yes\"}",
		 422, "terms"},
		{"a grade of one's own choice",
		 "{\"name\":\"Ada\",\"password\":\"copper lantern river "
		 "oat\",\"grade\":\"professional\"}",
		 422, "grade"},
	};
	struct test *t = *state;
	const char *path =
		arena_printf(&t->f.arena, "/api/v1/registrations/%.*s", STR_ARGS(t->f.set_up_token))
			.data;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(t, "POST", path, NULL, rows[i].body);
		if (t->answer.status != rows[i].status ||
		    (rows[i].field && !has_error(t, rows[i].field)))
			fail_msg("%s: %s", rows[i].sentence, t->answer.body);
	}
	/* None of them has spent the link. */
	sign_in_admin(t);
	call(t, "GET", path, NULL, NULL);
	expect(t, 200);
	expect_text(t, "state", "used");
	call(t, "POST", path, NULL, "{\"name\":\"Eve\",\"password\":\"copper lantern river oat\"}");
	expect_type(t, 409, "link-used");
}

static void test_expired_and_mangled_links(void **state)
{
	struct test *t = *state;
	struct str link = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	api_fixture_take_mails(&t->f, "gabi@example.org", &link);
	t->f.clock.now_ms += 15 * DAY_MS;
	const char *path =
		arena_printf(&t->f.arena, "/api/v1/registrations/%.*s", STR_ARGS(link)).data;
	call(t, "GET", path, NULL, NULL);
	expect(t, 200);
	expect_text(t, "state", "expired");
	call(t, "POST", path, NULL,
	     "{\"name\":\"Gabi\",\"password\":\"copper lantern river oat\"}");
	expect_type(t, 409, "link-expired");
	struct cx cx = api_fixture_cx(&t->f);
	assert_int_equal(register_renew(&cx, link), OK);
	call(t, "GET", path, NULL, NULL);
	expect_text(t, "state", "replaced");
	call(t, "POST", path, NULL,
	     "{\"name\":\"Gabi\",\"password\":\"copper lantern river oat\"}");
	expect_type(t, 409, "link-replaced");
	char *mangled = (char *)arena_cstr(&t->f.arena, str_of(path));
	mangled[strlen(mangled) - 5] ^= 1;
	const char *others[] = {mangled, "/api/v1/registrations/x", "/api/v1/registrations/%2F"};
	for (size_t i = 0; i < 3; i++) {
		call(t, "GET", others[i], NULL, NULL);
		expect_type(t, 404, "not-found");
		call(t, "POST", others[i], NULL,
		     "{\"name\":\"Gabi\",\"password\":\"copper lantern river oat\"}");
		expect_type(t, 404, "not-found");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bad_registrations),
		TEST(test_expired_and_mangled_links),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
