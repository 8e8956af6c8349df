/* Files of messages (P5): who may send which, who reads them, what lists and searches say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/draft.h"
#include "core/file_test_support.h"
#include "core/mailbox_move.h"
#include "core/message_attach.h"
#include "core/search.h"

struct people {
	struct session *gabi, *ben, *paula; /* two guests and a professional */
};

static struct people meet(struct core_fixture *f)
{
	return (struct people){
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST),
		core_fixture_person(f, STR("ben@example.org"), STR("Ben"), GRADE_GUEST),
		core_fixture_person(f, STR("paula@example.org"), STR("Paula"), GRADE_PROFESSIONAL),
	};
}

/* Why it is not sent; empty: it is. */
static struct str why_not(struct core_fixture *f, struct session *session,
			  const struct draft *draft)
{
	struct form_errors errors = {.count = 0};
	struct sent sent;
	enum err err = core_fixture_try_send(f, session, draft, &sent, &errors);
	if (err == OK)
		return STR("");
	assert_int_equal(err, ERR_INVALID);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.items[0].field, "files");
	return errors.items[0].detail;
}

static void everybody_on_it_reads_them(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	const struct id files[] = {file_test_pdf(f, f->admin, "Scan Knie.pdf"),
				   file_test_upload(f, f->admin, STR("photo.png"), STR("image/png"),
						    3 * CHUNK_BYTES + 7)};
	struct draft draft = file_test_draft("gabi@example.org", files, 2);
	draft.cc = STR("new@example.org");
	draft.bcc = STR("ben@example.org");
	struct id id = file_test_send(f, f->admin, &draft);
	struct session *readers[] = {f->admin, p.gabi, p.ben};
	for (size_t i = 0; i < 3; i++) {
		struct message_view view = core_fixture_open(f, readers[i], &id);
		assert_int_equal(view.file_count, 2);
		assert_str(view.files[0].head.name, STR("Scan Knie.pdf"));
		assert_str(view.files[0].head.type, STR("application/pdf"));
		assert_int_equal(view.files[0].head.bytes, FILE_TEST_BYTES);
		assert_str(view.files[1].head.name, STR("photo.png"));
		assert_true(id_eq(&view.files[1].id, &files[1]));
		assert_int_equal(view.files[0].live_count, i == 0 ? 3 : 0);
		for (size_t at = 0; at < 2; at++) {
			/* With the sealed key, and with the wrapped one. */
			assert_int_equal(file_test_read(f, readers[i], &files[at], &id), OK);
			assert_int_equal(file_test_read(f, readers[i], &files[at], NULL), OK);
		}
	}
	/* Who registers now has them too. */
	struct str token = core_fixture_token(f, MAIL_INVITATION, STR("new@example.org"));
	struct registration registration = core_fixture_register(f, token, STR("Nele"));
	assert_int_equal(file_test_read(f, registration.sign_in.session, &files[1], &id), OK);
	/* And nobody else. */
	assert_int_equal(file_test_read(f, p.paula, &files[0], &id), ERR_NOT_FOUND);
	assert_int_equal(file_test_read(f, p.paula, &files[0], NULL), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void lists_say_how_many(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id files[] = {file_test_pdf(f, f->admin, "a.pdf"),
			     file_test_pdf(f, f->admin, "b.pdf")};
	const struct draft draft = file_test_draft("gabi@example.org", files, 2);
	core_fixture_send(f, f->admin, STR("gabi@example.org"), STR("Without"), STR("x"));
	core_fixture_sleep(f, 1);
	file_test_send(f, f->admin, &draft);
	struct message_list list = core_test_inbox(f, p.gabi);
	assert_str(list.rows[0].subject, STR("With files"));
	assert_int_equal(list.rows[0].file_count, 2);
	assert_int_equal(list.rows[1].file_count, 0);
}

static void a_file_alone_is_a_message(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct draft draft = file_test_draft("gabi@example.org", &file, 1);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	draft.body = STR(" ");
	struct id id = file_test_send(f, f->admin, &draft);
	assert_int_equal(core_fixture_open(f, f->admin, &id).file_count, 1);
	draft.file_count = 0;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "body");
}

static void guests_attach_when_they_answer(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct sent sent =
		core_fixture_send(f, f->admin, STR("gabi@example.org"), STR("Hello"), STR("x"));
	struct id file = file_test_pdf(f, p.gabi, "Antwort.pdf");
	struct draft draft = file_test_draft("admin@example.com", &file, 1);
	draft.reply_to = sent.id;
	struct id id = file_test_send(f, p.gabi, &draft);
	assert_int_equal(file_test_read(f, f->admin, &file, &id), OK);
}

static void only_what_is_theirs_to_give(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id unfinished = upload_test_create(f, f->admin, 10);
	struct id strange = file_test_pdf(f, p.paula, "Paula.pdf");
	struct id own = file_test_pdf(f, f->admin, "own.pdf");
	struct id to_paula = file_test_pdf(f, f->admin, "fine.pdf");
	struct id no_forward = file_test_pdf(f, f->admin, "mine.pdf");
	struct id confidential = file_test_pdf(f, f->admin, "secret.pdf");
	struct id recalled = file_test_pdf(f, f->admin, "recalled.pdf");
	struct id nobody = id_new(1);
	struct draft draft = file_test_draft("paula@example.org", &no_forward, 1);
	draft.options = OPTION_NO_FORWARD;
	file_test_send(f, f->admin, &draft);
	draft.files = &confidential;
	draft.options = OPTION_CONFIDENTIAL;
	file_test_send(f, f->admin, &draft);
	file_test_give(f, f->admin, "paula@example.org", &to_paula);
	struct id message = file_test_give(f, f->admin, "paula@example.org", &recalled);
	file_test_recall(f, f->admin, &message, &recalled, NULL);
	const struct {
		const char *sentence;
		struct session *sender;
		const struct id *file;
		const char *said; /* NULL: it goes */
	} rows[] = {
		{"one's own", f->admin, &own, NULL},
		{"one's own, that others may not forward", f->admin, &no_forward, NULL},
		{"one's own, sent confidentially before", f->admin, &confidential, NULL},
		{"a received one", p.paula, &to_paula, NULL},
		{"one that is still being uploaded", f->admin, &unfinished, "completely"},
		{"somebody else's", f->admin, &strange, "not there any more"},
		{"one that does not exist", f->admin, &nobody, "not there any more"},
		{"one that may not be forwarded", p.paula, &no_forward, "“mine.pdf” came"},
		{"one of a confidential message", p.paula, &confidential, "confidential"},
		{"one that was recalled", p.paula, &recalled, "not there any more"},
		{"one that others were sent", p.ben, &to_paula, "not there any more"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		draft = file_test_draft("admin@example.com, gabi@example.org", rows[i].file, 1);
		if (rows[i].sender == p.ben)
			draft.to = STR("admin@example.com");
		struct str said = why_not(f, rows[i].sender, &draft);
		bool is_as_said =
			rows[i].said ? str_find(said, str_of(rows[i].said)) >= 0 : said.len == 0;
		if (!is_as_said)
			fail_msg("%s: %.*s", rows[i].sentence, STR_ARGS(said));
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void limits_have_sentences(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id other = file_test_pdf(f, f->admin, "b.pdf");
	struct id many[LIMIT_MESSAGE_FILES + 1];
	struct id both[] = {file, other, file};
	for (size_t i = 0; i < LIMIT_MESSAGE_FILES + 1; i++)
		many[i] = file;
	struct draft draft = file_test_draft("gabi@example.org", many, LIMIT_MESSAGE_FILES + 1);
	assert_true(str_find(why_not(f, f->admin, &draft), STR("100 files")) >= 0);
	/* The same one is attached once. */
	draft.file_count = LIMIT_MESSAGE_FILES;
	struct id id = file_test_send(f, f->admin, &draft);
	assert_int_equal(core_fixture_open(f, f->admin, &id).file_count, 1);
	core_fixture_set(f, "message_max_bytes", STR("9999"));
	draft = file_test_draft("gabi@example.org", both, 3);
	assert_true(str_find(why_not(f, f->admin, &draft), STR("10 kB")) >= 0);
	core_fixture_set(f, "message_max_bytes", STR("10000"));
	assert_str(why_not(f, f->admin, &draft), STR(""));
}

static void keys_have_a_limit(void **state)
{
	struct core_fixture *f = *state;
	enum { FILES = 41, PEOPLE = 250 };
	struct id files[FILES];
	struct str to = STR("");
	for (size_t i = 0; i < FILES; i++)
		files[i] = file_test_upload(f, f->admin, STR("a"), STR("text/plain"), 1);
	for (size_t i = 0; i < PEOPLE; i++)
		to = arena_printf(&f->arena, "%.*s, g%zu@example.org", STR_ARGS(to), i);
	struct draft draft = file_test_draft("", files, FILES);
	draft.to = str_slice(to, 2, to.len);
	struct str said = why_not(f, f->admin, &draft);
	assert_true(str_find(said, STR("to 250 people can have at most 40 files")) >= 0);
	draft.file_count = FILES - 1;
	assert_str(why_not(f, f->admin, &draft), STR(""));
}

static void confidential_names_need_the_password(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id file = file_test_pdf(f, f->admin, "HIV.pdf");
	struct draft draft = file_test_draft("gabi@example.org", &file, 1);
	struct form_errors errors = {.count = 0};
	draft.options = OPTION_CONFIDENTIAL;
	struct id id = file_test_send(f, f->admin, &draft);
	struct message_view view = core_fixture_open(f, p.gabi, &id);
	assert_true(view.needs_password && view.files == NULL);
	assert_int_equal(view.file_count, 1);
	assert_int_equal(file_test_read(f, p.gabi, &file, &id), ERR_DENIED);
	assert_int_equal(file_test_read(f, p.gabi, &file, NULL), ERR_DENIED);
	/* Nor is it told anywhere else. */
	struct library_list list;
	struct cx cx = core_fixture_cx(f, p.gabi);
	assert_int_equal(library_list_files(&cx, STR(""), STR(""), 50, &list, &errors), OK);
	assert_int_equal(list.count, 0);
	struct search_result found;
	assert_int_equal(search_find(&cx, STR("hiv"), STR(""), 50, &found, &errors), OK);
	assert_int_equal(found.count, 0);
	assert_int_equal(search_find(&cx, STR("has:file"), STR(""), 50, &found, &errors), OK);
	assert_int_equal(found.count, 0);
	assert_int_equal(mailbox_confirm(&cx, &id, CORE_FIXTURE_PASSWORD, &errors), OK);
	assert_int_equal(mailbox_open(&cx, &id, &view), OK);
	assert_str(view.files[0].head.name, STR("HIV.pdf"));
	struct download *download;
	assert_int_equal(download_open(&cx, &file, &id, &download), OK);
	download_free(download);
}

static void searching_finds_names(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct form_errors errors = {.count = 0};
	struct id file = file_test_pdf(f, f->admin, "Überweisung Knie.pdf");
	struct id id = file_test_give(f, f->admin, "gabi@example.org", &file);
	const struct {
		const char *typed;
		size_t count;
	} rows[] = {
		{"uberweisung", 1}, {"has:file", 1},         {"has:file knie.pdf", 1},
		{"knie please", 1}, {"has:file welcome", 0}, {"belowuberweisung", 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cx cx = core_fixture_cx(f, p.gabi);
		struct search_result found;
		assert_int_equal(
			search_find(&cx, str_of(rows[i].typed), STR(""), 50, &found, &errors), OK);
		if (found.count != rows[i].count)
			fail_msg("%s: %zu", rows[i].typed, found.count);
		if (found.count > 0) {
			assert_true(id_eq(&found.hits[0].row.id, &id));
			assert_int_equal(found.hits[0].row.file_count, 1);
		}
	}
}

static void who_is_forwarded_it_reads_them(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	const struct id files[] = {file_test_pdf(f, f->admin, "a.pdf"),
				   file_test_pdf(f, f->admin, "b.pdf")};
	const struct draft draft = file_test_draft("paula@example.org", files, 2);
	struct id id = file_test_send(f, f->admin, &draft);
	file_test_recall(f, f->admin, &id, &files[0], NULL);
	const struct draft forward = {
		.to = STR("ben@example.org"), .subject = STR("Fwd"), .forward_of = id};
	struct id forwarded = file_test_send(f, p.paula, &forward);
	struct message_view view = core_fixture_open(f, p.ben, &forwarded);
	assert_int_equal(view.file_count, 0);
	assert_int_equal(view.quoted_count, 1);
	/* What the one who forwarded had lost is not among them. */
	assert_int_equal(view.quoted[0].file_count, 1);
	assert_str(view.quoted[0].files[0].head.name, STR("b.pdf"));
	assert_int_equal(file_test_read(f, p.ben, &files[1], &id), OK);
	assert_int_equal(file_test_read(f, p.ben, &files[0], &id), ERR_NOT_FOUND);
	/* It ends with the message. */
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct recalled recalled;
	struct form_errors errors = {.count = 0};
	assert_int_equal(recall_message(&cx, &id, &wish, &recalled, &errors), OK);
	assert_int_equal(file_test_read(f, p.ben, &files[1], &id), ERR_CONFLICT);
	assert_int_equal(file_test_read(f, p.paula, &files[1], NULL), ERR_CONFLICT);
	assert_int_equal(file_test_read(f, f->admin, &files[1], &id), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void deleting_for_ever_takes_them(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id id = file_test_give(f, f->admin, "gabi@example.org", &file);
	struct cx cx = core_fixture_cx(f, p.gabi);
	assert_int_equal(mailbox_move(&cx, &id, 1, BOX_TRASH), OK);
	assert_int_equal(file_test_read(f, p.gabi, &file, &id), OK);
	assert_int_equal(mailbox_destroy(&cx, &id, 1), OK);
	assert_int_equal(file_test_read(f, p.gabi, &file, &id), ERR_NOT_FOUND);
	assert_int_equal(file_test_read(f, p.gabi, &file, NULL), ERR_NOT_FOUND);
	assert_int_equal(file_test_read(f, f->admin, &file, &id), OK);
}

static void a_repeated_request_sends_once(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id other = file_test_pdf(f, f->admin, "b.pdf");
	struct draft draft = file_test_draft("gabi@example.org", &file, 1);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	draft.idempotency_key = STR("one");
	struct id id = file_test_send(f, f->admin, &draft);
	assert_true((file_test_send(f, f->admin, &draft), true));
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, &errors), OK);
	assert_true(sent.is_repeat && id_eq(&sent.id, &id));
	draft.files = &other;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "idempotency_key");
}

/* ---- drafts ---- */

static enum err save(struct core_fixture *f, struct session *session, const struct id *id,
		     int64_t version, const struct draft *draft, struct draft_saved *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {.count = 0};
	enum err err = draft_save(&cx, id, version, draft, ret, &errors);
	assert_int_equal(err == ERR_INVALID, errors.count > 0);
	if (errors.count > 0)
		assert_string_equal(errors.items[0].field, "files");
	return err;
}

static void drafts_keep_their_files(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	const struct id none = {.text = ""}, nobody = id_new(1);
	struct id own = file_test_pdf(f, f->admin, "a.pdf");
	struct id unfinished = upload_test_create(f, f->admin, 10);
	struct id strange = file_test_pdf(f, p.paula, "b.pdf");
	struct id files[] = {own, unfinished, own};
	struct draft draft = file_test_draft("gabi@example.org", files, 3);
	struct draft_saved saved;
	struct kept_draft kept;
	assert_int_equal(save(f, f->admin, &none, 0, &draft, &saved), OK);
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(draft_get(&cx, &saved.id, &kept), OK);
	assert_int_equal(kept.draft.file_count, 2);
	assert_true(id_eq(&kept.draft.files[1], &unfinished));
	struct draft_list list;
	assert_int_equal(draft_list(&cx, STR(""), 10, &list), OK);
	assert_int_equal(list.lines[0].file_count, 2);
	/* As the compose page shows them. */
	struct attached *attached;
	assert_int_equal(message_attach_look(&cx, kept.draft.files, 2, &attached), OK);
	assert_true(attached[0].is_ready && !attached[0].has_refusal);
	assert_str(attached[0].head.name, STR("a.pdf"));
	assert_false(attached[1].is_ready);
	assert_str(attached[1].head.name, STR("Befund.pdf"));
	/* What was never theirs is a mistake, and nothing is saved. */
	const struct id *others[] = {&strange, &nobody};
	for (size_t i = 0; i < 2; i++) {
		files[2] = *others[i];
		assert_int_equal(save(f, f->admin, &saved.id, saved.version, &draft, &saved),
				 ERR_INVALID);
		assert_int_equal(save(f, f->admin, &none, 0, &draft, &saved), ERR_INVALID);
	}
	/* What has gone since is no reason to lose what was typed. */
	draft.file_count = 2;
	assert_int_equal(upload_delete(&cx, &unfinished), OK);
	draft.body = STR("More");
	assert_int_equal(save(f, f->admin, &saved.id, saved.version, &draft, &saved), OK);
	assert_int_equal(draft_get(&cx, &saved.id, &kept), OK);
	assert_str(kept.draft.body, STR("More"));
	assert_int_equal(kept.draft.file_count, 2);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	assert_int_equal(draft_send(&cx, &saved.id, STR(""), &sent, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "files");
	/* Without it, it goes. */
	draft.file_count = 1;
	assert_int_equal(save(f, f->admin, &saved.id, saved.version, &draft, &saved), OK);
	errors.count = 0;
	assert_int_equal(draft_send(&cx, &saved.id, STR(""), &sent, &errors), OK);
	assert_int_equal(core_fixture_open(f, f->admin, &sent.id).file_count, 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(everybody_on_it_reads_them),
		CORE_TEST(lists_say_how_many),
		CORE_TEST(a_file_alone_is_a_message),
		CORE_TEST(guests_attach_when_they_answer),
		CORE_TEST(only_what_is_theirs_to_give),
		CORE_TEST(limits_have_sentences),
		CORE_TEST(keys_have_a_limit),
		CORE_TEST(confidential_names_need_the_password),
		CORE_TEST(searching_finds_names),
		CORE_TEST(who_is_forwarded_it_reads_them),
		CORE_TEST(deleting_for_ever_takes_them),
		CORE_TEST(a_repeated_request_sends_once),
		CORE_TEST(drafts_keep_their_files),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
