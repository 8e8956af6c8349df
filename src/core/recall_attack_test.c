/* P4.4 against somebody who can write the database, but has no key: what they bend before a recall
 * keeps nobody's key alive, and what they put back after it opens nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/recall_test_support.h"
#include "store/store_direct.h"

#define GABI STR("gabi@example.org")

struct scene {
	struct core_fixture *f;
	struct session *gabi;
	struct sent sent;
};

static void set(struct scene *s, struct core_fixture *f)
{
	s->f = f;
	s->gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	s->sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
}

static const char *fill(const struct scene *s, const char *sql)
{
	return arena_printf(&s->f->arena, "%s message_id = '%s' AND user_id = '%s'", sql,
			    s->sent.id.text, s->gabi->user.id.text)
		.data;
}

static int64_t key_bytes(const struct scene *s)
{
	char *text = store_direct_read(
		s->f->url,
		fill(s, "SELECT LENGTH(sealed) + LENGTH(wrapped) FROM deliveries WHERE"));
	int64_t bytes = atoll(text);
	free(text);
	return bytes;
}

static bool is_unread(const struct scene *s)
{
	struct cx cx = core_fixture_cx(s->f, s->gabi);
	struct message_view view;
	return mailbox_open(&cx, &s->sent.id, &view) != OK || view.body.len == 0;
}

/* Bent before the recall, mended after it. */
static void a_bent_delivery_loses_its_key_too(void **state)
{
	static const struct {
		const char *sentence, *bend, *mend;
	} rows[] = {
		{"another kind", "kind = 3", "kind = 1"},
		{"said to have ended", "ended = 2", "ended = 0"},
		{"said to be destroyed, which is not authenticated", "box = 5", "box = 1"},
		{"said to be quoted", "via = 'x'", "via = ''"},
		{"live but for what is cut off", "ended = 4294967296", "ended = 0"},
		{"in To but for what is cut off", "kind = 4294967297", "kind = 1"},
	};
	struct core_fixture *f = *state;
	struct scene s;
	set(&s, f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s.sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
		const char *bend =
			arena_printf(&f->arena, "UPDATE deliveries SET %s WHERE", rows[i].bend)
				.data;
		const char *mend =
			arena_printf(&f->arena, "UPDATE deliveries SET %s WHERE", rows[i].mend)
				.data;
		store_direct_run(f->url, fill(&s, bend));
		struct recalled recalled = recall_test_whole(f, f->admin, &s.sent.id, STR(""));
		if (recalled.keys != 1)
			fail_msg("%s: %d keys destroyed", rows[i].sentence, (int)recalled.keys);
		store_direct_run(f->url, fill(&s, mend));
		if (!is_unread(&s))
			fail_msg("%s: it can be read", rows[i].sentence);
	}
}

/* A row that no statement can name by whose it is. Only SQLite takes such text. */
static void a_row_of_nobody_stops_no_recall(void **state)
{
	struct core_fixture *f = *state;
	struct scene s;
	set(&s, f);
	if (!str_starts_with(str_of(f->url), STR("sqlite:")))
		skip();
	store_direct_run(f->url, fill(&s, "CREATE TABLE odd AS SELECT * FROM deliveries WHERE"));
	store_direct_run(f->url, "UPDATE odd SET user_id = CAST(x'FF' AS TEXT)");
	store_direct_run(f->url, "INSERT INTO deliveries SELECT * FROM odd");
	assert_int_equal(recall_test_whole(f, f->admin, &s.sent.id, STR("")).keys, 2);
	char *left = store_direct_read(
		f->url, "SELECT COUNT(*) FROM deliveries WHERE user_id = CAST(x'FF' AS TEXT) AND "
			"LENGTH(sealed) + LENGTH(wrapped) > 0");
	assert_string_equal(left, "0");
	free(left);
}

/* A bent row of somebody else is no way to keep a message either. */
static void a_bent_row_goes_with_any_recall(void **state)
{
	struct core_fixture *f = *state;
	struct scene s;
	set(&s, f);
	core_fixture_person(f, STR("hugo@example.org"), STR("Hugo"), GRADE_GUEST);
	s.sent = core_fixture_send(f, f->admin, STR("gabi@example.org, hugo@example.org"),
				   STR("Findings"), STR("Secret"));
	store_direct_run(f->url, fill(&s, "UPDATE deliveries SET kind = 2 WHERE"));
	recall_test_from(f, f->admin, &s.sent.id, STR("hugo@example.org"), STR(""));
	assert_int_equal(key_bytes(&s), 0);
}

/* An old copy of the row, with a good MAC: after a recall from everybody it opens no text. */
static void an_old_delivery_put_back_opens_nothing(void **state)
{
	struct core_fixture *f = *state;
	struct scene s;
	set(&s, f);
	store_direct_run(f->url, "CREATE TABLE saved AS SELECT * FROM deliveries");
	recall_test_whole(f, f->admin, &s.sent.id, STR(""));
	assert_int_equal(core_fixture_problems(f), 0);
	store_direct_run(f->url, fill(&s, "DELETE FROM deliveries WHERE"));
	store_direct_run(f->url, fill(&s, "INSERT INTO deliveries SELECT * FROM saved WHERE"));
	assert_true(is_unread(&s));
	struct message_view view = core_fixture_open(f, s.gabi, &s.sent.id);
	assert_int_equal(view.ended, DELIVERY_RECALLED);
	assert_true(view.ended_ms > 0);
	/* The row by itself, and against the audit log. */
	assert_int_equal(core_fixture_problems(f), 2);
	/* Recalling again destroys it again. */
	assert_int_equal(recall_test_whole(f, f->admin, &s.sent.id, STR("")).keys, 1);
	assert_int_equal(core_fixture_problems(f), 0);
	/* Nor is it answered or handed on. */
	const struct draft draft = {.to = STR("admin@example.com"),
				    .subject = STR("Re"),
				    .body = STR("x"),
				    .reply_to = s.sent.id};
	assert_int_equal(core_fixture_try_send(f, s.gabi, &draft, NULL, NULL), ERR_CONFLICT);
}

static void the_check_finds_what_was_bent_after_it(void **state)
{
	static const char *const attacks[] = {
		"UPDATE messages SET recalled_ms = 0 WHERE recalled_ms > 0",
		"UPDATE messages SET recalled_ms = recalled_ms - 1 WHERE recalled_ms > 0",
		"UPDATE deliveries SET ended = 0 WHERE ended = 1",
		"UPDATE deliveries SET ended_ms = ended_ms - 1 WHERE ended = 1",
		"UPDATE deliveries SET reason = sealed WHERE ended = 1",
		"UPDATE destructions SET keys = 0",
		"UPDATE destructions SET user_id = message_id",
		"DELETE FROM destructions",
	};
	static const char *const tables[] = {"messages", "deliveries", "destructions"};
	struct core_fixture *f = *state;
	struct scene s;
	set(&s, f);
	recall_test_whole(f, f->admin, &s.sent.id, STR("Sorry"));
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		for (size_t j = 0; j < sizeof(tables) / sizeof(tables[0]); j++)
			store_direct_run(f->url, arena_printf(&f->arena,
							      "CREATE TABLE saved_%s AS SELECT * "
							      "FROM %s",
							      tables[j], tables[j])
							 .data);
		store_direct_run(f->url, attacks[i]);
		if (core_fixture_problems(f) == 0)
			fail_msg("%s: not found", attacks[i]);
		assert_true(is_unread(&s));
		store_direct_run(f->url, "DELETE FROM destructions");
		store_direct_run(f->url, "INSERT INTO destructions SELECT * FROM "
					 "saved_destructions");
		store_direct_run(f->url,
				 "UPDATE messages SET recalled_ms = (SELECT s.recalled_ms FROM "
				 "saved_messages s WHERE s.id = messages.id)");
		store_direct_run(
			f->url,
			"UPDATE deliveries SET ended = (SELECT s.ended FROM saved_deliveries s "
			"WHERE s.message_id = deliveries.message_id AND s.user_id = "
			"deliveries.user_id), ended_ms = (SELECT s.ended_ms FROM saved_deliveries "
			"s WHERE s.message_id = deliveries.message_id AND s.user_id = "
			"deliveries.user_id), reason = (SELECT s.reason FROM saved_deliveries s "
			"WHERE s.message_id = deliveries.message_id AND s.user_id = "
			"deliveries.user_id)");
		for (size_t j = 0; j < sizeof(tables) / sizeof(tables[0]); j++)
			store_direct_run(
				f->url,
				arena_printf(&f->arena, "DROP TABLE saved_%s", tables[j]).data);
		assert_int_equal(core_fixture_problems(f), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(a_bent_delivery_loses_its_key_too),
		CORE_TEST(a_row_of_nobody_stops_no_recall),
		CORE_TEST(a_bent_row_goes_with_any_recall),
		CORE_TEST(an_old_delivery_put_back_opens_nothing),
		CORE_TEST(the_check_finds_what_was_bent_after_it),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
