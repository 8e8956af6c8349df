/* Names of files in a header. */
#include "base/limits.h"
#include "http/disposition.h"
#include "http/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void names_are_told(void **state)
{
	static const struct {
		const char *what;
		struct str name;
		struct str header;
	} rows[] = {
		{"a plain one", STR("Report 2.pdf"), STR("attachment; filename=\"Report 2.pdf\"")},
		{"an umlaut",
		 STR("Gr\xc3\xbc\xc3\x9f"
		     "e.txt"),
		 STR("attachment; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt")},
		{"another script", STR("\xe6\x97\xa5\xe6\x9c\xac.pdf"),
		 STR("attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf")},
		{"from right to left", STR("\xd7\xa9\xd7\x9c.doc"),
		 STR("attachment; filename=\"__.doc\"; filename*=UTF-8''%D7%A9%D7%9C.doc")},
		{"beyond the first plane", STR("\xf0\x9f\x98\x80"),
		 STR("attachment; filename=\"_\"; filename*=UTF-8''%F0%9F%98%80")},
		{"a quote", STR("a\"; filename=\"b.exe"),
		 STR("attachment; filename=\"a_; filename=_b.exe\"; "
		     "filename*=UTF-8''a%22%3B%20filename%3D%22b.exe")},
		{"a backslash", STR("a\\\"b"),
		 STR("attachment; filename=\"a__b\"; filename*=UTF-8''a%5C%22b")},
		{"a line break", STR("a\r\nSet-Cookie: x=y"),
		 STR("attachment; filename=\"a__Set-Cookie_ x=y\"; "
		     "filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3Dy")},
		{"what looks escaped", STR("100%41.txt"),
		 STR("attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt")},
		{"a path", STR("../../etc/passwd"),
		 STR("attachment; filename=\".._.._etc_passwd\"; "
		     "filename*=UTF-8''..%2F..%2Fetc%2Fpasswd")},
		{"an apostrophe", STR("it's.txt"), STR("attachment; filename=\"it's.txt\"")},
		{"bytes of no script", STR("a\xff\x62"), STR("attachment; filename=\"a_b\"")},
		{"none", STR(""), STR("attachment")},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		struct str header = disposition_header(&arena, true, rows[i].name);
		if (!str_eq(header, rows[i].header))
			fail_msg("%s: %.*s", rows[i].what, STR_ARGS(header));
		assert_true(token_is_value(header));
	}
}

static void it_may_be_shown_in_the_page(void **state)
{
	struct arena arena CLEANUP_ARENA;
	(void)state;
	arena_init(&arena, 1 << 16);
	assert_true(str_eq(disposition_header(&arena, false, STR("a.png")),
			   STR("inline; filename=\"a.png\"")));
	assert_true(str_eq(disposition_header(&arena, false, STR("")), STR("inline")));
}

static void the_longest_fits(void **state)
{
	struct arena arena CLEANUP_ARENA;
	char name[LIMIT_FILE_NAME_BYTES + 1];
	(void)state;
	arena_init(&arena, 1 << 16);
	memset(name, '"', sizeof(name));
	struct str header =
		disposition_header(&arena, true, str_bytes(name, LIMIT_FILE_NAME_BYTES));
	assert_true(str_ends_with(header, STR("%22")));
	assert_int_equal(header.len, strlen("attachment; filename=\"\"; filename*=UTF-8''") +
					     4 * LIMIT_FILE_NAME_BYTES);
	assert_true(str_eq(disposition_header(&arena, true, str_bytes(name, sizeof(name))),
			   STR("attachment")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_told),
		cmocka_unit_test(it_may_be_shown_in_the_page),
		cmocka_unit_test(the_longest_fits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
