#include "core/message.h"
#include "core/register.h"
#include "crypto/token.h"
#include "mail/smtp_fixture.h"
#include "mail/worker.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A real portal on SQLite in a temporary folder, with its first administrator signed in. */
struct stage {
	char folder[64];
	struct arena arena;
	struct portal *portal;
	struct cx cx;
};

static struct portal_options options_for(const struct stage *stage)
{
	static const struct password_cost cheap = {.memory_bytes = 8 * 1024, .passes = 1};
	return (struct portal_options){.data_dir = str_of(stage->folder), .password_cost = &cheap};
}

static void stage_open(struct stage *stage)
{
	const struct portal_setup setup = {
		.name = STR("Example Clinic"),
		.url = STR("https://mail.example.com"),
		.admin_address = STR("ben@example.com"),
		.custody = CUSTODY_MANAGED,
	};
	struct registration registration;
	struct form_errors errors = {0};
	struct str link;
	*stage = (struct stage){.folder = "/tmp/postern-worker-XXXXXX"};
	assert_int_equal(crypto_init(), OK);
	assert_non_null(mkdtemp(stage->folder));
	arena_init(&stage->arena, 64 << 20);
	const struct portal_options options = options_for(stage);
	assert_int_equal(portal_create(&options, &setup, &stage->arena, &link), OK);
	assert_int_equal(portal_open(&options, &stage->portal), OK);
	stage->cx = (struct cx){
		.arena = &stage->arena,
		.portal = stage->portal,
		.language = language_find(STR("en")),
	};
	struct str token = str_slice(link, link.len - TOKEN_CHARS, TOKEN_CHARS);
	assert_int_equal(register_complete(&stage->cx, token, STR("Ben Carter"),
					   STR("correct horse battery"), true, SESSION_BROWSER,
					   STR("test"), &registration, &errors),
			 OK);
	stage->cx.session = registration.sign_in.session;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

static void stage_close(struct stage *stage)
{
	session_release(stage->cx.session);
	portal_close(stage->portal);
	arena_release(&stage->arena);
	nftw(stage->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Inviting is sending (P2.1): each new person costs two mails. */
static void send_message(struct stage *stage, const char *to)
{
	const struct draft draft = {
		.to = str_of(to), .subject = STR("Secret subject"), .body = STR("Secret body")};
	struct form_errors errors = {0};
	struct sent sent;
	assert_int_equal(message_send(&stage->cx, &draft, &sent, &errors), OK);
}

static struct mail_worker *start(struct stage *stage, const char *url)
{
	struct mail_worker *worker;
	const struct channel_options options = {
		.portal = stage->portal,
		.transport = {.url = str_of(url), .total_timeout_ms = 1000},
	};
	assert_int_equal(mail_worker_start(&options, &worker), OK);
	return worker;
}

/* Nothing can be claimed; says when the next mail is due, 0 for none. */
static int64_t next_due(struct stage *stage)
{
	struct outbox_mail mail;
	int64_t due_ms = 0;
	assert_int_equal(outbox_claim(&stage->cx, 1000, &mail, &due_ms), ERR_NOT_FOUND);
	return due_ms;
}

static json_t *wait_for(const struct smtp_fixture *fixture, size_t count)
{
	for (int i = 0; i < 300; i++) {
		json_t *mails = smtp_fixture_mails(fixture);
		if (json_array_size(mails) >= count)
			return mails;
		json_decref(mails);
		usleep(50 * 1000);
	}
	fail_msg("%zu mails did not come", count);
	return NULL;
}

static void assert_mail(json_t *mail, const char *to)
{
	const char *raw = json_string_value(json_object_get(mail, "raw"));
	assert_string_equal(json_string_value(json_array_get(json_object_get(mail, "to"), 0)), to);
	assert_string_equal(json_string_value(json_object_get(mail, "from")),
			    "postern@mail.example.com");
	assert_string_equal(json_string_value(json_object_get(mail, "hello")), "mail.example.com");
	assert_non_null(strstr(raw, "Ben Carter"));
	assert_non_null(strstr(raw, "\r\nhttps://mail.example.com/"));
	assert_null(strstr(raw, "Secret"));
}

/* P2.3, P3.4 */
static void new_mail_is_sent_at_once(void **state)
{
	(void)state;
	struct smtp_fixture fixture;
	struct stage stage;
	char url[64];
	if (!smtp_fixture_is_possible())
		skip();
	stage_open(&stage);
	smtp_fixture_start(&fixture, "ok");
	snprintf(url, sizeof(url), "smtp://127.0.0.1:%d", fixture.port);
	struct mail_worker *worker = start(&stage, url);
	send_message(&stage, "anna@example.com");
	json_decref(wait_for(&fixture, 2));
	send_message(&stage, "carla@example.com");
	json_t *mails = wait_for(&fixture, 4);
	mail_worker_stop(worker);
	assert_null(stage.portal->mail_waiting);
	assert_int_equal(json_array_size(mails), 4);
	for (size_t i = 0; i < 4; i++)
		assert_mail(json_array_get(mails, i),
			    i < 2 ? "anna@example.com" : "carla@example.com");
	assert_int_equal(next_due(&stage), 0); /* all settled */
	json_decref(mails);
	smtp_fixture_stop(&fixture);
	stage_close(&stage);
}

static void a_server_that_is_down_loses_nothing(void **state)
{
	(void)state;
	struct stage stage;
	stage_open(&stage);
	struct mail_worker *worker = start(&stage, "smtp://127.0.0.1:1");
	send_message(&stage, "anna@example.com");
	usleep(300 * 1000);
	mail_worker_stop(worker); /* does not wait for the pause to end */
	/* At most one was tried: the pause after trouble keeps the other from being spent. */
	struct outbox_mail mail;
	int64_t due_ms = 0;
	size_t waiting = 0;
	while (outbox_claim(&stage.cx, HOUR_MS, &mail, &due_ms) == OK) {
		assert_int_equal(mail.attempts, 0);
		waiting++;
	}
	assert_in_range(waiting, 1, 2);
	assert_true(due_ms > clock_now_ms(&clock_system));
	stage_close(&stage);
}

static void a_refused_recipient_does_not_hold_up_the_others(void **state)
{
	(void)state;
	struct smtp_fixture fixture;
	struct stage stage;
	char url[64];
	if (!smtp_fixture_is_possible())
		skip();
	stage_open(&stage);
	smtp_fixture_start(&fixture, "refuse");
	snprintf(url, sizeof(url), "smtp://127.0.0.1:%d", fixture.port);
	send_message(&stage, "refused@example.com, anna@example.com");
	struct mail_worker *worker = start(&stage, url);
	json_decref(wait_for(&fixture, 2));
	mail_worker_stop(worker);
	worker = start(&stage, url); /* what was not reached before the stop */
	for (int i = 0; i < 100 && stage.portal->mail_waiting; i++) {
		struct outbox_mail mail;
		int64_t due_ms = 0;
		if (outbox_claim(&stage.cx, 1, &mail, &due_ms) == ERR_NOT_FOUND && due_ms == 0)
			break;
		usleep(50 * 1000);
	}
	mail_worker_stop(worker);
	assert_int_equal(next_due(&stage), 0); /* two accepted, two bounced: nothing waits */
	json_t *mails = smtp_fixture_mails(&fixture);
	for (size_t i = 0; i < json_array_size(mails); i++)
		assert_mail(json_array_get(mails, i), "anna@example.com");
	json_decref(mails);
	smtp_fixture_stop(&fixture);
	stage_close(&stage);
}

static size_t count_files(const char *folder)
{
	size_t count = 0;
	DIR *dir = opendir(folder);
	for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;)
		count += strstr(entry->d_name, ".eml") != NULL;
	if (dir)
		closedir(dir);
	return count;
}

static void with_no_server_mails_are_files(void **state)
{
	(void)state;
	struct stage stage;
	char url[100];
	stage_open(&stage);
	snprintf(url, sizeof(url), "dir:%s/mail", stage.folder);
	struct mail_worker *worker = start(&stage, url);
	send_message(&stage, "anna@example.com");
	for (int i = 0; i < 200 && count_files(url + 4) < 2; i++)
		usleep(50 * 1000);
	mail_worker_stop(worker);
	assert_int_equal(count_files(url + 4), 2);
	stage_close(&stage);
}

/* While it waits for a server that is down, too. */
static void another_channel_takes_over(void **state)
{
	(void)state;
	struct stage stage;
	char url[100];
	stage_open(&stage);
	snprintf(url, sizeof(url), "dir:%s/mail", stage.folder);
	const struct channel_options bad = {.portal = stage.portal,
					    .transport = {.url = STR("mail")}};
	const struct channel_options good = {.portal = stage.portal,
					     .transport = {.url = str_of(url)}};
	struct mail_worker *worker = start(&stage, "smtp://127.0.0.1:1");
	send_message(&stage, "anna@example.com");
	assert_int_equal(mail_worker_change(worker, &bad), ERR_INVALID);
	assert_int_equal(mail_worker_change(worker, &good), OK);
	assert_int_equal(mail_worker_change(worker, &good), OK);
	send_message(&stage, "carla@example.com");
	for (int i = 0; i < 200 && count_files(url + 4) < 2; i++)
		usleep(50 * 1000);
	mail_worker_stop(worker);
	assert_true(count_files(url + 4) >= 2);
	stage_close(&stage);
}

static void bad_settings_start_no_worker(void **state)
{
	(void)state;
	struct portal portal = {
		.clock = &clock_system,
		.settings = &(const struct settings){.url = STR("https://mail.example.com")}};
	struct mail_worker *worker = NULL;
	const struct channel_options bad_url = {.portal = &portal,
						.transport = {.url = STR("mail")}};
	const struct channel_options bad_from = {.portal = &portal,
						 .from = STR("nobody"),
						 .transport = {.url = STR("smtp://localhost")}};
	assert_int_equal(mail_worker_start(&bad_url, &worker), ERR_INVALID);
	assert_int_equal(mail_worker_start(&bad_from, &worker), ERR_INVALID);
	assert_null(portal.mail_waiting);
	mail_worker_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_mail_is_sent_at_once),
		cmocka_unit_test(a_server_that_is_down_loses_nothing),
		cmocka_unit_test(a_refused_recipient_does_not_hold_up_the_others),
		cmocka_unit_test(with_no_server_mails_are_files),
		cmocka_unit_test(another_channel_takes_over),
		cmocka_unit_test(bad_settings_start_no_worker),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
