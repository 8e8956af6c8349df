/* Memory behind a descriptor, for documents. */
#include "base/limits.h"
#include "pdf/pdf.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void what_is_added_is_read_again(void **state)
{
	(void)state;
	struct pdf_bytes bytes;
	struct str view;
	assert_int_equal(pdf_bytes_new(&bytes), OK);
	assert_int_equal(pdf_bytes_add(&bytes, STR("%PDF")), OK);
	assert_int_equal(pdf_bytes_add(&bytes, STR("-1.7")), OK);
	assert_int_equal(bytes.bytes, 8);
	assert_int_equal(pdf_bytes_map(&bytes, &view), OK);
	assert_true(str_eq(view, STR("%PDF-1.7")));
	pdf_bytes_unmap(view);
	pdf_bytes_free(&bytes);
	assert_int_equal(bytes.fd, -1);
	pdf_bytes_free(&bytes);
	pdf_bytes_free(NULL);
}

static void nothing_is_an_empty_view(void **state)
{
	(void)state;
	struct pdf_bytes bytes;
	struct str view = STR("x");
	assert_int_equal(pdf_bytes_new(&bytes), OK);
	assert_int_equal(pdf_bytes_map(&bytes, &view), OK);
	assert_int_equal(view.len, 0);
	pdf_bytes_unmap(view);
	pdf_bytes_free(&bytes);
}

static void more_than_a_document_may_have_is_refused(void **state)
{
	(void)state;
	struct pdf_bytes bytes;
	assert_int_equal(pdf_bytes_new(&bytes), OK);
	bytes.bytes = LIMIT_PDF_BYTES + LIMIT_PDF_GROWTH_BYTES - 3;
	assert_int_equal(pdf_bytes_add(&bytes, STR("four")), ERR_TOO_LARGE);
	bytes.bytes = 0;
	pdf_bytes_free(&bytes);
}

static void freed_bytes_are_wiped_for_who_still_has_the_descriptor(void **state)
{
	(void)state;
	struct pdf_bytes bytes;
	char got[6];
	assert_int_equal(pdf_bytes_new(&bytes), OK);
	assert_int_equal(pdf_bytes_add(&bytes, STR("secret")), OK);
	int other = dup(bytes.fd);
	pdf_bytes_free(&bytes);
	assert_int_equal(pread(other, got, sizeof(got), 0), sizeof(got));
	assert_memory_equal(got, "\0\0\0\0\0\0", sizeof(got));
	close(other);
}

static void programs_that_are_started_do_not_inherit_it(void **state)
{
	(void)state;
	struct pdf_bytes bytes;
	assert_int_equal(pdf_bytes_new(&bytes), OK);
	assert_true(fcntl(bytes.fd, F_GETFD) & FD_CLOEXEC);
	pdf_bytes_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_read_again),
		cmocka_unit_test(nothing_is_an_empty_view),
		cmocka_unit_test(more_than_a_document_may_have_is_refused),
		cmocka_unit_test(freed_bytes_are_wiped_for_who_still_has_the_descriptor),
		cmocka_unit_test(programs_that_are_started_do_not_inherit_it),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
