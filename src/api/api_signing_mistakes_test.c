/* Requests to sign over the API: every mistake is told at its field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_signing_support.h"
#include "api/api_test_support.h"

#define REQUEST(signers, rest) "{'files':['FILE'],'signers':[" signers "]" rest "}"
#define GABI(fields) "{'email':'gabi@example.org','fields':[" fields "]}"
#define AT(page, x, y, width, height)                                                              \
	"{'id':'a1','type':'signature','page':" page ",'x':" x ",'y':" y ",'width':" width         \
	",'height':" height "}"

static const struct mistake {
	const char *sentence, *body;
	int status;
	const char *field;
} creating[] = {
	{"nobody to sign", "{'files':['FILE']}", 422, "signers"},
	{"an empty list of signers", REQUEST("", ""), 422, "signers"},
	{"signers that are no list", "{'files':['FILE'],'signers':{}}", 422, "signers"},
	{"signers that are no objects", REQUEST("'gabi@example.org'", ""), 422, "signers"},
	{"a signer without an address", REQUEST("{'fields':[]}", ""), 422, "signers[0].email"},
	{"an address that is none", REQUEST("{'email':'gabi'}", ""), 422, "signers[0].email"},
	{"two addresses in one", REQUEST("{'email':'a@example.org,b@example.org'}", ""), 422,
	 "signers[0].email"},
	{"the same signer twice",
	 REQUEST("{'email':'gabi@example.org'},{'email':'hugo@example.org'},"
		 "{'email':'GABI@example.org'}",
		 ""),
	 422, "signers[2].email"},
	{"a signer's unknown key", REQUEST("{'email':'gabi@example.org','role':'x'}", ""), 422,
	 "signers[0].role"},
	{"no files", "{'signers':[" GABI("") "]}", 422, "files"},
	{"no files, and a field on one of them",
	 "{'files':[],'signers':[" GABI("{'id':'a1','type':'text','file':'FILE','page':1,'x':1,"
					"'y':1,'width':9,'height':9}") "]}",
	 422, "files"},
	{"a file of nobody", "{'files':['01ARZ3NDEKTSV4RRFFQ69G5FAV'],'signers':[" GABI("") "]}",
	 422, "files"},
	{"the same file twice", "{'files':['FILE','FILE'],'signers':[" GABI("") "]}", 422, "files"},
	{"an unknown key", REQUEST(GABI(""), ",'colour':'red'"), 422, "colour"},
	{"an order of another kind", REQUEST(GABI(""), ",'order':'random'"), 422, "order"},
	{"an order that is no text", REQUEST(GABI(""), ",'order':1"), 422, "order"},
	{"a deadline in the past", REQUEST(GABI(""), ",'deadline':'2001-01-01'"), 422, "deadline"},
	{"a deadline that is no date", REQUEST(GABI(""), ",'deadline':'soon'"), 422, "deadline"},
	{"a deadline that is a number", REQUEST(GABI(""), ",'deadline':1767225600"), 422,
	 "deadline"},
	{"a deadline in ten years", REQUEST(GABI(""), ",'deadline':'2036-01-01'"), 422, "deadline"},
	{"days that are none", REQUEST(GABI(""), ",'remind_after_days':'3'"), 422,
	 "remind_after_days"},
	{"days below none", REQUEST(GABI(""), ",'remind_after_days':-1"), 422, "remind_after_days"},
	{"half a day", REQUEST(GABI(""), ",'remind_after_days':1.5"), 422, "remind_after_days"},
	{"too many days", REQUEST(GABI(""), ",'remind_every_days':1e9"), 422, "remind_every_days"},
	{"before no deadline", REQUEST(GABI(""), ",'remind_before_days':1"), 422,
	 "remind_before_days"},
	{"hidden people", REQUEST(GABI(""), ",'bcc':['hugo@example.org']"), 422, "bcc"},
	{"options", REQUEST(GABI(""), ",'options':{'no_reply':true}"), 422, "options"},
	{"an expiry date", REQUEST(GABI(""), ",'expires_at':'2026-12-31'"), 422, "expires_at"},
	{"a template of nobody", REQUEST(GABI(""), ",'template':'01ARZ3NDEKTSV4RRFFQ69G5FAV'"), 422,
	 "template"},
	{"a field without a name",
	 REQUEST(GABI("{'type':'text','page':1,'x':1,'y':1,'width':9,'height':9}"), ""), 422,
	 "signers[0].fields[0].id"},
	{"a name with a dot",
	 REQUEST(GABI("{'id':'a.1','type':'text','page':1,'x':1,'y':1,'width':9,'height':9}"), ""),
	 422, "signing"},
	{"two of one name",
	 REQUEST(GABI(AT("1", "1", "1", "9", "9") "," AT("1", "1", "1", "9", "9")), ""), 422,
	 "fields.a1"},
	{"a type of another kind",
	 REQUEST(GABI("{'id':'a1','type':'stamp','page':1,'x':1,'y':1,'width':9,'height':9}"), ""),
	 422, "signers[0].fields[0].type"},
	{"a file that is not of the request",
	 REQUEST(GABI("{'id':'a1','type':'text','file':'01ARZ3NDEKTSV4RRFFQ69G5FAV','page':1,"
		      "'x':1,'y':1,'width':9,'height':9}"),
		 ""),
	 422, "signers[0].fields[0].file"},
	{"no page", REQUEST(GABI("{'id':'a1','type':'text','x':1,'y':1,'width':9,'height':9}"), ""),
	 422, "signers[0].fields[0].page"},
	{"half a page", REQUEST(GABI(AT("1.5", "1", "1", "9", "9")), ""), 422,
	 "signers[0].fields[0].page"},
	{"page 0", REQUEST(GABI(AT("0", "1", "1", "9", "9")), ""), 422,
	 "signers[0].fields[0].page"},
	{"a page far behind the last", REQUEST(GABI(AT("4000", "1", "1", "9", "9")), ""), 422,
	 "fields.a1"},
	{"a page beyond all", REQUEST(GABI(AT("1e18", "1", "1", "9", "9")), ""), 422,
	 "signers[0].fields[0].page"},
	{"a place left of the page", REQUEST(GABI(AT("1", "-1", "1", "9", "9")), ""), 422,
	 "signers[0].fields[0].x"},
	{"a huge place", REQUEST(GABI(AT("1", "1e300", "1", "9", "9")), ""), 422,
	 "signers[0].fields[0].x"},
	{"a place that is a text", REQUEST(GABI(AT("1", "1", "'1'", "9", "9")), ""), 422,
	 "signers[0].fields[0].y"},
	{"no width at all", REQUEST(GABI(AT("1", "1", "1", "0", "9")), ""), 422, "fields.a1"},
	{"a height that is null", REQUEST(GABI(AT("1", "1", "1", "9", "null")), ""), 422,
	 "signers[0].fields[0].height"},
	{"over the edge of the page", REQUEST(GABI(AT("1", "600", "1", "100", "9")), ""), 422,
	 "fields.a1"},
	{"a field's unknown key",
	 REQUEST(GABI("{'id':'a1','type':'text','page':1,'x':1,'y':1,'width':9,'height':9,"
		      "'font':'x'}"),
		 ""),
	 422, "signers[0].fields[0].font"},
	{"a label of two lines",
	 REQUEST(GABI("{'id':'a1','type':'text','page':1,'x':1,'y':1,'width':9,'height':9,"
		      "'label':'a\\nb'}"),
		 ""),
	 422, "fields.a1"},
	{"NaN is no JSON", REQUEST(GABI(AT("1", "NaN", "1", "9", "9")), ""), 400, NULL},
	{"nor is infinity", REQUEST(GABI(AT("1", "1e999", "1", "9", "9")), ""), 400, NULL},
	{"nor a key twice", REQUEST(GABI(""), ",'order':'all','order':'all'"), 400, NULL},
};

static void expect_mistake(struct test *t, const struct mistake *mistake)
{
	if (t->answer.status != mistake->status ||
	    (mistake->field && !has_error(t, mistake->field)))
		fail_msg("%s: %d %s", mistake->sentence, t->answer.status, t->answer.body);
}

static void test_every_mistake_of_a_request_is_told_at_its_field(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *file = upload_pdf(t, people.admin);
	for (size_t i = 0; i < sizeof(creating) / sizeof(creating[0]); i++) {
		call(t, "POST", REQUESTS, people.admin, fill(t, creating[i].body, file));
		expect_mistake(t, &creating[i]);
	}
	/* Nothing of it was done. */
	call(t, "GET", REQUESTS, people.admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 0);
	/* P1.4: guests ask nobody. */
	file = upload_pdf(t, people.gabi);
	call(t, "POST", REQUESTS, people.gabi,
	     fill(t, "{'files':['FILE'],'signers':[{'email':'admin@example.com'}]}", file));
	expect(t, 422);
	assert_true(has_error(t, ""));
}

static void test_what_is_no_document_to_sign_is_told(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	static const char *const contents[] = {"<html>", "%PDF-1.7 LOCKED"};
	for (size_t i = 0; i < 2; i++) {
		const char *file =
			upload_file(t, people.admin, "x.pdf", "application/pdf", contents[i]);
		call(t, "POST", REQUESTS, people.admin, fill(t, REQUEST(GABI(""), ""), file));
		expect(t, 422);
		assert_true(has_error(t, "files"));
		call(t, "POST", REQUESTS "/inspect", people.admin,
		     fill(t, "{'file':'FILE'}", file));
		expect(t, 422);
		assert_true(has_error(t, "files"));
	}
	const char *file = upload_pdf(t, people.admin);
	call(t, "POST", REQUESTS "/inspect", people.admin, fill(t, "{'file':'FILE'}", file));
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "pages")), 2);
	assert_int_equal(json_integer_value(at(t, "pages.0.width")), 612);
	/* Who asks nobody to sign, even of their own. */
	const char *own = upload_pdf(t, people.gabi);
	call(t, "POST", REQUESTS "/inspect", people.gabi, fill(t, "{'file':'FILE'}", own));
	expect_type(t, 403, "denied");
	/* Nobody else's. */
	call(t, "POST", REQUESTS "/inspect", people.admin, fill(t, "{'file':'FILE'}", own));
	expect(t, 422);
	assert_true(has_error(t, "files"));
	call(t, "POST", REQUESTS "/inspect", people.admin, "{}");
	expect(t, 422);
	assert_true(has_error(t, "file"));
}

/* P6: the portal survives it, and says so. */
static void test_a_worker_that_died_is_told(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *id = ask(t, &people, NULL);
	const char *file = upload_pdf(t, people.admin);
	signing_fake_is_broken = true;
	call(t, "POST", REQUESTS "/inspect", people.admin, fill(t, "{'file':'FILE'}", file));
	expect_type(t, 503, "unavailable");
	call(t, "POST", REQUESTS, people.admin, fill(t, REQUEST(GABI(""), ""), file));
	expect_type(t, 503, "unavailable");
	assert_true(has_error(t, ""));
	act(t, id, people.gabi, "/sign", "{'consent':true,'fields':{'a1':'Gabi'}}");
	expect_type(t, 503, "unavailable");
	assert_true(has_error(t, ""));
	expect_answer_header(t, "Retry-After", "60");
	signing_fake_is_broken = false;
	act(t, id, people.gabi, "/sign", "{'consent':true,'fields':{'a1':'Gabi'}}");
	expect(t, 200);
}

static const struct mistake signing[] = {
	{"no agreement", "{'fields':{'a1':'Gabi'}}", 422, "consent"},
	{"an agreement that is none", "{'consent':false,'fields':{'a1':'Gabi'}}", 422, "consent"},
	{"an agreement that is a text", "{'consent':'yes','fields':{'a1':'Gabi'}}", 422, "consent"},
	{"nothing filled in", "{'consent':true,'fields':{}}", 422, "fields.a1"},
	{"no fields", "{'consent':true}", 422, "fields.a1"},
	{"fields that are a list", "{'consent':true,'fields':[]}", 422, "fields"},
	{"an empty name", "{'consent':true,'fields':{'a1':' '}}", 422, "fields.a1"},
	{"another's field", "{'consent':true,'fields':{'a1':'Gabi','b1':'Hugo'}}", 422,
	 "fields.b1"},
	{"a field that is none", "{'consent':true,'fields':{'a1':'Gabi','zz':'x'}}", 422,
	 "fields.zz"},
	{"a value that is a number", "{'consent':true,'fields':{'a1':1}}", 422, "fields.a1"},
	{"a tick in place of a signature", "{'consent':true,'fields':{'a1':true}}", 422,
	 "fields.a1"},
	{"a tick in place of words", "{'consent':true,'fields':{'a1':'Gabi','t1':false}}", 422,
	 "fields.t1"},
	{"words in place of a tick", "{'consent':true,'fields':{'a1':'Gabi','c1':'yes'}}", 422,
	 "fields.c1"},
	{"a value that is null", "{'consent':true,'fields':{'a1':null}}", 422, "fields.a1"},
	{"a picture that is no PNG",
	 "{'consent':true,'fields':{'a1':'data:image/png;base64,R0lGODlhAQ=='}}", 422, "fields.a1"},
	{"a picture of another kind",
	 "{'consent':true,'fields':{'a1':'data:image/svg+xml;base64,PHN2Zz4='}}", 422, "fields.a1"},
	{"a picture that is no base64",
	 "{'consent':true,'fields':{'a1':'data:image/png;base64,....'}}", 422, "fields.a1"},
	{"a picture in a text field", "{'consent':true,'fields':{'a1':'Gabi','t1':'" PIXEL "'}}",
	 422, "fields.t1"},
	{"lines in a name", "{'consent':true,'fields':{'a1':'Ga\\nbi'}}", 422, "fields.a1"},
	{"an unknown key", "{'consent':true,'fields':{'a1':'Gabi'},'colour':'red'}", 422, "colour"},
	{"a number beyond all", "{'consent':true,'fields':{'a1':1e999}}", 400, NULL},
};

static void test_every_mistake_of_a_signature_is_told_at_its_field(void **state)
{
	struct test *t = *state;
	struct people people = meet(t);
	const char *id = ask(t, &people, NULL);
	for (size_t i = 0; i < sizeof(signing) / sizeof(signing[0]); i++) {
		act(t, id, people.gabi, "/sign", signing[i].body);
		expect_mistake(t, &signing[i]);
	}
	call(t, "GET", request_path(t, id, ""), people.gabi, NULL);
	expect_text(t, "signers.0.state", "asked");
	/* P4.1: nobody else's; a watcher is none who signs. */
	const char *zoe = register_guest(t, people.admin, "zoe@example.org", "Zoe");
	call(t, "GET", request_path(t, id, ""), zoe, NULL);
	expect_type(t, 404, "not-found");
	act(t, id, zoe, "/sign", "{'consent':true,'fields':{'a1':'Gabi'}}");
	expect_type(t, 404, "not-found");
	act(t, id, people.admin, "/sign", "{'consent':true,'fields':{'a1':'Gabi'}}");
	expect_type(t, 403, "denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_mistake_of_a_request_is_told_at_its_field),
		TEST(test_what_is_no_document_to_sign_is_told),
		TEST(test_a_worker_that_died_is_told),
		TEST(test_every_mistake_of_a_signature_is_told_at_its_field),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
