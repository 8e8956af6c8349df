#include "core/core_fixture.h"

#include "core/check.h"
#include "core/people.h"
#include "core/settings_live.h"
#include "store/rules.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 512 << 20 };

static const int64_t start_ms = INT64_C(1767225600000); /* 2026-01-01 */
static const struct password_cost cheap = {.memory_bytes = 8192, .passes = 1};

static void must(bool is_fine, const char *what)
{
	if (is_fine)
		return;
	fprintf(stderr, "core_fixture: %s failed\n", what);
	exit(1);
}

static void must_be_ok(enum err err, const char *what)
{
	if (err != OK)
		fprintf(stderr, "core_fixture: %s\n", err_name(err));
	must(err == OK, what);
}

static int64_t now_ms(const struct clock *clock)
{
	return atomic_load(&((const struct core_fixture_clock *)clock)->now_ms);
}

static void make_place(struct core_fixture *fixture, bool is_postgres)
{
	const char *base = getenv("TMPDIR");
	must(snprintf(fixture->folder, sizeof(fixture->folder), "%s/postern-XXXXXX",
		      base ? base : "/tmp") < (int)sizeof(fixture->folder),
	     "TMPDIR");
	must(mkdtemp(fixture->folder) != NULL, "mkdtemp");
	if (is_postgres) {
		store_fixture_init(&fixture->store, true);
		memcpy(fixture->url, fixture->store.url, sizeof(fixture->url));
		fixture->options.store_url = str_of(fixture->url);
	} else {
		snprintf(fixture->url, sizeof(fixture->url), "sqlite:%s/postern.db",
			 fixture->folder);
	}
}

void core_fixture_init(struct core_fixture *fixture, bool is_postgres, enum custody custody)
{
	memset(fixture, 0, sizeof(*fixture));
	must_be_ok(crypto_init(), "crypto_init");
	arena_init(&fixture->arena, ARENA_BYTES);
	fixture->clock.clock.now_ms = now_ms;
	fixture->clock.now_ms = start_ms;
	/* What a power cut does is tested by tests/power. */
	fixture->options = (struct portal_options){.is_store_unsafe = true,
						   .clock = &fixture->clock.clock,
						   .password_cost = &cheap,
						   .password_queue_max = 64,
						   .max_connections = 8};
	make_place(fixture, is_postgres);
	fixture->options.data_dir = str_of(fixture->folder);
	const struct portal_setup setup = {
		.name = STR("Harbour Clinic"),
		.url = STR("https://mail.example.com"),
		.admin_address = STR("admin@example.com"),
		.custody = custody,
	};
	struct str link;
	must_be_ok(portal_create(&fixture->options, &setup, &fixture->arena, &link),
		   "portal_create");
	must_be_ok(portal_open(&fixture->options, &fixture->portal), "portal_open");
	struct str token = str_slice(link, strlen("https://mail.example.com/register/"), link.len);
	struct registration registration = core_fixture_register(fixture, token, STR("Ada Admin"));
	fixture->admin = registration.sign_in.session;
	fixture->admin_recovery_code = registration.recovery_code;
}

static void remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	must(folder != NULL, "opendir");
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		char child[512];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		must(snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) <
			     (int)sizeof(child),
		     "a short path");
		if (unlink(child) != 0)
			remove_folder(child);
	}
	closedir(folder);
	must(rmdir(path) == 0, "rmdir");
}

void core_fixture_release(struct core_fixture *fixture)
{
	for (size_t i = 0; i < fixture->session_count; i++)
		session_release(fixture->sessions[i]);
	portal_close(fixture->portal);
	fixture->portal = NULL;
	arena_release(&fixture->arena);
	if (fixture->store.url[0])
		store_fixture_release(&fixture->store);
	remove_folder(fixture->folder);
}

void core_fixture_reopen(struct core_fixture *fixture)
{
	portal_close(fixture->portal);
	fixture->portal = NULL;
	must_be_ok(portal_open(&fixture->options, &fixture->portal), "portal_open");
}

void core_fixture_sleep(struct core_fixture *fixture, int64_t ms)
{
	atomic_fetch_add(&fixture->clock.now_ms, ms);
}

void core_fixture_set(struct core_fixture *fixture, const char *name, struct str value)
{
	struct arena arena CLEANUP_ARENA;
	struct form_errors errors = {0};
	const struct setting_change change = {str_of(name), value};
	arena_init(&arena, 1 << 20);
	struct cx cx = {
		.arena = &arena, .portal = fixture->portal, .language = language_find(STR("en"))};
	must_be_ok(settings_live_change(&cx, &change, 1, 0, &errors), name);
}

static enum err write_rule(struct db *db, void *argument)
{
	return rules_put(db, argument);
}

void core_fixture_rule(struct core_fixture *fixture, struct str pattern, bool is_allowed,
		       enum grade grade)
{
	struct rule rule = {.pattern = pattern,
			    .is_allowed = is_allowed,
			    .grade = grade,
			    .created_ms = fixture->clock.now_ms};
	must_be_ok(store_transact(fixture->portal->store, write_rule, &rule, NULL), "rules_put");
}

struct cx core_fixture_cx(struct core_fixture *fixture, struct session *session)
{
	return (struct cx){.arena = &fixture->arena,
			   .portal = fixture->portal,
			   .session = session,
			   .language = language_find(STR("en")),
			   .remote = STR("192.0.2.1")};
}

void core_fixture_take_mails(struct core_fixture *fixture)
{
	struct cx cx = core_fixture_cx(fixture, NULL);
	for (;;) {
		int64_t next_due_ms;
		must(fixture->mail_count < CORE_FIXTURE_MAILS_MAX, "room for mails");
		struct outbox_mail *mail = &fixture->mails[fixture->mail_count];
		enum err err = outbox_claim(&cx, MINUTE_MS, mail, &next_due_ms);
		if (err == ERR_NOT_FOUND)
			return;
		must_be_ok(err, "outbox_claim");
		must_be_ok(outbox_settle(&cx, mail, OUTBOX_ACCEPTED, STR("250 fine")),
			   "outbox_settle");
		fixture->mail_count++;
	}
}

size_t core_fixture_count_mails(struct core_fixture *fixture, enum mail_kind kind,
				struct str address)
{
	size_t count = 0;
	core_fixture_take_mails(fixture);
	for (size_t i = 0; i < fixture->mail_count; i++)
		count += fixture->mails[i].kind == kind &&
			 str_eq(fixture->mails[i].to_address, address);
	return count;
}

struct str core_fixture_token(struct core_fixture *fixture, enum mail_kind kind, struct str address)
{
	struct str token = STR_NONE;
	core_fixture_take_mails(fixture);
	for (size_t i = 0; i < fixture->mail_count; i++) {
		struct outbox_mail *mail = &fixture->mails[i];
		if (mail->kind != kind || !str_eq(mail->to_address, address))
			continue;
		struct str link = mail->link;
		while (str_next(&link, '/', &token))
			continue;
	}
	must(token.len > 0, "finding a link");
	return token;
}

struct session *core_fixture_keep(struct core_fixture *fixture, struct session *session)
{
	must(fixture->session_count < CORE_FIXTURE_SESSIONS_MAX, "room for sessions");
	fixture->sessions[fixture->session_count++] = session;
	return session;
}

struct registration core_fixture_register(struct core_fixture *fixture, struct str token,
					  struct str name)
{
	struct cx cx = core_fixture_cx(fixture, NULL);
	struct registration registration;
	struct form_errors errors = {0};
	must_be_ok(register_complete(&cx, token, name, CORE_FIXTURE_PASSWORD, true, SESSION_BROWSER,
				     STR("Test"), &registration, &errors),
		   "register_complete");
	core_fixture_keep(fixture, registration.sign_in.session);
	return registration;
}

struct session *core_fixture_person(struct core_fixture *fixture, struct str address,
				    struct str name, enum grade grade)
{
	const struct draft draft = {.to = address,
				    .subject = STR("Welcome"),
				    .body = STR("Please register."),
				    .invite_as = grade};
	must_be_ok(core_fixture_try_send(fixture, fixture->admin, &draft, NULL, NULL), "inviting");
	struct str token = core_fixture_token(fixture, MAIL_INVITATION, address);
	return core_fixture_register(fixture, token, name).sign_in.session;
}

struct session *core_fixture_sign_in(struct core_fixture *fixture, struct str address,
				     struct str password)
{
	struct cx cx = core_fixture_cx(fixture, NULL);
	struct sign_in sign_in;
	int64_t wait_s;
	must_be_ok(session_sign_in(&cx, address, password, SESSION_BROWSER, STR("Test"), &sign_in,
				   &wait_s),
		   "session_sign_in");
	return core_fixture_keep(fixture, sign_in.session);
}

struct session *core_fixture_next_request(struct core_fixture *fixture, struct str token)
{
	struct cx cx = core_fixture_cx(fixture, NULL);
	struct session *session;
	enum err err = session_open(&cx, token, SESSION_BROWSER, &session);
	if (err == ERR_NOT_FOUND)
		return NULL;
	must_be_ok(err, "session_open");
	return core_fixture_keep(fixture, session);
}

enum err core_fixture_try_send(struct core_fixture *fixture, struct session *session,
			       const struct draft *draft, struct sent *ret,
			       struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(fixture, session);
	struct sent sent;
	struct form_errors own_errors = {0};
	enum err err = message_send(&cx, draft, &sent, errors ? errors : &own_errors);
	if (err == OK && ret)
		*ret = sent;
	return err;
}

struct sent core_fixture_send(struct core_fixture *fixture, struct session *session, struct str to,
			      struct str subject, struct str body)
{
	const struct draft draft = {.to = to, .subject = subject, .body = body};
	struct sent sent;
	must_be_ok(core_fixture_try_send(fixture, session, &draft, &sent, NULL), "message_send");
	return sent;
}

struct message_view core_fixture_open(struct core_fixture *fixture, struct session *session,
				      const struct id *id)
{
	struct cx cx = core_fixture_cx(fixture, session);
	struct message_view view;
	must_be_ok(mailbox_open(&cx, id, &view), "mailbox_open");
	return view;
}

struct user core_fixture_user(struct core_fixture *fixture, struct str address)
{
	struct cx cx = core_fixture_cx(fixture, NULL);
	struct user user;
	must_be_ok(people_find(&cx, address, &user), "people_find");
	return user;
}

static void tell_nobody(void *argument, struct str sentence)
{
	(void)argument, (void)sentence;
}

int64_t core_fixture_problems(struct core_fixture *fixture)
{
	struct cx cx = core_fixture_cx(fixture, NULL);
	struct check_report report;
	must_be_ok(check_all(&cx, tell_nobody, NULL, &report), "check_all");
	return report.problems;
}
