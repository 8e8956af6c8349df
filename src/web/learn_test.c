/* The Learning Center (P8): what its pages say of this portal, that every link leads somewhere, and
 * that what is switched off is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/policy.h"
#include "web/learn_fill.h"
#include "web/learn_search.h"
#include "web/markdown_heading.h"
#include "web/overview_page.h"
#include "web/routes.h"
#include "web/site_assets.h"
#include "web/web_test_support.h"

static struct web_answer look(const char *path)
{
	return web_fixture_get(&web, str_of(path), STR_NONE);
}

static struct web_answer look_at(const struct learn_page *page)
{
	return web_fixture_get(&web, path_of("/learn/", str_of(page->name), ""), STR_NONE);
}

static void set(const char *name, const char *value)
{
	core_fixture_set(&web.core, name, str_of(value));
}

static struct str fill(const char *text)
{
	struct cx cx = core_fixture_cx(&web.core, NULL);
	struct str filled = STR_NONE;
	assert_int_equal(learn_fill(&cx, text, &filled), OK);
	return arena_copy(&web.core.arena, filled);
}

/* With line ends as spaces. */
static struct str unfolded(struct str text)
{
	struct str copy = arena_copy(&web.core.arena, text);
	char *bytes = (char *)copy.data;
	for (size_t i = 0; i < copy.len; i++)
		if (bytes[i] == '\n')
			bytes[i] = ' ';
	return copy;
}

/* ---- what a page says of this portal ---- */

static void parts_are_there_while_they_hold(void **state)
{
	(void)state;
	static const struct {
		const char *text, *with, *without;
	} rows[] = {
		{"a\n{% if recall %}\nb\n{% end %}\nc", "a\nb\nc\n", "a\nc\n"},
		{"{% if recall %}\nb\n{% end %}", "b\n", ""},
		{"{% if files %}\na\n{% if recall %}\nb\n{% end %}\nc\n{% end %}\nd",
		 "a\nb\nc\nd\n", "a\nc\nd\n"},
		{"{% if recall %}\na\n{% if files %}\nb\n{% end %}\nc\n{% end %}\nd",
		 "a\nb\nc\nd\n", "d\n"},
		{"{% if recall %}\na\n{% if strict %}\nb\n{% end %}\nc\n{% end %}", "a\nc\n", ""},
		{"a {% if recall %} b", "a {% if recall %} b\n", "a {% if recall %} b\n"},
	};
	for (int round = 0; round < 2; round++) {
		set("recall", round == 0 ? "yes" : "no");
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const char *wanted = round == 0 ? rows[i].with : rows[i].without;
			if (!str_eq(fill(rows[i].text), str_of(wanted)))
				fail_msg("%s: %.*s", rows[i].text, STR_ARGS(fill(rows[i].text)));
		}
	}
}

static void values_are_those_of_the_settings(void **state)
{
	(void)state;
	set("invitation_days", "1");
	set("reset_minutes", "90");
	set("session_idle_minutes", "120");
	set("file_max_bytes", "2 GB");
	assert_string_equal(fill("For {{ invitation_days }}, {{ reset_minutes }}, "
				 "{{ session_idle }}: {{ file_max }}.")
				    .data,
			    "For one day, 90 minutes, 2 hours: 2 GB.\n");
	set("invitation_days", "30");
	set("password_min", "16");
	assert_true(str_eq(fill("{{ invitation_days }}"), STR("30 days\n")));
	assert_true(str_eq(fill("{{ policy }}"), STR("{{ policy }}\n")));
	assert_true(has(&(struct web_answer){.body = look("/learn/register").body},
			"An invitation is good for 30 days."));
	assert_true(has(&(struct web_answer){.body = look("/learn/passwords").body},
			"At least 16 characters"));
}

/* Those that come from the code itself. */
static void limits_are_those_of_the_code(void **state)
{
	(void)state;
	static const struct {
		const char *path, *words;
	} rows[] = {
		{"/learn/overview", "each is tried again, for 5 days."},
		{"/learn/overview", "older than 2 days, <strong>Now</strong> after 8 days."},
		{"/learn/overview", "less than 15 % of the disk and less than 21 GB are free"},
		{"/learn/overview", "within 21 days, <strong>Now</strong> within 7 days"},
		{"/learn/import", "up to 20,000 people and 4.2 MB"},
		{"/learn/rules", "up to 10,000."},
		{"/learn/branding", "at most 256 kB and 2,000 pixels"},
		{"/learn/audit", "signs every 5 minutes"},
		{"/learn/users", "at most 3 of these e-mails in an hour"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str body = look(rows[i].path).body;
		if (str_find(unfolded(body), str_of(rows[i].words)) < 0)
			fail_msg("%s does not say: %s", rows[i].path, rows[i].words);
	}
}

static void unknown_words_are_mistakes(void **state)
{
	(void)state;
	struct cx cx = core_fixture_cx(&web.core, NULL);
	struct str text;
	assert_int_equal(learn_fill(&cx, "{{ nonsense }}", &text), ERR_INTERNAL);
	assert_int_equal(learn_fill(&cx, "{% if nonsense %}\n{% end %}", &text), ERR_INTERNAL);
}

/* ---- the renderer ---- */

static struct str render(const char *text)
{
	static const struct markdown_picture pictures[] = {{"pictures/a.webp", "/assets/a", 3, 4},
							   {NULL}};
	struct safe_html html;
	assert_int_equal(
		markdown_render_help(&web.core.arena, str_of(text), pictures, 1 << 20, &html), OK);
	return html.markup;
}

static void our_own_text_becomes_html_that_is_safe(void **state)
{
	(void)state;
	static const struct {
		const char *text, *html;
	} rows[] = {
		{"## Who can *recall*?",
		 "<h2 id=\"who-can-recall\">Who can <em>recall</em>?</h2>\n"},
		{"### \u00c4 \"b\" <i>", "<h3 id=\"b\">\u00c4 &quot;b&quot; &lt;i&gt;</h3>\n"},
		{"a\nb", "<p>a\nb</p>\n"},
		{"[x](/sent)", "<p><a href=\"/sent\">x</a></p>\n"},
		{"[x](#there)", "<p><a href=\"#there\">x</a></p>\n"},
		{"[x](javascript:alert(1))", "<p>x</p>\n"},
		{"<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"},
		{"![A \"b\"](pictures/a.webp)",
		 "<p><img src=\"/assets/a\" width=\"3\" height=\"4\" loading=\"lazy\" "
		 "alt=\"A &quot;b&quot;\"></p>\n"},
		{"![Elsewhere](https://example.com/a.webp) b", "<p> b</p>\n"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str html = render(rows[i].text);
		if (!str_eq(html, str_of(rows[i].html)))
			fail_msg("%s: %.*s", rows[i].text, STR_ARGS(html));
	}
}

static void a_message_gets_no_pictures_and_no_links_within_the_portal(void **state)
{
	(void)state;
	struct safe_html html;
	const struct str text = STR("![A](pictures/a.webp) [x](/sign-out)\n\n## b");
	assert_int_equal(markdown_render(&web.core.arena, text, 1 << 20, &html), OK);
	assert_true(str_find(html.markup, STR("<img")) < 0);
	assert_true(str_find(html.markup, STR("href")) < 0);
	assert_true(str_find(html.markup, STR("<h4>b")) >= 0);
}

static void a_text_falls_into_sections(void **state)
{
	(void)state;
	struct markdown_section *sections;
	size_t count;
	const struct str text = STR("Begin\n\n## One `two`\n\n- a\n- b "
				    "![words](pictures/a.webp)\n\n### Three\n\n## \n");
	assert_int_equal(markdown_sections(&web.core.arena, text, &sections, &count), OK);
	assert_int_equal(count, 4);
	assert_true(str_eq(sections[0].text, STR("Begin")));
	assert_true(str_eq(sections[1].title, STR("One two")));
	assert_true(str_eq(sections[1].anchor, STR("one-two")));
	assert_true(str_starts_with(sections[1].text, STR("a\n")));
	assert_true(str_find(sections[1].text, STR("words")) < 0);
	assert_int_equal(sections[2].level, 3);
	assert_true(str_eq(sections[3].title, STR("")));
}

/* ---- every page, every link ---- */

/* Where pages for administrators may lead outside. */
static const char *const outside[] = {
	"https://www.postgresql.org/docs/current/backup.html",
};

static bool is_listed_outside(struct str url)
{
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if (str_eq(url, str_of(outside[i])))
			return true;
	return false;
}

/* Between `before` and the next quote, from *at on. */
static bool next_value(struct str text, const char *before, size_t *at, struct str *ret)
{
	struct str rest = str_slice(text, *at, text.len);
	ptrdiff_t start = str_find(rest, str_of(before));
	if (start < 0)
		return false;
	rest = str_slice(rest, (size_t)start + strlen(before), rest.len);
	assert_true(str_next(&rest, '"', ret));
	*at = (size_t)(ret->data + ret->len - text.data);
	return true;
}

static bool has_id(struct str body, struct str id)
{
	struct str wanted = arena_printf(&web.core.arena, " id=\"%.*s\"", STR_ARGS(id));
	ptrdiff_t first = str_find(body, wanted);
	if (first < 0)
		return false;
	struct str rest = str_slice(body, (size_t)first + 1, body.len);
	if (str_find(rest, wanted) >= 0)
		fail_msg("twice:%.*s", STR_ARGS(wanted));
	return true;
}

static void check_path(const struct learn_page *page, struct str path)
{
	struct str allowed, query = path;
	struct request req = {.arena = &web.core.arena, .method = METHOD_GET};
	assert_true(str_next(&query, '?', &req.path));
	if (asset_find(site_assets, site_asset_count, req.path))
		return;
	const struct route *route = route_find(&web.site, &req, &allowed);
	if (route == NULL || !settings_have(web.core.portal->settings, route->feature))
		fail_msg("%s leads to %.*s, which is not there", page->name, STR_ARGS(path));
}

static void check_link(const struct learn_page *page, struct str body, struct str url)
{
	struct str anchor = url, path;
	assert_true(str_next(&anchor, '#', &path));
	if (str_starts_with(url, STR("https://"))) {
		if (page->audience != LEARN_ADMINISTRATORS || !is_listed_outside(url))
			fail_msg("%s leads outside: %.*s", page->name, STR_ARGS(url));
		return;
	}
	if (path.len > 0)
		check_path(page, path);
	if (str_starts_with(path, STR("/learn/"))) {
		struct web_answer other = web_fixture_get(&web, path, STR_NONE);
		if (other.status != 200)
			fail_msg("%s leads to %.*s", page->name, STR_ARGS(url));
		body = other.body;
	}
	if (anchor.len > 0 && !has_id(body, anchor))
		fail_msg("%s leads to %.*s, and there is no such part", page->name, STR_ARGS(url));
}

static void check_page(const struct learn_page *page)
{
	struct web_answer answer = look_at(page);
	bool is_on = settings_have(web.core.portal->settings, page->feature);
	size_t at = 0;
	struct str url;
	assert_int_equal(answer.status, is_on ? 200 : 404);
	if (!is_on)
		return;
	if (has(&answer, "{{") || has(&answer, "{%"))
		fail_msg("%s: a word was left over", page->name);
	struct str body = arena_copy(&web.core.arena, answer.body);
	while (next_value(body, " href=\"", &at, &url))
		check_link(page, body, url);
	at = 0;
	while (next_value(body, " src=\"", &at, &url))
		check_path(page, url);
	at = 0;
	while (next_value(body, " id=\"", &at, &url))
		assert_true(has_id(body, url));
}

static void check_pages(void)
{
	for (size_t i = 0; i < learn_page_count; i++)
		check_page(&learn_pages[i]);
}

static const struct {
	const char *name;
	enum feature feature;
} features[] = {
	{"files", FEATURE_FILES},
	{"signatures", FEATURE_SIGNATURES},
	{"recall", FEATURE_RECALL},
	{"forwarding", FEATURE_FORWARDING},
	{"confidential", FEATURE_CONFIDENTIAL},
	{"expiry", FEATURE_EXPIRY},
};
enum { FEATURES = sizeof(features) / sizeof(features[0]) };

static void every_link_leads_somewhere_whatever_is_switched_off(void **state)
{
	(void)state;
	assert_int_equal(FEATURES, FEATURE_COUNT - 1);
	check_pages();
	for (size_t i = 0; i < FEATURES; i++) {
		set(features[i].name, "no");
		check_pages();
		set(features[i].name, "yes");
	}
	for (size_t i = 0; i < FEATURES; i++)
		set(features[i].name, "no");
	set("retention_days", "90");
	set("guest_compose", "known");
	set("access", "controlled");
	set("quota_bytes", "0");
	set("subject_in_mail", "yes");
	set("terms_url", "https://example.com/terms");
	check_pages();
}

/* ---- what is switched off ---- */

static void what_is_switched_off_is_neither_listed_nor_found_nor_served(void **state)
{
	(void)state;
	struct web_answer answer = look("/learn");
	assert_true(has(&answer, "href=\"/learn/recall\""));
	assert_int_equal(look("/learn/recall").status, 200);
	answer = look("/learn/files");
	assert_true(has(&answer, "rel=\"next\" href=\"/learn/recall\""));
	set("recall", "no");
	answer = look("/learn");
	assert_false(has(&answer, "href=\"/learn/recall\""));
	assert_int_equal(look("/learn/recall").status, 404);
	answer = look("/learn/files");
	assert_true(has(&answer, "rel=\"next\" href=\"/learn/sign\""));
	answer = look("/learn/sign");
	assert_true(has(&answer, "rel=\"prev\" href=\"/learn/files\""));
	answer = look("/learn?q=recall");
	assert_false(has(&answer, "/learn/recall"));
	answer = look("/learn?q=quoted+goes+blank");
	assert_true(has(&answer, "Nothing found"));
	answer = look("/learn/pro-and-guest");
	assert_false(has(&answer, "Recall what one has sent"));
}

/* page: NULL for the list of all. Those for administrators tell how to switch it on again. */
static bool speaks_of(const struct learn_page *page, const char *word, bool is_mistake)
{
	struct web_answer answer = page ? look_at(page) : look("/learn");
	if ((page && page->audience != LEARN_PEOPLE) || !has(&answer, word))
		return false;
	if (is_mistake)
		fail_msg("%s speaks of: %s", page ? page->name : "the list", word);
	return true;
}

/* Words by which a feature is known; none of them is left in the help for people. */
static void no_word_is_left_of_what_is_switched_off(void **state)
{
	(void)state;
	static const struct {
		const char *name, *word;
	} rows[] = {
		{"recall", "ecall"},
		{"signatures", "Sign now"},
		{"signatures", "ocument"},
		{"signatures", "asked to sign"},
		{"forwarding", "orward"},
		{"confidential", "onfidential"},
		{"expiry", "Expires after"},
		{"expiry", "Let messages expire"},
		{"files", "ttach"},
		{"files", "pload"},
		{"files", "has:file"},
		{"files", "files’ names"},
		{"files", "its files"},
		{"files", "arge files"},
		{"files", "ocuments to sign"},
	};
	for (size_t f = 0; f < FEATURES; f++) {
		bool is_known = false;
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			is_known = is_known || strcmp(rows[i].name, features[f].name) == 0;
		if (!is_known)
			fail_msg("by which words is %s known?", features[f].name);
	}
	set("retention_days", "90");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool was_there = false;
		for (int round = 0; round < 2; round++) {
			set(rows[i].name, round == 0 ? "yes" : "no");
			for (size_t p = 0; p < learn_page_count; p++)
				was_there |= speaks_of(&learn_pages[p], rows[i].word, round == 1);
			was_there |= speaks_of(NULL, rows[i].word, round == 1);
		}
		set(rows[i].name, "yes");
		assert_true(was_there);
	}
}

/* ---- searching ---- */

/* The names of what is found, in order: "recall,send". */
static struct str found(const char *typed)
{
	struct cx cx = core_fixture_cx(&web.core, NULL);
	struct learn_hit *hits;
	size_t count;
	bool is_empty;
	struct str names = STR("");
	assert_int_equal(learn_search(&cx, str_of(typed), &hits, &count, &is_empty), OK);
	for (size_t i = 0; i < count; i++)
		names = arena_printf(&web.core.arena, "%.*s%s%s", STR_ARGS(names), i > 0 ? "," : "",
				     hits[i].page->name);
	return names;
}

static void titles_come_before_headings_before_texts(void **state)
{
	(void)state;
	assert_true(str_starts_with(found("recall"), STR("recall")));
	assert_true(str_starts_with(found("password"), STR("passwords,")));
	/* "From one kind to the other" is a heading; elsewhere it is in texts. */
	assert_true(str_starts_with(found("kind"), STR("pro-and-guest")));
	assert_true(str_starts_with(found("sign document"), STR("sign,")));
}

static void all_words_must_fit_in_whatever_case_and_accents(void **state)
{
	(void)state;
	assert_true(str_eq(found("forgot password"), found("  PASSWORD   F\u00f3rg\u00f6t ")));
	assert_true(found("forgot password").len > 0);
	assert_true(str_eq(found("password zebra"), STR("")));
	assert_true(str_eq(found("   "), STR("")));
}

static void what_is_found_is_marked_escaped_and_led_to(void **state)
{
	(void)state;
	struct web_answer answer = look("/learn?q=no+invitation");
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "href=\"/learn/register#no-invitation-came\""));
	assert_true(has(&answer, "<mark>No</mark> <mark>invitation</mark> came"));
	answer = look("/learn?q=%22%3E%3Cscript%3E");
	assert_false(has(&answer, "<script>"));
	assert_true(has(&answer, "value=\"&quot;&gt;&lt;script&gt;\""));
	assert_true(has(&answer, "Nothing found"));
	answer = look("/learn?q=");
	assert_true(has(&answer, "href=\"/learn/send\""));
	answer = web_fixture_get(&web, path_of("/learn?q=", repeated("x", 2500), ""), STR_NONE);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "That is too long to search for."));
	assert_int_equal(look("/learn?q=%ff").status, 400);
	assert_int_equal(look("/learn?q=a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r").status, 200);
}

/* ---- the table ---- */

static size_t count_of(struct str text, const char *part)
{
	size_t count = 0;
	for (ptrdiff_t at; (at = str_find(text, str_of(part))) >= 0; count++)
		text = str_slice(text, (size_t)at + 1, text.len);
	return count;
}

static void the_table_is_the_policy(void **state)
{
	(void)state;
	static const char *const off[] = {NULL, "recall", "files"};
	for (size_t round = 0; round < sizeof(off) / sizeof(off[0]); round++) {
		if (off[round])
			set(off[round], "no");
		size_t yes = 0, no = 0;
		for (enum act act = 0; act < ACT_COUNT; act++) {
			const struct settings *s = web.core.portal->settings;
			bool guest = policy_grade_allows(s, GRADE_GUEST, ROLE_MEMBER, act);
			bool own = policy_grade_allows(s, GRADE_PROFESSIONAL, ROLE_MEMBER, act);
			bool is_off = act == ACT_SIGN && !settings_have(s, FEATURE_SIGNATURES);
			if ((!guest && !own) || is_off)
				continue;
			yes += guest + own;
			no += !guest + !own;
		}
		struct str body = look("/learn/pro-and-guest").body;
		assert_int_equal(count_of(body, ">Yes</span></td>"), yes);
		assert_int_equal(count_of(body, "<td>No</td>"), no);
		assert_int_equal(count_of(body, "<th scope=\"row\"></th>"), 0);
	}
	struct web_answer answer = look("/learn/pro-and-guest");
	assert_true(
		has(&answer, "Write to guests</th><td>No</td><td><span class=\"learn-yes\">Yes"));
	set("guest_compose", "known");
	answer = look("/learn/pro-and-guest");
	assert_true(has(&answer, "guests to those who have written to them"));
}

/* ---- from the place to its page ---- */

static bool is_begun_by(struct str path, struct str start)
{
	return str_starts_with(path, start) &&
	       (path.len == start.len || path.data[start.len] == '/');
}

static void every_place_is_in_the_product_and_has_a_page(void **state)
{
	(void)state;
	const char *route, *page;
	for (size_t i = 0; (page = learn_about_page(i, &route)) != NULL; i++) {
		bool is_there = false;
		if (learn_find(web.core.portal->settings, str_of(page)) == NULL)
			fail_msg("%s leads to %s, which is not there", route, page);
		for (size_t r = 0; r < web_route_count; r++)
			is_there |= is_begun_by(str_of(web_routes[r].path), str_of(route));
		if (!is_there)
			fail_msg("%s is no place of the product", route);
	}
}

static void every_page_of_administration_has_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < web_route_count; i++)
		if (web_routes[i].access == ACCESS_ADMINISTRATOR &&
		    learn_about(web.core.portal->settings, web_routes[i].path) == NULL)
			fail_msg("%s has no help", web_routes[i].path);
}

static void places_lead_to_their_page(void **state)
{
	(void)state;
	static const struct {
		const char *route, *page;
	} rows[] = {
		{"/compose", "send"},
		{"/message/{id}", "read"},
		{"/message/{id}/recall", "recall"},
		{"/message/{id}/files/{file}/recall", "recall"},
		{"/message/{id}/sign/decline", "sign"},
		{"/sign-in", "register"},
		{"/people/groups/{id}", "send"},
		{"/messages/act", NULL},
		{"/", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct learn_page *page =
			learn_about(web.core.portal->settings, rows[i].route);
		if (rows[i].page == NULL)
			assert_null(page);
		else
			assert_string_equal(page->name, rows[i].page);
	}
}

/* What stands on the overview leads to the part that says what to do. */
static void every_warning_has_its_part(void **state)
{
	(void)state;
	struct str body = arena_copy(&web.core.arena, look("/learn/overview").body);
	for (size_t i = 0; i < HEALTH_THINGS; i++)
		if (!has_id(body, str_of(overview_page_help[i])))
			fail_msg("the page about the overview has no #%s", overview_page_help[i]);
	struct web_answer answer = web_fixture_get(&web, STR("/admin"), admin());
	assert_true(has(&answer, "href=\"/learn/overview#backup\" aria-label=\"Help: Backup\""));
}

static void pages_link_to_their_help(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/compose"), anna);
	assert_true(has(&answer, "<a href=\"/learn/send\">"));
	assert_true(has(&answer, "<a href=\"/learn\">"));
	answer = web_fixture_get(&web, STR("/files"), anna);
	assert_true(has(&answer, "<a href=\"/learn/files\">"));
	set("files", "no");
	answer = web_fixture_get(&web, STR("/files"), anna);
	assert_false(has(&answer, "<a href=\"/learn/files\">"));
	assert_true(has(&answer, "<a href=\"/learn\">"));
	answer = look("/sign-in");
	assert_true(has(&answer, "<a href=\"/learn/register\">"));
	answer = look("/nothing-here");
	assert_true(has(&answer, "<a href=\"/learn\">"));
}

static void everybody_can_read_it(void **state)
{
	(void)state;
	struct str who[] = {STR_NONE, guest(), admin(), STR("nonsense")};
	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		assert_int_equal(web_fixture_get(&web, STR("/learn"), who[i]).status, 200);
		assert_int_equal(web_fixture_get(&web, STR("/learn/send"), who[i]).status, 200);
		assert_int_equal(web_fixture_head(&web, STR("/learn/send"), who[i]).status, 200);
		assert_int_equal(web_fixture_get(&web, STR("/learn/none"), who[i]).status, 404);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(parts_are_there_while_they_hold),
		WEB_TEST(values_are_those_of_the_settings),
		WEB_TEST(limits_are_those_of_the_code),
		WEB_TEST(unknown_words_are_mistakes),
		WEB_TEST(our_own_text_becomes_html_that_is_safe),
		WEB_TEST(a_message_gets_no_pictures_and_no_links_within_the_portal),
		WEB_TEST(a_text_falls_into_sections),
		WEB_TEST(every_link_leads_somewhere_whatever_is_switched_off),
		STRICT_TEST(every_link_leads_somewhere_whatever_is_switched_off),
		WEB_TEST(what_is_switched_off_is_neither_listed_nor_found_nor_served),
		WEB_TEST(no_word_is_left_of_what_is_switched_off),
		WEB_TEST(titles_come_before_headings_before_texts),
		WEB_TEST(all_words_must_fit_in_whatever_case_and_accents),
		WEB_TEST(what_is_found_is_marked_escaped_and_led_to),
		WEB_TEST(the_table_is_the_policy),
		WEB_TEST(every_place_is_in_the_product_and_has_a_page),
		WEB_TEST(every_page_of_administration_has_help),
		WEB_TEST(places_lead_to_their_page),
		WEB_TEST(every_warning_has_its_part),
		WEB_TEST(pages_link_to_their_help),
		WEB_TEST(everybody_can_read_it),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
