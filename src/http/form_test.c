#include "http/form.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void forms_are_decoded_once(void **state)
{
	static const struct {
		const char *what, *encoded;
		enum err err;
		const char *name, *value;
	} rows[] = {
		{"a plain field", "to=anna", OK, "to", "anna"},
		{"plus is a space", "subject=a+b", OK, "subject", "a b"},
		{"escapes are decoded", "to=anna%40example.com", OK, "to", "anna@example.com"},
		{"but only once", "x=%2541", OK, "x", "%41"},
		{"names are decoded too", "%74o=anna", OK, "to", "anna"},
		{"UTF-8 is kept", "name=J%C3%B6rg", OK, "name", "J\xc3\xb6rg"},
		{"an empty value is a value", "to=&cc=b", OK, "cc", "b"},
		{"a name alone has an empty value", "draft", OK, "draft", ""},
		{"the value may hold =", "a=b=c", OK, "a", "b=c"},
		{"empty pairs are nothing", "&&a=b&", OK, "a", "b"},
		{"an empty form is a form", "", OK, "a", ""},
		{"a NUL is refused", "a=b%00c", ERR_INVALID, NULL, NULL},
		{"a NUL in a name is refused", "a%00=b", ERR_INVALID, NULL, NULL},
		{"half an escape is refused", "a=%4", ERR_INVALID, NULL, NULL},
		{"a wrong escape is refused", "a=%zz", ERR_INVALID, NULL, NULL},
		{"an overlong slash is refused", "a=%c0%af", ERR_INVALID, NULL, NULL},
		{"a surrogate is refused", "a=%ed%a0%80", ERR_INVALID, NULL, NULL},
		{"twice is not at all", "to=anna&to=eve", OK, "to", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct form form;
		arena_init(&arena, 1 << 20);
		enum err err = form_parse(&arena, str_of(rows[i].encoded), &form);
		if (err != rows[i].err ||
		    (err == OK && !str_eq(form_value(&form, rows[i].name), str_of(rows[i].value))))
			fail_msg("%s: %s", rows[i].what, err_name(err));
	}
}

static void repeated_fields_are_there_for_lists(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct form form;
	(void)state;
	arena_init(&arena, 1 << 20);
	assert_int_equal(form_parse(&arena, STR("to=a&to=b&x=c"), &form), OK);
	assert_int_equal(form.count, 3);
	assert_true(str_eq(form.fields[1].value, STR("b")));
	assert_true(form_has(&form, "to"));
	assert_false(form_has(&form, "cc"));
}

static void too_many_fields_are_refused(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct form form;
	(void)state;
	arena_init(&arena, 8 << 20);
	size_t len = (size_t)LIMIT_FORM_FIELDS * 2;
	char *text = malloc(len + 2);
	assert_non_null(text);
	for (size_t i = 0; i <= len; i += 2)
		memcpy(text + i, "a&", 2);
	assert_int_equal(form_parse(&arena, str_bytes(text, len - 1), &form), OK);
	assert_int_equal(form.count, LIMIT_FORM_FIELDS);
	assert_int_equal(form_parse(&arena, str_bytes(text, len + 1), &form), ERR_TOO_LARGE);
	free(text);
}

static void a_full_arena_is_an_error(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct form form;
	(void)state;
	arena_init(&arena, 64);
	assert_int_equal(form_parse(&arena, STR("a=b"), &form), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_decoded_once),
		cmocka_unit_test(repeated_fields_are_there_for_lists),
		cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(a_full_arena_is_an_error),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
