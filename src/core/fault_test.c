/* Memory, queries and commits that fail one after the other, for n = 1, 2, 3 ...: each step of the
 * story happens wholly or not at all, without a false alarm and without losing a key; and a full
 * disk, where sending says so and reading goes on.
 *
 * The linker gives us each call of these functions first (meson.build: --wrap). */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "core/account.h"
#include "core/core_test_support.h"
#include "core/draft.h"
#include "core/mailbox_move.h"
#include "core/people.h"
#include "core/recall.h"
#include "store/store_direct.h"

/* ---- what fails ---- */

enum fault { FAULT_MEMORY, FAULT_QUERY, FAULT_COMMIT, FAULT_COUNT };
static const char *const fault_names[] = {"allocation", "query", "commit"};

static struct {
	_Atomic int left; /* until it fails; 0 and less: nothing does */
	enum fault fault;
	_Atomic bool has_failed;
} plan;

static bool fails(enum fault fault)
{
	if (plan.left <= 0 || plan.fault != fault || atomic_fetch_sub(&plan.left, 1) != 1)
		return false;
	plan.has_failed = true;
	return true;
}

static void plan_begin(enum fault fault, int n)
{
	plan.fault = fault;
	plan.has_failed = false;
	plan.left = n;
}

/* Whether the n-th was reached. */
static bool plan_end(void)
{
	plan.left = 0;
	return plan.has_failed;
}

/* Reserved names: the linker's --wrap asks for them. */
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__real_arena_alloc(struct arena *arena, size_t bytes);
void *__wrap_arena_alloc(struct arena *arena, size_t bytes);
void *__real_arena_array(struct arena *arena, size_t count, size_t bytes);
void *__wrap_arena_array(struct arena *arena, size_t count, size_t bytes);
struct str __real_arena_copy(struct arena *arena, struct str s);
struct str __wrap_arena_copy(struct arena *arena, struct str s);
enum err __real_secret_new(struct secret **ret);
enum err __wrap_secret_new(struct secret **ret);
enum err __real_secret_random(struct secret **ret);
enum err __wrap_secret_random(struct secret **ret);
enum err __real_db_select(struct db *db, struct rows *ret, const char *sql,
			  const struct param *params, size_t count);
enum err __wrap_db_select(struct db *db, struct rows *ret, const char *sql,
			  const struct param *params, size_t count);
enum err __real_db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		       int64_t *ret_changes);
enum err __wrap_db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		       int64_t *ret_changes);
enum err __real_store_transact(struct store *store, store_fn *fn, void *argument,
			       struct arena *arena);
enum err __wrap_store_transact(struct store *store, store_fn *fn, void *argument,
			       struct arena *arena);

void *__wrap_malloc(size_t bytes)
{
	return fails(FAULT_MEMORY) ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails(FAULT_MEMORY) ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
	return fails(FAULT_MEMORY) ? NULL : __real_realloc(old, bytes);
}

void *__wrap_arena_alloc(struct arena *arena, size_t bytes)
{
	if (!fails(FAULT_MEMORY))
		return __real_arena_alloc(arena, bytes);
	arena->failed = true;
	return NULL;
}

void *__wrap_arena_array(struct arena *arena, size_t count, size_t bytes)
{
	if (!fails(FAULT_MEMORY))
		return __real_arena_array(arena, count, bytes);
	arena->failed = true;
	return NULL;
}

struct str __wrap_arena_copy(struct arena *arena, struct str s)
{
	if (!fails(FAULT_MEMORY))
		return __real_arena_copy(arena, s);
	arena->failed = true;
	return STR_NONE;
}

enum err __wrap_secret_new(struct secret **ret)
{
	return fails(FAULT_MEMORY) ? ERR_UNAVAILABLE : __real_secret_new(ret);
}

enum err __wrap_secret_random(struct secret **ret)
{
	return fails(FAULT_MEMORY) ? ERR_UNAVAILABLE : __real_secret_random(ret);
}

enum err __wrap_db_select(struct db *db, struct rows *ret, const char *sql,
			  const struct param *params, size_t count)
{
	*ret = (struct rows){.db = db};
	return fails(FAULT_QUERY) ? ERR_UNAVAILABLE : __real_db_select(db, ret, sql, params, count);
}

enum err __wrap_db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		       int64_t *ret_changes)
{
	return fails(FAULT_QUERY) ? ERR_UNAVAILABLE
				  : __real_db_run(db, sql, params, count, ret_changes);
}

struct rolled_back {
	store_fn *fn;
	void *argument;
};

/* All of it was written, and then the disk said no. */
static enum err run_and_lose(struct db *db, void *argument)
{
	const struct rolled_back *lost = argument;
	enum err err = lost->fn(db, lost->argument);
	return err == OK ? ERR_UNAVAILABLE : err;
}

enum err __wrap_store_transact(struct store *store, store_fn *fn, void *argument,
			       struct arena *arena)
{
	struct rolled_back lost = {fn, argument};
	if (fails(FAULT_COMMIT))
		return __real_store_transact(store, run_and_lose, &lost, arena);
	return __real_store_transact(store, fn, argument, arena);
}

/* ---- the steps ---- */

struct step_state {
	struct core_fixture *f;
	struct arena arena; /* of the step alone */
	struct str address, token;
	struct session *session;
	struct id id;
	struct sign_in begun;
};

static struct cx step_cx(struct step_state *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	cx.arena = &s->arena;
	return cx;
}

static void prepare_nothing(struct step_state *s)
{
	(void)s;
}

static enum err do_send(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {.to = s->address,
				    .cc = STR("known@example.org"),
				    .subject = STR("Hello"),
				    .body = STR("Something secret"),
				    .idempotency_key = s->address};
	struct sent sent;
	enum err err = message_send(&cx, &draft, &sent, &errors);
	if (err == OK)
		s->id = sent.id;
	return err;
}

static void prepare_expiring(struct step_state *s)
{
	const struct draft draft = {.to = STR("known@example.org"),
				    .subject = STR("Hello"),
				    .body = STR("One"),
				    .expires = STR("2030-12-31")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(s->f, s->f->admin, &draft, &sent, NULL), OK);
	s->id = sent.id;
}

static enum err do_forward(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {
		.to = s->address, .subject = STR("Fwd: Hello"), .forward_of = s->id};
	struct sent sent;
	return message_send(&cx, &draft, &sent, &errors);
}

static void prepare_invitation(struct step_state *s)
{
	core_fixture_send(s->f, s->f->admin, s->address, STR("Hello"), STR("One"));
	s->token = core_fixture_token(s->f, MAIL_INVITATION, s->address);
	s->id = core_fixture_user(s->f, s->address).id;
}

static enum err do_register(struct step_state *s)
{
	struct cx cx = step_cx(s, NULL);
	struct form_errors errors = {0};
	struct registration registration = {0};
	enum err err =
		register_complete(&cx, s->token, STR("Somebody"), CORE_FIXTURE_PASSWORD, true,
				  SESSION_BROWSER, STR("Test"), &registration, &errors);
	s->begun = registration.sign_in;
	return err;
}

static enum err do_invite_again(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	return message_resend_invitation(&cx, &s->id);
}

static void prepare_known(struct step_state *s)
{
	s->session = core_fixture_sign_in(s->f, STR("known@example.org"), CORE_FIXTURE_PASSWORD);
	s->id = core_fixture_send(s->f, s->f->admin, STR("known@example.org"), STR("Hello"),
				  STR("One"))
			.id;
}

static enum err do_sign_in(struct step_state *s)
{
	struct cx cx = step_cx(s, NULL);
	int64_t wait_s;
	struct sign_in begun = {0};
	enum err err = session_sign_in(&cx, STR("known@example.org"), CORE_FIXTURE_PASSWORD,
				       SESSION_BROWSER, STR("Test"), &begun, &wait_s);
	s->begun = begun;
	return err;
}

static enum err do_save_draft(struct step_state *s)
{
	const struct id fresh = {0};
	struct cx cx = step_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {
		.to = s->address, .subject = STR("Hello"), .body = STR("Something secret")};
	struct draft_saved saved;
	enum err err = draft_save(&cx, &fresh, 0, &draft, &saved, &errors);
	if (err == OK)
		s->id = saved.id;
	return err;
}

static void prepare_draft(struct step_state *s)
{
	arena_init(&s->arena, 16 << 20);
	assert_int_equal(do_save_draft(s), OK);
	arena_release(&s->arena);
}

static enum err do_save_draft_again(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {.body = STR("Something else")};
	struct draft_saved saved;
	return draft_save(&cx, &s->id, 1, &draft, &saved, &errors);
}

static enum err do_send_draft(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	struct form_errors errors = {0};
	struct sent sent;
	return draft_send(&cx, &s->id, s->address, &sent, &errors);
}

static void prepare_reset(struct step_state *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	struct form_errors errors = {0};
	core_fixture_sleep(s->f, HOUR_MS);
	assert_int_equal(account_ask_help(&cx, STR("known@example.org"), &errors), OK);
	s->token = core_fixture_token(s->f, MAIL_RESET, STR("known@example.org"));
}

static enum err do_reset(struct step_state *s)
{
	struct cx cx = step_cx(s, NULL);
	struct form_errors errors = {0};
	struct sign_in begun = {0};
	enum err err = account_reset(&cx, s->token, CORE_FIXTURE_PASSWORD, STR(""), SESSION_BROWSER,
				     STR("Test"), &begun, &errors);
	s->begun = begun;
	return err;
}

static enum err do_change_password(struct step_state *s)
{
	struct cx cx = step_cx(s, s->session);
	struct form_errors errors = {0};
	return account_change_password(&cx, CORE_FIXTURE_PASSWORD, CORE_FIXTURE_PASSWORD, &errors);
}

static enum err do_ask_help(struct step_state *s)
{
	struct cx cx = step_cx(s, NULL);
	struct form_errors errors = {0};
	core_fixture_sleep(s->f, HOUR_MS);
	return account_ask_help(&cx, STR("known@example.org"), &errors);
}

static enum err do_disable(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	return people_enable(&cx, &s->id, false);
}

/* Reads, and writes only a mark that may fail. */
static enum err do_read(struct step_state *s)
{
	struct cx cx = step_cx(s, s->session);
	struct message_list list;
	struct message_view view;
	TRY(mailbox_list(&cx, BOX_INBOX, STR(""), 10, &list));
	for (size_t i = 0; i < list.count; i++)
		if (list.rows[i].is_unreadable)
			return ERR_CORRUPT;
	TRY(mailbox_open(&cx, &s->id, &view));
	return view.is_unreadable || !str_eq(view.body, STR("One")) ? ERR_CORRUPT : OK;
}

/* Every one of its failures leaves the message as it was, or recalled. */
static enum err do_recall(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	const struct recall_wish wish = {.reason = STR("Sorry"), .is_whole = true};
	struct recalled recalled;
	struct form_errors errors = {0};
	return recall_message(&cx, &s->id, &wish, &recalled, &errors);
}

static enum err do_change(struct step_state *s)
{
	struct cx cx = step_cx(s, s->f->admin);
	const struct mailbox_change wish = {.has_box = true,
					    .box = BOX_ARCHIVE,
					    .has_read = true,
					    .is_read = false,
					    .has_labels = true,
					    .labels = &s->address,
					    .label_count = 1};
	struct form_errors errors = {0};
	return mailbox_change(&cx, &s->id, &wish, "labels", &errors);
}

static const struct step {
	const char *name;
	void (*prepare)(struct step_state *s);
	enum err (*act)(struct step_state *s);
	bool is_reading; /* keys may have been re-wrapped and marks made before it failed */
} steps[] = {
	{"sending to somebody known and somebody new", prepare_nothing, do_send},
	{"forwarding what expires to somebody new", prepare_expiring, do_forward},
	{"saving a draft", prepare_nothing, do_save_draft},
	{"saving a draft again", prepare_draft, do_save_draft_again},
	{"sending a draft", prepare_draft, do_send_draft},
	{"registering", prepare_invitation, do_register},
	{"inviting again", prepare_invitation, do_invite_again},
	{"signing in", prepare_nothing, do_sign_in},
	{"asking for help", prepare_nothing, do_ask_help},
	{"resetting the password", prepare_reset, do_reset},
	{"changing the password", prepare_known, do_change_password},
	{"disabling somebody", prepare_invitation, do_disable},
	{"recalling", prepare_known, do_recall},
	{"moving, marking and labelling", prepare_known, do_change},
	{"reading", prepare_known, do_read, true},
};

/* How many rows each table has, and what can change in them. */
static char *state_of(struct core_fixture *f)
{
	return store_direct_read(
		f->url,
		"SELECT (SELECT COUNT(*) FROM drafts) || ' ' || (SELECT COALESCE(SUM(version), 0) "
		"FROM drafts) || ' ' || (SELECT COUNT(*) FROM users) || ' ' || (SELECT "
		"COALESCE(SUM(version), 0) "
		"FROM "
		"users) || ' ' || (SELECT COUNT(*) FROM ways_in) || ' ' || (SELECT COUNT(*) FROM "
		"ways_in WHERE LENGTH(wrapped) > 0) || ' ' || (SELECT COUNT(*) FROM messages) || ' "
		"' "
		"|| (SELECT COUNT(*) FROM deliveries) || ' ' || (SELECT COUNT(*) FROM deliveries "
		"WHERE "
		"LENGTH(sealed) > 0) || ' ' || (SELECT COUNT(*) FROM mails) || ' ' || (SELECT "
		"COUNT(*) "
		"FROM repeats) || ' ' || (SELECT MAX(id) FROM ways_in) || ' ' || (SELECT MAX(id) "
		"FROM "
		"mails) || ' ' || (SELECT COUNT(*) FROM delivery_labels) || ' ' || (SELECT "
		"SUM(box) || "
		"' ' || SUM(is_unread) FROM deliveries)");
}

/* False when the n-th was not reached: the step is through. */
static bool try_step(struct core_fixture *f, const struct step *step, enum fault fault, int n)
{
	static int number;
	struct step_state s = {.f = f};
	struct log_capture log;
	s.address = arena_printf(&f->arena, "guest%d@example.org", number++);
	step->prepare(&s);
	char *before = state_of(f);
	size_t live = secret_live();
	arena_init(&s.arena, 16 << 20);
	log_capture_begin(&log);
	plan_begin(fault, n);
	enum err err = step->act(&s);
	bool was_reached = plan_end();
	bool is_alarm = strstr(log_capture_end(&log), " alarm ") != NULL;
	char *after = state_of(f);
	session_release(s.begun.session);
	arena_release(&s.arena);
	if (is_alarm)
		fail_msg("%s, %s %d: an alarm", step->name, fault_names[fault], n);
	if (err == ERR_CORRUPT || (err != OK && !was_reached))
		fail_msg("%s, %s %d: %s", step->name, fault_names[fault], n, err_name(err));
	if (err != OK && !step->is_reading && strcmp(before, after) != 0)
		fail_msg("%s, %s %d: %s, but %s became %s", step->name, fault_names[fault], n,
			 err_name(err), before, after);
	if (secret_live() != live)
		fail_msg("%s, %s %d: %zu keys were not given back", step->name, fault_names[fault],
			 n, secret_live() - live);
	free(before);
	free(after);
	return was_reached;
}

static void each_step_is_whole_or_absent(void **state)
{
	enum { MOST = 400 };
	struct core_fixture *f = *state;
	core_fixture_person(f, STR("known@example.org"), STR("Known"), GRADE_GUEST);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
			int n = 1;
			while (n < MOST && try_step(f, &steps[i], fault, n))
				n++;
			/* Something must have failed, or the test proves nothing. */
			assert_true(n > 1 && n < MOST);
			if (core_fixture_problems(f) != 0)
				fail_msg("%s, %ss: the check finds problems", steps[i].name,
					 fault_names[fault]);
		}
	}
}

/* ---- a full disk ---- */

static void a_full_disk_refuses_sending_and_lets_read(void **state)
{
	struct core_fixture *f = *state;
	if (f->options.store_url.len > 0)
		skip(); /* its files are the server's */
	signal(SIGXFSZ, SIG_IGN);
	struct sent sent =
		core_fixture_send(f, f->admin, STR("known@example.org"), STR("Hello"), STR("One"));
	struct session *known =
		core_fixture_register(
			f, core_fixture_token(f, MAIL_INVITATION, STR("known@example.org")),
			STR("Known"))
			.sign_in.session;
	struct sent unread =
		core_fixture_send(f, f->admin, STR("known@example.org"), STR("Hello"), STR("Two"));
	size_t mails = f->mail_count;
	char *big = arena_alloc(&f->arena, 1 << 20);
	memset(big, 'b', 1 << 20);
	const struct draft draft = {
		.to = STR("known@example.org"), .subject = STR("Hello"), .body = {big, 1 << 20}};

	struct rlimit before, small;
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	enum err refused = core_fixture_try_send(f, f->admin, &draft, NULL, NULL);
	struct message_view first = core_fixture_open(f, known, &sent.id);
	struct message_view second = core_fixture_open(f, known, &unread.id);
	setrlimit(RLIMIT_FSIZE, &before);

	assert_int_equal(refused, ERR_UNAVAILABLE);
	assert_true(str_eq(first.body, STR("One")));
	assert_true(str_eq(second.body, STR("Two")));
	assert_int_equal(core_fixture_problems(f), 0);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, mails + 1);
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, NULL), OK);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, mails + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_step_is_whole_or_absent),
		CORE_TEST(a_full_disk_refuses_sending_and_lets_read),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
