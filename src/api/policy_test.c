/* Walks every cell of core/policy.c's table through the API: each act is tried by each kind of
 * person, and must succeed or be refused as the table says (P1.3, P1.4, P1.8). */
#include "api/api_fixture.h"

#include "core/people.h"
#include "core/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum who { GUEST, PROFESSIONAL, ADMINISTRATOR, WHO_COUNT };

static const struct {
	const char *word;
	enum grade grade;
	enum role role;
	const char *address;
} people[WHO_COUNT] = {
	[GUEST] = {"a guest", GRADE_GUEST, ROLE_MEMBER, "guest@example.org"},
	[PROFESSIONAL] = {"a professional", GRADE_PROFESSIONAL, ROLE_MEMBER, "pro@example.com"},
	[ADMINISTRATOR] = {"an administrator", GRADE_PROFESSIONAL, ROLE_ADMINISTRATOR,
			   "admin@example.com"},
};

struct walk {
	struct api_fixture f;
	struct api_answer answer;
	const char *tokens[WHO_COUNT];
	const char *message_ids[WHO_COUNT]; /* sent to each by the professional
					       "sender@example.com", with a guest in Cc */
};

static void post(struct walk *w, const char *path, const char *token, struct str body)
{
	struct api_call c = {.method = "POST", .path = path, .token = token, .body = body};
	api_fixture_call(&w->f, &c, &w->answer);
}

static void get(struct walk *w, const char *path, const char *token)
{
	struct api_call c = {.method = "GET", .path = path, .token = token};
	api_fixture_call(&w->f, &c, &w->answer);
}

/* A registered person of this grade. */
static const char *person(struct walk *w, const char *address, enum grade grade, enum role role)
{
	struct cx cx = api_fixture_cx(&w->f);
	struct form_errors errors = {.count = 0};
	struct str link = STR_NONE;
	assert_int_equal(people_add(&cx, str_of(address), grade, role, &errors), OK);
	api_fixture_take_mails(&w->f, address, &link);
	return api_fixture_register(&w->f, link, "Somebody");
}

static const char *send_from(struct walk *w, const char *token, const char *to, const char *cc)
{
	post(w, "/api/v1/messages", token,
	     arena_printf(&w->f.arena,
			  "{\"to\":[\"%s\"],\"cc\":[\"%s\"],\"subject\":\"s\",\"body\":\"b\"}", to,
			  cc));
	assert_int_equal(w->answer.status, 201);
	return arena_cstr(&w->f.arena,
			  str_of(json_string_value(json_object_get(w->answer.json, "id"))));
}

static int set_up(void **state)
{
	struct walk *w = calloc(1, sizeof(*w));
	*state = w;
	api_fixture_init(&w->f, false, CUSTODY_MANAGED);
	w->tokens[ADMINISTRATOR] = api_fixture_register(&w->f, w->f.set_up_token, "Ada");
	w->tokens[PROFESSIONAL] =
		person(w, people[PROFESSIONAL].address, GRADE_PROFESSIONAL, ROLE_MEMBER);
	w->tokens[GUEST] = person(w, people[GUEST].address, GRADE_GUEST, ROLE_MEMBER);
	const char *sender = person(w, "sender@example.com", GRADE_PROFESSIONAL, ROLE_MEMBER);
	person(w, "other-guest@example.org", GRADE_GUEST, ROLE_MEMBER);
	person(w, "kept-guest@example.org", GRADE_GUEST, ROLE_MEMBER);
	for (int who = 0; who < WHO_COUNT; who++)
		w->message_ids[who] =
			send_from(w, sender, people[who].address, "kept-guest@example.org");
	return 0;
}

static int tear_down(void **state)
{
	struct walk *w = *state;
	api_fixture_answer_release(&w->answer);
	api_fixture_release(&w->f);
	free(w);
	return 0;
}

static struct str write_to(struct walk *w, const char *address, const char *invite_as)
{
	return arena_printf(&w->f.arena, "{\"to\":[\"%s\"],\"subject\":\"s\",\"body\":\"b\"%s%s%s}",
			    address, invite_as ? ",\"invite_as\":\"" : "",
			    invite_as ? invite_as : "", invite_as ? "\"" : "");
}

static struct str write_with(struct walk *w, const char *option)
{
	return arena_printf(&w->f.arena,
			    "{\"to\":[\"sender@example.com\"],\"subject\":\"s\",\"body\":\"b\",%s}",
			    option);
}

static const char *path_of(struct walk *w, enum who who, const char *after)
{
	return arena_printf(&w->f.arena, "/api/v1/messages/%s%s", w->message_ids[who], after).data;
}

/* ---- one function an act: tries it, and says whether it happened ---- */

static bool answered(struct walk *w, int status)
{
	bool is_refused = w->answer.status == 403 || w->answer.status == 422;
	if (w->answer.status != status && !is_refused)
		fail_msg("%d: %s", w->answer.status, w->answer.body);
	return !is_refused;
}

static bool read_message(struct walk *w, enum who who)
{
	get(w, path_of(w, who, ""), w->tokens[who]);
	return answered(w, 200);
}

static bool mark_confidential(struct walk *w, enum who who)
{
	post(w, "/api/v1/messages", w->tokens[who],
	     write_with(w, "\"options\":{\"confidential\":true}"));
	return answered(w, 201);
}

static bool set_expiry(struct walk *w, enum who who)
{
	post(w, "/api/v1/messages", w->tokens[who], write_with(w, "\"expires_at\":\"2027-06-01\""));
	return answered(w, 201);
}

static bool reply(struct walk *w, enum who who)
{
	post(w, path_of(w, who, "/reply"), w->tokens[who], STR("{\"body\":\"thank you\"}"));
	return answered(w, 201);
}

static bool forward(struct walk *w, enum who who)
{
	post(w, "/api/v1/messages", w->tokens[who],
	     arena_printf(&w->f.arena, "{\"to\":[\"sender@example.com\"],\"forward_of\":\"%s\"}",
			  w->message_ids[who]));
	return answered(w, 201);
}

static bool keep_people(struct walk *w, enum who who)
{
	post(w, path_of(w, who, "/reply"), w->tokens[who],
	     STR("{\"body\":\"thank you all\",\"all\":true}"));
	return answered(w, 201) && strstr(w->answer.body, "kept-guest@example.org");
}

static bool write_to_professional(struct walk *w, enum who who)
{
	post(w, "/api/v1/messages", w->tokens[who], write_to(w, "sender@example.com", NULL));
	return answered(w, 201);
}

static bool write_to_guest(struct walk *w, enum who who)
{
	post(w, "/api/v1/messages", w->tokens[who], write_to(w, "other-guest@example.org", NULL));
	return answered(w, 201);
}

/* Invites somebody new, whose registration then shows the grade they were given. */
static bool invite(struct walk *w, enum who who, const char *grade)
{
	struct str link = STR_NONE;
	const char *address = arena_printf(&w->f.arena, "new-%s-%d@example.net", grade, who).data;
	post(w, "/api/v1/messages", w->tokens[who], write_to(w, address, grade));
	bool is_done = answered(w, 201);
	size_t mails = api_fixture_take_mails(&w->f, address, &link);
	assert_int_equal(mails, is_done ? 2 : 0);
	if (!is_done)
		return false;
	get(w, arena_printf(&w->f.arena, "/api/v1/registrations/%.*s", STR_ARGS(link)).data, NULL);
	assert_string_equal(json_string_value(json_object_get(w->answer.json, "grade")), grade);
	return true;
}

/* Their own message: the policy alone is in the way. */
static bool recall(struct walk *w, enum who who)
{
	post(w, "/api/v1/messages", w->tokens[who], write_to(w, "sender@example.com", NULL));
	const char *id = json_string_value(json_object_get(w->answer.json, "id"));
	const char *path = arena_printf(&w->f.arena, "/api/v1/messages/%s/recall", id).data;
	post(w, path, w->tokens[who], STR("{}"));
	return answered(w, 200);
}

static bool invite_guest(struct walk *w, enum who who)
{
	return invite(w, who, "guest");
}

static bool invite_professional(struct walk *w, enum who who)
{
	return invite(w, who, "professional");
}

/* Guests try it with the professional they know. */
static bool block_guest(struct walk *w, enum who who)
{
	struct cx cx = api_fixture_cx(&w->f);
	struct user user;
	const char *address = who == GUEST ? "sender@example.com" : "other-guest@example.org";
	assert_int_equal(people_find(&cx, str_of(address), &user), OK);
	struct api_call c = {
		.method = "PUT",
		.path = arena_printf(&w->f.arena, "/api/v1/people/%s/block", user.id.text).data,
		.token = w->tokens[who]};
	api_fixture_call(&w->f, &c, &w->answer);
	return answered(w, 204);
}

/* What one keeps for asking again; api_signing_test asks. */
static bool look_at_templates(struct walk *w, enum who who)
{
	get(w, "/api/v1/signature-templates", w->tokens[who]);
	return answered(w, 200);
}

/* What one keeps for signing; api_signing_test signs. */
static bool look_at_signatures(struct walk *w, enum who who)
{
	get(w, "/api/v1/signatures", w->tokens[who]);
	return answered(w, 200);
}

/* Acts that this API has no route for yet are walked through pages; naming them here makes a new
 * act fail until somebody has decided where it is tested. */
static const struct {
	const char *sentence;
	bool may[WHO_COUNT]; /* what P1 says; the table must say the same */
	bool (*attempt)(struct walk *w, enum who who);
	bool is_on_pages_only;
} acts[] = {
	[ACT_READ] = {"read", {true, true, true}, read_message},
	[ACT_REPLY] = {"reply", {true, true, true}, reply},
	[ACT_FORWARD] = {"forward", {true, true, true}, forward},
	[ACT_KEEP_PEOPLE_IN_REPLY] = {"keep a guest in a reply", {true, true, true}, keep_people},
	[ACT_WRITE_TO_PROFESSIONAL] = {"write to a professional",
				       {true, true, true},
				       write_to_professional},
	[ACT_WRITE_TO_GUEST] = {"write to a guest", {false, true, true}, write_to_guest},
	[ACT_INVITE_GUEST] = {"invite a guest", {false, true, true}, invite_guest},
	[ACT_INVITE_PROFESSIONAL] = {"invite a professional",
				     {false, true, true},
				     invite_professional},
	[ACT_RESEND_INVITATION] = {"send an invitation again",
				   {false, true, true},
				   .is_on_pages_only = true},
	[ACT_RECALL] = {"recall", {false, true, true}, recall},
	[ACT_BLOCK_GUEST] = {"block a guest", {false, true, true}, block_guest},
	[ACT_REQUEST_SIGNATURES] = {"ask for signatures", {false, true, true}, look_at_templates},
	[ACT_SIGN] = {"sign", {true, true, true}, look_at_signatures},
	[ACT_SEND_FILES] = {"send files", {true, true, true}, .is_on_pages_only = true},
	[ACT_MARK_CONFIDENTIAL] = {"ask for the password", {true, true, true}, mark_confidential},
	[ACT_SET_EXPIRY] = {"set a date", {true, true, true}, set_expiry},
	[ACT_ADMINISTER] = {"administer", {false, false, true}, .is_on_pages_only = true},
};
_Static_assert(sizeof(acts) / sizeof(acts[0]) == ACT_COUNT, "every act is walked");

static void test_every_cell(void **state)
{
	struct walk *w = *state;
	for (int act = 0; act < ACT_COUNT; act++) {
		assert_true((acts[act].attempt != NULL) != acts[act].is_on_pages_only);
		for (int who = 0; who < WHO_COUNT; who++) {
			bool is_allowed =
				policy_grade_allows(w->f.portal->settings, people[who].grade,
						    people[who].role, (enum act)act);
			assert_int_equal(is_allowed, acts[act].may[who]);
			if (acts[act].is_on_pages_only)
				continue;
			if (acts[act].attempt(w, (enum who)who) != is_allowed)
				fail_msg("%s may%s %s: %s", people[who].word,
					 is_allowed ? "" : " not", acts[act].sentence,
					 w->answer.body);
		}
	}
}

static struct user find(struct walk *w, const char *address)
{
	struct cx cx = api_fixture_cx(&w->f);
	struct user user;
	assert_int_equal(people_find(&cx, str_of(address), &user), OK);
	return user;
}

static void test_a_new_grade_counts_from_the_next_request(void **state)
{
	struct walk *w = *state;
	struct cx cx = api_fixture_cx(&w->f);
	struct user user = find(w, people[GUEST].address);
	assert_false(write_to_guest(w, GUEST));
	assert_int_equal(people_set_grade(&cx, &user.id, GRADE_PROFESSIONAL), OK);
	assert_true(write_to_guest(w, GUEST)); /* P1.5: the same session */
	assert_true(read_message(w, GUEST));
	assert_int_equal(people_set_grade(&cx, &user.id, GRADE_GUEST), OK);
	assert_false(write_to_guest(w, GUEST));
	assert_true(read_message(w, GUEST)); /* they keep their mail */
}

static void test_disabled_people_are_out_at_once(void **state)
{
	struct walk *w = *state;
	struct cx cx = api_fixture_cx(&w->f);
	struct user user = find(w, people[PROFESSIONAL].address);
	assert_int_equal(people_enable(&cx, &user.id, false), OK);
	get(w, "/api/v1/me", w->tokens[PROFESSIONAL]);
	assert_int_equal(w->answer.status, 401);
	struct str credentials = arena_printf(&w->f.arena, "{\"email\":\"%s\",\"password\":\"%s\"}",
					      people[PROFESSIONAL].address, api_fixture_password);
	post(w, "/api/v1/session", NULL, credentials);
	assert_int_equal(w->answer.status, 401);
	/* P1.7: others are told. */
	post(w, "/api/v1/messages", w->tokens[ADMINISTRATOR],
	     write_to(w, people[PROFESSIONAL].address, NULL));
	assert_int_equal(w->answer.status, 422);
	assert_int_equal(people_enable(&cx, &user.id, true), OK);
	post(w, "/api/v1/session", NULL, credentials);
	assert_int_equal(w->answer.status, 201);
	w->tokens[PROFESSIONAL] = arena_cstr(
		&w->f.arena, str_of(json_string_value(json_object_get(w->answer.json, "token"))));
	assert_true(read_message(w, PROFESSIONAL));
}

/* P1.4: in a reply a guest may keep who is there, and add professionals only. The API's reply adds
 * nobody, so what is left to try is a new message. Addresses in Cc and Bcc are judged like those in
 * To. */
static void test_guests_reach_nobody_by_cc_or_bcc(void **state)
{
	static const char *const bodies[] = {
		"{\"to\":[\"sender@example.com\"],\"cc\":[\"other-guest@example.org\"],\"subject\":"
		"\"s\",\"body\":\"b\"}",
		"{\"to\":[\"sender@example.com\"],\"bcc\":[\"other-guest@example.org\"],"
		"\"subject\":\"s\",\"body\":\"b\"}",
		"{\"to\":[\"sender@example.com\"],\"cc\":[\"unknown@example.net\"],\"subject\":"
		"\"s\",\"body\":\"b\"}",
		"{\"to\":[\"sender@example.com\"],\"bcc\":[\"unknown@example.net\"],\"subject\":"
		"\"s\",\"body\":\"b\"}",
		"{\"to\":[\"sender@example.com\",\"unknown@example.net\"],\"subject\":\"s\","
		"\"body\":\"b\",\"invite_as\":\"professional\"}",
	};
	struct walk *w = *state;
	api_fixture_take_mails(&w->f, NULL, NULL);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		post(w, "/api/v1/messages", w->tokens[GUEST], str_of(bodies[i]));
		if (w->answer.status != 422)
			fail_msg("%s: %d", bodies[i], w->answer.status);
	}
	assert_int_equal(api_fixture_take_mails(&w->f, NULL, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_cell),
		TEST(test_a_new_grade_counts_from_the_next_request),
		TEST(test_disabled_people_are_out_at_once),
		TEST(test_guests_reach_nobody_by_cc_or_bcc),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
