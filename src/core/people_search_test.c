/* Searching among all people, as an administrator (P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/people.h"
#include "core/people_search.h"
#include "store/store_direct.h"

static struct people_found find(struct core_fixture *f, const struct people_query *query,
				int64_t limit)
{
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct people_found found;
	assert_int_equal(people_search(&admin, query, limit, &found, &errors), OK);
	return found;
}

/* "anna@example.com bo@example.com", in the order found. */
static struct str addresses(struct core_fixture *f, const struct people_query *query)
{
	struct people_found found = find(f, query, 50);
	struct str all = STR("");
	for (size_t i = 0; i < found.count; i++)
		all = arena_printf(&f->arena, "%.*s%s%.*s", STR_ARGS(all), i ? " " : "",
				   STR_ARGS(found.users[i].address));
	assert_int_equal(found.total, found.count);
	return all;
}

static void make_people(struct core_fixture *f)
{
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	core_fixture_person(f, STR("paul@example.com"), STR("P\u00e4ul von Weber"),
			    GRADE_PROFESSIONAL);
	core_fixture_person(f, STR("gabi@clinic.test"), STR("Gabi Weber"), GRADE_GUEST);
	core_fixture_person(f, STR("zoe_x@example.org"), STR("Zoe"), GRADE_GUEST);
	assert_int_equal(
		people_add(&admin, STR("new@example.org"), GRADE_GUEST, ROLE_MEMBER, &errors), OK);
	struct id zoe = core_fixture_user(f, STR("zoe_x@example.org")).id;
	assert_int_equal(people_enable(&admin, &zoe, false), OK);
}

static void found_by_words_and_filters(void **state)
{
	struct core_fixture *f = *state;
	make_people(f);
	static const struct {
		struct people_query query;
		const char *found;
	} cases[] = {
		/* By name; who has none, by the address. */
		{{.q = STR("")},
		 "admin@example.com gabi@clinic.test new@example.org paul@example.com "
		 "zoe_x@example.org"},
		{{.q = STR("  weber ")}, "gabi@clinic.test paul@example.com"},
		{{.q = STR("WEBER pa")}, "paul@example.com"},
		{{.q = STR("p von web exam")}, "paul@example.com"},
		{{.q = STR("exam web von q")}, ""},
		{{.q = STR("p\u00c4ul")}, "paul@example.com"},
		{{.q = STR("clinic.te")}, "gabi@clinic.test"},
		{{.q = STR("@example.org")}, "new@example.org zoe_x@example.org"},
		/* Signs that mean something to the database mean nothing here. */
		{{.q = STR("_")}, "zoe_x@example.org"},
		{{.q = STR("%")}, ""},
		{{.q = STR("\\")}, ""},
		{{.q = STR("nobody")}, ""},
		{{.grade = STR("professional")}, "admin@example.com paul@example.com"},
		{{.role = STR("administrator")}, "admin@example.com"},
		{{.role = STR("member"), .grade = STR("professional")}, "paul@example.com"},
		{{.state = STR("invited")}, "new@example.org"},
		{{.state = STR("disabled")}, "zoe_x@example.org"},
		{{.state = STR("active"), .q = STR("weber"), .grade = STR("guest")},
		 "gabi@clinic.test"},
		{{.seen = STR("never")}, "new@example.org"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(addresses(f, &cases[i].query), str_of(cases[i].found));
}

/* Addresses are kept by the A-labels of their domain; people type what they read, or parts of it.
 */
static void found_by_an_address_in_any_script(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *typed, *found;
	} cases[] = {
		{"m\u00fcller.de", "anna@xn--mller-kva.de J\u00f6rg@M\u00fcller.de"},
		{"M\u00dcLLER.DE", "anna@xn--mller-kva.de J\u00f6rg@M\u00fcller.de"},
		{"mu\u0308ller.de", "anna@xn--mller-kva.de J\u00f6rg@M\u00fcller.de"},
		{"m\u00fcl", "anna@xn--mller-kva.de J\u00f6rg@M\u00fcller.de"},
		{"@m\u00fcller", "anna@xn--mller-kva.de J\u00f6rg@M\u00fcller.de"},
		{"xn--mller-kva.de", "anna@xn--mller-kva.de J\u00f6rg@M\u00fcller.de"},
		{"anna@m\u00fcller.de", "anna@xn--mller-kva.de"},
		{"anna@xn--mller-kva.de", "anna@xn--mller-kva.de"},
		{"anna@", "anna@xn--mller-kva.de"},
		{"j\u00f6rg", "J\u00f6rg@M\u00fcller.de"},
		{"j\u00f6rg@", "J\u00f6rg@M\u00fcller.de"},
		{"J\u00d6RG@m\u00fcller.de", "J\u00f6rg@M\u00fcller.de"},
		{"stra\u00dfe", "ida@stra\u00dfe.example"},
		{"\u4f8b\u3048", "bo@mail.\u4f8b\u3048.jp"},
		{"moller.de", ""},
	};
	static const char *const people[] = {"anna@xn--mller-kva.de", "J\u00f6rg@M\u00fcller.de",
					     "ida@stra\u00dfe.example", "bo@mail.\u4f8b\u3048.jp"};
	struct cx admin = core_fixture_cx(f, f->admin);
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		struct form_errors errors = {0};
		assert_int_equal(
			people_add(&admin, str_of(people[i]), GRADE_GUEST, ROLE_MEMBER, &errors),
			OK);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(addresses(f, &(struct people_query){.q = str_of(cases[i].typed)}),
			   str_of(cases[i].found));
	/* Whoever registers is found as before. */
	core_fixture_register(f,
			      core_fixture_token(f, MAIL_INVITATION, STR("anna@xn--mller-kva.de")),
			      STR("Anna Weber"));
	assert_str(addresses(f, &(struct people_query){.q = STR("weber m\u00fcller.de")}),
		   STR("anna@xn--mller-kva.de"));
}

static void found_by_when_they_were_seen(void **state)
{
	struct core_fixture *f = *state;
	make_people(f);
	core_fixture_sleep(f, 40 * DAY_MS);
	core_fixture_sign_in(f, STR("gabi@clinic.test"), CORE_FIXTURE_PASSWORD);
	assert_str(addresses(f, &(struct people_query){.seen = STR("within-30")}),
		   STR("gabi@clinic.test"));
	assert_str(addresses(f, &(struct people_query){.seen = STR("over-30")}),
		   STR("admin@example.com paul@example.com zoe_x@example.org"));
	struct people_found found = find(f, &(struct people_query){.sort = STR("seen")}, 50);
	assert_int_equal(found.count, 5);
	assert_str(found.users[0].address, STR("gabi@clinic.test"));
	assert_str(found.users[4].address, STR("new@example.org"));
}

/* Everybody is on exactly one page, whatever the order. */
static void pages_follow_each_other(void **state)
{
	struct core_fixture *f = *state;
	static const char *const sorts[] = {"name", "seen"};
	make_people(f);
	for (size_t s = 0; s < 2; s++) {
		struct people_query query = {.sort = str_of(sorts[s])};
		struct people_found all = find(f, &query, 50);
		for (size_t i = 0; i < all.count; i += 2) {
			struct people_found found = find(f, &query, 2);
			assert_int_equal(found.has_total, i == 0);
			assert_int_equal(found.total, i == 0 ? 5 : 0);
			assert_int_equal(found.count, i == 4 ? 1 : 2);
			for (size_t k = 0; k < found.count; k++)
				assert_true(id_eq(&found.users[k].id, &all.users[i + k].id));
			query.cursor = found.next_cursor;
		}
		assert_int_equal(query.cursor.len, 0);
	}
}

/* Whoever wrote into the database hides one row at most, not all that come after it. */
static void a_forged_row_ends_no_list(void **state)
{
	struct core_fixture *f = *state;
	make_people(f);
	store_direct_run(f->url, "UPDATE users SET grade = 2 WHERE address = 'gabi@clinic.test'");
	struct people_query query = {.sort = STR("name")};
	struct people_found found = find(f, &query, 2);
	assert_int_equal(found.count, 1 + (found.users[1].grade == GRADE_GUEST));
	query.cursor = found.next_cursor;
	found = find(f, &query, 50);
	assert_str(found.users[found.count - 1].address, STR("zoe_x@example.org"));
}

static void what_cannot_be_asked_is_said(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	static const struct {
		struct people_query query;
		const char *field;
	} cases[] = {
		{{.q = STR("a b c d e")}, "q"},
		{{.q = STR("\xff")}, "q"},
		{{.grade = STR("Guest")}, "grade"},
		{{.role = STR("admin")}, "role"},
		{{.state = STR("erased")}, "state"},
		{{.seen = STR("within-0")}, "seen"},
		{{.seen = STR("within-x")}, "seen"},
		{{.sort = STR("age")}, "sort"},
		{{.cursor = STR("x")}, "cursor"},
		{{.cursor = STR("01M82GY140TGTEFV052PT8HWKP")}, "cursor"},
	};
	struct people_found found;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		assert_int_equal(people_search(&admin, &cases[i].query, 50, &found, &errors),
				 ERR_INVALID);
		assert_string_equal(errors.items[0].field, cases[i].field);
	}
	struct session *guest =
		core_fixture_person(f, STR("gabi@clinic.test"), STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, guest);
	struct form_errors errors = {0};
	assert_int_equal(
		people_search(&cx, &(struct people_query){.q = STR("")}, 50, &found, &errors),
		ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(found_by_words_and_filters),
		CORE_TEST(found_by_an_address_in_any_script),
		CORE_TEST(found_by_when_they_were_seen),
		CORE_TEST(pages_follow_each_other),
		CORE_TEST(a_forged_row_ends_no_list),
		CORE_TEST(what_cannot_be_asked_is_said),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
