#include "server/config.h"

#include "base/buf.h"
#include "base/limits.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

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

static void assert_str(struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARGS(got), want);
}

static void test_defaults(void **state)
{
	struct config config;
	struct str message;
	assert_int_equal(config_parse(*state, STR("f"), STR_NONE, &config, &message), OK);
	assert_str(config.listen, "127.0.0.1:8080");
	assert_int_equal(config.log_level, LOG_INFO);
	assert_int_equal(config.workers, 0);
	assert_int_equal(config.mail.len, 0);
	assert_int_equal(config.clamd.len, 0);
	assert_int_equal(config_check(&config, &message), OK);
}

static void test_every_setting(void **state)
{
	struct config config;
	struct str message;
	struct str content = STR("\xef\xbb\xbf# ours\n\n"
				 "  listen=[::1]:9000\r\n"
				 "tls-cert = /etc/a b.pem\n"
				 "tls-key = /etc/k.pem  \n"
				 "mail = smtp://u:p#=x@mail.example.com:587\n"
				 "mail-from = portal@example.com\n"
				 "mail-ca = /etc/ca.pem\n"
				 "clamd = unix:/run/clamav/clamd.ctl\n"
				 "spamd = 127.0.0.1:783\n"
				 "store = postgres://db/portal\n"
				 "trusted-proxies = 127.0.0.1, ::1\n"
				 "\t# more\n"
				 "workers = 8\n"
				 "password-workers = 3\n"
				 "log-level = debug");
	assert_int_equal(config_parse(*state, STR("f"), content, &config, &message), OK);
	assert_str(config.listen, "[::1]:9000");
	assert_str(config.tls_cert, "/etc/a b.pem");
	assert_str(config.tls_key, "/etc/k.pem");
	assert_str(config.mail, "smtp://u:p#=x@mail.example.com:587");
	assert_str(config.mail_from, "portal@example.com");
	assert_str(config.mail_ca, "/etc/ca.pem");
	assert_str(config.clamd, "unix:/run/clamav/clamd.ctl");
	assert_str(config.spamd, "127.0.0.1:783");
	assert_str(config.store, "postgres://db/portal");
	assert_str(config.trusted_proxies, "127.0.0.1, ::1");
	assert_int_equal(config.workers, 8);
	assert_int_equal(config.password_workers, 3);
	assert_int_equal(config.log_level, LOG_DEBUG);
	assert_int_equal(config_check(&config, &message), OK);
}

static const struct {
	const char *sentence;
	const char *content;
	const char *message; /* how it begins */
} mistakes[] = {
	{"an unknown key", "\n# x\nlissten = a",
	 "data/postern.conf, line 3: There is no setting “lissten”. The settings are: "
	 "audit-checkpoints, breached-passwords, clamd, "},
	{"keys have one case", "Listen = a",
	 "data/postern.conf, line 1: There is no setting “Listen”."},
	{"a key twice", "mail = a\nworkers = 2\nmail = b\n",
	 "data/postern.conf, line 3: mail stands in line 1 already."},
	{"no equals sign", "listen 127.0.0.1:80",
	 "data/postern.conf, line 1: This is not a setting."},
	{"nothing before the equals sign", "= 5",
	 "data/postern.conf, line 1: This is not a setting."},
	{"nothing after it", "listen = \n", "data/postern.conf, line 1: listen has no value."},
	{"not a number", "workers = many",
	 "data/postern.conf, line 1: workers must be a whole number from 1 to 1024."},
	{"no worker at all", "workers = 0", "data/postern.conf, line 1: workers must be"},
	{"a negative number", "workers = -1", "data/postern.conf, line 1: workers must be"},
	{"too many", "workers = 1025", "data/postern.conf, line 1: workers must be"},
	{"far too many", "workers = 99999999999999999999",
	 "data/postern.conf, line 1: workers must be"},
	{"too many for passwords", "password-workers = 65",
	 "data/postern.conf, line 1: password-workers must be a whole number from 1 to 64."},
	{"no log level", "log-level = loud",
	 "data/postern.conf, line 1: log-level must be debug, info, warn or error."},
	{"broken UTF-8", "mail = \xff",
	 "data/postern.conf, line 1: This line holds characters that cannot be read."},
	{"a control character", "mail = a\x1b[1m",
	 "data/postern.conf, line 1: This line holds characters"},
};

static void test_mistakes(void **state)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct config config = {.workers = 77};
		struct str message = STR_NONE;
		enum err err = config_parse(*state, STR("data/postern.conf"),
					    str_of(mistakes[i].content), &config, &message);
		if (err != ERR_INVALID || config.workers != 77)
			fail_msg("%s: not refused", mistakes[i].sentence);
		if (!str_starts_with(message, str_of(mistakes[i].message)))
			fail_msg("%s: %.*s", mistakes[i].sentence, STR_ARGS(message));
	}
	struct config config;
	struct str message;
	assert_int_equal(config_parse(*state, STR("f"), STR("mail = a\0b"), &config, &message),
			 ERR_INVALID);
}

static void test_long_value(void **state)
{
	static char line[LIMIT_CONFIG_VALUE_BYTES + 8] = "mail = ";
	struct config config;
	struct str message;
	memset(line + 7, 'x', LIMIT_CONFIG_VALUE_BYTES + 1);
	assert_int_equal(config_parse(*state, STR("f"), str_bytes(line, sizeof(line) - 1), &config,
				      &message),
			 OK);
	assert_int_equal(
		config_parse(*state, STR("f"), str_bytes(line, sizeof(line)), &config, &message),
		ERR_INVALID);
	assert_str(message, "f, line 1: The value of mail is longer than 4096 bytes.");
}

static void test_options_override(void **state)
{
	struct config config;
	struct str message;
	assert_int_equal(config_parse(*state, STR("f"), STR("listen = a:1\nworkers = 2\n"), &config,
				      &message),
			 OK);
	assert_int_equal(config_set(&config, STR("listen"), STR("b:2"), &message), OK);
	assert_str(config.listen, "b:2");
	assert_int_equal(config.workers, 2);
	assert_int_equal(config_set(&config, STR("nothing"), STR("b:2"), &message), ERR_NOT_FOUND);
	assert_int_equal(config_set(&config, STR("workers"), STR("x"), &message), ERR_INVALID);
	assert_int_equal(config.workers, 2);
}

/* What a SIGHUP cannot change while the program runs. */
static void test_changes_that_need_a_restart(void **state)
{
	static const char before[] = "listen = a:1\nworkers = 2\nstore = sqlite:\nmail = dir:a\n";
	static const struct {
		const char *sentence, *after, *keys;
	} rows[] = {
		{"nothing changed", before, ""},
		{"the mail server and the log level are taken over",
		 "listen = a:1\nworkers = 2\nstore = sqlite:\nmail = dir:b\nmail-from = a@b.c\n"
		 "mail-ca = d\nlog-level = debug\n",
		 ""},
		{"the address is not", "listen = a:2\nworkers = 2\nstore = sqlite:\nmail = dir:a\n",
		 "listen "},
		{"nor is the virus scanner",
		 "listen = a:1\nworkers = 2\nstore = sqlite:\nmail = dir:a\nclamd = unix:/c\n",
		 "clamd "},
		{"nor is the spam filter",
		 "listen = a:1\nworkers = 2\nstore = sqlite:\nmail = dir:a\nspamd = unix:/s\n",
		 "spamd "},
		{"what is gone or new has changed",
		 "listen = a:1\npassword-workers = 1\ntls-cert = c\ntls-key = k\n"
		 "trusted-proxies = ::1\nmail = dir:a\n",
		 "password-workers store tls-cert tls-key trusted-proxies workers "},
	};
	struct config running, next;
	struct str message;
	assert_int_equal(config_parse(*state, STR("f"), str_of(before), &running, &message), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP_BUF struct buf keys;
		size_t at = 0;
		buf_init(&keys, 200);
		assert_int_equal(
			config_parse(*state, STR("f"), str_of(rows[i].after), &next, &message), OK);
		for (const char *key;
		     (key = config_next_fixed_change(&running, &next, &at)) != NULL;) {
			buf_addf(&keys, "%s ", key);
		}
		if (!str_eq(buf_str(&keys), str_of(rows[i].keys)))
			fail_msg("%s: %.*s", rows[i].sentence, STR_ARGS(buf_str(&keys)));
	}
}

static void test_certificate_needs_its_key(void **state)
{
	struct config config;
	struct str message;
	assert_int_equal(config_parse(*state, STR("f"), STR("tls-cert = a"), &config, &message),
			 OK);
	assert_int_equal(config_check(&config, &message), ERR_INVALID);
	assert_str(message, "tls-cert is set but tls-key is not. Please set both, or none.");
	assert_int_equal(config_set(&config, STR("tls-key"), STR("b"), &message), OK);
	assert_int_equal(config_check(&config, &message), OK);
}

/* A folder of its own; the configuration file in it, if any, holds `len` bytes. */
static void load_from(struct arena *arena, const char *content, size_t len, enum err want,
		      struct config *ret, struct str *ret_message)
{
	char folder[] = "/tmp/postern-config-XXXXXX";
	char path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/postern.conf", folder);
	if (content) {
		int fd = open(path, O_WRONLY | O_CREAT, 0600);
		assert_int_equal(write(fd, content, len), len);
		close(fd);
	}
	assert_int_equal(config_load(arena, str_of(folder), ret, ret_message), want);
	unlink(path);
	rmdir(folder);
}

static void test_files(void **state)
{
	static char big[LIMIT_CONFIG_FILE_BYTES + 1];
	struct config config;
	struct str message = STR_NONE;
	memset(big, '\n', sizeof(big));
	load_from(*state, NULL, 0, OK, &config, &message);
	assert_str(config.listen, "127.0.0.1:8080");
	load_from(*state, "listen = c:3\n", 13, OK, &config, &message);
	assert_str(config.listen, "c:3");
	load_from(*state, "", 0, OK, &config, &message);
	load_from(*state, big, sizeof(big) - 1, OK, &config, &message);
	load_from(*state, big, sizeof(big), ERR_TOO_LARGE, &config, &message);
	assert_true(str_find(message, STR("is larger than")) > 0);
}

static void test_a_folder_is_no_file(void **state)
{
	char folder[] = "/tmp/postern-config-XXXXXX";
	char path[64];
	struct config config;
	struct str message = STR_NONE;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/postern.conf", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(config_load(*state, str_of(folder), &config, &message), ERR_UNAVAILABLE);
	assert_true(str_find(message, STR("cannot be read: Is a directory.")) > 0);
	rmdir(path);
	rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_every_setting),
		TEST(test_mistakes),
		TEST(test_long_value),
		TEST(test_options_override),
		TEST(test_changes_that_need_a_restart),
		TEST(test_certificate_needs_its_key),
		TEST(test_files),
		TEST(test_a_folder_is_no_file),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
