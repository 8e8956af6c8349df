#include "core/address.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define X10 "aaaaaaaaaa"
#define X60 X10 X10 X10 X10 X10 X10

static int set_up(void **state)
{
	static struct arena arena;
	arena_init(&arena, 1 << 20);
	*state = &arena;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(*state);
	return 0;
}

static void assert_str(const char *what, const char *field, struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("%s: %s is \"%.*s\", not \"%s\"", what, field, STR_ARGS(got), want);
}

static const struct {
	const char *sentence;
	const char *typed;
	const char *text;
	const char *key;
	const char *name;
} good[] = {
	{"a plain address is its own key", "anna@example.com", "anna@example.com",
	 "anna@example.com", ""},
	{"case does not matter, but is kept as typed", "Anna.B@Example.COM", "Anna.B@Example.COM",
	 "anna.b@example.com", ""},
	{"spaces around are dropped", " \tanna@example.com\r\n", "anna@example.com",
	 "anna@example.com", ""},
	{"a name may stand before", "Anna B <anna@example.com>", "anna@example.com",
	 "anna@example.com", "Anna B"},
	{"a quoted name may hold a comma", "\"B, Anna\" <anna@example.com>", "anna@example.com",
	 "anna@example.com", "B, Anna"},
	{"backslashes in a quoted name are taken off", "\"A \\\"B\\\" C\" <anna@example.com>",
	 "anna@example.com", "anna@example.com", "A \"B\" C"},
	{"angle brackets may stand alone", "<anna@example.com>", "anna@example.com",
	 "anna@example.com", ""},
	{"a name that is an address is dropped", "boss@example.com <anna@example.net>",
	 "anna@example.net", "anna@example.net", ""},
	{"every atext character is fine", "!#$%&'*+-/=?^_`{|}~@example.com",
	 "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", ""},
	{"localhost needs no dot", "admin@localhost", "admin@localhost", "admin@localhost", ""},
	{"a domain of another script becomes A-labels",
	 "anna@b\xc3\xbc"
	 "cher.example",
	 "anna@b\xc3\xbc"
	 "cher.example",
	 "anna@xn--bcher-kva.example", ""},
	{"its capital letters fold too",
	 "anna@B\xc3\x9c"
	 "CHER.example",
	 "anna@B\xc3\x9c"
	 "CHER.example",
	 "anna@xn--bcher-kva.example", ""},
	{"a decomposed domain is the same",
	 "anna@bu\xcc\x88"
	 "cher.example",
	 "anna@bu\xcc\x88"
	 "cher.example",
	 "anna@xn--bcher-kva.example", ""},
	{"an A-label may be typed", "anna@XN--BCHER-KVA.example", "anna@XN--BCHER-KVA.example",
	 "anna@xn--bcher-kva.example", ""},
	{"a Greek capital folds", "a@\xce\xa3\xce\xb1.example", "a@\xce\xa3\xce\xb1.example",
	 "a@xn--mxa9a.example", ""},
	{"sharp s stays itself in a domain (not transitional)",
	 "anna@stra\xc3\x9f"
	 "e.example",
	 "anna@stra\xc3\x9f"
	 "e.example",
	 "anna@xn--strae-oqa.example", ""},
	{"a local part of another script folds", "\xc3\x84nne@example.com",
	 "\xc3\x84nne@example.com", "\xc3\xa4nne@example.com", ""},
	{"a decomposed local part is composed", "A\xcc\x88nne@example.com",
	 "A\xcc\x88nne@example.com", "\xc3\xa4nne@example.com", ""},
	{"digits in the middle of a domain are fine", "a@1.2.example", "a@1.2.example",
	 "a@1.2.example", ""},
	{"hyphens inside a label are fine, even two", "a@r3---sn.example", "a@r3---sn.example",
	 "a@r3---sn.example", ""},
	{"64 bytes of local part are fine", X60 "aaaa@example.com", X60 "aaaa@example.com",
	 X60 "aaaa@example.com", ""},
	{"63 bytes of label are fine", "a@" X60 "aaa.example", "a@" X60 "aaa.example",
	 "a@" X60 "aaa.example", ""},
};

static void test_good(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct address got;
		if (address_parse(*state, str_of(good[i].typed), &got) != OK)
			fail_msg("%s: refused", good[i].sentence);
		assert_str(good[i].sentence, "text", got.text, good[i].text);
		assert_str(good[i].sentence, "key", got.key, good[i].key);
		assert_str(good[i].sentence, "name", got.name, good[i].name);
		assert_str(good[i].sentence, "domain", got.domain, strchr(good[i].key, '@') + 1);
	}
}

static const struct {
	const char *sentence;
	const char *typed;
} bad[] = {
	{"nothing is no address", ""},
	{"spaces are no address", "   "},
	{"an address has an @", "anna.example.com"},
	{"something stands before the @", "@example.com"},
	{"something stands after the @", "anna@"},
	{"there is only one @", "anna@b@example.com"},
	{"no spaces inside", "an na@example.com"},
	{"no spaces in the domain", "anna@exam ple.com"},
	{"no two addresses", "anna@example.com bert@example.com"},
	{"no dot at the start", ".anna@example.com"},
	{"no dot at the end", "anna.@example.com"},
	{"no two dots together", "an..na@example.com"},
	{"no quoted local part", "\"anna b\"@example.com"},
	{"no comment", "anna(work)@example.com"},
	{"no empty label (libidn2 accepts a..b)", "anna@example..com"},
	{"no empty label beside a letter of another script", "anna@b\xc3\xbc"
							     "cher..example"},
	{"no empty label made by an ideographic full stop", "anna@b\xc3\xbc"
							    "cher.\xe3\x80\x82"
							    "example"},
	{"no dot before the domain", "anna@.example.com"},
	{"no dot after the domain", "anna@example.com."},
	{"a domain has a dot", "anna@example"},
	{"no address literal", "anna@[192.0.2.1]"},
	{"no bare network address", "anna@192.0.2.1"},
	{"no hyphen before a label", "anna@-example.com"},
	{"no hyphen after a label", "anna@example-.com"},
	{"no underscore in a domain", "anna@ex_ample.com"},
	{"no line break", "anna@example.com\nBcc: bert@example.com"},
	{"no carriage return", "anna\r@example.com"},
	{"no NUL in words", "anna\x01@example.com"},
	{"no sign dropped from a label (libidn2 drops it)", "anna@b\xc3\xbc#cher.example"},
	{"no bracket dropped from a label", "anna@b\xc3\xbc>cher.example"},
	{"no underscore dropped from a label", "anna@b\xc3\xbc_cher.example"},
	{"no sign in another label", "anna@b\xc3\xbc"
				     "cher.ex!ample"},
	{"no sign that becomes one that is dropped", "anna@b\xef\xbd\x80"
						     "cher.example"},
	{"no not-equal sign", "anna@b\xe2\x89\xa0"
			      "cher.example"},
	{"no full-width look-alike in the domain", "anna@\xef\xbd\x85xample.com"},
	{"no zero-width space in the domain (libidn2 drops it)", "anna@exam\xe2\x80\x8bple.com"},
	{"no zero-width space in the local part", "an\xe2\x80\x8bna@example.com"},
	{"no soft hyphen", "an\xc2\xadna@example.com"},
	{"no variation selector", "anna\xef\xb8\x8f@example.com"},
	{"no zero-width joiner", "an\xe2\x80\x8dna@example.com"},
	{"no override of direction", "an\xe2\x80\xaena@example.com"},
	{"no byte-order mark", "\xef\xbb\xbf"
			       "anna@example.com"},
	{"no no-break space", "an\xc2\xa0na@example.com"},
	{"no Hangul filler", "an\xe3\x85\xa4na@example.com"},
	{"no private-use character", "an\xee\x80\x80na@example.com"},
	{"no full-width look-alike in the local part", "\xef\xbd\x81nna@example.com"},
	{"no broken UTF-8", "an\xffna@example.com"},
	{"no overlong UTF-8", "an\xc0\xafna@example.com"},
	{"an A-label must be one", "anna@xn--bcher-kva8.example"},
	{"an A-label must not stand for plain letters", "anna@xn--example-.com"},
	{"no closing bracket alone", "anna@example.com>"},
	{"no empty brackets", "Anna <>"},
	{"no two pairs of brackets", "Anna <<anna@example.com>>"},
	{"65 bytes of local part are too many", X60 "aaaaa@example.com"},
	{"64 bytes of label are too many", "a@" X60 "aaaa.example"},
	{"255 bytes are too many", "a@" X60 "." X60 "." X60 "." X60 ".example.com"},
	/* 32 of these are 64 bytes and fold to 96. */
	{"folding may not make it too long",
	 "\xc7\xb0\xc7\xb0\xc7\xb0\xc7\xb0\xc7\xb0\xc7\xb0\xc7\xb0\xc7\xb0\xce\x90\xce\x90\xce\x90"
	 "\xce\x90\xce\x90\xce\x90\xce\x90"
	 "\xce\x90\xce\x90\xce\x90\xce\x90\xce\x90\xce\x90\xce\x90\xce\x90\xce\x90\xce\x90\xce\x90"
	 "\xce\x90\xce\x90\xce\x90\xce\x90"
	 "\xce\x90\xce\x90\xce\x90@example.com"},
};

static void test_bad(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct address got = {.text = STR("untouched")};
		if (address_parse(*state, str_of(bad[i].typed), &got) != ERR_INVALID)
			fail_msg("%s: not refused", bad[i].sentence);
		assert_str(bad[i].sentence, "result", got.text, "untouched");
	}
	struct address got;
	assert_int_equal(address_parse(*state, STR("an\0na@example.com"), &got), ERR_INVALID);
	assert_int_equal(address_parse(*state, STR("anna@example.com\0"), &got), ERR_INVALID);
}

static const struct {
	const char *sentence;
	const char *typed;
	size_t count;
	const char *keys[4]; /* "" for a part that is none */
	const char *bad_text;
} lists[] = {
	{"nothing gives nothing", "", 0},
	{"separators alone give nothing", " , ;\n\n,", 0},
	{"commas, semicolons and lines part a list",
	 "a@example.com, b@example.com;c@example.com\nd@example.com",
	 4,
	 {"a@example.com", "b@example.com", "c@example.com", "d@example.com"}},
	{"a comma in quotes does not part",
	 "\"B, Anna\" <a@example.com>, b@example.com",
	 2,
	 {"a@example.com", "b@example.com"}},
	{"a part that is none is kept as typed",
	 "a@example.com, nobody , b@example.com",
	 3,
	 {"a@example.com", "", "b@example.com"},
	 "nobody"},
	{"an open quote ends with its line",
	 "\"Anna, a@example.com\nb@example.com",
	 2,
	 {"", "b@example.com"},
	 "\"Anna, a@example.com"},
	{"an open bracket ends with its line",
	 "Anna <a@example.com, c\nb@example.com",
	 2,
	 {"", "b@example.com"},
	 "Anna <a@example.com, c"},
	{"a carriage return alone does not part",
	 "a@example.com\rb@example.com",
	 1,
	 {""},
	 "a@example.com\rb@example.com"},
	{"Windows line ends are fine",
	 "a@example.com\r\nb@example.com\r\n",
	 2,
	 {"a@example.com", "b@example.com"}},
};

static void test_lists(void **state)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct address *got;
		size_t count;
		assert_int_equal(
			address_parse_list(*state, str_of(lists[i].typed), 4, &got, &count), OK);
		if (count != lists[i].count)
			fail_msg("%s: %zu parts", lists[i].sentence, count);
		for (size_t k = 0; k < count; k++) {
			assert_str(lists[i].sentence, "key", got[k].key, lists[i].keys[k]);
			if (got[k].key.len == 0)
				assert_str(lists[i].sentence, "text", got[k].text,
					   lists[i].bad_text);
		}
	}
}

static void test_list_limit(void **state)
{
	struct address *got;
	size_t count = 7;
	assert_int_equal(
		address_parse_list(*state, STR("a@example.com,,b@example.com,x"), 3, &got, &count),
		OK);
	assert_int_equal(count, 3);
	assert_int_equal(
		address_parse_list(*state, STR("a@example.com,b@example.com,x"), 2, &got, &count),
		ERR_TOO_LARGE);
	assert_int_equal(count, 3);
}

static void test_little_memory(void **state)
{
	struct str typed = STR("Anna <anna@b\xc3\xbc"
			       "cher.example>, Bert <bert@example.com>");
	(void)state;
	for (size_t bytes = 0; bytes < 6000; bytes += 64) {
		CLEANUP_ARENA struct arena arena;
		struct address *got;
		size_t count;
		arena_init(&arena, bytes);
		enum err err = address_parse_list(&arena, typed, 9, &got, &count);
		assert_true(err == ERR_UNAVAILABLE ||
			    (err == OK && count == 2 && got[0].key.len && got[1].key.len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list_limit, set_up, tear_down),
		cmocka_unit_test(test_little_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
