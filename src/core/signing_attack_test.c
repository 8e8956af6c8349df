/* Requests to sign, as somebody meets them who wants more than is theirs: who may not ask, whose
 * disk is full, who writes to the database, and how much one request may hold. Documents are text
 * (core/signing_fake_pdf.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/account.h"
#include "core/recall.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_list.h"
#include "core/signing_test_support.h"
#include "store/store_direct.h"

#define GABI "gabi@example.org"
#define PETER "peter@example.org"

/* Ada asks Gabi (a guest) and Peter, on the certificate page. */
struct scene {
	struct core_fixture *f;
	struct session *gabi, *peter;
	struct id file;
	struct signing_plan plan;
	struct draft draft;
	struct id id;
};

static struct id upload_pdf(struct core_fixture *f, struct session *session, const char *name)
{
	return signing_test_upload(f, session, str_of(name), STR("%PDF-1.7 the lease\n%%EOF\n"));
}

static void set_up(void **state, struct scene *s)
{
	struct core_fixture *f = *state;
	f->portal->pdf = signing_fake_workers();
	signing_fake_before_open(NULL, NULL);
	*s = (struct scene){.f = f, .plan = {.order = SIGNING_ALL_AT_ONCE}};
	s->gabi = core_fixture_person(f, STR(GABI), STR("Gabi Guest"), GRADE_GUEST);
	s->peter = core_fixture_person(f, STR(PETER), STR("Peter Pro"), GRADE_PROFESSIONAL);
	s->file = upload_pdf(f, f->admin, "lease.pdf");
	s->draft = signing_test_draft(GABI ", " PETER, &s->file, 1, &s->plan);
}

static void begin(void **state, struct scene *s)
{
	set_up(state, s);
	s->id = signing_test_send(s->f, s->f->admin, &s->draft);
}

/* ---- who may not ask ---- */

/* Each look at a document costs a worker: nobody has one for what they may not do. */
static void a_guest_has_no_worker_look_at_anything(void **state)
{
	struct scene s;
	struct sent sent;
	struct pdf_facts facts;
	struct form_errors errors = {.count = 0};
	set_up(state, &s);
	struct id file = upload_pdf(s.f, s.gabi, "own.pdf");
	struct draft draft = signing_test_draft(PETER, &file, 1, &s.plan);
	struct cx cx = core_fixture_cx(s.f, s.gabi);
	int before = signing_fake_calls;
	assert_int_equal(signing_inspect(&cx, &file, &facts, &errors), ERR_DENIED);
	assert_int_equal(core_fixture_try_send(s.f, s.gabi, &draft, &sent, &errors), ERR_INVALID);
	assert_int_equal(message_check(&cx, &draft, &errors), ERR_INVALID);
	assert_int_equal(signing_fake_calls, before);
}

static const char pixel[] = "\x89PNG\r\n\x1a\n"
			    "\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55"
			    "\0\0\0\x0aIDAT\x78\x9c\x63\xf8\x0f\0\x01\x01\x01\0\x1b\xb6\xee\x56"
			    "\0\0\0\0IEND\xae\x42\x60\x82";
#define PIXEL str_bytes(pixel, sizeof(pixel) - 1)

/* A picture that looks like one and is none costs a worker, again and again. */
static void bad_pictures_are_not_tried_for_ever(void **state)
{
	struct scene s;
	begin(state, &s);
	struct signing_view view = signing_test_get(s.f, s.gabi, &s.id);
	const struct signing_value drawn = {.field_id = view.my_fields[0].id, .png = PIXEL};
	const struct signing_value typed = {.field_id = view.my_fields[0].id, .text = STR("G")};
	signing_fake_picture_is_bad = true;
	for (int i = 0; i <= LIMIT_SIGNING_BAD_PICTURES; i++) {
		struct form_errors errors = {.count = 0};
		bool is_over = i == LIMIT_SIGNING_BAD_PICTURES;
		int before = signing_fake_calls;
		enum err err = signing_test_try_sign(s.f, s.gabi, &s.id, &drawn, 1, &errors);
		assert_int_equal(err, is_over ? ERR_BUSY : ERR_INVALID);
		assert_int_equal(signing_fake_calls > before, !is_over);
		assert_true(errors.count > 0);
	}
	signing_fake_picture_is_bad = false;
	signing_test_sign(s.f, s.gabi, &s.id, &typed, 1);
}

/* ---- whose disk is full ---- */

/* What is signed is a copy, and counts as what they upload does. */
static void a_request_counts_against_its_senders_quota(void **state)
{
	struct scene s;
	struct sent sent;
	struct form_errors errors = {.count = 0};
	begin(state, &s);
	core_fixture_set(s.f, "quota_bytes", STR("80 KiB"));
	assert_int_equal(core_fixture_try_send(s.f, s.f->admin, &s.draft, &sent, &errors), OK);
	assert_int_equal(core_fixture_try_send(s.f, s.f->admin, &s.draft, &sent, &errors),
			 ERR_INVALID);
	assert_true(form_errors_for(&errors, "files").len > 0);
	/* Who was asked signs all the same. */
	signing_test_sign(s.f, s.gabi, &s.id, NULL, 0);
	signing_test_sign(s.f, s.peter, &s.id, NULL, 0);
	assert_int_equal(core_fixture_problems(s.f), 0);
}

/* ---- who writes to the database ---- */

/* An older row, which was authentic once, in place of the one that stands. */
static void put_back(struct scene *s, const char *table, const char *where)
{
	struct arena *arena = &s->f->arena;
	store_direct_run(s->f->url, arena_cstr(arena, arena_printf(arena, "DELETE FROM %s WHERE %s",
								   table, where)));
	store_direct_run(s->f->url,
			 arena_cstr(arena, arena_printf(arena,
							"INSERT INTO %s SELECT * FROM kept_%s "
							"WHERE %s",
							table, table, where)));
}

static void keep(struct scene *s, const char *table)
{
	struct arena *arena = &s->f->arena;
	store_direct_run(s->f->url, arena_cstr(arena, arena_printf(arena,
								   "CREATE TABLE kept_%s AS "
								   "SELECT * FROM %s",
								   table, table)));
}

static void start_again(void **state)
{
	struct core_fixture *f = *state;
	bool is_postgres = str_starts_with(str_of(f->url), STR("postgres"));
	core_fixture_release(f);
	core_fixture_init(f, is_postgres, CUSTODY_MANAGED);
}

/* What Peter has signed is not signed over by Gabi as if he had not. */
static void what_was_put_back_as_it_once_was_is_refused(void **state)
{
	static const struct {
		const char *what, *table, *where;
	} rows[] = {
		{"the document before he signed", "signing_files", "position = 0"},
		{"that he has not signed", "signing_people", "position = 1"},
		{"nothing happened", "signing_events", "number > 3"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene s;
		struct signing_view view;
		struct form_errors errors = {.count = 0};
		if (i > 0)
			start_again(state);
		begin(state, &s);
		signing_test_get(s.f, s.gabi, &s.id);
		signing_test_get(s.f, s.peter, &s.id);
		keep(&s, rows[i].table);
		signing_test_sign(s.f, s.peter, &s.id, NULL, 0);
		put_back(&s, rows[i].table, rows[i].where);
		struct cx cx = core_fixture_cx(s.f, s.gabi);
		enum err err = signing_get(&cx, &s.id, &view);
		if (err != ERR_CORRUPT)
			fail_msg("%s: %s", rows[i].what, err_name(err));
		err = signing_test_try_sign(s.f, s.gabi, &s.id, NULL, 0, &errors);
		if (err != ERR_CORRUPT)
			fail_msg("%s, signing: %s", rows[i].what, err_name(err));
		if (core_fixture_problems(s.f) == 0)
			fail_msg("%s: the check finds nothing", rows[i].what);
	}
}

/* ---- who reads slowly ---- */

/* What was recalled while somebody reads it is not given out to its end. */
static void a_recall_cuts_a_document_that_is_being_read(void **state)
{
	const struct recall_wish wish = {.is_whole = true};
	struct scene s;
	struct download *download;
	struct recalled recalled;
	struct form_errors errors = {.count = 0};
	struct buf piece CLEANUP_BUF;
	bool is_over;
	begin(state, &s);
	buf_init(&piece, LIMIT_STREAM_PIECE_BYTES);
	struct str whole = signing_test_read(s.f, s.gabi, &s.id, 0);
	struct cx cx = core_fixture_cx(s.f, s.gabi);
	assert_int_equal(signing_download(&cx, &s.id, 1, &download), ERR_NOT_FOUND);
	assert_int_equal(signing_download(&cx, &s.id, 0, &download), OK);
	assert_str(download_head(download)->name, STR("lease.pdf"));
	assert_int_equal(download_next(download, &piece, &is_over), OK);
	assert_true(is_over);
	assert_str(buf_str(&piece), whole);
	download_free(download);

	assert_int_equal(signing_download(&cx, &s.id, 0, &download), OK);
	struct cx ada = core_fixture_cx(s.f, s.f->admin);
	assert_int_equal(recall_message(&ada, &s.id, &wish, &recalled, &errors), OK);
	buf_clear(&piece);
	assert_int_equal(download_next(download, &piece, &is_over), ERR_DENIED);
	assert_int_equal(piece.len, 0);
	download_free(download);
	assert_int_equal(signing_download(&cx, &s.id, 0, &download), ERR_CONFLICT);
}

/* ---- names ---- */

/* The trail names everybody as they were called when they signed. */
static void who_is_called_otherwise_later_has_signed_as_they_were(void **state)
{
	struct scene s;
	begin(state, &s);
	signing_test_sign(s.f, s.gabi, &s.id, NULL, 0);
	struct cx cx = core_fixture_cx(s.f, s.gabi);
	struct form_errors errors = {.count = 0};
	assert_int_equal(account_rename(&cx, STR("Mallory"), &errors), OK);
	signing_test_sign(s.f, s.peter, &s.id, NULL, 0);
	struct str sealed = signing_test_read(s.f, s.peter, &s.id, 0);
	assert_true(str_find(sealed, STR("1. Gabi Guest <" GABI ">")) >= 0);
	assert_true(str_find(sealed, STR("Mallory")) < 0);
}

/* ---- how much one request holds ---- */

/* Reminding every hour does not make it longer and longer. */
static void reminders_stand_in_the_history_up_to_a_limit(void **state)
{
	struct scene s;
	begin(state, &s);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	for (int i = 0; i < LIMIT_SIGNING_EVENTS / 2 + 100; i++) {
		struct form_errors errors = {.count = 0};
		struct arena arena CLEANUP_ARENA;
		int64_t count = 0;
		arena_init(&arena, LIMIT_REQUEST_ARENA);
		cx.arena = &arena;
		core_fixture_sleep(s.f, HOUR_MS);
		assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), OK);
		assert_int_equal(count, 2);
	}
	assert_true(signing_test_get(s.f, s.gabi, &s.id).event_count <= LIMIT_SIGNING_EVENTS + 50);
	assert_int_equal(core_fixture_problems(s.f), 0);
}

/* A few of a thousand, of which each page counts those that wait. */
static void lists_give_the_newest_first_page_by_page(void **state)
{
	enum { REQUESTS = 7 };
	struct scene s;
	struct id ids[REQUESTS];
	struct signing_counts counts;
	struct str cursor = STR_NONE;
	size_t found = 0;
	set_up(state, &s);
	struct cx gabi = core_fixture_cx(s.f, s.gabi), ada = core_fixture_cx(s.f, s.f->admin);
	assert_int_equal(signing_count(&ada, &counts), OK);
	assert_false(counts.has_any);
	for (int i = 0; i < REQUESTS; i++) {
		core_fixture_sleep(s.f, 1000);
		ids[i] = signing_test_send(s.f, s.f->admin, &s.draft);
		if (i % 2 == 0)
			signing_test_sign(s.f, s.gabi, &ids[i], NULL, 0);
	}
	assert_int_equal(signing_count(&ada, &counts), OK);
	assert_true(counts.has_any && counts.mine == 0);
	assert_int_equal(signing_count(&gabi, &counts), OK);
	assert_true(counts.has_any && counts.mine == REQUESTS / 2);
	static const struct {
		enum signing_shelf shelf;
		size_t adas, gabis;
	} rows[] = {{SIGNING_SHELF_ALL, 7, 7},
		    {SIGNING_SHELF_MINE, 0, 3},
		    {SIGNING_SHELF_WAITING, 7, 4},
		    {SIGNING_SHELF_FINISHED, 0, 0}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct signing_list list;
		assert_int_equal(signing_list(&ada, rows[i].shelf, STR_NONE, 50, &list), OK);
		assert_int_equal(list.count, rows[i].adas);
		assert_int_equal(signing_list(&gabi, rows[i].shelf, STR_NONE, 50, &list), OK);
		assert_int_equal(list.count, rows[i].gabis);
	}
	do {
		struct signing_list list;
		assert_int_equal(signing_list(&ada, SIGNING_SHELF_WAITING, cursor, 2, &list), OK);
		for (size_t i = 0; i < list.count; i++)
			assert_true(id_eq(&list.rows[i].message_id, &ids[REQUESTS - 1 - found++]));
		cursor = list.next_cursor;
	} while (cursor.len > 0);
	assert_int_equal(found, REQUESTS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(a_guest_has_no_worker_look_at_anything),
		CORE_TEST(bad_pictures_are_not_tried_for_ever),
		CORE_TEST(a_request_counts_against_its_senders_quota),
		CORE_TEST(what_was_put_back_as_it_once_was_is_refused),
		CORE_TEST(a_recall_cuts_a_document_that_is_being_read),
		CORE_TEST(who_is_called_otherwise_later_has_signed_as_they_were),
		CORE_TEST(lists_give_the_newest_first_page_by_page),
		CORE_TEST(reminders_stand_in_the_history_up_to_a_limit),
	};
	return engines_test_run("signing_attack", tests, sizeof(tests) / sizeof(tests[0]));
}
