/* Looking for entries of the audit log: whatever is asked for, all that fits is found once, newest
 * first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/audit_find.h"
#include "store/engines_test_support.h"
#include "store/schema.h"
#include "store/store_direct.h"

enum { ROWS = 120, TIMES = 40, STEP = 7 };

static const struct id people[] = {
	{""}, {"01ARZ3NDEKTSV4RRFFQ69G5FAV"}, {"01ARZ3NDEKTSV4RRFFQ69G5FAW"}};
static const enum audit_kind kinds[] = {AUDIT_SIGN_IN, AUDIT_SETTING, AUDIT_RECALL, AUDIT_BACKUP};

struct log {
	struct store_fixture fixture;
	struct audit_entry entries[ROWS];
	int count;
};

static int setup(void **state)
{
	const bool *is_postgres = *state;
	static struct log log;
	log = (struct log){.count = 0};
	store_fixture_init(&log.fixture, *is_postgres);
	assert_int_equal(crypto_init(), OK);
	*state = &log;
	return store_fixture_open(&log.fixture, schema_migrations, schema_migration_count, 2) == OK
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	struct log *log = *state;
	store_fixture_release(&log->fixture);
	return 0;
}

static enum err append_all(struct db *db, void *argument)
{
	struct log *log = argument;
	for (int i = 0; i < log->count; i++)
		TRY(audit_append(db, &log->entries[i]));
	return OK;
}

/* The clock goes on, stands still and is put back; who acts and what they do has no order either.
 */
static void fill(struct log *log)
{
	unsigned mix = 1;
	log->count = ROWS;
	for (int i = 0; i < ROWS; i++) {
		mix = mix * 1664525U + 1013904223U;
		log->entries[i] = (struct audit_entry){
			.number = i + 1,
			.at_ms = 1000 + (i < ROWS / 2 ? i / 2 : (int)((mix >> 8) % TIMES)),
			.kind = kinds[(mix >> 16) % 3],
			.actor_id = people[(mix >> 18) % 3],
			.object_id = people[(mix >> 20) % 3],
		};
	}
	assert_int_equal(store_transact(log->fixture.store, append_all, log, NULL), OK);
}

static bool is_about(const struct audit_entry *entry, const struct id *person_id)
{
	return id_is_empty(person_id) || id_eq(&entry->actor_id, person_id) ||
	       id_eq(&entry->object_id, person_id);
}

static bool fits(const struct audit_entry *entry, const struct audit_filter *filter)
{
	return (filter->kinds == 0 || (filter->kinds & AUDIT_KIND(entry->kind)) != 0) &&
	       is_about(entry, &filter->person_id) && entry->at_ms >= filter->from_ms &&
	       (filter->until_ms == 0 || entry->at_ms < filter->until_ms);
}

static int newest_first(const void *a, const void *b)
{
	const struct audit_entry *x = a, *y = b;
	return x->at_ms != y->at_ms ? (int)(y->at_ms - x->at_ms) : (int)(y->number - x->number);
}

static size_t expected(const struct log *log, const struct audit_filter *filter,
		       struct audit_entry ret[ROWS])
{
	size_t count = 0;
	for (int i = 0; i < log->count; i++) {
		if (fits(&log->entries[i], filter))
			ret[count++] = log->entries[i];
	}
	qsort(ret, count, sizeof(ret[0]), newest_first);
	return count;
}

/* All pages, one after the other. */
static size_t walk(struct log *log, struct audit_filter filter, struct audit_entry ret[ROWS])
{
	struct db *db CLEANUP_READ = NULL;
	struct arena arena CLEANUP_ARENA;
	struct audit_entry *page;
	size_t count, found = 0;
	arena_init(&arena, 1 << 20);
	assert_int_equal(store_read_begin(log->fixture.store, &db), OK);
	do {
		assert_int_equal(audit_find(db, &arena, &filter, STEP, &page, &count), OK);
		assert_true(count <= STEP && found + count <= ROWS);
		for (size_t i = 0; i < count; i++)
			ret[found++] = page[i];
		if (count > 0)
			filter.before = page[count - 1].number;
	} while (count > 0);
	return found;
}

static void expect(struct log *log, const struct audit_filter *filter)
{
	struct audit_entry wanted[ROWS], found[ROWS];
	size_t wanted_count = expected(log, filter, wanted);
	size_t count = walk(log, *filter, found);
	for (size_t i = 0; i < count && i < wanted_count; i++) {
		if (found[i].number != wanted[i].number)
			fail_msg("kinds %llx, person %s, %lld to %lld: %lld is not %lld",
				 (unsigned long long)filter->kinds, filter->person_id.text,
				 (long long)filter->from_ms, (long long)filter->until_ms,
				 (long long)found[i].number, (long long)wanted[i].number);
		assert_int_equal(found[i].at_ms, wanted[i].at_ms);
		assert_int_equal(found[i].kind, wanted[i].kind);
	}
	assert_int_equal(count, wanted_count);
}

static void all_that_fits_is_found_once_newest_first(void **state)
{
	struct log *log = *state;
	static const int64_t sets[] = {
		0, AUDIT_KIND(AUDIT_SIGN_IN),
		AUDIT_KIND(AUDIT_SETTING) | AUDIT_KIND(AUDIT_RECALL) | AUDIT_KIND(AUDIT_BACKUP),
		AUDIT_KIND(AUDIT_BACKUP), /* of which there is none */
	};
	static const int64_t times[][2] = {{0, 0},       {1010, 0}, {0, 1020}, {1010, 1020},
					   {1015, 1016}, {2000, 0}, {0, 500}};
	expect(log, &(struct audit_filter){.kinds = 0}); /* of nothing at all */
	fill(log);
	for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++)
		for (size_t p = 0; p < sizeof(people) / sizeof(people[0]); p++)
			for (size_t t = 0; t < sizeof(times) / sizeof(times[0]); t++)
				expect(log, &(struct audit_filter){.kinds = sets[s],
								   .person_id = people[p],
								   .from_ms = times[t][0],
								   .until_ms = times[t][1]});
}

/* Nobody hides what is older by taking out the entry at which a page ends. */
static void a_list_goes_on_after_an_entry_that_is_gone(void **state)
{
	struct log *log = *state;
	log->count = 5;
	for (int i = 0; i < log->count; i++)
		log->entries[i] = (struct audit_entry){.at_ms = 1000 + i, .kind = AUDIT_SETTING};
	assert_int_equal(store_transact(log->fixture.store, append_all, log, NULL), OK);
	store_direct_run(log->fixture.url, "DELETE FROM audit WHERE number IN (1, 4)");
	struct audit_entry found[ROWS];
	assert_int_equal(walk(log, (struct audit_filter){.before = 4}, found), 2);
	assert_int_equal(found[0].number, 3);
	assert_int_equal(walk(log, (struct audit_filter){.before = 1}, found), 0);
	assert_int_equal(walk(log, (struct audit_filter){.before = INT64_MAX}, found), 3);
}

#define FIND_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FIND_TEST(all_that_fits_is_found_once_newest_first),
		FIND_TEST(a_list_goes_on_after_an_entry_that_is_gone),
	};
	return engines_test_run("audit", tests, sizeof(tests) / sizeof(tests[0]));
}
