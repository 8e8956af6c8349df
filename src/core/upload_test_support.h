/* Shared by the tests of uploads: files of bytes that can be told from each other, sent in steps
 * and read back from the blobs. Include after cmocka.h and core/core_test_support.h. */
#pragma once

#include "core/file_key.h"
#include "core/file_parts.h"
#include "core/upload.h"

#include <stdlib.h>

/* The byte at a place of every file; its period has nothing to do with chunks. */
static inline char upload_test_byte(int64_t at)
{
	return (char)(at * 31 + at / 251 + (at >> 13));
}

/* Bytes `from` to `until`, in memory that the caller frees. */
static inline struct str upload_test_bytes(int64_t from, int64_t until)
{
	size_t len = (size_t)(until - from);
	char *bytes = malloc(len + 1);
	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = upload_test_byte(from + (int64_t)i);
	return str_bytes(bytes, len);
}

static inline struct id upload_test_create(struct core_fixture *f, struct session *session,
					   int64_t bytes)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {.count = 0};
	struct id id;
	assert_int_equal(
		upload_create(&cx, STR("Befund.pdf"), STR("application/pdf"), bytes, &id, &errors),
		OK);
	return id;
}

/* Gives from..until in pieces. */
static inline enum err upload_test_take(struct upload *upload, int64_t from, int64_t until,
					size_t piece)
{
	struct str all = upload_test_bytes(from, until), rest = all;
	enum err err = OK;
	for (; err == OK && rest.len > 0; rest = str_slice(rest, piece, rest.len))
		err = upload_take(upload, str_slice(rest, 0, piece));
	free((char *)all.data);
	return err;
}

/* One request: begins at `from`, brings bytes to `until` (of `announced`), ends as said. */
static inline enum err upload_test_try(struct core_fixture *f, struct session *session,
				       const struct id *id, int64_t from, int64_t until,
				       enum upload_end how, int64_t *ret_offset)
{
	struct cx cx = core_fixture_cx(f, session);
	struct upload *upload;
	TRY(upload_begin(&cx, id, from, -1, NULL, &upload));
	enum err err = upload_test_take(upload, from, until, 300000);
	if (err == OK)
		err = upload_end(upload, how, ret_offset);
	upload_free(upload);
	return err;
}

static inline int64_t upload_test_send(struct core_fixture *f, struct session *session,
				       const struct id *id, int64_t from, int64_t until,
				       enum upload_end how)
{
	int64_t offset = -1;
	assert_int_equal(upload_test_try(f, session, id, from, until, how, &offset), OK);
	return offset;
}

static inline struct upload_view upload_test_look(struct core_fixture *f, struct session *session,
						  const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	struct upload_view view;
	assert_int_equal(upload_get(&cx, id, &view), OK);
	return view;
}

struct upload_test_reading {
	int64_t at;
	bool is_wrong;
};

static inline enum err upload_test_compare(void *argument, struct str bytes)
{
	struct upload_test_reading *reading = argument;
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] != upload_test_byte(reading->at++))
			reading->is_wrong = true;
	return OK;
}

struct upload_test_stored {
	struct file file;
	struct file_part *parts;
	size_t part_count;
};

static inline struct upload_test_stored upload_test_stored(struct core_fixture *f,
							   const struct id *id)
{
	struct upload_test_stored stored;
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(files_get(db, &f->arena, id, &stored.file), OK);
	assert_int_equal(files_parts(db, &f->arena, id, &stored.parts, &stored.part_count), OK);
	return stored;
}

/* Everything acknowledged is there, byte for byte, and of a ready file its SHA-256 is right. */
static inline void upload_test_check(struct core_fixture *f, struct session *session,
				     const struct id *id, int64_t bytes)
{
	struct cx cx = core_fixture_cx(f, session);
	struct upload_test_stored stored = upload_test_stored(f, id);
	struct upload_test_reading reading = {.at = 0};
	struct secret *key = NULL;
	uint8_t sum[HASHING_MAX_BYTES];
	struct hashing *hashing;
	assert_int_equal(file_key_open_owner(&cx, &stored.file, &key), OK);
	assert_int_equal(file_parts_read(f->portal->blobs, key, stored.parts, stored.part_count,
					 upload_test_compare, &reading),
			 OK);
	secret_free(key);
	assert_int_equal(reading.at, bytes);
	assert_false(reading.is_wrong);
	if (stored.file.state != FILE_READY)
		return;
	struct str all = upload_test_bytes(0, bytes);
	assert_int_equal(hashing_new(HASH_SHA256, &hashing), OK);
	hashing_add(hashing, all);
	hashing_result(hashing, sum);
	hashing_free(hashing);
	free((char *)all.data);
	struct upload_view view = upload_test_look(f, session, id);
	assert_int_equal(view.bytes, bytes);
	assert_memory_equal(view.head.sha256, sum, SHA256_BYTES);
	assert_int_equal(stored.file.hashing.len, 0);
}
