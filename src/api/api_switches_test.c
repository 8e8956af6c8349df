/* The policy walked through its switches by the API: each act of each feature, on and off (P1.3,
 * P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "core/portal_settings.h"

static const char *admin, *message, *file;

/* The id of an upload that is whole. */
static const char *upload(struct test *t)
{
	struct api_call create = {.method = "POST",
				  .path = "/files",
				  .token = admin,
				  .headers = {{STR("Tus-Resumable"), STR("1.0.0")},
					      {STR("Upload-Length"), STR("3")},
					      {STR("Upload-Metadata"), STR("filename YS5wZGY=")}}};
	api_fixture_call(&t->f, &create, &t->answer);
	assert_int_equal(t->answer.status, 201);
	const char *place = strstr(t->answer.headers, "Location: /files/");
	assert_non_null(place);
	struct str id = {place + strlen("Location: /files/"), ID_CHARS};
	const char *kept = arena_cstr(&t->f.arena, id);
	struct api_call patch = {.method = "PATCH",
				 .path = arena_printf(&t->f.arena, "/files/%s", kept).data,
				 .token = admin,
				 .body = STR("abc"),
				 .content_type = "application/offset+octet-stream",
				 .headers = {{STR("Tus-Resumable"), STR("1.0.0")},
					     {STR("Upload-Offset"), STR("0")}}};
	api_fixture_call(&t->f, &patch, &t->answer);
	assert_int_equal(t->answer.status, 204);
	return kept;
}

#define WRITE "{\"to\":[\"ben@example.com\"],\"subject\":\"s\",\"body\":\"b\""

static void begin(struct test *t)
{
	file = upload(t);
	call(t, "POST", "/api/v1/messages", admin,
	     arena_printf(&t->f.arena, WRITE ",\"files\":[\"%s\"]}", file).data);
	expect(t, 201);
	message = keep(t, "id");
}

/* %M: the message, %F: the file. */
static const char *filled(struct test *t, const char *pattern)
{
	struct str text = STR("");
	for (const char *at = pattern; *at; at++) {
		if (at[0] == '%') {
			text = arena_printf(&t->f.arena, "%.*s%s", STR_ARGS(text),
					    *++at == 'M' ? message : file);
		} else {
			text = arena_printf(&t->f.arena, "%.*s%c", STR_ARGS(text), *at);
		}
	}
	return arena_cstr(&t->f.arena, text);
}

static const struct {
	const char *feature, *sentence, *method, *path, *body;
	int on, off;
	const char *field; /* told of when it is off */
} acts[] = {
	{"files", "list one's files", "GET", "/api/v1/files", "", 200, 404},
	{"files", "begin an upload", "POST", "/files", "", 201, 404},
	{"files", "send a file", "POST", "/api/v1/messages", WRITE ",\"files\":[\"%F\"]}", 201, 422,
	 "files"},
	{"files", "keep a draft with one", "POST", "/api/v1/drafts", WRITE ",\"files\":[\"%F\"]}",
	 201, 422, "files"},
	{"files", "ask for signatures", "POST", "/api/v1/signature-requests", "{}", 422, 404},
	{"files", "read about one's file", "GET", "/api/v1/files/%F", "", 200, 200},
	{"signatures", "ask for signatures", "POST", "/api/v1/signature-requests", "{}", 422, 404},
	{"signatures", "inspect a document", "POST", "/api/v1/signature-requests/inspect", "{}",
	 422, 404},
	{"signatures", "list templates", "GET", "/api/v1/signature-templates", "", 200, 404},
	{"signatures", "keep a template", "POST", "/api/v1/signature-templates", "{}", 422, 404},
	{"signatures", "list what was asked", "GET", "/api/v1/signature-requests", "", 200, 200},
	{"recall", "recall a file", "POST", "/api/v1/messages/%M/files/%F/recall", "{}", 200, 404},
	{"recall", "recall a message", "POST", "/api/v1/messages/%M/recall", "{}", 200, 404},
	{"files", "download", "GET", "/files/%F/content", "", 200, 200},
	{"recall", "look at tracking", "GET", "/api/v1/messages/%M/tracking", "", 200, 200},
	{"forwarding", "forward", "POST", "/api/v1/messages",
	 "{\"to\":[\"cara@example.com\"],\"forward_of\":\"%M\"}", 201, 403, ""},
	{"confidential", "ask for the password", "POST", "/api/v1/messages",
	 WRITE ",\"options\":{\"confidential\":true}}", 201, 422, "options"},
	{"expiry", "set a date", "POST", "/api/v1/messages",
	 WRITE ",\"expires_at\":\"2027-06-01\"}", 201, 422, "expires_at"},
};

static void attempt(struct test *t, size_t i)
{
	struct api_call c = {.method = acts[i].method,
			     .path = filled(t, acts[i].path),
			     .token = admin,
			     .body = str_of(filled(t, acts[i].body))};
	if (str_eq(str_of(acts[i].path), STR("/files"))) {
		c.headers[0] = (struct header){STR("Tus-Resumable"), STR("1.0.0")};
		c.headers[1] = (struct header){STR("Upload-Length"), STR("3")};
	}
	api_fixture_call(&t->f, &c, &t->answer);
}

static void test_every_act_through_its_switch(void **state)
{
	struct test *t = *state;
	admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		for (int is_on = 0; is_on <= 1; is_on++) {
			begin(t);
			api_fixture_set(&t->f, acts[i].feature, is_on ? STR("yes") : STR("no"));
			attempt(t, i);
			int expected = is_on ? acts[i].on : acts[i].off;
			if (t->answer.status != expected)
				fail_msg("%s %s: %s: %d, not %d: %s", acts[i].feature,
					 is_on ? "on" : "off", acts[i].sentence, t->answer.status,
					 expected, t->answer.body);
			if (!is_on && acts[i].field && !has_error(t, acts[i].field))
				fail_msg("%s: no sentence: %s", acts[i].sentence, t->answer.body);
			api_fixture_set(&t->f, acts[i].feature, STR("yes"));
		}
	}
}

static void test_every_feature_is_walked(void **state)
{
	(void)state;
	for (size_t at = 0; at < portal_settings_count; at++) {
		const char *name = portal_settings_name(at);
		bool is_walked = portal_settings_facts(at).group != SETTING_GROUP_FEATURES;
		for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
			is_walked = is_walked ||
				    (strcmp(acts[i].feature, name) == 0 && acts[i].off >= 400);
		if (!is_walked)
			fail_msg("%s can be switched off, and nothing here shows what then", name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_every_act_through_its_switch),
					   cmocka_unit_test(test_every_feature_is_walked)};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
