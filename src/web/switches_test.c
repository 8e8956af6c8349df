/* What an administrator switches off is gone from the pages, for whatever begins something; what
 * was begun before stays (P1.3, P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/file_test_support.h"
#include "core/portal_settings.h"
#include "web/web_test_support.h"

#define DRAFT "01KDVDNA00GTSSYSV7Y2WS2NVR"
#define TEXT(...) arena_printf(&web.core.arena, __VA_ARGS__)

/* A message of Ada's with a file, a file of hers, and a draft of documents to sign. */
static struct str anna;
static struct id message, file;

static void begin(void)
{
	guest();
	anna = admin();
	file = file_test_pdf(&web.core, web.core.admin, "Contract.pdf");
	struct draft draft = file_test_draft("ben@example.com", &file, 1);
	struct sent sent;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
	message = sent.id;
	struct web_answer answer =
		web_fixture_post(&web, STR("/drafts/save"),
				 TEXT("to=ben%%40example.com&subject=S&body=B&key=k&draft=" DRAFT
				      "&version=0&signing=on&signing_order=all&file=%s",
				      file.text),
				 anna);
	assert_int_equal(answer.status, 200);
}

/* %M: the message, %F: the file. */
static struct str filled(const char *pattern)
{
	struct str text = STR_NONE;
	for (const char *at = pattern; *at; at++) {
		if (at[0] == '%' && (at[1] == 'M' || at[1] == 'F')) {
			text = TEXT("%.*s%s", STR_ARGS(text),
				    at[1] == 'M' ? message.text : file.text);
			at++;
		} else {
			text = TEXT("%.*s%c", STR_ARGS(text), *at);
		}
	}
	return text;
}

static const struct {
	const char *feature;
	const char *sentence;
	const char *path;
	const char *form; /* NULL: GET */
	int on, off;      /* the answer's status */
} acts[] = {
	{"files", "look into the library", "/files", NULL, 200, 404},
	{"files", "look into it while writing", "/compose/files", NULL, 200, 404},
	{"files", "attach on a page", "/drafts/" DRAFT "/files", NULL, 200, 404},
	{"files", "attach from the library", "/drafts/" DRAFT "/files/add", "file=%F", 303, 404},
	{"files", "send a file", "/compose", "to=ben%40example.com&subject=S&body=B&file=%F", 303,
	 422},
	{"files", "keep a draft with one", "/drafts/save", "subject=S&body=B&file=%F", 200, 422},
	{"files", "place fields", "/drafts/" DRAFT "/fields", NULL, 200, 404},
	{"signatures", "place fields", "/drafts/" DRAFT "/fields", NULL, 200, 404},
	{"signatures", "keep fields", "/drafts/" DRAFT "/fields/save",
	 "key=f&draft=" DRAFT "&version=2&signing=on&file=%F", 200, 404},
	{"signatures", "ask for signatures", "/compose",
	 "to=ben%40example.com&subject=S&body=B&signing=on&file=%F", 422, 422},
	{"recall", "think about recalling", "/message/%M/recall", NULL, 200, 404},
	{"recall", "think about recalling a file", "/message/%M/files/%F/recall", NULL, 200, 404},
	{"recall", "recall a file", "/message/%M/files/%F/recall", "who=all", 303, 404},
	{"forwarding", "begin a forward", "/compose?forward=%M", NULL, 200, 403},
	{"forwarding", "forward", "/compose", "to=admin2%40example.com&forward_of=%M", 200, 403},
	{"confidential", "ask for the password", "/compose",
	 "to=ben%40example.com&subject=S&body=B&confidential=yes", 303, 422},
	{"expiry", "set a date", "/compose",
	 "to=ben%40example.com&subject=S&body=B&expires_at=2027-06-01", 303, 422},
};

static int attempt(size_t i)
{
	struct str path = filled(acts[i].path);
	if (acts[i].form)
		return web_fixture_post(&web, path, filled(acts[i].form), anna).status;
	return web_fixture_get(&web, path, anna).status;
}

static void every_act_through_its_switch(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		for (int is_on = 0; is_on <= 1; is_on++) {
			core_fixture_set(&web.core, acts[i].feature,
					 is_on ? STR("yes") : STR("no"));
			int status = attempt(i), expected = is_on ? acts[i].on : acts[i].off;
			if (status != expected)
				fail_msg("%s %s: %s: %d, not %d", acts[i].feature,
					 is_on ? "on" : "off", acts[i].sentence, status, expected);
		}
	}
}

static const struct {
	const char *feature, *path, *part;
} parts[] = {
	{"files", "/inbox", "href=\"/files\""},
	{"files", "/compose", "data-attach="},
	{"files", "/message/%M", "data-attach="},
	{"files", "/compose", "id=\"signing\""},
	{"signatures", "/compose", "id=\"signing\""},
	{"signatures", "/signatures", "href=\"/compose"},
	{"signatures", "/settings", "/settings/signature"},
	{"recall", "/message/%M", "/recall\""},
	{"forwarding", "/message/%M", "data-forward"},
	{"forwarding", "/message/%M", "<kbd>f</kbd>"},
	{"forwarding", "/compose", "name=\"no_forward\""},
	{"confidential", "/compose", "name=\"confidential\""},
	{"expiry", "/compose", "name=\"expires_at\""},
};

static void pages_show_nothing_of_what_is_off(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (int is_on = 0; is_on <= 1; is_on++) {
			core_fixture_set(&web.core, parts[i].feature,
					 is_on ? STR("yes") : STR("no"));
			struct web_answer answer =
				web_fixture_get(&web, filled(parts[i].path), anna);
			assert_int_equal(answer.status, 200);
			struct str page = answer.body;
			/* What everybody can always do stands around it. */
			ptrdiff_t at = str_find(page, STR("<h1"));
			if (str_eq(str_of(parts[i].path), STR("/signatures")))
				page = str_slice(page, (size_t)at, page.len);
			if ((str_find(page, str_of(parts[i].part)) >= 0) != is_on)
				fail_msg("%s %s: %s on %s", parts[i].feature, is_on ? "on" : "off",
					 parts[i].part, parts[i].path);
		}
	}
}

static const char *const switches[] = {"files",      "signatures",   "recall",
				       "forwarding", "confidential", "expiry"};

static void what_was_begun_stays(void **state)
{
	(void)state;
	begin();
	const struct draft draft = {.to = STR("ben@example.com"),
				    .subject = STR("Private"),
				    .body = STR("Text"),
				    .options = OPTION_CONFIDENTIAL,
				    .expires = STR("2027-06-01")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
	struct web_answer saved =
		web_fixture_post(&web, STR("/drafts/save"),
				 STR("subject=S&body=B&confidential=yes&expires_at=2027-06-01"
				     "&draft=01KDVDNA00GTSSYSV7Y2WS2NVS&version=0"),
				 anna);
	assert_int_equal(saved.status, 200);
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		core_fixture_set(&web.core, switches[i], STR("no"));
	struct str ben = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct web_answer answer = web_fixture_get(&web, filled("/message/%M"), ben);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Contract.pdf"));
	assert_int_equal(web_fixture_get(&web, filled("/files/%F?message=%M"), ben).status, 200);
	answer = web_fixture_get(&web, filled("/files/%F"), anna);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, "/compose?file="));
	/* The password is still asked for. */
	answer = web_fixture_get(&web, path_of("/message/", id_str(&sent.id), ""), ben);
	assert_true(has(&answer, "type=\"password\""));
	/* What was chosen in a draft is not dropped: it is shown, told of, and can be taken back.
	 */
	answer = web_fixture_get(&web, STR("/compose?draft=01KDVDNA00GTSSYSV7Y2WS2NVS"), anna);
	assert_true(has(&answer, "name=\"confidential\" value=\"yes\" checked"));
	assert_true(has(&answer, "name=\"expires_at\" type=\"date\" value=\"2027-06-01\""));
	answer = web_fixture_get(&web, STR("/compose?draft=" DRAFT), anna);
	assert_true(has(&answer, "does not ask for signatures any more"));
	assert_true(has(&answer, "name=\"drop\""));
	answer = web_fixture_post(&web, STR("/compose"),
				  STR("to=ben%40example.com&subject=S&body=B&confidential=yes"),
				  anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "does not ask for the password at each opening"));
}

static void every_feature_is_walked(void **state)
{
	(void)state;
	for (size_t at = 0; at < portal_settings_count; at++) {
		const char *name = portal_settings_name(at);
		bool has_act = false, has_part = false, is_kept = false;
		if (portal_settings_facts(at).group != SETTING_GROUP_FEATURES)
			continue;
		for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
			has_act = has_act || strcmp(acts[i].feature, name) == 0;
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			has_part = has_part || strcmp(parts[i].feature, name) == 0;
		for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
			is_kept = is_kept || strcmp(switches[i], name) == 0;
		if (!has_act || !has_part || !is_kept)
			fail_msg("%s can be switched off, and nothing here shows what then", name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_feature_is_walked),
		WEB_TEST(every_act_through_its_switch),
		WEB_TEST(pages_show_nothing_of_what_is_off),
		WEB_TEST(what_was_begun_stays),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
