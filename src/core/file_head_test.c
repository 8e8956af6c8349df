/* What a file is called, and that what is said of it is bound to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/file_head.h"

static struct arena arena;
static struct cx cx;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 64 << 20);
	cx = (struct cx){.arena = &arena, .language = language_find(STR("en"))};
	return crypto_init() == OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return secret_live() == 0 ? 0 : -1;
}

static struct str clean(struct str typed)
{
	struct str name;
	assert_int_equal(file_head_clean_name(&cx, typed, &name), OK);
	return name;
}

static void names_are_fit_to_be_stored_and_shown(void **state)
{
	(void)state;
	static const struct {
		const char *what, *typed, *name;
	} rows[] = {
		{"as it is", "Befund 2026.pdf", "Befund 2026.pdf"},
		{"any script", "診断書.pdf", "診断書.pdf"},
		{"right to left by itself", "דוח.pdf", "דוח.pdf"},
		{"accents apart from their letters", "Cafe\u0301.pdf", "Café.pdf"},
		{"an accent behind something invisible", "Cafe\u200b\u0301.pdf", "Café.pdf"},
		{"path", "/home/anna/scan.pdf", "scan.pdf"},
		{"path of Windows", "C:\\Users\\anna\\scan.pdf", "scan.pdf"},
		{"path upwards", "../../etc/passwd", "passwd"},
		{"both kinds of path", "a/b\\c.txt", "c.txt"},
		{"folder", "photos/", "file"},
		{"newline", "scan\r\n.pdf", "scan.pdf"},
		{"line and paragraph separator", "a\u2028b\u2029c", "abc"},
		{"control characters", "a\x01\x1f\x7f\xc2\x85z.txt", "az.txt"},
		{"right-to-left override", "invoice\u202efdp.exe", "invoicefdp.exe"},
		{"all embeddings", "a\u202a\u202b\u202c\u202d\u202e.b", "a.b"},
		{"all isolates", "a\u2066\u2067\u2068\u2069.b", "a.b"},
		{"marks of direction", "a\u200e\u200f\u061c.b", "a.b"},
		{"zero width space and soft hyphen", "a\u200bb\u00adc\ufeff.pdf", "abc.pdf"},
		{"filler that looks like a space", "a.pdf\u3164\u3164.exe", "a.pdf.exe"},
		{"joiner where a script needs it", "می\u200cخواهم.pdf", "می\u200cخواهم.pdf"},
		{"joiner where none needs it", "a\u200d\u200db.pdf", "ab.pdf"},
		{"joiners alone", "\u200d\u200c", "file"},
		{"picture of several", "👩\u200d⚕\ufe0f.png", "👩\u200d⚕\ufe0f.png"},
		{"dots and spaces at the end", "a.exe. . ", "a.exe"},
		{"spaces in front", "  a.txt", "a.txt"},
		{"dot in front stays", ".profile", ".profile"},
		{"this folder", ".", "file"},
		{"folder above", "..", "file"},
		{"folder above in disguise", ".\x01.", "file"},
		{"folder above behind a path", "a/..", "file"},
		{"nothing", "", "file"},
		{"spaces alone", "   ", "file"},
		{"not UTF-8", "caf\xe9.txt", "caf_.txt"},
		{"UTF-8 cut short", "a\xe2\x82", "a__"},
		{"overlong slash", "a\xc0\xaf.txt", "a__.txt"},
		{"surrogate", "\xed\xa0\x80.txt", "___.txt"},
		{"slash of a fraction is none", "1\u20442.txt", "1\u20442.txt"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str name = clean(str_of(rows[i].typed));
		if (!str_eq(name, str_of(rows[i].name)))
			fail_msg("%s: \"%.*s\"", rows[i].what, STR_ARGS(name));
	}
	assert_true(str_eq(clean(STR("a\0b.txt")), STR("ab.txt")));
}

/* `unit` so often that it is far too long, and what is behind it. */
static struct str repeated(const char *unit, const char *behind)
{
	enum { TIMES = 3000 };
	struct buf buf;
	buf_init(&buf, 1 << 20);
	for (int i = 0; i < TIMES; i++)
		buf_add(&buf, str_of(unit));
	buf_add(&buf, str_of(behind));
	assert_int_equal(buf.err, OK);
	struct str copy = arena_copy(&arena, buf_str(&buf));
	buf_release(&buf);
	return copy;
}

static void long_names_are_shortened_between_two_signs(void **state)
{
	(void)state;
	static const struct {
		const char *what, *unit, *behind, *ending;
		size_t bytes, sign_bytes; /* of the name; of a sign of its stem */
	} rows[] = {
		{"10 KB keep their ending", "0123", ".pdf", ".pdf", 255, 1},
		{"letters of two bytes", "é", ".pdf", ".pdf", 254, 2},
		{"letters of four bytes", "😀", ".jpeg", ".jpeg", 253, 4},
		{"a letter with its marks", "e\u0308\u0323\u0331", ".txt", ".txt", 0, 0},
		{"a family", "👩\u200d👩\u200d👧", "", "", 252, 18},
		{"no ending", "a", "", "", 255, 1},
		{"no ending but a sentence", "a", ". And then he said", "", 255, 1},
		{"two endings keep the last", "a", ".tar.gz", ".gz", 255, 1},
		{"one letter with countless marks", "\u0331", ".txt", ".txt", 254, 2},
		{"dots only", ".", "a", ".a", 255, 1},
		{"spaces before the ending", " x", ".txt", ".txt", 255, 1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str name = clean(repeated(rows[i].unit, rows[i].behind));
		bool is_good = utf8_is_line(name) && name.len <= LIMIT_FILE_NAME_BYTES &&
			       name.len > LIMIT_FILE_NAME_BYTES - 20 &&
			       str_ends_with(name, str_of(rows[i].ending));
		if (rows[i].bytes > 0)
			is_good = is_good && name.len == rows[i].bytes &&
				  (name.len - strlen(rows[i].ending)) % rows[i].sign_bytes == 0;
		if (!is_good)
			fail_msg("%s: %zu bytes \"%.*s\"", rows[i].what, name.len, STR_ARGS(name));
		/* Cleaning it again changes nothing. */
		assert_true(str_eq(clean(name), name));
	}
}

static void types_are_types(void **state)
{
	(void)state;
	static const struct {
		const char *what, *typed, *type;
	} rows[] = {
		{"as it is", "application/pdf", "application/pdf"},
		{"capitals", "Image/PNG", "image/png"},
		{"parameters", "audio/webm; codecs=opus", "audio/webm"},
		{"all its signs", "application/vnd.a-b.c+xml", "application/vnd.a-b.c+xml"},
		{"nothing", "", NULL},
		{"no subtype", "text", NULL},
		{"empty subtype", "text/", NULL},
		{"empty type", "/plain", NULL},
		{"two slashes", "text/a/b", NULL},
		{"line break", "text/plain\r\nX: y", NULL},
		{"wildcard", "*/*", NULL},
		{"not ASCII", "text/plän", NULL},
		{"space", "text/pl ain", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *expected = rows[i].type ? rows[i].type : "application/octet-stream";
		struct str type = file_head_clean_type(&cx, str_of(rows[i].typed));
		if (!str_eq(type, str_of(expected)))
			fail_msg("%s: \"%.*s\"", rows[i].what, STR_ARGS(type));
	}
	char longest[LIMIT_FILE_TYPE_BYTES + 2] = "a/";
	memset(longest + 2, 'b', sizeof(longest) - 2);
	struct str all = str_bytes(longest, LIMIT_FILE_TYPE_BYTES);
	assert_true(str_eq(file_head_clean_type(&cx, all), all));
	all.len++;
	assert_true(str_eq(file_head_clean_type(&cx, all), STR("application/octet-stream")));
	assert_true(str_eq(file_head_clean_type(&cx, STR("text/a\0b")),
			   STR("application/octet-stream")));
}

static void endings(void **state)
{
	(void)state;
	static const struct {
		const char *name, *ending;
	} rows[] = {
		{"a.PDF", "pdf"}, {"a.tar.gz", "gz"}, {"a", ""},
		{".exe", "exe"},  {"a.", ""},         {"", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(str_eq(file_head_ending(&cx, str_of(rows[i].name)),
				   str_of(rows[i].ending)));
}

/* ---- bound to what it is said of ---- */

static const struct file_head sample = {
	.name = STR("Befund Ärztin.pdf"),
	.type = STR("application/pdf"),
	.bytes = INT64_C(5) << 30,
	.sha256 = {1, 2, 3, [31] = 0xff},
	.scan = FILE_SCAN_INFECTED,
};

enum kind { HEAD, DIGEST, IN_MESSAGE, KINDS };

static enum err encrypt(enum kind kind, const struct id ids[2], const struct secret *key,
			struct str *ret)
{
	switch (kind) {
	case HEAD: return file_head_encrypt(&cx, &ids[0], key, &sample, ret);
	case DIGEST: return file_head_encrypt_digest(&cx, &ids[0], key, &sample, ret);
	default: return file_head_encrypt_in_message(&cx, &ids[1], &ids[0], key, &sample, ret);
	}
}

static enum err decrypt(enum kind kind, const struct id ids[2], const struct secret *key,
			struct str cipher, struct file_head *ret)
{
	struct file file = {.id = ids[0], .bytes = sample.bytes, .digest = cipher};
	switch (kind) {
	case HEAD: return file_head_decrypt(&cx, &ids[0], key, cipher, ret);
	case DIGEST: return file_head_decrypt_digest(&cx, &file, key, ret);
	default: return file_head_decrypt_in_message(&cx, &ids[1], &ids[0], key, cipher, ret);
	}
}

static void what_is_said_comes_back(void **state)
{
	(void)state;
	struct id ids[2] = {id_new(1000), id_new(1001)};
	struct secret *key CLEANUP_SECRET = NULL;
	assert_int_equal(secret_random(&key), OK);
	for (enum kind kind = HEAD; kind < KINDS; kind++) {
		struct str cipher;
		struct file_head head = {.bytes = -5};
		assert_int_equal(encrypt(kind, ids, key, &cipher), OK);
		assert_true(str_find(cipher, STR("Befund")) < 0);
		assert_int_equal(decrypt(kind, ids, key, cipher, &head), OK);
		if (kind != DIGEST) {
			assert_true(str_eq(head.name, sample.name));
			assert_true(str_eq(head.type, sample.type));
		}
		if (kind != HEAD) {
			assert_int_equal(head.bytes, sample.bytes);
			assert_memory_equal(head.sha256, sample.sha256, SHA256_BYTES);
		}
		if (kind == IN_MESSAGE)
			assert_int_equal(head.scan, sample.scan);
	}
}

static void nothing_of_it_can_be_exchanged(void **state)
{
	(void)state;
	struct id ids[2] = {id_new(1000), id_new(1001)};
	struct secret *key CLEANUP_SECRET = NULL, *other CLEANUP_SECRET = NULL;
	assert_int_equal(secret_random(&key), OK);
	assert_int_equal(secret_random(&other), OK);
	for (enum kind kind = HEAD; kind < KINDS; kind++) {
		struct str cipher;
		struct file_head untouched = {.bytes = -5}, head = untouched;
		assert_int_equal(encrypt(kind, ids, key, &cipher), OK);
		assert_int_equal(decrypt(kind, ids, other, cipher, &head), ERR_CORRUPT);
		for (enum kind as = HEAD; as < KINDS; as++)
			if (as != kind)
				assert_int_equal(decrypt(as, ids, key, cipher, &head), ERR_CORRUPT);
		for (int i = 0; i < (kind == IN_MESSAGE ? 2 : 1); i++) {
			struct id changed[2] = {ids[0], ids[1]};
			changed[i] = id_new(5000);
			assert_int_equal(decrypt(kind, changed, key, cipher, &head), ERR_CORRUPT);
		}
		char *bytes = (char *)cipher.data;
		for (size_t i = 0; i < cipher.len; i++) {
			bytes[i] ^= 0x20;
			assert_int_equal(decrypt(kind, ids, key, cipher, &head), ERR_CORRUPT);
			bytes[i] ^= 0x20;
			assert_int_equal(decrypt(kind, ids, key, str_slice(cipher, 0, i), &head),
					 ERR_CORRUPT);
		}
		assert_memory_equal(&head, &untouched, sizeof(head));
	}
}

static void a_digest_of_another_size_is_damaged(void **state)
{
	(void)state;
	struct file file = {.id = id_new(1000), .bytes = sample.bytes - 1};
	struct file_head head;
	struct secret *key CLEANUP_SECRET = NULL;
	assert_int_equal(secret_random(&key), OK);
	assert_int_equal(file_head_encrypt_digest(&cx, &file.id, key, &sample, &file.digest), OK);
	assert_int_equal(file_head_decrypt_digest(&cx, &file, key, &head), ERR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_fit_to_be_stored_and_shown, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(long_names_are_shortened_between_two_signs, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(types_are_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(endings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_said_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_of_it_can_be_exchanged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_digest_of_another_size_is_damaged, set_up,
						tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
