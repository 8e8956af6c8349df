/* Documents of 10 and of 500 pages of text, as the portal has them signed, without its database.
 * Prints lines as bench/run wants them. */
#include "base/clock.h"
#include "pdf/pdf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROUNDS = 9, LINES = 45, SIGNERS = 2 };

static const struct pdf_field fields[] = {
	{.id = {"s1", 2}, .kind = PDF_FIELD_SIGNATURE, .box = {1, 60, 600, 200, 60}},
	{.id = {"n1", 2}, .kind = PDF_FIELD_NAME, .box = {1, 60, 670, 200, 20}},
	{.id = {"d1", 2}, .kind = PDF_FIELD_DATE, .box = {1, 60, 700, 200, 20}},
};
static const struct pdf_mark marks[] = {
	{.field_id = {"n1", 2}, .text = {"Anna Example", 12}},
	{.field_id = {"d1", 2}, .text = {"23 November 2026", 16}},
};

static int compare(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
	return one < other ? -1 : one > other;
}

static void say(int pages, const char *what, int64_t us[ROUNDS], double limit_ms)
{
	qsort(us, ROUNDS, sizeof(us[0]), compare);
	double ms = (double)us[ROUNDS / 2] / 1000;
	printf("%s, %d pages\t%.1f ms\t%s\t", what, pages, ms,
	       limit_ms <= 0    ? "-"
	       : ms <= limit_ms ? "ok"
				: "SLOW");
	if (limit_ms > 0)
		printf("at most %.0f ms\n", limit_ms);
	else
		printf("median of %d\n", ROUNDS);
}

static struct pdf_bytes copy_of(const struct pdf_bytes *document)
{
	struct str view;
	assert_int_equal(pdf_bytes_map(document, &view), OK);
	struct pdf_bytes copy = made_bytes(view);
	pdf_bytes_unmap(view);
	return copy;
}

struct times {
	int64_t inspect[ROUNDS], prepare[ROUNDS], sign[ROUNDS], seal[ROUNDS], read[ROUNDS];
};

static int64_t since(int64_t *from_us)
{
	int64_t now = clock_monotonic_us(), took = now - *from_us;
	*from_us = now;
	return took;
}

static void round_of(struct pdf_fixture *it, const struct pdf_bytes *original, int i,
		     struct times *times)
{
	struct pdf_plan plan = pdf_fixture_plan(it, SIGNERS);
	struct pdf_facts facts;
	struct pdf_signatures found;
	struct pdf_signing sign = {.kind = PDF_SIGN,
				   .marks = marks,
				   .mark_count = sizeof(marks) / sizeof(marks[0]),
				   .name = STR("Anna Example"),
				   .at_ms = pdf_fixture_now_ms},
			   seal = {.kind = PDF_SEAL,
				   .name = STR("Example Practice"),
				   .trail = STR("Sent\nOpened\nSigned"),
				   .at_ms = pdf_fixture_now_ms},
			   certify = seal;
	certify.kind = PDF_CERTIFY;
	plan.fields = fields;
	plan.field_count = sizeof(fields) / sizeof(fields[0]);
	pdf_fixture_take(it, copy_of(original));
	int64_t at = clock_monotonic_us();
	assert_int_equal(pdf_inspect(it->workers, &it->document, &it->arena, &facts, &it->refusal),
			 OK);
	times->inspect[i] = since(&at);
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(pdf_fixture_sign(it, &certify), OK);
	times->prepare[i] = since(&at);
	assert_int_equal(pdf_fixture_sign(it, &sign), OK);
	times->sign[i] = since(&at);
	assert_int_equal(pdf_fixture_sign(it, &seal), OK);
	times->seal[i] = since(&at);
	assert_int_equal(
		pdf_signatures(it->workers, &it->document, &it->arena, &found, &it->refusal), OK);
	times->read[i] = since(&at);
}

static void measure(int pages, double limit_ms)
{
	const struct made_pdf made = {.name = "text", .pages = pages, .lines = LINES};
	struct times times;
	void *state;
	struct pdf_bytes original = made_pdf(&made);
	for (int i = 0; i < ROUNDS; i++) {
		pdf_fixture_begin(&state);
		round_of(state, &original, i, &times);
		pdf_fixture_end(&state);
	}
	pdf_bytes_free(&original);
	say(pages, "look at a document", times.inspect, 0);
	say(pages, "prepare and certify", times.prepare, limit_ms);
	say(pages, "stamp and sign", times.sign, limit_ms);
	say(pages, "seal", times.seal, limit_ms);
	say(pages, "read its signatures", times.read, 0);
}

int main(void)
{
	measure(10, 150);
	measure(500, 1500);
	return 0;
}
