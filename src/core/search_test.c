/* Search (P4.1): what is found, what is not, and what is shown of it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/core_test_support.h"
#include "core/label.h"
#include "core/mailbox_move.h"
#include "core/recall.h"
#include "core/search.h"
#include "core/search_scene.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")

static struct search_result find(struct core_fixture *f, struct session *session, const char *query)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct search_result result;
	assert_int_equal(search_find(&cx, str_of(query), STR(""), 50, &result, &errors), OK);
	return result;
}

/* The subjects that are found, joined by commas. */
static struct str found(struct core_fixture *f, struct session *session, const char *query)
{
	struct search_result result = find(f, session, query);
	struct str joined = STR("");
	assert_int_equal(result.next_cursor.len, 0);
	for (size_t i = 0; i < result.count; i++)
		joined = arena_printf(&f->arena, "%.*s%s%.*s", STR_ARGS(joined), i > 0 ? "," : "",
				      STR_ARGS(result.hits[i].row.subject));
	return joined;
}

/* "plain [match] plain". */
static struct str marked(struct core_fixture *f, const struct search_marked *text)
{
	struct str joined = STR("");
	for (size_t i = 0; i < text->count; i++)
		joined = arena_printf(&f->arena,
				      text->pieces[i].is_match ? "%.*s[%.*s]" : "%.*s%.*s",
				      STR_ARGS(joined), STR_ARGS(text->pieces[i].text));
	return joined;
}

static struct id send_to(struct core_fixture *f, struct session *from, struct str to,
			 const char *subject, const char *body)
{
	core_fixture_sleep(f, MINUTE_MS);
	return core_fixture_send(f, from, to, str_of(subject), str_of(body)).id;
}

static void expect(struct core_fixture *f, struct session *session, const char *query,
		   const char *subjects)
{
	struct str got = found(f, session, query);
	if (!str_eq(got, str_of(subjects)))
		fail_msg("%s finds \"%.*s\", not \"%s\"", query, STR_ARGS(got), subjects);
}

/* P4.3: a search reads what it finds, and nobody has opened it by that. */
static void being_found_is_no_opening(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, f->admin), cx_of_gabi = core_fixture_cx(f, gabi);
	struct message_view view;
	struct id id = send_to(f, f->admin, GUEST, "Findings", "the blood is fine");
	for (int i = 0; i < 2; i++) {
		struct search_result result = find(f, gabi, "blood");
		assert_int_equal(result.count, 1);
		assert_true(result.hits[0].row.is_unread);
	}
	assert_int_equal(mailbox_look(&cx, &id, &view), OK);
	assert_int_equal(view.people[0].opened_ms, 0);
	assert_int_equal(mailbox_look(&cx_of_gabi, &id, &view), OK);
	assert_true(view.was_unread);
	core_fixture_open(f, gabi, &id);
	assert_int_equal(mailbox_look(&cx, &id, &view), OK);
	assert_true(view.people[0].opened_ms > 0);
}

static void words_phrases_and_people_are_found(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi Gärtner"), GRADE_GUEST);
	struct session *ben =
		core_fixture_person(f, STR("ben@example.org"), STR("Ben"), GRADE_PROFESSIONAL);
	send_to(f, f->admin, GUEST, "A", "The **blood** test\nis fine. Café at 10?");
	send_to(f, f->admin, STR("gabi@example.org, ben@example.org"), "B", "Straße 7, a.*b (x)");
	send_to(f, gabi, STR("admin@example.com"), "C", "Thank you for the blood");
	send_to(f, ben, STR("admin@example.com"), "Größe", "пРИВЕТ שָׁלוֹם");
	static const struct {
		const char *query, *admin, *gabi;
	} rows[] = {
		{"blood", "C,A", "C,A"},
		{"BLOOD test", "A", "A"},
		{"\"blood test is\"", "A", "A"},
		{"\u201cblood test\u201d", "A", "A"},
		{"\"test blood\"", "", ""},
		{"cafe", "A", "A"},
		{"strasse", "B", "B"},
		{"grosse", "Größe", ""},
		{"привет", "Größe", ""},
		{"שלום", "Größe", ""},
		{"a.*b", "B", "B"},
		{"a.b", "", ""},
		{"(x)", "B", "B"},
		{"[", "", ""},
		{"\"blood", "C,A", "C,A"},
		{"from:gabi", "C", "C"},
		{"from:gartner blood", "C", "C"},
		{"from:me blood", "A", "C"},
		{"to:ben", "B,Welcome", "B"},
		{"to:me", "Größe,C", "B,A,Welcome"},
		{"to:\"gabi g\u00e4rtner\" from:ada", "B,A,Welcome", "B,A,Welcome"},
		{"from:example.org", "Größe,C", "C"},
		{"Gartner blood", "C,A", "C,A"},
		{"has:file", "", ""},
		{"label:none", "", ""},
		{"is:unread", "Größe,C", "B,A"},
		{"is:read blood", "A", "C"},
		{"in:sent blood", "A", "C"},
		{"in:inbox blood", "C", "A"},
		{"is:unread is:read", "", ""},
		{"zebra", "", ""},
	};
	core_fixture_open(f, gabi, &core_test_inbox(f, gabi).rows[2].id);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect(f, f->admin, rows[i].query, rows[i].admin);
		expect(f, gabi, rows[i].query, rows[i].gabi);
	}
	assert_true(find(f, f->admin, "").is_query_empty);
	assert_true(find(f, f->admin, " \" \" \u0301").is_query_empty);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void what_was_found_is_marked(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *body, *query, *snippet;
	} rows[] = {
		{"See the Café.", "CAFE", "See the [Café]."},
		{"a **bold** word\nand more", "\"bold word and\"", "a [bold word and] more"},
		{"Straße and Strasse", "strasse", "[Straße] and [Strasse]"},
		{"aaaa", "aa", "[aa][aa]"},
		{"<b>&amp;", "<b>", "[<b>]&"},
		{"one two three", "two three on", "[on]e [two] [three]"},
		{"nothing of it", "from:ada", "nothing of it"},
		{"x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x "
		 "x x x x x needle y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y "
		 "y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y",
		 "needle",
		 "\u2026 x x x x x x x x x x x x x x x x x x x x x x x x x x x x x [needle] y y y "
		 "y "
		 "y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y "
		 "y "
		 "y y y y y y y y y y y y \u2026"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_to(f, f->admin, GUEST, "Subject", rows[i].body);
		struct search_result result = find(f, f->admin, rows[i].query);
		assert_true(result.count > 0);
		struct str got = marked(f, &result.hits[0].snippet);
		if (!str_eq(got, str_of(rows[i].snippet)))
			fail_msg("%s: \"%.*s\"", rows[i].query, STR_ARGS(got));
	}
	send_to(f, f->admin, GUEST, "Größe XL", "Text");
	struct search_result result = find(f, f->admin, "grosse to:gabi");
	assert_int_equal(result.count, 1);
	assert_str(marked(f, &result.hits[0].subject), STR("[Größe] XL"));
	assert_str(marked(f, &result.hits[0].people), STR("[gabi]@example.org"));
	assert_str(marked(f, &result.hits[0].snippet), STR("Text"));
	result = find(f, f->admin, "xl from:ADMIN");
	assert_str(marked(f, &result.hits[0].subject), STR("Größe [XL]"));
}

static void dates_are_days_of_the_reader(void **state)
{
	struct core_fixture *f = *state;
	/* 2026-11-22 23:30 UTC is the next day in Berlin. */
	core_fixture_sleep(f, INT64_C(1795390200000) - f->clock.now_ms);
	core_fixture_send(f, f->admin, GUEST, STR("Late"), STR("x"));
	static const struct {
		const char *query, *utc, *berlin;
	} rows[] = {
		{"after:2026-11-22", "Late", "Late"},
		{"after:2026-11-23", "", "Late"},
		{"before:2026-11-23", "Late", ""},
		{"before:2026-11-24 after:2026-11", "Late", "Late"},
		{"after:2026 before:2027", "Late", "Late"},
		{"before:2026-11-22", "", ""},
		{"after:2026-1-5", "Late", "Late"},
		/* No dates: text that is not there. */
		{"after:2026-13-01", "", ""},
		{"after:2026-02-30", "", ""},
		{"after:yesterday", "", ""},
		{"after:99999", "", ""},
		{"after:2026-11-22-1", "", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const wanted[] = {rows[i].utc, rows[i].berlin};
		for (size_t zone = 0; zone < 2; zone++) {
			f->admin->user.zone = zone ? STR("Europe/Berlin") : STR("");
			expect(f, f->admin, rows[i].query, wanted[zone]);
		}
	}
	assert_int_equal(find(f, f->admin, "after:yesterday").hints, SEARCH_HINT_DATE);
	assert_int_equal(find(f, f->admin, "form:anna").hints, SEARCH_HINT_OPERATOR);
	assert_int_equal(find(f, f->admin, "lable:x form:anna").hints, SEARCH_HINT_OPERATOR);
	assert_int_equal(find(f, f->admin, "has:fun").hints, SEARCH_HINT_BOX);
	assert_int_equal(find(f, f->admin, "http://a from: :x").hints, 0);
}

static void what_is_too_long_is_refused_with_a_sentence(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	char *hundred_kb = arena_alloc(&f->arena, 100 * 1024);
	struct search_result result;
	memset(hundred_kb, 'x', 100 * 1024);
	static const char *const many = "a b c d e f g h i j k l m n o p q";
	const struct {
		const char *what;
		struct str query, cursor;
		const char *field;
	} bad[] = {
		{"100 KB", {hundred_kb, 100 * 1024}, STR(""), "q"},
		{"a byte too many", {hundred_kb, LIMIT_SEARCH_BYTES + 1}, STR(""), "q"},
		{"seventeen words", str_of(many), STR(""), "q"},
		{"five labels", STR("label:a label:b label:c label:d label:e"), STR(""), "q"},
		{"no UTF-8", STR("\xff"), STR(""), "q"},
		{"a NUL", {"a\0b", 3}, STR(""), "q"},
		{"a cursor of somebody's", STR("x"), STR("garbage"), "cursor"},
		{"a long cursor", STR("x"), {hundred_kb, 5000}, "cursor"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct form_errors errors = {0};
		if (search_find(&cx, bad[i].query, bad[i].cursor, 50, &result, &errors) !=
			    ERR_INVALID ||
		    form_errors_for(&errors, bad[i].field).len == 0)
			fail_msg("%s is searched for", bad[i].what);
	}
	struct form_errors errors = {0};
	assert_int_equal(search_find(&cx, (struct str){hundred_kb, LIMIT_SEARCH_BYTES}, STR(""), 50,
				     &result, &errors),
			 OK);
	assert_int_equal(search_find(&cx, STR("x"), STR(""), 0, &result, &errors), ERR_INVALID);
	assert_int_equal(search_find(&cx, STR("x"), STR(""), LIMIT_PAGE_ROWS + 1, &result, &errors),
			 ERR_INVALID);
	for (int i = 0; i < LIMIT_SEARCHES_PER_MINUTE; i++) {
		enum err err = search_find(&cx, STR("x"), STR(""), 1, &result, &errors);
		assert_true(err == OK || (err == ERR_BUSY && i > 500));
	}
	assert_int_equal(search_find(&cx, STR("x"), STR(""), 1, &result, &errors), ERR_BUSY);
}

/* P4.2, P4.4 */
static void after_the_end_and_when_confidential_the_text_is_not_searched(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct user to = core_fixture_user(f, GUEST);
	int64_t soon_ms = f->clock.now_ms + DAY_MS;
	const struct recall_wish all = {.is_whole = true};
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct id expiring;
	for (int is_old = 0; is_old < 2; is_old++) {
		struct search_scene_message message = {.from = f->admin,
						       .to = &to,
						       .body = STR("The secret"),
						       .is_unfolded = is_old};
		message.subject = STR("Recalled Übung");
		struct id id = search_scene_add(f, &message);
		struct recalled recalled;
		assert_int_equal(recall_message(&cx, &id, &all, &recalled, &errors), OK);
		message.subject = STR("Expires");
		message.expires_ms = soon_ms;
		expiring = search_scene_add(f, &message);
		message.subject = STR("Confidential");
		message.expires_ms = 0;
		message.options = OPTION_CONFIDENTIAL;
		search_scene_add(f, &message);
	}
	expect(f, gabi, "secret", "Expires,Expires");
	expect(f, gabi, "ubung from:ada", "Recalled Übung,Recalled Übung");
	expect(f, gabi, "recalled has:file", "");
	expect(f, gabi, "to:gabi confidential", "Confidential,Confidential");
	/* Its sender keeps it. */
	expect(f, f->admin, "secret", "Expires,Recalled Übung,Expires,Recalled Übung");
	assert_int_equal(find(f, gabi, "recalled").hits[0].snippet.count, 0);
	assert_int_equal(find(f, gabi, "confidential").hits[0].snippet.count, 0);
	/* P4.3: to be found is not to be opened, and shows nothing of the text. */
	assert_int_equal(find(f, gabi, "expires").hits[0].snippet.count, 0);
	core_fixture_open(f, gabi, &expiring);
	assert_true(find(f, gabi, "expires").hits[0].snippet.count > 0);
	core_fixture_sleep(f, DAY_MS + HOUR_MS);
	expect(f, gabi, "secret", "");
	expect(f, gabi, "expires", "Expires,Expires");
	assert_int_equal(find(f, gabi, "expires").hits[0].snippet.count, 0);
	expect(f, f->admin, "secret expires", "Expires,Expires");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void hidden_people_stay_hidden(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct session *ben =
		core_fixture_person(f, STR("ben@example.org"), STR("Ben"), GRADE_GUEST);
	const struct draft draft = {.to = GUEST,
				    .bcc = STR("ben@example.org"),
				    .subject = STR("Hello"),
				    .body = STR("Text")};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, NULL), OK);
	expect(f, gabi, "ben", "");
	expect(f, gabi, "to:ben", "");
	expect(f, ben, "to:ben hello", "Hello");
	expect(f, ben, "to:gabi hello", "Hello");
	expect(f, f->admin, "to:ben hello", "Hello");
}

static void trash_is_left_out_unless_it_is_asked_for(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id one = send_to(f, f->admin, GUEST, "One", "needle");
	struct id two = send_to(f, f->admin, GUEST, "Two", "needle");
	send_to(f, f->admin, GUEST, "Three", "needle");
	assert_int_equal(mailbox_move(&cx, &one, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_move(&cx, &two, 1, BOX_ARCHIVE), OK);
	expect(f, f->admin, "needle", "Three,Two");
	expect(f, f->admin, "needle in:trash", "One");
	expect(f, f->admin, "in:archive", "Two");
	assert_int_equal(mailbox_destroy(&cx, &one, 1), OK);
	expect(f, f->admin, "needle in:trash", "");
}

static void labels_narrow_it_down(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct id one = send_to(f, f->admin, GUEST, "One", "needle");
	struct id two = send_to(f, f->admin, GUEST, "Two", "needle");
	send_to(f, f->admin, GUEST, "Three", "needle");
	const struct str both[] = {STR("Vorstand Süd"), STR("Taxes")};
	assert_int_equal(label_set(&cx, &one, both, 2, "labels", &errors), OK);
	assert_int_equal(label_set(&cx, &two, both, 1, "labels", &errors), OK);
	expect(f, f->admin, "label:\"vorstand sud\" needle", "Two,One");
	expect(f, f->admin, "label:\"vorstand sud\" label:TAXES", "One");
	expect(f, f->admin, "label:taxes zebra", "");
	assert_false(find(f, f->admin, "label:taxes zebra").is_label_unknown);
	assert_true(find(f, f->admin, "label:nothing").is_label_unknown);
	assert_int_equal(find(f, f->admin, "label:taxes").hits[0].row.label_count, 2);
}

static int64_t count_sealed(struct core_fixture *f)
{
	char *count = store_direct_read(
		f->url, "SELECT COUNT(*) FROM deliveries d JOIN users u ON u.id = d.user_id WHERE "
			"u.address_key = 'gabi@example.org' AND LENGTH(d.sealed) > 0");
	int64_t number = strtoll(count, NULL, 10);
	free(count);
	return number;
}

static void pages_hold_everything_once_and_keys_are_opened_once(void **state)
{
	enum { MESSAGES = 300, LIMIT = 7 };
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct user to = core_fixture_user(f, GUEST);
	struct cx cx = core_fixture_cx(f, gabi);
	struct form_errors errors = {0};
	struct search_result result;
	struct str cursor = STR("");
	int64_t total = 0, next = MESSAGES;
	for (int i = 0; i < MESSAGES; i++) {
		const struct search_scene_message message = {
			.from = f->admin,
			.to = &to,
			.subject = arena_printf(&f->arena, "number %d", i),
			.body = i % 3 == 0 ? STR("even needle") : STR("odd"),
			.is_unfolded = i % 5 == 0};
		search_scene_add(f, &message);
	}
	assert_int_equal(count_sealed(f), MESSAGES);
	do {
		assert_int_equal(search_find(&cx, STR("needle"), cursor, LIMIT, &result, &errors),
				 OK);
		assert_true(result.count <= LIMIT);
		for (size_t i = 0; i < result.count; i++) {
			next -= next % 3 == 0 ? 3 : next % 3;
			assert_str(result.hits[i].row.subject,
				   arena_printf(&f->arena, "number %d", (int)next));
		}
		total += (int64_t)result.count;
		cursor = result.next_cursor;
	} while (cursor.len > 0);
	assert_int_equal(total, MESSAGES / 3);
	assert_int_equal(count_sealed(f), 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- large mailboxes ---- */

enum { LARGE = 2500, NEEDLE_EACH = 100, NEEDLES = LARGE / NEEDLE_EACH };

/* So many that a second thread helps. */
static void fill_large(struct core_fixture *f, const struct user *to)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct search_scene_rows *rows = calloc(LARGE, sizeof(*rows));
	assert_non_null(rows);
	for (int i = 0; i < LARGE; i++) {
		const struct search_scene_message message = {
			.from = f->admin,
			.to = to,
			.subject = arena_printf(&f->arena, "number %d", i),
			.body = i % NEEDLE_EACH == 0 ? STR("the needle") : STR("hay")};
		core_fixture_sleep(f, 1);
		search_scene_prepare(&cx, &message, &rows[i]);
	}
	search_scene_insert(f->portal, rows, LARGE);
	free(rows);
}

/* Whether these are the next needles below `next`, newest first; their number. -1: they are not. */
static int count_needles(const struct search_result *result, int next)
{
	for (size_t i = 0; i < result->count; i++) {
		char expected[32];
		next -= NEEDLE_EACH;
		snprintf(expected, sizeof(expected), "number %d", next);
		if (!str_eq(result->hits[i].row.subject, str_of(expected)))
			return -1;
	}
	return (int)result->count;
}

struct searcher {
	struct core_fixture *f;
	struct session *session;
	int whole; /* times that all was found */
};

static void *keep_searching(void *argument)
{
	struct searcher *searcher = argument;
	for (int i = 0; i < 3; i++) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(searcher->f, searcher->session);
		struct form_errors errors = {0};
		struct search_result result;
		arena_init(&arena, 64 << 20);
		cx.arena = &arena;
		if (search_find(&cx, STR("needle"), STR(""), 50, &result, &errors) == OK)
			searcher->whole += result.next_cursor.len == 0 &&
					   count_needles(&result, LARGE) == NEEDLES;
	}
	return NULL;
}

/* P4.1: by two threads, whether keys are sealed, or some, or none; what costs too much for one
 * request (LIMIT_SEARCH_COST) is gone on with. */
static void a_large_mailbox_is_found_whole_and_in_order(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct user to = core_fixture_user(f, GUEST);
	struct cx cx = core_fixture_cx(f, gabi);
	struct form_errors errors = {0};
	struct search_result first, whole, rest;
	fill_large(f, &to);
	assert_int_equal(search_find(&cx, STR("needle"), STR(""), 50, &first, &errors), OK);
	assert_int_equal(count_needles(&first, LARGE), first.count);
	assert_in_range(first.count, 1, NEEDLES - 1);
	assert_true(first.next_cursor.len > 0);
	assert_in_range(count_sealed(f), 1, LARGE - 1);
	whole = find(f, gabi, "needle");
	assert_int_equal(count_needles(&whole, LARGE), NEEDLES);
	assert_int_equal(whole.next_cursor.len, 0);
	assert_int_equal(count_sealed(f), 0);
	assert_int_equal(search_find(&cx, STR("needle"), first.next_cursor, 50, &rest, &errors),
			 OK);
	assert_int_equal(count_needles(&rest, LARGE - (int)first.count * NEEDLE_EACH),
			 NEEDLES - first.count);
	assert_int_equal(rest.next_cursor.len, 0);
	/* Two people at once, of whom one has the second thread. */
	struct searcher searchers[2] = {{f, f->admin, 0}, {f, gabi, 0}};
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, keep_searching, &searchers[i]),
				 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(searchers[0].whole, 3);
	assert_int_equal(searchers[1].whole, 3);
	assert_int_equal(f->portal->search_helpers, 0);
}

/* Many copies of a message that was read, all just after it: they have no texts of their own. */
static void plant_copies(struct core_fixture *f, const struct id *id, int count)
{
	static const char *const copies[] = {
		"INSERT INTO messages (id, conversation_id, parent_id, sender_id, sent_ms, "
		"subject, body, body_hash, mac) SELECT new_id, conversation_id, parent_id, "
		"sender_id, sent_ms, subject, body, body_hash, mac FROM planted, messages WHERE "
		"id = ",
		"INSERT INTO deliveries (message_id, user_id, kind, box, sealed, wrapped, "
		"opened_ms, mac) SELECT new_id, user_id, kind, box, sealed, wrapped, opened_ms, "
		"mac FROM planted, deliveries WHERE message_id = ",
	};
	/* The time of the id, and then what is above most. */
	struct str sql = arena_printf(
		&f->arena,
		"CREATE TABLE planted AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
		"FROM c WHERE n < %d) SELECT '%.10sZZZZ' || CAST(100000000000 + n AS TEXT) AS "
		"new_id FROM c",
		count, id->text);
	store_direct_run(f->url, sql.data);
	for (size_t i = 0; i < 2; i++) {
		sql = arena_printf(&f->arena, "%s'%s'", copies[i], id->text);
		store_direct_run(f->url, sql.data);
	}
}

/* P4.1: one request looks at LIMIT_SEARCH_MESSAGES; the next goes on, and nothing is left out. */
static void what_is_too_much_for_one_request_is_gone_on_with(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct search_result result;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct str admin = STR("admin@example.com");
	send_to(f, gabi, admin, "Oldest", "x");
	struct id read = send_to(f, f->admin, GUEST, "Read", "x");
	send_to(f, gabi, admin, "Newest", "x");
	plant_copies(f, &read, LIMIT_SEARCH_MESSAGES);
	assert_int_equal(search_find(&cx, STR("is:unread"), STR(""), 50, &result, &errors), OK);
	assert_int_equal(result.count, 1);
	assert_str(result.hits[0].row.subject, STR("Newest"));
	assert_true(result.next_cursor.len > 0);
	assert_int_equal(result.looked_to_ms, id_ms(&read));
	assert_int_equal(
		search_find(&cx, STR("is:unread"), result.next_cursor, 50, &result, &errors), OK);
	assert_int_equal(result.count, 1);
	assert_str(result.hits[0].row.subject, STR("Oldest"));
	assert_int_equal(result.next_cursor.len, 0);
}

/* What was changed in the database is not shown, and an alarm is raised; nothing else is lost. */
static void bent_rows_are_not_found(void **state)
{
	static const struct {
		const char *what, *sql;
	} bent[] = {
		{"the folded text of another message",
		 "UPDATE message_texts SET folded = (SELECT o.folded FROM message_texts o WHERE "
		 "o.message_id <> message_texts.message_id ORDER BY o.message_id LIMIT 1) WHERE "
		 "message_id = "},
		{"no folded text", "DELETE FROM message_texts WHERE message_id = "},
		{"no hash of it", "UPDATE messages SET folded_hash = NULL WHERE id = "},
		{"another hash", "UPDATE messages SET folded_hash = body_hash WHERE id = "},
		{"another sender",
		 "UPDATE messages SET sender_id = (SELECT id FROM users WHERE address_key = "
		 "'gabi@example.org') WHERE id = "},
		{"no longer confidential, or so", "UPDATE messages SET options = 1 WHERE id = "},
		{"another subject", "UPDATE messages SET subject = body WHERE id = "},
		{"a key that is none",
		 "UPDATE deliveries SET wrapped = sealed, sealed = wrapped WHERE message_id = "},
		{"an end that never was", "UPDATE deliveries SET ended = 1 WHERE message_id = "},
	};
	struct core_fixture *f = *state;
	for (size_t i = 0; i < sizeof(bent) / sizeof(bent[0]); i++) {
		char sql[512];
		struct log_capture log;
		struct id id = send_to(f, f->admin, GUEST, "Bent needle", "needle");
		send_to(f, f->admin, GUEST, "Sound", "needle");
		int64_t problems = core_fixture_problems(f);
		snprintf(sql, sizeof(sql), "%s'%s'", bent[i].sql, id.text);
		store_direct_run(f->url, sql);
		log_capture_begin(&log);
		struct search_result result = find(f, f->admin, "needle");
		bool is_alarm = strstr(log_capture_end(&log), " alarm ") != NULL;
		if (result.count != i + 1 || !is_alarm)
			fail_msg("%s: %zu found, %s", bent[i].what, result.count,
				 is_alarm ? "alarm" : "no alarm");
		log_capture_begin(&log);
		bool is_noticed = core_fixture_problems(f) > problems;
		log_capture_end(&log);
		if (!is_noticed)
			fail_msg("%s: not found by the check", bent[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(words_phrases_and_people_are_found),
		CORE_TEST(being_found_is_no_opening),
		CORE_TEST(what_was_found_is_marked),
		CORE_TEST(dates_are_days_of_the_reader),
		CORE_TEST(what_is_too_long_is_refused_with_a_sentence),
		CORE_TEST(after_the_end_and_when_confidential_the_text_is_not_searched),
		CORE_TEST(hidden_people_stay_hidden),
		CORE_TEST(trash_is_left_out_unless_it_is_asked_for),
		CORE_TEST(labels_narrow_it_down),
		CORE_TEST(pages_hold_everything_once_and_keys_are_opened_once),
		CORE_TEST(a_large_mailbox_is_found_whole_and_in_order),
		CORE_TEST(what_is_too_much_for_one_request_is_gone_on_with),
		CORE_TEST(bent_rows_are_not_found),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
