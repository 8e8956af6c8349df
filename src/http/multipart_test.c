/* Forms with files, in one piece and in many. */
#include "base/buf.h"
#include "base/limits.h"
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=XyZ"
#define FIELD(name) "--XyZ\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define END "\r\n--XyZ--\r\n"

/* What happened, as text: [name|file|type]data. */
struct story {
	struct buf text;
	enum err fails_with;
	int fails_at; /* the n-th event; 0: none */
	int events;
};

static enum err count(struct story *story)
{
	return ++story->events == story->fails_at ? story->fails_with : OK;
}

static enum err begin(void *argument, const struct multipart_part *part)
{
	struct story *story = argument;
	struct str file = part->file_name.data ? part->file_name : STR("-");
	buf_addf(&story->text, "[%.*s|%.*s|%.*s]", STR_ARGS(part->name), STR_ARGS(file),
		 STR_ARGS(part->type));
	return count(story);
}

static enum err data(void *argument, struct str bytes)
{
	struct story *story = argument;
	assert_true(bytes.len > 0);
	buf_add(&story->text, bytes);
	return count(story);
}

static enum err end(void *argument)
{
	struct story *story = argument;
	buf_add(&story->text, STR(";"));
	return count(story);
}

/* In pieces of `step` bytes. */
static enum err parse(struct str body, size_t step, struct story *story)
{
	const struct multipart_events events = {begin, data, end, story};
	struct multipart *multipart;
	enum err err = OK;
	assert_int_equal(multipart_new(STR(TYPE), &events, &multipart), OK);
	for (size_t at = 0; at < body.len && err == OK; at += step)
		err = multipart_take(multipart, str_slice(body, at, step));
	enum err end_err = multipart_finish(multipart);
	assert_true(err == OK || end_err == err);
	multipart_free(multipart);
	return end_err;
}

static void forms_are_read(void **state)
{
	static const struct {
		const char *what;
		struct str body;
		struct str story; /* empty: refused */
	} rows[] = {
		{"a field", STR(FIELD("a") "1" END), STR("[a|-|]1;")},
		{"an empty one", STR(FIELD("a") END), STR("[a|-|];")},
		{"two", STR(FIELD("a") "1\r\n" FIELD("b") "2" END), STR("[a|-|]1;[b|-|]2;")},
		{"a file",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a b.txt\"\r\n"
		     "Content-Type: text/plain; charset=utf-8\r\n\r\nhello" END),
		 STR("[f|a b.txt|text/plain; charset=utf-8]hello;")},
		{"no file chosen",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n"
		     "Content-Type: application/octet-stream\r\n\r\n" END),
		 STR("[f||application/octet-stream];")},
		{"names as browsers escape them",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a%22b\"; "
		     "filename=\"c%0d%0Ad%25\\\"\r\n\r\nx" END),
		 STR("[a\"b|c\r\nd%25\\|]x;")},
		{"names in any script",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"f\"; "
		     "filename=\"\xc3\xa9\xe6\x97\xa5\"\r\n\r\nx" END),
		 STR("[f|\xc3\xa9\xe6\x97\xa5|]x;")},
		{"a name without quotes",
		 STR("--XyZ\r\ncontent-disposition:form-data;name=a\r\n\r\nx" END),
		 STR("[a|-|]x;")},
		{"what nobody asked for",
		 STR("--XyZ\r\nX-More: 1\r\nContent-Disposition: form-data; name=\"a\"; x=y\r\n"
		     "Content-Transfer-Encoding: binary\r\n\r\nx" END),
		 STR("[a|-|]x;")},
		{"what looks like the end",
		 STR(FIELD("a") "\r\n-\r\n--\r\n--Xy\r\r\n--XyY\r\n--XyZ"
				"\r\n"
				"Content-Disposition: form-data; name=\"b\"\r\n\r\n\r\n\r" END),
		 STR("[a|-|]\r\n-\r\n--\r\n--Xy\r\r\n--XyY;[b|-|]\r\n\r;")},
		{"no last line break", STR(FIELD("a") "1\r\n--XyZ--"), STR("[a|-|]1;")},
		{"no field at all", STR("--XyZ--\r\n"), STR(" ")},
		{"nothing", STR(""), STR("")},
		{"another boundary", STR("--XyY\r\n\r\n"), STR("")},
		{"something before it", STR("x\r\n" FIELD("a") "1" END), STR("")},
		{"something behind it", STR(FIELD("a") "1" END "x"), STR("")},
		{"too many line breaks", STR(FIELD("a") "1" END "\r\n"), STR("")},
		{"half a line break", STR(FIELD("a") "1\r\n--XyZ--\r"), STR("")},
		{"no end", STR(FIELD("a") "1"), STR("")},
		{"half an end", STR(FIELD("a") "1\r\n--XyZ-"), STR("")},
		{"a longer boundary", STR(FIELD("a") "1\r\n--XyZa\r\n"), STR("")},
		{"half a line break behind the boundary",
		 STR("--XyZ\rXContent-Disposition: form-data; name=\"a\"\r\n\r\nx" END), STR("")},
		{"space behind the boundary", STR(FIELD("a") "1\r\n--XyZ \r\n"), STR("")},
		{"half an escape at the end",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a%2\"\r\n\r\nx" END),
		 STR("[a%2|-|]x;")},
		{"no header", STR("--XyZ\r\n\r\nx" END), STR("")},
		{"no name",
		 STR("--XyZ\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nx" END),
		 STR("")},
		{"no disposition", STR("--XyZ\r\nContent-Type: text/plain\r\n\r\nx" END), STR("")},
		{"two dispositions",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n"
		     "Content-Disposition: form-data; name=\"b\"\r\n\r\nx" END),
		 STR("")},
		{"a disposition in two lines",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n"
		     "Content-Disposition: form-data; filename=\"b\"\r\n\r\nx" END),
		 STR("")},
		{"two names",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"; "
		     "name=\"b\"\r\n\r\nx" END),
		 STR("")},
		{"two types",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: a/b\r\n"
		     "Content-Type: c/d\r\n\r\nx" END),
		 STR("")},
		{"an attachment",
		 STR("--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx" END), STR("")},
		{"a quote that does not end",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx" END), STR("")},
		{"something behind the quote",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"b\r\n\r\nx" END), STR("")},
		{"the other form of a name",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"; "
		     "filename*=UTF-8''b\r\n\r\nx" END),
		 STR("")},
		{"a folded line",
		 STR("--XyZ\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\nx" END),
		 STR("")},
		{"a bare LF",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"\n\r\n\r\nx" END),
		 STR("")},
		{"no colon",
		 STR("--XyZ\r\nX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx" END),
		 STR("")},
		{"a NUL", STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\0\"\r\n\r\nx" END),
		 STR("")},
		{"encoded otherwise",
		 STR("--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n"
		     "Content-Transfer-Encoding: base64\r\n\r\nx" END),
		 STR("")},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step <= rows[i].body.len + 1; step++) {
			struct story story = {.fails_at = 0};
			buf_init(&story.text, 10000);
			enum err err = parse(rows[i].body, step, &story);
			bool is_good = rows[i].story.len > 0;
			if (err != (is_good ? OK : ERR_INVALID))
				fail_msg("%s, %zu a time: %s", rows[i].what, step, err_name(err));
			if (is_good && !str_eq(buf_str(&story.text), str_trim(rows[i].story)) &&
			    !str_eq(buf_str(&story.text), rows[i].story))
				fail_msg("%s, %zu a time: %.*s", rows[i].what, step,
					 STR_ARGS(buf_str(&story.text)));
			buf_release(&story.text);
		}
	}
}

static void types_are_read(void **state)
{
	static const struct {
		struct str type;
		bool is_good;
	} rows[] = {
		{STR(TYPE), true},
		{STR("Multipart/Form-Data;Boundary=\"a=b\""), true},
		{STR("multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundaryAbC"),
		 true},
		{STR("multipart/form-data"), false},
		{STR("multipart/form-data;"), false},
		{STR("multipart/form-data; boundary="), false},
		{STR("multipart/form-data; boundary=\"\""), false},
		{STR("multipart/form-data; boundary=\"a b\""), false},
		{STR("multipart/form-data; boundary=\"a"), false},
		{STR("multipart/form-data; boundary=a; boundary=a"), false},
		{STR("multipart/form-data; boundary=a\r\nb"), false},
		{STR("multipart/mixed; boundary=a"), false},
		{STR("application/x-www-form-urlencoded"), false},
		{STR(""), false},
		{STR("multipart/form-data; boundary="
		     "0123456789012345678901234567890123456789012345678901234567890123456789"),
		 true},
		{STR("multipart/form-data; boundary="
		     "01234567890123456789012345678901234567890123456789012345678901234567890"),
		 false},
	};
	const struct multipart_events events = {begin, data, end, NULL};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct multipart *multipart = NULL;
		enum err err = multipart_new(rows[i].type, &events, &multipart);
		if (err != (rows[i].is_good ? OK : ERR_INVALID))
			fail_msg("%.*s", STR_ARGS(rows[i].type));
		multipart_free(multipart);
	}
}

static void the_first_error_ends_it(void **state)
{
	struct str body = STR(FIELD("a") "1\r\n" FIELD("b") "2" END);
	(void)state;
	for (int n = 1; n <= 6; n++) {
		struct story story = {.fails_with = ERR_CONFLICT, .fails_at = n};
		buf_init(&story.text, 10000);
		assert_int_equal(parse(body, 7, &story), ERR_CONFLICT);
		assert_int_equal(story.events, n);
		buf_release(&story.text);
	}
}

static void there_are_limits(void **state)
{
	struct story story = {.fails_at = 0};
	struct buf body;
	(void)state;
	buf_init(&body, 1 << 20);
	buf_init(&story.text, 1 << 20);
	for (int i = 0; i < LIMIT_MULTIPART_PARTS; i++)
		buf_add(&body, STR(FIELD("a") "1\r\n"));
	size_t most = body.len;
	buf_add(&body, STR("--XyZ--"));
	assert_int_equal(parse(buf_str(&body), 100, &story), OK);
	body.len = most;
	buf_add(&body, STR(FIELD("a") END));
	assert_int_equal(parse(buf_str(&body), 100, &story), ERR_TOO_LARGE);
	buf_clear(&body);
	buf_add(&body, STR("--XyZ\r\nX-Long: "));
	for (int i = 0; i < LIMIT_MULTIPART_HEADER_BYTES; i++)
		buf_add_char(&body, 'x');
	assert_int_equal(parse(buf_str(&body), 100, &story), ERR_TOO_LARGE);
	buf_release(&body);
	buf_release(&story.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(types_are_read),
		cmocka_unit_test(the_first_error_ends_it),
		cmocka_unit_test(there_are_limits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
