/* One changed digit of anything that is stored under a key: what it belongs to is shown as it was
 * written or not at all, and check_all() finds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "core/attack_scene.h"
#include "core/core_test_support.h"
#include "store/store_direct.h"

enum { SQL_BYTES = 8192 };

static const struct {
	const char *table, *column, *where;
} flips[] = {
	/* First: while anything else is damaged the message is read, and then it is sealed no more.
	 */
	{"deliveries", "sealed", "message_id = '{to_gabi}' AND user_id = '{gabi}'"},
	{"users", "public_key", "id = '{gabi}'"},
	{"users", "mac", "id = '{gabi}'"},
	{"ways_in", "wrapped", "id = '{gabis_session}'"},
	{"ways_in", "mac", "id = '{gabis_session}'"},
	{"ways_in", "wrapped", "user_id = '{gabi}' AND kind = 1"},
	{"ways_in", "salt", "user_id = '{gabi}' AND kind = 1"},
	{"ways_in", "mac", "user_id = '{gabi}' AND kind = 1"},
	{"ways_in", "wrapped", "user_id = '{gabi}' AND kind = 5"},
	{"ways_in", "wrapped", "user_id = '{gabi}' AND kind = 6"},
	{"ways_in", "wrapped", "kind = 4 AND used_ms = 0"},
	{"ways_in", "secret_hash", "kind = 4 AND used_ms = 0"},
	{"ways_in", "mac", "kind = 4 AND used_ms = 0"},
	{"messages", "subject", "id = '{to_gabi}'"},
	{"messages", "body", "id = '{to_gabi}'"},
	{"messages", "body_hash", "id = '{to_gabi}'"},
	{"messages", "mac", "id = '{to_gabi}'"},
	{"messages", "folded_hash", "id = '{to_gabi}'"},
	{"message_texts", "folded", "message_id = '{to_gabi}'"},
	{"deliveries", "mac", "message_id = '{to_gabi}' AND user_id = '{gabi}'"},
	{"deliveries", "wrapped", "message_id = '{read}' AND user_id = '{gabi}'"},
	{"deliveries", "mac", "message_id = '{read}' AND user_id = '{gabi}'"},
	{"deliveries", "notice", "message_id = '{read}' AND user_id = '{gabi}'"},
	{"rules", "mac", "pattern = 'bad.example'"},
	{"settings", "value", "name = 'url'"},
	{"settings", "value", "name = 'custody'"},
	{"settings", "mac", "name = 'url'"},
	{"settings", "value", "name = 'portal_key'"},
	{"settings", "mac", "name = 'portal_key'"},
	{"mails", "content", "state = 1"},
};

static bool is_sqlite(const struct attack_scene *s)
{
	return strncmp(s->f->url, "sqlite:", strlen("sqlite:")) == 0;
}

static char *read_hex(const struct attack_scene *s, size_t i)
{
	char expression[64], sql[512];
	if (is_sqlite(s))
		snprintf(expression, sizeof(expression), "lower(hex(%s))", flips[i].column);
	else
		snprintf(expression, sizeof(expression), "encode(%s, 'hex')", flips[i].column);
	snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE %s", expression, flips[i].table,
		 flips[i].where);
	return store_direct_read(s->f->url, attack_scene_sql(s, sql));
}

static void write_hex(const struct attack_scene *s, size_t i, const char *hex)
{
	char sql[SQL_BYTES];
	snprintf(sql, sizeof(sql), "UPDATE %s SET %s = %s'%s'%s WHERE %s", flips[i].table,
		 flips[i].column, is_sqlite(s) ? "x" : "decode(", hex,
		 is_sqlite(s) ? "" : ", 'hex')", flips[i].where);
	attack_scene_run(s, sql);
}

static void check_damaged(const struct attack_scene *s, size_t i, size_t at)
{
	struct cx cx = core_fixture_cx(s->f, s->gabi.session);
	struct message_view view;
	struct log_capture log;
	log_capture_begin(&log);
	int64_t problems = core_fixture_problems(s->f);
	const struct id *const ids[] = {&s->to_gabi.id, &s->read.id};
	for (size_t m = 0; m < 2; m++) {
		enum err err = mailbox_open(&cx, ids[m], &view);
		assert_int_equal(err, OK);
		/* Either as it was written or not at all. */
		assert_true(view.is_unreadable ? view.body.len == 0
					       : str_eq(view.body, ATTACK_SCENE_BODY));
		assert_true(view.is_unreadable ? view.subject.len == 0
					       : str_eq(view.subject, ATTACK_SCENE_SUBJECT));
	}
	/* A way in that was planted or bent stands in no list beside good ones. */
	bool is_her_way_in =
		strcmp(flips[i].table, "ways_in") == 0 && strstr(flips[i].where, "gabi") != NULL;
	struct way_in_view *ways_in;
	size_t count;
	assert_int_equal(session_list_ways_in(&cx, &ways_in, &count),
			 is_her_way_in ? ERR_CORRUPT : OK);
	(void)attack_scene_is_alarm(log_capture_end(&log));
	if (problems == 0)
		fail_msg("%s.%s, digit %zu: not found by the check", flips[i].table,
			 flips[i].column, at);
}

static void one_changed_bit_is_found_everywhere(void **state)
{
	struct attack_scene s;
	attack_scene_set(&s, *state);
	/* One that waits in the queue. */
	core_fixture_send(s.f, s.f->admin, STR("mallory@example.com"), STR("x"), STR("y"));
	for (size_t i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		char *hex = read_hex(&s, i);
		if (hex == NULL || *hex == '\0')
			fail_msg("%s.%s is empty", flips[i].table, flips[i].column);
		size_t len = strlen(hex);
		/* First, last and some digits between; and one byte less. */
		const size_t places[] = {0, 1, len / 3, len / 2, len - 1};
		for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
			char *bent = strdup(hex);
			bent[places[p]] = hex[places[p]] == '0' ? '1' : '0';
			write_hex(&s, i, bent);
			check_damaged(&s, i, places[p]);
			free(bent);
		}
		char *shorter = strdup(hex);
		shorter[len - 2] = '\0';
		write_hex(&s, i, shorter);
		check_damaged(&s, i, len);
		free(shorter);
		write_hex(&s, i, hex);
		if (core_fixture_problems(s.f) != 0)
			fail_msg("%s.%s: not restored", flips[i].table, flips[i].column);
		free(hex);
	}
}

/* Nothing authenticates the queue; but a row without a proper id is none of ours, and hides none of
 * those behind it. */
static void a_mail_without_an_id_hides_no_other(void **state)
{
	struct attack_scene s;
	attack_scene_set(&s, *state);
	core_fixture_send(s.f, s.f->admin, STR("mallory@example.com"), STR("x"), STR("y"));
	int64_t problems = core_fixture_problems(s.f);
	assert_int_equal(problems, 0);
	attack_scene_run(&s,
			 "INSERT INTO mails (id, kind, user_id, message_id, state, attempts, "
			 "created_ms, next_ms, content, reply) SELECT 'zz', 1, user_id, '', 2, "
			 "0, 0, 0, SUBSTR(content, 1, 0), '' FROM mails WHERE state = 1 LIMIT 1");
	assert_int_equal(core_fixture_problems(s.f), 1);
	attack_scene_run(&s, "UPDATE mails SET id = '!' WHERE id = 'zz'");
	assert_int_equal(core_fixture_problems(s.f), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(one_changed_bit_is_found_everywhere),
		CORE_TEST(a_mail_without_an_id_hides_no_other),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
