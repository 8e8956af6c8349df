#include "base/log_capture.h"
#include "mail/smtp_fixture.h"
#include "mail/transport.h"
#include "text/text.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct letter make_letter(const char *to)
{
	struct letter letter = {
		.from = STR("postern@example.com"),
		.to = str_of(to),
		.bytes = STR(
			"Subject: x\r\n\r\nHello\r\n.\r\n..two\r\nMAIL FROM:<eve@example.net>\r\n"),
	};
	letter.id = (struct id){"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
	return letter;
}

static struct str reply_of(const struct mail_outcome *outcome)
{
	return (struct str){outcome->reply, outcome->reply_len};
}

static struct transport *open_by(const char *scheme, const struct smtp_fixture *fixture,
				 const char *login, bool has_ca)
{
	struct transport *transport;
	char url[200];
	snprintf(url, sizeof(url), "%s://%slocalhost:%d", scheme, login, fixture->port);
	const struct transport_options options = {
		.url = str_of(url),
		.hello = STR("mail.example.com"),
		.ca_file = has_ca ? str_of(fixture->certificate) : STR_NONE,
		.total_timeout_ms = 1500,
	};
	assert_int_equal(transport_open(&options, &transport), OK);
	return transport;
}

static struct transport *open_to(const struct smtp_fixture *fixture, const char *login, bool has_ca)
{
	return open_by("smtp", fixture, login, has_ca);
}

#define LOGIN "anna:p%40ss%3A%20word@"

/* What servers do, and what becomes of the letter. */
static const struct {
	const char *sentence, *mode, *login, *to;
	bool has_ca;
	enum outbox_result result;
	bool is_trouble;
	const char *reply; /* part of it; NULL: the sentence `says` */
	enum text_id says;
} cases[] = {
	{"a good server takes it", "ok", "", "anna@example.com", false, OUTBOX_ACCEPTED, false,
	 "250"},
	{"without STARTTLS and login it goes in the clear", "plain", "", "anna@example.com", false,
	 OUTBOX_ACCEPTED, false, "250"},
	{"a refused recipient bounces with the server's words", "refuse", "", "refused@example.com",
	 false, OUTBOX_BOUNCED, false, "550 5.1.1 There is no such person here"},
	{"the others of that server are delivered", "refuse", "", "anna@example.com", false,
	 OUTBOX_ACCEPTED, false, "250"},
	{"a greylisted recipient is tried again", "refuse", "", "later@example.com", false,
	 OUTBOX_RETRY, false, "450 4.2.0 Greylisted, come back later"},
	{"a refused text bounces", "spam", "", "anna@example.com", false, OUTBOX_BOUNCED, false,
	 "554 5.7.1 We do not like this text"},
	{"a busy server is tried again", "421", "", "anna@example.com", false, OUTBOX_RETRY, true,
	 "421"},
	{"a silent server is tried again", "hang", "", "anna@example.com", false, OUTBOX_RETRY,
	 true, NULL, TEXT_MAIL_REPLY_SILENT},
	{"one that falls silent after the text too", "stall", "", "anna@example.com", false,
	 OUTBOX_RETRY, true, NULL, TEXT_MAIL_REPLY_SILENT},
	{"nonsense is tried again", "nonsense", "", "anna@example.com", false, OUTBOX_RETRY, true,
	 NULL, TEXT_COUNT_IDS},
	{"login over STARTTLS with the certificate given", "login", LOGIN, "anna@example.com", true,
	 OUTBOX_ACCEPTED, false, "250"},
	{"a certificate nobody knows gets no login", "login", LOGIN, "anna@example.com", false,
	 OUTBOX_RETRY, true, NULL, TEXT_MAIL_REPLY_INSECURE},
	{"without STARTTLS no login is sent", "plain", LOGIN, "anna@example.com", false,
	 OUTBOX_RETRY, true, NULL, TEXT_MAIL_REPLY_INSECURE},
	{"with a ca_file TLS is required", "plain", "", "anna@example.com", true, OUTBOX_RETRY,
	 true, NULL, TEXT_MAIL_REPLY_INSECURE},
	{"letters beyond ASCII, for a server that takes them", "ok", "", "zo\xc3\xab@example.com",
	 false, OUTBOX_ACCEPTED, false, "250"},
	{"a server that never offered to take them does not get them", "ascii", "",
	 "zo\xc3\xab@example.com", false, OUTBOX_BOUNCED, false, NULL, TEXT_MAIL_REPLY_LETTERS},
	{"one that refuses them is explained", "ascii", "", "refus\xc3\xa9@example.com", false,
	 OUTBOX_BOUNCED, false, NULL, TEXT_MAIL_REPLY_LETTERS},
	{"a refusal of plain letters keeps its words", "ascii", "", "refused@example.com", false,
	 OUTBOX_BOUNCED, false, "553 5.6.7 Strange letters"},
	{"plain letters reach a server of plain letters", "ascii", "", "anna@example.com", false,
	 OUTBOX_ACCEPTED, false, "250"},
	{"a refused login bounces nothing, and its words stay with us", "nologin", LOGIN,
	 "anna@example.com", true, OUTBOX_RETRY, true, NULL, TEXT_MAIL_REPLY_LOGIN},
	{"a server that wants a login, and gets none, bounces nothing", "login", "",
	 "anna@example.com", true, OUTBOX_RETRY, true, "530"},
};

static void check_case(size_t i, const struct mail_outcome *outcome)
{
	struct str reply = reply_of(outcome);
	print_message("# %s: %.*s\n", cases[i].sentence, STR_ARGS(reply));
	assert_int_equal(outcome->result, cases[i].result);
	assert_int_equal(outcome->is_trouble, cases[i].is_trouble);
	assert_int_equal(str_find_char(reply, '\n'), -1);
	if (cases[i].reply)
		assert_true(str_find(reply, str_of(cases[i].reply)) >= 0);
	else if (cases[i].says != TEXT_COUNT_IDS)
		assert_true(str_eq(reply, text_get(language_find(STR("en")), cases[i].says)));
}

static void servers_good_and_bad(void **state)
{
	(void)state;
	if (!smtp_fixture_is_possible())
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smtp_fixture fixture;
		struct mail_outcome outcome;
		struct letter letter = make_letter(cases[i].to);
		smtp_fixture_start(&fixture, cases[i].mode);
		/* Trust in a certificate that the server does not have is trust in none of its. */
		if (cases[i].has_ca && access(fixture.certificate, R_OK) != 0)
			assert_int_equal(
				symlink("/etc/ssl/certs/ca-certificates.crt", fixture.certificate),
				0);
		struct transport *transport = open_to(&fixture, cases[i].login, cases[i].has_ca);
		transport_deliver(transport, &letter, &outcome);
		check_case(i, &outcome);
		transport_close(transport);
		json_t *mails = smtp_fixture_mails(&fixture);
		assert_int_equal(json_array_size(mails), cases[i].result == OUTBOX_ACCEPTED);
		json_decref(mails);
		smtp_fixture_stop(&fixture);
	}
}

static const char *field(json_t *mails, size_t i, const char *name)
{
	const char *value = json_string_value(json_object_get(json_array_get(mails, i), name));
	return value ? value : "";
}

static void the_bytes_arrive_as_they_are(void **state)
{
	(void)state;
	struct smtp_fixture fixture;
	struct mail_outcome outcome;
	struct letter letter = make_letter("anna@example.com");
	if (!smtp_fixture_is_possible())
		skip();
	smtp_fixture_start(&fixture, "login");
	struct transport *transport = open_to(&fixture, LOGIN, true);
	transport_deliver(transport, &letter, &outcome);
	transport_close(transport);
	json_t *mails = smtp_fixture_mails(&fixture);
	assert_int_equal(json_array_size(mails), 1);
	assert_string_equal(field(mails, 0, "raw"), letter.bytes.data);
	assert_string_equal(field(mails, 0, "from"), "postern@example.com");
	assert_string_equal(field(mails, 0, "user"), "anna");
	assert_string_equal(field(mails, 0, "hello"), "mail.example.com");
	json_decref(mails);
	smtp_fixture_stop(&fixture);
}

static void letters_beyond_ascii_arrive(void **state)
{
	(void)state;
	struct smtp_fixture fixture;
	struct mail_outcome outcome;
	struct letter plain = make_letter("anna@example.com");
	struct letter other = make_letter("zo\xc3\xab@example.com");
	if (!smtp_fixture_is_possible())
		skip();
	smtp_fixture_start(&fixture, "ok");
	struct transport *transport = open_to(&fixture, "", false);
	/* The second goes by the connection of the first: what it offered is still known. */
	transport_deliver(transport, &plain, &outcome);
	transport_deliver(transport, &other, &outcome);
	assert_int_equal(outcome.result, OUTBOX_ACCEPTED);
	transport_close(transport);
	json_t *mails = smtp_fixture_mails(&fixture);
	assert_int_equal(json_array_size(mails), 2);
	assert_string_equal(field(mails, 0, "connection"), field(mails, 1, "connection"));
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(json_array_get(mails, 1), "to"), 0)),
			    "zo\xc3\xab@example.com");
	assert_true(json_is_false(json_object_get(json_array_get(mails, 0), "utf8")));
	assert_true(json_is_true(json_object_get(json_array_get(mails, 1), "utf8")));
	json_decref(mails);
	smtp_fixture_stop(&fixture);
}

static void tls_from_the_first_byte(void **state)
{
	static const struct {
		const char *sentence, *scheme, *mode;
		bool has_ca;
		enum outbox_result result;
		enum text_id says;
	} rows[] = {
		{"with a known certificate it takes the letter", "smtps", "smtps", true,
		 OUTBOX_ACCEPTED, TEXT_COUNT_IDS},
		{"a certificate nobody knows gets none", "smtps", "smtps", false, OUTBOX_RETRY,
		 TEXT_MAIL_REPLY_INSECURE},
		{"nor does a server that begins in the clear", "smtps", "plain", false,
		 OUTBOX_RETRY, TEXT_MAIL_REPLY_INSECURE},
		{"nor does one that begins with TLS where nobody said so", "smtp", "smtps", true,
		 OUTBOX_RETRY, TEXT_MAIL_REPLY_SILENT},
	};
	struct letter letter = make_letter("anna@example.com");
	(void)state;
	if (!smtp_fixture_is_possible())
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smtp_fixture fixture;
		struct mail_outcome outcome;
		smtp_fixture_start(&fixture, rows[i].mode);
		struct transport *transport = open_by(rows[i].scheme, &fixture, "", rows[i].has_ca);
		transport_deliver(transport, &letter, &outcome);
		transport_close(transport);
		print_message("# %s: %.*s\n", rows[i].sentence, STR_ARGS(reply_of(&outcome)));
		assert_int_equal(outcome.result, rows[i].result);
		if (rows[i].says != TEXT_COUNT_IDS)
			assert_true(str_eq(reply_of(&outcome),
					   text_get(language_find(STR("en")), rows[i].says)));
		json_t *mails = smtp_fixture_mails(&fixture);
		assert_int_equal(json_array_size(mails), rows[i].result == OUTBOX_ACCEPTED);
		if (json_array_size(mails) == 1)
			assert_true(
				json_is_true(json_object_get(json_array_get(mails, 0), "secure")));
		json_decref(mails);
		smtp_fixture_stop(&fixture);
	}
}

static void a_stream_of_letters_keeps_its_connection(void **state)
{
	(void)state;
	struct smtp_fixture fixture;
	struct mail_outcome outcome;
	struct letter letter = make_letter("anna@example.com");
	if (!smtp_fixture_is_possible())
		skip();
	smtp_fixture_start(&fixture, "ok");
	struct transport *transport = open_to(&fixture, "", false);
	for (int i = 0; i < 5; i++) {
		if (i == 3)
			transport_rest(transport);
		transport_deliver(transport, &letter, &outcome);
		assert_int_equal(outcome.result, OUTBOX_ACCEPTED);
	}
	transport_close(transport);
	json_t *mails = smtp_fixture_mails(&fixture);
	assert_int_equal(json_array_size(mails), 5);
	assert_string_equal(field(mails, 0, "connection"), field(mails, 2, "connection"));
	assert_string_not_equal(field(mails, 2, "connection"), field(mails, 3, "connection"));
	assert_string_equal(field(mails, 3, "connection"), field(mails, 4, "connection"));
	json_decref(mails);
	smtp_fixture_stop(&fixture);
}

static void a_connection_that_the_server_dropped_costs_no_letter(void **state)
{
	(void)state;
	struct smtp_fixture fixture;
	struct mail_outcome outcome;
	struct letter letter = make_letter("anna@example.com");
	if (!smtp_fixture_is_possible())
		skip();
	smtp_fixture_start(&fixture, "drop");
	struct transport *transport = open_to(&fixture, "", false);
	for (int i = 0; i < 3; i++) {
		transport_deliver(transport, &letter, &outcome);
		assert_int_equal(outcome.result, OUTBOX_ACCEPTED);
		usleep(100 * 1000); /* long enough for the server to hang up; shorter would only
				       test less */
	}
	transport_close(transport);
	smtp_fixture_stop(&fixture);
}

static void a_server_that_is_not_there(void **state)
{
	(void)state;
	struct transport *transport;
	struct mail_outcome outcome;
	struct letter letter = make_letter("anna@example.com");
	const struct transport_options options = {.url = STR("smtp://127.0.0.1:1"),
						  .total_timeout_ms = 2000};
	assert_int_equal(transport_open(&options, &transport), OK);
	transport_deliver(transport, &letter, &outcome);
	assert_int_equal(outcome.result, OUTBOX_RETRY);
	assert_true(outcome.is_trouble);
	assert_true(str_eq(reply_of(&outcome),
			   text_get(language_find(STR("en")), TEXT_MAIL_REPLY_UNREACHABLE)));
	transport_close(transport);
}

static void the_password_is_never_logged(void **state)
{
	(void)state;
	struct smtp_fixture fixture;
	struct mail_outcome outcome;
	struct letter letter = make_letter("anna@example.com");
	struct log_capture capture;
	if (!smtp_fixture_is_possible())
		skip();
	smtp_fixture_start(&fixture, "nologin");
	log_capture_begin(&capture);
	struct transport *transport = open_to(&fixture, LOGIN, true);
	transport_deliver(transport, &letter, &outcome);
	transport_close(transport);
	const char *log = log_capture_end(&capture);
	assert_true(*log != '\0');
	assert_non_null(strstr(log, "mail.server"));
	assert_null(strstr(log, "p@ss"));
	assert_null(strstr(log, "p%40ss"));
	assert_null(strstr(log, "YW5uY"));    /* the start of base64 of NUL-less forms */
	assert_null(strstr(log, "AGFubmEA")); /* of SASL PLAIN */
	smtp_fixture_stop(&fixture);
}

static void letters_as_files(void **state)
{
	(void)state;
	char folder[] = "/tmp/postern-dir-XXXXXX", url[100], path[200], content[200] = "";
	struct transport *transport;
	struct mail_outcome outcome;
	struct letter letter = make_letter("anna@example.com");
	struct stat info;
	assert_non_null(mkdtemp(folder));
	snprintf(url, sizeof(url), "dir:%s/mail", folder);
	snprintf(path, sizeof(path), "%s/mail/%s.eml", folder, letter.id.text);
	const struct transport_options options = {.url = str_of(url)};
	assert_int_equal(transport_open(&options, &transport), OK);
	for (int i = 0; i < 2; i++) { /* a second time gives the same file */
		transport_deliver(transport, &letter, &outcome);
		assert_int_equal(outcome.result, OUTBOX_ACCEPTED);
	}
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	int file = open(path, O_RDONLY);
	assert_int_equal(read(file, content, sizeof(content) - 1), letter.bytes.len);
	close(file);
	assert_string_equal(content, letter.bytes.data);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/mail", folder);
	assert_int_equal(rmdir(path), 0); /* nothing else was left there */
	transport_deliver(transport, &letter, &outcome);
	assert_int_equal(outcome.result, OUTBOX_RETRY);
	assert_true(outcome.is_trouble);
	transport_close(transport);
	rmdir(folder);
}

static void folders_that_cannot_be(void **state)
{
	(void)state;
	struct transport *transport;
	const struct transport_options file = {.url = STR("dir:/dev/null")};
	const struct transport_options deep = {.url = STR("dir:/nonexistent/deep/mail")};
	const struct transport_options none = {.url = STR("mail.example.com")};
	assert_int_equal(transport_open(&file, &transport), ERR_UNAVAILABLE);
	assert_int_equal(transport_open(&deep, &transport), ERR_UNAVAILABLE);
	assert_int_equal(transport_open(&none, &transport), ERR_INVALID);
}

static void replies_are_logged_as_numbers(void **state)
{
	static const char *const rows[][2] = {
		{"550 5.1.1 <anna@example.com>: no such mailbox", "550 5.1.1"},
		{"550-5.7.123 anna@example.com\r\n550 5.7.123 is full", "550-5.7.123"},
		{"421 anna@example.com comes too often", "421"},
		{"250 2.0.0 Ok: queued as 1", "250 2.0.0"},
		{"250 a.b", "250"},
		{"250", "250"},
		{"25", ""},
		{"", ""},
		{"anna@example.com is gone", ""},
		{"550 5.1.1anna@example.com", "550 5.1.1"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!str_eq(transport_status(str_of(rows[i][0])), str_of(rows[i][1])))
			fail_msg("%s", rows[i][0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_good_and_bad),
		cmocka_unit_test(the_bytes_arrive_as_they_are),
		cmocka_unit_test(letters_beyond_ascii_arrive),
		cmocka_unit_test(tls_from_the_first_byte),
		cmocka_unit_test(a_stream_of_letters_keeps_its_connection),
		cmocka_unit_test(a_connection_that_the_server_dropped_costs_no_letter),
		cmocka_unit_test(a_server_that_is_not_there),
		cmocka_unit_test(the_password_is_never_logged),
		cmocka_unit_test(letters_as_files),
		cmocka_unit_test(folders_that_cannot_be),
		cmocka_unit_test(replies_are_logged_as_numbers),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
