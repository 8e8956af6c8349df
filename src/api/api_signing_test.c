/* Requests to sign over the API (P6): the contract for scripts. Mistakes:
 * api_signing_mistakes_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_signing_support.h"
#include "api/api_test_support.h"

static void expect_bool(struct test *t, const char *path, bool want)
{
	assert_non_null(at(t, path));
	if (json_is_true(at(t, path)) != want)
		fail_msg("%s in %s", path, t->answer.body);
}

static void expect_document(struct test *t, const char *token, const char *id, const char *file,
			    const char *part)
{
	const char *path = arena_printf(&t->f.arena, REQUESTS "/%s/files/%s", id, file).data;
	call(t, "GET", path, token, NULL);
	assert_int_equal(t->answer.status, 200);
	assert_string_equal(t->answer.content_type, "application/pdf");
	expect_answer_header(t, "Content-Disposition", "attachment; filename=\"lease.pdf\"");
	read_stream(t);
	if (strstr(t->answer.body, part) == NULL)
		fail_msg("no \"%s\" in %s", part, t->answer.body);
}

static void test_the_sender_is_one_of_the_signers(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *file = upload_pdf(t, people.admin);
	call(t, "POST", REQUESTS, people.admin,
	     fill(t,
		  "{'subject':'Lease','files':['FILE'],'order':'sequence','signers':["
		  "{'email':'gabi@example.org'},{'email':'Admin@example.com','fields':[" FIELD_A
		  "]}]}",
		  file));
	expect(t, 201);
	const char *id = keep(t, "id");
	expect_text(t, "signers.1.email", "admin@example.com");
	expect_text(t, "signers.1.state", "waiting");
	expect_bool(t, "signers.1.is_me", true);
	expect_bool(t, "can_sign", false);
	expect_bool(t, "can_decline", false);
	expect_bool(t, "can_remind", true);
	act(t, id, people.gabi, "/sign", "{'fields':{'signature':'Gabi'},'consent':true}");
	expect(t, 200);
	call(t, "GET", REQUESTS "?shelf=mine", people.admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.id", id);
	expect_text(t, "items.0.my_state", "asked");
	expect_bool(t, "items.0.is_mine", true);
	act(t, id, people.admin, "/remind", NULL);
	expect(t, 409);
	act(t, id, people.admin, "/decline", NULL);
	expect(t, 403);
	act(t, id, people.admin, "/sign", "{'fields':{'a1':'Ada'},'consent':true}");
	expect(t, 200);
	expect_text(t, "state", "completed");
	expect_document(t, people.gabi, id, file, "SIGNED 1 by Ada Admin: [a1=Ada]");
	/* Alone, with nobody who watches. */
	file = upload_pdf(t, people.admin);
	call(t, "POST", REQUESTS, people.admin,
	     fill(t,
		  "{'subject':'Note','files':['FILE'],'signers':[{'email':'admin@example.com'}]}",
		  file));
	expect(t, 201);
	expect_bool(t, "can_sign", true);
}

static void test_two_sign_one_after_another(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *file, *id = ask(t, &people, &file);
	expect_answer_header(t, "Location", request_path(t, id, ""));
	expect_text(t, "state", "open");
	expect_text(t, "order", "sequence");
	expect_text(t, "deadline", "2027-01-01T12:00:00.000Z");
	expect_text(t, "signers.0.state", "asked");
	expect_text(t, "signers.1.state", "waiting");
	expect_text(t, "files.0.id", file);
	expect_bool(t, "can_cancel", true);
	expect_bool(t, "can_sign", false);
	/* The first is mailed, the second not yet. */
	struct str token = STR_NONE;
	assert_int_equal(api_fixture_take_mails(&t->f, "gabi@example.org", &token), 1);
	call(t, "GET", request_path(t, id, ""), people.hugo, NULL);
	expect(t, 200);
	expect_bool(t, "can_sign", false);
	act(t, id, people.hugo, "/sign", "{'consent':true,'fields':{'b1':'Hugo'}}");
	expect_type(t, 403, "denied");

	call(t, "GET", request_path(t, id, ""), people.gabi, NULL);
	expect(t, 200);
	expect_bool(t, "can_sign", true);
	expect_text(t, "subject", "Lease");
	assert_int_equal(json_array_size(at(t, "fields")), 3);
	expect_text(t, "fields.0.id", "a1");
	expect_text(t, "fields.0.type", "signature");
	expect_text(t, "fields.0.file", file);
	assert_true(json_number_value(at(t, "fields.0.y")) == 540.5);
	assert_true(json_string_length(at(t, "consent")) > 20);
	expect_document(t, people.gabi, id, file, "CERTIFIED");
	act(t, id, people.gabi, "/sign",
	    "{'consent':true,'fields':{'a1':'" PIXEL "','t1':'Berlin'}}");
	expect(t, 200);
	expect_text(t, "signers.0.state", "signed");
	expect_text(t, "signers.1.state", "asked");
	expect_document(t, people.hugo, id, file, "SIGNED 0");
	assert_int_equal(api_fixture_take_mails(&t->f, "hugo@example.org", &token), 1);
	act(t, id, people.gabi, "/sign", "{'consent':true,'fields':{'a1':'Gabi'}}");
	expect_type(t, 409, "conflict");

	act(t, id, people.hugo, "/sign", "{'consent':true,'fields':{'b1':'Hugo Guest'}}");
	expect(t, 200);
	expect_text(t, "state", "completed");
	const char *sealed = keep(t, "files.0.sealed_file_id");
	expect_document(t, people.admin, id, file, "SEALED");
	expect_document(t, people.gabi, id, sealed, "SEALED");
	act(t, id, people.admin, "/cancel", NULL);
	expect_type(t, 409, "conflict");
	act(t, id, people.admin, "/remind", NULL);
	expect_type(t, 409, "conflict");
	act(t, id, people.hugo, "/decline", "{'reason':'Too late'}");
	expect_type(t, 409, "conflict");
}

static void test_declining_and_cancelling_end_it(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *id = ask(t, &people, NULL);
	act(t, id, people.admin, "/decline", "{'reason':'Mine'}");
	expect_type(t, 403, "denied");
	act(t, id, people.gabi, "/cancel", "{}");
	expect_type(t, 403, "denied");
	act(t, id, people.gabi, "/remind", "{}");
	expect_type(t, 403, "denied");
	act(t, id, people.gabi, "/decline", "{'reason':'The rent is wrong'}");
	expect(t, 200);
	expect_text(t, "state", "declined");
	call(t, "GET", request_path(t, id, ""), people.admin, NULL);
	expect_text(t, "signers.0.state", "declined");
	expect_text(t, "signers.0.reason", "The rent is wrong");
	act(t, id, people.hugo, "/sign", "{'consent':true,'fields':{'b1':'Hugo'}}");
	expect_type(t, 409, "conflict");
	id = ask(t, &people, NULL);
	act(t, id, people.admin, "/remind", NULL);
	expect(t, 200);
	assert_int_equal(json_integer_value(at(t, "reminded")), 1);
	act(t, id, people.admin, "/remind", "{}");
	expect_type(t, 429, "busy");
	act(t, id, people.admin, "/cancel", "{'reason':'A new one comes'}");
	expect(t, 200);
	expect_text(t, "state", "cancelled");
}

static void test_lists_by_shelf_and_cursor(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *first = ask(t, &people, NULL);
	t->f.clock.now_ms += 1000;
	const char *second = ask(t, &people, NULL);
	call(t, "GET", REQUESTS "?limit=1", people.admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.id", second);
	expect_text(t, "items.0.subject", "Lease");
	expect_bool(t, "items.0.is_mine", true);
	const char *cursor = keep(t, "next_cursor");
	call(t, "GET", arena_printf(&t->f.arena, REQUESTS "?limit=1&cursor=%s", cursor).data,
	     people.admin, NULL);
	expect_text(t, "items.0.id", first);
	call(t, "GET", REQUESTS "?shelf=mine", people.gabi, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 2);
	expect_text(t, "items.0.my_state", "asked");
	call(t, "GET", REQUESTS "?shelf=mine", people.hugo, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 0);
	call(t, "GET", REQUESTS "?shelf=finished", people.admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 0);
	static const struct {
		const char *query, *field;
	} bad[] = {
		{"?shelf=open", "shelf"}, {"?limit=0", "limit"},   {"?limit=x", "limit"},
		{"?cursor=", "cursor"},   {"?cursor=x", "cursor"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "GET", arena_printf(&t->f.arena, REQUESTS "%s", bad[i].query).data,
		     people.admin, NULL);
		expect(t, 422);
		assert_true(has_error(t, bad[i].field));
	}
}

static void create_with_key(struct test *t, const char *token, const char *key, const char *body)
{
	struct api_call c = {.method = "POST",
			     .path = REQUESTS,
			     .token = token,
			     .body = str_of(body),
			     .idempotency_key = key};
	api_fixture_call(&t->f, &c, &t->answer);
}

static void test_a_repeated_request_is_one(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *file = upload_pdf(t, people.admin);
	const char *body = fill(t, TWO_SIGNERS, file);
	create_with_key(t, people.admin, "k1", body);
	expect(t, 201);
	const char *id = keep(t, "id");
	create_with_key(t, people.admin, "k1", body);
	expect(t, 201);
	expect_text(t, "id", id);
	/* Another place of a field is another request. */
	char *other = (char *)arena_cstr(&t->f.arena, str_of(body));
	memcpy(strstr(other, "540.5"), "541.5", 5);
	create_with_key(t, people.admin, "k1", other);
	expect(t, 422);
	assert_true(has_error(t, "idempotency_key"));
}

static void test_nobody_opens_what_they_have_signed(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *id = ask(t, &people, NULL);
	act(t, id, people.gabi, "/sign", "{'consent':true,'fields':{'a1':'Gabi'}}");
	expect(t, 200);
	call(t, "GET", request_path(t, id, ""), people.gabi, NULL);
	assert_int_equal(json_array_size(at(t, "events")), 3);
	expect_text(t, "events.2.event", "signed");
	assert_true(json_is_null(at(t, "signers.0.opened_at")));
}

static void test_without_fields_there_is_a_place_for_everybody(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *file = upload_pdf(t, people.admin);
	call(t, "POST", REQUESTS, people.admin,
	     fill(t, "{'files':['FILE'],'signers':[{'email':'gabi@example.org'}]}", file));
	expect(t, 201);
	const char *id = keep(t, "id");
	call(t, "GET", request_path(t, id, ""), people.gabi, NULL);
	assert_int_equal(json_array_size(at(t, "fields")), 1);
	const char *field = keep(t, "fields.0.id");
	act(t, id, people.gabi, "/sign",
	    arena_printf(&t->f.arena, "{'consent':true,'fields':{'%s':'Gabi'}}", field).data);
	expect(t, 200);
	expect_text(t, "state", "completed");
}

#define TEST_POSTGRES(name)                                                                        \
	{                                                                                          \
		"postgres: " #name, name, set_up_postgres, tear_down, NULL                         \
	}

static void test_on_postgres(void **state)
{
	if (*state == NULL)
		skip();
	test_two_sign_one_after_another(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_sender_is_one_of_the_signers),
		TEST(test_two_sign_one_after_another),
		TEST(test_declining_and_cancelling_end_it),
		TEST(test_lists_by_shelf_and_cursor),
		TEST(test_a_repeated_request_is_one),
		TEST(test_nobody_opens_what_they_have_signed),
		TEST(test_without_fields_there_is_a_place_for_everybody),
		TEST_POSTGRES(test_on_postgres),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
