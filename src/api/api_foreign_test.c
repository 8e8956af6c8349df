/* Somebody else's id is as good as none (P4.1), at every address that holds one: a row for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api.h"
#include "api/api_file_support.h"
#include "api/api_test_support.h"
#include "core/signing_fake_pdf.h"

#define NOBODYS "01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define PASSWORD "copper lantern river oat" /* api_fixture_password */

enum thing {
	MESSAGE,
	CONFIDENTIAL,
	TRASHED,
	LABEL,
	DRAFT,
	GROUP,
	PERSON,
	WITH_FILE,
	SECRET_FILE,
	FILE_OF_ONES_OWN,
	UPLOAD,
	REQUEST, /* one's own, to sign */
	ASKED,   /* to sign by another */
	TEMPLATE,
	ADDRESS, /* that waits for its confirmation */
};

static const struct row {
	const char *method, *path;
	enum thing thing;
	const char *body;
	bool is_root; /* not under /api/v1 */
} rows[] = {
	{"GET", "/messages/{id}", MESSAGE, NULL},
	{"PATCH", "/messages/{id}", MESSAGE,
	 "{\"box\":\"trash\",\"read\":true,\"labels\":[\"x\"]}"},
	{"DELETE", "/messages/{id}", TRASHED, NULL},
	{"POST", "/messages/{id}/open", CONFIDENTIAL, "{\"password\":\"" PASSWORD "\"}"},
	{"POST", "/messages/{id}/reply", MESSAGE, "{\"body\":\"b\"}"},
	{"POST", "/messages/{id}/recall", MESSAGE, "{\"recipients\":[\"gabi@example.org\"]}"},
	{"GET", "/messages/{id}/tracking", MESSAGE, NULL},
	{"GET", "/messages/{id}/files.zip", WITH_FILE, NULL},
	{"POST", "/messages/{id}/files.zip", SECRET_FILE, "{\"password\":\"" PASSWORD "\"}"},
	{"POST", "/messages/{id}/files/{file_id}/content", SECRET_FILE,
	 "{\"password\":\"" PASSWORD "\"}"},
	{"POST", "/messages/{id}/files/{file_id}/recall", WITH_FILE,
	 "{\"recipients\":[\"gabi@example.org\"]}"},
	{"GET", "/signature-requests/{id}", REQUEST, NULL},
	{"GET", "/signature-requests/{id}/files/{file_id}", REQUEST, NULL},
	{"POST", "/signature-requests/{id}/sign", ASKED,
	 "{\"consent\":true,\"fields\":{\"signature\":\"Hers\"}}"},
	{"POST", "/signature-requests/{id}/decline", ASKED, "{\"reason\":\"No\"}"},
	{"POST", "/signature-requests/{id}/cancel", REQUEST, "{\"reason\":\"No\"}"},
	{"POST", "/signature-requests/{id}/remind", REQUEST, NULL},
	{"GET", "/signature-templates/{id}", TEMPLATE, NULL},
	{"PATCH", "/signature-templates/{id}", TEMPLATE, "{\"name\":\"Theirs\"}"},
	{"DELETE", "/signature-templates/{id}", TEMPLATE, NULL},
	{"GET", "/files/{id}", FILE_OF_ONES_OWN, NULL},
	{"DELETE", "/files/{id}", FILE_OF_ONES_OWN, NULL},
	{"GET", "/files/{id}/content", FILE_OF_ONES_OWN, NULL, true},
	{"HEAD", "/files/{id}", UPLOAD, NULL, true},
	{"PATCH", "/files/{id}", UPLOAD, "abc", true},
	{"DELETE", "/files/{id}", UPLOAD, NULL, true},
	{"PATCH", "/labels/{id}", LABEL, "{\"name\":\"Theirs\"}"},
	{"DELETE", "/labels/{id}", LABEL, NULL},
	{"GET", "/labels/{id}/messages", LABEL, NULL},
	{"GET", "/drafts/{id}", DRAFT, NULL},
	{"PUT", "/drafts/{id}", DRAFT, "{\"version\":1,\"body\":\"Theirs\"}"},
	{"DELETE", "/drafts/{id}", DRAFT, NULL},
	{"POST", "/drafts/{id}/send", DRAFT, NULL},
	{"GET", "/people/{id}", PERSON, NULL},
	{"GET", "/people/{id}/messages", PERSON, NULL},
	{"PUT", "/people/{id}/block", PERSON, NULL},
	{"DELETE", "/people/{id}/block", PERSON, NULL},
	{"DELETE", "/me/address-requests/{id}", ADDRESS, NULL},
	{"GET", "/groups/{id}", GROUP, NULL},
	{"PUT", "/groups/{id}", GROUP, "{\"name\":\"Theirs\",\"members\":[\"a@example.org\"]}"},
	{"DELETE", "/groups/{id}", GROUP, NULL},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static const struct {
	const char *path, *body;
} makings[] = {
	[MESSAGE] = {"/api/v1/messages",
		     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}"},
	[CONFIDENTIAL] = {"/api/v1/messages",
			  "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\","
			  "\"options\":{\"confidential\":true}}"},
	[TRASHED] = {"/api/v1/messages",
		     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}"},
	[LABEL] = {"/api/v1/labels", "{\"name\":\"Hers\"}"},
	[DRAFT] = {"/api/v1/drafts",
		   "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"Hers\"}"},
	[GROUP] = {"/api/v1/groups", "{\"name\":\"Hers\",\"members\":[\"gabi@example.org\"]}"},
};

static const char *file_id; /* of the last message with one */

/* Whoever may do the most that another may: a guest sees no strangers, a professional sees all
 * people. */
struct cast {
	const char *owner, *professional, *guest, *admin;
};

static const char *invite(struct test *t, const char *admin, const char *address, const char *grade)
{
	struct str link = STR_NONE;
	call(t, "POST", "/api/v1/messages", admin,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"%s\"],\"subject\":\"s\",\"body\":\"b\",\"invite_as\":\"%s\"}",
			  address, grade)
		     .data);
	expect(t, 201);
	api_fixture_take_mails(&t->f, address, &link);
	return api_fixture_register(&t->f, link, "Somebody");
}

static struct cast meet(struct test *t)
{
	const char *admin = sign_in_admin(t);
	struct cast cast = {.owner = invite(t, admin, "owner@example.com", "professional")};
	t->f.portal->pdf = signing_fake_workers();
	cast.admin = admin;
	invite(t, admin, "gabi@example.org", "guest");
	cast.professional = invite(t, admin, "paul@example.com", "professional");
	cast.guest = invite(t, admin, "otto@example.org", "guest");
	return cast;
}

/* Sets {file_id}. */
static const char *make_with_file(struct test *t, const char *owner, bool is_confidential)
{
	file_id = upload_file(t, owner, "a.txt", "text/plain", "hello");
	call(t, "POST", "/api/v1/messages", owner,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"gabi@example.org\"],\"files\":[\"%s\"],\"options\":{"
			  "\"confidential\":%s}}",
			  file_id, is_confidential ? "true" : "false")
		     .data);
	expect(t, 201);
	return keep(t, "id");
}

/* Sets {file_id}. */
static const char *make_request(struct test *t, const char *sender, const char *to)
{
	file_id = upload_file(t, sender, "a.pdf", "application/pdf", "%PDF-1.7");
	call(t, "POST", "/api/v1/signature-requests", sender,
	     arena_printf(&t->f.arena, "{\"files\":[\"%s\"],\"signers\":[{\"email\":\"%s\"}]}",
			  file_id, to)
		     .data);
	expect(t, 201);
	return keep(t, "id");
}

/* Each is taken away or renamed before the next one is made. */
static const char *make_template(struct test *t, const char *owner)
{
	call(t, "POST", "/api/v1/drafts", owner, "{\"signing\":{\"fields\":[]}}");
	expect(t, 201);
	call(t, "POST", "/api/v1/signature-templates", owner,
	     arena_printf(&t->f.arena, "{\"name\":\"%s\",\"draft\":\"%s\"}", keep(t, "id"),
			  keep(t, "id"))
		     .data);
	expect(t, 201);
	return keep(t, "id");
}

/* One of its own for each row: some take it away. */
static const char *make(struct test *t, const struct cast *cast, enum thing thing)
{
	const char *owner = cast->owner;
	if (thing == REQUEST)
		return make_request(t, owner, "gabi@example.org");
	if (thing == ASKED)
		return make_request(t, cast->admin, "owner@example.com");
	if (thing == TEMPLATE)
		return make_template(t, owner);
	if (thing == ADDRESS) {
		call(t, "PUT", "/api/v1/me/address", owner,
		     "{\"address\":\"hers@example.net\",\"password\":\"" PASSWORD "\"}");
		expect(t, 202);
		return keep(t, "pending.0.id");
	}
	if (thing == WITH_FILE || thing == SECRET_FILE)
		return make_with_file(t, owner, thing == SECRET_FILE);
	if (thing == FILE_OF_ONES_OWN || thing == UPLOAD)
		return upload_file(t, owner, "a.txt", "text/plain",
				   thing == UPLOAD ? NULL : "hello");
	if (thing == PERSON) {
		call(t, "GET", "/api/v1/people?q=gabi", owner, NULL);
		return keep(t, "items.0.id");
	}
	call(t, "POST", makings[thing].path, owner, makings[thing].body);
	expect(t, 201);
	const char *id = keep(t, "id");
	if (thing == TRASHED) {
		call(t, "PATCH", message_path(t, id, ""), owner, "{\"box\":\"trash\"}");
		expect(t, 200);
	}
	return id;
}

static const char *replaced(struct test *t, const char *path, const char *name, const char *by)
{
	const char *at = strstr(path, name);
	if (at == NULL)
		return path;
	return arena_printf(&t->f.arena, "%.*s%s%s", (int)(at - path), path, by, at + strlen(name))
		.data;
}

static const char *with_id(struct test *t, const char *path, const char *id)
{
	path = replaced(t, replaced(t, path, "{id}", id), "{file_id}", file_id ? file_id : id);
	return arena_printf(&t->f.arena, "/api/v1%s", path).data;
}

/* Uploads are spoken to in their own way. */
static void try_row(struct test *t, const struct row *row, const char *id, const char *token)
{
	const char *path = with_id(t, row->path, id);
	struct api_call c = {
		.method = row->method,
		.path = row->is_root ? path + strlen("/api/v1") : path,
		.token = token,
		.body = str_of(row->body),
		.content_type = row->thing == UPLOAD ? "application/offset+octet-stream" : NULL,
	};
	if (row->thing == UPLOAD) {
		c.headers[0] = (struct header)TUS_VERSION;
		c.headers[1] = (struct header){STR("Upload-Offset"), STR("0")};
	}
	api_fixture_call(&t->f, &c, &t->answer);
}

static const struct row *row_of(const struct route *route)
{
	bool is_root = strncmp(route->path, "/api/v1", strlen("/api/v1")) != 0;
	const char *path = route->path + (is_root ? 0 : strlen("/api/v1"));
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (strcmp(path, rows[i].path) == 0 && rows[i].is_root == is_root &&
		    str_eq(method_name(route->method), str_of(rows[i].method)))
			return &rows[i];
	return NULL;
}

static void test_somebody_elses_id_is_as_good_as_none(void **state)
{
	static char none[sizeof((struct api_answer){0}.body)];
	struct test *t = *state;
	if (t == NULL)
		skip();
	struct cast cast = meet(t);
	size_t count = 0;
	for (size_t i = 0; i < api_route_count; i++) {
		/* OPTIONS says the same of every id. */
		if (strstr(api_routes[i].path, "{id}") == NULL ||
		    api_routes[i].method == METHOD_OPTIONS ||
		    api_routes[i].access == ACCESS_ADMINISTRATOR)
			continue;
		const struct row *row = row_of(&api_routes[i]);
		if (row == NULL)
			fail_msg("%s has no row here", api_routes[i].path);
		const char *other = row->thing == PERSON ? cast.guest : cast.professional;
		const char *id = make(t, &cast, row->thing);
		try_row(t, row, NOBODYS, other);
		expect_type(t, 404, "not-found");
		memcpy(none, t->answer.body, sizeof(none));
		try_row(t, row, id, other);
		if (t->answer.status != 404 || strcmp(t->answer.body, none) != 0)
			fail_msg("%s %s: %d %s", row->method, row->path, t->answer.status,
				 t->answer.body);
		/* It is there, and the call is a good one. */
		try_row(t, row, id, cast.owner);
		if (t->answer.status >= 300)
			fail_msg("its owner, %s %s: %d %s", row->method, row->path,
				 t->answer.status, t->answer.body);
		if (row->thing == LABEL || row->thing == GROUP)
			call(t, "DELETE",
			     with_id(t, row->thing == LABEL ? "/labels/{id}" : "/groups/{id}", id),
			     cast.owner, NULL);
		count++;
	}
	assert_int_equal(count, ROW_COUNT);
}

/* P1.2: others see nothing of administration, and change nothing, whatever they name. */
static void test_administration_is_for_administrators(void **state)
{
	struct test *t = *state;
	struct cast cast = meet(t);
	size_t count = 0;
	for (size_t i = 0; i < api_route_count; i++) {
		const struct route *route = &api_routes[i];
		if (route->access != ACCESS_ADMINISTRATOR)
			continue;
		const char *path = with_id(t, route->path + strlen("/api/v1"), NOBODYS);
		const char *body = route->body == BODY_NONE ? NULL : "{}";
		const char *const who[] = {cast.professional, cast.guest, NULL};
		for (size_t k = 0; k < 3; k++) {
			call(t, method_name(route->method).data, path, who[k], body);
			if (t->answer.status != (who[k] ? 403 : 401))
				fail_msg("%s: %d %s", path, t->answer.status, t->answer.body);
		}
		count++;
	}
	assert_true(count > 0);
}

/* P4.1: nor is it answered or forwarded by way of a draft, which may name anything. */
static void test_a_draft_answers_and_forwards_ones_own_only(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	struct cast cast = meet(t);
	const char *id = make(t, &cast, MESSAGE);
	static const char *const fields[] = {"reply_to", "forward_of"};
	const char *const others[] = {cast.professional, cast.guest};
	const char *const ids[] = {NOBODYS, id};
	for (size_t i = 0; i < 8; i++) {
		const char *other = others[i & 1];
		static char none[sizeof((struct api_answer){0}.body)];
		call(t, "POST", "/api/v1/drafts", other,
		     arena_printf(
			     &t->f.arena,
			     "{\"to\":[\"owner@example.com\"],\"subject\":\"s\",\"body\":\"b\","
			     "\"%s\":\"%s\"}",
			     fields[i >> 2], ids[i >> 1 & 1])
			     .data);
		expect(t, 201);
		const char *draft =
			arena_printf(&t->f.arena, "/api/v1/drafts/%s", keep(t, "id")).data;
		call(t, "POST", arena_printf(&t->f.arena, "%s/send", draft).data, other, NULL);
		expect_type(t, 404, "not-found");
		if ((i >> 1 & 1) == 0)
			memcpy(none, t->answer.body, sizeof(none));
		else
			assert_string_equal(t->answer.body, none);
		call(t, "GET", draft, other, NULL);
		expect_text(t, "body", "b");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_somebody_elses_id_is_as_good_as_none),
		TEST(test_administration_is_for_administrators),
		TEST(test_a_draft_answers_and_forwards_ones_own_only),
		{"somebody else's id is as good as none (postgres)",
		 test_somebody_elses_id_is_as_good_as_none, set_up_postgres, tear_down, NULL},
		{"a draft answers and forwards one's own only (postgres)",
		 test_a_draft_answers_and_forwards_ones_own_only, set_up_postgres, tear_down, NULL},
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("api foreign ids", tests, NULL, NULL);
}
