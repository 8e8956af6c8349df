#include "core/password_rules.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct arena arena;
	struct portal portal;
	struct cx cx;
	struct form_errors errors;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	static const struct settings settings = {.name = STR("Lakeside Clinic"),
						 .password_min_chars = LIMIT_PASSWORD_MIN_CHARS};
	fixture = (struct fixture){.portal.settings = &settings};
	arena_init(&fixture.arena, 1 << 20);
	fixture.cx = (struct cx){.arena = &fixture.arena,
				 .portal = &fixture.portal,
				 .language = language_find(STR("en"))};
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	arena_release(&((struct fixture *)*state)->arena);
	return 0;
}

static struct str many(struct fixture *f, const char *piece, size_t count)
{
	size_t len = strlen(piece);
	char *text = arena_alloc(&f->arena, len * count + 1);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * len, piece, len);
	return str_bytes(text, len * count);
}

static enum err check(struct fixture *f, struct str password, struct str *ret)
{
	f->errors.count = 0;
	return password_rules_check(&f->cx, password, STR("Annabelle Weber"),
				    STR("a.weber@example.com"), ret, &f->errors);
}

static void refuse(struct fixture *f, struct str password, enum text_id id)
{
	struct str ret = STR("untouched");
	struct str detail;
	assert_int_equal(check(f, password, &ret), ERR_INVALID);
	assert_true(str_eq(ret, STR("untouched")));
	assert_int_equal(f->errors.count, 1);
	detail = form_errors_for(&f->errors, "password");
	/* Numbers are filled in, so only the part before them is compared. */
	struct str sentence = text_get(f->cx.language, id);
	ptrdiff_t brace = str_find_char(sentence, '{');
	assert_true(str_starts_with(
		detail, str_slice(sentence, 0, brace < 0 ? sentence.len : (size_t)brace)));
	assert_int_equal(str_find_char(detail, '{'), -1);
}

static void test_length(void **state)
{
	struct fixture *f = *state;
	struct str ret;
	refuse(f, STR_NONE, TEXT_ERROR_PASSWORD_MISSING);
	refuse(f, STR("hqzkwvmtbxe"), TEXT_ERROR_PASSWORD_TOO_SHORT);
	assert_int_equal(check(f, STR("hqzkwvmtbxej"), &ret), OK);
	/* Characters count, not bytes: eleven of four bytes are still too short. */
	refuse(f, many(f, "\xf0\x9f\x98\x80", 11), TEXT_ERROR_PASSWORD_TOO_SHORT);
	refuse(f, many(f, "hqzkwvmtbxejx", 20), TEXT_ERROR_PASSWORD_TOO_LONG);
	assert_int_equal(check(f, str_slice(many(f, "hqzkwvmtbxejx", 20), 0, 256), &ret), OK);
	assert_int_equal(ret.len, 256);
	refuse(f, many(f, "hqzkwvmtbxejx", 20000), TEXT_ERROR_PASSWORD_TOO_LONG);
}

static void test_weak_ones_get_their_sentence(void **state)
{
	refuse(*state, STR("aaaaaaaaaaaa"), TEXT_ERROR_PASSWORD_REPEATED);
	refuse(*state, STR("1qaz2wsx3edc"), TEXT_ERROR_PASSWORD_SEQUENCE);
	refuse(*state, STR("annabelle2026"), TEXT_ERROR_PASSWORD_OWN_WORDS);
	refuse(*state, STR("LakesideClinic"), TEXT_ERROR_PASSWORD_OWN_WORDS);
	refuse(*state, STR("postern-postern1"), TEXT_ERROR_PASSWORD_OWN_WORDS);
	refuse(*state, STR("Password1234"), TEXT_ERROR_PASSWORD_COMMON);
	refuse(*state, STR("hqzkwvmtb\xff\xfexej"), TEXT_ERROR_PASSWORD_UNREADABLE);
}

static void test_one_password_however_it_is_encoded(void **state)
{
	struct fixture *f = *state;
	struct str composed, decomposed, normal;
	assert_int_equal(check(f,
			       STR("gr\xc3\xbc"
				   "n wie der wald"),
			       &composed),
			 OK);
	assert_int_equal(check(f,
			       STR("gru\xcc\x88"
				   "n wie der wald"),
			       &decomposed),
			 OK);
	assert_true(str_eq(composed, decomposed));
	assert_int_equal(password_normalise(&f->cx,
					    STR("gru\xcc\x88"
						"n wie der wald"),
					    &normal),
			 OK);
	assert_true(str_eq(composed, normal));
}

static void test_exactly_as_typed_otherwise(void **state)
{
	struct fixture *f = *state;
	struct str ret;
	assert_int_equal(check(f, STR(" Hqzk wvmt BXEJ "), &ret), OK);
	assert_true(str_eq(ret, STR(" Hqzk wvmt BXEJ ")));
}

static void test_normalise_refuses(void **state)
{
	struct fixture *f = *state;
	struct str ret;
	assert_int_equal(password_normalise(&f->cx, STR("\xff"), &ret), ERR_INVALID);
	assert_int_equal(password_normalise(&f->cx, many(f, "ab", 129), &ret), ERR_INVALID);
	assert_int_equal(password_normalise(&f->cx, many(f, "\xcc\x88", 5000), &ret), ERR_INVALID);
	assert_int_equal(password_normalise(&f->cx, STR_NONE, &ret), OK);
	assert_int_equal(ret.len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_length),
		TEST(test_weak_ones_get_their_sentence),
		TEST(test_one_password_however_it_is_encoded),
		TEST(test_exactly_as_typed_otherwise),
		TEST(test_normalise_refuses),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
