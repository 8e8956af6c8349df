#include "mail/mail_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *text;
	enum mail_url_kind kind;
	const char *host, *user, *password, *folder;
	int64_t port;
} good[] = {
	{"smtp://mail.example.com", MAIL_URL_SMTP, "mail.example.com", "", "", "", 25},
	{"smtp://mail.example.com/", MAIL_URL_SMTP, "mail.example.com", "", "", "", 25},
	{"SMTP://localhost:1025", MAIL_URL_SMTP, "localhost", "", "", "", 1025},
	{"smtp://anna:secret@mail.example.com", MAIL_URL_SMTP, "mail.example.com", "anna", "secret",
	 "", 587},
	{"smtps://anna:secret@mail.example.com", MAIL_URL_SMTPS, "mail.example.com", "anna",
	 "secret", "", 465},
	{"smtps://mail.example.com:4650", MAIL_URL_SMTPS, "mail.example.com", "", "", "", 4650},
	{"smtp://anna%40example.com:p%40ss%3A%20w%2Frd@h:587", MAIL_URL_SMTP, "h",
	 "anna@example.com", "p@ss: w/rd", "", 587},
	{"smtp://anna:p@ss@mail.example.com:26", MAIL_URL_SMTP, "mail.example.com", "anna", "p@ss",
	 "", 26},
	{"smtp://[::1]:1025", MAIL_URL_SMTP, "::1", "", "", "", 1025},
	{"smtp://[2001:db8::1]", MAIL_URL_SMTP, "2001:db8::1", "", "", "", 25},
	{"smtp://127.0.0.1:1", MAIL_URL_SMTP, "127.0.0.1", "", "", "", 1},
	{" dir:/var/lib/postern/mail ", MAIL_URL_DIR, "", "", "", "/var/lib/postern/mail", 0},
	{"dir:mail", MAIL_URL_DIR, "", "", "", "mail", 0},
};

static void good_urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct mail_url url;
		enum text_id problem;
		arena_init(&arena, 1 << 16);
		print_message("# %s\n", good[i].text);
		assert_int_equal(mail_url_parse(&arena, str_of(good[i].text), &url, &problem), OK);
		assert_int_equal(url.kind, good[i].kind);
		assert_true(str_eq(url.host, str_of(good[i].host)));
		assert_true(str_eq(url.user, str_of(good[i].user)));
		assert_true(str_eq(url.password, str_of(good[i].password)));
		assert_true(str_eq(url.folder, str_of(good[i].folder)));
		assert_int_equal(url.port, good[i].port);
	}
}

static const struct {
	struct str text;
	enum text_id problem;
} bad[] = {
	{STR(""), TEXT_MAIL_URL_SCHEME},
	{STR("mail.example.com"), TEXT_MAIL_URL_SCHEME},
	{STR("http://mail.example.com"), TEXT_MAIL_URL_SCHEME},
	{STR("smtp:mail.example.com"), TEXT_MAIL_URL_SCHEME},
	{STR("smtp://"), TEXT_MAIL_URL_HOST},
	{STR("smtp://:25"), TEXT_MAIL_URL_HOST},
	{STR("smtp://mail example.com"), TEXT_MAIL_URL_HOST},
	{STR("smtp://mail.example.com\r\nx"), TEXT_MAIL_URL_HOST},
	{STR("smtp://mail\0.example.com"), TEXT_MAIL_URL_HOST},
	{STR("smtp://-oProxy"), TEXT_MAIL_URL_HOST},
	{STR("smtp://[::1"), TEXT_MAIL_URL_HOST},
	{STR("smtp://[]"), TEXT_MAIL_URL_HOST},
	{STR("smtp://[abc]"), TEXT_MAIL_URL_HOST},
	{STR("smtp://h:"), TEXT_MAIL_URL_PORT},
	{STR("smtp://h:0"), TEXT_MAIL_URL_PORT},
	{STR("smtp://h:65536"), TEXT_MAIL_URL_PORT},
	{STR("smtp://h:25x"), TEXT_MAIL_URL_PORT},
	{STR("smtp://[::1]25"), TEXT_MAIL_URL_PORT},
	{STR("smtp://anna@h"), TEXT_MAIL_URL_LOGIN},
	{STR("smtp://:secret@h"), TEXT_MAIL_URL_LOGIN},
	{STR("smtp://anna:@h"), TEXT_MAIL_URL_LOGIN},
	{STR("smtp://anna:%zz@h"), TEXT_MAIL_URL_LOGIN},
	{STR("smtp://anna:%00@h"), TEXT_MAIL_URL_LOGIN},
	{STR("smtp://anna:a%0d%0aQUIT@h"), TEXT_MAIL_URL_LOGIN},
	{STR("smtp://h/x"), TEXT_MAIL_URL_REST},
	{STR("smtp://h?x"), TEXT_MAIL_URL_REST},
	{STR("smtp://h#x"), TEXT_MAIL_URL_REST},
	{STR("dir:"), TEXT_MAIL_URL_DIR},
	{STR("dir:a\0b"), TEXT_MAIL_URL_DIR},
};

static void bad_urls_say_what_to_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct mail_url url;
		enum text_id problem = TEXT_COUNT_IDS;
		arena_init(&arena, 1 << 16);
		print_message("# %s\n", bad[i].text.data);
		assert_int_equal(mail_url_parse(&arena, bad[i].text, &url, &problem), ERR_INVALID);
		assert_int_equal(problem, bad[i].problem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_urls),
		cmocka_unit_test(bad_urls_say_what_to_write),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
