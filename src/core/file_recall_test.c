/* Recall of one file (P4.4): whom it reaches, what it leaves, and what comes of two things at once.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "core/audit_test_support.h"
#include "core/expire.h"
#include "core/file_test_support.h"
#include "core/housekeeping.h"
#include "core/mailbox_move.h"
#include "core/tracking.h"
#include "core/waiting_keys.h"
#include "store/destructions.h"
#include "store/store_direct.h"

/* Professionals, who may pass things on: paula, peter, petra. */
struct people {
	struct session *gabi, *paula, *peter, *petra;
};

static struct people meet(struct core_fixture *f)
{
	return (struct people){
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST),
		core_fixture_person(f, STR("paula@example.org"), STR("Paula"), GRADE_PROFESSIONAL),
		core_fixture_person(f, STR("peter@example.org"), STR("Peter"), GRADE_PROFESSIONAL),
		core_fixture_person(f, STR("petra@example.org"), STR("Petra"), GRADE_PROFESSIONAL),
	};
}

static void assert_reads(struct core_fixture *f, struct session *session, const struct id *file,
			 const struct id *message, enum err expected, const char *who)
{
	enum err err = file_test_read(f, session, file, message);
	if (err != expected)
		fail_msg("%s: %s, not %s", who, err_name(err), err_name(expected));
}

static void from_everybody_and_from_one(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	const struct id files[] = {file_test_pdf(f, f->admin, "a.pdf"),
				   file_test_pdf(f, f->admin, "b.pdf")};
	const struct draft draft = file_test_draft("gabi@example.org, paula@example.org", files, 2);
	struct id id = file_test_send(f, f->admin, &draft);
	struct recalled one = file_test_recall(f, f->admin, &id, &files[0], "GABI@example.org");
	assert_int_equal(one.keys, 1);
	assert_false(one.is_repeat);
	audit_test_says(f, AUDIT_FILE_RECALL, &f->admin->user.id,
			"Ada Admin recalled a file of a message.");
	assert_reads(f, p.gabi, &files[0], &id, ERR_CONFLICT, "Gabi");
	assert_reads(f, p.gabi, &files[1], &id, OK, "Gabi, the other");
	assert_reads(f, p.paula, &files[0], &id, OK, "Paula");
	struct message_view view = core_fixture_open(f, p.gabi, &id);
	assert_true(view.body.len > 0 && view.ended == DELIVERY_LIVE);
	assert_int_equal(view.files[0].ended, DELIVERY_RECALLED);
	assert_int_equal(view.files[0].ended_ms, one.recalled_ms);
	assert_str(view.files[0].head.name, STR("a.pdf"));
	assert_int_equal(view.files[1].ended, DELIVERY_LIVE);
	/* What the sender sees. */
	view = core_fixture_open(f, f->admin, &id);
	assert_int_equal(view.files[0].reader_count, 2);
	assert_int_equal(view.files[0].live_count, 1);
	assert_false(view.files[0].is_recalled_from_all);
	/* Again, and from all. */
	core_fixture_sleep(f, 10);
	struct recalled again = file_test_recall(f, f->admin, &id, &files[0], "gabi@example.org");
	assert_true(again.is_repeat && again.recalled_ms == one.recalled_ms);
	struct recalled all = file_test_recall(f, f->admin, &id, &files[0], NULL);
	assert_int_equal(all.keys, 1);
	assert_reads(f, p.paula, &files[0], &id, ERR_CONFLICT, "Paula");
	assert_reads(f, f->admin, &files[0], &id, OK, "the sender");
	view = core_fixture_open(f, f->admin, &id);
	assert_true(view.files[0].is_recalled_from_all);
	assert_int_equal(view.files[0].ended_ms, all.recalled_ms);
	assert_int_equal(view.files[0].live_count, 0);
	again = file_test_recall(f, f->admin, &id, &files[0], NULL);
	assert_true(again.is_repeat && again.recalled_ms == all.recalled_ms);
	/* The first time holds for who lost it first. */
	view = core_fixture_open(f, p.gabi, &id);
	assert_int_equal(view.files[0].ended_ms, one.recalled_ms);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void the_last_one_is_everybody(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id id = file_test_give(f, f->admin, "gabi@example.org", &file);
	file_test_recall(f, f->admin, &id, &file, "gabi@example.org");
	assert_true(core_fixture_open(f, f->admin, &id).files[0].is_recalled_from_all);
	assert_true(file_test_recall(f, f->admin, &id, &file, NULL).is_repeat);
}

static void who_may_not(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id other = file_test_pdf(f, f->admin, "b.pdf");
	struct id id = file_test_give(f, f->admin, "gabi@example.org, paula@example.org", &file);
	struct recalled recalled;
	const struct {
		const char *sentence;
		struct session *session;
		const struct id *file;
		const char *from;
		enum err expected;
	} rows[] = {
		{"a guest", p.gabi, &file, NULL, ERR_DENIED},
		{"a recipient", p.paula, &file, NULL, ERR_DENIED},
		{"a stranger", p.peter, &file, NULL, ERR_NOT_FOUND},
		{"a file of another message", f->admin, &other, NULL, ERR_NOT_FOUND},
		{"from somebody who did not get it", f->admin, &file, "peter@example.org",
		 ERR_INVALID},
		{"from no address", f->admin, &file, "peter", ERR_INVALID},
		{"from oneself", f->admin, &file, "admin@example.com", ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum err err = file_test_try_recall(f, rows[i].session, &id, rows[i].file,
						    rows[i].from, &recalled);
		if (err != rows[i].expected)
			fail_msg("%s: %s", rows[i].sentence, err_name(err));
	}
	assert_reads(f, p.gabi, &file, &id, OK, "Gabi");
	assert_reads(f, p.paula, &file, &id, OK, "Paula");
}

/* admin -> paula -> peter -> petra, each attaching it again; and gabi, who got it from admin and
 * from paula. */
struct chain {
	struct id file, first, second, third, to_gabi;
};

static struct chain pass_on(struct core_fixture *f, const struct people *p)
{
	struct chain c = {.file = file_test_pdf(f, f->admin, "a.pdf")};
	c.first = file_test_give(f, f->admin, "paula@example.org, gabi@example.org", &c.file);
	core_fixture_sleep(f, 1);
	c.second = file_test_give(f, p->paula, "peter@example.org", &c.file);
	core_fixture_sleep(f, 1);
	c.third = file_test_give(f, p->peter, "petra@example.org", &c.file);
	core_fixture_sleep(f, 1);
	c.to_gabi = file_test_give(f, p->paula, "gabi@example.org", &c.file);
	assert_reads(f, p->petra, &c.file, &c.third, OK, "Petra before");
	return c;
}

static void it_reaches_what_was_attached_again(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct chain c = pass_on(f, &p);
	/* What Paula got, she had from her: her copies go, hers to Gabi too; Gabi's own stays. */
	struct recalled recalled =
		file_test_recall(f, f->admin, &c.first, &c.file, "paula@example.org");
	assert_int_equal(recalled.keys, 7);
	const struct {
		const char *who;
		struct session *session;
		const struct id *message;
		enum err expected;
	} rows[] = {
		{"the sender", f->admin, &c.first, OK},
		{"Paula", p.paula, &c.first, ERR_CONFLICT},
		{"Paula, in what she sent", p.paula, &c.second, ERR_CONFLICT},
		{"Peter", p.peter, &c.second, ERR_CONFLICT},
		{"Peter, in what he sent", p.peter, &c.third, ERR_CONFLICT},
		{"Petra", p.petra, &c.third, ERR_CONFLICT},
		{"Gabi, from Paula", p.gabi, &c.to_gabi, ERR_CONFLICT},
		{"Gabi, from the sender", p.gabi, &c.first, OK},
		{"Gabi, by any right", p.gabi, NULL, OK},
		{"Petra, by any right", p.petra, NULL, ERR_CONFLICT},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_reads(f, rows[i].session, &c.file, rows[i].message, rows[i].expected,
			     rows[i].who);
	/* Nor can anybody of them give it to others now. */
	const struct draft draft = file_test_draft("gabi@example.org", &c.file, 1);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, p.peter, &draft, &sent, &errors), ERR_INVALID);
	/* Who had passed it on sees what became of it. */
	assert_true(core_fixture_open(f, p.paula, &c.second).files[0].ended == DELIVERY_RECALLED);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void the_recall_of_the_message_reaches_as_far(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct chain c = pass_on(f, &p);
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(recall_message(&cx, &c.first, &wish, &recalled, &errors), OK);
	assert_reads(f, p.petra, &c.file, NULL, ERR_CONFLICT, "Petra");
	assert_reads(f, p.peter, &c.file, NULL, ERR_CONFLICT, "Peter");
	assert_reads(f, p.paula, &c.file, NULL, ERR_CONFLICT, "Paula");
	assert_reads(f, p.gabi, &c.file, NULL, ERR_CONFLICT, "Gabi");
	/* The messages it was attached to stay. */
	assert_true(core_fixture_open(f, p.petra, &c.third).body.len > 0);
	assert_reads(f, f->admin, &c.file, NULL, OK, "the sender");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_partial_recall_of_the_message_too(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct chain c = pass_on(f, &p);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct str address = STR("paula@example.org");
	const struct recall_wish wish = {.addresses = &address, .address_count = 1};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(recall_message(&cx, &c.first, &wish, &recalled, &errors), OK);
	assert_reads(f, p.petra, &c.file, NULL, ERR_CONFLICT, "Petra");
	assert_reads(f, p.gabi, &c.file, &c.first, OK, "Gabi");
	assert_reads(f, p.gabi, &c.file, &c.to_gabi, ERR_CONFLICT, "Gabi, from Paula");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void it_reaches_who_was_forwarded_to(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id id = file_test_give(f, f->admin, "paula@example.org, gabi@example.org", &file);
	const struct draft forward = {
		.to = STR("peter@example.org"), .subject = STR("Fwd"), .forward_of = id};
	core_fixture_sleep(f, 1);
	file_test_send(f, p.paula, &forward);
	assert_reads(f, p.peter, &file, &id, OK, "Peter");
	/* Who has it by a forward may attach it again. */
	core_fixture_sleep(f, 1);
	struct id third = file_test_give(f, p.peter, "petra@example.org", &file);
	file_test_recall(f, f->admin, &id, &file, "paula@example.org");
	assert_reads(f, p.paula, &file, &id, ERR_CONFLICT, "Paula");
	assert_reads(f, p.peter, &file, &id, ERR_CONFLICT, "Peter");
	assert_reads(f, p.petra, &file, &third, ERR_CONFLICT, "Petra");
	assert_reads(f, p.gabi, &file, &id, OK, "Gabi");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void deleting_ones_copy_stops_no_recall(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct chain c = pass_on(f, &p);
	struct cx cx = core_fixture_cx(f, p.paula);
	const struct id both[] = {c.first, c.second};
	assert_int_equal(mailbox_move(&cx, both, 2, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, both, 2), OK);
	assert_reads(f, p.peter, &c.file, &c.second, OK, "Peter before");
	file_test_recall(f, f->admin, &c.first, &c.file, "paula@example.org");
	assert_reads(f, p.peter, &c.file, &c.second, ERR_CONFLICT, "Peter");
	assert_reads(f, p.petra, &c.file, &c.third, ERR_CONFLICT, "Petra");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void delete_for_ever(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	assert_int_equal(mailbox_move(&cx, id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, id, 1), OK);
}

/* Nobody has the message any more by which it went from Paula to Peter; Petra still has what came
 * after it. */
static void a_message_in_between_that_is_gone_stops_none(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct chain c = pass_on(f, &p);
	delete_for_ever(f, p.paula, &c.second);
	delete_for_ever(f, p.peter, &c.second);
	delete_for_ever(f, p.peter, &c.third);
	assert_reads(f, p.petra, &c.file, &c.third, OK, "Petra before");
	assert_int_equal(core_fixture_problems(f), 0);
	file_test_recall(f, f->admin, &c.first, &c.file, "paula@example.org");
	assert_reads(f, p.petra, &c.file, &c.third, ERR_CONFLICT, "Petra");
	assert_reads(f, p.gabi, &c.file, &c.first, OK, "Gabi");
	assert_int_equal(core_fixture_problems(f), 0);
}

static char *count_messages(struct core_fixture *f)
{
	return store_direct_read(f->url, "SELECT CAST(COUNT(*) AS TEXT) FROM messages");
}

/* Such a message goes with the last one that came of it. */
static void nothing_is_left_of_a_deleted_chain(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	char *before = count_messages(f);
	struct chain c = pass_on(f, &p);
	delete_for_ever(f, f->admin, &c.first);
	delete_for_ever(f, p.paula, &c.first);
	delete_for_ever(f, p.gabi, &c.first);
	delete_for_ever(f, p.paula, &c.second);
	delete_for_ever(f, p.peter, &c.second);
	delete_for_ever(f, p.paula, &c.to_gabi);
	delete_for_ever(f, p.gabi, &c.to_gabi);
	delete_for_ever(f, p.peter, &c.third);
	assert_reads(f, p.petra, &c.file, &c.third, OK, "Petra");
	assert_int_equal(core_fixture_problems(f), 0);
	delete_for_ever(f, p.petra, &c.third);
	char *left = count_messages(f);
	assert_string_equal(left, before);
	free(left);
	free(before);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* By somebody who has an old copy of the database, and can write to it. */
static void a_key_put_back_is_of_no_use(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id id = file_test_give(f, f->admin, "paula@example.org", &file);
	store_direct_run(f->url, "CREATE TABLE saved AS SELECT * FROM file_deliveries");
	file_test_recall(f, f->admin, &id, &file, NULL);
	store_direct_run(f->url, "DELETE FROM file_deliveries");
	store_direct_run(f->url, "INSERT INTO file_deliveries SELECT * FROM saved");
	store_direct_run(f->url, "DROP TABLE saved");
	assert_reads(f, p.paula, &file, &id, ERR_CONFLICT, "Paula");
	assert_reads(f, p.paula, &file, NULL, ERR_CONFLICT, "Paula, by any right");
	const struct draft again = file_test_draft("peter@example.org", &file, 1);
	assert_int_equal(core_fixture_try_send(f, p.paula, &again, &sent, &errors), ERR_INVALID);
	const struct draft forward = {
		.to = STR("peter@example.org"), .subject = STR("Fwd"), .forward_of = id};
	file_test_send(f, p.paula, &forward);
	assert_reads(f, p.peter, &file, NULL, ERR_NOT_FOUND, "Peter");
	assert_reads(f, f->admin, &file, &id, OK, "the sender");
	assert_true(core_fixture_problems(f) > 0);
}

static struct str in_ten_minutes(struct core_fixture *f)
{
	time_t seconds = (time_t)((f->clock.now_ms + 10 * MINUTE_MS) / SECOND_MS);
	struct tm utc;
	char text[32];
	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return arena_copy(&f->arena, str_of(text));
}

/* P4.2: what expires is not kept by attaching it again. */
static void what_expires_ends_where_it_was_sent_on(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct draft draft = file_test_draft("paula@example.org, petra@example.org", &file, 1);
	draft.expires = in_ten_minutes(f);
	struct id id = file_test_send(f, f->admin, &draft);
	core_fixture_sleep(f, 1);
	struct id second = file_test_give(f, p.paula, "peter@example.org", &file);
	core_fixture_sleep(f, 20 * MINUTE_MS);
	assert_reads(f, p.paula, &file, &id, ERR_CONFLICT, "Paula");
	struct cx cx = core_fixture_cx(f, NULL);
	size_t count;
	assert_int_equal(expire_sweep(&cx, &count), OK);
	assert_int_equal(count, 2);
	assert_reads(f, p.peter, &file, &second, ERR_CONFLICT, "Peter");
	assert_reads(f, p.paula, &file, NULL, ERR_CONFLICT, "Paula, where she sent it");
	struct message_view view = core_fixture_open(f, p.peter, &second);
	assert_int_equal(view.files[0].ended, DELIVERY_EXPIRED);
	assert_reads(f, f->admin, &file, &id, OK, "the sender");
	/* Recalled after that it stays expired. */
	file_test_recall(f, f->admin, &id, &file, NULL);
	assert_int_equal(core_fixture_open(f, p.peter, &second).files[0].ended, DELIVERY_EXPIRED);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P4.2: nor by deleting the copy that would have expired. */
static void what_expires_ends_there_without_the_copy_too(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct draft draft = file_test_draft("paula@example.org", &file, 1);
	draft.expires = in_ten_minutes(f);
	struct id id = file_test_send(f, f->admin, &draft);
	core_fixture_sleep(f, 1);
	struct id second = file_test_give(f, p.paula, "peter@example.org", &file);
	core_fixture_sleep(f, 1);
	struct id third = file_test_give(f, p.peter, "petra@example.org", &file);
	delete_for_ever(f, p.paula, &id);
	delete_for_ever(f, f->admin, &id);
	assert_reads(f, p.peter, &file, &second, OK, "Peter before");
	core_fixture_sleep(f, 20 * MINUTE_MS);
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_reads(f, p.peter, &file, &second, ERR_CONFLICT, "Peter");
	assert_reads(f, p.paula, &file, &second, ERR_CONFLICT, "Paula, where she sent it");
	assert_reads(f, p.petra, &file, &third, ERR_CONFLICT, "Petra");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void it_is_told(void **state)
{
	struct core_fixture *f = *state;
	struct people p = meet(f);
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id id = file_test_give(f, f->admin, "gabi@example.org, paula@example.org", &file);
	struct db *db CLEANUP_READ = NULL;
	struct destruction *entries;
	struct tracking tracking;
	size_t count;
	struct log_capture capture;
	log_capture_begin(&capture);
	int64_t at_ms = file_test_recall(f, f->admin, &id, &file, "gabi@example.org").recalled_ms;
	struct str log = str_of(log_capture_end(&capture));
	assert_true(str_find(log, STR("file.keys_destroyed cause=recall")) >= 0);
	assert_true(str_find(log, id_str(&id)) >= 0 && str_find(log, id_str(&file)) >= 0);
	assert_true(str_find(log, STR("keys=1")) >= 0 && str_find(log, STR("a.pdf")) < 0);
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(tracking_of(&cx, &id, &tracking), OK);
	struct file_fate gabis = tracking_fate(&tracking.people[0], &file);
	assert_int_equal(gabis.recalled_ms, at_ms);
	assert_int_equal(tracking.people[0].recalled_ms, 0);
	assert_int_equal(tracking_fate(&tracking.people[1], &file).recalled_ms, 0);
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(destructions_of_message(db, &f->arena, &id, &entries, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(entries[0].cause, DESTRUCTION_FILE_RECALL);
	assert_int_equal(entries[0].keys, 1);
	assert_false(entries[0].is_whole);
	(void)p;
}

/* ---- at once ---- */

/* Who has not registered yet: the key waits for them, and must not come back. */
static void a_registration_brings_nothing_back(void **state)
{
	struct core_fixture *f = *state;
	struct id file = file_test_pdf(f, f->admin, "a.pdf");
	struct id id = file_test_give(f, f->admin, "new@example.org", &file);
	struct user user = core_fixture_user(f, STR("new@example.org"));
	struct waiting_keys before, after;
	struct db *db = NULL;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(waiting_keys_find(db, &f->arena, &user.id, &before), OK);
	store_read_end(db);
	assert_int_equal(before.file_count, 1);
	file_test_recall(f, f->admin, &id, &file, NULL);
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(waiting_keys_find(db, &f->arena, &user.id, &after), OK);
	store_read_end(db);
	assert_int_equal(after.file_count, 0);
	struct str token = core_fixture_token(f, MAIL_INVITATION, STR("new@example.org"));
	struct registration registration = core_fixture_register(f, token, STR("Nele"));
	assert_reads(f, registration.sign_in.session, &file, &id, ERR_CONFLICT, "Nele");
	assert_true(core_fixture_open(f, registration.sign_in.session, &id).body.len > 0);
}

enum { RACES = 300, READERS = 2 };

struct contest {
	struct core_fixture *f;
	struct session *reader;
	struct id file;
	struct id ids[RACES];
	_Atomic int acknowledged; /* a reading begun after that gets no byte */
	_Atomic int begun;
	_Atomic bool is_over;
	_Atomic int read, refused, wrong;
};

static void read_once(struct contest *c, struct arena *arena, int i)
{
	struct cx cx = core_fixture_cx(c->f, c->reader);
	struct download *download;
	struct buf piece CLEANUP_BUF;
	bool is_over, must_be_gone = i < atomic_load(&c->acknowledged);
	cx.arena = arena;
	buf_init(&piece, CHUNK_BYTES);
	enum err err = download_open(&cx, &c->file, &c->ids[i], &download);
	if (err == OK) {
		/* Opened before, it gives nothing that is asked for after. */
		must_be_gone = i < atomic_load(&c->acknowledged);
		err = download_next(download, &piece, &is_over);
		download_free(download);
	}
	bool is_right = err == OK ? piece.len == FILE_TEST_BYTES && !must_be_gone
				  : err == ERR_CONFLICT || err == ERR_DENIED;
	if (!is_right)
		atomic_fetch_add(&c->wrong, 1);
	atomic_fetch_add(err == OK ? &c->read : &c->refused, 1);
}

static void *keep_reading(void *argument)
{
	struct contest *c = argument;
	while (!atomic_load(&c->is_over)) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 16 << 20);
		int i = atomic_load(&c->begun);
		read_once(c, &arena, i);
		while (i < atomic_load(&c->acknowledged) && i == atomic_load(&c->begun) &&
		       !atomic_load(&c->is_over))
			nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
	}
	return NULL;
}

static void recall_all(struct contest *c)
{
	for (int i = 0; i < RACES; i++) {
		struct arena arena CLEANUP_ARENA;
		struct recalled recalled;
		enum err err;
		arena_init(&arena, 16 << 20);
		atomic_store(&c->begun, i);
		/* So that both sides win now and then. */
		if (i % 3 == 0)
			nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
		do
			err = file_test_try_recall(c->f, c->f->admin, &c->ids[i], &c->file,
						   i % 2 ? "gabi@example.org" : NULL, &recalled);
		while (err == ERR_BUSY);
		atomic_store(&c->acknowledged, i + 1);
		if (err != OK || recalled.is_repeat)
			atomic_fetch_add(&c->wrong, 1);
		read_once(c, &arena, i);
	}
}

static void readers_lose_against_the_recall(void **state)
{
	struct core_fixture *f = *state;
	static struct contest contest;
	pthread_t threads[READERS];
	memset(&contest, 0, sizeof(contest));
	contest.f = f;
	contest.reader = core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	contest.file = file_test_pdf(f, f->admin, "a.pdf");
	for (int i = 0; i < RACES; i++)
		contest.ids[i] = file_test_give(f, f->admin, "gabi@example.org", &contest.file);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, keep_reading, &contest), 0);
	recall_all(&contest);
	atomic_store(&contest.is_over, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(contest.wrong, 0);
	assert_true(contest.read > 0);
	assert_true(contest.refused >= RACES);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* Paula attaches it again, or forwards it, while it is recalled from her: either the copy goes with
 * it, or it is not sent. */
struct passing {
	struct core_fixture *f;
	struct session *paula;
	struct id file, message;
	bool is_forward;
	enum err err;
	struct id sent;
};

static void *pass(void *argument)
{
	struct passing *p = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(p->f, p->paula);
	struct form_errors errors = {.count = 0};
	struct draft draft = file_test_draft("peter@example.org", &p->file, 1);
	struct sent sent;
	arena_init(&arena, 16 << 20);
	cx.arena = &arena;
	if (p->is_forward)
		draft.forward_of = p->message;
	draft.file_count = p->is_forward ? 0 : 1;
	p->err = message_send(&cx, &draft, &sent, &errors);
	p->sent = sent.id;
	return NULL;
}

static void what_is_passed_on_meanwhile_goes_too(void **state)
{
	struct core_fixture *f = *state;
	enum { TRIES = 60 };
	int sent = 0, refused = 0;
	struct people p = meet(f);
	core_fixture_set(f, "messages_per_hour_professional", STR("100000"));
	for (int i = 0; i < TRIES; i++) {
		pthread_t thread;
		struct passing passing = {.f = f, .paula = p.paula, .is_forward = i % 2};
		passing.file = file_test_pdf(f, f->admin, "a.pdf");
		passing.message = file_test_give(f, f->admin, "paula@example.org", &passing.file);
		assert_int_equal(pthread_create(&thread, NULL, pass, &passing), 0);
		nanosleep(&(struct timespec){.tv_nsec = (i % 10) * 200000}, NULL);
		file_test_recall(f, f->admin, &passing.message, &passing.file, NULL);
		pthread_join(thread, NULL);
		enum err err = file_test_read(f, p.peter, &passing.file, NULL);
		if (err != ERR_CONFLICT && err != ERR_NOT_FOUND)
			fail_msg("%d: %s, %s", i, err_name(passing.err), err_name(err));
		sent += err == ERR_CONFLICT;
		refused += err == ERR_NOT_FOUND;
		assert_true(passing.err == OK || passing.err == ERR_INVALID);
	}
	assert_true(sent > 0 && refused > 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(from_everybody_and_from_one),
		CORE_TEST(the_last_one_is_everybody),
		CORE_TEST(who_may_not),
		CORE_TEST(it_reaches_what_was_attached_again),
		CORE_TEST(the_recall_of_the_message_reaches_as_far),
		CORE_TEST(a_partial_recall_of_the_message_too),
		CORE_TEST(it_reaches_who_was_forwarded_to),
		CORE_TEST(deleting_ones_copy_stops_no_recall),
		CORE_TEST(a_message_in_between_that_is_gone_stops_none),
		CORE_TEST(nothing_is_left_of_a_deleted_chain),
		CORE_TEST(a_key_put_back_is_of_no_use),
		CORE_TEST(what_expires_ends_where_it_was_sent_on),
		CORE_TEST(what_expires_ends_there_without_the_copy_too),
		CORE_TEST(it_is_told),
		CORE_TEST(a_registration_brings_nothing_back),
		CORE_TEST(readers_lose_against_the_recall),
		CORE_TEST(what_is_passed_on_meanwhile_goes_too),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
