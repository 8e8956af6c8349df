/* Files on the pages of messages: what a form shows and keeps, what a reader sees, what the sender
 * sees of the readers, and a form that sends files without a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/draft.h"
#include "core/file_test_support.h"
#include "web/web_test_support.h"

#define PAGE(token, ...) web_fixture_get(&web, arena_printf(&web.core.arena, __VA_ARGS__), token)
#define POST(token, path, ...)                                                                     \
	web_fixture_post(&web, path, arena_printf(&web.core.arena, __VA_ARGS__), token)

#define SAYS(answer, ...)                                                                          \
	(str_find((answer)->body, arena_printf(&web.core.arena, __VA_ARGS__)) >= 0)

static struct session *ben(void)
{
	return core_fixture_person(&web.core, STR("ben@example.com"), STR("Ben Adler"),
				   GRADE_GUEST);
}

/* ---- forms ---- */

static void a_form_says_what_may_be_attached(void **state)
{
	(void)state;
	core_fixture_set(&web.core, "file_max_bytes", STR("5000000000"));
	core_fixture_set(&web.core, "quota_bytes", STR("100000000000"));
	core_fixture_set(&web.core, "blocked_endings", STR("exe, bat"));
	struct str anna = admin();
	struct web_answer answer = PAGE(anna, "/compose");
	assert_true(has(&answer, "Up to 5 GB each; you have 100 GB left."));
	assert_true(has(&answer, "data-banned=\"exe, bat\""));
	assert_true(has(&answer, "data-file-bytes=\"5000000000\""));
	assert_true(has(&answer, "data-left-bytes=\"100000000000\""));
	(void)file_test_pdf(&web.core, web.core.admin, "a.pdf");
	answer = PAGE(anna, "/compose");
	assert_true(has(&answer, "you have 100 GB left."));
	assert_true(has(&answer, "data-left-bytes=\"99999995000\""));
	core_fixture_set(&web.core, "quota_bytes", STR("0"));
	answer = PAGE(anna, "/compose");
	assert_true(has(&answer, "Up to 5 GB each."));
	assert_true(has(&answer, "data-left-bytes=\"-1\""));
	core_fixture_set(&web.core, "quota_bytes", STR("1005000"));
	answer = PAGE(anna, "/compose");
	assert_true(has(&answer, "you have 1 MB left."));
	answer = PAGE(anna, "/files");
	assert_true(has(&answer, "5 kB used, 1 MB left"));
	core_fixture_set(&web.core, "quota_bytes", STR("4000"));
	answer = PAGE(anna, "/files");
	assert_true(has(&answer, "5 kB used, 0 B left"));
	/* What people call 5 GB may be more; what is used is what the files themselves say. */
	core_fixture_set(&web.core, "file_max_bytes", STR("5368709120"));
	core_fixture_set(&web.core, "quota_bytes", STR("107374182400"));
	answer = PAGE(anna, "/compose");
	assert_true(has(&answer, "Up to 5 GB each; you have 100 GB left."));
	assert_true(has(&answer, "data-file-bytes=\"5368709120\""));
	answer = PAGE(anna, "/files");
	assert_true(has(&answer, "5 kB used, 100 GB left"));
}

static void attached_files_stay_with_the_draft(void **state)
{
	(void)state;
	struct str anna = admin();
	struct id file = file_test_pdf(&web.core, web.core.admin, "Befund <1>.pdf");
	struct id draft = id_new(1000);
	struct web_answer answer = POST(anna, STR("/drafts/save"), "subject=S&draft=%s&file=%s",
					draft.text, file.text);
	assert_int_equal(answer.status, 200);
	answer = PAGE(anna, "/compose?draft=%s", draft.text);
	assert_true(has(&answer, "Befund &lt;1&gt;.pdf"));
	assert_true(SAYS(&answer, "name=\"file\" value=\"%s\"", file.text));
	/* Mistakes do not lose it. */
	answer = POST(anna, STR("/compose"), "to=nobody&subject=S&body=B&file=%s", file.text);
	assert_int_equal(answer.status, 422);
	assert_true(SAYS(&answer, "name=\"file\" value=\"%s\"", file.text));
	/* The button beside it takes it out. */
	answer = POST(anna, STR("/compose"), "subject=S&draft=%s&version=1&file=%s&drop=%s",
		      draft.text, file.text, file.text);
	assert_int_equal(answer.status, 303);
	assert_true(str_ends_with(answer.location, STR("#files")));
	answer = PAGE(anna, "/compose?draft=%s", draft.text);
	assert_false(has(&answer, "Befund"));
}

static void what_is_not_there_any_more_is_said(void **state)
{
	(void)state;
	struct str anna = admin();
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct id gone = file_test_pdf(&web.core, web.core.admin, "gone.pdf");
	struct id half = upload_test_create(&web.core, web.core.admin, 3 * CHUNK_BYTES);
	(void)upload_test_send(&web.core, web.core.admin, &half, 0, CHUNK_BYTES, UPLOAD_SENT);
	struct id draft = id_new(1000);
	struct web_answer answer =
		POST(anna, STR("/drafts/save"), "subject=S&draft=%s&file=%s&file=%s", draft.text,
		     gone.text, half.text);
	assert_int_equal(answer.status, 200);
	assert_int_equal(upload_delete(&cx, &gone), OK);
	answer = PAGE(anna, "/compose?draft=%s", draft.text);
	assert_true(has(&answer, "A file that is no longer here"));
	assert_true(has(&answer, "data-state=\"refused\""));
	assert_false(SAYS(&answer, "name=\"file\" value=\"%s\"", gone.text));
	assert_true(has(&answer, "data-state=\"unfinished\""));
	assert_true(has(&answer, "1 MB of 3.1 MB are here. To go on, choose the same file again."));
	assert_true(SAYS(&answer, "name=\"file\" value=\"%s\"", half.text));
	answer = POST(anna, STR("/compose"), "to=admin%%40example.com&subject=S&body=B&file=%s",
		      half.text);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "id=\"files-wrong\""));
}

static void another_persons_file_is_not_named(void **state)
{
	(void)state;
	struct str ben_token;
	struct id file = file_test_pdf(&web.core, web.core.admin, "hers-alone.pdf");
	(void)ben();
	ben_token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct web_answer answer = PAGE(ben_token, "/compose?file=%s", file.text);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, "hers-alone"));
	assert_true(has(&answer, "A file that is no longer here"));
}

static void an_answer_keeps_its_files(void **state)
{
	(void)state;
	struct session *session = ben();
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct sent sent = core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"),
					     STR("S"), STR("B"));
	struct id file = file_test_pdf(&web.core, session, "mine.pdf");
	struct id draft = id_new(1000);
	struct str reply = path_of("/message/", id_str(&sent.id), "/reply");
	/* Its button leads to the page for files, and keeps what was typed. */
	struct web_answer answer =
		POST(token, reply, "body=Words&draft=%s&key=k&file=%s&attach=yes", draft.text,
		     file.text);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, path_of("/drafts/", id_str(&draft), "/files")));
	answer = web_fixture_get(&web, answer.location, token);
	assert_true(has(&answer, "mine.pdf"));
	assert_true(SAYS(&answer, "href=\"/message/%s#reply\"", sent.id.text));
	answer = PAGE(token, "/message/%s", sent.id.text);
	assert_true(has(&answer, "Words</textarea>"));
	assert_true(SAYS(&answer, "name=\"file\" value=\"%s\"", file.text));
	answer = POST(token, reply, "body=Words&key=k2&draft=%s&version=1&file=%s", draft.text,
		      file.text);
	assert_int_equal(answer.status, 303);
	struct str anna = admin();
	answer = web_fixture_get(&web, str_slice(answer.location, 0, 9 + ID_CHARS), anna);
	assert_true(SAYS(&answer, "/files/%s/content", file.text));
}

/* ---- without a script ---- */

static struct id new_draft(struct str token)
{
	struct id draft = id_new(1000);
	struct web_answer answer =
		POST(token, STR("/drafts/save"), "subject=S&draft=%s", draft.text);
	assert_int_equal(answer.status, 200);
	return draft;
}

static void a_form_sends_files(void **state)
{
	(void)state;
	struct str anna = admin();
	struct id draft = new_draft(anna);
	struct str path = path_of("/drafts/", id_str(&draft), "/files");
	char *large = malloc(3 * CHUNK_BYTES);
	assert_non_null(large);
	memset(large, 'x', 3 * CHUNK_BYTES);
	const struct web_upload files[] = {
		{STR("über.txt"), STR("--edg\r\n-- edge\r\n")},
		{STR("empty.txt"), STR("")},
		{STR("large.bin"), {large, 3 * CHUNK_BYTES}},
		{STR(""), STR("")}, /* as browsers send when nothing was chosen */
	};
	struct web_answer answer = web_fixture_post_files(&web, path, files, 4, anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, path));
	answer = web_fixture_get(&web, path, anna);
	assert_true(has(&answer, "über.txt"));
	assert_true(has(&answer, "empty.txt"));
	assert_true(has(&answer, "3.1 MB"));
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct kept_draft kept;
	assert_int_equal(draft_get(&cx, &draft, &kept), OK);
	assert_int_equal(kept.draft.file_count, 3);
	/* One is taken off again. */
	answer = POST(anna, path_of("/drafts/", id_str(&draft), "/files/remove"), "file=%s",
		      kept.draft.files[1].text);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, path, anna);
	assert_false(has(&answer, "Remove empty.txt"));
	assert_true(has(&answer, "Remove large.bin"));
	free(large);
}

static void a_refused_file_is_told_of_and_the_others_stay(void **state)
{
	(void)state;
	core_fixture_set(&web.core, "blocked_endings", STR("exe"));
	core_fixture_set(&web.core, "file_max_bytes", STR("1000000"));
	struct str anna = admin();
	struct id draft = new_draft(anna);
	struct str path = path_of("/drafts/", id_str(&draft), "/files");
	const struct web_upload files[] = {
		{STR("a.exe"), STR("MZ")},
		{STR("large.txt"), repeated("x", 1000001)},
		{STR("b.txt"), STR("fine")},
	};
	struct web_answer answer = web_fixture_post_files(&web, path, files, 3, anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "class=\"problems\""));
	assert_true(has(&answer, "Remove b.txt"));
	assert_false(has(&answer, "Remove a.exe"));
	assert_false(has(&answer, "Remove large.txt"));
	/* What was refused takes no room. */
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct upload_limits limits;
	assert_int_equal(upload_limits_of(&cx, &limits), OK);
	assert_int_equal(limits.used_bytes, 4);
}

static void a_broken_form_keeps_what_had_come(void **state)
{
	(void)state;
	struct str anna = admin();
	struct id draft = new_draft(anna);
	struct str path = path_of("/drafts/", id_str(&draft), "/files");
	/* Not multipart at all. */
	struct web_answer answer = POST(anna, path, "file=x");
	assert_int_equal(answer.status, 400);
}

static void more_files_than_a_message_has(void **state)
{
	(void)state;
	struct str anna = admin();
	struct id draft = new_draft(anna);
	struct str path = path_of("/drafts/", id_str(&draft), "/files");
	struct web_upload files[LIMIT_MESSAGE_FILES + 1];
	for (size_t i = 0; i <= LIMIT_MESSAGE_FILES; i++)
		files[i] =
			(struct web_upload){arena_printf(&web.core.arena, "f%zu.txt", i), STR("x")};
	struct web_answer answer =
		web_fixture_post_files(&web, path, files, LIMIT_MESSAGE_FILES + 1, anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "A message can have up to 100 files."));
	assert_true(has(&answer, "Remove f99.txt"));
	assert_false(has(&answer, "Remove f100.txt"));
}

/* ---- messages ---- */

static void a_message_shows_its_files(void **state)
{
	(void)state;
	(void)ben();
	struct str anna = admin();
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	const struct id files[] = {
		file_test_pdf(&web.core, web.core.admin, "Scan <Knie>.pdf"),
		file_test_upload(&web.core, web.core.admin, STR("b.txt"), STR("text/plain"),
				 1200000),
	};
	const struct draft draft = file_test_draft("ben@example.com", files, 2);
	struct id message = file_test_send(&web.core, web.core.admin, &draft);
	struct web_answer answer = PAGE(token, "/inbox");
	assert_true(has(&answer, "2 files"));
	answer = PAGE(token, "/message/%s", message.text);
	assert_true(has(&answer, "Scan &lt;Knie&gt;.pdf"));
	assert_true(has(&answer, "Download all (2 files, 1.2 MB)"));
	assert_true(has(&answer, "<code class=\"fingerprint-code\">"));
	assert_false(has(&answer, "Recall Scan"));
	answer = PAGE(anna, "/message/%s", message.text);
	assert_true(has(&answer, "aria-label=\"Recall Scan &lt;Knie&gt;.pdf\""));
	/* Downloaded: the sender sees it, and the reader sees that. */
	assert_int_equal(file_test_read(&web.core,
					core_fixture_sign_in(&web.core, STR("ben@example.com"),
							     CORE_FIXTURE_PASSWORD),
					&files[0], &message),
			 OK);
	answer = PAGE(anna, "/message/%s", message.text);
	assert_true(has(&answer, "Downloaded “Scan &lt;Knie&gt;.pdf”, "));
	answer = PAGE(token, "/message/%s", message.text);
	assert_true(has(&answer, "Downloaded “Scan &lt;Knie&gt;.pdf”, "));
}

static void one_file_is_recalled_by_a_page(void **state)
{
	(void)state;
	(void)ben();
	struct str anna = admin();
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	const struct id files[] = {
		file_test_pdf(&web.core, web.core.admin, "wrong.pdf"),
		file_test_pdf(&web.core, web.core.admin, "right.pdf"),
	};
	struct draft draft = file_test_draft("ben@example.com", files, 2);
	draft.cc = STR("cleo@example.com");
	struct id message = file_test_send(&web.core, web.core.admin, &draft);
	struct str path = arena_printf(&web.core.arena, "/message/%s/files/%s/recall", message.text,
				       files[0].text);
	struct web_answer answer = web_fixture_get(&web, path, anna);
	assert_true(has(&answer, "wrong.pdf"));
	assert_true(has(&answer, "The message and its other files stay."));
	assert_false(has(&answer, "name=\"reason\""));
	answer = POST(anna, path, "from=some");
	assert_int_equal(answer.status, 422);
	answer = POST(anna, path, "from=some&person=%s",
		      core_fixture_user(&web.core, STR("ben@example.com")).id.text);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, anna);
	assert_true(has(&answer, "1 of 2 people can still open it."));
	assert_true(has(&answer, "Lost “wrong.pdf”, recalled "));
	answer = PAGE(token, "/message/%s", message.text);
	assert_true(has(&answer, "The sender recalled this file on "));
	assert_true(has(&answer, "Please see below."));
	assert_true(has(&answer, "aria-label=\"Download right.pdf\""));
	assert_false(has(&answer, "aria-label=\"Download wrong.pdf\""));
	/* Its page says so as well. */
	answer = PAGE(token, "/files/%s?message=%s", files[0].text, message.text);
	assert_int_equal(answer.status, 410);
	assert_true(has(&answer, "This file is no longer here"));
	/* Who has it no more is not asked about again. */
	answer = web_fixture_get(&web, path, anna);
	assert_false(has(&answer, "Ben Adler"));
	answer = POST(anna, path, "from=all");
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, path, anna);
	assert_int_equal(answer.status, 303);
	answer = PAGE(anna, "/message/%s", message.text);
	assert_true(has(&answer, "You recalled this file from everybody."));
}

static void files_of_a_confidential_message_come_with_the_password(void **state)
{
	(void)state;
	(void)ben();
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct id file = file_test_pdf(&web.core, web.core.admin, "hush.pdf");
	struct draft draft = file_test_draft("ben@example.com", &file, 1);
	draft.options = OPTION_CONFIDENTIAL;
	struct id message = file_test_send(&web.core, web.core.admin, &draft);
	struct web_answer answer = PAGE(token, "/message/%s", message.text);
	assert_true(has(&answer, "It has one file. You see it with the text."));
	assert_false(has(&answer, "hush.pdf"));
	answer = PAGE(token, "/files/%s?message=%s", file.text, message.text);
	assert_int_equal(answer.status, 303);
	struct str open = path_of("/message/", id_str(&message), "/files/open");
	assert_true(str_eq(
		answer.location,
		path_of("", open, arena_printf(&web.core.arena, "?file=%s", file.text).data)));
	answer = web_fixture_get(&web, answer.location, token);
	assert_true(has(&answer, "asks for your password once more"));
	assert_false(has(&answer, "hush.pdf"));
	answer = POST(token, open, "password=wrong&file=%s", file.text);
	assert_int_equal(answer.status, 422);
	answer = POST(token, open, "password=violet+kettle+harbour+42&file=%s", file.text);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, "<html"));
	answer = PAGE(token, "/message/%s/files.zip", message.text);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, open));
	answer = POST(token, path_of("/message/", id_str(&message), "/open"), "password=%s",
		      "violet+kettle+harbour+42");
	assert_true(has(&answer, "hush.pdf"));
	assert_true(
		SAYS(&answer, "href=\"/message/%s/files/open?file=%s\"", message.text, file.text));
	assert_false(has(&answer, "/content"));
}

/* ---- a file's own page, and the library ---- */

static void a_page_shows_only_what_is_safe(void **state)
{
	static const struct {
		const char *name, *type, *wanted, *policy;
	} rows[] = {
		{"a.png", "image/png", "<img class=\"preview-image\"", NULL},
		{"a.mp3", "audio/mpeg", "<audio ", "media-src 'self'"},
		{"a.mp4", "video/mp4", "<video ", "media-src 'self'"},
		{"a.pdf", "application/pdf", "data-pdf=\"/files/", "trusted-types pdf-worker"},
		{"a.html", "text/html", "cannot be shown here", NULL},
		{"a.svg", "image/svg+xml", "cannot be shown here", NULL},
		{"a.bin", "application/octet-stream", "cannot be shown here", NULL},
	};
	(void)state;
	struct str anna = admin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct id file = file_test_upload(&web.core, web.core.admin, str_of(rows[i].name),
						  str_of(rows[i].type), 10);
		struct web_answer answer = PAGE(anna, "/files/%s", file.text);
		bool has_policy = rows[i].policy == NULL ||
				  str_find(answer.policy, str_of(rows[i].policy)) >= 0;
		if (answer.status != 200 || !has(&answer, rows[i].wanted) || !has_policy ||
		    str_find(answer.policy, STR("script-src 'self'")) < 0)
			fail_msg("%s: %d %.*s", rows[i].name, answer.status,
				 STR_ARGS(answer.policy));
		if (rows[i].policy == NULL)
			assert_true(str_find(answer.policy, STR("media-src")) < 0);
	}
}

static void text_is_shown_as_text(void **state)
{
	(void)state;
	struct str anna = admin();
	struct id draft = new_draft(anna);
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct kept_draft kept;
	const struct web_upload file = {STR("a.txt"), STR("Gr\xfc\xdf"
							  "e <script>alert(1)</script>")};
	struct web_answer answer = web_fixture_post_files(
		&web, path_of("/drafts/", id_str(&draft), "/files"), &file, 1, anna);
	assert_int_equal(answer.status, 303);
	assert_int_equal(draft_get(&cx, &draft, &kept), OK);
	answer = PAGE(anna, "/files/%s", kept.draft.files[0].text);
	assert_true(has(&answer, "dir=\"auto\">Grüße &lt;script&gt;alert(1)&lt;/script&gt;</pre>"));
}

static void the_library_lists_finds_and_forgets(void **state)
{
	(void)state;
	(void)ben();
	struct str anna = admin();
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct web_answer answer = PAGE(token, "/files");
	assert_true(has(&answer, "No files yet"));
	assert_true(has(&answer, "aria-current=\"page\">Files</a>"));
	struct id file = file_test_pdf(&web.core, web.core.admin, "Jahresbericht.pdf");
	struct id message = file_test_give(&web.core, web.core.admin, "ben@example.com", &file);
	answer = PAGE(token, "/files?q=JAHRES");
	assert_true(has(&answer, "Jahresbericht.pdf"));
	assert_true(has(&answer, "From Ada Admin"));
	answer = PAGE(anna, "/files");
	assert_true(has(&answer, "Sent by you"));
	answer = PAGE(token, "/files?q=zebra");
	assert_true(has(&answer, "Nothing found"));
	answer = PAGE(token, "/compose/files?q=jahr");
	assert_true(has(&answer, "\"name\":\"Jahresbericht.pdf\""));
	assert_true(has(&answer, "\"said\":\"1 file\""));
	answer = PAGE(token, "/files/%s", file.text);
	assert_true(SAYS(&answer, "href=\"/message/%s\"", message.text));
	assert_true(SAYS(&answer, "href=\"/compose?file=%s\"", file.text));
	answer = POST(token, path_of("/files/", id_str(&file), "/remove"), "%s", "");
	assert_true(str_eq(answer.location, STR("/files?done=file-removed")));
	answer = PAGE(token, "/files");
	assert_true(has(&answer, "No files yet"));
	/* The message has it still. */
	answer = PAGE(token, "/files/%s?message=%s", file.text, message.text);
	assert_int_equal(answer.status, 200);
	answer = PAGE(token, "/files?cursor=garbage");
	assert_int_equal(answer.status, 400);
}

/* What may not be forwarded is in the library, and cannot be attached there. */
static void what_may_not_be_handed_on(void **state)
{
	(void)state;
	(void)ben();
	struct str token = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct id file = file_test_pdf(&web.core, web.core.admin, "stay.pdf");
	struct draft draft = file_test_draft("ben@example.com", &file, 1);
	draft.options = OPTION_NO_FORWARD;
	(void)file_test_send(&web.core, web.core.admin, &draft);
	struct web_answer answer = PAGE(token, "/files");
	assert_true(has(&answer, "stay.pdf"));
	assert_false(has(&answer, "type=\"checkbox\""));
	answer = PAGE(token, "/files/%s", file.text);
	assert_false(has(&answer, "Write with this file"));
	answer = PAGE(token, "/compose/files");
	assert_true(has(&answer, "\"files\":[]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_form_says_what_may_be_attached),
		WEB_TEST(attached_files_stay_with_the_draft),
		WEB_TEST(what_is_not_there_any_more_is_said),
		WEB_TEST(another_persons_file_is_not_named),
		WEB_TEST(an_answer_keeps_its_files),
		WEB_TEST(a_form_sends_files),
		WEB_TEST(a_refused_file_is_told_of_and_the_others_stay),
		WEB_TEST(a_broken_form_keeps_what_had_come),
		WEB_TEST(more_files_than_a_message_has),
		WEB_TEST(a_message_shows_its_files),
		WEB_TEST(one_file_is_recalled_by_a_page),
		WEB_TEST(files_of_a_confidential_message_come_with_the_password),
		WEB_TEST(a_page_shows_only_what_is_safe),
		WEB_TEST(text_is_shown_as_text),
		WEB_TEST(the_library_lists_finds_and_forgets),
		WEB_TEST(what_may_not_be_handed_on),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("files on pages", tests, NULL, NULL);
}
