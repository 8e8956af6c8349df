/* For the tests of requests to sign: each step as one call. Include after cmocka.h. */
#pragma once

#include "core/file_test_support.h"
#include "core/library.h"
#include "core/signing.h"
#include "core/upload.h"

#define SIGNING_TEST_CONSENT STR("I agree to sign these documents electronically.")

/* A ready upload of this person with these bytes. */
static inline struct id signing_test_upload(struct core_fixture *f, struct session *session,
					    struct str name, struct str bytes)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {.count = 0};
	struct upload *upload;
	struct id id;
	int64_t offset;
	assert_int_equal(
		upload_create(&cx, name, STR("application/pdf"), (int64_t)bytes.len, &id, &errors),
		OK);
	assert_int_equal(upload_begin(&cx, &id, 0, (int64_t)bytes.len, NULL, &upload), OK);
	assert_int_equal(upload_take(upload, bytes), OK);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), OK);
	upload_free(upload);
	return id;
}

static inline struct draft signing_test_draft(const char *to, const struct id *files, size_t count,
					      const struct signing_plan *plan)
{
	return (struct draft){.to = str_of(to),
			      .subject = STR("The lease"),
			      .body = STR("Please sign."),
			      .files = files,
			      .file_count = count,
			      .signing = plan};
}

static inline struct id signing_test_send(struct core_fixture *f, struct session *session,
					  const struct draft *draft)
{
	return file_test_send(f, session, draft);
}

static inline enum err signing_test_try_sign(struct core_fixture *f, struct session *session,
					     const struct id *id,
					     const struct signing_value *values, size_t count,
					     struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, session);
	const struct signing_act act = {
		.has_consented = true,
		.consent_text = SIGNING_TEST_CONSENT,
		.user_agent = STR("Test/1.0"),
		.password = CORE_FIXTURE_PASSWORD,
		.values = values,
		.value_count = count,
	};
	cx.remote = STR("192.0.2.7");
	return signing_sign(&cx, id, &act, errors);
}

static inline void signing_test_sign(struct core_fixture *f, struct session *session,
				     const struct id *id, const struct signing_value *values,
				     size_t count)
{
	struct form_errors errors = {.count = 0};
	enum err err = signing_test_try_sign(f, session, id, values, count, &errors);
	if (err != OK)
		fail_msg("not signed: %s, %s: %.*s", err_name(err),
			 errors.count ? errors.items[0].field : "",
			 (int)(errors.count ? errors.items[0].detail.len : 0),
			 errors.count ? errors.items[0].detail.data : "");
}

static inline struct signing_view signing_test_get(struct core_fixture *f, struct session *session,
						   const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	struct signing_view view;
	assert_int_equal(signing_get(&cx, id, &view), OK);
	return view;
}

/* All of a document as it now stands, in the fixture's arena. */
static inline struct str signing_test_read(struct core_fixture *f, struct session *session,
					   const struct id *id, int64_t position)
{
	struct cx cx = core_fixture_cx(f, session);
	struct pdf_bytes document;
	struct str view;
	assert_int_equal(signing_document(&cx, id, position, &document), OK);
	assert_int_equal(pdf_bytes_map(&document, &view), OK);
	struct str copy = arena_copy(&f->arena, view);
	pdf_bytes_unmap(view);
	pdf_bytes_free(&document);
	return copy;
}

/* The chain holds, from its beginning to its end. */
static inline int64_t signing_test_audit_bad(struct core_fixture *f)
{
	struct db *db CLEANUP_READ = NULL;
	struct audit_checked found;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(audit_check(db, 0, INT64_MAX, &found), OK);
	return found.bad;
}
