/* Signatures, initials and templates that somebody keeps for the next time (P6): nobody else's, and
 * nothing that is no picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/encode.h"
#include "base/limits.h"
#include "base/log_capture.h"
#include "core/core_test_support.h"
#include "core/own_signature.h"
#include "core/packed.h"
#include "core/png_check.h"
#include "core/signing_kept.h"
#include "core/signing_plan.h"
#include "core/signing_template.h"
#include "store/store_direct.h"

/* One white pixel. */
static const char pixel[] = "\x89PNG\r\n\x1a\n"
			    "\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55"
			    "\0\0\0\x0aIDAT\x78\x9c\x63\xf8\x0f\0\x01\x01\x01\0\x1b\xb6\xee\x56"
			    "\0\0\0\0IEND\xae\x42\x60\x82";
#define PIXEL str_bytes(pixel, sizeof(pixel) - 1)

/* ---- pictures ---- */

static void a_picture_is_a_whole_png(void **state)
{
	struct core_fixture *f = *state;
	struct str png;
	assert_int_equal(png_check(PIXEL), OK);
	for (size_t len = 0; len < PIXEL.len; len++)
		assert_int_equal(png_check(str_slice(PIXEL, 0, len)), ERR_INVALID);
	assert_int_equal(png_check(str_bytes(pixel, sizeof(pixel))), ERR_INVALID); /* and more */
	static const struct {
		const char *sentence;
		size_t at;
		unsigned char byte;
		enum err err;
	} changed[] = {
		{"no width", 19, 0, ERR_INVALID},
		{"no height", 23, 0, ERR_INVALID},
		{"too wide", 18, 0x08, ERR_TOO_LARGE},
		{"far too high", 20, 0xff, ERR_TOO_LARGE},
		{"another chunk first", 12, 'X', ERR_INVALID},
		{"a length beyond the end", 33, 0xff, ERR_INVALID},
		{"no pixels", 37, 'X', ERR_INVALID},
		{"no end", sizeof(pixel) - 9, 'X', ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		char copy[sizeof(pixel)];
		memcpy(copy, pixel, sizeof(pixel));
		copy[changed[i].at] = (char)changed[i].byte;
		if (png_check(str_bytes(copy, PIXEL.len)) != changed[i].err)
			fail_msg("%s", changed[i].sentence);
	}
	struct str url = arena_printf(&f->arena, "data:image/png;base64,%.*s",
				      STR_ARGS(encode_base64(&f->arena, PIXEL)));
	assert_int_equal(png_from_data_url(&f->arena, url, &png), OK);
	assert_true(str_eq(png, PIXEL));
	static const char *const bad[] = {
		"",
		"data:",
		"data:image/png;base64,",
		"data:image/png;base64,AAAA",
		"data:image/png;base64,????",
		"data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=",
		"data:image/png,x",
		"https://example.com/x.png",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(png_from_data_url(&f->arena, str_of(bad[i]), &png), ERR_INVALID);
	char *long_url = arena_alloc(&f->arena, 2 * LIMIT_SIGNING_PNG_BYTES);
	memset(long_url, 'A', 2 * LIMIT_SIGNING_PNG_BYTES);
	memcpy(long_url, "data:image/png;base64,", 22);
	assert_int_equal(png_from_data_url(&f->arena,
					   str_bytes(long_url, 2 * LIMIT_SIGNING_PNG_BYTES), &png),
			 ERR_TOO_LARGE);
}

/* ---- signatures ---- */

static struct own_signature own(struct core_fixture *f, struct session *session, enum own_mark mark)
{
	struct cx cx = core_fixture_cx(f, session);
	struct own_signature kept;
	assert_int_equal(own_signature_get(&cx, mark, &kept), OK);
	return kept;
}

static enum err keep(struct core_fixture *f, struct session *session, enum own_mark mark,
		     struct str png, struct str text, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, session);
	const struct own_signature next = {.png = png, .text = text};
	*errors = (struct form_errors){.count = 0};
	return own_signature_keep(&cx, mark, &next, errors);
}

static void everybody_keeps_their_own(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, guest);
	struct form_errors errors;
	assert_true(own(f, guest, OWN_SIGNATURE).text.len == 0);
	assert_int_equal(keep(f, guest, OWN_SIGNATURE, STR_NONE, STR(" Gabi Weiß "), &errors), OK);
	assert_int_equal(keep(f, guest, OWN_INITIALS, PIXEL, STR_NONE, &errors), OK);
	assert_str(own(f, guest, OWN_SIGNATURE).text, STR("Gabi Weiß"));
	assert_true(str_eq(own(f, guest, OWN_INITIALS).png, PIXEL));
	assert_true(own(f, f->admin, OWN_SIGNATURE).text.len == 0);
	/* In place of what was kept. */
	assert_int_equal(keep(f, guest, OWN_SIGNATURE, PIXEL, STR_NONE, &errors), OK);
	assert_true(own(f, guest, OWN_SIGNATURE).text.len == 0);
	assert_true(str_eq(own(f, guest, OWN_SIGNATURE).png, PIXEL));
	assert_int_equal(own_signature_delete(&cx, OWN_SIGNATURE), OK);
	assert_int_equal(own_signature_delete(&cx, OWN_SIGNATURE), OK);
	assert_true(own(f, guest, OWN_SIGNATURE).png.len == 0);
	assert_true(own(f, guest, OWN_INITIALS).png.len > 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void what_is_no_signature_is_told(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	const char *long_name =
		"1234567890123456789012345678901234567890123456789012345678901234567"
		"8901234567890123456789012345678901";
	const struct str texts[] = {STR_NONE, STR("  "), STR("a\nb"), STR("\xff"),
				    str_of(long_name)};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(keep(f, f->admin, OWN_INITIALS, STR_NONE, texts[i], &errors),
				 ERR_INVALID);
		assert_int_equal(errors.count, 1);
		assert_string_equal(errors.items[0].field, "initials");
	}
	assert_int_equal(keep(f, f->admin, OWN_SIGNATURE, STR("GIF89a"), STR_NONE, &errors),
			 ERR_INVALID);
	assert_string_equal(errors.items[0].field, "signature");
	assert_true(own(f, f->admin, OWN_SIGNATURE).png.len == 0);
}

static void one_changed_from_outside_is_not_shown(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors;
	struct own_signature kept;
	struct log_capture log;
	assert_int_equal(keep(f, f->admin, OWN_SIGNATURE, STR_NONE, STR("Ada"), &errors), OK);
	/* Initials as signature. */
	store_direct_run(f->url, "UPDATE signing_kept SET kind = 2");
	log_capture_begin(&log);
	assert_int_equal(own_signature_get(&cx, OWN_INITIALS, &kept), ERR_CORRUPT);
	assert_non_null(strstr(log_capture_end(&log), "signing_kept.unreadable"));
	assert_int_equal(core_fixture_problems(f), 0); /* only its owner can open it */
	store_direct_run(f->url, "UPDATE signing_kept SET version = 0");
	assert_int_equal(core_fixture_problems(f), 1);
}

/* ---- templates ---- */

static struct signing_field fields[3];

static struct draft draft_with(struct signing_plan *plan, const struct id *files, size_t count)
{
	static const char *const signers[] = {"hugo@example.org", "gabi@example.org",
					      "zoe@example.org"};
	for (size_t i = 0; i < 3; i++)
		fields[i] = (struct signing_field){
			.id = STR("f"),
			.kind = PDF_FIELD_TEXT,
			.signer = str_of(signers[i]),
			.file = (int64_t)(i % count),
			.box = {.page = 2, .x = 10, .y = 20.25, .width = 30, .height = 40},
			.label = STR("Place"),
		};
	*plan = (struct signing_plan){.fields = fields,
				      .field_count = 3,
				      .order = SIGNING_IN_SEQUENCE,
				      .deadline = STR("2026-12-31"),
				      .remind_after_days = 3};
	return (struct draft){.to = STR("Gabi <gabi@example.org>, hugo@example.org"),
			      .files = files,
			      .file_count = count,
			      .signing = plan};
}

static void a_template_is_used_with_other_people(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	const struct id files[] = {id_new(1), id_new(2)};
	struct signing_plan plan;
	struct draft draft = draft_with(&plan, files, 2);
	struct signing_template kept, *list;
	const struct signing_plan *used;
	size_t count, left_out;
	assert_int_equal(signing_template_keep(&cx, STR(" Contract "), &draft, &kept, &errors), OK);
	assert_int_equal(signing_template_list(&cx, &list, &count), OK);
	assert_int_equal(count, 1);
	assert_str(list[0].name, STR("Contract"));
	/* Zoe is not in To. */
	assert_int_equal(list[0].field_count, 2);
	assert_int_equal(list[0].signer_count, 2);
	assert_int_equal(list[0].document_count, 2);
	assert_int_equal(list[0].plan.deadline.len, 0);
	assert_null(list[0].plan.fields);
	assert_int_equal(signing_template_get(&cx, &list[0].id, &list[0]), OK);
	struct signing_plan own_plan = {.order = SIGNING_ALL_AT_ONCE,
					.deadline = STR("2026-06-01")};
	const struct draft other = {.to = STR("anna@example.org, ben@example.org, x@example.org"),
				    .files = files,
				    .file_count = 2,
				    .signing = &own_plan};
	assert_int_equal(signing_template_use(&cx, &list[0], &other, &used, &left_out), OK);
	assert_int_equal(left_out, 0);
	assert_int_equal(used->field_count, 2);
	assert_str(used->fields[0].signer, STR("ben@example.org"));
	assert_str(used->fields[1].signer, STR("anna@example.org"));
	assert_true(used->fields[1].file == 1 && used->fields[1].box.y == 20.25);
	assert_str(used->fields[1].label, STR("Place"));
	assert_int_equal(used->order, SIGNING_IN_SEQUENCE);
	assert_int_equal(used->remind_after_days, 3);
	assert_str(used->deadline, STR("2026-06-01"));
	/* With one person, or one document, there is less. */
	struct draft fewer = other;
	fewer.to = STR("anna@example.org");
	fewer.signing = NULL;
	assert_int_equal(signing_template_use(&cx, &list[0], &fewer, &used, &left_out), OK);
	assert_int_equal(left_out, 1);
	assert_int_equal(used->deadline.len, 0);
	fewer = other;
	fewer.file_count = 1;
	assert_int_equal(signing_template_use(&cx, &list[0], &fewer, &used, &left_out), OK);
	assert_int_equal(left_out, 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

static enum err keep_named(struct cx *cx, const char *name, struct form_errors *errors,
			   struct signing_template *ret)
{
	const struct id file = id_new(1);
	struct signing_plan plan;
	struct draft draft = draft_with(&plan, &file, 1);
	*errors = (struct form_errors){.count = 0};
	return signing_template_keep(cx, str_of(name), &draft, ret, errors);
}

static void names_are_ones_own_and_once(void **state)
{
	struct core_fixture *f = *state;
	struct session *paul =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct session *guest =
		core_fixture_person(f, STR("gast@example.org"), STR("Gast"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, f->admin), other = core_fixture_cx(f, paul),
		  third = core_fixture_cx(f, guest);
	struct form_errors errors;
	struct signing_template kept, hers, *list;
	size_t count;
	static const char *const bad[] = {"", " ", "a\nb"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(keep_named(&cx, bad[i], &errors, &kept), ERR_INVALID);
		assert_string_equal(errors.items[0].field, "name");
	}
	assert_int_equal(keep_named(&cx, "Lease", &errors, &kept), OK);
	assert_int_equal(keep_named(&cx, "LEASE", &errors, &hers), ERR_INVALID);
	assert_int_equal(keep_named(&cx, "Apartment", &errors, &hers), OK);
	assert_int_equal(keep_named(&other, "Lease", &errors, &hers), OK);
	assert_int_equal(keep_named(&third, "Lease", &errors, &hers), ERR_DENIED);
	/* By name; nobody else's. */
	assert_int_equal(signing_template_list(&cx, &list, &count), OK);
	assert_int_equal(count, 2);
	assert_str(list[0].name, STR("Apartment"));
	assert_int_equal(signing_template_get(&other, &kept.id, &hers), ERR_NOT_FOUND);
	assert_int_equal(signing_template_delete(&other, &kept.id), ERR_NOT_FOUND);
	errors.count = 0;
	assert_int_equal(signing_template_rename(&other, &kept.id, STR("Mine"), &errors),
			 ERR_NOT_FOUND);
	assert_int_equal(signing_template_rename(&cx, &kept.id, STR("apartment"), &errors),
			 ERR_INVALID);
	errors.count = 0;
	assert_int_equal(signing_template_rename(&cx, &kept.id, STR("lease"), &errors), OK);
	assert_int_equal(signing_template_get(&cx, &kept.id, &hers), OK);
	assert_str(hers.name, STR("lease"));
	assert_int_equal(hers.plan.field_count, kept.plan.field_count);
	assert_int_equal(signing_template_delete(&cx, &kept.id), OK);
	assert_int_equal(signing_template_delete(&cx, &kept.id), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void there_is_room_for_so_many(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors;
	struct signing_template kept;
	for (int i = 0; i < LIMIT_SIGNING_TEMPLATES; i++) {
		char name[16];
		struct id id;
		snprintf(name, sizeof(name), "T%d", i);
		/* Straight to the table: each keeping reads all the others. */
		assert_int_equal(signing_kept_write(&cx, KEPT_TEMPLATE, &(struct id){.text = ""},
						    str_of(name), LIMIT_SIGNING_TEMPLATES, &id),
				 OK);
	}
	assert_int_equal(keep_named(&cx, "One more", &errors, &kept), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "");
}

/* As large as they may be, all of them: what lists them has no more memory than a request. */
static void the_list_needs_little_memory(void **state)
{
	enum { FIELD_COUNT = LIMIT_SIGNING_FIELDS, LABEL_BYTES = LIMIT_SIGNING_LABEL_CHARS };
	static struct signing_field many[FIELD_COUNT];
	static char label[LABEL_BYTES];
	struct core_fixture *f = *state;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct buf plain CLEANUP_BUF;
	const struct signing_plan plan = {
		.fields = many, .field_count = FIELD_COUNT, .order = SIGNING_ALL_AT_ONCE};
	memset(label, 'x', sizeof(label));
	for (size_t i = 0; i < FIELD_COUNT; i++)
		many[i] = (struct signing_field){.id = STR("f"),
						 .kind = PDF_FIELD_TEXT,
						 .signer = STR("1"),
						 .box = {1, 10, 10, 100, 20},
						 .label = str_bytes(label, sizeof(label))};
	buf_init(&plain, 1 << 20);
	buf_add_char(&plain, 1);
	packed_add_text(&plain, STR("Large"));
	packed_add_int(&plain, 1);
	packed_add_int(&plain, 1);
	signing_plan_pack(&plain, &plan);
	for (int i = 0; i < LIMIT_SIGNING_TEMPLATES; i++) {
		struct arena own CLEANUP_ARENA;
		struct id id;
		arena_init(&own, LIMIT_REQUEST_ARENA);
		cx.arena = &own;
		assert_int_equal(signing_kept_write(&cx, KEPT_TEMPLATE, &(struct id){.text = ""},
						    buf_str(&plain), LIMIT_SIGNING_TEMPLATES, &id),
				 OK);
	}
	struct signing_template *list, one;
	size_t count;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	cx.arena = &arena;
	assert_int_equal(signing_template_list(&cx, &list, &count), OK);
	assert_int_equal(count, LIMIT_SIGNING_TEMPLATES);
	assert_int_equal(list[0].field_count, FIELD_COUNT);
	assert_int_equal(list[0].plan.order, SIGNING_ALL_AT_ONCE);
	assert_str(list[0].name, STR("Large"));
	assert_int_equal(signing_template_get(&cx, &list[0].id, &one), OK);
	assert_int_equal(one.plan.field_count, FIELD_COUNT);
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_picture_is_a_whole_png),
		CORE_TEST(everybody_keeps_their_own),
		CORE_TEST(what_is_no_signature_is_told),
		CORE_TEST(one_changed_from_outside_is_not_shown),
		CORE_TEST(a_template_is_used_with_other_people),
		CORE_TEST(names_are_ones_own_and_once),
		CORE_TEST(there_is_room_for_so_many),
		CORE_TEST(the_list_needs_little_memory),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
