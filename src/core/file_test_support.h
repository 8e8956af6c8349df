/* For the tests of files in messages: each step as one call. Include after cmocka.h. */
#pragma once

#include "core/core_test_support.h"
#include "core/download.h"
#include "core/file_recall.h"
#include "core/library.h"
#include "core/upload_test_support.h"
#include "crypto/chunks.h"

enum { FILE_TEST_BYTES = 5000 };

/* A ready upload of this person. */
static inline struct id file_test_upload(struct core_fixture *f, struct session *session,
					 struct str name, struct str type, int64_t bytes)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {.count = 0};
	struct id id;
	assert_int_equal(upload_create(&cx, name, type, bytes, &id, &errors), OK);
	assert_int_equal(upload_test_send(f, session, &id, 0, bytes, UPLOAD_SENT), bytes);
	return id;
}

static inline struct id file_test_pdf(struct core_fixture *f, struct session *session,
				      const char *name)
{
	return file_test_upload(f, session, str_of(name), STR("application/pdf"), FILE_TEST_BYTES);
}

static inline struct draft file_test_draft(const char *to, const struct id *files, size_t count)
{
	return (struct draft){.to = str_of(to),
			      .subject = STR("With files"),
			      .body = STR("Please see below."),
			      .files = files,
			      .file_count = count};
}

static inline struct id file_test_send(struct core_fixture *f, struct session *session,
				       const struct draft *draft)
{
	struct sent sent;
	struct form_errors errors = {.count = 0};
	enum err err = core_fixture_try_send(f, session, draft, &sent, &errors);
	if (err != OK)
		fail_msg("not sent: %s, %s: %.*s", err_name(err),
			 errors.count ? errors.items[0].field : "",
			 (int)(errors.count ? errors.items[0].detail.len : 0),
			 errors.count ? errors.items[0].detail.data : "");
	return sent.id;
}

/* One file to one person. */
static inline struct id file_test_give(struct core_fixture *f, struct session *session,
				       const char *to, const struct id *file_id)
{
	const struct draft draft = file_test_draft(to, file_id, 1);
	return file_test_send(f, session, &draft);
}

/* Opens and reads all of it; the bytes have to be those that were sent. message_id NULL: by any
 * right. */
static inline enum err file_test_read(struct core_fixture *f, struct session *session,
				      const struct id *file_id, const struct id *message_id)
{
	const struct id none = {.text = ""};
	struct cx cx = core_fixture_cx(f, session);
	struct download *download;
	bool is_over = false;
	int64_t at = 0;
	enum err err = download_open(&cx, file_id, message_id ? message_id : &none, &download);
	if (err != OK)
		return err;
	int64_t bytes = download_head(download)->bytes;
	while (err == OK && !is_over) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, CHUNK_BYTES);
		err = download_next(download, &piece, &is_over);
		for (size_t i = 0; i < piece.len; i++, at++)
			if (piece.data[i] != upload_test_byte(at))
				fail_msg("byte %d is another", (int)at);
	}
	if (err == OK)
		assert_int_equal(at, bytes);
	download_free(download);
	return err;
}

static inline enum err file_test_try_recall(struct core_fixture *f, struct session *session,
					    const struct id *message_id, const struct id *file_id,
					    const char *from, struct recalled *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {.count = 0};
	struct str address = str_of(from ? from : "");
	const struct recall_wish wish = {
		.addresses = &address, .address_count = from ? 1 : 0, .is_whole = from == NULL};
	return file_recall(&cx, message_id, file_id, &wish, ret, &errors);
}

/* from NULL: from everybody. */
static inline struct recalled file_test_recall(struct core_fixture *f, struct session *session,
					       const struct id *message_id,
					       const struct id *file_id, const char *from)
{
	struct recalled recalled;
	assert_int_equal(file_test_try_recall(f, session, message_id, file_id, from, &recalled),
			 OK);
	return recalled;
}
