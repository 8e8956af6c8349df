/* What signers put into a document: where it lands, in any script, and that it can be copied. */
#include "pdf/pdf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

static const struct pdf_box box = {.page = 1, .x = 60, .y = 300, .width = 300, .height = 40};

/* Pages of all kinds, the box in the same place as shown. */
static const struct made_pdf pages[] = {
	{.name = "upright"},
	{.name = "turned right", .page = "/Rotate 90"},
	{.name = "upside down", .page = "/Rotate 180"},
	{.name = "turned left", .page = "/Rotate 270"},
	{.name = "cut", .page = "/CropBox[50 60 500 700]"},
	{.name = "turned and cut", .page = "/Rotate 90/CropBox[50 60 500 700]"},
	{.name = "not from 0", .media = "/MediaBox[-100 200 495 1042]"},
	{.name = "in a large unit", .page = "/UserUnit 2"},
	{.name = "inherits its size",
	 .media = "",
	 .catalog = "",
	 .page = "/MediaBox 4 0 R",
	 .objects = {"[0 0 595 842]"}},
};

static struct str text_of(struct pdf_fixture *it)
{
	static const char *const program[] = {"pdftotext", "-layout", NULL};
	int code;
	struct str text = pdf_fixture_ask(it, program, &code);
	assert_int_equal(code, 0);
	return text;
}

static void assert_has(struct pdf_fixture *it, struct str words)
{
	struct str text = text_of(it);
	if (str_find(text, words) < 0)
		fail_msg("\"%.*s\" is not in:\n%.*s", STR_ARGS(words), STR_ARGS(text));
}

static void prepare_one(struct pdf_fixture *it, const struct made_pdf *made,
			const struct pdf_field *field)
{
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	plan.fields = field;
	plan.field_count = 1;
	pdf_fixture_take(it, made_pdf(made));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
}

static enum err mark_one(struct pdf_fixture *it, const struct pdf_mark *mark)
{
	const struct pdf_signing signing = {.kind = PDF_SIGN,
					    .marks = mark,
					    .mark_count = 1,
					    .name = STR("Anna Example"),
					    .at_ms = pdf_fixture_now_ms};
	return pdf_fixture_sign(it, &signing);
}

/* "<word xMin=... yMin=... >Here</word>", in points from the top left of the page as shown. */
static void find_word(struct pdf_fixture *it, const char *word, double ret[2])
{
	static const char *const program[] = {"pdftotext", "-bbox", "-cropbox", "-f",
					      "1",         "-l",    "1",        NULL};
	char wanted[64];
	int code;
	struct str text = pdf_fixture_ask(it, program, &code);
	snprintf(wanted, sizeof(wanted), ">%s</word>", word);
	ptrdiff_t at = str_find(text, str_of(wanted));
	assert_true(at > 0);
	while (at > 0 && text.data[at] != '<')
		at--;
	assert_int_equal(
		sscanf(text.data + at, "<word xMin=\"%lf\" yMin=\"%lf\"", &ret[0], &ret[1]), 2);
}

static void a_mark_lands_where_its_field_was_placed(void **state)
{
	const struct pdf_field field = {
		.id = STR("n1"), .kind = PDF_FIELD_NAME, .signer = 0, .box = box};
	const struct pdf_mark mark = {.field_id = STR("n1"), .text = STR("Here")};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		double at[2], scale = strcmp(pages[i].name, "in a large unit") == 0 ? 2 : 1;
		prepare_one(it, &pages[i], &field);
		assert_int_equal(mark_one(it, &mark), OK);
		pdf_fixture_assert_valid(it, 1);
		find_word(it, "Here", at);
		if (at[0] * scale < box.x || at[0] * scale > box.x + 20 || at[1] * scale < box.y ||
		    at[1] * scale > box.y + box.height)
			fail_msg("%s: %f %f", pages[i].name, at[0], at[1]);
	}
}

static void names_in_many_scripts_can_be_copied(void **state)
{
	static const struct str names[] = {
		{"Anna M\xc3\xbcller", 12},
		{"\xd0\x92\xd0\xbb\xd0\xb0\xd0\xb4\xd0\xb8\xd0\xbc\xd0\xb8\xd1\x80", 16},
		{"\xce\x93\xce\xb9\xcf\x8e\xcf\x81\xce\xb3\xce\xbf\xcf\x82", 14},
		{"\xd7\xa9\xd7\xa8\xd7\x94 \xd7\x9b\xd7\x94\xd7\x9f", 13},
		{"\xd9\x85\xd8\xad\xd9\x85\xd8\xaf", 8},
		{"\xe0\xa4\xae\xe0\xa5\x8b\xe0\xa4\xa6\xe0\xa5\x80", 12},
		{"\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e", 12},
		{"\xea\xb9\x80\xeb\xaf\xbc\xec\x88\x98", 9},
		{"\xe0\xb8\xaa\xe0\xb8\xa1\xe0\xb8\x8a\xe0\xb8\xb2\xe0\xb8\xa2", 15},
		{"Nguy\xe1\xbb\x85n V\xc4\x83n \xc3\x81nh", 17},
	};
	const struct pdf_field field = {
		.id = STR("n1"), .kind = PDF_FIELD_NAME, .signer = 0, .box = box};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct pdf_mark mark = {.field_id = STR("n1"), .text = names[i]};
		prepare_one(it, &pages[0], &field);
		assert_int_equal(mark_one(it, &mark), OK);
		assert_has(it, names[i]);
		pdf_fixture_assert_sound(it);
	}
}

static void long_text_is_made_smaller_and_nothing_is_cut(void **state)
{
	const struct pdf_field field = {
		.id = STR("t1"), .kind = PDF_FIELD_TEXT, .signer = 0, .box = box};
	struct pdf_fixture *it = *state;
	char text[500];
	memset(text, 'x', sizeof(text));
	for (size_t i = 9; i < sizeof(text); i += 10)
		text[i] = ' ';
	memcpy(text + sizeof(text) - 4, "last", 4);
	const struct pdf_mark mark = {.field_id = STR("t1"), .text = str_bytes(text, sizeof(text))};
	prepare_one(it, &pages[0], &field);
	assert_int_equal(mark_one(it, &mark), OK);
	assert_has(it, STR("last"));
}

static void put_chunk(struct buf *out, const char *type, struct str data)
{
	const uint8_t len[4] = {(uint8_t)(data.len >> 24), (uint8_t)(data.len >> 16),
				(uint8_t)(data.len >> 8), (uint8_t)data.len};
	uLong sum =
		crc32(crc32(0, (const Bytef *)type, 4), (const Bytef *)data.data, (uInt)data.len);
	const uint8_t check[4] = {(uint8_t)(sum >> 24), (uint8_t)(sum >> 16), (uint8_t)(sum >> 8),
				  (uint8_t)sum};
	buf_add(out, str_bytes(len, 4));
	buf_add(out, str_bytes(type, 4));
	buf_add(out, data);
	buf_add(out, str_bytes(check, 4));
}

/* A square picture: half of it seen through, of noise, which cannot be packed, or all white. */
enum picture_kind { HALF, NOISE, WHITE };
static void make_png(struct buf *out, int side, enum picture_kind kind)
{
	const uint8_t high = (uint8_t)(side >> 8), low = (uint8_t)side;
	const uint8_t head[] = {0, 0, high, low, 0, 0, high, low, 8, 6, 0, 0, 0};
	size_t row = 1 + 4 * (size_t)side, bytes = row * (size_t)side;
	uint8_t *rows = calloc(1, bytes), *packed = malloc(bytes + 4096);
	uLongf len = bytes + 4096;
	assert_non_null(rows);
	assert_non_null(packed);
	uint32_t seed = 1;
	for (int y = 0; y < side; y++)
		for (int x = 0; x < 4 * side; x++) {
			uint8_t drawn = x % 4 == 3 && x / 4 > y ? 255 : 0;
			seed = seed * 1664525U + 1013904223U;
			rows[(size_t)y * row + 1 + (size_t)x] = kind == NOISE
									? (uint8_t)(seed >> 24)
								: kind == WHITE ? 255
										: drawn;
		}
	assert_int_equal(compress(packed, &len, rows, bytes), Z_OK);
	buf_add(out, str_bytes("\x89PNG\r\n\x1a\n", 8));
	put_chunk(out, "IHDR", str_bytes(head, sizeof(head)));
	put_chunk(out, "IDAT", str_bytes(packed, len));
	put_chunk(out, "IEND", STR_NONE);
	free(rows);
	free(packed);
}

static void drawn_signatures_are_pictures_or_refused(void **state)
{
	const struct pdf_field field = {
		.id = STR("s1"), .kind = PDF_FIELD_SIGNATURE, .signer = 0, .box = box};
	struct pdf_fixture *it = *state;
	CLEANUP_BUF struct buf good;
	CLEANUP_BUF struct buf wide;
	CLEANUP_BUF struct buf large;
	buf_init(&good, 1 << 20);
	buf_init(&wide, 1 << 20);
	buf_init(&large, 1 << 20);
	make_png(&good, 40, HALF);
	make_png(&wide, 2001, HALF);
	make_png(&large, 1999, HALF);
	const struct {
		struct str png;
		enum pdf_refusal refusal;
	} rows[] = {
		{buf_str(&good), PDF_FINE},     {buf_str(&wide), PDF_BAD_IMAGE},
		{buf_str(&large), PDF_FINE},    {str_slice(buf_str(&good), 0, 60), PDF_BAD_IMAGE},
		{STR("GIF89a"), PDF_BAD_IMAGE}, {STR("<svg onload='x'/>"), PDF_BAD_IMAGE},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pdf_mark mark = {.field_id = STR("s1"), .png = rows[i].png};
		prepare_one(it, &pages[0], &field);
		enum err err = mark_one(it, &mark);
		assert_int_equal(it->refusal, rows[i].refusal);
		assert_int_equal(err, rows[i].refusal == PDF_FINE ? OK : ERR_INVALID);
		if (err != OK)
			continue;
		assert_has(it, STR("Anna Example"));
		pdf_fixture_assert_valid(it, 1);
	}
}

/* As when it is printed: so many points of the first page are dark. */
static size_t count_dark(struct pdf_fixture *it)
{
	static const char *const program[] = {"pdftoppm", "-f", "1",     "-l", "1",
					      "-r",       "30", "-gray", NULL};
	int code;
	size_t count = 0;
	struct str picture = pdf_fixture_ask(it, program, &code);
	assert_int_equal(code, 0);
	assert_true(str_starts_with(picture, STR("P5")));
	for (size_t i = sizeof("P5 248 351 255") - 1; i < picture.len; i++)
		count += (uint8_t)picture.data[i] < 128;
	return count;
}

/* Ink on paper: who signs last could else paint over what the others have signed. */
static void a_picture_hides_nothing(void **state)
{
	const struct pdf_field field = {.id = STR("i1"),
					.kind = PDF_FIELD_INITIALS,
					.box = {.page = 1, .width = 595, .height = 842}};
	struct pdf_fixture *it = *state;
	CLEANUP_BUF struct buf png;
	buf_init(&png, 1 << 20);
	make_png(&png, 50, WHITE);
	const struct pdf_mark mark = {.field_id = field.id, .png = buf_str(&png)};
	prepare_one(it, &pages[0], &field);
	size_t dark = count_dark(it);
	assert_true(dark > 20);
	assert_int_equal(mark_one(it, &mark), OK);
	assert_int_equal(count_dark(it), dark);
	pdf_fixture_assert_valid(it, 1);
}

/* Different pictures, each within its limit, that would take all the room there is. */
static void one_signer_leaves_room_for_the_others(void **state)
{
	enum { FIELDS = 4, SIDE = 240 };
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	struct pdf_field fields[FIELDS];
	struct pdf_mark marks[FIELDS];
	struct buf pngs[FIELDS];
	const char *const ids[FIELDS] = {"a", "b", "c", "d"};
	for (int i = 0; i < FIELDS; i++) {
		buf_init(&pngs[i], 1 << 20);
		make_png(&pngs[i], SIDE + i, NOISE);
		fields[i] = (struct pdf_field){
			.id = str_of(ids[i]), .kind = PDF_FIELD_INITIALS, .box = box};
		marks[i] = (struct pdf_mark){.field_id = fields[i].id, .png = buf_str(&pngs[i])};
	}
	struct pdf_signing signing = {.kind = PDF_SIGN,
				      .marks = marks,
				      .mark_count = FIELDS,
				      .name = STR("Mallory"),
				      .at_ms = pdf_fixture_now_ms};
	plan.fields = fields;
	plan.field_count = FIELDS;
	pdf_fixture_take(it, made_pdf(&pages[0]));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(pdf_fixture_sign(it, &signing), ERR_INVALID);
	assert_int_equal(it->refusal, PDF_BAD_IMAGE);
	/* The same one everywhere is there once. */
	for (int i = 1; i < FIELDS; i++)
		marks[i].png = marks[0].png;
	assert_int_equal(pdf_fixture_sign(it, &signing), OK);
	pdf_fixture_assert_valid(it, 1);
	for (int i = 0; i < FIELDS; i++)
		buf_release(&pngs[i]);
}

static void a_check_box_is_ticked_or_left(void **state)
{
	const struct pdf_field field = {
		.id = STR("c1"), .kind = PDF_FIELD_CHECK, .signer = 0, .box = box};
	static const struct {
		struct str value;
		size_t ticked;
	} rows[] = {{{"on", 2}, 1}, {{"", 0}, 0}};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pdf_mark mark = {.field_id = STR("c1"), .text = rows[i].value};
		struct str view;
		prepare_one(it, &pages[0], &field);
		assert_int_equal(mark_one(it, &mark), OK);
		assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
		assert_int_equal(pdf_fixture_count(view, STR("/V/Yes")), rows[i].ticked);
		pdf_bytes_unmap(view);
		pdf_fixture_assert_valid(it, 1);
	}
}

/* They are filled in on the portal only. */
static void readers_of_pdfs_fill_in_nothing(void **state)
{
	static const enum pdf_field_kind kinds[] = {PDF_FIELD_TEXT, PDF_FIELD_NAME, PDF_FIELD_DATE,
						    PDF_FIELD_INITIALS, PDF_FIELD_CHECK};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct pdf_field field = {.id = STR("f1"), .kind = kinds[i], .box = box};
		struct str view;
		prepare_one(it, &pages[0], &field);
		assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
		bool is_read_only = str_find(view, STR("/Ff 1/")) >= 0;
		pdf_bytes_unmap(view);
		if (!is_read_only)
			fail_msg("kind %d", kinds[i]);
	}
}

static void fields_that_are_not_theirs_are_refused(void **state)
{
	static const struct {
		const char *sentence;
		int64_t signer;
		struct str id;
	} rows[] = {
		{"of another signer", 1, {"n1", 2}},
		{"of nobody", 0, {"n2", 2}},
		{"of the portal", 0, {"postern-sealed", 14}},
		{"a signer that there is not", 7, {"", 0}},
	};
	const struct pdf_field field = {
		.id = STR("n1"), .kind = PDF_FIELD_NAME, .signer = 0, .box = box};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdf_plan plan = pdf_fixture_plan(it, 2);
		const struct pdf_mark mark = {.field_id = rows[i].id, .text = STR("x")};
		const struct pdf_signing signing = {.kind = PDF_SIGN,
						    .signer = rows[i].signer,
						    .marks = &mark,
						    .mark_count = 1,
						    .name = STR("Mallory"),
						    .at_ms = pdf_fixture_now_ms};
		plan.fields = &field;
		plan.field_count = 1;
		pdf_fixture_take(it, made_pdf(&pages[0]));
		assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
		assert_int_equal(pdf_fixture_sign(it, &signing), ERR_INVALID);
		assert_int_equal(it->refusal, PDF_BAD_FIELD);
	}
}

static void a_field_outside_of_its_page_is_refused(void **state)
{
	static const struct pdf_box boxes[] = {
		{1, 590, 10, 100, 20}, {1, 10, 840, 100, 20}, {1, -50, 10, 100, 20},
		{1, 10, -50, 100, 20}, {2, 10, 10, 100, 20},  {1, 10, 10, 0, 20},
		{1, 10, 10, 100, 1},   {1, 10, 10, -5, -5},   {1, 10, 10, 5000, 20},
	};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		struct pdf_plan plan = pdf_fixture_plan(it, 1);
		const struct pdf_field field = {
			.id = STR("n1"), .kind = PDF_FIELD_NAME, .signer = 0, .box = boxes[i]};
		plan.fields = &field;
		plan.field_count = 1;
		pdf_fixture_take(it, made_pdf(&pages[0]));
		assert_int_equal(pdf_fixture_prepare(it, &plan), ERR_INVALID);
		assert_int_equal(it->refusal, PDF_BAD_FIELD);
	}
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, pdf_fixture_begin, pdf_fixture_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(a_mark_lands_where_its_field_was_placed),
		WITH_FIXTURE(names_in_many_scripts_can_be_copied),
		WITH_FIXTURE(long_text_is_made_smaller_and_nothing_is_cut),
		WITH_FIXTURE(drawn_signatures_are_pictures_or_refused),
		WITH_FIXTURE(a_picture_hides_nothing),
		WITH_FIXTURE(one_signer_leaves_room_for_the_others),
		WITH_FIXTURE(a_check_box_is_ticked_or_left),
		WITH_FIXTURE(readers_of_pdfs_fill_in_nothing),
		WITH_FIXTURE(fields_that_are_not_theirs_are_refused),
		WITH_FIXTURE(a_field_outside_of_its_page_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
