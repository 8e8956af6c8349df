/* What tus clients say in headers, and what is no such thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/tus_headers.h"
#include "base/limits.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *what, *value;
		enum err err;
		int64_t number;
	} rows[] = {
		{"nought", "0", OK, 0},
		{"some", "5368709120", OK, INT64_C(5368709120)},
		{"the largest", "9223372036854775807", OK, INT64_MAX},
		{"one more", "9223372036854775808", ERR_TOO_LARGE, 0},
		{"huge", "99999999999999999999999999999999999999", ERR_TOO_LARGE, 0},
		{"negative", "-1", ERR_INVALID, 0},
		{"with a sign", "+1", ERR_INVALID, 0},
		{"nothing", "", ERR_INVALID, 0},
		{"a space before", " 1", ERR_INVALID, 0},
		{"hexadecimal", "0x10", ERR_INVALID, 0},
		{"with a point", "1.5", ERR_INVALID, 0},
		{"with an exponent", "1e3", ERR_INVALID, 0},
		{"two of them", "1, 2", ERR_INVALID, 0},
		{"a word", "ten", ERR_INVALID, 0},
		{"Arabic digits", "١", ERR_INVALID, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t number = -7;
		enum err err = tus_headers_number(str_of(rows[i].value), &number);
		if (err != rows[i].err || number != (err == OK ? rows[i].number : -7))
			fail_msg("%s: %s", rows[i].what, err_name(err));
	}
}

static void metadata(void **state)
{
	(void)state;
	static const struct {
		const char *what, *value;
		enum err err;
		const char *filename, *filetype;
	} rows[] = {
		{"nothing is said", "", OK, "", ""},
		{"both", "filename YS5wZGY=,filetype YXBwbGljYXRpb24vcGRm", OK, "a.pdf",
		 "application/pdf"},
		{"the other way round", "filetype YXBwbGljYXRpb24vcGRm,filename YS5wZGY=", OK,
		 "a.pdf", "application/pdf"},
		{"others are passed over", "relativePath bnVsbA==,filename YQ==,is_confidential",
		 OK, "a", ""},
		{"a key without a value", "filename", OK, "", ""},
		{"a key with an empty value", "filename ", OK, "", ""},
		{"a space behind the comma", "filetype YQ==, filename Yg==", OK, "b", "a"},
		{"any letters", "filename w6TDtsO8LnBkZg==", OK, "äöü.pdf", ""},
		{"bytes that are no text come as they are", "filename 6Q==", OK, "\xe9", ""},
		{"a key twice", "filename YQ==,filename Yg==", ERR_INVALID, "", ""},
		{"another key twice", "a YQ==,filename YQ==,a Yg==", ERR_INVALID, "", ""},
		{"no key", " YQ==", ERR_INVALID, "", ""},
		{"an empty pair", "filename YQ==,,filetype YQ==", ERR_INVALID, "", ""},
		{"a comma at the end", "filename YQ==,", ERR_INVALID, "", ""},
		{"a comma alone", ",", ERR_INVALID, "", ""},
		{"two values", "filename YQ== Yg==", ERR_INVALID, "", ""},
		{"two spaces", "filename  YQ==", ERR_INVALID, "", ""},
		{"a tab", "filename\tYQ==", ERR_INVALID, "", ""},
		{"not base64", "filename a.pdf", ERR_INVALID, "", ""},
		{"base64 without its padding", "filename YQ", ERR_INVALID, "", ""},
		{"base64 of URLs", "filename -_8A", ERR_INVALID, "", ""},
		{"a key that is no ASCII", "dätei YQ==", ERR_INVALID, "", ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tus_metadata got = {STR_NONE, STR_NONE};
		enum err err = tus_headers_metadata(&arena, str_of(rows[i].value), &got);
		if (err != rows[i].err || !str_eq(got.filename, str_of(rows[i].filename)) ||
		    !str_eq(got.filetype, str_of(rows[i].filetype)))
			fail_msg("%s: %s", rows[i].what, err_name(err));
	}
}

static void metadata_has_its_limits(void **state)
{
	(void)state;
	char value[LIMIT_UPLOAD_METADATA_BYTES + 2];
	struct tus_metadata got;
	memset(value, 'A', sizeof(value));
	memcpy(value, "filename ", 9);
	/* 9 and what is left, without the rest of a group of four. */
	size_t longest = 9 + (LIMIT_UPLOAD_METADATA_BYTES - 9) / 4 * 4;
	assert_int_equal(tus_headers_metadata(&arena, str_bytes(value, longest), &got), OK);
	assert_int_equal(got.filename.len, (longest - 9) / 4 * 3);
	assert_int_equal(tus_headers_metadata(&arena, str_bytes(value, sizeof(value) - 1), &got),
			 ERR_TOO_LARGE);
	/* Many keys. */
	for (size_t i = 0; i + 3 <= 1000; i += 3) {
		value[i] = (char)('0' + i / 3 / 70);
		value[i + 1] = (char)('0' + i / 3 % 70);
		value[i + 2] = i + 6 > 1000 ? ' ' : ',';
	}
	assert_int_equal(tus_headers_metadata(&arena, str_bytes(value, 999), &got), ERR_INVALID);
	assert_int_equal(tus_headers_metadata(&arena, str_bytes(value, 3 * 32 - 1), &got), OK);
}

static void metadata_is_told_as_it_was_said(void **state)
{
	(void)state;
	struct tus_metadata said = {STR("Ärzte.pdf"), STR("application/pdf")}, heard;
	struct str value = tus_headers_write_metadata(&arena, &said);
	assert_int_equal(tus_headers_metadata(&arena, value, &heard), OK);
	assert_true(str_eq(heard.filename, said.filename));
	assert_true(str_eq(heard.filetype, said.filetype));
}

static void checksums(void **state)
{
	(void)state;
	static const struct {
		const char *what, *value;
		enum err err;
		bool is_wanted;
		enum hash_kind kind;
	} rows[] = {
		{"none", "", OK, false, HASH_SHA256},
		{"SHA-1", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", OK, true, HASH_SHA1},
		{"SHA-256", "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", OK, true,
		 HASH_SHA256},
		{"one that is not offered", "md5 1B2M2Y8AsgTpgAmY7PhCfg==", ERR_INVALID},
		{"another's length", "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", ERR_INVALID},
		{"capitals", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", ERR_INVALID},
		{"no sum", "sha1", ERR_INVALID},
		{"an empty sum", "sha1 ", ERR_INVALID},
		{"hexadecimal", "sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", ERR_INVALID},
		{"no algorithm", " Kq5sNclPz7QV2+lfQIuc6R7oRu0=", ERR_INVALID},
		{"two", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=, sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
		 ERR_INVALID},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct upload_checksum got = {.kind = HASH_KINDS};
		enum err err = tus_headers_checksum(&arena, str_of(rows[i].value), &got);
		if (err != rows[i].err || got.is_wanted != rows[i].is_wanted ||
		    (err == OK && got.kind != rows[i].kind))
			fail_msg("%s: %s", rows[i].what, err_name(err));
		if (got.is_wanted && got.kind == HASH_SHA1)
			assert_memory_equal(got.expected, "\x2a\xae\x6c\x35", 4);
	}
	assert_true(str_eq(tus_headers_algorithms(&arena), STR("sha256,sha1")));
}

static void dates(void **state)
{
	(void)state;
	static const struct {
		int64_t ms;
		const char *date;
	} rows[] = {
		{INT64_C(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT"},
		{INT64_C(784111777999), "Sun, 06 Nov 1994 08:49:37 GMT"},
		{0, "Thu, 01 Jan 1970 00:00:00 GMT"},
		{INT64_C(1709251199000), "Thu, 29 Feb 2024 23:59:59 GMT"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(str_eq(tus_headers_date(&arena, rows[i].ms), str_of(rows[i].date)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(metadata, set_up, tear_down),
		cmocka_unit_test_setup_teardown(metadata_has_its_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(metadata_is_told_as_it_was_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(checksums, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dates, set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
