/* What people do with requests to sign, whatever fails on the way (core/fault_steps.h): it happened
 * or it did not. Documents are text (core/signing_fake_pdf.c). */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/fault_steps.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_test_support.h"

static struct id uploaded; /* by the administrator, for all requests */
static struct session *second;

static void send(struct fault_state *s, const char *to, enum signing_order order)
{
	const struct signing_plan plan = {.order = order, .remind_after_days = 1};
	const struct draft draft = signing_test_draft(to, &uploaded, 1, &plan);
	core_fixture_sleep(s->f, 1);
	fault_steps_known(s);
	s->id = signing_test_send(s->f, s->f->admin, &draft);
}

static void prepare_nothing(struct fault_state *s)
{
	core_fixture_sleep(s->f, 1);
	fault_steps_known(s);
}

static void prepare_unread(struct fault_state *s)
{
	send(s, "known@example.org", SIGNING_ALL_AT_ONCE);
}

/* Re-wraps their key, and the sender's. */
static void look(struct fault_state *s)
{
	signing_test_get(s->f, s->session, &s->id);
	signing_test_get(s->f, s->f->admin, &s->id);
}

static void prepare_one(struct fault_state *s)
{
	prepare_unread(s);
	look(s);
}

static void prepare_sequence(struct fault_state *s)
{
	send(s, "known@example.org, second@example.org", SIGNING_IN_SEQUENCE);
	look(s);
}

static void prepare_due(struct fault_state *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	size_t count;
	prepare_one(s);
	/* None of before is left, nor falls due in between. */
	core_fixture_sleep(s->f, DAY_MS - 1);
	do
		assert_int_equal(signing_sweep(&cx, &count), OK);
	while (count > 0);
	core_fixture_sleep(s->f, 1);
}

static enum err do_send(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	const struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	struct draft draft = signing_test_draft("known@example.org", &uploaded, 1, &plan);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	draft.cc = s->address;
	return message_send(&cx, &draft, &sent, &errors);
}

static enum err do_sign(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct form_errors errors = {.count = 0};
	const struct signing_act act = {.has_consented = true, .consent_text = STR("Yes")};
	return signing_sign(&cx, &s->id, &act, &errors);
}

static enum err do_decline(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct form_errors errors = {.count = 0};
	return signing_decline(&cx, &s->id, STR("No"), STR("Test"), &errors);
}

static enum err do_remind(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct form_errors errors = {.count = 0};
	int64_t count;
	return signing_remind(&cx, &s->id, &count, &errors);
}

static enum err do_sweep(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, NULL);
	size_t count;
	return signing_sweep(&cx, &count);
}

static enum err do_get(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct signing_view view;
	return signing_get(&cx, &s->id, &view);
}

static enum err do_read(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct pdf_bytes document;
	TRY(signing_document(&cx, &s->id, 0, &document));
	pdf_bytes_free(&document);
	return OK;
}

/* Documents in memory that nobody has given back. */
static int count_documents(void)
{
	int count = 0;
	struct dirent *entry;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		char path[64], target[64] = "";
		snprintf(path, sizeof(path), "/proc/self/fd/%.20s", entry->d_name);
		if (readlink(path, target, sizeof(target) - 1) > 0)
			count += strstr(target, "memfd:pdf") != NULL;
	}
	closedir(folder);
	return count;
}

static void every_step_is_whole_or_not_at_all(void **state)
{
	static const struct fault_step steps[] = {
		{"sending a request", prepare_nothing, do_send, false, true},
		{"looking at a request", prepare_unread, do_get, true, false},
		{"reading a document", prepare_unread, do_read, true, false},
		{"signing, with others to come", prepare_sequence, do_sign, false, true},
		{"signing as the last one", prepare_one, do_sign, false, true},
		{"declining", prepare_one, do_decline, false, true},
		{"reminding", prepare_one, do_remind, false, true},
		{"reminders that are due", prepare_due, do_sweep, false, true},
	};
	struct core_fixture *f = *state;
	f->portal->pdf = signing_fake_workers();
	second = core_fixture_person(f, STR("second@example.org"), STR("Second"), GRADE_GUEST);
	uploaded = signing_test_upload(f, f->admin, STR("a.pdf"), STR("%PDF-1.7 fine"));
	core_fixture_set(f, "messages_per_hour_professional", STR("100000"));
	fault_steps_run(f, steps, sizeof(steps) / sizeof(steps[0]));
	assert_int_equal(signing_test_audit_bad(f), 0);
	assert_int_equal(count_documents(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(every_step_is_whole_or_not_at_all),
	};
	return engines_test_run_sqlite("core", tests, sizeof(tests) / sizeof(tests[0]));
}
