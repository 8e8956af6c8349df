/* Labels (P4.1): each person's own, by name, on as many messages as they like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/core_test_support.h"
#include "core/label.h"
#include "core/mailbox_move.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")

static struct id create(struct core_fixture *f, struct session *session, struct str name)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct id id;
	assert_int_equal(label_create(&cx, name, &id, &errors), OK);
	return id;
}

static enum err try_create(struct core_fixture *f, struct str name, struct str *ret_sentence)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct id id;
	enum err err = label_create(&cx, name, &id, &errors);
	*ret_sentence = form_errors_for(&errors, "name");
	return err;
}

static enum err put(struct core_fixture *f, struct session *session, const struct id *label,
		    const struct id *message, bool is_on)
{
	struct cx cx = core_fixture_cx(f, session);
	return label_put(&cx, label, message, 1, is_on);
}

static enum err set(struct core_fixture *f, const struct id *message, const struct str *names,
		    size_t count)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	enum err err = label_set(&cx, message, names, count, "labels", &errors);
	assert_int_equal(form_errors_for(&errors, "labels").len > 0, err == ERR_INVALID);
	return err;
}

/* "A, B" of a message as its own row has them. */
static struct str labels_of(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	struct message_row row;
	struct message_view view;
	struct str joined = STR("");
	assert_int_equal(mailbox_row(&cx, id, &row), OK);
	assert_int_equal(mailbox_look(&cx, id, &view), OK);
	assert_int_equal(row.label_count, view.label_count);
	for (size_t i = 0; i < row.label_count; i++) {
		assert_str(row.labels[i].name, view.labels[i].name);
		joined = arena_printf(&f->arena, "%.*s%s%.*s", STR_ARGS(joined), i > 0 ? ", " : "",
				      STR_ARGS(row.labels[i].name));
	}
	return joined;
}

static struct id message(struct core_fixture *f)
{
	return core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("Text")).id;
}

static size_t count_with(struct core_fixture *f, const struct id *label)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct message_list list;
	struct label found;
	assert_int_equal(label_messages(&cx, label, STR(""), 50, &found, &list), OK);
	assert_true(id_eq(&found.id, label));
	return list.count;
}

static void a_label_is_made_renamed_and_deleted(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct label *labels;
	size_t count;
	struct id zoo = create(f, f->admin, STR(" Zoo "));
	create(f, f->admin, STR("\xC3\x84rzte")); /* Ärzte */
	assert_int_equal(label_list(&cx, &labels, &count), OK);
	assert_int_equal(count, 2);
	/* Accents do not send it behind Zoo. */
	assert_str(labels[0].name, STR("\xC3\x84rzte"));
	assert_str(labels[1].name, STR("Zoo"));
	struct id id = message(f);
	assert_int_equal(put(f, f->admin, &zoo, &id, true), OK);
	assert_int_equal(label_rename(&cx, &zoo, STR("zoo"), &errors), OK);
	assert_int_equal(label_rename(&cx, &zoo, STR("Aquarium"), &errors), OK);
	assert_str(labels_of(f, f->admin, &id), STR("Aquarium"));
	assert_int_equal(label_rename(&cx, &zoo, STR("ARZTE"), &errors), ERR_INVALID);
	assert_int_equal(core_fixture_problems(f), 0);
	assert_int_equal(label_delete(&cx, &zoo), OK);
	assert_str(labels_of(f, f->admin, &id), STR(""));
	assert_int_equal(label_delete(&cx, &zoo), ERR_NOT_FOUND);
	assert_int_equal(label_rename(&cx, &zoo, STR("x"), &errors), ERR_NOT_FOUND);
}

static void a_bad_name_is_refused_with_a_sentence(void **state)
{
	struct core_fixture *f = *state;
	char *very_long = arena_alloc(&f->arena, 10000);
	memset(very_long, 'x', 10000);
	create(f, f->admin, STR("Board"));
	const struct {
		const char *what;
		struct str name;
	} bad[] = {
		{"nothing", STR("")},
		{"blanks", STR("   ")},
		{"two lines", STR("a\nb")},
		{"no UTF-8", STR("a\xff")},
		{"a bidirectional override", STR("a\xE2\x80\xAEz")},
		{"one of 10,000 characters", {very_long, 10000}},
		{"one character too many", {very_long, LIMIT_LABEL_CHARS + 1}},
		{"one that is there", STR("Board")},
		{"one that is there but for its case", STR("b\xC3\xB6"
							   "ard")},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct str sentence;
		if (try_create(f, bad[i].name, &sentence) != ERR_INVALID || sentence.len == 0)
			fail_msg("%s is taken", bad[i].what);
	}
	create(f, f->admin, (struct str){very_long, LIMIT_LABEL_CHARS});
}

static void nobody_else_has_them(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct session *ben =
		core_fixture_person(f, STR("ben@example.org"), STR("Ben"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, gabi);
	struct form_errors errors = {0};
	struct id own = create(f, f->admin, STR("Board"));
	struct id hers = create(f, gabi, STR("Board"));
	struct id id = message(f);
	struct message_list list;
	struct label label;
	assert_int_equal(put(f, f->admin, &own, &id, true), OK);
	assert_int_equal(put(f, gabi, &own, &id, true), ERR_NOT_FOUND);
	assert_int_equal(put(f, gabi, &hers, &id, true), OK);
	assert_int_equal(label_rename(&cx, &own, STR("x"), &errors), ERR_NOT_FOUND);
	assert_int_equal(label_delete(&cx, &own), ERR_NOT_FOUND);
	assert_int_equal(label_messages(&cx, &own, STR(""), 50, &label, &list), ERR_NOT_FOUND);
	assert_int_equal(label_messages(&cx, &hers, STR("x"), 50, &label, &list), ERR_INVALID);
	/* Nor does one label what one has not got, all or nothing. */
	struct cx bens = core_fixture_cx(f, ben);
	struct id of_ben = create(f, ben, STR("Ben's"));
	struct message_list inbox = core_test_inbox(f, ben);
	const struct id both[] = {inbox.rows[0].id, id};
	assert_int_equal(label_put(&bens, &of_ben, both, 2, true), ERR_NOT_FOUND);
	assert_str(labels_of(f, ben, &both[0]), STR(""));
	assert_int_equal(label_put(&bens, &of_ben, both, 0, true), ERR_INVALID);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void names_given_together_take_the_place_of_all(void **state)
{
	struct core_fixture *f = *state;
	struct id id = message(f);
	const struct str first[] = {STR("Board"), STR("Taxes"), STR("board")};
	const struct str next[] = {STR("TAXES"), STR("Later")};
	assert_int_equal(set(f, &id, first, 3), OK);
	assert_str(labels_of(f, f->admin, &id), STR("Board, Taxes"));
	assert_int_equal(set(f, &id, next, 2), OK);
	assert_str(labels_of(f, f->admin, &id), STR("Later, Taxes"));
	assert_int_equal(set(f, &id, NULL, 0), OK);
	assert_str(labels_of(f, f->admin, &id), STR(""));
	const struct str bad[] = {STR("Fine"), STR("")};
	assert_int_equal(set(f, &id, bad, 2), ERR_INVALID);
	struct str many[LIMIT_LABELS_PER_MESSAGE + 1];
	for (size_t i = 0; i <= LIMIT_LABELS_PER_MESSAGE; i++)
		many[i] = arena_printf(&f->arena, "Label %zu", i);
	assert_int_equal(set(f, &id, many, LIMIT_LABELS_PER_MESSAGE + 1), ERR_INVALID);
	assert_int_equal(set(f, &id, many, LIMIT_LABELS_PER_MESSAGE), OK);
	struct id one_more = create(f, f->admin, many[LIMIT_LABELS_PER_MESSAGE]);
	assert_int_equal(put(f, f->admin, &one_more, &id, true), ERR_TOO_LARGE);
	assert_int_equal(count_with(f, &one_more), 0);
	struct id nothing = id_new(1);
	assert_int_equal(set(f, &nothing, first, 1), ERR_NOT_FOUND);
}

static void there_are_only_so_many(void **state)
{
	struct core_fixture *f = *state;
	struct str sentence;
	struct id id = message(f);
	for (int i = 0; i < LIMIT_LABELS; i++)
		create(f, f->admin, arena_printf(&f->arena, "Label %d", i));
	assert_int_equal(try_create(f, STR("One more"), &sentence), ERR_INVALID);
	assert_true(sentence.len > 0);
	assert_int_equal(set(f, &id, &STR("Another"), 1), ERR_INVALID);
	assert_int_equal(set(f, &id, &STR("Label 1"), 1), OK);
}

static void what_has_a_label_is_listed_page_by_page(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id label = create(f, f->admin, STR("Board"));
	struct id ids[5];
	struct message_list list;
	struct label found;
	for (size_t i = 0; i < 5; i++) {
		core_fixture_sleep(f, 1000);
		ids[i] = message(f);
	}
	assert_int_equal(label_put(&cx, &label, ids, 5, true), OK);
	assert_int_equal(label_put(&cx, &label, ids, 1, true), OK);
	assert_int_equal(mailbox_move(&cx, &ids[3], 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_move(&cx, &ids[2], 1, BOX_ARCHIVE), OK);
	assert_int_equal(label_messages(&cx, &label, STR(""), 2, &found, &list), OK);
	assert_int_equal(list.count, 2);
	assert_true(id_eq(&list.rows[0].id, &ids[4]) && id_eq(&list.rows[1].id, &ids[2]));
	assert_int_equal(label_messages(&cx, &label, list.next_cursor, 2, &found, &list), OK);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.next_cursor.len, 0);
	assert_true(id_eq(&list.rows[1].id, &ids[0]));
	assert_int_equal(label_put(&cx, &label, ids, 2, false), OK);
	assert_int_equal(count_with(f, &label), 2);
	/* Deleted for ever, it has none. */
	assert_int_equal(mailbox_destroy(&cx, &ids[3], 1), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P4.1: new mail does not hide what was filed, and what is taken off a row is off it. */
static void a_row_has_the_labels_of_its_conversation(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id label = create(f, f->admin, STR("Board"));
	struct session *ben =
		core_fixture_person(f, STR("ben@example.com"), STR("Ben"), GRADE_GUEST);
	struct sent first =
		core_fixture_send(f, ben, f->admin->user.address, STR("Tax"), STR("One"));
	struct cx bens = core_fixture_cx(f, ben);
	struct message_list list;
	struct draft more;
	struct sent sent;
	assert_int_equal(put(f, f->admin, &label, &first.id, true), OK);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(message_reply_draft(&bens, &first.id, false, &more), OK);
	more.body = STR("Two");
	assert_int_equal(core_fixture_try_send(f, ben, &more, &sent, NULL), OK);
	assert_int_equal(mailbox_conversations(&cx, BOX_INBOX, STR(""), 10, &list), OK);
	assert_int_equal(list.count, 1);
	assert_true(id_eq(&list.rows[0].id, &sent.id));
	assert_int_equal(list.rows[0].label_count, 1);
	assert_str(list.rows[0].labels[0].name, STR("Board"));
	assert_int_equal(put(f, f->admin, &label, &sent.id, false), OK);
	assert_int_equal(mailbox_conversations(&cx, BOX_INBOX, STR(""), 10, &list), OK);
	assert_int_equal(list.rows[0].label_count, 0);
	/* Another reader's labels are their own. */
	assert_int_equal(mailbox_conversations(&bens, BOX_SENT, STR(""), 10, &list), OK);
	assert_int_equal(list.rows[0].label_count, 0);
}

static void a_name_changed_in_the_database_is_not_shown(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct label *labels;
	size_t count;
	struct log_capture log;
	struct id id = message(f);
	struct id one = create(f, f->admin, STR("One"));
	create(f, f->admin, STR("Two"));
	assert_int_equal(put(f, f->admin, &one, &id, true), OK);
	/* It has the other's name. */
	char sql[256];
	snprintf(sql, sizeof(sql),
		 "UPDATE labels SET name = (SELECT o.name FROM labels o WHERE o.id <> labels.id) "
		 "WHERE id = '%s'",
		 one.text);
	store_direct_run(f->url, sql);
	log_capture_begin(&log);
	assert_int_equal(label_list(&cx, &labels, &count), OK);
	assert_int_equal(count, 2);
	assert_true(labels[0].is_unreadable && labels[0].name.len == 0);
	assert_str(labels_of(f, f->admin, &id), STR(""));
	assert_non_null(strstr(log_capture_end(&log), "label.unreadable"));
	store_direct_run(f->url, "UPDATE labels SET version = 0");
	assert_int_equal(core_fixture_problems(f), 2);
}

/* P4.1: box, mark and labels change together or not at all. */
static void a_change_is_whole_or_nothing(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct message_row row;
	struct id id = message(f), none = id_new(cx_now_ms(&cx));
	for (int i = 0; i < LIMIT_LABELS - 1; i++)
		create(f, f->admin, arena_printf(&f->arena, "label %d", i));
	const struct str both[] = {STR("label 1"), STR("label 2")};
	const struct str two_new[] = {STR("new"), STR("one too many")};
	const struct str named_badly[] = {STR("label 3"), STR("")};
	const struct mailbox_change good = {.has_box = true,
					    .box = BOX_ARCHIVE,
					    .has_read = true,
					    .is_read = false,
					    .has_labels = true,
					    .labels = both,
					    .label_count = 2};
	struct mailbox_change bad = {.has_box = true,
				     .box = BOX_TRASH,
				     .has_read = true,
				     .is_read = true,
				     .has_labels = true,
				     .label_count = 2};
	assert_int_equal(mailbox_change(&cx, &id, &good, "labels", &errors), OK);
	const struct str *const refused[] = {two_new, named_badly};
	for (size_t i = 0; i <= 2; i++) {
		assert_int_equal(mailbox_row(&cx, &id, &row), OK);
		assert_int_equal(row.box, BOX_ARCHIVE);
		assert_true(row.is_unread);
		assert_str(labels_of(f, f->admin, &id), STR("label 1, label 2"));
		if (i == 2)
			break;
		errors.count = 0;
		bad.labels = refused[i];
		assert_int_equal(mailbox_change(&cx, &id, &bad, "labels", &errors), ERR_INVALID);
		assert_true(form_errors_for(&errors, "labels").len > 0);
	}
	errors.count = 0;
	assert_int_equal(mailbox_change(&cx, &none, &good, "labels", &errors), ERR_NOT_FOUND);
	/* The new one of the refused call was not made: there is room for it. */
	create(f, f->admin, STR("the hundredth"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_label_is_made_renamed_and_deleted),
		CORE_TEST(a_bad_name_is_refused_with_a_sentence),
		CORE_TEST(nobody_else_has_them),
		CORE_TEST(names_given_together_take_the_place_of_all),
		CORE_TEST(there_are_only_so_many),
		CORE_TEST(a_change_is_whole_or_nothing),
		CORE_TEST(what_has_a_label_is_listed_page_by_page),
		CORE_TEST(a_row_has_the_labels_of_its_conversation),
		CORE_TEST(a_name_changed_in_the_database_is_not_shown),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
