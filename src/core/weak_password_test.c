#include "core/weak_password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
	const char *sentence;
	const char *password;
	enum weakness weakness;
} rows[] = {
	{"random small letters are fine", "hqzkwvmtbxej", WEAKNESS_NONE},
	{"random digits are fine", "482913075961", WEAKNESS_NONE},
	{"sixteen different pictures are fine",
	 "\xf0\x9f\x98\x80\xf0\x9f\x90\xb6\xf0\x9f\x8d\x8e\xe2\x9a\xbd\xf0\x9f\x9a\x97\xf0\x9f\x8f"
	 "\xa0\xf0\x9f\x92\xa1\xf0\x9f\x8e\xb5",
	 WEAKNESS_NONE},
	{"four words are fine", "copper lantern river oat", WEAKNESS_NONE},
	{"a sentence is fine", "My cat hates Tuesdays.", WEAKNESS_NONE},
	{"a common word within others is fine", "purple monkey dishwasher", WEAKNESS_NONE},
	{"many digits that follow no rule make up for a common word", "dragon82740163",
	 WEAKNESS_NONE},
	{"one character", "aaaaaaaaaaaa", WEAKNESS_REPEATED},
	{"spaces alone", "            ", WEAKNESS_REPEATED},
	{"a piece of three", "abcabcabcabc", WEAKNESS_REPEATED},
	{"a piece of eight, twice", "hqzkwvmthqzkwvmt", WEAKNESS_REPEATED},
	{"a piece of five, the last cut off", "hqzkwhqzkwhqz", WEAKNESS_REPEATED},
	{"repeated in different case", "HqzkwvMThqzkwvmt", WEAKNESS_REPEATED},
	{"twelve characters, twice, are fine: one of them would be", "hqzkwvmtbxejhqzkwvmtbxej",
	 WEAKNESS_NONE},
	{"the alphabet", "abcdefghijkl", WEAKNESS_SEQUENCE},
	{"the alphabet backwards", "lkjihgfedcba", WEAKNESS_SEQUENCE},
	{"digits", "123456789012", WEAKNESS_SEQUENCE},
	{"letters and digits in a row", "abcdef123456", WEAKNESS_SEQUENCE},
	{"a row of the keyboard", "QWERTYUIOP[]", WEAKNESS_SEQUENCE},
	{"columns of the keyboard", "1qaz2wsx3edc", WEAKNESS_SEQUENCE},
	{"runs of the same character", "111222333444", WEAKNESS_SEQUENCE},
	{"on the list as it is", "winniethepooh", WEAKNESS_COMMON},
	{"on the list, in capitals", "WinnieThePooh", WEAKNESS_COMMON},
	{"on the list, with digits for letters", "w1nni3th3p00h", WEAKNESS_COMMON},
	{"on the list, with a year", "password2026", WEAKNESS_COMMON},
	{"on the list, with signs around", "!!P4$$w0rd!!1", WEAKNESS_COMMON},
	{"on the list, with a long run of digits", "dragon123456789", WEAKNESS_COMMON},
	{"the comic's four words", "correcthorsebatterystaple", WEAKNESS_COMMON},
	{"her name and digits", "Annabelle2026", WEAKNESS_OWN_WORDS},
	{"both names", "Weber-Annabelle!", WEAKNESS_OWN_WORDS},
	{"her name with digits for letters", "4nn4b3ll3w3b3r", WEAKNESS_OWN_WORDS},
	{"her address", "a.weber@example.com", WEAKNESS_OWN_WORDS},
	{"the portal's name", "LakesideClinic1", WEAKNESS_OWN_WORDS},
	{"a name of another script",
	 "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0"
	 "123908",
	 WEAKNESS_OWN_WORDS},
	{"her name and something else is fine", "annabelle likes figs", WEAKNESS_NONE},
};

static const char *const words[] = {"none", "repeated", "sequence", "own words", "common"};

static enum weakness look(struct str password)
{
	const struct str own[] = {STR("Annabelle Weber \xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0"),
				  STR("a.weber@example.com"), STR("Lakeside Clinic"), STR_NONE};
	CLEANUP_ARENA struct arena arena;
	enum weakness weakness = WEAKNESS_NONE;
	arena_init(&arena, 1 << 16);
	assert_int_equal(weak_password_look(&arena, password, own, 4, &weakness), OK);
	return weakness;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum weakness got = look(str_of(rows[i].password));
		if (got != rows[i].weakness)
			fail_msg("%s: %s", rows[i].sentence, words[got]);
	}
}

/* Random passwords of a fixed generator: none may be called weak. */
static void test_random_ones_are_fine(void **state)
{
	uint64_t seed = 20261122;
	(void)state;
	for (int i = 0; i < 500; i++) {
		char password[13];
		for (int k = 0; k < 12; k++) {
			seed = seed * 6364136223846793005U + 1442695040888963407U;
			password[k] =
				(char)((i % 2 ? '0' : 'a') + (seed >> 40) % (i % 2 ? 10 : 26));
		}
		password[12] = '\0';
		if (look(str_of(password)) != WEAKNESS_NONE)
			fail_msg("%s: %s", password, words[look(str_of(password))]);
	}
}

static void test_longest(void **state)
{
	char password[4096];
	(void)state;
	for (size_t i = 0; i < sizeof(password); i++)
		password[i] = i % 2 ? 'x' : "0123456789"[(i * i / 7) % 10];
	assert_int_equal(look(str_bytes(password, sizeof(password))), WEAKNESS_NONE);
}

static void test_little_memory(void **state)
{
	const struct str own[] = {STR("Annabelle Weber")};
	(void)state;
	for (size_t bytes = 0; bytes < 1024; bytes += 16) {
		CLEANUP_ARENA struct arena arena;
		enum weakness weakness = WEAKNESS_NONE;
		arena_init(&arena, bytes);
		enum err err = weak_password_look(&arena, STR("annabelle1234"), own, 1, &weakness);
		assert_true(err == ERR_UNAVAILABLE ||
			    (err == OK && weakness == WEAKNESS_OWN_WORDS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_random_ones_are_fine),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_little_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
