#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Standard error goes into a pipe between capture_begin and capture_end; a line is far shorter than
 * a pipe. */
static int capture_saved, capture_ends[2];
static char captured[64 << 10];

static void capture_begin(void)
{
	assert_int_equal(pipe(capture_ends), 0);
	capture_saved = dup(STDERR_FILENO);
	dup2(capture_ends[1], STDERR_FILENO);
}

static struct str capture_end(void)
{
	dup2(capture_saved, STDERR_FILENO);
	close(capture_saved);
	close(capture_ends[1]);
	size_t len = 0;
	for (ssize_t got;
	     (got = read(capture_ends[0], captured + len, sizeof(captured) - 1 - len)) > 0;)
		len += (size_t)got;
	close(capture_ends[0]);
	captured[len] = '\0';
	return (struct str){captured, len};
}

/* One line of printable ASCII, whatever was in it. */
static void assert_one_line(struct str out)
{
	assert_true(out.len > 0);
	assert_int_equal(out.data[out.len - 1], '\n');
	for (size_t i = 0; i + 1 < out.len; i++)
		if (out.data[i] < ' ' || out.data[i] > '~')
			fail_msg("byte %d in a line", (unsigned char)out.data[i]);
}

static void a_line_reads_as_announced(void **state)
{
	(void)state;
	capture_begin();
	log_event(LOG_INFO, "mail.written", LOG_CSTR("path", "a/b.eml"), LOG_CSTR("name", "Anna B"),
		  LOG_INT("bytes", -7), LOG_STR("none", STR_NONE));
	struct str out = capture_end();
	assert_one_line(out);
	/* 2026-01-02T03:04:05.678Z */
	assert_int_equal(out.data[10], 'T');
	assert_int_equal(out.data[23], 'Z');
	assert_string_equal(out.data + 24,
			    " info mail.written path=a/b.eml name=\"Anna B\" bytes=-7 none=\"\"\n");
}

static void no_byte_breaks_a_line(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[] = {'a', (char)c, 'b'};
		capture_begin();
		log_event(LOG_WARN, "test", LOG_STR("value", str_bytes(text, 3)));
		struct str out = capture_end();
		assert_one_line(out);
		/* A quote inside a value is always escaped, so that fields cannot be forged either.
		 */
		size_t bare_quotes = 0;
		for (size_t i = 0; i < out.len; i++) {
			if (out.data[i] == '\\')
				i++;
			else
				bare_quotes += out.data[i] == '"';
		}
		assert_true(bare_quotes == 0 || bare_quotes == 2);
	}
}

static void a_line_cannot_be_forged(void **state)
{
	(void)state;
	capture_begin();
	log_event(
		LOG_WARN, "signin.failed",
		LOG_CSTR("address", "x\" user=root\r\n2026-01-01T00:00:00.000Z info signin.ok \\"));
	struct str out = capture_end();
	assert_one_line(out);
	assert_non_null(strstr(out.data,
			       "address=\"x\\\" user=root\\x0d\\x0a2026-01-01T00:00:00.000Z info "
			       "signin.ok \\\\\"\n"));
}

static void long_values_are_cut_and_the_line_ends(void **state)
{
	(void)state;
	static char noise[5000];
	memset(noise, '\n', sizeof(noise));
	struct str text = str_bytes(noise, sizeof(noise));
	capture_begin();
	log_event(LOG_WARN, "test", LOG_STR("a", text), LOG_STR("b", text), LOG_STR("c", text),
		  LOG_STR("d", text), LOG_STR("e", text), LOG_STR("f", text));
	log_event(LOG_WARN, "next");
	struct str out = capture_end();
	struct str first, second;
	assert_true(out.len < 20000);
	assert_true(str_next(&out, '\n', &first));
	assert_true(str_next(&out, '\n', &second));
	assert_true(str_ends_with(second, STR(" warn next")));
	assert_int_equal(out.len, 0);
}

static void the_request_id_is_on_each_line_of_its_thread(void **state)
{
	(void)state;
	log_set_request(STR("0123\n56789012345678901234567890123456789"));
	assert_int_equal(log_request().len, 32);
	capture_begin();
	log_event(LOG_ERROR, "test");
	struct str out = capture_end();
	assert_one_line(out);
	assert_non_null(strstr(out.data, " error test request=\"0123\\x0a56789"));
	log_set_request(STR_NONE);
	capture_begin();
	log_event(LOG_ALARM, "test");
	out = capture_end();
	assert_string_equal(out.data + 24, " alarm test\n");
}

static void lower_levels_are_dropped(void **state)
{
	(void)state;
	capture_begin();
	log_event(LOG_DEBUG, "dropped");
	log_set_level(LOG_ERROR);
	log_event(LOG_WARN, "dropped");
	log_event(LOG_ERROR, "kept");
	log_set_level(LOG_INFO);
	struct str out = capture_end();
	assert_string_equal(out.data + 24, " error kept\n");
}

static void a_closed_log_stops_nothing(void **state)
{
	(void)state;
	int saved = dup(STDERR_FILENO);
	close(STDERR_FILENO);
	log_event(LOG_ERROR, "nobody.listens");
	dup2(saved, STDERR_FILENO);
	close(saved);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_reads_as_announced),
		cmocka_unit_test(no_byte_breaks_a_line),
		cmocka_unit_test(a_line_cannot_be_forged),
		cmocka_unit_test(long_values_are_cut_and_the_line_ends),
		cmocka_unit_test(the_request_id_is_on_each_line_of_its_thread),
		cmocka_unit_test(lower_levels_are_dropped),
		cmocka_unit_test(a_closed_log_stops_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
