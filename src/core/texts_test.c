/* The texts of mails that an administrator can change (P3.3). */
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
#include "core/audit_log.h"
#include "core/audit_test_support.h"
#include "core/session.h"
#include "core/texts.h"
#include "store/store_direct.h"

#define BEN STR("ben@example.com")

static enum err write_as(struct core_fixture *f, struct session *session, enum texts_name name,
			 const char *subject, const char *body, int64_t seen)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	const struct texts_words words = {.subject = str_of(subject), .body = str_of(body)};
	enum err err = texts_write(&cx, name, language_find(STR("en")),
				   subject != NULL ? &words : NULL, seen, &errors);
	assert_int_equal(err == ERR_INVALID, errors.count > 0);
	return err;
}

static enum err put(struct core_fixture *f, enum texts_name name, const char *subject,
		    const char *body, int64_t seen)
{
	return write_as(f, f->admin, name, subject, body, seen);
}

static struct texts_text read_text(struct core_fixture *f, enum texts_name name, int64_t version)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct texts_text text;
	assert_int_equal(texts_read(&cx, name, language_find(STR("en")), version, &text), OK);
	return text;
}

static int64_t unchanged(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	int64_t count;
	assert_int_equal(texts_unchanged(&cx, &count), OK);
	return count;
}

/* The newest mail of this kind. */
static const struct outbox_mail *mail_to(struct core_fixture *f, enum mail_kind kind,
					 struct str address)
{
	core_fixture_take_mails(f);
	for (size_t i = f->mail_count; i > 0; i--)
		if (f->mails[i - 1].kind == kind && str_eq(f->mails[i - 1].to_address, address))
			return &f->mails[i - 1];
	return NULL;
}

static void what_is_written_is_what_is_sent(void **state)
{
	struct core_fixture *f = *state;
	assert_int_equal(unchanged(f), 2);
	assert_true(read_text(f, TEXTS_INVITATION, 0).is_standard);
	assert_int_equal(read_text(f, TEXTS_INVITATION, 0).version, 0);
	assert_int_equal(put(f, TEXTS_INVITATION, " Come in \n",
			     "\r\n\r\nHi {name}  \r\n\r\n{link}\r\n\r\n", 0),
			 OK);
	struct texts_text text = read_text(f, TEXTS_INVITATION, 0);
	assert_int_equal(text.version, 1);
	assert_false(text.is_standard);
	assert_str(text.author, STR("Ada Admin"));
	assert_str(text.words.subject, STR("Come in"));
	assert_str(text.words.body, STR("Hi {name}\n\n{link}\n"));
	assert_int_equal(unchanged(f), 1);
	core_fixture_send(f, f->admin, BEN, STR("Hello"), STR("Text"));
	assert_str(mail_to(f, MAIL_INVITATION, BEN)->own_subject, STR("Come in"));
	assert_str(mail_to(f, MAIL_INVITATION, BEN)->own_body, STR("Hi {name}\n\n{link}\n"));
	assert_int_equal(mail_to(f, MAIL_NOTIFICATION, BEN)->own_body.len, 0);
	/* Back to the portal's own. */
	assert_int_equal(put(f, TEXTS_INVITATION, NULL, NULL, 1), OK);
	assert_true(read_text(f, TEXTS_INVITATION, 0).is_standard);
	assert_int_equal(read_text(f, TEXTS_INVITATION, 0).version, 2);
	assert_int_equal(unchanged(f), 2);
	core_fixture_send(f, f->admin, STR("eva@example.com"), STR("Hello"), STR("Text"));
	assert_int_equal(mail_to(f, MAIL_INVITATION, STR("eva@example.com"))->own_body.len, 0);
}

static const struct {
	const char *sentence, *subject, *body;
	enum err expected;
	const char *field;
} bad[] = {
	{"a text without the link", "Hi", "Hello {name}", ERR_INVALID, "text"},
	{"a link in other words", "Hi", "{Link} { link } {link", ERR_INVALID, "text"},
	{"a link in the subject alone", "{link}", "Hello", ERR_INVALID, "text"},
	{"nothing", "", "", ERR_INVALID, "text"},
	{"two lines as a subject", "Hi\r\nBcc: eve@example.com", "{link}", ERR_INVALID, "subject"},
	{"a control character in the subject", "Hi\x07", "{link}", ERR_INVALID, "subject"},
	{"a control character in the text", "Hi", "{link}\x1b[2J", ERR_INVALID, "text"},
	{"bytes that are no letters", "Hi", "{link}\xff\xfe", ERR_INVALID, "text"},
	{"a direction override", "Hi", "{link}\xe2\x80\xae", ERR_INVALID, "text"},
	{"an unknown placeholder is only warned of", "{nosuch}", "{link} {nosuch}", OK, NULL},
	{"no subject is only warned of", "", "{link} x", OK, NULL},
};

static void what_cannot_be_sent_is_refused(void **state)
{
	struct core_fixture *f = *state;
	int64_t version = 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cx cx = core_fixture_cx(f, f->admin);
		struct form_errors errors = {0};
		const struct texts_words words = {str_of(bad[i].subject), str_of(bad[i].body)};
		print_message("# %s\n", bad[i].sentence);
		assert_int_equal(texts_write(&cx, TEXTS_RESET, language_find(STR("en")), &words,
					     version, &errors),
				 bad[i].expected);
		version += bad[i].expected == OK;
		assert_int_equal(errors.count, bad[i].field != NULL);
		if (bad[i].field != NULL)
			assert_string_equal(errors.items[0].field, bad[i].field);
		assert_int_equal(read_text(f, TEXTS_RESET, 0).version, version);
	}
	/* 1 MB */
	char *long_text = calloc(1, (1 << 20) + 1);
	memset(long_text, 'x', 1 << 20);
	memcpy(long_text, "{link}", 6);
	assert_int_equal(put(f, TEXTS_RESET, "Hi", long_text, version), ERR_INVALID);
	long_text[LIMIT_MAIL_TEXT_BYTES] = 0;
	assert_int_equal(put(f, TEXTS_RESET, "Hi", long_text, version), OK);
	long_text[LIMIT_MAIL_TEXT_BYTES] = 'x';
	long_text[LIMIT_SUBJECT_CHARS + 1] = 0;
	assert_int_equal(put(f, TEXTS_RESET, long_text, "{link}", version + 1), ERR_INVALID);
	free(long_text);
}

static void two_administrators_see_each_other(void **state)
{
	struct core_fixture *f = *state;
	assert_int_equal(put(f, TEXTS_INVITATION, "One", "{link}", 0), OK);
	assert_int_equal(put(f, TEXTS_INVITATION, "Two", "{link}", 0), ERR_CONFLICT);
	assert_str(read_text(f, TEXTS_INVITATION, 0).words.subject, STR("One"));
	/* Whatever it was. */
	assert_int_equal(put(f, TEXTS_INVITATION, "Three", "{link}", -1), OK);
	/* The same again is no change, though an older one would be. */
	assert_int_equal(put(f, TEXTS_INVITATION, "Three", "{link}\n\n", 2), OK);
	assert_int_equal(read_text(f, TEXTS_INVITATION, 0).version, 2);
	struct session *ben = core_fixture_person(f, BEN, STR("Ben"), GRADE_PROFESSIONAL);
	assert_int_equal(write_as(f, ben, TEXTS_INVITATION, "Ben", "{link}", -1), ERR_DENIED);
	assert_int_equal(write_as(f, NULL, TEXTS_INVITATION, "Machine", "{link}", -1), OK);
	assert_int_equal(read_text(f, TEXTS_INVITATION, 0).author.len, 0);
}

static void every_version_is_kept(void **state)
{
	struct core_fixture *f = *state;
	struct texts_text *texts;
	size_t count;
	struct cx cx = core_fixture_cx(f, f->admin);
	char subject[2] = "a";
	for (int i = 0; i < 5; i++, subject[0]++)
		assert_int_equal(put(f, TEXTS_WELCOME, subject, "{link}", i), OK);
	assert_int_equal(texts_history(&cx, TEXTS_WELCOME, cx.language, 0, 3, &texts, &count), OK);
	assert_int_equal(count, 3);
	assert_str(texts[0].words.subject, STR("e"));
	assert_int_equal(texts_history(&cx, TEXTS_WELCOME, cx.language, 3, 3, &texts, &count), OK);
	assert_int_equal(count, 2);
	assert_str(texts[1].words.subject, STR("a"));
	assert_str(read_text(f, TEXTS_WELCOME, 2).words.subject, STR("b"));
	struct texts_text text;
	assert_int_equal(texts_read(&cx, TEXTS_WELCOME, cx.language, 6, &text), ERR_NOT_FOUND);
	char sql[80];
	snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM audit WHERE kind = %d", AUDIT_TEXT);
	char *logged = store_direct_read(f->url, sql);
	assert_string_equal(logged, "5");
	audit_test_says(f, AUDIT_TEXT, &f->admin->user.id,
			"Ada Admin changed the e-mail text welcome en.");
	assert_str(audit_test_newest(f, AUDIT_TEXT).before, STR("4: d"));
	assert_str(audit_test_newest(f, AUDIT_TEXT).after, STR("5: e"));
	free(logged);
	/* `postern check` */
	assert_int_equal(core_fixture_problems(f), 0);
	store_direct_run(f->url, "DELETE FROM mail_texts WHERE version = 3");
	assert_int_equal(core_fixture_problems(f), 1);
	store_direct_run(f->url, "DELETE FROM mail_texts WHERE version < 3");
	assert_int_equal(core_fixture_problems(f), 1);
}

/* Whoever can write the database puts no words into mails. */
static void rows_that_somebody_else_wrote_are_not_sent(void **state)
{
	struct core_fixture *f = *state;
	assert_int_equal(put(f, TEXTS_NOTIFICATION, "Mine", "{link}", 0), OK);
	store_direct_run(f->url, "UPDATE mail_texts SET body = 'Buy {link}'");
	{
		struct log_capture log;
		log_capture_begin(&log);
		core_fixture_send(f, f->admin, BEN, STR("Hello"), STR("Text"));
		assert_int_equal(mail_to(f, MAIL_NOTIFICATION, BEN)->own_body.len, 0);
		assert_non_null(strstr(log_capture_end(&log), "mail_texts"));
	}
	struct cx cx = core_fixture_cx(f, f->admin);
	struct texts_text text;
	assert_int_equal(texts_read(&cx, TEXTS_NOTIFICATION, cx.language, 0, &text), ERR_CORRUPT);
	assert_int_equal(core_fixture_problems(f), 1);
}

static void people_are_welcomed_once_there_are_words(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, BEN, STR("Ben"), GRADE_GUEST);
	assert_null(mail_to(f, MAIL_WELCOME, BEN));
	assert_int_equal(put(f, TEXTS_WELCOME, "Welcome", "Hello {name} {link}", 0), OK);
	core_fixture_person(f, STR("eva@example.com"), STR("Eva"), GRADE_GUEST);
	const struct outbox_mail *mail = mail_to(f, MAIL_WELCOME, STR("eva@example.com"));
	assert_non_null(mail);
	assert_str(mail->own_subject, STR("Welcome"));
	assert_str(mail->to_name, STR("Eva"));
	assert_true(str_ends_with(mail->link, STR("/inbox")));
	assert_int_equal(core_fixture_count_mails(f, MAIL_WELCOME, STR("eva@example.com")), 1);
}

static void a_test_goes_to_the_administrator_alone(void **state)
{
	struct core_fixture *f = *state;
	const struct texts_words words = {STR("How it looks"), STR("Hello\n{link}\n")};
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(texts_send_test(&cx, &words), OK);
	const struct outbox_mail *mail = mail_to(f, MAIL_TEST, STR("admin@example.com"));
	assert_non_null(mail);
	assert_str(mail->own_subject, words.subject);
	assert_str(mail->own_body, words.body);
	assert_str(mail->link, f->portal->settings->url);
	enum err err = OK;
	for (int i = 0; i < 100 && err == OK; i++)
		err = texts_send_test(&cx, &words);
	assert_int_equal(err, ERR_BUSY);
	cx = core_fixture_cx(f, core_fixture_person(f, BEN, STR("Ben"), GRADE_PROFESSIONAL));
	assert_int_equal(texts_send_test(&cx, &words), ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(what_is_written_is_what_is_sent),
		CORE_TEST(what_cannot_be_sent_is_refused),
		CORE_TEST(two_administrators_see_each_other),
		CORE_TEST(every_version_is_kept),
		CORE_TEST(rows_that_somebody_else_wrote_are_not_sent),
		CORE_TEST(people_are_welcomed_once_there_are_words),
		CORE_TEST(a_test_goes_to_the_administrator_alone),
	};
	return engines_test_run("texts", tests, sizeof(tests) / sizeof(tests[0]));
}
