/* Erasing somebody (P1.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/audit_log.h"
#include "core/audit_test_support.h"
#include "core/draft.h"
#include "core/file_test_support.h"
#include "core/housekeeping.h"
#include "core/label.h"
#include "core/mailbox_move.h"
#include "core/people.h"
#include "core/people_erase.h"
#include "core/search_scene.h"
#include "store/blob.h"
#include "store/store_direct.h"

#include <stdlib.h>

#define GUEST STR("Gabi@example.org")
#define PRO STR("paul@example.com")

static int64_t number(struct core_fixture *f, const char *sql)
{
	char *text = store_direct_read(f->url, sql);
	assert_non_null(text);
	int64_t value = strtoll(text, NULL, 10);
	free(text);
	return value;
}

static struct erase_counts look(struct core_fixture *f, const struct id *id)
{
	struct cx admin = core_fixture_cx(f, f->admin);
	struct erase_counts counts;
	struct user user;
	assert_int_equal(people_erase_look(&admin, id, &user, &counts), OK);
	return counts;
}

static void what_is_left(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin), nobody = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	struct sign_in begun;
	struct session *paul = core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	const struct id id = gabi->user.id;
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	struct sent to_her = core_fixture_send(f, paul, GUEST, STR("Results"), STR("All is well."));
	struct sent to_him = core_fixture_send(f, gabi, PRO, STR("Thanks"), STR("Good to know."));
	struct erase_counts counts = look(f, &id);
	assert_int_equal(counts.messages, 3); /* with the one that invited her */
	assert_int_equal(counts.alone, 0);
	assert_true(counts.ways_in >= 4); /* password, recovery code, portal, sessions */
	const struct str wrong = PRO, right = STR("gabi@EXAMPLE.org");
	assert_int_equal(people_erase(&admin, &id, &wrong, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "address");
	assert_non_null(core_fixture_next_request(f, begun.token));
	assert_int_equal(people_erase(&admin, &id, &right, &errors), OK);
	audit_test_says(f, AUDIT_USER_ERASED, &f->admin->user.id,
			"Ada Admin erased a person, with all that was theirs.");
	/* Out at once, and for good. */
	assert_null(core_fixture_next_request(f, begun.token));
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	assert_int_equal(people_enable(&admin, &id, true), ERR_NOT_FOUND);
	assert_int_equal(people_erase(&admin, &id, NULL, &errors), ERR_NOT_FOUND);
	/* Paul reads what she wrote, and what he wrote to her. */
	struct message_view view = core_fixture_open(f, paul, &to_him.id);
	assert_false(view.is_unreadable);
	assert_str(view.body, STR("Good to know."));
	assert_str(core_fixture_open(f, paul, &to_her.id).body, STR("All is well."));
	/* Of her there is no key, no name, no address. */
	assert_int_equal(number(f, "SELECT COUNT(*) FROM ways_in WHERE user_id NOT IN (SELECT id "
				   "FROM users WHERE find_key <> '')"),
			 0);
	assert_int_equal(number(f, "SELECT COUNT(*) FROM deliveries WHERE (LENGTH(sealed) > 0 OR "
				   "LENGTH(wrapped) > 0) AND user_id NOT IN (SELECT id FROM users "
				   "WHERE find_key <> '')"),
			 0);
	assert_int_equal(number(f, "SELECT COUNT(*) FROM users WHERE LOWER(address) LIKE '%gabi%' "
				   "OR LOWER(name) LIKE '%gabi%'"),
			 0);
	struct user left;
	assert_int_equal(people_find(&nobody, GUEST, &left), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
	/* The address begins anew, as somebody else. */
	struct session *again = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_false(id_eq(&again->user.id, &id));
	assert_int_equal(core_test_inbox(f, again).count, 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* What the log said of them is gone; that they were erased, and by whom, stays. */
static void the_log_says_that_and_no_more(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct audit_entry *entries;
	size_t count, erased = 0;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL);
	const struct id id = core_fixture_user(f, GUEST).id;
	assert_int_equal(people_erase(&admin, &id, NULL, &errors), OK);
	assert_int_equal(
		number(f, "SELECT COUNT(*) FROM users WHERE seen_ms > 0 AND find_key = ''"), 0);
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_about(db, admin.arena, &id, 0, 100, &entries, &count), OK);
	assert_true(count >= 3);
	for (size_t i = 0; i < count; i++) {
		struct audit_view view;
		assert_int_equal(audit_log_read(&admin, db, &entries[i], &view), OK);
		assert_int_equal(view.is_erased, i + 1 < count);
		erased += entries[i].kind == AUDIT_USER_ERASED;
		if (entries[i].kind == AUDIT_USER_ERASED)
			assert_true(id_eq(&entries[i].actor_id, &f->admin->user.id));
	}
	assert_int_equal(erased, 1);
}

/* What is left of somebody has an address of its own. Who knows their id could have invited an
 * address made of it, and they could not have been erased. */
static void nobody_can_stand_in_the_way(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	const struct id id = core_fixture_user(f, GUEST).id;
	core_fixture_send(f, f->admin, arena_printf(&f->arena, "erased-%s@erased.invalid", id.text),
			  STR("Hello"), STR("Text"));
	assert_int_equal(people_erase(&admin, &id, NULL, &errors), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void what_only_they_had_is_gone(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct session *paul = core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	struct sent sent = core_fixture_send(f, paul, GUEST, STR("For you"), STR("Only."));
	struct cx pauls = core_fixture_cx(f, paul);
	assert_int_equal(mailbox_move(&pauls, &sent.id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&pauls, &sent.id, 1), OK);
	struct cx gabis = core_fixture_cx(f, gabi);
	struct draft_saved saved;
	const struct draft draft = {.subject = STR("Begun"), .body = STR("Dear")};
	assert_int_equal(draft_save(&gabis, &(struct id){0}, 0, &draft, &saved, &errors), OK);
	struct erase_counts counts = look(f, &gabi->user.id);
	assert_int_equal(counts.alone, 1);
	assert_int_equal(counts.drafts, 1);
	assert_int_equal(people_erase(&admin, &gabi->user.id, NULL, &errors), OK);
	assert_int_equal(number(f, "SELECT COUNT(*) FROM drafts"), 0);
	struct str sql = arena_printf(&f->arena, "SELECT COUNT(*) FROM messages WHERE id = '%s'",
				      sent.id.text);
	assert_int_equal(number(f, sql.data), 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* In every box and under a label; and the mails that told of it. */
static void nothing_is_left_of_it(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	static const enum box boxes[] = {BOX_INBOX, BOX_ARCHIVE, BOX_TRASH};
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct cx gabis = core_fixture_cx(f, gabi);
	const struct str label = STR("Private");
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		struct sent sent =
			core_fixture_send(f, f->admin, GUEST, STR("Results"), STR("Well."));
		const struct mailbox_change change = {.has_box = true,
						      .box = boxes[i],
						      .has_labels = true,
						      .labels = &label,
						      .label_count = 1};
		assert_int_equal(mailbox_change(&gabis, &sent.id, &change, "labels", &errors), OK);
	}
	core_fixture_send(f, gabi, STR("admin@example.com"), STR("Thanks"), STR("Good."));
	core_fixture_take_mails(f);
	core_fixture_send(f, f->admin, GUEST, STR("Waits"), STR("In the queue."));
	assert_int_equal(people_erase(&admin, &gabi->user.id, NULL, &errors), OK);
	static const char *const tables[] = {"ways_in", "labels", "delivery_labels",
					     "mails",   "drafts", "erasing"};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		assert_int_equal(number(f, arena_printf(&f->arena,
							"SELECT COUNT(*) FROM %s WHERE user_id = "
							"'%s'",
							tables[i], gabi->user.id.text)
						   .data),
				 0);
	assert_int_equal(number(f, arena_printf(&f->arena,
						"SELECT COUNT(*) FROM deliveries WHERE user_id = "
						"'%s' AND box <> 5",
						gabi->user.id.text)
					   .data),
			 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- files ---- */

static size_t count_blobs(struct core_fixture *f)
{
	struct blob_entry *entries;
	size_t count;
	assert_int_equal(
		blob_list(f->portal->blobs, &f->arena, &(struct id){""}, 100, &entries, &count),
		OK);
	return count;
}

static void their_files(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct session *paul = core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct id given = file_test_pdf(f, gabi, "given.pdf");
	struct id message_id = file_test_give(f, gabi, "paul@example.com", &given);
	size_t blobs = count_blobs(f);
	struct id own = file_test_pdf(f, gabi, "own.pdf");
	/* She is the last one who has the message. */
	struct id alone = file_test_pdf(f, gabi, "alone.pdf");
	struct id alone_id = file_test_give(f, gabi, "paul@example.com", &alone);
	struct cx pauls = core_fixture_cx(f, paul);
	assert_int_equal(mailbox_move(&pauls, &alone_id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&pauls, &alone_id, 1), OK);
	struct id begun = upload_test_create(f, gabi, 3 * CHUNK_BYTES);
	(void)upload_test_send(f, gabi, &begun, 0, 2 * CHUNK_BYTES, UPLOAD_CUT);
	assert_true(count_blobs(f) > blobs + 1);
	assert_int_equal(people_erase(&admin, &gabi->user.id, NULL, &errors), OK);
	/* With the row, the key and the bytes; at once. */
	assert_int_equal(number(f, "SELECT COUNT(*) FROM files"), 1);
	assert_int_equal(number(f, "SELECT COUNT(*) FROM files WHERE LENGTH(owner_wrapped) > 0"),
			 0);
	assert_int_equal(number(f, arena_printf(&f->arena,
						"SELECT COUNT(*) FROM library WHERE user_id = '%s'",
						gabi->user.id.text)
					   .data),
			 0);
	assert_int_equal(count_blobs(f), blobs);
	assert_int_equal(file_test_read(f, paul, &given, &message_id), OK);
	assert_int_equal(file_test_read(f, gabi, &own, NULL), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
	/* With him, the last of it goes. */
	assert_int_equal(people_erase(&admin, &paul->user.id, NULL, &errors), OK);
	struct cx machine = core_fixture_cx(f, NULL);
	core_fixture_sleep(f, 2 * DAY_MS);
	assert_int_equal(housekeeping_sweep(&machine), OK);
	assert_int_equal(number(f, "SELECT COUNT(*) FROM files"), 0);
	assert_int_equal(count_blobs(f), 0);
}

/* ---- much of it ---- */

enum { MANY = 2400, MANY_AT_ONCE = 400 };

static void add_many(struct core_fixture *f, const struct user *to)
{
	for (int done = 0; done < MANY; done += MANY_AT_ONCE) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(f, f->admin);
		struct search_scene_rows rows[MANY_AT_ONCE];
		arena_init(&arena, 64 << 20);
		cx.arena = &arena;
		const struct search_scene_message message = {
			.from = f->admin, .to = to, .subject = STR("s"), .body = STR("b")};
		for (int i = 0; i < MANY_AT_ONCE; i++)
			search_scene_prepare(&cx, &message, &rows[i]);
		search_scene_insert(f->portal, rows, MANY_AT_ONCE);
	}
}

/* A page does not wait for it; nobody is in before all of it is gone. */
static void a_large_mailbox(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin), machine = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	static const char keys[] = "SELECT COUNT(*) FROM deliveries WHERE LENGTH(sealed) > 0";
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	add_many(f, &gabi->user);
	assert_int_equal(people_erase(&admin, &gabi->user.id, NULL, &errors), OK);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	assert_true(f->portal->has_to_erase);
	assert_true(number(f, keys) > 0);
	assert_int_equal(core_fixture_problems(f), 0);
	housekeeping_look(&machine);
	assert_false(f->portal->has_to_erase);
	assert_int_equal(number(f, keys), 0);
	assert_int_equal(number(f, "SELECT COUNT(*) FROM erasing"), 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* Whoever can write to the database erases nobody by it. */
static void what_an_attacker_notes(void **state)
{
	struct core_fixture *f = *state;
	struct cx machine = core_fixture_cx(f, NULL);
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct id own = file_test_pdf(f, gabi, "own.pdf");
	store_direct_run(f->url, "INSERT INTO erasing (user_id) SELECT id FROM users");
	assert_int_equal(housekeeping_sweep(&machine), OK);
	gabi = core_fixture_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD);
	assert_int_equal(core_test_inbox(f, gabi).count, 1);
	assert_int_equal(file_test_read(f, gabi, &own, NULL), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void who_may_not_be_erased(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin), machine = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	const struct id id = f->admin->user.id;
	assert_int_equal(people_erase(&admin, &id, NULL, &errors), ERR_DENIED);
	assert_int_equal(errors.count, 1);
	assert_int_equal(people_erase(&machine, &id, NULL, &errors), ERR_DENIED);
	assert_int_equal(errors.count, 2);
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, gabi);
	assert_int_equal(people_erase(&cx, &id, NULL, &errors), ERR_DENIED);
	assert_int_equal(errors.count, 2);
	/* Somebody who never came is erased as well. */
	assert_int_equal(people_add(&admin, STR("new@example.org"), GRADE_PROFESSIONAL, ROLE_MEMBER,
				    &errors),
			 OK);
	struct id invited = core_fixture_user(f, STR("new@example.org")).id;
	assert_int_equal(people_erase(&machine, &invited, NULL, &errors), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(what_is_left),
		CORE_TEST(the_log_says_that_and_no_more),
		CORE_TEST(nobody_can_stand_in_the_way),
		CORE_TEST_STRICT(what_is_left),
		CORE_TEST(what_only_they_had_is_gone),
		CORE_TEST(nothing_is_left_of_it),
		CORE_TEST(their_files),
		CORE_TEST(a_large_mailbox),
		CORE_TEST(what_an_attacker_notes),
		CORE_TEST(who_may_not_be_erased),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
