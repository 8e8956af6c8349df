/* Zip files beyond 4 GB (P5): what stands where in zip64, by the format's own description
 * (APPNOTE.TXT 4.3.14, 4.5.3), and by a program that reads from the end. */
#include "mail/zip.h"

#include "crypto/chunks.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t four_gb = INT64_C(1) << 32;

/* Nothing of zeros takes room: an archive of gigabytes is a file of some kilobytes. */
struct target {
	int fd;
	int64_t bytes;
};

static void write_to(struct target *target, struct str bytes)
{
	bool is_zero = bytes.len > 0 && bytes.data[0] == '\0' &&
		       memcmp(bytes.data, bytes.data + 1, bytes.len - 1) == 0;
	if (!is_zero)
		assert_int_equal(pwrite(target->fd, bytes.data, bytes.len, (off_t)target->bytes),
				 bytes.len);
	target->bytes += (int64_t)bytes.len;
}

static void take(struct zip *zip, struct target *target)
{
	while (zip_has_output(zip)) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, CHUNK_BYTES);
		assert_int_equal(zip_take(zip, &piece), OK);
		write_to(target, buf_str(&piece));
	}
}

static void add_entry(struct zip *zip, struct target *target, const char *path, int64_t bytes,
		      struct str content)
{
	const struct zip_entry entry = {.path = str_of(path), .bytes = bytes};
	assert_int_equal(zip_begin_entry(zip, &entry), OK);
	for (int64_t at = 0; at < bytes; at += (int64_t)content.len) {
		struct str piece = str_slice(content, 0, (size_t)(bytes - at));
		assert_int_equal(zip_add(zip, piece), OK);
		take(zip, target);
	}
	assert_int_equal(zip_end_entry(zip), OK);
	take(zip, target);
}

/* ---- reading ---- */

static uint64_t number(struct str bytes, size_t at, size_t len)
{
	uint64_t value = 0;
	assert_true(at + len <= bytes.len);
	for (size_t i = len; i-- > 0;)
		value = value << 8 | (uint8_t)bytes.data[at + i];
	return value;
}

/* The last record that begins so. */
static size_t find(struct str bytes, const char *signature)
{
	for (size_t at = bytes.len - 4;; at--) {
		if (memcmp(bytes.data + at, signature, 4) == 0)
			return at;
		if (at == 0)
			fail_msg("no %.2s %d", signature, signature[2]);
	}
}

/* The numbers of 8 bytes in the zip64 field of the entry at `at` of the list. */
static size_t wide_numbers(struct str list, size_t at, uint64_t ret[3])
{
	size_t name_len = number(list, at + 28, 2), extra_len = number(list, at + 30, 2);
	size_t field = at + 46 + name_len, end = field + extra_len;
	while (field + 4 <= end) {
		size_t len = number(list, field + 2, 2);
		if (number(list, field, 2) == 1) {
			for (size_t i = 0; i < len / 8; i++)
				ret[i] = number(list, field + 4 + 8 * i, 8);
			return len / 8;
		}
		field += 4 + len;
	}
	return 0;
}

static void check_list(struct str list, int64_t list_at, int64_t large)
{
	uint64_t wide[3];
	assert_int_equal(number(list, 0, 4), 0x02014b50);
	assert_int_equal(number(list, 20, 4), UINT32_MAX);
	assert_int_equal(number(list, 24, 4), UINT32_MAX);
	assert_in_range(wide_numbers(list, 0, wide), 2, 3);
	assert_int_equal(wide[0], large);
	assert_int_equal(wide[1], large);
	/* The second begins beyond. */
	size_t second = 46 + number(list, 28, 2) + number(list, 30, 2) + number(list, 32, 2);
	assert_int_equal(number(list, second, 4), 0x02014b50);
	assert_int_equal(number(list, second + 42, 4), UINT32_MAX);
	size_t count = wide_numbers(list, second, wide);
	assert_in_range(count, 1, 3);
	assert_in_range(wide[count - 1], large, list_at);
}

static void check_end(const struct target *target, int64_t large)
{
	enum { END_BYTES = 1024 };
	char text[END_BYTES];
	int64_t from = target->bytes - END_BYTES;
	assert_int_equal(pread(target->fd, text, END_BYTES, (off_t)from), END_BYTES);
	struct str end = str_bytes(text, END_BYTES);
	size_t old = find(end, "PK\5\6"), locator = find(end, "PK\6\7"), wide = find(end, "PK\6\6");
	assert_int_equal(old + 22, END_BYTES);
	assert_int_equal(number(end, old + 16, 4), UINT32_MAX);
	assert_int_equal(number(end, locator + 8, 8), from + (int64_t)wide);
	assert_int_equal(number(end, wide + 24, 8), 2);
	assert_int_equal(number(end, wide + 32, 8), 2);
	int64_t list_at = (int64_t)number(end, wide + 48, 8);
	assert_in_range(list_at, from, target->bytes);
	check_list(str_slice(end, (size_t)(list_at - from), wide), list_at, large);
}

/* As most programs do: the list at the end first, then to where it says that an entry begins. */
static void read_by_list(const struct target *target, int64_t large)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	char text[16];
	assert_int_equal(lseek(target->fd, 0, SEEK_SET), 0);
	assert_int_equal(archive_read_support_format_zip_seekable(archive), ARCHIVE_OK);
	assert_int_equal(archive_read_open_fd(archive, target->fd, 65536), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(entry), "large.bin");
	assert_int_equal(archive_entry_size(entry), large);
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(entry), "behind.txt");
	assert_int_equal(archive_read_data(archive, text, sizeof(text)), 6);
	assert_memory_equal(text, "behind", 6);
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_EOF);
	archive_read_free(archive);
}

static void beyond_4_gb(void **state)
{
	struct target target = {.fd = memfd_create("zip", MFD_CLOEXEC)};
	struct zip *zip;
	char *zeros = calloc(1, CHUNK_BYTES);
	int64_t large = four_gb + 3;
	(void)state;
	assert_true(target.fd >= 0);
	assert_non_null(zeros);
	assert_int_equal(zip_new(4 << 20, &zip), OK);
	add_entry(zip, &target, "large.bin", large, str_bytes(zeros, CHUNK_BYTES));
	add_entry(zip, &target, "behind.txt", 6, STR("behind"));
	assert_int_equal(zip_close(zip), OK);
	take(zip, &target);
	zip_free(zip);
	free(zeros);
	assert_true(target.bytes > large);
	check_end(&target, large);
	read_by_list(&target, large);
	close(target.fd);
}

/* As many as a message and all that it forwards can have: each is told from the others, and neither
 * memory nor time is spent on trying. */
static void a_thousand_of_one_name(void **state)
{
	enum { COUNT = 1100, NAME_BYTES = 255, ROOM_BYTES = 1 << 20 };
	static struct str taken[COUNT];
	CLEANUP_ARENA struct arena arena;
	char long_name[NAME_BYTES];
	(void)state;
	arena_init(&arena, ROOM_BYTES);
	memset(long_name, 'a', sizeof(long_name));
	memcpy(long_name + sizeof(long_name) - 4, ".pdf", 4);
	for (size_t i = 0; i < COUNT; i++) {
		struct str name = str_bytes(long_name, sizeof(long_name));
		taken[i] = zip_other_name(&arena, name, taken, i);
		assert_false(arena.failed);
		assert_true(str_ends_with(taken[i], STR(".pdf")));
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq_nocase(taken[i], taken[k]));
	}
	assert_true(str_ends_with(taken[1], STR("a (2).pdf")));
	assert_true(str_ends_with(taken[COUNT - 1], STR("a (1100).pdf")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_of_one_name),
		cmocka_unit_test(beyond_4_gb),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
