/* The pages of searching and of labels (P4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/label.h"
#include "web/web_test_support.h"

static struct web_answer look(const char *path, struct str who)
{
	return web_fixture_get(&web, str_of(path), who);
}

static struct web_answer post(struct str path, const char *form, struct str who)
{
	return web_fixture_post(&web, path, str_of(form), who);
}

static struct id send(const char *subject, const char *body)
{
	core_fixture_sleep(&web.core, MINUTE_MS);
	return core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), str_of(subject),
				 str_of(body))
		.id;
}

static void what_is_found_is_marked_and_escaped(void **state)
{
	(void)state;
	struct str anna = admin();
	send("A <b> subject", "The Caf\u00e9 & <i> more");
	struct web_answer answer = look("/search?q=cafe", anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "The <mark>Caf\u00e9</mark> &amp; &lt;i&gt; more"));
	assert_true(has(&answer, "A &lt;b&gt; subject"));
	assert_true(has(&answer, "value=\"cafe\""));
	assert_true(has(&answer, "One message found. Everything was looked through."));
	answer = look("/search?q=%3Cb%3E+to%3Aben", anna);
	assert_true(has(&answer, "A <mark>&lt;b&gt;</mark> subject"));
	assert_true(has(&answer, "<mark>ben</mark>@example.com"));
	answer = look("/search?q=%22%3E%3Cscript%3E", anna);
	assert_false(has(&answer, "<script>"));
	assert_true(has(&answer, "Nothing found"));
}

static void what_was_typed_gets_a_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *query, *sentence;
		int status;
	} rows[] = {
		{"", "Type words of a subject", 200},
		{"q=", "Type words of a subject", 200},
		{"q=zebra", "Nothing found", 200},
		{"q=form%3Aanna", "Did you mean one of from:", 200},
		{"q=after%3Atuesday", "A date looks like after:2026-11-22", 200},
		{"q=in%3Aattic", "After in: comes", 200},
		{"q=label%3Anothing", "You have no label of that name.", 200},
		{"q=%22open", "Nothing found", 200},
		{"q=a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q", "at most 16 words", 422},
		{"q=x&cursor=garbage", "This cursor is not one", 422},
	};
	struct str anna = admin();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct web_answer answer =
			web_fixture_get(&web, path_of("/search?", str_of(rows[i].query), ""), anna);
		assert_int_equal(answer.status, rows[i].status);
		if (!has(&answer, rows[i].sentence))
			fail_msg("%s: no \"%s\"", rows[i].query, rows[i].sentence);
	}
	struct web_answer answer =
		web_fixture_get(&web, path_of("/search?q=", repeated("x", 3000), ""), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "That is too long to search for."));
	answer = look("/search?q=x", STR_NONE);
	assert_int_equal(answer.status, 303);
}

static void the_link_goes_on_where_it_stopped(void **state)
{
	(void)state;
	struct str anna = admin();
	for (int i = 0; i < LIMIT_PAGE_ROWS_DEFAULT + 1; i++)
		send("Hello", "needle");
	struct web_answer answer = look("/search?q=needle%20from%3Ame", anna);
	ptrdiff_t at = str_find(answer.body, STR("/search?q=needle%20from%3Ame&amp;cursor="));
	assert_true(at >= 0);
	assert_true(has(&answer, "Looked through everything back to"));
	struct str cursor = str_slice(answer.body, (size_t)at + 40, ID_CHARS);
	answer = web_fixture_get(&web, path_of("/search?q=needle%20from%3Ame&cursor=", cursor, ""),
				 anna);
	assert_true(has(&answer, "Back to the newest"));
	assert_true(has(&answer, "Everything was looked through."));
	assert_false(has(&answer, "data-further"));
}

static void a_label_is_made_put_on_shown_and_taken_off(void **state)
{
	(void)state;
	struct str anna = admin();
	struct id one = send("One", "x"), two = send("Two", "x");
	struct web_answer answer = post(STR("/labels"), "name=The+%3Cboard%3E", anna);
	assert_true(str_eq(answer.location, STR("/labels?done=label-made")));
	answer = look("/labels", anna);
	assert_true(has(&answer, "The &lt;board&gt;"));
	ptrdiff_t at = str_find(answer.body, STR("/label/"));
	struct str label = str_slice(answer.body, (size_t)at + 7, ID_CHARS);
	struct str form =
		arena_printf(&web.core.arena, "act=label&label=%.*s&id=%s&id=%s&from=sent",
			     STR_ARGS(label), one.text, two.text);
	answer = web_fixture_post(&web, STR("/messages/act"), form, anna);
	assert_true(str_eq(answer.location, STR("/sent?done=labelled")));
	answer = look("/sent", anna);
	assert_true(has(&answer, "class=\"label\"><bdi>The &lt;board&gt;</bdi>"));
	answer = web_fixture_get(&web, path_of("/label/", label, ""), anna);
	assert_true(has(&answer, ">One<") && has(&answer, ">Two<"));
	answer = web_fixture_get(&web, path_of("/label/", label, "?cursor=nonsense"), anna);
	assert_int_equal(answer.status, 400);
	form = arena_printf(&web.core.arena, "act=unlabel&label=%.*s&id=%s&from=label/%.*s",
			    STR_ARGS(label), one.text, STR_ARGS(label));
	answer = web_fixture_post(&web, STR("/messages/act"), form, anna);
	assert_true(str_eq(answer.location, path_of("/label/", label, "?done=unlabelled")));
	answer = web_fixture_get(&web, path_of("/label/", label, ""), anna);
	assert_false(has(&answer, ">One<"));
	/* On the message's own page. */
	form = arena_printf(&web.core.arena, "label=%.*s&name=Taxes", STR_ARGS(label));
	answer = web_fixture_post(&web, path_of("/message/", id_str(&one), "/labels"), form, anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, path_of("/message/", id_str(&one), ""), anna);
	assert_true(has(&answer, "<bdi>Taxes</bdi></a>"));
	answer = post(path_of("/message/", id_str(&one), "/labels"), "name=", anna);
	answer = web_fixture_get(&web, path_of("/message/", id_str(&one), ""), anna);
	assert_false(has(&answer, "<bdi>Taxes</bdi></a>"));
	answer = post(path_of("/labels/", label, "/rename"), "name=Board", anna);
	assert_true(str_eq(answer.location, STR("/labels?done=label-renamed")));
	answer = post(path_of("/labels/", label, "/delete"), "", anna);
	assert_true(str_eq(answer.location, STR("/labels?done=label-deleted")));
	answer = web_fixture_get(&web, path_of("/label/", label, ""), anna);
	assert_int_equal(answer.status, 404);
}

static void a_bad_label_is_told(void **state)
{
	(void)state;
	struct str anna = admin();
	struct id one = send("One", "x");
	struct str long_name = path_of("name=", repeated("n", 10000), "");
	struct web_answer answer = web_fixture_post(&web, STR("/labels"), long_name, anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "That name is too long for a label."));
	answer = web_fixture_post(&web, path_of("/message/", id_str(&one), "/labels"), long_name,
				  anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "That name is too long for a label."));
	/* Somebody else's message and label are as good as none. */
	struct str ben = guest();
	answer = post(path_of("/message/", STR("01ARZ3NDEKTSV4RRFFQ69G5FAV"), "/labels"), "name=x",
		      ben);
	assert_int_equal(answer.status, 404);
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct form_errors errors = {0};
	struct id label;
	assert_int_equal(label_create(&cx, STR("Hers"), &label, &errors), OK);
	struct str path = path_of("/label/", id_str(&label), "");
	assert_int_equal(web_fixture_get(&web, path, anna).status, 200);
	assert_int_equal(web_fixture_get(&web, path, ben).status, 404);
	path = path_of("/labels/", id_str(&label), "/delete");
	assert_int_equal(post(path, "", ben).status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(what_is_found_is_marked_and_escaped),
		WEB_TEST(what_was_typed_gets_a_sentence),
		WEB_TEST(the_link_goes_on_where_it_stopped),
		WEB_TEST(a_label_is_made_put_on_shown_and_taken_off),
		WEB_TEST(a_bad_label_is_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
