/* Templates and signatures that are kept, over the API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_signing_support.h"
#include "api/api_test_support.h"

static void test_templates_are_made_of_drafts_and_used(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *file = upload_pdf(t, people.admin);
	call(t, "POST", "/api/v1/drafts", people.admin,
	     fill(t,
		  "{'to':['gabi@example.org'],'files':['FILE'],'signing':{'order':'sequence',"
		  "'remind_after_days':2,'fields':[{'id':'s1','type':'signature','signer':"
		  "'gabi@example.org','page':2,'x':10,'y':20,'width':90,'height':30}]}}",
		  file));
	expect(t, 201);
	const char *draft = keep(t, "id");
	call(t, "GET", arena_printf(&t->f.arena, "/api/v1/drafts/%s", draft).data, people.admin,
	     NULL);
	expect_text(t, "signing.fields.0.signer", "gabi@example.org");
	call(t, "POST", "/api/v1/signature-templates", people.admin,
	     arena_printf(&t->f.arena, "{\"name\":\"Lease\",\"draft\":\"%s\"}", draft).data);
	expect(t, 201);
	const char *template = keep(t, "id");
	assert_int_equal(json_integer_value(at(t, "fields.0.signer")), 1);
	call(t, "GET", "/api/v1/signature-templates", people.admin, NULL);
	expect_text(t, "items.0.name", "Lease");
	const char *path =
		arena_printf(&t->f.arena, "/api/v1/signature-templates/%s", template).data;
	call(t, "PATCH", path, people.admin, "{\"name\":\"\"}");
	expect(t, 422);
	assert_true(has_error(t, "name"));
	call(t, "PATCH", path, people.admin, "{\"name\":\"Flat\"}");
	expect(t, 200);
	expect_text(t, "name", "Flat");
	call(t, "POST", REQUESTS, people.admin,
	     fill(t,
		  arena_printf(&t->f.arena,
			       "{'files':['FILE'],'signers':[{'email':'hugo@example.org'}],"
			       "'template':'%s'}",
			       template)
			  .data,
		  file));
	expect(t, 201);
	expect_text(t, "order", "sequence");
	const char *id = keep(t, "id");
	call(t, "GET", request_path(t, id, ""), people.hugo, NULL);
	expect_text(t, "fields.0.id", "s1");
	call(t, "DELETE", path, people.admin, NULL);
	expect(t, 204);
	call(t, "GET", path, people.admin, NULL);
	expect_type(t, 404, "not-found");
	/* P1.4 */
	call(t, "GET", "/api/v1/signature-templates", people.gabi, NULL);
	expect_type(t, 403, "denied");
}

static void test_signatures_are_kept(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	call(t, "PUT", "/api/v1/signatures/signature", people.gabi,
	     fill(t, "{'png':'" PIXEL "'}", ""));
	expect(t, 204);
	call(t, "PUT", "/api/v1/signatures/initials", people.gabi, "{\"text\":\"GG\"}");
	expect(t, 204);
	call(t, "GET", "/api/v1/signatures", people.gabi, NULL);
	expect_text(t, "signature.png", PIXEL);
	expect_text(t, "initials.text", "GG");
	call(t, "GET", "/api/v1/signatures", people.hugo, NULL);
	assert_true(json_is_null(at(t, "signature")));
	static const struct {
		const char *body, *field;
	} bad[] = {
		{"{}", ""},
		{"{'png':'" PIXEL "','text':'x'}", ""},
		{"{'png':'data:image/png;base64,AAAA'}", "png"},
		{"{'text':''}", "signature"},
		{"{'text':1}", "text"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "PUT", "/api/v1/signatures/signature", people.gabi,
		     fill(t, bad[i].body, ""));
		expect(t, 422);
		if (!has_error(t, bad[i].field))
			fail_msg("%s: %s", bad[i].body, t->answer.body);
	}
	call(t, "PUT", "/api/v1/signatures/stamp", people.gabi, "{\"text\":\"x\"}");
	expect_type(t, 404, "not-found");
	call(t, "DELETE", "/api/v1/signatures/signature", people.gabi, NULL);
	expect(t, 204);
	call(t, "GET", "/api/v1/signatures", people.gabi, NULL);
	assert_true(json_is_null(at(t, "signature")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_templates_are_made_of_drafts_and_used),
		TEST(test_signatures_are_kept),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
