/* What pages say of a file, and which ones they show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/file_words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void words_of_files(void **state)
{
	static const struct {
		const char *name, *type;
		const char *kind;
		enum file_preview preview;
	} rows[] = {
		{"scan.pdf", "application/pdf", "PDF", FILE_PREVIEW_PDF},
		{"Röntgen.JPeG", "image/jpeg", "JPEG", FILE_PREVIEW_IMAGE},
		{"film.mp4", "video/mp4", "MP4", FILE_PREVIEW_VIDEO},
		{"note.m4a", "audio/x-m4a", "M4A", FILE_PREVIEW_AUDIO},
		{"a.txt", "text/plain", "TXT", FILE_PREVIEW_TEXT},
		{"a.log", "application/octet-stream", "LOG", FILE_PREVIEW_TEXT},
		{"a.bin", "application/octet-stream", "BIN", FILE_PREVIEW_NONE},
		/* Markup and scripts are downloaded, never shown, whatever they call themselves. */
		{"a.html", "text/html", "HTML", FILE_PREVIEW_NONE},
		{"a.html", "application/octet-stream", "HTML", FILE_PREVIEW_NONE},
		{"a.svg", "image/svg+xml", "SVG", FILE_PREVIEW_NONE},
		{"a.xml", "application/xhtml+xml", "XML", FILE_PREVIEW_NONE},
		{"a.js", "text/javascript", "JS", FILE_PREVIEW_NONE},
		{"a.css", "text/css", "CSS", FILE_PREVIEW_NONE},
		/* Endings that are none. */
		{"README", "text/plain", "", FILE_PREVIEW_TEXT},
		{"a.photos", "image/png", "", FILE_PREVIEW_IMAGE},
		{"a.доc", "application/octet-stream", "", FILE_PREVIEW_NONE},
	};
	struct arena arena CLEANUP_ARENA;
	struct cx cx = {.arena = &arena, .language = language_find(STR("en"))};
	const struct id id = {0};
	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct file_head head = {.name = str_of(rows[i].name),
					 .type = str_of(rows[i].type)};
		struct file_words words;
		assert_int_equal(file_words_fill(&cx, &id, &head, &words), OK);
		if (!str_eq(words.kind, str_of(rows[i].kind)) || words.preview != rows[i].preview)
			fail_msg("%s, %s: %.*s %d", rows[i].name, rows[i].type,
				 STR_ARGS(words.kind), (int)words.preview);
	}
}

static void a_fingerprint_is_hexadecimal(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct cx cx = {.arena = &arena, .language = language_find(STR("en"))};
	struct file_head head = {.name = STR("a"), .type = STR("text/plain"), .bytes = 1400000};
	const struct id id = {0};
	struct file_words words;
	(void)state;
	arena_init(&arena, 1 << 20);
	assert_int_equal(file_words_fill(&cx, &id, &head, &words), OK);
	assert_int_equal(words.fingerprint.len, 0);
	assert_true(str_eq(words.size, STR("1.4 MB")));
	head.sha256[0] = 0x0f;
	head.sha256[31] = 0xe1;
	assert_int_equal(file_words_fill(&cx, &id, &head, &words), OK);
	assert_int_equal(words.fingerprint.len, 64);
	assert_true(str_starts_with(words.fingerprint, STR("0f00")));
	assert_true(str_ends_with(words.fingerprint, STR("00e1")));
}

static void a_scan_is_told_of(void **state)
{
	static const struct {
		enum file_scan scan;
		bool is_said, is_suspect;
	} rows[] = {
		{FILE_SCAN_NONE, false, false},
		{FILE_SCAN_CLEAN, true, false},
		{FILE_SCAN_INFECTED, true, true},
		{FILE_SCAN_UNKNOWN, true, false},
	};
	struct arena arena CLEANUP_ARENA;
	struct cx cx = {.arena = &arena, .language = language_find(STR("en"))};
	const struct id id = {0};
	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct file_head head = {.name = STR("a"), .scan = rows[i].scan};
		struct file_words words;
		assert_int_equal(file_words_fill(&cx, &id, &head, &words), OK);
		assert_int_equal(words.scan.len > 0, rows[i].is_said);
		assert_int_equal(words.is_suspect, rows[i].is_suspect);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_files),
		cmocka_unit_test(a_fingerprint_is_hexadecimal),
		cmocka_unit_test(a_scan_is_told_of),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
