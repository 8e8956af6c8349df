#include "base/limits.h"
#include "base/utf8.h"
#include "mail/header.h"
#include "mail/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID_TEXT "01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define LINK                                                                                       \
	"https://mail.example.com/register/"                                                       \
	"AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz"

static struct mime_message usual(void)
{
	struct mime_message message = {
		.date_ms = 1795381500000, /* 22 Nov 2026, 21:05 */
		.host = STR("mail.example.com"),
		.from_display = STR("Ben via Example Clinic"),
		.from_address = STR("portal@example.com"),
		.to_display = STR("Anna"),
		.to_address = STR("anna@example.com"),
		.subject = STR("A message is waiting"),
		.body = STR("Hello\n\n" LINK "\n"),
	};
	message.id = (struct id){ID_TEXT};
	return message;
}

/* The same noise at every run (xorshift; never 0 when it does not begin with 0). */
static uint32_t next_number(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state >> 8;
}

static void assert_str(struct str got, const char *wanted)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("got:\n%.*s\nwanted:\n%s", STR_ARGS(got), wanted);
}

static void the_usual_mail_byte_for_byte(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	struct mime_message message = usual();
	struct str bytes;
	arena_init(&arena, 1 << 20);
	assert_int_equal(mime_build(&arena, &message, &bytes), OK);
	assert_str(bytes, "Date: Sun, 22 Nov 2026 21:05:00 +0000\r\n"
			  "Message-ID: <" ID_TEXT "@mail.example.com>\r\n"
			  "From: \"Ben via Example Clinic\" <portal@example.com>\r\n"
			  "To: \"Anna\" <anna@example.com>\r\n"
			  "Subject: A message is waiting\r\n"
			  "Auto-Submitted: auto-generated\r\n"
			  "MIME-Version: 1.0\r\n"
			  "Content-Type: text/plain; charset=utf-8\r\n"
			  "Content-Transfer-Encoding: 7bit\r\n"
			  "\r\n"
			  "Hello\r\n"
			  "\r\n" LINK "\r\n");
}

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What a hostile or merely odd text becomes as a Subject. */
static const struct {
	const char *sentence;
	struct str text;
	const char *wanted;
} subjects[] = {
	{"plain text stays plain", STR("Hello"), "Subject: Hello\r\n"},
	{"nothing is nothing", STR(""), "Subject: \r\n"},
	{"other letters are encoded",
	 STR("Gr\xc3\xbc\xc3\x9f"
	     "e, Anna"),
	 "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe=2C_Anna?=\r\n"},
	{"CR LF cannot start a field", STR("x\r\nBcc: eve@example.net"),
	 "Subject: =?utf-8?Q?x=0D=0ABcc=3A_eve=40example=2Enet?=\r\n"},
	{"a bare LF neither", STR("x\nBcc: e"), "Subject: =?utf-8?Q?x=0ABcc=3A_e?=\r\n"},
	{"a bare CR neither", STR("x\rBcc: e"), "Subject: =?utf-8?Q?x=0DBcc=3A_e?=\r\n"},
	{"a NUL cuts nothing off", STR("x\0y"), "Subject: =?utf-8?Q?x=00y?=\r\n"},
	{"what looks encoded stays what was typed", STR("=?utf-8?Q?=0D=0ABcc:_e?="),
	 "Subject: =?utf-8?Q?=3D=3Futf-8=3FQ=3F=3D0D=3D0ABcc=3A=5Fe=3F=3D?=\r\n"},
	{"bytes that are no UTF-8 are encoded one by one", STR("x\xff\xc3"),
	 "Subject: =?utf-8?Q?x=FF=C3?=\r\n"},
	{"long text folds at a space", STR(A50 " " A50 " b"), "Subject: " A50 "\r\n " A50 " b\r\n"},
	{"a word too long for a line is encoded in parts", STR(A50 A50),
	 "Subject: =?utf-8?Q?" A50 "aaaaa?=\r\n"
	 " =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\r\n"},
	{"a character is never cut in two", STR(A50 "aaaa\xe2\x82\xac\xe2\x82\xac"),
	 "Subject: =?utf-8?Q?" A50 "aaaa?=\r\n =?utf-8?Q?=E2=82=AC=E2=82=AC?=\r\n"},
};

static void subjects_cannot_do_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		struct buf out CLEANUP_BUF;
		buf_init(&out, 4096);
		header_add_text(&out, "Subject", subjects[i].text);
		if (!str_eq(buf_str(&out), str_of(subjects[i].wanted)))
			fail_msg("%s:\n%.*s", subjects[i].sentence, STR_ARGS(buf_str(&out)));
	}
}

static const struct {
	const char *sentence;
	struct str display;
	const char *wanted;
} names[] = {
	{"a plain name is quoted", STR("Anna"), "To: \"Anna\" <anna@example.com>\r\n"},
	{"no name, no quotes", STR(""), "To: anna@example.com\r\n"},
	{"quotes and backslashes are escaped", STR("A \"B\" \\"),
	 "To: \"A \\\"B\\\" \\\\\" <anna@example.com>\r\n"},
	{"a name cannot add an address", STR("Anna\" <eve@example.net>, \""),
	 "To: \"Anna\\\" <eve@example.net>, \\\"\" <anna@example.com>\r\n"},
	{"other letters are encoded", STR("Zo\xc3\xab"),
	 "To: =?utf-8?Q?Zo=C3=AB?= <anna@example.com>\r\n"},
	{"a line end cannot start a field", STR("A\r\nBcc: e@example.net"),
	 "To: =?utf-8?Q?A=0D=0ABcc=3A_e=40example=2Enet?= <anna@example.com>\r\n"},
	{"what looks encoded stays what was typed", STR("=?utf-8?B?DQo=?="),
	 "To: =?utf-8?Q?=3D=3Futf-8=3FB=3FDQo=3D=3F=3D?= <anna@example.com>\r\n"},
	{"a long name is folded", STR(A50 A50),
	 "To: =?utf-8?Q?" A50 "aaaaaaaaaa?=\r\n"
	 " =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?= <anna@example.com>\r\n"},
};

static void names_cannot_do_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf out CLEANUP_BUF;
		buf_init(&out, 4096);
		assert_int_equal(
			header_add_address(&out, "To", names[i].display, STR("anna@example.com")),
			OK);
		if (!str_eq(buf_str(&out), str_of(names[i].wanted)))
			fail_msg("%s:\n%.*s", names[i].sentence, STR_ARGS(buf_str(&out)));
	}
}

static const struct {
	const char *sentence;
	struct str address;
	bool is_good;
} addresses[] = {
	{"an ordinary one", STR("anna@example.com"), true},
	{"with a tag", STR("anna+x@example.com"), true},
	{"local part beyond ASCII (RFC 6531)", STR("zo\xc3\xab@example.com"), true},
	{"nothing", STR(""), false},
	{"no @", STR("anna"), false},
	{"two @", STR("a@b@example.com"), false},
	{"nothing before @", STR("@example.com"), false},
	{"nothing after @", STR("anna@"), false},
	{"a line end", STR("anna@example.com\r\nRCPT TO:<eve@example.net>"), false},
	{"a bare line feed", STR("anna@example.com\n"), false},
	{"a NUL", STR("anna@example.com\0x"), false},
	{"a closing bracket", STR("anna@example.com>"), false},
	{"parameters", STR("anna@example.com> SIZE=1"), false},
	{"a list", STR("anna@example.com,eve@example.net"), false},
	{"quoted", STR("\"anna b\"@example.com"), false},
	{"no UTF-8", STR("ann\xff@example.com"), false},
	{"a direction override", STR("anna\xe2\x80\xae@example.com"), false},
};

static void addresses_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct buf out CLEANUP_BUF;
		buf_init(&out, 4096);
		enum err err = header_add_address(&out, "To", STR_NONE, addresses[i].address);
		if ((err == OK) != addresses[i].is_good || (err != OK && out.len > 0))
			fail_msg("%s", addresses[i].sentence);
	}
}

static const struct {
	const char *sentence;
	struct str text;
	const char *wanted;
} cleaned[] = {
	{"stays", STR("Anna Lee"), "Anna Lee"},
	{"is trimmed, runs of spaces are one", STR("  Anna   Lee "), "Anna Lee"},
	{"line ends are spaces", STR("Anna\r\nLee"), "Anna Lee"},
	{"so are NUL and tab", STR("Anna\0\tLee"), "Anna Lee"},
	{"so are direction overrides", STR("Anna\xe2\x80\xaeLee"), "Anna Lee"},
	{"so is what is no UTF-8", STR("Anna\xffLee\xc3"), "Anna Lee"},
	{"is cut to the limit",
	 STR("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4X"),
	 "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"},
};

static void text_is_cleaned(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cleaned) / sizeof(cleaned[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 20);
		struct str got = header_clean(&arena, cleaned[i].text, 10);
		if (!str_eq(got, str_of(cleaned[i].wanted)))
			fail_msg("%s: %.*s", cleaned[i].sentence, STR_ARGS(got));
	}
}

static const struct {
	const char *sentence;
	struct str body;
	const char *encoding;
	const char *wanted;
	bool is_8bit_carried;
} bodies[] = {
	{"ASCII is ASCII where more is carried", STR("a\n" LINK "\n"), "7bit", "a\r\n" LINK "\r\n",
	 true},
	{"other letters go as they are where they are carried, the link in one piece",
	 STR("Gr\xc3\xbc\xc3\x9f"
	     "e =\n" LINK "\n"),
	 "8bit",
	 "Gr\xc3\xbc\xc3\x9f"
	 "e =\r\n" LINK "\r\n",
	 true},
	{"a carriage return cannot end a line there either", STR("\xc3\xa4\rb"), "quoted-printable",
	 "=C3=A4=0Db\r\n", true},
	{"nor what is no UTF-8", STR("\xe4"), "quoted-printable", "=E4\r\n", true},
	{"ASCII goes as it is, the link in one piece", STR("a\n" LINK "\n"), "7bit",
	 "a\r\n" LINK "\r\n"},
	{"a missing last line end is added", STR("a"), "7bit", "a\r\n"},
	{"other letters are quoted-printable",
	 STR("Gr\xc3\xbc\xc3\x9f"
	     "e = x\n"),
	 "quoted-printable", "Gr=C3=BC=C3=9Fe =3D x\r\n"},
	{"a space before a line end survives", STR("\xc3\xa4 \nb"), "quoted-printable",
	 "=C3=A4=20\r\nb\r\n"},
	{"long lines are broken softly", STR("\xc3\xa4" A50 A50), "quoted-printable",
	 "=C3=A4" A50 "aaaaaaaaaaaaaaaaaaa=\r\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"},
	{"a carriage return of its own cannot end a line", STR("a\rb"), "quoted-printable",
	 "a=0Db\r\n"},
	{"a NUL neither", STR("a\0b"), "quoted-printable", "a=00b\r\n"},
};

static void bodies_are_encoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct mime_message message = usual();
		struct str bytes;
		arena_init(&arena, 1 << 20);
		message.body = bodies[i].body;
		message.is_8bit_carried = bodies[i].is_8bit_carried;
		assert_int_equal(mime_build(&arena, &message, &bytes), OK);
		ptrdiff_t split = str_find(bytes, STR("\r\n\r\n"));
		assert_true(split > 0);
		struct str head = str_slice(bytes, 0, (size_t)split);
		struct str body = str_slice(bytes, (size_t)split + 4, bytes.len);
		if (!str_ends_with(head, str_of(bodies[i].encoding)) ||
		    !str_eq(body, str_of(bodies[i].wanted)))
			fail_msg("%s:\n%.*s", bodies[i].sentence, STR_ARGS(bytes));
	}
}

/* RFC 5322 2.1.1, RFC 2047 2: whatever the names are, no header line passes 78 bytes, nothing
 * stands outside ASCII, and the fields are exactly ours. */
static void no_name_breaks_the_header(void **state)
{
	(void)state;
	static const char *const fields[] = {
		"Date:",         "Message-ID:",   "From:",
		"To:",           "Subject:",      "Auto-Submitted:",
		"MIME-Version:", "Content-Type:", "Content-Transfer-Encoding:"};
	for (int seed = 0; seed < 300; seed++) {
		struct arena arena CLEANUP_ARENA;
		struct mime_message message = usual();
		char noise[400];
		struct str bytes, line;
		size_t field = 0;
		arena_init(&arena, 1 << 20);
		uint32_t state_of_seed = (uint32_t)seed * 2 + 1;
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = next_number(&state_of_seed) % 8 == 0
					   ? "\r\n\0:= <>@\","[next_number(&state_of_seed) % 12]
					   : (char)next_number(&state_of_seed);
		message.subject = (struct str){noise, next_number(&state_of_seed) % 400};
		message.from_display = (struct str){noise, next_number(&state_of_seed) % 400};
		message.to_display = (struct str){noise, next_number(&state_of_seed) % 100};
		assert_int_equal(mime_build(&arena, &message, &bytes), OK);
		struct str head = str_slice(bytes, 0, (size_t)str_find(bytes, STR("\r\n\r\n")) + 2);
		while (str_next(&head, '\n', &line) && line.len > 0) {
			assert_true(line.len <= 79);
			for (size_t i = 0; i + 1 < line.len; i++)
				assert_in_range((unsigned char)line.data[i], ' ', '~');
			assert_int_equal(line.data[line.len - 1], '\r');
			if (line.data[0] != ' ') {
				assert_true(field < sizeof(fields) / sizeof(fields[0]));
				assert_true(str_starts_with(line, str_of(fields[field])));
				field++;
			}
		}
		assert_int_equal(field, sizeof(fields) / sizeof(fields[0]));
	}
}

static void bad_hosts_and_addresses(void **state)
{
	(void)state;
	static const char *const hosts[] = {"", "a..b", ".a", "a\r\nX: y", "a>b", "[::1]"};
	struct arena arena CLEANUP_ARENA;
	struct mime_message message = usual();
	struct str bytes = STR("untouched");
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		message.host = str_of(hosts[i]);
		assert_int_equal(mime_build(&arena, &message, &bytes), OK);
		assert_true(str_find(bytes, STR("Message-ID: <" ID_TEXT "@localhost>\r\n")) > 0);
	}
	bytes = STR("untouched");
	message.to_address = STR("anna@example.com\r\nBcc: e@example.net");
	assert_int_equal(mime_build(&arena, &message, &bytes), ERR_INVALID);
	assert_str(bytes, "untouched");
}

static void too_large_or_no_memory(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	struct mime_message message = usual();
	struct str bytes;
	char *body = malloc(LIMIT_MAIL_BYTES);
	assert_non_null(body);
	memset(body, 'a', LIMIT_MAIL_BYTES);
	arena_init(&arena, 1 << 20);
	message.body = (struct str){body, LIMIT_MAIL_BYTES};
	assert_int_equal(mime_build(&arena, &message, &bytes), ERR_TOO_LARGE);
	free(body);
	arena_release(&arena);
	arena_init(&arena, 64);
	message.body = STR("x");
	assert_int_equal(mime_build(&arena, &message, &bytes), ERR_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_mail_byte_for_byte),
		cmocka_unit_test(subjects_cannot_do_harm),
		cmocka_unit_test(names_cannot_do_harm),
		cmocka_unit_test(addresses_are_checked),
		cmocka_unit_test(text_is_cleaned),
		cmocka_unit_test(bodies_are_encoded),
		cmocka_unit_test(no_name_breaks_the_header),
		cmocka_unit_test(bad_hosts_and_addresses),
		cmocka_unit_test(too_large_or_no_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
