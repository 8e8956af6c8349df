/* What people do with files, whatever fails on the way (core/fault_steps.h): attaching, forwarding,
 * reading, recalling, keeping, removing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/fault_steps.h"
#include "core/file_test_support.h"

#include "core/draft.h"
#include "core/message_attach.h"

static struct id uploaded; /* by the administrator, for all steps that leave it */

/* A session of the same moment as fifty others might be the one that is ended for the next. */
static void prepare_file(struct fault_state *s)
{
	core_fixture_sleep(s->f, 1);
	fault_steps_known(s);
	s->file_id = uploaded;
}

static void prepare_new_file(struct fault_state *s)
{
	prepare_file(s);
	s->file_id = file_test_pdf(s->f, s->f->admin, "b.pdf");
}

static void prepare_new_message(struct fault_state *s)
{
	prepare_new_file(s);
	s->id = file_test_give(s->f, s->f->admin, "known@example.org", &s->file_id);
}

static void prepare_message(struct fault_state *s)
{
	prepare_file(s);
	s->id = file_test_give(s->f, s->f->admin, "known@example.org", &s->file_id);
}

/* To somebody known and somebody who is invited. */
static enum err do_send(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct draft draft = file_test_draft("known@example.org", &s->file_id, 1);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	draft.cc = s->address;
	return message_send(&cx, &draft, &sent, &errors);
}

static enum err do_forward(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	const struct draft draft = {.to = s->address, .subject = STR("Fwd"), .forward_of = s->id};
	struct form_errors errors = {.count = 0};
	struct sent sent;
	return message_send(&cx, &draft, &sent, &errors);
}

static enum err do_recall(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	return file_recall(&cx, &s->id, &s->file_id, &wish, &recalled, &errors);
}

/* What was passed on goes with it. A file of its own: who passes on looks at all they have it from.
 */
static void prepare_passed_on(struct fault_state *s)
{
	prepare_new_message(s);
	file_test_give(s->f, s->session, "admin@example.com", &s->file_id);
}

static enum err do_recall_message(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	return recall_message(&cx, &s->id, &wish, &recalled, &errors);
}

/* Reads, and writes only a key and a mark that may fail. */
static enum err do_read(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct buf piece CLEANUP_BUF;
	struct download *download;
	bool is_over;
	buf_init(&piece, CHUNK_BYTES);
	TRY(download_open(&cx, &s->file_id, &s->id, &download));
	enum err err = download_prepare(download);
	if (err == OK)
		err = download_next(download, &piece, &is_over);
	download_free(download);
	return err == OK && piece.len != FILE_TEST_BYTES ? ERR_CORRUPT : err;
}

static enum err do_open_message(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct message_view view;
	TRY(mailbox_open(&cx, &s->id, &view));
	return view.is_unreadable || view.file_count != 1 || view.files[0].is_unreadable
		       ? ERR_CORRUPT
		       : OK;
}

static enum err do_save(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	const struct draft draft = file_test_draft("known@example.org", &s->file_id, 1);
	const struct id none = {.text = ""};
	struct form_errors errors = {.count = 0};
	struct draft_saved saved;
	return draft_save(&cx, &none, 0, &draft, &saved, &errors);
}

static enum err do_list(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct form_errors errors = {.count = 0};
	struct library_list list;
	struct library_detail detail;
	struct attached *attached;
	TRY(library_list_files(&cx, STR(""), STR(""), 1, &list, &errors));
	TRY(library_get(&cx, &s->file_id, &detail));
	TRY(message_attach_look(&cx, &s->file_id, 1, &attached));
	return list.count == 0 || list.files[0].is_unreadable ? ERR_CORRUPT : OK;
}

static enum err do_remove(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	return library_remove_file(&cx, &s->file_id);
}

/* A portal for few steps: what each try prepares stays in its memory. */
static void run(struct core_fixture *f, const struct fault_step *steps, size_t count)
{
	uploaded = file_test_pdf(f, f->admin, "a.pdf");
	core_fixture_set(f, "messages_per_hour_professional", STR("100000"));
	core_fixture_set(f, "messages_per_hour_guest", STR("100000"));
	core_fixture_set(f, "messages_per_day_guest", STR("100000"));
	core_fixture_set(f, "messages_per_day_professional", STR("100000"));
	fault_steps_run(f, steps, count);
}

static void files_are_sent_wholly_or_not_at_all(void **state)
{
	static const struct fault_step steps[] = {
		{"sending a file", prepare_file, do_send, false},
		{"forwarding a file", prepare_message, do_forward, false},
		{"keeping a draft with a file", prepare_file, do_save, false},
	};
	run(*state, steps, sizeof(steps) / sizeof(steps[0]));
}

static void files_are_recalled_wholly_or_not_at_all(void **state)
{
	static const struct fault_step steps[] = {
		{"recalling a file", prepare_passed_on, do_recall, false},
	};
	run(*state, steps, sizeof(steps) / sizeof(steps[0]));
}

static void messages_with_files_are_recalled_wholly_or_not_at_all(void **state)
{
	static const struct fault_step steps[] = {
		{"recalling a message with a file", prepare_passed_on, do_recall_message, false},
	};
	run(*state, steps, sizeof(steps) / sizeof(steps[0]));
}

static void files_are_read_or_not(void **state)
{
	static const struct fault_step steps[] = {
		{"reading a file", prepare_message, do_read, true},
		{"opening a message with a file", prepare_message, do_open_message, true},
		{"looking through the library", prepare_new_message, do_list, true},
	};
	run(*state, steps, sizeof(steps) / sizeof(steps[0]));
}

static void files_are_removed_wholly_or_not_at_all(void **state)
{
	static const struct fault_step steps[] = {
		{"removing an upload", prepare_new_file, do_remove, false},
		{"removing a file that was sent", prepare_new_message, do_remove, false},
	};
	run(*state, steps, sizeof(steps) / sizeof(steps[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(files_are_sent_wholly_or_not_at_all),
		CORE_TEST(files_are_recalled_wholly_or_not_at_all),
		CORE_TEST(messages_with_files_are_recalled_wholly_or_not_at_all),
		CORE_TEST(files_are_read_or_not),
		CORE_TEST(files_are_removed_wholly_or_not_at_all),
	};
	return engines_test_run_sqlite("core", tests, sizeof(tests) / sizeof(tests[0]));
}
