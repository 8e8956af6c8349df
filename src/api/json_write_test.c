#include "api/json_write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct buf buf;
static struct json_write write_;

static int set_up(void **state)
{
	(void)state;
	buf_init(&buf, 4096);
	write_ = (struct json_write){.out = &buf};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&buf);
	return 0;
}

static void expect(const char *want)
{
	struct str got = buf_str(&buf);
	assert_int_equal(buf.err, OK);
	if (!str_eq(got, str_of(want)))
		fail_msg("%.*s", STR_ARGS(got));
}

static void test_commas_come_by_themselves(void **state)
{
	(void)state;
	json_write_object(&write_, NULL);
	json_write_list(&write_, "empty");
	json_write_list_end(&write_);
	json_write_object(&write_, "in");
	json_write_int(&write_, "a", INT64_MIN);
	json_write_bool(&write_, "b", true);
	json_write_object_end(&write_);
	json_write_list(&write_, "list");
	json_write_text(&write_, NULL, STR("x"));
	json_write_object(&write_, NULL);
	json_write_object_end(&write_);
	json_write_int(&write_, NULL, 0);
	json_write_list_end(&write_);
	json_write_bool(&write_, "last", false);
	json_write_object_end(&write_);
	expect("{\"empty\":[],\"in\":{\"a\":-9223372036854775808,\"b\":true},\"list\":[\"x\",{},0],"
	       "\"last\":false}");
}

static void test_escapes(void **state)
{
	static const struct {
		const char *text;
		const char *json;
	} rows[] = {
		{"", "\"\""},
		{"plain", "\"plain\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"\b\t\n\r\x1f\x7f", "\"\\u0008\\u0009\\u000a\\u000d\\u001f\\u007f\""},
		{"</script>", "\"\\u003c/script>\""},
		{"\xe2\x80\xa8x\xe2\x80\xa9", "\"\\u2028x\\u2029\""},
		{"\xe2\x80\xa7\xe2\x82\xac\xf0\x9f\x98\x80",
		 "\"\xe2\x80\xa7\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"a\xff"
		 "b",
		 "\"a\\ufffdb\""},
		{"\xe2\x80", "\"\\ufffd\\ufffd\""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&buf);
		write_.needs_comma = false;
		json_write_text(&write_, NULL, str_of(rows[i].text));
		expect(rows[i].json);
	}
	buf_clear(&buf);
	write_.needs_comma = false;
	json_write_text(&write_, NULL, STR("a\0b"));
	expect("\"a\\u0000b\"");
}

static void test_times(void **state)
{
	(void)state;
	json_write_list(&write_, NULL);
	json_write_time(&write_, NULL, INT64_C(1795381500123));
	json_write_time(&write_, NULL, 1);
	json_write_time(&write_, NULL, 0);
	json_write_list_end(&write_);
	expect("[\"2026-11-22T21:05:00.123Z\",\"1970-01-01T00:00:00.001Z\",null]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_commas_come_by_themselves), TEST(test_escapes),
					   TEST(test_times)};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
