#include "crypto/chunks.h"

#include "base/random.h"
#include "crypto/hex_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { STORED_CHUNK = CHUNK_BYTES + CHUNK_TAG_BYTES, ROOM = 8 * CHUNK_BYTES };

static const struct secret file_key = {{0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
					11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
					22, 23, 24, 25, 26, 27, 28, 29, 30, 31}};
static const struct chunk_part small_part = {
	.file_id = {"01HYYYYYYYYYYYYYYYYYYYYYYB"},
	.part_id = {"01HZZZZZZZZZZZZZZZZZZZZZZA"},
	.offset = 1000,
};
#define SMALL STR("Meet me at the harbour.")

static char *some_bytes(size_t len)
{
	char *bytes = malloc(len + 1);
	random_fill(bytes, len);
	return bytes;
}

/* All of `plain` in pieces of this size. */
static void write_part(const struct chunk_part *part, struct str plain, size_t piece, bool is_last,
		       struct buf *out)
{
	struct chunk_writer *writer;
	assert_int_equal(chunk_writer_new(&file_key, part, &writer), OK);
	for (size_t at = 0; at < plain.len; at += piece)
		assert_int_equal(chunk_writer_add(writer, str_slice(plain, at, piece), out), OK);
	assert_int_equal(chunk_writer_end(writer, is_last, out), OK);
	chunk_writer_free(writer);
}

/* Whether the part, of plain_bytes by what is known of it, opens with all its chunks and (if it is
 * the last) its end. */
static enum err read_part(const struct secret *key, const struct chunk_part *part,
			  struct str stored, size_t plain_bytes, bool is_last, char *ret_plain)
{
	struct chunk_reader *reader;
	assert_int_equal(chunk_reader_new(key, part, &reader), OK);
	enum err err = OK;
	int64_t number = 0;
	size_t at = 0;
	for (size_t done = 0; done < plain_bytes && err == OK; number++) {
		size_t len = plain_bytes - done < CHUNK_BYTES ? plain_bytes - done : CHUNK_BYTES;
		err = chunk_reader_open(reader, number,
					str_slice(stored, at, len + CHUNK_TAG_BYTES),
					(uint8_t *)ret_plain + done);
		done += len;
		at += len + CHUNK_TAG_BYTES;
	}
	if (err == OK && is_last)
		err = chunk_reader_check_end(reader, (int64_t)plain_bytes,
					     str_slice(stored, at, stored.len));
	chunk_reader_free(reader);
	return err;
}

static void known_answer(void **state)
{
	(void)state;
	/* Computed with Python's hashlib and Node's crypto, which share nothing with this code. */
	uint8_t bytes[HEX_MAX_BYTES];
	struct str expected = hex_decode("f8a869cd902ba1179e52f1cba0fdb70ae614005249008402e51ac975"
					 "a8ab9f47a5bc79e97d9b5dea5d819e8aa14668b1256ef2e69aa11a",
					 bytes);
	struct buf out CLEANUP_BUF;
	buf_init(&out, ROOM);
	write_part(&small_part, SMALL, SMALL.len, true, &out);
	assert_int_equal(expected.len, 55);
	assert_true(str_eq(buf_str(&out), expected));
}

static void parts_of_every_size_come_back(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		size_t bytes;
		size_t stored; /* of the last part */
	} cases[] = {
		{"an empty file", 0, CHUNK_TAG_BYTES},
		{"one byte", 1, 1 + 2 * CHUNK_TAG_BYTES},
		{"a byte less than a chunk", CHUNK_BYTES - 1,
		 CHUNK_BYTES - 1 + 2 * CHUNK_TAG_BYTES},
		{"a chunk", CHUNK_BYTES, CHUNK_BYTES + 2 * CHUNK_TAG_BYTES},
		{"a byte more", CHUNK_BYTES + 1, CHUNK_BYTES + 1 + 3 * CHUNK_TAG_BYTES},
		{"three chunks", 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 4 * CHUNK_TAG_BYTES},
	};
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		const size_t len = cases[i / 2].bytes;
		const bool is_last = i % 2;
		const size_t stored = cases[i / 2].stored - (is_last ? 0 : CHUNK_TAG_BYTES);
		char *plain = some_bytes(len), *back = calloc(1, len + 1);
		struct buf out CLEANUP_BUF;
		printf("# %s\n", cases[i / 2].sentence);
		buf_init(&out, ROOM);
		write_part(&small_part, str_bytes(plain, len), len + 1, is_last, &out);
		assert_int_equal(out.len, stored);
		assert_int_equal(chunks_stored_bytes((int64_t)len, is_last), stored);
		assert_int_equal(
			read_part(&file_key, &small_part, buf_str(&out), len, is_last, back), OK);
		assert_memory_equal(back, plain, len);
		free(plain);
		free(back);
	}
}

static void pieces_of_any_size_give_the_same(void **state)
{
	(void)state;
	static const size_t pieces[] = {
		4093,        65536,           256 << 10,          CHUNK_BYTES - 1,
		CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES + 7};
	const size_t len = 3 * CHUNK_BYTES + 4711;
	char *plain = some_bytes(len);
	struct buf whole CLEANUP_BUF;
	buf_init(&whole, ROOM);
	write_part(&small_part, str_bytes(plain, len), len, true, &whole);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct buf out CLEANUP_BUF;
		buf_init(&out, ROOM);
		write_part(&small_part, str_bytes(plain, len), pieces[i], true, &out);
		if (!str_eq(buf_str(&out), buf_str(&whole)))
			fail_msg("in pieces of %zu bytes", pieces[i]);
	}
	struct buf singly CLEANUP_BUF;
	buf_init(&singly, ROOM);
	buf_clear(&whole);
	write_part(&small_part, SMALL, SMALL.len, true, &whole);
	write_part(&small_part, SMALL, 1, true, &singly);
	assert_true(str_eq(buf_str(&singly), buf_str(&whole)));
	free(plain);
}

static void what_a_cut_part_is_kept_to(void **state)
{
	(void)state;
	static const struct {
		size_t added;
		int64_t whole, stored;
	} steps[] = {
		{0, 0, 0},
		{1, 0, 0},
		{CHUNK_BYTES - 2, 0, 0},
		{1, CHUNK_BYTES, STORED_CHUNK},
		{1, CHUNK_BYTES, STORED_CHUNK},
		{2 * CHUNK_BYTES, 3 * (int64_t)CHUNK_BYTES, 3 * (int64_t)STORED_CHUNK},
	};
	char *plain = some_bytes(4 * CHUNK_BYTES), *back = malloc(4 * CHUNK_BYTES);
	struct chunk_writer *writer;
	struct buf out CLEANUP_BUF;
	size_t at = 0;
	buf_init(&out, ROOM);
	assert_int_equal(chunk_writer_new(&file_key, &small_part, &writer), OK);
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct str piece = str_bytes(plain + at, steps[i].added);
		assert_int_equal(chunk_writer_add(writer, piece, &out), OK);
		at += piece.len;
		assert_int_equal(chunk_writer_whole_bytes(writer), steps[i].whole);
		assert_int_equal(chunk_writer_whole_stored_bytes(writer), steps[i].stored);
	}
	chunk_writer_free(writer);
	/* Cut there, it is a part like any other. */
	assert_int_equal(read_part(&file_key, &small_part,
				   str_slice(buf_str(&out), 0, 3 * STORED_CHUNK), 3 * CHUNK_BYTES,
				   false, back),
			 OK);
	assert_memory_equal(back, plain, 3 * CHUNK_BYTES);
	free(plain);
	free(back);
}

static void every_bit_counts(void **state)
{
	(void)state;
	static const char zero[64];
	struct buf out CLEANUP_BUF;
	buf_init(&out, ROOM);
	write_part(&small_part, SMALL, SMALL.len, true, &out);
	for (size_t bit = 0; bit < 8 * out.len; bit++) {
		char plain[64];
		memset(plain, 'x', sizeof(plain));
		out.data[bit / 8] ^= (char)(1 << bit % 8);
		enum err err =
			read_part(&file_key, &small_part, buf_str(&out), SMALL.len, true, plain);
		out.data[bit / 8] ^= (char)(1 << bit % 8);
		if (err != ERR_CORRUPT)
			fail_msg("bit %zu: %s", bit, err_name(err));
		/* A damaged end leaves the chunk readable: its own tag is right. */
		if (bit / 8 < SMALL.len + CHUNK_TAG_BYTES)
			assert_memory_equal(plain, zero, SMALL.len);
	}
	char plain[64];
	assert_int_equal(read_part(&file_key, &small_part, buf_str(&out), SMALL.len, true, plain),
			 OK);
}

/* A part of three chunks and its end, and other parts it might be taken for. */
struct three {
	char *plain;
	struct buf out;
};

static int set_up_three(void **state)
{
	struct three *three = calloc(1, sizeof(*three));
	three->plain = some_bytes(3 * CHUNK_BYTES);
	buf_init(&three->out, ROOM);
	write_part(&small_part, str_bytes(three->plain, 3 * CHUNK_BYTES), CHUNK_BYTES, true,
		   &three->out);
	*state = three;
	return 0;
}

static int tear_down_three(void **state)
{
	struct three *three = *state;
	free(three->plain);
	buf_release(&three->out);
	free(three);
	return 0;
}

static struct str stored_chunk(const struct three *three, size_t number)
{
	return str_slice(buf_str(&three->out), number * STORED_CHUNK, STORED_CHUNK);
}

static void chunks_cannot_be_exchanged(void **state)
{
	struct three *three = *state;
	uint8_t *plain = malloc(CHUNK_BYTES);
	struct chunk_reader *reader;
	assert_int_equal(chunk_reader_new(&file_key, &small_part, &reader), OK);
	for (size_t stored = 0; stored < 3; stored++) {
		for (int64_t asked = 0; asked < 4; asked++)
			assert_int_equal(chunk_reader_open(reader, asked,
							   stored_chunk(three, stored), plain),
					 asked == (int64_t)stored ? OK : ERR_CORRUPT);
	}
	chunk_reader_free(reader);
	free(plain);
}

static void parts_and_files_cannot_be_exchanged(void **state)
{
	struct three *three = *state;
	struct secret other_key = file_key;
	struct chunk_part as[4];
	for (size_t i = 0; i < COUNT(as); i++)
		as[i] = small_part;
	as[1].part_id.text[ID_CHARS - 1] = 'C';
	as[2].file_id.text[ID_CHARS - 1] = 'C';
	as[3].offset += 1;
	other_key.bytes[31] ^= 1;
	const struct {
		const char *sentence;
		const struct secret *key;
		const struct chunk_part *part;
	} cases[] = {
		{"as it is", &file_key, &as[0]},         {"under another key", &other_key, &as[0]},
		{"as another part", &file_key, &as[1]},  {"as of another file", &file_key, &as[2]},
		{"at another place", &file_key, &as[3]},
	};
	uint8_t *plain = malloc(CHUNK_BYTES);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct chunk_reader *reader;
		const enum err expected = i == 0 ? OK : ERR_CORRUPT;
		printf("# %s\n", cases[i].sentence);
		assert_int_equal(chunk_reader_new(cases[i].key, cases[i].part, &reader), OK);
		for (size_t number = 0; number < 3; number++)
			assert_int_equal(chunk_reader_open(reader, (int64_t)number,
							   stored_chunk(three, number), plain),
					 expected);
		assert_int_equal(
			chunk_reader_check_end(reader, 3 * CHUNK_BYTES, stored_chunk(three, 3)),
			expected);
		chunk_reader_free(reader);
	}
	free(plain);
}

static void a_truncated_file_has_no_end(void **state)
{
	struct three *three = *state;
	struct str stored = buf_str(&three->out);
	char *back = malloc(3 * CHUNK_BYTES);
	/* Cut to whole chunks, and rows that say it is that short. */
	for (size_t chunks = 0; chunks < 3; chunks++) {
		struct str kept = str_slice(stored, 0, chunks * STORED_CHUNK);
		assert_int_equal(
			read_part(&file_key, &small_part, kept, chunks * CHUNK_BYTES, false, back),
			OK);
		assert_int_equal(
			read_part(&file_key, &small_part, kept, chunks * CHUNK_BYTES, true, back),
			ERR_CORRUPT);
	}
	/* ... or with the end of the longer one behind it, or a tag of another chunk. */
	struct chunk_reader *reader;
	assert_int_equal(chunk_reader_new(&file_key, &small_part, &reader), OK);
	struct str end = stored_chunk(three, 3);
	for (int64_t bytes = 0; bytes < 3 * CHUNK_BYTES; bytes += CHUNK_BYTES / 2)
		assert_int_equal(chunk_reader_check_end(reader, bytes, end), ERR_CORRUPT);
	for (size_t number = 0; number < 3; number++) {
		struct str tag =
			str_slice(stored_chunk(three, number), CHUNK_BYTES, CHUNK_TAG_BYTES);
		assert_int_equal(chunk_reader_check_end(reader, (int64_t)number * CHUNK_BYTES, tag),
				 ERR_CORRUPT);
	}
	assert_int_equal(chunk_reader_check_end(reader, 3 * CHUNK_BYTES, end), OK);
	chunk_reader_free(reader);
	free(back);
}

static void what_cannot_be_a_chunk_is_corrupt(void **state)
{
	struct three *three = *state;
	uint8_t *plain = malloc(2 * CHUNK_BYTES);
	struct chunk_reader *reader;
	struct str stored = buf_str(&three->out), first = stored_chunk(three, 0);
	const struct {
		const char *sentence;
		int64_t number;
		struct str stored;
	} cases[] = {
		{"nothing", 0, STR_NONE},
		{"less than a tag", 0, str_slice(first, 0, CHUNK_TAG_BYTES - 1)},
		{"a tag alone", 0, str_slice(first, 0, CHUNK_TAG_BYTES)},
		{"the end of the file", 3, stored_chunk(three, 3)},
		{"a byte less", 0, str_slice(first, 0, first.len - 1)},
		{"a byte more", 0, str_slice(stored, 0, first.len + 1)},
		{"a number below 0", -1, first},
		{"the lowest number", INT64_MIN, first},
		{"the highest number", INT64_MAX, first},
	};
	assert_int_equal(chunk_reader_new(&file_key, &small_part, &reader), OK);
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (chunk_reader_open(reader, cases[i].number, cases[i].stored, plain) !=
		    ERR_CORRUPT)
			fail_msg("%s", cases[i].sentence);
	}
	assert_int_equal(chunk_reader_check_end(reader, -1, stored_chunk(three, 3)), ERR_CORRUPT);
	assert_int_equal(chunk_reader_check_end(reader, INT64_MAX, stored_chunk(three, 3)),
			 ERR_CORRUPT);
	assert_int_equal(chunk_reader_check_end(reader, 3 * CHUNK_BYTES, STR_NONE), ERR_CORRUPT);
	chunk_reader_free(reader);
	free(plain);
}

static void a_chunk_is_opened_where_it_lies(void **state)
{
	struct three *three = *state;
	struct chunk_reader *reader;
	struct str chunk = stored_chunk(three, 1);
	assert_int_equal(chunk_reader_new(&file_key, &small_part, &reader), OK);
	assert_int_equal(chunk_reader_open(reader, 1, chunk, (uint8_t *)(uintptr_t)chunk.data), OK);
	assert_memory_equal(chunk.data, three->plain + CHUNK_BYTES, CHUNK_BYTES);
	chunk_reader_free(reader);
}

static void nothing_goes_behind_the_end(void **state)
{
	(void)state;
	struct chunk_writer *writer;
	struct buf out CLEANUP_BUF, narrow CLEANUP_BUF;
	struct chunk_part part = small_part;
	buf_init(&out, ROOM);
	buf_init(&narrow, 4);
	assert_int_equal(chunk_writer_new(&file_key, &small_part, &writer), OK);
	assert_int_equal(chunk_writer_end(writer, true, &out), OK);
	assert_int_equal(chunk_writer_add(writer, SMALL, &out), ERR_INTERNAL);
	assert_int_equal(chunk_writer_end(writer, true, &out), ERR_INTERNAL);
	assert_int_equal(out.len, CHUNK_TAG_BYTES);
	chunk_writer_free(writer);
	/* Nor after a failure: what was given may be part of a chunk. */
	assert_int_equal(chunk_writer_new(&file_key, &small_part, &writer), OK);
	assert_int_equal(chunk_writer_add(writer, SMALL, &narrow), ERR_TOO_LARGE);
	assert_int_equal(chunk_writer_add(writer, STR("a"), &out), ERR_INTERNAL);
	chunk_writer_free(writer);
	part.offset = -1;
	assert_int_equal(chunk_writer_new(&file_key, &part, &writer), ERR_INVALID);
	part.offset = INT64_MAX;
	assert_int_equal(chunk_writer_new(&file_key, &part, &writer), ERR_INVALID);
	chunk_writer_free(NULL);
	chunk_reader_free(NULL);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define WITH_THREE(name) cmocka_unit_test_setup_teardown(name, set_up_three, tear_down_three)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answer),
		cmocka_unit_test(parts_of_every_size_come_back),
		cmocka_unit_test(pieces_of_any_size_give_the_same),
		cmocka_unit_test(what_a_cut_part_is_kept_to),
		cmocka_unit_test(every_bit_counts),
		WITH_THREE(chunks_cannot_be_exchanged),
		WITH_THREE(parts_and_files_cannot_be_exchanged),
		WITH_THREE(a_truncated_file_has_no_end),
		WITH_THREE(what_cannot_be_a_chunk_is_corrupt),
		WITH_THREE(a_chunk_is_opened_where_it_lies),
		cmocka_unit_test(nothing_goes_behind_the_end),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
