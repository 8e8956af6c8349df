/* Requests to sign: time stamps of a server (RFC 3161) that does not answer, or answers oddly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/signing_scene.h"
#include "core/timestamper.h"
#include "crypto/signing_test_support.h"

static int stamps_asked;

#define SERVER STR("http://stamps.example.com/")

static enum err answer_nothing(struct timestamper *timestamper, struct str url, struct arena *arena,
			       struct str request, struct str *ret)
{
	(void)timestamper, (void)arena, (void)ret;
	assert_true(str_eq(url, SERVER));
	assert_true(request.len > 0);
	stamps_asked++;
	return ERR_UNAVAILABLE;
}

static void nobody_waits_for_a_time_stamp_that_does_not_come(void **state)
{
	struct timestamper timestamper = {.ask = answer_nothing};
	struct signing_scene s;
	struct log_capture log;
	signing_scene_set_up(state, &s);
	const struct id files[] = {s.file, signing_scene_upload(&s, "annex.pdf")};
	s.draft.files = files;
	s.draft.file_count = 2;
	signing_scene_send(&s);
	s.f->portal->timestamper = &timestamper;
	core_fixture_set(s.f, "timestamp_url", SERVER);
	stamps_asked = 0;
	log_capture_begin(&log);
	signing_scene_sign(&s, s.peter);
	assert_non_null(strstr(log_capture_end(&log), "signing.not_time_stamped"));
	/* Not again for the second document. */
	assert_int_equal(stamps_asked, 1);
	/* The setting holds at once. */
	core_fixture_set(s.f, "timestamp_url", STR(""));
	signing_scene_sign(&s, s.gabi);
	assert_int_equal(stamps_asked, 1);
	assert_int_equal(signing_scene_state(&s), SIGNING_COMPLETED);
	s.f->portal->timestamper = NULL;
}

static enum err answer_now(struct timestamper *timestamper, struct str url, struct arena *arena,
			   struct str request, struct str *ret)
{
	(void)timestamper, (void)url;
	*ret = arena_copy(arena, test_stamper_answer(request));
	return OK;
}

/* One that is said to be from years before the certificate would make the signature doubtful. */
static void time_stamps_of_another_time_are_not_taken(void **state)
{
	static const struct {
		int64_t off_ms;
		bool is_taken;
	} rows[] = {
		{0, true},          {MINUTE_MS, true}, /* its clock is slow: certificates begin
							  before */
		{-MINUTE_MS, true}, {DAY_MS, false},   {-DAY_MS, false},
	};
	struct timestamper timestamper = {.ask = answer_now};
	test_stamper_make();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct signing_scene s;
		struct log_capture log;
		signing_scene_start_again(state, CUSTODY_MANAGED);
		signing_scene_set_up(state, &s);
		signing_scene_send(&s);
		atomic_store(&s.f->clock.now_ms, now_ms() + rows[i].off_ms);
		s.f->portal->timestamper = &timestamper;
		core_fixture_set(s.f, "timestamp_url", SERVER);
		log_capture_begin(&log);
		signing_scene_sign(&s, s.peter);
		bool is_told = strstr(log_capture_end(&log), "signing.not_time_stamped") != NULL;
		assert_int_equal(is_told, !rows[i].is_taken);
		s.f->portal->timestamper = NULL;
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(nobody_waits_for_a_time_stamp_that_does_not_come),
		CORE_TEST(time_stamps_of_another_time_are_not_taken),
	};
	return engines_test_run("signing_stamp", tests, sizeof(tests) / sizeof(tests[0]));
}
