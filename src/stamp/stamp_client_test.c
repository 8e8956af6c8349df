#include "stamp/stamp_client.h"

#include "base/clock.h"
#include "crypto/secret.h"
#include "crypto/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/program_test.h"

static struct arena arena;
static struct networks here; /* where the server is */
static int plain_port, secure_port, input;
static pid_t server;

static int begin_all(void **state)
{
	int in[2], out[2];
	posix_spawn_file_actions_t actions;
	if (program_begin(state) != 0)
		return -1;
	char *const arguments[] = {(char[]){"node"}, (char[]){STAMP_FIXTURE}, program_folder, NULL};
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	assert_int_equal(posix_spawnp(&server, "node", &actions, NULL, arguments, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	input = in[1];
	FILE *said = fdopen(out[0], "r");
	assert_non_null(said);
	assert_int_equal(fscanf(said, "%d %d", &plain_port, &secure_port), 2);
	fclose(said);
	return 0;
}

static int end_all(void **state)
{
	int status;
	close(input);
	assert_int_equal(waitpid(server, &status, 0), server);
	return program_end(state);
}

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 4 << 20);
	return networks_parse(STR("127.0.0.0/8"), &here) == OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct str url; /* of the server that is asked */

static struct stamp_client *client_for(bool is_secure, const char *path, bool trusts)
{
	struct stamp_client *client;
	url = arena_printf(&arena, "%s://127.0.0.1:%d%s", is_secure ? "https" : "http",
			   is_secure ? secure_port : plain_port, path);
	const struct stamp_options options = {
		.private_targets = here,
		.ca_file = trusts ? str_of(program_path("tls.pem")) : STR_NONE,
		.timeout_ms = 3000,
		.rest_ms = 1,
	};
	assert_int_equal(stamp_client_new(&options, &client), OK);
	return client;
}

static enum err ask(struct stamp_client *client, struct str request, struct str *ret)
{
	struct timestamper *timestamper = stamp_client_timestamper(client);
	return timestamper->ask(timestamper, url, &arena, request, ret);
}

static struct str question(void)
{
	const uint8_t sha256[32] = {1, 2, 3};
	struct str request;
	assert_int_equal(timestamp_ask(sha256, &arena, &request), OK);
	return request;
}

static void a_server_stamps(void **state)
{
	(void)state;
	for (int is_secure = 0; is_secure <= 1; is_secure++) {
		struct stamp_client *client = client_for(is_secure, "/", true);
		struct str request = question(), response, token;
		int64_t at_ms, now_ms = clock_now_ms(&clock_system);
		assert_int_equal(ask(client, request, &response), OK);
		assert_int_equal(timestamp_read(request, response, &arena, &token, &at_ms), OK);
		assert_in_range(at_ms, now_ms - MINUTE_MS, now_ms + MINUTE_MS);
		stamp_client_free(client);
	}
}

static void what_else_a_server_may_say(void **state)
{
	(void)state;
	static const struct {
		const char *sentence, *path;
		bool is_secure, trusts;
		enum err asking, reading;
	} cases[] = {
		{"it stamps", "/", false, false, OK, OK},
		{"the answer to another request", "/again", false, false, OK, ERR_INVALID},
		{"no", "/refuse", false, false, OK, ERR_INVALID},
		{"noise", "/noise", false, false, OK, ERR_INVALID},
		{"nothing", "/empty", false, false, OK, ERR_INVALID},
		{"a redirection is not followed", "/redirect", false, false, ERR_UNAVAILABLE},
		{"an error, with a stamp in it", "/error", false, false, ERR_UNAVAILABLE},
		{"there is no such page", "/none", false, false, ERR_UNAVAILABLE},
		{"too much", "/long", false, false, ERR_UNAVAILABLE},
		{"too much, without a length", "/endless", false, false, ERR_UNAVAILABLE},
		{"it hangs", "/hang", false, false, ERR_UNAVAILABLE},
		{"it closes the connection", "/drop", false, false, ERR_UNAVAILABLE},
		{"nobody vouches for its certificate", "/", true, false, ERR_UNAVAILABLE},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stamp_client *client =
			client_for(cases[i].is_secure, cases[i].path, cases[i].trusts);
		struct str request = question(), response = STR_NONE, token;
		int64_t at_ms;
		enum err err = ask(client, request, &response);
		if (err != cases[i].asking)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
		if (err == OK)
			err = timestamp_read(request, response, &arena, &token, &at_ms);
		if (err != OK && cases[i].asking == OK && err != cases[i].reading)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
		if (cases[i].asking == OK)
			assert_int_equal(err, cases[i].reading);
		stamp_client_free(client);
	}
}

static int requests_so_far(void)
{
	struct stamp_client *client = client_for(false, "/count", false);
	struct str response;
	int64_t count = -1;
	assert_int_equal(ask(client, STR("x"), &response), OK);
	assert_true(str_to_int(response, &count));
	stamp_client_free(client);
	return (int)count;
}

static void after_a_failure_it_is_left_alone_for_a_while(void **state)
{
	(void)state;
	struct stamp_client *client;
	struct str response;
	const struct stamp_options options = {.private_targets = here, .rest_ms = HOUR_MS};
	assert_int_equal(stamp_client_new(&options, &client), OK);
	int before = requests_so_far();
	url = arena_printf(&arena, "http://127.0.0.1:%d/error", plain_port);
	for (int i = 0; i < 5; i++)
		assert_int_equal(ask(client, question(), &response), ERR_UNAVAILABLE);
	assert_int_equal(requests_so_far(), before + 1);
	/* Another one is asked at once. */
	url = arena_printf(&arena, "http://127.0.0.1:%d/", plain_port);
	assert_int_equal(ask(client, question(), &response), OK);
	stamp_client_free(client);
}

/* ASVS 13.2.5: however it is written, nothing reaches the server. */
static void the_operators_network_is_no_place_to_look_around(void **state)
{
	(void)state;
	static const char *const hosts[] = {
		"127.0.0.1",  "localhost",          "127.1",          "2130706433",
		"0x7f000001", "0177.0.0.1",         "0.0.0.0",        "[::1]",
		"[::]",       "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"};
	struct networks elsewhere;
	int before = requests_so_far();
	assert_int_equal(networks_parse(STR("10.0.0.0/8, 127.0.0.2"), &elsewhere), OK);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct stamp_client *client;
		struct str response;
		const struct stamp_options options = {.private_targets = elsewhere, .rest_ms = 1};
		assert_int_equal(stamp_client_new(&options, &client), OK);
		url = arena_printf(&arena, "http://%s:%d/", hosts[i], plain_port);
		if (ask(client, question(), &response) != ERR_UNAVAILABLE)
			fail_msg("%s", hosts[i]);
		stamp_client_free(client);
	}
	assert_int_equal(requests_so_far(), before);
}

static void nobody_is_there(void **state)
{
	(void)state;
	struct stamp_client *client;
	struct str response;
	assert_int_equal(
		stamp_client_new(&(struct stamp_options){.private_targets = here, .rest_ms = 1},
				 &client),
		OK);
	url = STR("http://127.0.0.1:1/");
	assert_int_equal(ask(client, question(), &response), ERR_UNAVAILABLE);
	stamp_client_free(client);
}

static void other_urls_are_refused(void **state)
{
	(void)state;
	static const char *const urls[] = {
		"",        "example.com",  "ftp://example.com/", "file:///etc/passwd",
		"http://", "https://[::1", "http://exa mple/",   "smtp://x"};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct stamp_client *client = client_for(false, "/", false);
		struct str response;
		url = str_of(urls[i]);
		if (stamp_client_is_url(url) ||
		    ask(client, question(), &response) != ERR_UNAVAILABLE)
			fail_msg("%s", urls[i]);
		stamp_client_free(client);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(a_server_stamps),
		TEST(what_else_a_server_may_say),
		TEST(after_a_failure_it_is_left_alone_for_a_while),
		TEST(the_operators_network_is_no_place_to_look_around),
		TEST(nobody_is_there),
		TEST(other_urls_are_refused),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, begin_all, end_all);
}
