/* The portal's own look: what is refused as a logo or a colour, and what everybody then sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/branding.h"
#include "core/colour.h"
#include "core/logo.h"
#include "web/web_test_support.h"

#define BYTES(s) str_bytes("" s "", sizeof(s) - 1)

/* A PNG so wide and high; its checksums are nobody's business here. */
static struct str png(uint32_t width, uint32_t height, struct str more)
{
	char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08\x06\0\0\0crc!";
	for (int i = 0; i < 4; i++) {
		head[16 + i] = (char)(width >> (24 - 8 * i));
		head[20 + i] = (char)(height >> (24 - 8 * i));
	}
	struct buf out;
	buf_init(&out, 1 << 20);
	buf_add(&out, str_bytes(head, sizeof(head) - 1));
	buf_add(&out, more);
	buf_add(&out, BYTES("\0\0\0\2IDATxxcrc!\0\0\0\0IENDcrc!"));
	struct str bytes = arena_copy(&web.core.arena, buf_str(&out));
	buf_release(&out);
	return bytes;
}

#define JPEG_START "\xff\xd8\xff\xe0\0\x04JF"
#define JPEG_PLACE "\xff\xe1\0\x0aSecret12"
#define JPEG_FRAME(h, w) "\xff\xc0\0\x0b\x08" h w "\x01\x01\x11\0"
#define JPEG_SCAN "\xff\xda\0\x03\0pixels\xff\xd9"

static void logos_are_looked_at_before_they_are_kept(void **state)
{
	(void)state;
	struct str large = png(10, 10, STR_NONE);
	char *padded = arena_alloc(&web.core.arena, LOGO_MAX_BYTES + 1);
	memset(padded, 0, LOGO_MAX_BYTES + 1);
	memcpy(padded, large.data, large.len);
	const struct {
		const char *sentence;
		struct str bytes;
		enum err err;
		enum text_id why;
	} cases[] = {
		{"a PNG", png(10, 10, STR_NONE), OK, 0},
		{"as wide as may be", png(2000, 1, STR_NONE), OK, 0},
		{"10,000 pixels", png(10000, 10, STR_NONE), ERR_INVALID,
		 TEXT_BRANDING_LOGO_TOO_WIDE},
		{"2,001 pixels high", png(10, 2001, STR_NONE), ERR_INVALID,
		 TEXT_BRANDING_LOGO_TOO_WIDE},
		{"a bomb by its header", png(0x7fffffff, 0x7fffffff, STR_NONE), ERR_INVALID,
		 TEXT_BRANDING_LOGO_TOO_WIDE},
		{"no size", png(0, 10, STR_NONE), ERR_INVALID, TEXT_BRANDING_LOGO_DAMAGED},
		{"two headers", png(10, 10, str_slice(png(1, 1, STR_NONE), 8, 33)), ERR_INVALID,
		 TEXT_BRANDING_LOGO_DAMAGED},
		{"more behind its end", png(10, 10, BYTES("\0\0\0\0IENDcrc!")), ERR_INVALID,
		 TEXT_BRANDING_LOGO_DAMAGED},
		{"a chunk longer than the file", png(10, 10, BYTES("\xff\xff\xff\xf0tEXt")),
		 ERR_INVALID, TEXT_BRANDING_LOGO_DAMAGED},
		{"too many bytes", str_bytes(padded, LOGO_MAX_BYTES + 1), ERR_INVALID,
		 TEXT_BRANDING_LOGO_TOO_LARGE},
		{"an SVG", STR("<?xml version=\"1.0\"?>\n<svg onload=\"alert(1)\"/>"), ERR_INVALID,
		 TEXT_BRANDING_LOGO_SVG},
		{"a page", STR("<!doctype html><script>"), ERR_INVALID,
		 TEXT_BRANDING_LOGO_NO_PICTURE},
		{"a GIF", STR("GIF89a"), ERR_INVALID, TEXT_BRANDING_LOGO_NO_PICTURE},
		{"only a beginning", str_slice(png(10, 10, STR_NONE), 0, 20), ERR_INVALID,
		 TEXT_BRANDING_LOGO_DAMAGED},
		{"a JPEG", BYTES(JPEG_START JPEG_FRAME("\0\x10", "\0\x20") JPEG_SCAN), OK, 0},
		{"a JPEG of 10,000 pixels",
		 BYTES(JPEG_START JPEG_FRAME("\x27\x10", "\0\x20") JPEG_SCAN), ERR_INVALID,
		 TEXT_BRANDING_LOGO_TOO_WIDE},
		{"a JPEG without a size", BYTES(JPEG_START JPEG_SCAN), ERR_INVALID,
		 TEXT_BRANDING_LOGO_DAMAGED},
		{"a JPEG without an end", BYTES(JPEG_START "\xff\xda\0\x03\0pixels"), ERR_INVALID,
		 TEXT_BRANDING_LOGO_DAMAGED},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str clean;
		const char *ending;
		enum text_id why = 0;
		enum err err = logo_check(&web.core.arena, cases[i].bytes, &clean, &ending, &why);
		if (err != cases[i].err || (err != OK && why != cases[i].why))
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
	/* What is told beside the pixels is not kept. */
	struct str clean;
	const char *ending;
	enum text_id why;
	struct str told = BYTES(JPEG_START JPEG_PLACE JPEG_FRAME("\0\x10", "\0\x20") JPEG_SCAN);
	assert_int_equal(logo_check(&web.core.arena, told, &clean, &ending, &why), OK);
	assert_string_equal(ending, "jpg");
	assert_true(str_find(clean, STR("Secret")) < 0);
	assert_true(str_ends_with(clean, BYTES("pixels\xff\xd9")));
	told = png(10, 10, BYTES("\0\0\0\x06tEXtSecretcrc!"));
	assert_int_equal(logo_check(&web.core.arena, told, &clean, &ending, &why), OK);
	assert_true(str_eq(clean, png(10, 10, STR_NONE)));
}

static void colours_have_to_be_readable(void **state)
{
	(void)state;
	struct colour black, white, grey;
	assert_int_equal(colour_parse(STR("#000000"), &black), OK);
	assert_int_equal(colour_parse(STR("#FFFFFF"), &white), OK);
	assert_int_equal(colour_parse(STR("#777777"), &grey), OK);
	/* WCAG's own examples: 21 to 1; #777777 on white just fails. */
	assert_true(colour_contrast(black, white) > 20.99 && colour_contrast(black, white) < 21.01);
	assert_true(colour_contrast(grey, white) > 4.47 && colour_contrast(grey, white) < 4.49);
	static const char *const none[] = {"", "#12345", "123456", "#12345g", "#1234567", "red"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(colour_parse(str_of(none[i]), &grey), ERR_INVALID);
	static const struct {
		const char *accent;
		bool is_dark, is_fine;
	} cases[] = {
		{"#17605b", false, true}, {"#7fcbc2", true, true},  {"#ffcc00", false, false},
		{"#17605b", true, false}, {"#003366", false, true}, {"#777777", false, false},
		{"#ffcc00", true, true},  {"#000000", true, false}, {"#ffffff", false, false},
		{"#ffffff", true, true},  {"#000000", false, true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(colour_parse(str_of(cases[i].accent), &grey), OK);
		double contrast = colour_theme_contrast(grey, cases[i].is_dark);
		if ((contrast >= COLOUR_CONTRAST_MIN) != cases[i].is_fine)
			fail_msg("%s: %.2f", cases[i].accent, contrast);
	}
}

/* ---- the page ---- */

static void set(const char *name, const char *value)
{
	core_fixture_set(&web.core, name, str_of(value));
}

static void everybody_sees_the_portals_own_look(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_get(&web, STR("/sign-in"), STR_NONE);
	assert_false(has(&answer, "/branding/"));
	assert_false(has(&answer, "Do you need help?"));
	set("accent_light", "#003366");
	set("support", "help@example.com <script>");
	answer = web_fixture_get(&web, STR("/sign-in"), STR_NONE);
	assert_true(has(&answer, "Do you need help? Ask help@example.com &lt;script&gt;."));
	struct str theme = branding_theme_name(&web.core.arena, web.core.portal->settings);
	struct str path = path_of("/branding/", theme, "");
	assert_true(str_find(answer.body, path) >= 0);
	answer = web_fixture_get(&web, path, STR_NONE);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "@media (prefers-color-scheme:light){:root{--accent:#003366;"));
	assert_false(has(&answer, "dark"));
	assert_true(str_eq(answer.policy, STR("default-src 'none'; sandbox")));
	answer = web_fixture_get(&web, STR("/nowhere"), STR_NONE);
	assert_true(has(&answer, "Do you need help?"));
	/* Another colour is another file; the old name is gone. */
	set("accent_light", "#330066");
	assert_int_equal(web_fixture_get(&web, path, STR_NONE).status, 404);
	assert_int_equal(web_fixture_get(&web, STR("/branding/logo-.png"), STR_NONE).status, 404);
}

static enum err save_logo(struct str bytes, bool removes, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct setting_change changes[2] = {{STR("name"), STR("Lakeside Clinic")}};
	struct branding_change change = {.settings = changes,
					 .count = 1,
					 .seen_version = settings_live_version(cx.portal),
					 .logo = bytes,
					 .removes_logo = removes};
	errors->count = 0;
	return branding_save(&cx, &change, errors);
}

static void a_logo_is_served_as_what_it_is(void **state)
{
	(void)state;
	struct form_errors errors = {0};
	struct str anna = admin();
	assert_int_equal(save_logo(png(40, 20, STR_NONE), false, &errors), OK);
	struct str name = branding_logo_name(&web.core.arena, web.core.portal->settings);
	struct web_answer answer = web_fixture_get(&web, path_of("/branding/", name, ""), STR_NONE);
	assert_int_equal(answer.status, 200);
	assert_true(str_eq(answer.body, png(40, 20, STR_NONE)));
	assert_true(str_eq(answer.policy, STR("default-src 'none'; sandbox")));
	answer = web_fixture_get(&web, STR("/inbox"), anna);
	assert_true(str_find(answer.body, path_of("src=\"/branding/", name, "\"")) >= 0);
	assert_true(has(&answer, "Lakeside Clinic"));
	/* With a mistake nothing changes. */
	assert_int_equal(save_logo(STR("<svg>"), false, &errors), ERR_INVALID);
	assert_true(str_find(form_errors_for(&errors, "logo"), STR("SVG")) >= 0);
	assert_true(str_eq(name, branding_logo_name(&web.core.arena, web.core.portal->settings)));
	assert_int_equal(save_logo(png(41, 20, STR_NONE), false, &errors), OK);
	assert_int_equal(web_fixture_get(&web, path_of("/branding/", name, ""), STR_NONE).status,
			 404);
	assert_int_equal(save_logo(STR_NONE, true, &errors), OK);
	assert_int_equal(web.core.portal->settings->logo.len, 0);
	/* A name of no picture is no logo. */
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	const struct setting_change made_up = {STR("logo"), STR("png-0123")};
	assert_int_equal(settings_live_change(&cx, &made_up, 1, 0, &errors), ERR_INVALID);
}

static void the_page_shows_what_there_is(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin/branding"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "enctype=\"multipart/form-data\""));
	assert_true(has(&answer, "name=\"accent_light\""));
	assert_true(has(&answer, "name=\"support\""));
	assert_true(has(&answer, "name=\"terms_url\""));
	assert_true(has(&answer, "accept=\"image/png,image/jpeg\""));
	assert_int_equal(web_fixture_get(&web, STR("/admin/branding"), guest()).status, 403);
	/* A form without its version is none of ours. */
	const struct web_upload upload = {STR("a.png"), png(10, 10, STR_NONE)};
	answer = web_fixture_post_files(&web, STR("/admin/branding"), &upload, 1, anna);
	assert_int_equal(answer.status, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(logos_are_looked_at_before_they_are_kept),
		WEB_TEST(colours_have_to_be_readable),
		WEB_TEST(everybody_sees_the_portals_own_look),
		WEB_TEST(a_logo_is_served_as_what_it_is),
		WEB_TEST(the_page_shows_what_there_is),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
