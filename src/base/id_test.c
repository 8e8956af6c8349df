#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void text_order_is_time_order(void **state)
{
	(void)state;
	static const int64_t times[] = {
		0, 1, 31, 32, 1023, 1024, 1700000000000, 1700000000001, (INT64_C(1) << 48) - 1};
	for (size_t i = 1; i < COUNT(times); i++)
		for (int k = 0; k < 50; k++) {
			struct id earlier = id_new(times[i - 1]), later = id_new(times[i]);
			assert_true(strcmp(earlier.text, later.text) < 0);
		}
}

static void ids_differ_and_are_read_again(void **state)
{
	(void)state;
	struct id last = {0};
	for (int i = 0; i < 1000; i++) {
		struct id id = id_new(1700000000000), read;
		uint8_t bytes[ID_BYTES];
		assert_int_equal(strlen(id.text), ID_CHARS);
		assert_false(id_eq(&id, &last));
		assert_int_equal(id_parse(id_str(&id), &read), OK);
		assert_true(id_eq(&id, &read));
		id_to_bytes(&id, bytes);
		read = id_from_bytes(bytes);
		assert_true(id_eq(&id, &read));
		last = id;
	}
}

static void the_form_is_fixed(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[ID_BYTES];
		const char *text;
	} rows[] = {
		{{0}, "00000000000000000000000000"},
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 33}, "00000000000000000000000011"},
		{{0, 0, 0, 0, 0, 1},
		 "0000000001"
		 "0000000000000000"},
		{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
		 "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[ID_BYTES];
		struct id id = id_from_bytes(rows[i].bytes);
		assert_string_equal(id.text, rows[i].text);
		id_to_bytes(&id, bytes);
		assert_memory_equal(bytes, rows[i].bytes, ID_BYTES);
	}
}

static void nothing_else_is_an_id(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		struct str text;
	} rows[] = {
		{"nothing", STR_NONE},
		{"a character too few", STR("0000000000000000000000000")},
		{"a character too many", STR("000000000000000000000000000")},
		{"lower case", STR("0000000000000000000000000a")},
		{"more than 128 bits", STR("80000000000000000000000000")},
		{"the letter I", STR("0000000000000000000000000I")},
		{"the letter L", STR("0000000000000000000000000L")},
		{"the letter O", STR("0000000000000000000000000O")},
		{"the letter U", STR("0000000000000000000000000U")},
		{"a NUL", STR("0000000000000000000000000\0")},
		{"a space", STR("0000000000000 000000000000")},
		{"a byte beyond ASCII first", STR("\xff"
						  "0000000000000000000000000")},
		{"a byte beyond ASCII", STR("0000000000000000000000000\xb1")},
		{"a path", STR("../../../../../../../../..")},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct id id = {.text = "untouched"};
		if (id_parse(rows[i].text, &id) != ERR_INVALID)
			fail_msg("%s", rows[i].sentence);
		assert_string_equal(id.text, "untouched");
	}
}

static void no_id_is_empty(void **state)
{
	(void)state;
	static const uint8_t zero[ID_BYTES];
	struct id none = {0}, some = id_new(0);
	uint8_t bytes[ID_BYTES];
	assert_true(id_is_empty(&none));
	assert_false(id_is_empty(&some));
	assert_int_equal(id_str(&none).len, 0);
	id_to_bytes(&none, bytes);
	assert_memory_equal(bytes, zero, ID_BYTES);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_order_is_time_order),
		cmocka_unit_test(ids_differ_and_are_read_again),
		cmocka_unit_test(the_form_is_fixed),
		cmocka_unit_test(nothing_else_is_an_id),
		cmocka_unit_test(no_id_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
