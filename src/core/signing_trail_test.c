/* The audit trail, which is the certificate page of a signed document (P6.2): who, when, from
 * where, by which link, the document's sums before and after, every event; and that nothing of it
 * is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/account.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_test_support.h"
#include "core/signing_trail.h"

#define GABI "gabi@example.org"
#define PETER "peter@example.org"
#define BROWSER                                                                                    \
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "        \
	"Chrome/119.0.0.0 Safari/537.36 the-very-end"
#define ADDRESS "2001:db8:1111:2222:3333:4444:5555:6666"

struct scene {
	struct core_fixture *f;
	struct session *gabi, *peter;
	struct signing_plan plan;
	struct draft draft;
	struct id file, id;
};

/* Ada, who is at home in a zone with a long name, asks both. */
static void begin(void **state, struct scene *s, const char *cc)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	f->portal->pdf = signing_fake_workers();
	signing_fake_before_open(NULL, NULL);
	*s = (struct scene){.f = f};
	assert_int_equal(
		account_set_locale(&cx, STR("en"), STR("America/Argentina/Buenos_Aires"), &errors),
		OK);
	s->gabi = core_fixture_person(f, STR(GABI), STR("Gabi Guest"), GRADE_GUEST);
	s->peter = core_fixture_person(f, STR(PETER), STR("Peter Pro"), GRADE_PROFESSIONAL);
	s->file = signing_test_upload(f, f->admin, STR("lease.pdf"), STR("%PDF-1.7\n%%EOF\n"));
	s->plan.order = SIGNING_ALL_AT_ONCE;
	s->plan.wants_password = true;
	s->draft = signing_test_draft(GABI ", " PETER, &s->file, 1, &s->plan);
	s->draft.cc = str_of(cc);
	s->id = signing_test_send(f, f->admin, &s->draft);
}

static struct cx from_there(struct scene *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	cx.remote = STR(ADDRESS);
	return cx;
}

/* Each agrees to what was shown to them, in another language maybe. */
static void sign(struct scene *s, struct session *session)
{
	bool is_peter = session == s->peter;
	struct cx cx = from_there(s, session);
	struct form_errors errors = {.count = 0};
	const struct signing_act act = {.has_consented = true,
					.consent_text = is_peter ? STR("Einverstanden.")
								 : SIGNING_TEST_CONSENT,
					.user_agent = STR(BROWSER),
					.password = CORE_FIXTURE_PASSWORD};
	core_fixture_sleep(s->f, HOUR_MS);
	assert_int_equal(signing_sign(&cx, &s->id, &act, &errors), OK);
}

static void look(struct scene *s, struct session *session)
{
	struct cx cx = from_there(s, session);
	struct signing_view view;
	struct pdf_bytes document;
	assert_int_equal(signing_get(&cx, &s->id, &view), OK);
	assert_int_equal(signing_document(&cx, &s->id, 0, &document), OK);
	pdf_bytes_free(&document);
}

static struct str sum_of(struct scene *s)
{
	return signing_test_get(s->f, s->f->admin, &s->id).documents[0].sha256;
}

/* The part of the sealed copy that the worker makes the certificate page of. */
static struct str trail_of(struct scene *s)
{
	struct str sealed = signing_test_read(s->f, s->f->admin, &s->id, 0);
	ptrdiff_t from = str_find(sealed, STR("\nSEALED"));
	assert_true(from >= 0);
	struct str trail = str_slice(sealed, (size_t)from + 1, sealed.len);
	struct str first;
	assert_true(str_next(&trail, '\n', &first));
	return trail;
}

static void assert_says(struct str trail, struct str words)
{
	if (str_find(trail, words) < 0)
		fail_msg("\"%.*s\" is not in:\n%.*s", STR_ARGS(words), STR_ARGS(trail));
}

/* Of one signer: all that stands between their line and the next empty one. */
static struct str part_of(struct str trail, const char *heading)
{
	ptrdiff_t from = str_find(trail, str_of(heading));
	assert_true(from >= 0);
	struct str part = str_slice(trail, (size_t)from, trail.len);
	ptrdiff_t until = str_find(part, STR("\n\n"));
	return until < 0 ? part : str_slice(part, 0, (size_t)until + 1);
}

static void it_says_who_when_from_where_and_what(void **state)
{
	struct scene s;
	begin(state, &s, "");
	struct arena *arena = &s.f->arena;
	struct str original = signing_test_get(s.f, s.f->admin, &s.id).documents[0].original_sha256;
	struct str prepared = sum_of(&s);
	sign(&s, s.gabi);
	struct str once = sum_of(&s);
	sign(&s, s.peter);
	assert_false(str_eq(prepared, once));
	struct str trail = trail_of(&s);

	assert_says(trail, STR("Document: lease.pdf\n"));
	assert_says(trail, arena_printf(arena, "SHA-256 as uploaded: %.*s\n", STR_ARGS(original)));
	assert_says(trail, STR("Sent by Ada Admin <admin@example.com>, 2026-01-01 00:00:00 UTC ("));
	struct str gabi = part_of(trail, "1. Gabi Guest <" GABI ">\n");
	assert_says(gabi, STR("Signed 2026-01-01 01:00:00 UTC ("));
	assert_says(gabi, STR("America/Argentina/Buenos_Aires)\n"));
	assert_says(gabi, STR("Address proven by the link of the invitation, 2026-01-01"));
	assert_says(gabi, STR("Link (digest): "));
	assert_says(gabi, STR("From " ADDRESS ", " BROWSER "\n"));
	assert_says(gabi, STR("Agreed to: I agree to sign these documents electronically.\n"));
	assert_says(gabi, STR("Gave the password again just before signing\n"));
	assert_says(gabi, arena_printf(arena, "SHA-256 before: %.*s\n", STR_ARGS(prepared)));
	assert_says(gabi, arena_printf(arena, "SHA-256 after: %.*s", STR_ARGS(once)));
	struct str peter = part_of(trail, "2. Peter Pro <" PETER ">\n");
	assert_says(peter, STR("Signed 2026-01-01 02:00:00 UTC ("));
	assert_says(peter, STR("Agreed to: Einverstanden.\n"));
	assert_says(peter, arena_printf(arena, "SHA-256 before: %.*s\n", STR_ARGS(once)));
	assert_says(peter, STR("SHA-256 after: "));
}

static void it_says_every_event(void **state)
{
	static const char *const events[] = {
		"Ada Admin: Sent the request, from 192.0.2.1\n",
		"Gabi Guest: Opened the request, from " ADDRESS "\n",
		"Gabi Guest: Read “lease.pdf”, from " ADDRESS "\n",
		"Peter Pro: Was reminded\n",
		"Gabi Guest: Agreed to sign electronically, from " ADDRESS "\n",
		"Gabi Guest: Signed, from " ADDRESS "\n",
		"Peter Pro: Opened the request, from " ADDRESS "\n",
		"Peter Pro: Read “lease.pdf”, from " ADDRESS "\n",
		"Peter Pro: Agreed to sign electronically, from " ADDRESS "\n",
		"Peter Pro: Signed, from " ADDRESS "\n",
		"the portal: Signed by everybody, and sealed\n",
	};
	struct scene s;
	begin(state, &s, "");
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	struct form_errors errors = {.count = 0};
	int64_t count;
	look(&s, s.gabi);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), OK);
	sign(&s, s.gabi);
	look(&s, s.peter);
	sign(&s, s.peter);
	struct str trail = trail_of(&s);
	struct signing_view view = signing_test_get(s.f, s.f->admin, &s.id);
	/* Gabi was reminded as well. */
	assert_int_equal(view.event_count, sizeof(events) / sizeof(events[0]) + 1);
	struct str rest = part_of(trail, "History\n");
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		assert_says(rest, str_of(events[i])); /* in their order */
		ptrdiff_t at = str_find(rest, str_of(events[i]));
		rest = str_slice(rest, (size_t)at, rest.len);
	}
	assert_true(str_find(trail, STR("Besides, ")) < 0);
}

static void much_reading_leaves_room_for_what_counts(void **state)
{
	enum { WATCHERS = 40 };
	struct scene s;
	struct session *watchers[WATCHERS];
	struct core_fixture *f = *state;
	struct str cc = STR("");
	for (int i = 0; i < WATCHERS; i++) {
		struct str address = arena_printf(&f->arena, "w%d@example.org", i);
		watchers[i] = core_fixture_person(f, address, STR("Watcher"), GRADE_GUEST);
		cc = arena_printf(&f->arena, "%.*s%.*s,", STR_ARGS(cc), STR_ARGS(address));
	}
	begin(state, &s, arena_cstr(&f->arena, cc));
	for (int i = 0; i < WATCHERS; i++)
		look(&s, watchers[i]);
	sign(&s, s.gabi);
	sign(&s, s.peter);
	struct str trail = trail_of(&s), rest = trail, line;
	int64_t lines = 0, told = 0;
	while (str_next(&rest, '\n', &line) && !str_starts_with(line, STR("<0"))) {
		lines++;
		told += str_find(line, STR("Watcher: Read “lease.pdf”")) >= 0;
	}
	assert_true(lines <= signing_trail_lines(2));
	assert_in_range(told, 1, WATCHERS - 1);
	assert_says(trail, STR("Peter Pro: Signed, from " ADDRESS "\n"));
	assert_says(trail, STR("the portal: Signed by everybody, and sealed\n"));
	assert_says(trail, arena_printf(&f->arena,
					"Besides, documents were read and people reminded %d times",
					(int)(WATCHERS - told)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(it_says_who_when_from_where_and_what),
		CORE_TEST(it_says_every_event),
		CORE_TEST(much_reading_leaves_room_for_what_counts),
	};
	return engines_test_run("signing_trail", tests, sizeof(tests) / sizeof(tests[0]));
}
