/* For the tests of the audit log: what it holds, and what verifying it finds. Include after
 * cmocka.h.
 */
#pragma once

#include "core/audit_log.h"
#include "core/audit_look.h"
#include "core/audit_verify.h"
#include "core/core_test_support.h"
#include "store/audit_find.h"

enum { AUDIT_TEST_SEEN_MAX = 50 };

struct audit_test_seen {
	struct arena *arena;
	struct audit_problem problems[AUDIT_TEST_SEEN_MAX];
	size_t count;
	struct audit_report report;
};

static inline void audit_test_see(void *argument, struct cx *cx,
				  const struct audit_problem *problem)
{
	struct audit_test_seen *seen = argument;
	assert_true(audit_problem_sentence(cx, problem).len > 20);
	assert_true(seen->count < AUDIT_TEST_SEEN_MAX);
	struct audit_problem *kept = &seen->problems[seen->count++];
	*kept = *problem;
	kept->name = arena_copy(seen->arena, problem->name);
	kept->said = arena_copy(seen->arena, problem->said);
	kept->is = arena_copy(seen->arena, problem->is);
}

static inline struct audit_test_seen audit_test_verify(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct audit_test_seen seen = {.arena = cx.arena};
	assert_int_equal(
		audit_verify(&cx, f->portal->checkpoints, audit_test_see, &seen, &seen.report), OK);
	assert_int_equal(seen.count, seen.report.problems);
	return seen;
}

static inline void audit_test_expect(struct core_fixture *f, enum audit_problem_kind kind,
				     int64_t number)
{
	struct audit_test_seen seen = audit_test_verify(f);
	if (seen.count != 1 || seen.problems[0].kind != kind || seen.problems[0].number != number)
		fail_msg("%d problems, the first is %s at %d, not %s at %d", (int)seen.count,
			 seen.count ? audit_problem_word(seen.problems[0].kind) : "none",
			 seen.count ? (int)seen.problems[0].number : 0, audit_problem_word(kind),
			 (int)number);
}

static inline void audit_test_whole(struct core_fixture *f)
{
	struct audit_test_seen seen = audit_test_verify(f);
	if (seen.count > 0)
		fail_msg("%s at %d", audit_problem_word(seen.problems[0].kind),
			 (int)seen.problems[0].number);
}

static inline int64_t audit_test_last(struct core_fixture *f)
{
	struct db *db CLEANUP_READ = NULL;
	uint8_t chain[DIGEST_BYTES];
	int64_t number;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_end(db, &number, chain), OK);
	return number;
}

/* The newest of a kind; entry.number 0: none. */
static inline struct audit_view audit_test_newest(struct core_fixture *f, enum audit_kind kind)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct db *db CLEANUP_READ = NULL;
	struct audit_filter filter = {.kinds = AUDIT_KIND(kind)};
	struct audit_view view = {.version = 0};
	struct audit_entry *entries;
	size_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_find(db, cx.arena, &filter, 1, &entries, &count), OK);
	if (count > 0)
		assert_int_equal(audit_log_read(&cx, db, &entries[0], &view), OK);
	return view;
}

static inline int64_t audit_test_count(struct core_fixture *f, enum audit_kind kind)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct db *db CLEANUP_READ = NULL;
	struct audit_filter filter = {.kinds = AUDIT_KIND(kind)};
	struct audit_entry *entries;
	size_t count;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_find(db, cx.arena, &filter, 10000, &entries, &count), OK);
	return (int64_t)count;
}

static inline void audit_test_by(struct core_fixture *f, enum audit_kind kind,
				 const struct id *actor_id)
{
	struct audit_view view = audit_test_newest(f, kind);
	if (view.entry.number == 0)
		fail_msg("no entry of kind %d", kind);
	assert_false(view.is_changed || view.is_erased);
	assert_str(id_str(&view.entry.actor_id), id_str(actor_id));
	assert_str(view.remote, core_fixture_cx(f, NULL).remote);
}

/* What an administrator reads of the newest of a kind: who did it, and from where. actor_id NULL:
 * the portal itself. */
static inline void audit_test_says(struct core_fixture *f, enum audit_kind kind,
				   const struct id *actor_id, const char *sentence)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {.count = 0};
	struct audit_list list;
	size_t at = 0;
	const struct audit_wish wish = {.limit = 100};
	assert_int_equal(audit_look(&cx, &wish, &list, &errors), OK);
	while (at < list.count && list.lines[at].view.entry.kind != kind)
		at++;
	if (at == list.count)
		fail_msg("no entry of kind %s", audit_kind_word(kind));
	const struct audit_view *view = &list.lines[at].view;
	assert_str(list.lines[at].sentence, str_of(sentence));
	assert_str(id_str(&view->entry.actor_id), actor_id ? id_str(actor_id) : STR(""));
	if (actor_id)
		assert_str(view->remote, cx.remote);
	assert_int_equal(view->entry.at_ms > 0, true);
}
