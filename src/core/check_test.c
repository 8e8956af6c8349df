/* `postern check`: what it says of rows that name what is not there, and of what outlived its end.
 * Rows that fail their own check: attack_test.c, damage_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/check.h"
#include "core/housekeeping.h"
#include "core/label.h"
#include "core/mailbox_move.h"
#include "core/preferences.h"
#include "core/recall_test_support.h"
#include "store/store_direct.h"
#include "store/tracks.h"

#define GABI STR("gabi@example.org")
#define HUGO STR("hugo@example.org")

/* An id that nothing has. */
static const char nobody[] = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

static struct session *gabi, *hugo;

struct listening {
	const char *sentence;
	int64_t told, others;
};

static void listen(void *argument, struct str sentence)
{
	struct listening *listening = argument;
	if (str_starts_with(sentence, str_of(listening->sentence)))
		listening->told++;
	else
		listening->others++;
}

static struct listening check(struct core_fixture *f, const char *sentence)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct listening listening = {.sentence = sentence};
	struct check_report report;
	assert_int_equal(check_all(&cx, listen, &listening, &report), OK);
	return listening;
}

static void assert_told(struct core_fixture *f, const char *sentence)
{
	struct listening listening = check(f, sentence);
	if (listening.told != 1 || listening.others != 0)
		fail_msg("%s: told %d times, and %d others", sentence, (int)listening.told,
			 (int)listening.others);
}

static void meet(struct core_fixture *f)
{
	gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	hugo = core_fixture_person(f, HUGO, STR("Hugo"), GRADE_GUEST);
	assert_int_equal(core_fixture_problems(f), 0);
}

static struct id send(struct core_fixture *f, struct str to)
{
	return core_fixture_send(f, f->admin, to, STR("Findings"), STR("Secret")).id;
}

static struct id label_of(struct core_fixture *f, struct session *session, const struct id *message)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct id id;
	assert_int_equal(label_create(&cx, STR("Tax"), &id, &errors), OK);
	assert_int_equal(label_put(&cx, &id, message, 1, true), OK);
	return id;
}

static void relabel(struct core_fixture *f, const struct id *label)
{
	store_direct_run(f->url, arena_printf(&f->arena,
					      "UPDATE delivery_labels SET label_id = '%s' WHERE "
					      "user_id = '%s'",
					      label->text, gabi->user.id.text)
					 .data);
}

/* P4.1 */
static void labels_are_on_ones_own_messages(void **state)
{
	static const char sentence[] = "Labels are on messages that their owners do not have";
	struct core_fixture *f = *state;
	meet(f);
	struct id message = send(f, GABI);
	struct id label = label_of(f, gabi, &message);
	struct id other = label_of(f, f->admin, &message);
	assert_int_equal(core_fixture_problems(f), 0);
	/* Somebody else's label. */
	relabel(f, &other);
	assert_told(f, sentence);
	relabel(f, &label);
	assert_int_equal(core_fixture_problems(f), 0);
	/* On what is no more: without what deletes it on the way. */
	struct cx cx = core_fixture_cx(f, gabi);
	store_direct_run(f->url, "CREATE TABLE saved AS SELECT * FROM delivery_labels");
	assert_int_equal(mailbox_move(&cx, &message, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &message, 1), OK);
	assert_int_equal(core_fixture_problems(f), 0);
	store_direct_run(f->url, arena_printf(&f->arena,
					      "INSERT INTO delivery_labels SELECT * FROM saved "
					      "WHERE user_id = '%s'",
					      gabi->user.id.text)
					 .data);
	assert_told(f, sentence);
}

/* P4.2: the keys go with the date; whoever looks a day later must find none. */
static void keys_end_with_the_date(void **state)
{
	static const char sentence[] = "A message has expired, and its keys are still there";
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	meet(f);
	const struct draft draft = {.to = GABI,
				    .subject = STR("Findings"),
				    .body = STR("Secret"),
				    .expires = STR("2026-01-02T00:00:00Z")};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, NULL), OK);
	core_fixture_sleep(f, 2 * DAY_MS);
	assert_int_equal(core_fixture_problems(f), 0);
	core_fixture_sleep(f, 1);
	assert_told(f, sentence);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static enum err end_for_sender(struct db *db, void *argument)
{
	struct delivery *next = argument;
	struct delivery old = *next;
	next->ended = DELIVERY_RECALLED;
	next->ended_ms = 1;
	return deliveries_end(db, &old, next);
}

/* P4.4: the sender keeps what they recall. */
static void nothing_is_recalled_from_its_sender(void **state)
{
	struct core_fixture *f = *state;
	struct message_copy copy;
	meet(f);
	struct id id = send(f, GABI);
	recall_test_whole(f, f->admin, &id, STR("Sorry"));
	assert_int_equal(core_fixture_problems(f), 0);
	{
		struct db *db CLEANUP_READ = NULL;
		assert_int_equal(store_read_begin(f->portal->store, &db), OK);
		assert_int_equal(messages_get(db, &f->arena, &f->admin->user.id, &id, &copy), OK);
	}
	assert_int_equal(
		store_transact(f->portal->store, end_for_sender, &copy.delivery, &f->arena), OK);
	assert_told(f, "A message is recalled from its own sender");
}

/* P4.3: who only got it quoted leaves no track. */
static void tracks_are_of_recipients(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send(f, GABI), via = send(f, HUGO);
	core_fixture_open(f, gabi, &id);
	store_direct_run(f->url, arena_printf(&f->arena,
					      "DELETE FROM deliveries WHERE message_id = '%s' AND "
					      "user_id = '%s'",
					      id.text, gabi->user.id.text)
					 .data);
	recall_test_quote(f, f->admin, &id, &via, &gabi->user);
	assert_int_equal(check(f, "A track is of somebody who is no recipient").told, 1);
}

/* Each must be told of alone; `table` is put back in between. */
static void assert_each_told(struct core_fixture *f, const char *table, const char *sentence,
			     const char *const *attacks, size_t count)
{
	struct arena *arena = &f->arena;
	assert_int_equal(core_fixture_problems(f), 0);
	store_direct_run(f->url,
			 arena_printf(arena, "CREATE TABLE saved AS SELECT * FROM %s", table).data);
	for (size_t i = 0; i < count; i++) {
		store_direct_run(f->url, attacks[i]);
		struct listening listening = check(f, sentence);
		if (listening.told != 1 || listening.others != 0)
			fail_msg("%s: told %d times, and %d others", attacks[i],
				 (int)listening.told, (int)listening.others);
		store_direct_run(f->url, arena_printf(arena, "DELETE FROM %s", table).data);
		store_direct_run(
			f->url,
			arena_printf(arena, "INSERT INTO %s SELECT * FROM saved", table).data);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P4.1: what the pages of people list was sent by the one to the other. */
static void exchanges_are_of_messages_between_the_two(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send(f, GABI), other = send(f, HUGO);
	const char *of = arena_printf(&f->arena, "WHERE message_id = '%s'", id.text).data;
	const char *const attacks[] = {
		arena_printf(&f->arena, "UPDATE exchanges SET message_id = '%s' %s", other.text, of)
			.data,
		arena_printf(&f->arena, "UPDATE exchanges SET message_id = '%s' %s", nobody, of)
			.data,
		arena_printf(&f->arena, "UPDATE exchanges SET low_id = '%s' %s", nobody, of).data,
		arena_printf(&f->arena, "UPDATE exchanges SET high_id = '%s' %s", nobody, of).data,
		arena_printf(&f->arena, "UPDATE exchanges SET low_id = high_id %s", of).data,
		arena_printf(&f->arena,
			     "UPDATE exchanges SET low_id = high_id, high_id = low_id %s", of)
			.data,
	};
	assert_each_told(f, "exchanges", "People are said to have exchanged what they have not",
			 attacks, sizeof(attacks) / sizeof(attacks[0]));
}

/* P4.1: an absence is somebody's, and answers people. */
static void answers_are_of_an_absence(void **state)
{
	static const struct preferences away = {
		.notify = NOTIFY_EACH,
		.away_from = STR("2026-01-01"),
		.away_until = STR("2026-01-02"),
		.away_text = STR("I am in the mountains."),
	};
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	meet(f);
	assert_int_equal(preferences_write(&cx, &away, &errors), OK);
	core_fixture_send(f, gabi, STR("admin@example.com"), STR("Hello"), STR("Text"));
	const char *const attacks[] = {
		arena_printf(&f->arena, "UPDATE away_answers SET user_id = '%s'", nobody).data,
		arena_printf(&f->arena, "UPDATE away_answers SET user_id = '%s'",
			     hugo->user.id.text)
			.data,
		arena_printf(&f->arena, "UPDATE away_answers SET away_id = '%s'", nobody).data,
		arena_printf(&f->arena, "UPDATE away_answers SET sender_id = '%s'", nobody).data,
	};
	assert_each_told(f, "away_answers",
			 "Somebody is said to be answered in an absence that is none", attacks,
			 sizeof(attacks) / sizeof(attacks[0]));
}

/* P6.2: what the evidence of a signature says about its address. */
static void what_proves_an_address_is_as_it_was_written(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	const char *of = arena_printf(&f->arena, "WHERE user_id = '%s'", gabi->user.id.text).data;
	const char *const attacks[] = {
		arena_printf(&f->arena, "UPDATE address_proofs SET address = 'hugo@example.com' %s",
			     of)
			.data,
		arena_printf(&f->arena, "UPDATE address_proofs SET at_ms = at_ms - 1 %s", of).data,
		arena_printf(&f->arena, "UPDATE address_proofs SET kind = 3 %s", of).data,
		arena_printf(&f->arena,
			     "UPDATE address_proofs SET link = (SELECT link FROM address_proofs "
			     "WHERE user_id = '%s') %s",
			     hugo->user.id.text, of)
			.data,
		/* Of two people who registered at one moment it would be the same row. */
		arena_printf(&f->arena,
			     "UPDATE address_proofs SET user_id = '%s', at_ms = at_ms + 1 %s",
			     hugo->user.id.text, of)
			.data,
	};
	assert_each_told(f, "address_proofs",
			 "What proves somebody's address was changed or planted from outside",
			 attacks, sizeof(attacks) / sizeof(attacks[0]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(labels_are_on_ones_own_messages),
		CORE_TEST(keys_end_with_the_date),
		CORE_TEST(nothing_is_recalled_from_its_sender),
		CORE_TEST(tracks_are_of_recipients),
		CORE_TEST(exchanges_are_of_messages_between_the_two),
		CORE_TEST(answers_are_of_an_absence),
		CORE_TEST(what_proves_an_address_is_as_it_was_written),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
