/* The pages of documents to sign: the card in the message, the page where one signs, ending it, the
 * lists, the signature one keeps. With documents that are text (core/signing_fake_pdf.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/own_signature.h"
#include "core/people.h"
#include "core/people_erase.h"
#include "core/signing_fake_pdf.h"
#include "web/web_test_support.h"

#include "core/signing_test_support.h"

#define BEN "ben@example.org"
#define CLEO "cleo@example.org"

/* Anna asks Ben and Cleo. */
struct scene {
	struct str anna, ben, cleo; /* cookies */
	struct session *ben_session, *cleo_session;
	struct id file;
	struct signing_field fields[5];
	struct signing_plan plan;
	struct draft draft;
	struct id id;
};

static struct signing_field field(const char *id, enum pdf_field_kind kind, const char *signer)
{
	return (struct signing_field){.id = str_of(id),
				      .kind = kind,
				      .signer = str_of(signer),
				      .box = {1, 72, 500, 180, 40},
				      .is_required = kind != PDF_FIELD_TEXT,
				      .label = STR("Allergies <b>")};
}

static void plan_scene(struct scene *s)
{
	struct core_fixture *f = &web.core;
	f->portal->pdf = signing_fake_workers();
	*s = (struct scene){.anna = admin()};
	s->ben_session = core_fixture_person(f, STR(BEN), STR("Ben Carter"), GRADE_GUEST);
	s->cleo_session = core_fixture_person(f, STR(CLEO), STR("Cleo Diaz"), GRADE_GUEST);
	s->ben = web_fixture_sign_in(&web, STR(BEN));
	s->cleo = web_fixture_sign_in(&web, STR(CLEO));
	s->file = signing_test_upload(f, f->admin, STR("Lease <1>.pdf"),
				      STR("%PDF-1.7 the lease\n%%EOF\n"));
	s->fields[0] = field("b1", PDF_FIELD_SIGNATURE, BEN);
	s->fields[1] = field("b2", PDF_FIELD_TEXT, BEN);
	s->fields[2] = field("b3", PDF_FIELD_DATE, BEN);
	s->fields[3] = field("c1", PDF_FIELD_SIGNATURE, CLEO);
	s->fields[4] = field("c2", PDF_FIELD_INITIALS, CLEO);
	s->plan = (struct signing_plan){
		.fields = s->fields, .field_count = 5, .order = SIGNING_ALL_AT_ONCE};
	s->draft = signing_test_draft(BEN ", " CLEO, &s->file, 1, &s->plan);
}

static void begin(struct scene *s)
{
	plan_scene(s);
	s->id = signing_test_send(&web.core, web.core.admin, &s->draft);
}

static struct str at(const struct scene *s, const char *after)
{
	return path_of("/message/", id_str(&s->id), after);
}

static struct web_answer get(const struct scene *s, const char *after, struct str who)
{
	return web_fixture_get(&web, at(s, after), who);
}

static struct web_answer post(const struct scene *s, const char *after, const char *form,
			      struct str who)
{
	return web_fixture_post(&web, at(s, after), str_of(form), who);
}

/* One's own signature, beside what a sender can do; nothing to decline. */
static void the_sender_signs_on_the_same_pages(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	s.plan.field_count = 0;
	s.draft.to = STR("admin@example.com, " BEN);
	s.id = signing_test_send(&web.core, web.core.admin, &s.draft);
	struct web_answer answer = get(&s, "", s.anna);
	assert_true(has(&answer, "Your signature is asked for"));
	assert_true(has(&answer, "/sign\">Review and sign</a>"));
	assert_true(has(&answer, "Ada Admin (you)"));
	assert_true(has(&answer, "Remind them"));
	assert_true(has(&answer, "Cancel the request"));
	assert_false(has(&answer, "Decline to sign"));
	answer = get(&s, "/sign", s.anna);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, "/sign/decline"));
	assert_int_equal(get(&s, "/sign/decline", s.anna).status, 303);
	answer = web_fixture_get(&web, STR("/signatures"), s.anna);
	assert_true(has(&answer, "/sign\">"));
	answer = post(&s, "/sign", "fields.signature=Ada&consent=yes", s.anna);
	assert_int_equal(answer.status, 303);
	answer = get(&s, "", s.anna);
	assert_true(has(&answer, "You have signed"));
	assert_false(has(&answer, "Review and sign"));
}

/* Nobody's name is put on the certificate page in their stead. */
static void who_has_no_place_signs_by_an_act_of_their_own(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	s.plan.field_count = 0;
	s.id = signing_test_send(&web.core, web.core.admin, &s.draft);
	static const char *const forms[] = {"consent=yes", "consent=yes&fields.signature=",
					    "consent=yes&fields.signature=+&way.signature=type",
					    "consent=yes&way.signature=draw&drawn.signature="};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct web_answer answer = post(&s, "/sign", forms[i], s.ben);
		assert_int_equal(answer.status, 422);
		assert_true(has(&answer, "This field has to be filled in before you can sign."));
	}
	assert_int_equal(post(&s, "/sign", "consent=yes&fields.signature=Ben", s.ben).status, 303);
}

/* P1.7: who asked sees who holds it up, and what to do; guests are not told who is disabled. */
static void who_cannot_sign_any_more_is_told_to_the_sender(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	const struct user ben = core_fixture_user(&web.core, STR(BEN));
	struct web_answer answer = get(&s, "", s.anna);
	assert_false(has(&answer, "cannot sign in at the moment"));
	assert_int_equal(people_enable(&cx, &ben.id, false), OK);
	answer = get(&s, "", s.anna);
	assert_true(has(&answer, "Ben Carter cannot sign in at the moment, and without them this "
				 "is not completed."));
	assert_true(has(&answer, "cancel the request and send it again without them"));
	assert_true(has(&answer, "Cancel the request"));
	assert_true(has(&answer, "<p class=\"signer-state\">Cannot sign in at the moment</p>"));
	answer = get(&s, "", s.cleo);
	assert_false(has(&answer, "at the moment"));
	assert_int_equal(post(&s, "/signing/cancel", "reason=", s.anna).status, 303);
	answer = get(&s, "", s.anna);
	assert_false(has(&answer, "at the moment"));
}

/* Nobody else has it, so there is nobody to name, to remind or to write to. */
static void what_only_the_sender_signs(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	s.plan.field_count = 0;
	s.draft.to = STR("admin@example.com");
	s.id = signing_test_send(&web.core, web.core.admin, &s.draft);
	static const char *const lists[] = {"/sent", "/signatures"};
	for (size_t i = 0; i < 2; i++) {
		struct web_answer answer = web_fixture_get(&web, str_of(lists[i]), s.anna);
		assert_true(has(&answer, "Only you"));
	}
	struct web_answer answer = get(&s, "", s.anna);
	assert_true(has(&answer, "Only you sign this document."));
	assert_int_equal(get(&s, "/recall", s.anna).status, 200);
	assert_false(has(&answer, "Remind them"));
	assert_false(has(&answer, "id=\"reply\""));
	answer = post(&s, "/sign", "fields.signature=Ada&consent=yes", s.anna);
	assert_int_equal(answer.status, 303);
	answer = get(&s, "", s.anna);
	assert_true(has(&answer, "Signed by everybody"));
}

static void each_sees_how_it_stands_and_what_they_can_do(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer = web_fixture_head(&web, at(&s, ""), s.ben);
	assert_int_equal(answer.status, 200);
	assert_int_equal(signing_test_get(&web.core, web.core.admin, &s.id).signers[0].opened_ms,
			 0);
	answer = get(&s, "", s.ben);
	assert_true(signing_test_get(&web.core, web.core.admin, &s.id).signers[0].opened_ms > 0);
	assert_true(has(&answer, "Your signature is asked for"));
	assert_true(has(&answer, "/sign\">Review and sign</a>"));
	assert_true(has(&answer, "Decline to sign"));
	assert_true(has(&answer, "Lease &lt;1&gt;.pdf"));
	assert_false(has(&answer, "Cancel the request"));
	assert_false(has(&answer, "Remind them"));
	answer = get(&s, "", s.anna);
	assert_true(has(&answer, "Waiting for signatures"));
	assert_true(has(&answer, "0 of 2 have signed. All of them have been asked."));
	assert_true(has(&answer, "Cancel the request"));
	assert_true(has(&answer, "Remind them"));
	assert_false(has(&answer, "Review and sign"));
	assert_false(has(&answer, "Decline to sign"));
	/* Sent to nobody else, seen by nobody else. */
	core_fixture_person(&web.core, STR("eve@example.org"), STR("Eve"), GRADE_GUEST);
	struct str eve = web_fixture_sign_in(&web, STR("eve@example.org"));
	static const char *const pages[] = {"/sign", "/sign/decline", "/signing/cancel",
					    "/documents/0"};
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		assert_int_equal(get(&s, pages[i], eve).status, 404);
	assert_int_equal(post(&s, "/sign", "consent=yes&fields.b1=Ben", eve).status, 404);
	assert_int_equal(post(&s, "/signing/remind", "", eve).status, 404);
}

static void who_signs_later_and_is_new_is_not_called_invited(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	s.plan.order = SIGNING_IN_SEQUENCE;
	s.plan.field_count = 0;
	s.draft = signing_test_draft(BEN ", new@example.net", &s.file, 1, &s.plan);
	s.id = signing_test_send(&web.core, web.core.admin, &s.draft);
	struct web_answer answer = get(&s, "", s.anna);
	assert_true(has(&answer, "0 of 2 have signed. Waiting for Ben Carter."));
	assert_true(has(&answer, "Not registered yet; no e-mail sent so far"));
	assert_false(has(&answer, "Send the invitation again"));
	signing_test_sign(&web.core, s.ben_session, &s.id, NULL, 0);
	answer = get(&s, "", s.anna);
	assert_false(has(&answer, "no e-mail sent so far"));
	assert_true(has(&answer, "Send the invitation again"));
}

static void who_is_invited_later_is_not_counted_as_invited(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	struct str form = arena_printf(
		&web.core.arena,
		"to=one%%40example.net,+two%%40example.net&cc=three%%40example.net&subject=S&body="
		"B&key=k"
		"&grade:one%%40example.net=guest&grade:two%%40example.net=guest"
		"&grade:three%%40example.net=guest&signing=on&signing_order=sequence&file=%s",
		s.file.text);
	struct web_answer answer = web_fixture_post(&web, STR("/compose"), form, s.anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_ends_with(answer.location, STR("?done=sent&invited=2")));
}

static void the_form_has_the_fields_of_who_reads_it(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer = get(&s, "/sign", s.ben);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "name=\"fields.b1\""));
	assert_true(has(&answer, "name=\"fields.b2\""));
	assert_true(has(&answer, "Allergies &lt;b&gt;"));
	assert_false(has(&answer, "name=\"fields.b3\"")); /* the date is put in */
	assert_false(has(&answer, "fields.c1"));
	assert_true(has(&answer, "agree to sign it electronically."));
	assert_true(str_find(answer.policy, STR("worker-src 'self'")) >= 0);
	answer = get(&s, "/sign", s.cleo);
	assert_true(has(&answer, "name=\"fields.c2\" type=\"text\" value=\"CD\""));
	/* Who cannot sign is led to what says why. */
	answer = get(&s, "/sign", s.anna);
	assert_int_equal(answer.status, 303);
}

/* The beginning of a PNG of 100,000 by 1 pixels, as a data URL. */
#define WIDE_PICTURE                                                                               \
	"data%3Aimage%2Fpng%3Bbase64%2C"                                                           \
	"iVBORw0KGgoAAAANSUhEUgABhqAAAAABCAYAAABdfhbV"

static void what_is_wrong_is_said_and_nothing_is_lost(void **state)
{
	static const struct {
		const char *form, *says;
	} rows[] = {
		{"fields.b1=Ben&fields.b2=Kept%3F", "href=\"#consent\""},
		{"consent=yes&fields.b2=Kept%3F", "href=\"#fields.b1\""},
		{"consent=yes&fields.b1=+&fields.b2=Kept%3F", "href=\"#fields.b1\""},
		{"consent=yes&fields.b1=Ben&fields.b2=Kept%3F&fields.c1=Cleo",
		 "not a field of yours"},
		{"consent=yes&fields.b1=Ben&fields.b2=Kept%3F&fields.z9=x", "no such field"},
		{"consent=yes&way.b1=draw&fields.b1=Ben&fields.b2=Kept%3F", "href=\"#fields.b1\""},
		{"consent=yes&way.b1=draw&drawn.b1=x&fields.b2=Kept%3F", "did not arrive whole"},
		{"consent=yes&way.b1=draw&drawn.b1=data%3Aimage%2Fpng%3Bbase64%2C%3C&fields.b2="
		 "Kept%3F",
		 "did not arrive whole"},
		{"consent=yes&way.b1=draw&drawn.b1=" WIDE_PICTURE "&fields.b2=Kept%3F",
		 "That picture is too large."},
		{"consent=yes&way.b1=saved&fields.b2=Kept%3F", "href=\"#fields.b1\""},
	};
	struct scene s;
	(void)state;
	begin(&s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct web_answer answer = post(&s, "/sign", rows[i].form, s.ben);
		if (answer.status != 422 || !has(&answer, rows[i].says))
			fail_msg("row %zu: %d", i, answer.status);
		assert_true(has(&answer, "Kept?</textarea>"));
	}
	struct web_answer answer = web_fixture_post_from_elsewhere(
		&web, at(&s, "/sign"), STR("consent=yes&fields.b1=Ben"), s.ben);
	assert_int_equal(answer.status, 403);
	assert_int_equal(signing_test_get(&web.core, web.core.admin, &s.id).signers[0].state,
			 SIGNER_ASKED);
}

/* P6: the portal survives it, says so, and what was filled in is still there. */
static void a_worker_that_died_is_told_and_nothing_is_lost(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	signing_fake_is_broken = true;
	struct web_answer answer =
		post(&s, "/sign", "consent=yes&fields.b1=Ben&fields.b2=Kept%3F", s.ben);
	signing_fake_is_broken = false;
	assert_int_equal(answer.status, 503);
	assert_true(has(&answer, "The documents could not be handled just now. Nothing was sent "
				 "or signed. Please try again in a minute"));
	assert_true(has(&answer, "Kept?</textarea>"));
	assert_true(has(&answer, "value=\"Ben\""));
	answer = post(&s, "/sign", "consent=yes&fields.b1=Ben&fields.b2=Kept%3F", s.ben);
	assert_int_equal(answer.status, 303);
}

static void signing_leads_back_to_the_message_until_all_have(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer = post(&s, "/sign", "consent=yes&fields.b1=Ben&save=yes", s.ben);
	assert_int_equal(answer.status, 303);
	assert_true(str_find(answer.location, STR("?done=signed")) >= 0);
	answer = get(&s, "?done=signed", s.ben);
	assert_true(has(&answer, "You have signed. Thank you!"));
	assert_true(has(&answer, "1 of 2 have signed."));
	assert_false(has(&answer, "Review and sign"));
	answer = get(&s, "", s.anna);
	assert_true(has(&answer, "1 of 2 have signed. Waiting for Cleo"));
	/* The answer was lost, and they press once more. */
	answer = post(&s, "/sign", "consent=yes&fields.b1=Ben", s.ben);
	assert_int_equal(answer.status, 303);
	answer = post(&s, "/sign", "consent=yes&fields.c1=Cleo&fields.c2=CD", s.cleo);
	assert_true(str_find(answer.location, STR("?done=sealed")) >= 0);
	answer = get(&s, "", s.anna);
	assert_true(has(&answer, "Signed by everybody"));
	assert_true(has(&answer, "Download Lease &lt;1&gt;.pdf"));
	assert_false(has(&answer, "Cancel the request"));
	answer = get(&s, "/signing/cancel", s.anna);
	assert_int_equal(answer.status, 303);
	/* What he typed is kept for next time. */
	answer = web_fixture_get(&web, STR("/settings/signature"), s.ben);
	assert_true(has(&answer, ">Ben</p>"));
	answer = web_fixture_get(&web, STR("/settings/signature"), s.cleo);
	assert_true(has(&answer, "None is kept yet."));
}

static void why_it_was_cancelled_is_read_where_it_stands(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	post(&s, "/signing/cancel", "reason=The+%3Cwrong%3E+lease", s.anna);
	struct web_answer answer = get(&s, "", s.ben);
	assert_true(has(&answer, "The request was cancelled"));
	assert_true(has(&answer, "dir=\"auto\">Reason: The &lt;wrong&gt; lease</p>"));
}

/* P1.7 */
static void who_is_left_reads_that_somebody_was_erased(void **state)
{
	struct scene s;
	struct form_errors errors = {.count = 0};
	(void)state;
	begin(&s);
	assert_int_equal(post(&s, "/sign", "consent=yes&fields.b1=Ben", s.ben).status, 303);
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	assert_int_equal(people_erase(&cx, &s.cleo_session->user.id, NULL, &errors), OK);
	struct web_answer answer = get(&s, "", s.ben);
	assert_true(has(&answer, "The request was cancelled"));
	assert_true(has(&answer, "You keep what you have signed as it stands"));
	assert_true(has(&answer, "Erased person"));
	assert_false(has(&answer, "has taken it back"));
	answer = get(&s, "", s.anna);
	assert_true(has(&answer, "please send it again without them"));
	assert_true(has(&answer, "as somebody who belongs to it was erased"));
	assert_false(has(&answer, "Cancel the request</"));
}

static void a_recall_says_who_keeps_it(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	assert_int_equal(post(&s, "/sign", "consent=yes&fields.b1=Ben", s.ben).status, 303);
	struct web_answer answer = post(&s, "/recall", "from=all", s.anna);
	assert_true(str_ends_with(answer.location, STR("?done=recalled-unsigned")));
	answer = get(&s, "?done=recalled-unsigned", s.anna);
	assert_true(has(&answer, "Who has signed keeps it as it stands."));
}

static void a_recall_before_anybody_signed_leaves_nobody_anything(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer = post(&s, "/recall", "from=all", s.anna);
	assert_true(str_ends_with(answer.location, STR("?done=recalled")));
}

static void whoever_is_late_is_told_what_happened(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer = post(&s, "/sign/decline", "reason=Not+%3Cthis%3E+rent", s.cleo);
	assert_true(str_find(answer.location, STR("?done=declined")) >= 0);
	answer = post(&s, "/sign", "consent=yes&fields.b1=Ben+Carter&fields.b2=A+remark", s.ben);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "Somebody has declined to sign"));
	assert_true(has(&answer, "A remark"));
	answer = get(&s, "", s.ben);
	assert_true(has(&answer, "Cleo Diaz has declined to sign"));
	assert_true(has(&answer, "Not &lt;this&gt; rent"));
	answer = get(&s, "", s.cleo);
	assert_true(has(&answer, "You have declined to sign"));
	answer = post(&s, "/signing/cancel", "reason=", s.anna);
	assert_true(str_find(answer.location, STR("?done=signing-late")) >= 0);
	answer = post(&s, "/sign/decline", "reason=", s.anna);
	assert_true(str_find(answer.location, STR("?done=signing-late")) >= 0);
}

static void cancelling_asks_for_a_reason_that_fits(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer = get(&s, "/signing/cancel", s.anna);
	assert_int_equal(answer.status, 200);
	struct str form =
		arena_printf(&web.core.arena, "reason=%.*s", STR_ARGS(repeated("x", 600)));
	answer = web_fixture_post(&web, at(&s, "/signing/cancel"), form, s.anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#reason\""));
	answer = post(&s, "/signing/cancel", "reason=The+wrong+lease", s.anna);
	assert_true(str_find(answer.location, STR("?done=signing-cancelled")) >= 0);
	answer = get(&s, "", s.ben);
	assert_true(has(&answer, "The request was cancelled"));
	assert_false(has(&answer, "Review and sign"));
}

static void in_a_sequence_the_next_one_waits(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	s.plan.order = SIGNING_IN_SEQUENCE;
	s.id = signing_test_send(&web.core, web.core.admin, &s.draft);
	struct web_answer answer = get(&s, "", s.cleo);
	assert_true(has(&answer, "It is not your turn yet"));
	assert_true(has(&answer, "Ben Carter signs first."));
	answer = post(&s, "/sign", "consent=yes&fields.c1=Cleo&fields.c2=CD", s.cleo);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "It is not your turn yet"));
	assert_int_equal(post(&s, "/sign", "consent=yes&fields.b1=Ben", s.ben).status, 303);
	answer = get(&s, "", s.cleo);
	assert_true(has(&answer, "Your signature is asked for"));
}

static void the_password_counts_only_where_it_is_looked_at(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	s.plan.wants_password = true;
	s.id = signing_test_send(&web.core, web.core.admin, &s.draft);
	struct web_answer answer = get(&s, "/sign", s.ben);
	assert_true(has(&answer, "/sign/confirmed\""));
	struct str form = arena_printf(&web.core.arena, "consent=yes&fields.b1=Ben&password=%.*s",
				       STR_ARGS(CORE_FIXTURE_PASSWORD));
	answer = web_fixture_post(&web, at(&s, "/sign"), form, s.ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#password\""));
	answer = post(&s, "/sign/confirmed", "consent=yes&fields.b1=Ben&password=wrong", s.ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#password\""));
	assert_false(has(&answer, "value=\"wrong\""));
	answer = web_fixture_post(&web, at(&s, "/sign/confirmed"), form, s.ben);
	assert_int_equal(answer.status, 303);
}

static void who_was_signed_out_meanwhile_loses_nothing(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer =
		post(&s, "/sign/confirmed",
		     "consent=yes&fields.b1=Ben&fields.b2=Kept%3F&password=lantern", STR(""));
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "You were signed out"));
	assert_true(has(&answer, "name=\"fields.b2\" value=\"Kept?\""));
	assert_false(has(&answer, "lantern"));
	assert_true(has(&answer, "/sign\" class=\"card\""));
}

static void the_lists_say_what_waits_for_whom(void **state)
{
	struct scene s;
	(void)state;
	plan_scene(&s);
	struct web_answer answer = web_fixture_get(&web, STR("/signatures"), s.ben);
	assert_true(has(&answer, "No documents to sign"));
	assert_false(has(&answer, "Ask for signatures"));
	answer = web_fixture_get(&web, STR("/inbox"), s.ben);
	assert_false(has(&answer, "href=\"/signatures\""));
	answer = web_fixture_get(&web, STR("/signatures"), s.anna);
	assert_true(has(&answer, "Ask for signatures"));
	s.id = signing_test_send(&web.core, web.core.admin, &s.draft);
	answer = web_fixture_get(&web, STR("/inbox"), s.ben);
	assert_true(has(&answer, "one waits for you"));
	answer = web_fixture_get(&web, STR("/signatures"), s.ben);
	assert_true(has(&answer, "Sign now"));
	assert_true(has(&answer, "/sign\">"));
	answer = web_fixture_get(&web, STR("/signatures"), s.anna);
	assert_true(has(&answer, "0 of 2 signed"));
	assert_true(has(&answer, "Nothing waits for your signature."));
	assert_int_equal(web_fixture_get(&web, STR("/signatures?mine=x"), s.ben).status, 400);
}

static void a_document_is_given_as_it_stands(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	struct web_answer answer = web_fixture_head(&web, at(&s, "/documents/0"), s.ben);
	assert_int_equal(answer.status, 200);
	assert_int_equal(get(&s, "/documents/0", s.ben).status, 200);
	static const char *const none[] = {"/documents/1", "/documents/-1", "/documents/x",
					   "/documents/99999999999999999999"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(get(&s, none[i], s.ben).status, 404);
}

static void one_keeps_a_signature_of_ones_own(void **state)
{
	struct scene s;
	(void)state;
	begin(&s);
	const struct str path = STR("/settings/signature");
	static const char *const bad[] = {
		"mark=signature&act=keep",
		"mark=signature&act=keep&text=+",
		"mark=signature&act=keep&drawn=data%3Aimage%2Fpng%3Bbase64%2CAAAA",
		"mark=signature&act=keep&drawn=%3Csvg%3E",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(web_fixture_post(&web, path, str_of(bad[i]), s.ben).status, 422);
	struct web_answer wide = web_fixture_post(
		&web, path, STR("mark=signature&act=keep&drawn=" WIDE_PICTURE), s.ben);
	assert_true(wide.status == 422 && has(&wide, "That picture is too large."));
	assert_int_equal(web_fixture_post(&web, path, STR("mark=x&act=keep&text=B"), s.ben).status,
			 404);
	struct web_answer answer =
		web_fixture_post(&web, path, STR("mark=signature&act=keep&text=%3CBen%3E"), s.ben);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, s.ben);
	assert_true(has(&answer, "&lt;Ben&gt;</p>"));
	assert_true(has(&answer, "Kept. You can use it"));
	answer = get(&s, "/sign", s.ben);
	assert_true(has(&answer, "Saved one"));
	assert_false(has(&(struct web_answer){.body = get(&s, "/sign", s.cleo).body}, "Saved one"));
	answer = post(&s, "/sign", "consent=yes&way.b1=saved", s.ben);
	assert_int_equal(answer.status, 303);
	/* Typed: there is no picture of it. */
	assert_int_equal(web_fixture_get(&web, STR("/settings/signature/signature"), s.ben).status,
			 404);
	answer = web_fixture_post(&web, path, STR("mark=signature&act=delete"), s.ben);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, path, s.ben);
	assert_false(has(&answer, "&lt;Ben&gt;</p>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(each_sees_how_it_stands_and_what_they_can_do),
		WEB_TEST(who_signs_later_and_is_new_is_not_called_invited),
		WEB_TEST(who_is_invited_later_is_not_counted_as_invited),
		WEB_TEST(the_sender_signs_on_the_same_pages),
		WEB_TEST(who_has_no_place_signs_by_an_act_of_their_own),
		WEB_TEST(what_only_the_sender_signs),
		WEB_TEST(who_cannot_sign_any_more_is_told_to_the_sender),
		WEB_TEST(the_form_has_the_fields_of_who_reads_it),
		WEB_TEST(what_is_wrong_is_said_and_nothing_is_lost),
		WEB_TEST(a_worker_that_died_is_told_and_nothing_is_lost),
		WEB_TEST(signing_leads_back_to_the_message_until_all_have),
		WEB_TEST(why_it_was_cancelled_is_read_where_it_stands),
		WEB_TEST(who_is_left_reads_that_somebody_was_erased),
		WEB_TEST(a_recall_says_who_keeps_it),
		WEB_TEST(a_recall_before_anybody_signed_leaves_nobody_anything),
		WEB_TEST(whoever_is_late_is_told_what_happened),
		WEB_TEST(cancelling_asks_for_a_reason_that_fits),
		WEB_TEST(in_a_sequence_the_next_one_waits),
		WEB_TEST(the_password_counts_only_where_it_is_looked_at),
		WEB_TEST(who_was_signed_out_meanwhile_loses_nothing),
		WEB_TEST(the_lists_say_what_waits_for_whom),
		WEB_TEST(a_document_is_given_as_it_stands),
		WEB_TEST(one_keeps_a_signature_of_ones_own),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
