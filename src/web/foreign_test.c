/* Somebody else's id is as good as none (P4.1), in every address and every form that takes one: a
 * row for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/address_change.h"
#include "core/draft.h"
#include "core/file_test_support.h"
#include "core/label.h"
#include "core/mailbox_move.h"
#include "core/people_group.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_test_support.h"
#include "web/routes.h"
#include "web/web_test_support.h"

#define NOBODYS STR("01ARZ3NDEKTSV4RRFFQ69G5FAV")

enum thing {
	MESSAGE,
	WITH_FILE,
	FILE_ALONE,
	CONFIDENTIAL,
	TRASHED,
	LABEL,
	DRAFT,
	GROUP,
	PERSON,
	NEWCOMER,
	TO_SIGN,      /* asked of Gabi */
	SENT_TO_SIGN, /* the same, looked at by who asks */
	SESSION,
	ADDRESS, /* that waits for its confirmation */
};

static const struct row {
	enum method method;
	const char *path;
	enum thing thing;
	const char *form;
	int status; /* 0: 404 */
} rows[] = {
	{METHOD_POST, "/labels/{id}/rename", LABEL, "name=Theirs"},
	{METHOD_POST, "/labels/{id}/delete", LABEL, ""},
	{METHOD_GET, "/label/{id}", LABEL, ""},
	{METHOD_POST, "/message/{id}/labels", MESSAGE, "name=Theirs"},
	{METHOD_GET, "/message/{id}", MESSAGE, ""},
	{METHOD_GET, "/message/{id}/recall", MESSAGE, ""},
	{METHOD_POST, "/message/{id}/recall", MESSAGE, "from=all"},
	{METHOD_POST, "/message/{id}/destroy", TRASHED, ""},
	{METHOD_POST, "/message/{id}/open", CONFIDENTIAL, "password=violet+kettle+harbour+42"},
	{METHOD_POST, "/message/{id}/reply", MESSAGE, "body=B&key=r"},
	{METHOD_POST, "/message/{id}/reply/save", MESSAGE, "body=B&key=s"},
	{METHOD_POST, "/drafts/{id}/delete", DRAFT, ""},
	{METHOD_GET, "/message/{id}/files.zip", WITH_FILE, ""},
	{METHOD_GET, "/message/{id}/files/open", WITH_FILE, ""},
	{METHOD_POST, "/message/{id}/files/open", WITH_FILE, "password=violet+kettle+harbour+42"},
	{METHOD_GET, "/message/{id}/files/{file}/recall", WITH_FILE, ""},
	{METHOD_POST, "/message/{id}/files/{file}/recall", WITH_FILE, "from=all"},
	{METHOD_GET, "/message/{id}/sign", TO_SIGN, ""},
	{METHOD_POST, "/message/{id}/sign", TO_SIGN, "consent=yes&fields.signature=Gabi"},
	{METHOD_POST, "/message/{id}/sign/confirmed", TO_SIGN, "consent=yes&fields.signature=Gabi"},
	{METHOD_GET, "/message/{id}/sign/decline", TO_SIGN, ""},
	{METHOD_POST, "/message/{id}/sign/decline", TO_SIGN, "reason=No"},
	{METHOD_GET, "/message/{id}/signing/cancel", SENT_TO_SIGN, ""},
	{METHOD_POST, "/message/{id}/signing/cancel", SENT_TO_SIGN, "reason=Wrong"},
	{METHOD_POST, "/message/{id}/signing/remind", SENT_TO_SIGN, ""},
	{METHOD_GET, "/message/{id}/documents/{position}", TO_SIGN, ""},
	{METHOD_GET, "/drafts/{id}/fields", DRAFT, "", 303},
	{METHOD_POST, "/drafts/{id}/fields", DRAFT, "signing=on&body=Hers&draft={id}&version=1"},
	{METHOD_POST, "/drafts/{id}/fields/save", DRAFT,
	 "signing=on&body=Hers&draft={id}&version=1"},
	{METHOD_GET, "/drafts/{id}/files", DRAFT, ""},
	{METHOD_POST, "/drafts/{id}/files", DRAFT, NULL}, /* with files */
	{METHOD_POST, "/drafts/{id}/files/add", DRAFT, ""},
	{METHOD_POST, "/drafts/{id}/files/remove", DRAFT, "file=01ARZ3NDEKTSV4RRFFQ69G5FAV"},
	{METHOD_GET, "/files/{id}", FILE_ALONE, ""},
	{METHOD_POST, "/files/{id}/remove", FILE_ALONE, ""},
	{METHOD_GET, "/people/{id}", PERSON, ""},
	{METHOD_POST, "/people/{id}/block", PERSON, ""},
	{METHOD_POST, "/people/{id}/unblock", PERSON, ""},
	{METHOD_GET, "/people/groups/{id}", GROUP, ""},
	{METHOD_POST, "/people/groups/{id}", GROUP, "name=Theirs&members=a%40example.org"},
	{METHOD_POST, "/people/groups/{id}/delete", GROUP, ""},
	{METHOD_POST, "/people/{id}/invite-again", NEWCOMER, "next=/people"},
	/* One that has ended meanwhile is as good as ended now. */
	{METHOD_POST, "/account/sessions/{id}/end", SESSION, "", 303},
	{METHOD_POST, "/account/address/{id}/withdraw", ADDRESS, "", 303},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static const struct row *row_of(const struct route *route)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (strcmp(route->path, rows[i].path) == 0 && route->method == rows[i].method)
			return &rows[i];
	return NULL;
}

static struct id send_one(unsigned options)
{
	const struct draft draft = {.to = STR("gabi@example.org"),
				    .subject = STR("Hers"),
				    .body = STR("B"),
				    .options = options};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
	return sent.id;
}

static struct id file_id; /* of the last WITH_FILE and FILE_ALONE */

static struct id send_file(void)
{
	file_id = file_test_pdf(&web.core, web.core.admin, "Hers.pdf");
	return file_test_give(&web.core, web.core.admin, "gabi@example.org", &file_id);
}

static struct id send_to_sign(void)
{
	static const struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	struct id file = signing_test_upload(&web.core, web.core.admin, STR("Hers.pdf"),
					     STR("%PDF-1.7 hers\n%%EOF\n"));
	struct draft draft = signing_test_draft("gabi@example.org", &file, 1, &plan);
	return signing_test_send(&web.core, web.core.admin, &draft);
}

static struct id ask_for_address(struct cx *cx)
{
	struct form_errors errors = {.count = 0};
	struct addresses addresses;
	const struct address_ask ask = {.user_id = cx->session->user.id,
					.address = STR("hers@example.net"),
					.password = CORE_FIXTURE_PASSWORD};
	assert_int_equal(address_change_ask(cx, &ask, &errors), OK);
	assert_int_equal(address_change_look(cx, &ask.user_id, &addresses), OK);
	return addresses.pending[0].id;
}

/* One of the administrator's own for each row: some take it away. */
static struct id make(enum thing thing)
{
	static int number;
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct str name = arena_printf(&web.core.arena, "Hers %d", ++number);
	struct form_errors errors = {0};
	const struct draft draft = {.to = STR("gabi@example.org"), .body = STR("Hers")};
	struct draft_saved saved;
	struct people_group group;
	struct id id = {0};
	switch (thing) {
	case MESSAGE: return send_one(0);
	case WITH_FILE: return send_file();
	case FILE_ALONE: (void)send_file(); return file_id;
	case CONFIDENTIAL: return send_one(OPTION_CONFIDENTIAL);
	case TRASHED:
		id = send_one(0);
		assert_int_equal(mailbox_move(&cx, &id, 1, BOX_TRASH), OK);
		return id;
	case LABEL: assert_int_equal(label_create(&cx, name, &id, &errors), OK); return id;
	case GROUP:
		assert_int_equal(
			people_group_save(&cx, &id, name, STR("gabi@example.org"), &group, &errors),
			OK);
		return group.id;
	case DRAFT:
		assert_int_equal(draft_save(&cx, &id, 0, &draft, &saved, &errors), OK);
		return saved.id;
	case PERSON: return core_fixture_user(&web.core, STR("gabi@example.org")).id;
	case NEWCOMER: return core_fixture_user(&web.core, STR("nina@example.org")).id;
	case TO_SIGN:
	case SENT_TO_SIGN: return send_to_sign();
	case ADDRESS: return ask_for_address(&cx);
	case SESSION: break;
	}
	return core_fixture_sign_in(&web.core, STR("admin@example.com"), CORE_FIXTURE_PASSWORD)->id;
}

static struct str filled(const char *text, struct str id, struct str own)
{
	struct str done = STR_NONE;
	for (const char *at = text; *at;) {
		bool is_id = strncmp(at, "{id}", 4) == 0, is_own = strncmp(at, "{own}", 5) == 0;
		bool is_file = strncmp(at, "{file}", 6) == 0;
		bool is_position = strncmp(at, "{position}", 10) == 0;
		struct str part = is_id         ? id
				  : is_own      ? own
				  : is_file     ? id_str(&file_id)
				  : is_position ? STR("0")
						: str_bytes(at, 1);
		done = arena_printf(&web.core.arena, "%.*s%.*s", STR_ARGS(done), STR_ARGS(part));
		at += is_id ? 4 : is_own ? 5 : is_file ? 6 : is_position ? 10 : 1;
	}
	return done;
}

static struct web_answer call(const struct row *row, struct str id, struct str token)
{
	const struct web_upload upload = {STR("theirs.txt"), STR("Theirs")};
	struct str path = filled(row->path, id, STR_NONE);
	if (row->method == METHOD_GET)
		return web_fixture_get(&web, path, token);
	if (row->form == NULL)
		return web_fixture_post_files(&web, path, &upload, 1, token);
	return web_fixture_post(&web, path, filled(row->form, id, STR_NONE), token);
}

struct cast {
	struct str owner, professional, guest;
	struct str signer;    /* Gabi */
	struct session *paul; /* the professional */
};

/* Whoever may do the most that another may: a guest sees no strangers, a professional sees all
 * people. */
static struct cast meet(void)
{
	struct cast cast = {.owner = admin()};
	cast.paul = core_fixture_person(&web.core, STR("paul@example.com"), STR("Paul"),
					GRADE_PROFESSIONAL);
	core_fixture_person(&web.core, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	core_fixture_person(&web.core, STR("otto@example.org"), STR("Otto"), GRADE_GUEST);
	core_fixture_send(&web.core, web.core.admin, STR("nina@example.org"), STR("S"), STR("B"));
	cast.professional = web_fixture_sign_in(&web, STR("paul@example.com"));
	cast.guest = web_fixture_sign_in(&web, STR("otto@example.org"));
	cast.signer = web_fixture_sign_in(&web, STR("gabi@example.org"));
	web.core.portal->pdf = signing_fake_workers();
	return cast;
}

static bool is_same(const struct web_answer *a, const struct web_answer *b)
{
	return a->status == b->status && str_eq(a->body, b->body) &&
	       str_eq(a->location, b->location);
}

static void every_address(void **state)
{
	(void)state;
	struct cast cast = meet();
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	size_t count = 0;
	for (size_t i = 0; i < web_route_count; i++) {
		if (strstr(web_routes[i].path, "{id}") == NULL ||
		    web_routes[i].access == ACCESS_ADMINISTRATOR)
			continue;
		const struct row *row = row_of(&web_routes[i]);
		if (row == NULL)
			fail_msg("%s has no row here", web_routes[i].path);
		bool is_of_people = row->thing == PERSON || row->thing == NEWCOMER;
		struct str other = is_of_people ? cast.guest : cast.professional;
		struct id id = make(row->thing);
		struct web_answer none = call(row, NOBODYS, other);
		struct web_answer theirs = call(row, id_str(&id), other);
		if (none.status != (row->status ? row->status : 404) || !is_same(&none, &theirs))
			fail_msg("%s: %d and %d", row->path, none.status, theirs.status);
		/* It is there still, and the call is a good one. */
		if (row->thing == SESSION)
			assert_int_equal(session_end_one(&cx, &id), OK);
		if (row->thing == ADDRESS)
			assert_int_equal(address_change_withdraw(&cx, &cx.session->user.id, &id),
					 OK);
		struct web_answer own =
			call(row, id_str(&id), row->thing == TO_SIGN ? cast.signer : cast.owner);
		if (own.status >= 400)
			fail_msg("its owner, %s: %d", row->path, own.status);
		count++;
	}
	assert_int_equal(count, ROW_COUNT);
}

/* A path with somebody's id wherever it takes something. */
static struct str with_anything(const char *path)
{
	struct str done = STR_NONE;
	while (*path) {
		size_t plain = strcspn(path, "{");
		bool is_named = path[plain] == '{';
		done = arena_printf(&web.core.arena, "%.*s%.*s%.*s", STR_ARGS(done), (int)plain,
				    path, is_named ? ID_CHARS : 0, NOBODYS.data);
		path += plain;
		path += strcspn(path, "}") + is_named;
	}
	return done;
}

/* P1.2: others see nothing of administration, and change nothing, whatever they name. */
static void administration_is_for_administrators(void **state)
{
	(void)state;
	struct cast cast = meet();
	const struct str others[] = {cast.professional, cast.guest};
	size_t count = 0;
	for (size_t i = 0; i < web_route_count; i++) {
		const struct route *route = &web_routes[i];
		bool is_administration = strncmp(route->path, "/admin", strlen("/admin")) == 0;
		assert_int_equal(route->access == ACCESS_ADMINISTRATOR, is_administration);
		if (!is_administration)
			continue;
		struct str path = with_anything(route->path);
		for (size_t k = 0; k < 2; k++) {
			struct web_answer answer =
				route->method == METHOD_GET
					? web_fixture_get(&web, path, others[k])
					: web_fixture_post(&web, path, STR("a=b"), others[k]);
			if (answer.status != 403)
				fail_msg("%s: %d", route->path, answer.status);
		}
		count++;
	}
	assert_true(count > 0);
}

/* Forms hold ids as well: {id} is another's, {own} a message that the caller has sent. */
static const struct form_row {
	const char *path, *form;
	enum thing thing;
	int status;
} form_rows[] = {
	{"/messages/act", "act=archive&id={own}&id={id}", MESSAGE, 404},
	{"/messages/act", "act=read&id={own}&id={id}", MESSAGE, 404},
	{"/messages/act", "act=label&label={id}&id={own}", LABEL, 404},
	{"/messages/act", "act=unlabel&label={id}&id={own}", LABEL, 404},
	/* What is not ticked is not put on. */
	{"/message/{own}/labels", "label={id}", LABEL, 303},
	{"/message/{own}/recall", "from=some&person={id}", PERSON, 422},
	{"/compose?forward={id}", NULL, MESSAGE, 404},
	{"/compose?draft={id}", NULL, DRAFT, 303},
	{"/compose", "to=admin%40example.com&subject=S&body=B&forward_of={id}", MESSAGE, 404},
	{"/compose", "to=admin%40example.com&subject=S&body=B&reply_to={id}", MESSAGE, 404},
	{"/compose", "to=admin%40example.com&subject=S&body=B&key=c&draft={id}&version=1", DRAFT,
	 409},
	{"/drafts/save", "subject=Theirs&draft={id}&version=1", DRAFT, 404},
	{"/message/{own}/reply", "body=Theirs&key=k&draft={id}&version=1", DRAFT, 409},
	{"/message/{own}/reply/save", "body=Theirs&key=k&draft={id}&version=1", DRAFT, 404},
	/* What is not theirs cannot be attached, and is not named. */
	{"/compose", "to=admin%40example.com&subject=S&body=B&key=f&file={id}", FILE_ALONE, 422},
	{"/drafts/save", "subject=Theirs&file={id}", FILE_ALONE, 422},
};

/* Whether they say the same; a form that comes back has an id of its own each time. */
static bool is_alike(const struct web_answer *a, const struct web_answer *b)
{
	struct str ids[2] = {a->body, b->body};
	for (size_t i = 0; i < 2; i++) {
		char *text = arena_alloc(&web.core.arena, ids[i].len + 1);
		memcpy(text, ids[i].data, ids[i].len);
		for (char *at = text; (at = strstr(at, "01")); at++) {
			if (strspn(at, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ID_CHARS)
				memset(at, '0', ID_CHARS);
		}
		ids[i] = str_of(text);
	}
	return a->status == b->status && str_eq(ids[0], ids[1]) && str_eq(a->location, b->location);
}

static void every_form(void **state)
{
	(void)state;
	struct cast cast = meet();
	struct sent own = core_fixture_send(&web.core, cast.paul, STR("admin@example.com"),
					    STR("Mine"), STR("B"));
	struct cx cx = core_fixture_cx(&web.core, cast.paul);
	struct cx cx_of_owner = core_fixture_cx(&web.core, web.core.admin);
	struct message_view view;
	struct kept_draft kept;
	for (size_t i = 0; i < sizeof form_rows / sizeof form_rows[0]; i++) {
		const struct form_row *row = &form_rows[i];
		struct id id = make(row->thing);
		const struct str ids[] = {NOBODYS, id_str(&id)};
		struct web_answer answers[2];
		for (size_t k = 0; k < 2; k++) {
			struct str path = filled(row->path, ids[k], id_str(&own.id));
			answers[k] = row->form == NULL
					     ? web_fixture_get(&web, path, cast.professional)
					     : web_fixture_post(
						       &web, path,
						       filled(row->form, ids[k], id_str(&own.id)),
						       cast.professional);
		}
		if (answers[0].status != row->status || !is_alike(&answers[0], &answers[1]))
			fail_msg("%s %s: %d and %d", row->path, row->form, answers[0].status,
				 answers[1].status);
		if (row->thing != DRAFT)
			continue;
		assert_int_equal(draft_get(&cx_of_owner, &id, &kept), OK);
		assert_true(str_eq(kept.draft.body, STR("Hers")));
	}
	assert_int_equal(mailbox_look(&cx, &own.id, &view), OK);
	assert_int_equal(view.label_count, 0);
	assert_int_equal(view.box, BOX_SENT);
	assert_int_equal(view.recalled_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(every_address),
		WEB_TEST(every_form),
		WEB_TEST(administration_is_for_administrators),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("foreign ids on pages", tests, NULL, NULL);
}
