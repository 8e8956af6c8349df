/* One's own mailbox as a zip (P4.1): what lies in it, unpacked again, text by text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "base/limits.h"
#include "core/audit_test_support.h"
#include "core/housekeeping.h"
#include "core/mailbox_move.h"
#include "core/recall.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_test_support.h"
#include "mail/eml.h"
#include "mail/export.h"

#define GUEST STR("gabi@example.org")
#define STAFF STR("ben@example.com")

enum { FILES_MAX = 16, PIECE_BYTES = 1024 };

struct unpacked {
	struct zip_entry {
		struct str name, text;
	} files[FILES_MAX];
	size_t count;
};

static void read_zip(struct core_fixture *f, struct session *session, struct buf *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct export *export;
	bool is_over = false;
	buf_init(ret, 1 << 20);
	assert_int_equal(export_begin(&cx, CORE_FIXTURE_PASSWORD, &errors, &export), OK);
	while (!is_over) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, PIECE_BYTES);
		assert_int_equal(export_next(export, &piece, &is_over), OK);
		buf_add(ret, buf_str(&piece));
	}
	export_free(export);
	assert_int_equal(ret->err, OK);
}

static struct unpacked take_out(struct core_fixture *f, struct session *session)
{
	struct buf zip CLEANUP_BUF;
	struct unpacked out = {.count = 0};
	struct archive_entry *entry;
	struct archive *archive = archive_read_new();
	read_zip(f, session, &zip);
	archive_read_support_format_zip(archive);
	assert_int_equal(archive_read_open_memory(archive, zip.data, zip.len), ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		static char text[256 * 1024];
		la_ssize_t len = archive_read_data(archive, text, sizeof text);
		assert_true(len > 0 && (size_t)len < sizeof text && out.count < FILES_MAX);
		out.files[out.count++] = (struct zip_entry){
			arena_copy(&f->arena, str_of(archive_entry_pathname(entry))),
			arena_copy(&f->arena, str_bytes(text, (size_t)len))};
	}
	archive_read_free(archive);
	return out;
}

/* The text of the one file in this folder with this subject. */
static struct str text_of(const struct unpacked *zip, const char *folder, const char *subject)
{
	struct str found = STR_NONE;
	for (size_t i = 0; i < zip->count; i++) {
		const struct zip_entry *file = &zip->files[i];
		if (!str_starts_with(file->name, str_of(folder)) ||
		    str_find(file->name, str_of(subject)) < 0)
			continue;
		assert_int_equal(found.len, 0);
		found = file->text;
	}
	return found;
}

static struct id send(struct core_fixture *f, struct session *from, const struct draft *draft)
{
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, from, draft, &sent, NULL), OK);
	return sent.id;
}

static void send_everything(struct core_fixture *f, struct session *gabi)
{
	struct cx cx = core_fixture_cx(f, gabi), cx_of_admin = core_fixture_cx(f, f->admin);
	struct session *ben = core_fixture_person(f, STAFF, STR("Ben"), GRADE_PROFESSIONAL);
	const struct recall_wish wish = {.is_whole = true, .reason = STR("Wrong file")};
	struct form_errors errors = {0};
	struct recalled recalled;
	struct id id = core_fixture_send(f, f->admin, GUEST, STR("Kept"), STR("words A")).id;
	assert_int_equal(mailbox_move(&cx, &id, 1, BOX_ARCHIVE), OK);
	id = core_fixture_send(f, f->admin, GUEST, STR("Binned"), STR("words B")).id;
	assert_int_equal(mailbox_move(&cx, &id, 1, BOX_TRASH), OK);
	send(f, f->admin,
	     &(struct draft){.to = GUEST,
			     .subject = STR("Guarded"),
			     .body = STR("words C"),
			     .options = OPTION_CONFIDENTIAL});
	send(f, f->admin,
	     &(struct draft){.to = GUEST,
			     .subject = STR("Passing"),
			     .body = STR("words D"),
			     .expires = STR("2026-01-02")});
	id = core_fixture_send(f, f->admin, GUEST, STR("Taken"), STR("words E")).id;
	assert_int_equal(recall_message(&cx_of_admin, &id, &wish, &recalled, &errors), OK);
	id = send(f, ben,
		  &(struct draft){.to = STR("admin@example.com"),
				  .subject = STR("Quoted"),
				  .body = STR("words F"),
				  .expires = STR("2026-01-02")});
	send(f, f->admin,
	     &(struct draft){.to = GUEST,
			     .subject = STR("Handed on"),
			     .body = STR("words G"),
			     .forward_of = id});
	core_fixture_send(f, gabi, STAFF, STR("Asked"), STR("words H"));
}

static const struct row {
	const char *sentence, *folder, *subject;
	const char *before, *after; /* what stands in it, before and after the date */
	const char *never;          /* NULL: as before */
} rows[] = {
	{"the Archive", "Archive/", "Kept", "words A", "words A", NULL},
	{"the Trash", "Trash/", "Binned", "words B", "words B", NULL},
	{"a confidential one, by the password", "Inbox/", "Guarded", "words C", "words C", NULL},
	{"one that expires", "Inbox/", "Passing", "words D", "This message expired on", "words D"},
	{"a recalled one", "Inbox/", "Taken", "This message was recalled on", "Wrong file",
	 "words E"},
	{"a forward's own words", "Inbox/", "Handed on", "words G", "words G", NULL},
	{"what it forwards", "Inbox/", "Handed on", "words F", "words G", "words F"},
	{"what one has sent", "Sent/", "Asked", "words H", "words H", NULL},
};

static void check_rows(const struct unpacked *zip, bool is_after)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct str text = text_of(zip, row->folder, row->subject);
		const char *shown = is_after ? row->after : row->before;
		bool is_gone =
			row->never && (is_after || str_find(str_of(row->before), STR("words")) < 0);
		if (str_find(text, str_of(shown)) < 0 ||
		    (is_gone && str_find(text, str_of(row->never)) >= 0))
			fail_msg("%s: %.*s", row->sentence, STR_ARGS(text));
	}
}

static void everything_is_in_it_until_it_ends(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, NULL);
	send_everything(f, gabi);
	struct unpacked zip = take_out(f, gabi);
	assert_int_equal(zip.count, 8); /* and the invitation's message */
	audit_test_says(f, AUDIT_EXPORT, &gabi->user.id, "Gabi exported their messages.");
	check_rows(&zip, false);
	core_fixture_sleep(f, 2 * DAY_MS);
	for (int i = 0; i < 2; i++) {
		gabi = core_fixture_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD);
		zip = take_out(f, gabi);
		assert_int_equal(zip.count, 8);
		check_rows(&zip, true);
		/* The same once its keys are gone. */
		assert_int_equal(housekeeping_sweep(&cx), OK);
	}
}

/* P6: before all have signed they are no files of the message, and yet in its reader's mailbox. */
static void documents_to_sign_are_in_it_as_they_stand(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	f->portal->pdf = signing_fake_workers();
	struct id file = signing_test_upload(f, f->admin, STR("Lease.pdf"), STR("%PDF-1.7 lease"));
	const struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	struct draft draft = signing_test_draft("gabi@example.org", &file, 1, &plan);
	struct id id = signing_test_send(f, f->admin, &draft);
	struct unpacked zip = take_out(f, gabi);
	struct str document = text_of(&zip, "Inbox/", "/Lease.pdf");
	assert_str(document, signing_test_read(f, gabi, &id, 0));
	assert_true(str_find(document, STR("CERTIFIED")) >= 0);
	struct signing_view view = signing_test_get(f, gabi, &id);
	const struct signing_value value = {.field_id = view.my_fields[0].id, .text = STR("Gabi")};
	signing_test_sign(f, gabi, &id, &value, 1);
	/* Once, as the sealed copy. */
	zip = take_out(f, gabi);
	document = text_of(&zip, "Inbox/", "/Lease");
	assert_true(str_find(document, STR("SEALED")) >= 0);
	/* Recalled ones are not in it. */
	file = signing_test_upload(f, f->admin, STR("Other.pdf"), STR("%PDF-1.7 other"));
	draft.files = &file;
	id = signing_test_send(f, f->admin, &draft);
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(recall_message(&cx, &id, &wish, &recalled, &errors), OK);
	zip = take_out(f, gabi);
	assert_int_equal(text_of(&zip, "Inbox/", "/Other").len, 0);
}

/* P6: whoever asks for signatures and signs too is one of those it was addressed to. */
static void a_sender_who_signs_too_stands_in_to(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	f->portal->pdf = signing_fake_workers();
	struct id file = signing_test_upload(f, f->admin, STR("Lease.pdf"), STR("%PDF-1.7 lease"));
	const struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	static const struct {
		const char *to, *header;
	} written[] = {
		{"gabi@example.org", "To: \"Gabi\" <gabi@example.org>\r\nSubject"},
		{"gabi@example.org, admin@example.com",
		 "To: \"Gabi\" <gabi@example.org>,\r\n \"Ada Admin\" "
		 "<admin@example.com>\r\nSubject"},
	};
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		struct draft draft = signing_test_draft(written[i].to, &file, 1, &plan);
		struct id id = signing_test_send(f, f->admin, &draft);
		struct cx cx = core_fixture_cx(f, gabi);
		struct message_view view;
		struct buf eml CLEANUP_BUF;
		buf_init(&eml, LIMIT_EML_BYTES);
		assert_int_equal(mailbox_open(&cx, &id, &view), OK);
		assert_int_equal(eml_build(&cx, &view, &eml), OK);
		if (str_find(buf_str(&eml), str_of(written[i].header)) < 0)
			fail_msg("%.*s", STR_ARGS(buf_str(&eml)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(everything_is_in_it_until_it_ends),
		CORE_TEST_STRICT(everything_is_in_it_until_it_ends),
		CORE_TEST(documents_to_sign_are_in_it_as_they_stand),
		CORE_TEST(a_sender_who_signs_too_stands_in_to),
	};
	return engines_test_run("export", tests, sizeof(tests) / sizeof(tests[0]));
}
