/* Drafts (P4): kept, never overwritten unseen, nobody else's, gone exactly when they are sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log_capture.h"
#include "core/account.h"
#include "core/core_test_support.h"
#include "core/draft.h"
#include "core/draft_bytes.h"
#include "core/mailbox_move.h"
#include "store/db.h"
#include "store/store_direct.h"

static const struct id none = {0};

static struct draft_saved save(struct core_fixture *f, struct session *session, const struct id *id,
			       int64_t version, const struct draft *draft, enum err expected)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct draft_saved saved = {0};
	assert_int_equal(draft_save(&cx, id, version, draft, &saved, &errors), expected);
	assert_int_equal(errors.count > 0, expected == ERR_INVALID);
	return saved;
}

static struct draft_saved save_body(struct core_fixture *f, struct session *session,
				    const char *body)
{
	const struct draft draft = {
		.to = STR("gabi@example.org"), .subject = STR("Hello"), .body = str_of(body)};
	return save(f, session, &none, 0, &draft, OK);
}

static enum err get(struct core_fixture *f, struct session *session, const struct id *id,
		    struct kept_draft *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	return draft_get(&cx, id, ret);
}

static void assert_body(struct core_fixture *f, struct session *session, const struct id *id,
			const char *body)
{
	struct kept_draft kept;
	assert_int_equal(get(f, session, id, &kept), OK);
	assert_str(kept.draft.body, str_of(body));
}

static size_t count_drafts(struct core_fixture *f, struct session *session)
{
	struct cx cx = core_fixture_cx(f, session);
	struct draft_list list;
	assert_int_equal(draft_list(&cx, STR(""), LIMIT_PAGE_ROWS, &list), OK);
	return list.count;
}

static enum err send(struct core_fixture *f, struct session *session, const struct id *id,
		     const char *key, struct sent *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	return draft_send(&cx, id, str_of(key), ret, &errors);
}

static void everything_typed_comes_back(void **state)
{
	struct core_fixture *f = *state;
	const struct invite_choice choices[] = {{STR("ben@example.org"), GRADE_PROFESSIONAL},
						{STR("gabi@example.org"), GRADE_GUEST}};
	struct draft draft = {
		.to = STR("Gabi <gabi@example.org>, half-an-addr"),
		.cc = STR("ben@example.org"),
		.bcc = STR("zoe@example.org;"),
		.subject = STR("Über \"alles\""),
		.body = STR("Line\r\nline\n"),
		.invite_as = GRADE_PROFESSIONAL,
		.choices = choices,
		.choice_count = 2,
		.reply_to = id_new(1),
	};
	struct draft_saved saved = save(f, f->admin, &none, 0, &draft, OK);
	struct kept_draft kept;
	assert_int_equal(get(f, f->admin, &saved.id, &kept), OK);
	assert_int_equal(kept.version, 1);
	assert_str(kept.draft.to, draft.to);
	assert_str(kept.draft.cc, draft.cc);
	assert_str(kept.draft.bcc, draft.bcc);
	assert_str(kept.draft.subject, draft.subject);
	assert_str(kept.draft.body, draft.body);
	assert_int_equal(kept.draft.invite_as, GRADE_PROFESSIONAL);
	assert_int_equal(kept.draft.choice_count, 2);
	assert_str(kept.draft.choices[0].address, choices[0].address);
	assert_int_equal(kept.draft.choices[0].grade, GRADE_PROFESSIONAL);
	assert_true(id_eq(&kept.draft.reply_to, &draft.reply_to));
	/* An empty one is a draft too. */
	draft = (struct draft){.subject = STR("")};
	saved = save(f, f->admin, &saved.id, 1, &draft, OK);
	assert_int_equal(saved.version, 2);
	assert_body(f, f->admin, &saved.id, "");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void two_windows_do_not_overwrite_each_other(void **state)
{
	struct core_fixture *f = *state;
	struct draft draft = {.body = STR("First"), .idempotency_key = STR("window one")};
	struct id id = id_new(1700000000000);
	save(f, f->admin, &id, 0, &draft, OK);
	/* What the same form saves is its own, even if it has not heard of its last saving. */
	draft.body = STR("First, longer");
	assert_int_equal(save(f, f->admin, &id, 0, &draft, OK).version, 2);
	struct draft other = {.body = STR("Other"), .idempotency_key = STR("window two")};
	save(f, f->admin, &id, 1, &other, ERR_CONFLICT);
	save(f, f->admin, &id, 0, &other, ERR_CONFLICT);
	save(f, f->admin, &id, 3, &other, ERR_CONFLICT);
	other.idempotency_key = STR("");
	save(f, f->admin, &id, 1, &other, ERR_CONFLICT);
	assert_body(f, f->admin, &id, "First, longer");
	other.idempotency_key = STR("window two");
	assert_int_equal(save(f, f->admin, &id, 2, &other, OK).version, 3);
	/* Now it is the first window's turn to be told. */
	save(f, f->admin, &id, 2, &draft, ERR_CONFLICT);
	assert_body(f, f->admin, &id, "Other");
}

static void nobody_else_has_it(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("ben@example.org"), STR("Ben"), GRADE_GUEST);
	struct draft_saved saved = save_body(f, guest, "A guest's own");
	struct kept_draft kept;
	struct sent sent;
	struct cx admin = core_fixture_cx(f, f->admin);
	const struct draft planted = {.body = STR("Planted")};
	assert_int_equal(get(f, f->admin, &saved.id, &kept), ERR_NOT_FOUND);
	assert_int_equal(draft_delete(&admin, &saved.id), ERR_NOT_FOUND);
	assert_int_equal(send(f, f->admin, &saved.id, "", &sent), ERR_NOT_FOUND);
	save(f, f->admin, &saved.id, 1, &planted, ERR_NOT_FOUND);
	save(f, f->admin, &saved.id, 0, &planted, ERR_NOT_FOUND);
	assert_int_equal(count_drafts(f, f->admin), 0);
	assert_body(f, guest, &saved.id, "A guest's own");
	/* Naming another's draft takes nothing away with one's own message. */
	const struct draft thief = {.to = STR("ben@example.org"),
				    .subject = STR("S"),
				    .body = STR("B"),
				    .kept_id = saved.id,
				    .kept_version = 1};
	assert_int_equal(core_fixture_try_send(f, f->admin, &thief, &sent, NULL), ERR_CONFLICT);
	assert_body(f, guest, &saved.id, "A guest's own");
}

static void the_last_saved_comes_first_page_by_page(void **state)
{
	enum { DRAFTS = 7 };
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct draft_list list;
	struct id first = {0};
	for (int i = 0; i < DRAFTS; i++) {
		struct draft_saved saved = save_body(f, f->admin, "Body");
		first = i == 0 ? saved.id : first;
		/* Two of each moment. */
		if (i % 2)
			core_fixture_sleep(f, SECOND_MS);
	}
	core_fixture_sleep(f, SECOND_MS);
	const struct draft many = {
		.to = STR("a@example.org,b@example.org,c@example.org,d@example.org,e@example.org"),
		.subject = STR("Changed")};
	save(f, f->admin, &first, 1, &many, OK);
	assert_int_equal(draft_list(&cx, STR(""), 3, &list), OK);
	assert_int_equal(list.count, 3);
	assert_true(id_eq(&list.lines[0].id, &first));
	assert_str(list.lines[0].subject, STR("Changed"));
	assert_int_equal(list.lines[0].people_count, DRAFT_NAMED_PEOPLE);
	assert_str(list.lines[0].people[2], STR("c@example.org"));
	assert_int_equal(list.lines[0].people_more, 2);
	size_t seen = list.count;
	while (list.next_cursor.len > 0) {
		int64_t last_ms = list.lines[list.count - 1].saved_ms;
		assert_int_equal(draft_list(&cx, list.next_cursor, 3, &list), OK);
		assert_true(list.count > 0 && list.lines[0].saved_ms <= last_ms);
		seen += list.count;
	}
	assert_int_equal(seen, DRAFTS);

	static const char *const bad[] = {"x", "-", "12", "12-", "-1-x", "0-0000", "9-' OR 1"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(draft_list(&cx, str_of(bad[i]), 3, &list), ERR_INVALID);
	assert_int_equal(draft_list(&cx, STR(""), 0, &list), ERR_INVALID);
	assert_int_equal(draft_list(&cx, STR(""), LIMIT_PAGE_ROWS + 1, &list), ERR_INVALID);
}

static struct str repeated(struct core_fixture *f, const char *part, size_t count)
{
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 8 << 20);
	for (size_t i = 0; i < count; i++)
		buf_add(&buf, str_of(part));
	return arena_copy(&f->arena, buf_str(&buf));
}

static void what_is_too_long_is_refused_with_a_sentence(void **state)
{
	struct core_fixture *f = *state;
	const struct {
		const char *field;
		struct draft draft;
	} cases[] = {
		{"subject", {.subject = repeated(f, "ü", LIMIT_SUBJECT_CHARS + 1)}},
		{"body", {.body = repeated(f, "b", LIMIT_BODY_BYTES + 1)}},
		{"to", {.to = repeated(f, "a@example.org,", LIMIT_RECIPIENTS + 1)}},
		{"cc", {.cc = repeated(f, "c", LIMIT_DRAFT_PEOPLE_BYTES + 1)}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cx cx = core_fixture_cx(f, f->admin);
		struct form_errors errors = {0};
		struct draft_saved saved;
		assert_int_equal(draft_save(&cx, &none, 0, &cases[i].draft, &saved, &errors),
				 ERR_INVALID);
		assert_true(form_errors_for(&errors, cases[i].field).len > 0);
	}
	const struct draft largest = {.subject = repeated(f, "ü", LIMIT_SUBJECT_CHARS),
				      .body = repeated(f, "b", LIMIT_BODY_BYTES)};
	save(f, f->admin, &none, 0, &largest, OK);
	assert_int_equal(count_drafts(f, f->admin), 1);
}

static void there_is_room_for_so_many(void **state)
{
	struct core_fixture *f = *state;
	struct draft_saved last = {0};
	const struct draft draft = {.subject = STR("One of many")};
	for (int i = 0; i < LIMIT_DRAFTS; i++)
		last = save(f, f->admin, &none, 0, &draft, OK);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct draft_saved saved;
	assert_int_equal(draft_save(&cx, &none, 0, &draft, &saved, &errors), ERR_INVALID);
	assert_str(
		form_errors_for(&errors, ""),
		STR("You have 500 drafts, which is as many as fit. Please send or delete some."));
	/* Going on with one is always possible. */
	save(f, f->admin, &last.id, 1, &draft, OK);
	assert_int_equal(draft_delete(&cx, &last.id), OK);
	save(f, f->admin, &none, 0, &draft, OK);
}

static void sending_takes_the_draft_and_refusing_leaves_it(void **state)
{
	struct core_fixture *f = *state;
	struct sent sent, again;
	const struct draft nobody = {.subject = STR("S"), .body = STR("To nobody")};
	struct draft_saved saved = save(f, f->admin, &none, 0, &nobody, OK);
	assert_int_equal(send(f, f->admin, &saved.id, "key", &sent), ERR_INVALID);
	assert_body(f, f->admin, &saved.id, "To nobody");

	saved = save_body(f, f->admin, "To Gabi");
	assert_int_equal(send(f, f->admin, &saved.id, "key", &sent), OK);
	struct kept_draft kept;
	assert_int_equal(get(f, f->admin, &saved.id, &kept), ERR_NOT_FOUND);
	assert_str(core_fixture_open(f, f->admin, &sent.id).body, STR("To Gabi"));
	/* The same request is told the same; another one, that there is no such draft. */
	assert_int_equal(send(f, f->admin, &saved.id, "key", &again), OK);
	assert_true(again.is_repeat && id_eq(&again.id, &sent.id));
	assert_int_equal(send(f, f->admin, &saved.id, "other key", &again), ERR_NOT_FOUND);
	assert_int_equal(send(f, f->admin, &saved.id, "", &again), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, STR("gabi@example.org")),
			 1);
	/* Another draft is not what this key has sent. */
	saved = save_body(f, f->admin, "Second");
	assert_int_equal(send(f, f->admin, &saved.id, "key", &again), ERR_INVALID);
	assert_body(f, f->admin, &saved.id, "Second");
}

static void what_another_window_has_changed_is_not_sent(void **state)
{
	struct core_fixture *f = *state;
	struct sent sent;
	struct draft_saved saved = save_body(f, f->admin, "Old");
	struct kept_draft seen;
	assert_int_equal(get(f, f->admin, &saved.id, &seen), OK);
	const struct draft newer = {.body = STR("Newer")};
	save(f, f->admin, &saved.id, 1, &newer, OK);
	assert_int_equal(core_fixture_try_send(f, f->admin, &seen.draft, &sent, NULL),
			 ERR_CONFLICT);
	assert_body(f, f->admin, &saved.id, "Newer");
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, STR("gabi@example.org")),
			 0);
}

/* Each byte of the row's ciphertexts matters, and so does whose and which row it is. */
static void a_draft_changed_from_outside_is_not_shown(void **state)
{
	struct core_fixture *f = *state;
	const bool is_sqlite = strncmp(f->url, "sqlite:", 7) == 0;
	static const char *const columns[] = {"summary", "content"};
	struct draft_saved saved = save_body(f, f->admin, "Untouched");
	struct cx cx = core_fixture_cx(f, f->admin);
	for (size_t i = 0; i < 2; i++) {
		char sql[512];
		struct draft_list list;
		struct kept_draft kept;
		struct log_capture log;
		/* Longer by a byte; the old one comes back by saving. */
		snprintf(sql, sizeof(sql),
			 is_sqlite ? "UPDATE drafts SET %s = CAST(%s || x'00' AS BLOB)"
				   : "UPDATE drafts SET %s = %s || '\\x00'::bytea",
			 columns[i], columns[i]);
		store_direct_run(f->url, sql);
		log_capture_begin(&log);
		assert_int_equal(draft_list(&cx, STR(""), 10, &list), OK);
		assert_int_equal(list.lines[0].is_unreadable, i == 0);
		assert_int_equal(get(f, f->admin, &saved.id, &kept), i == 1 ? ERR_CORRUPT : OK);
		assert_non_null(strstr(log_capture_end(&log), "draft.unreadable"));
		assert_int_equal(draft_delete(&cx, &saved.id), OK);
		saved = save_body(f, f->admin, "Untouched");
	}
	/* An old text as a newer version. */
	struct kept_draft kept;
	store_direct_run(f->url, "UPDATE drafts SET version = version + 1");
	assert_int_equal(get(f, f->admin, &saved.id, &kept), ERR_CORRUPT);
	store_direct_run(f->url, "UPDATE drafts SET version = 0");
	assert_true(core_fixture_problems(f) > 0);
	assert_int_equal(draft_delete(&cx, &saved.id), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static enum err answering(struct core_fixture *f, struct session *session, const struct id *id,
			  struct kept_draft *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	return draft_answering(&cx, id, ret);
}

static void an_answer_is_found_where_it_was_begun(void **state)
{
	struct core_fixture *f = *state;
	struct log_capture log;
	char sql[128];
	struct kept_draft kept;
	struct sent first = core_fixture_send(f, f->admin, STR("gabi@example.org"), STR("Hello"),
					      STR("How are you?"));
	struct sent second = core_fixture_send(f, f->admin, STR("gabi@example.org"), STR("Hello"),
					       STR("And you?"));
	struct draft draft = {.body = STR("Another letter")};
	save(f, f->admin, &none, 0, &draft, OK);
	assert_int_equal(answering(f, f->admin, &first.id, &kept), ERR_NOT_FOUND);
	draft.reply_to = first.id;
	draft.body = STR("Older");
	save(f, f->admin, &none, 0, &draft, OK);
	core_fixture_sleep(f, SECOND_MS);
	draft.body = STR("Newer");
	struct draft_saved newer = save(f, f->admin, &none, 0, &draft, OK);
	assert_int_equal(answering(f, f->admin, &first.id, &kept), OK);
	assert_true(id_eq(&kept.id, &newer.id));
	assert_str(kept.draft.body, STR("Newer"));
	assert_int_equal(answering(f, f->admin, &second.id, &kept), ERR_NOT_FOUND);
	/* To whom it belongs is what was encrypted, not what the row says. */
	snprintf(sql, sizeof(sql), "UPDATE drafts SET reply_to = '%s'", second.id.text);
	store_direct_run(f->url, sql);
	log_capture_begin(&log);
	assert_int_equal(answering(f, f->admin, &second.id, &kept), ERR_CORRUPT);
	assert_non_null(strstr(log_capture_end(&log), "draft.unreadable"));
}

static void the_check_finds_a_draft_of_nobody(void **state)
{
	struct core_fixture *f = *state;
	if (strncmp(f->url, "sqlite:", 7) != 0)
		skip(); /* the server keeps its foreign keys */
	save_body(f, f->admin, "Somebody's");
	store_direct_run(f->url, "PRAGMA foreign_keys = OFF; UPDATE drafts SET user_id = "
				 "'01ARZ3NDEKTSV4RRFFQ69G5FAV'");
	assert_int_equal(core_fixture_problems(f), 1);
}

static void bytes_that_are_no_draft_are_refused(void **state)
{
	struct core_fixture *f = *state;
	const struct draft draft = {.to = STR("a@example.org"), .body = STR("Body")};
	struct draft read;
	struct str bytes;
	assert_int_equal(draft_bytes_write(&f->arena, &draft, &bytes), OK);
	assert_int_equal(draft_bytes_read(&f->arena, bytes, &read), OK);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(draft_bytes_read(&f->arena, str_slice(bytes, 0, len), &read),
				 ERR_CORRUPT);
	char *longer = arena_alloc(&f->arena, bytes.len + 1);
	memcpy(longer, bytes.data, bytes.len);
	assert_int_equal(draft_bytes_read(&f->arena, (struct str){longer, bytes.len + 1}, &read),
			 ERR_CORRUPT);
	longer[0] = 3;
	assert_int_equal(draft_bytes_read(&f->arena, (struct str){longer, bytes.len}, &read),
			 ERR_CORRUPT);
	/* A count of four thousand million choices asks for no memory. */
	enum { AFTER_CHOICES = 16 };
	longer[0] = 2;
	memset(longer + bytes.len - AFTER_CHOICES - 4, 0xff, 4);
	assert_int_equal(draft_bytes_read(&f->arena, (struct str){longer, bytes.len}, &read),
			 ERR_CORRUPT);
}

static void a_new_password_keeps_the_drafts(void **state)
{
	struct core_fixture *f = *state;
	struct cx nobody = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	struct sign_in begun;
	struct draft_saved saved = save_body(f, f->admin, "Kept");
	assert_int_equal(account_ask_help(&nobody, STR("admin@example.com"), &errors), OK);
	struct str reset = core_fixture_token(f, MAIL_RESET, STR("admin@example.com"));
	assert_int_equal(account_reset(&nobody, reset, STR("copper lantern meadow 7"),
				       f->admin_recovery_code, SESSION_BROWSER, STR("Test"), &begun,
				       &errors),
			 OK);
	core_fixture_keep(f, begun.session);
	assert_body(f, begun.session, &saved.id, "Kept");
}

/* P4.1, P4.4: neither answered nor forwarded, by whatever way; and what was written is kept. */
static void what_answers_a_message_deleted_for_ever_is_kept(void **state)
{
	struct core_fixture *f = *state;
	struct session *paul =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct cx cx = core_fixture_cx(f, paul);
	for (int is_forward = 0; is_forward < 2; is_forward++) {
		struct id id = core_fixture_send(f, f->admin, STR("paul@example.com"), STR("Plan"),
						 STR("Later"))
				       .id;
		struct draft draft = {.to = STR("admin@example.com"),
				      .subject = STR("Re: Plan"),
				      .body = STR("My own words")};
		*(is_forward ? &draft.forward_of : &draft.reply_to) = id;
		struct draft_saved saved = save(f, paul, &none, 0, &draft, OK);
		assert_int_equal(mailbox_move(&cx, &id, 1, BOX_TRASH), OK);
		assert_int_equal(mailbox_destroy(&cx, &id, 1), OK);
		struct draft reply;
		struct sent sent;
		size_t before = core_test_inbox(f, f->admin).count;
		assert_int_equal(message_reply_draft(&cx, &id, false, &reply), ERR_NOT_FOUND);
		assert_int_equal(core_fixture_try_send(f, paul, &draft, &sent, NULL),
				 ERR_NOT_FOUND);
		/* As a form sends what it has kept. */
		draft.kept_id = saved.id;
		draft.kept_version = saved.version;
		assert_int_equal(core_fixture_try_send(f, paul, &draft, &sent, NULL),
				 ERR_NOT_FOUND);
		assert_int_equal(send(f, paul, &saved.id, "", &sent), ERR_NOT_FOUND);
		assert_int_equal(core_test_inbox(f, f->admin).count, before);
		assert_body(f, paul, &saved.id, "My own words");
		/* It can still be saved, and sent as a message of its own. */
		draft.reply_to = draft.forward_of = none;
		saved = save(f, paul, &saved.id, saved.version, &draft, OK);
		assert_int_equal(send(f, paul, &saved.id, "", &sent), OK);
		assert_int_equal(core_test_inbox(f, f->admin).count, before + 1);
		assert_int_equal(count_drafts(f, paul), 0);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(everything_typed_comes_back),
		CORE_TEST(two_windows_do_not_overwrite_each_other),
		CORE_TEST(nobody_else_has_it),
		CORE_TEST(an_answer_is_found_where_it_was_begun),
		CORE_TEST(the_last_saved_comes_first_page_by_page),
		CORE_TEST(what_is_too_long_is_refused_with_a_sentence),
		CORE_TEST(there_is_room_for_so_many),
		CORE_TEST(sending_takes_the_draft_and_refusing_leaves_it),
		CORE_TEST(what_another_window_has_changed_is_not_sent),
		CORE_TEST(a_draft_changed_from_outside_is_not_shown),
		CORE_TEST(the_check_finds_a_draft_of_nobody),
		CORE_TEST(bytes_that_are_no_draft_are_refused),
		CORE_TEST(a_new_password_keeps_the_drafts),
		CORE_TEST_STRICT(a_new_password_keeps_the_drafts),
		CORE_TEST(what_answers_a_message_deleted_for_ever_is_kept),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
