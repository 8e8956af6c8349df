/* Somebody can write the database, by one injection say, but has no key: nothing they change may
 * give them plaintext, rights or another's name; each change is refused, logged as an alarm, and
 * told by check_all() (ARCHITECTURE, Keys). */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "core/session.h"
#include "store/store_direct.h"

enum { SQL_BYTES = 8192 };

#define SECRET_SUBJECT STR("Results of the blood test")
#define SECRET_BODY STR("The value was 4711.")

struct scene {
	struct core_fixture *f;
	struct sign_in admin, gabi, mallory;
	struct sent to_gabi;    /* from the administrator, unread */
	struct sent to_mallory; /* from the administrator, unread */
	struct sent read;       /* from the administrator to Gabi, read */
	struct str invitation;  /* token of ivo@example.com, who has not registered */
};

/* ---- the log ---- */

static int saved_stderr = -1;
static char log_path[] = "/tmp/postern-log-XXXXXX";

static void log_begin(void)
{
	memcpy(strrchr(log_path, '-') + 1, "XXXXXX", 6);
	int fd = mkstemp(log_path);
	assert_true(fd >= 0);
	saved_stderr = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

/* Whether an alarm was logged since log_begin(). */
static bool log_end(void)
{
	static char bytes[1 << 20];
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	int fd = open(log_path, O_RDONLY);
	ssize_t len = read(fd, bytes, sizeof(bytes) - 1);
	close(fd);
	unlink(log_path);
	bytes[len > 0 ? len : 0] = '\0';
	assert_null(strstr(bytes, "4711"));
	return strstr(bytes, " alarm ") != NULL;
}

/* ---- the scene ---- */

static struct sign_in sign_in(struct core_fixture *f, struct str address)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun;
	int64_t wait_s;
	assert_int_equal(session_sign_in(&cx, address, CORE_FIXTURE_PASSWORD, SESSION_BROWSER,
					 STR("Test"), &begun, &wait_s),
			 OK);
	core_fixture_keep(f, begun.session);
	return begun;
}

static void set_scene(struct scene *s, struct core_fixture *f)
{
	s->f = f;
	core_fixture_person(f, STR("gabi@example.com"), STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("mallory@example.com"), STR("Mallory"), GRADE_GUEST);
	s->admin = sign_in(f, STR("admin@example.com"));
	s->gabi = sign_in(f, STR("gabi@example.com"));
	s->mallory = sign_in(f, STR("mallory@example.com"));
	core_fixture_sleep(f, SECOND_MS);
	s->to_gabi = core_fixture_send(f, f->admin, STR("gabi@example.com"), SECRET_SUBJECT,
				       SECRET_BODY);
	core_fixture_sleep(f, SECOND_MS);
	s->to_mallory = core_fixture_send(f, f->admin, STR("mallory@example.com"), STR("Hello"),
					  STR("Nothing secret."));
	core_fixture_sleep(f, SECOND_MS);
	s->read = core_fixture_send(f, f->admin, STR("gabi@example.com"), SECRET_SUBJECT,
				    SECRET_BODY);
	core_fixture_open(f, s->gabi.session, &s->read.id);
	core_fixture_sleep(f, SECOND_MS);
	core_fixture_send(f, f->admin, STR("ivo@example.com"), SECRET_SUBJECT, SECRET_BODY);
	s->invitation = core_fixture_token(f, MAIL_INVITATION, STR("ivo@example.com"));
	core_fixture_rule(f, STR("bad.example"), false, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* {gabi} and so on in the SQL stand for ids. */
static const char *fill(const struct scene *s, const char *sql)
{
	static char out[SQL_BYTES];
	const struct {
		const char *word;
		const char *id;
	} words[] = {
		{"{gabi}", s->gabi.session->user.id.text},
		{"{mallory}", s->mallory.session->user.id.text},
		{"{admin}", s->f->admin->user.id.text},
		{"{gabis_session}", s->gabi.session->id.text},
		{"{mallorys_session}", s->mallory.session->id.text},
		{"{to_gabi}", s->to_gabi.id.text},
		{"{to_mallory}", s->to_mallory.id.text},
		{"{read}", s->read.id.text},
	};
	size_t used = 0;
	while (*sql) {
		size_t taken = 0;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && *sql == '{'; i++) {
			if (strncmp(sql, words[i].word, strlen(words[i].word)) != 0)
				continue;
			used += (size_t)snprintf(out + used, sizeof(out) - used, "%s", words[i].id);
			taken = strlen(words[i].word);
		}
		if (taken == 0)
			out[used++] = *sql;
		sql += taken ? taken : 1;
		assert_true(used < sizeof(out) - 1);
	}
	out[used] = '\0';
	return out;
}

/* ---- what each attack must not reach: true when it was refused ---- */

static enum err next_request(const struct scene *s, struct str token, struct session **ret)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	enum err err = session_open(&cx, token, SESSION_BROWSER, ret);
	if (err == OK)
		core_fixture_keep(s->f, *ret);
	return err;
}

static bool is_refused_everywhere(const struct scene *s, struct str token)
{
	struct session *session;
	return next_request(s, token, &session) == ERR_CORRUPT;
}

static bool gabi_is_refused(const struct scene *s)
{
	return is_refused_everywhere(s, s->gabi.token);
}

static bool mallory_is_refused(const struct scene *s)
{
	return is_refused_everywhere(s, s->mallory.token);
}

static bool sending_to_gabi_is_refused(const struct scene *s)
{
	const struct draft draft = {
		.to = STR("gabi@example.com"), .subject = STR("x"), .body = STR("y")};
	return core_fixture_try_send(s->f, s->f->admin, &draft, NULL, NULL) == ERR_CORRUPT;
}

static bool is_unreadable(const struct scene *s, struct session *session, const struct id *id)
{
	struct cx cx = core_fixture_cx(s->f, session);
	struct message_view view;
	struct message_list list;
	enum err err = mailbox_open(&cx, id, &view);
	if (err != OK)
		return err == ERR_CORRUPT || err == ERR_NOT_FOUND;
	if (!view.is_unreadable || view.subject.len || view.body.len || view.sender.address.len)
		return false;
	if (mailbox_list(&cx, BOX_INBOX, STR(""), 50, &list) != OK)
		return false;
	struct conversation_view conversation;
	if (mailbox_conversation(&cx, id, &conversation) == OK)
		for (size_t i = 0; i < conversation.count; i++)
			if (id_eq(&conversation.messages[i].id, id) &&
			    conversation.messages[i].body.len)
				return false;
	struct draft draft;
	return message_reply_draft(&cx, id, true, &draft) == ERR_CORRUPT;
}

static bool gabi_cannot_read(const struct scene *s)
{
	return is_unreadable(s, s->gabi.session, &s->to_gabi.id);
}

static bool gabi_cannot_read_again(const struct scene *s)
{
	return is_unreadable(s, s->gabi.session, &s->read.id);
}

static bool mallory_cannot_read_gabis(const struct scene *s)
{
	return is_unreadable(s, s->mallory.session, &s->to_gabi.id);
}

static bool mallory_cannot_read_her_own(const struct scene *s)
{
	return is_unreadable(s, s->mallory.session, &s->to_mallory.id);
}

static bool mallorys_password_is_refused(const struct scene *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	struct sign_in begun;
	int64_t wait_s;
	enum err err = session_sign_in(&cx, STR("gabi@example.com"), CORE_FIXTURE_PASSWORD,
				       SESSION_BROWSER, STR("Test"), &begun, &wait_s);
	if (err == OK)
		core_fixture_keep(s->f, begun.session);
	return err != OK;
}

static bool gabis_reset_is_refused(const struct scene *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	struct form_errors errors = {0};
	struct sign_in begun;
	if (account_ask_help(&cx, STR("gabi@example.com"), &errors) != OK)
		return true;
	struct str token = core_fixture_token(s->f, MAIL_RESET, STR("gabi@example.com"));
	return account_reset(&cx, token, STR("copper lantern meadow 7"), STR(""), SESSION_BROWSER,
			     STR("Test"), &begun, &errors) == ERR_CORRUPT;
}

static bool the_link_is_refused(const struct scene *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	struct invitation_view view;
	return register_look(&cx, s->invitation, &view) == ERR_CORRUPT;
}

static bool inviting_there_is_refused(const struct scene *s)
{
	const struct draft draft = {
		.to = STR("someone@bad.example"), .subject = STR("x"), .body = STR("y")};
	return core_fixture_try_send(s->f, s->f->admin, &draft, NULL, NULL) == ERR_CORRUPT;
}

static bool the_portal_does_not_open(const struct scene *s)
{
	struct portal *portal;
	if (portal_open(&s->f->options, &portal) == ERR_CORRUPT)
		return true;
	portal_close(portal);
	return false;
}

static bool nothing_more(const struct scene *s)
{
	(void)s;
	return true;
}

#define COPY(column, table, from, to)                                                              \
	"UPDATE " table " SET " column " = (SELECT " column " FROM " table " WHERE " from          \
	") WHERE " to

static const struct attack {
	const char *sentence;
	const char *sql;
	bool (*is_refused)(const struct scene *s);
} attacks[] = {
	{"a swapped public key", COPY("public_key", "users", "id = '{mallory}'", "id = '{gabi}'"),
	 sending_to_gabi_is_refused},
	{"a swapped public key with its MAC",
	 "UPDATE users SET public_key = (SELECT public_key FROM users WHERE id = '{mallory}'), mac "
	 "= (SELECT mac FROM users WHERE id = '{mallory}') WHERE id = '{gabi}'",
	 sending_to_gabi_is_refused},
	{"a raised grade", "UPDATE users SET grade = 2 WHERE id = '{mallory}'", mallory_is_refused},
	{"a raised role", "UPDATE users SET role = 1 WHERE id = '{mallory}'", mallory_is_refused},
	{"both, and a new version",
	 "UPDATE users SET grade = 2, role = 1, version = version + 1 WHERE id = '{mallory}'",
	 mallory_is_refused},
	{"another state", "UPDATE users SET state = 1 WHERE id = '{mallory}'", mallory_is_refused},
	{"laxer custody", "UPDATE users SET custody = 2 WHERE id = '{gabi}'", gabi_is_refused},
	{"another's address", "UPDATE users SET address = 'gabi@example.net' WHERE id = '{gabi}'",
	 gabi_is_refused},
	{"another's address key",
	 "UPDATE users SET address_key = 'gabi@example.net' WHERE id = '{gabi}'", gabi_is_refused},
	{"another's name", "UPDATE users SET name = 'Ada Admin' WHERE id = '{mallory}'",
	 mallory_is_refused},
	{"never registered", "UPDATE users SET is_registered = 0 WHERE id = '{gabi}'",
	 gabi_is_refused},
	{"another inviter", "UPDATE users SET invited_by = '{mallory}' WHERE id = '{gabi}'",
	 gabi_is_refused},

	{"a copied session row",
	 "INSERT INTO ways_in SELECT '01AAAAAAAAAAAAAAAAAAAAAAAA', '{gabi}', kind, wrapped, salt, "
	 "cost_memory_bytes, cost_passes, secret_hash, made_by, created_ms, expires_ms, used_ms, "
	 "label, remote, mac FROM ways_in WHERE id = '{mallorys_session}'",
	 nothing_more},
	{"one's session made another's",
	 "UPDATE ways_in SET user_id = '{gabi}' WHERE id = '{mallorys_session}'",
	 mallory_is_refused},
	{"another's wrap in one's session",
	 COPY("wrapped", "ways_in", "id = '{gabis_session}'", "id = '{mallorys_session}'"),
	 mallory_is_refused},
	{"a session that never ends",
	 "UPDATE ways_in SET expires_ms = 9999999999999 WHERE id = '{mallorys_session}'",
	 mallory_is_refused},
	{"a session from somewhere else",
	 "UPDATE ways_in SET remote = '198.51.100.7' WHERE id = '{mallorys_session}'",
	 mallory_is_refused},
	{"one's password planted for another",
	 "INSERT INTO ways_in SELECT '01ZZZZZZZZZZZZZZZZZZZZZZZZ', '{gabi}', kind, wrapped, salt, "
	 "cost_memory_bytes, cost_passes, secret_hash, made_by, created_ms, expires_ms, used_ms, "
	 "label, remote, mac FROM ways_in WHERE user_id = '{mallory}' AND kind = 1",
	 mallorys_password_is_refused},
	{"a planted escrow",
	 "INSERT INTO ways_in SELECT '01ZZZZZZZZZZZZZZZZZZZZZZZZ', '{gabi}', kind, wrapped, salt, "
	 "cost_memory_bytes, cost_passes, secret_hash, made_by, created_ms, expires_ms, used_ms, "
	 "label, remote, mac FROM ways_in WHERE user_id = '{mallory}' AND kind = 6",
	 gabis_reset_is_refused},
	{"another's escrow",
	 COPY("wrapped", "ways_in", "user_id = '{mallory}' AND kind = 6",
	      "user_id = '{gabi}' AND kind = 6"),
	 gabis_reset_is_refused},
	{"a cheaper password",
	 "UPDATE ways_in SET cost_passes = 2 WHERE user_id = '{gabi}' AND kind = 1",
	 mallorys_password_is_refused},
	{"an invitation that never expires",
	 "UPDATE ways_in SET expires_ms = 9999999999999 WHERE kind = 4 AND used_ms = 0",
	 the_link_is_refused},
	{"an invitation by another",
	 "UPDATE ways_in SET made_by = '{mallory}' WHERE kind = 4 AND used_ms = 0",
	 the_link_is_refused},

	{"a forged sender", "UPDATE messages SET sender_id = '{mallory}' WHERE id = '{to_gabi}'",
	 gabi_cannot_read},
	{"a forged time", "UPDATE messages SET sent_ms = sent_ms - 1 WHERE id = '{to_gabi}'",
	 gabi_cannot_read},
	{"another conversation",
	 "UPDATE messages SET conversation_id = '{to_mallory}' WHERE id = '{to_gabi}'",
	 gabi_cannot_read},
	{"an answer to something else",
	 "UPDATE messages SET parent_id = '{to_mallory}' WHERE id = '{to_gabi}'", gabi_cannot_read},
	{"another message's subject",
	 COPY("subject", "messages", "id = '{read}'", "id = '{to_gabi}'"), gabi_cannot_read},
	{"another message's body", COPY("body", "messages", "id = '{read}'", "id = '{to_gabi}'"),
	 gabi_cannot_read},
	{"another message's body with its hash",
	 "UPDATE messages SET body = (SELECT body FROM messages WHERE id = '{read}'), body_hash = "
	 "(SELECT body_hash FROM messages WHERE id = '{read}') WHERE id = '{to_gabi}'",
	 gabi_cannot_read},
	{"subject and body exchanged",
	 "UPDATE messages SET subject = body, body = subject WHERE id = '{to_gabi}'",
	 gabi_cannot_read},
	{"everything of another message",
	 "UPDATE messages SET subject = (SELECT subject FROM messages WHERE id = '{read}'), body = "
	 "(SELECT body FROM messages WHERE id = '{read}'), body_hash = (SELECT body_hash FROM "
	 "messages WHERE id = '{read}'), mac = (SELECT mac FROM messages WHERE id = '{read}') "
	 "WHERE id = '{to_gabi}'",
	 gabi_cannot_read},

	{"another's delivery copied",
	 "INSERT INTO deliveries SELECT message_id, '{mallory}', kind, box, sealed, wrapped, "
	 "opened_ms, mac FROM deliveries WHERE message_id = '{to_gabi}' AND user_id = '{gabi}'",
	 mallory_cannot_read_gabis},
	{"another's delivery taken over",
	 "UPDATE deliveries SET user_id = '{mallory}' WHERE message_id = '{to_gabi}' AND user_id = "
	 "'{gabi}'",
	 mallory_cannot_read_gabis},
	{"one's own delivery of another message",
	 "UPDATE deliveries SET message_id = '{to_gabi}' WHERE message_id = '{to_mallory}' AND "
	 "user_id = '{mallory}'",
	 mallory_cannot_read_gabis},
	{"another's sealed key",
	 COPY("sealed", "deliveries", "message_id = '{to_gabi}' AND user_id = '{gabi}'",
	      "message_id = '{to_mallory}' AND user_id = '{mallory}'"),
	 mallory_cannot_read_her_own},
	{"the key of one's other message",
	 COPY("wrapped", "deliveries", "message_id = '{to_gabi}' AND user_id = '{admin}'",
	      "message_id = '{read}' AND user_id = '{gabi}'"),
	 gabi_cannot_read_again},
	{"a Bcc made visible",
	 "UPDATE deliveries SET kind = 3 WHERE message_id = '{to_gabi}' AND user_id = '{gabi}'",
	 gabi_cannot_read},

	{"a refusal made an allowance",
	 "UPDATE rules SET is_allowed = 1 WHERE pattern = 'bad.example'",
	 inviting_there_is_refused},
	{"a rule that gives a grade", "UPDATE rules SET grade = 2 WHERE pattern = 'bad.example'",
	 inviting_there_is_refused},
	{"a rule planted with another's MAC",
	 "INSERT INTO rules SELECT 'someone@bad.example', 1, 2, created_ms, mac FROM rules WHERE "
	 "pattern = 'bad.example'",
	 inviting_there_is_refused},

	{"another public address", COPY("value", "settings", "name = 'name'", "name = 'url'"),
	 the_portal_does_not_open},
	{"laxer custody for all", COPY("value", "settings", "name = 'name'", "name = 'custody'"),
	 the_portal_does_not_open},
	{"another setting's row",
	 "UPDATE settings SET value = (SELECT value FROM settings WHERE name = 'url'), mac = "
	 "(SELECT mac FROM settings WHERE name = 'url') WHERE name = 'name'",
	 the_portal_does_not_open},
	{"a setting that was never made",
	 "INSERT INTO settings SELECT 'seat_limit', value, mac FROM settings WHERE name = "
	 "'custody'",
	 the_portal_does_not_open},
	{"another portal key", COPY("value", "settings", "name = 'url'", "name = 'portal_key'"),
	 the_portal_does_not_open},
};

static const char *const saved_tables[] = {"settings", "users",    "ways_in",
					   "rules",    "messages", "deliveries"};
enum { SAVED_TABLES = sizeof(saved_tables) / sizeof(saved_tables[0]) };

static void save_all(const struct scene *s)
{
	char sql[256];
	for (size_t i = 0; i < SAVED_TABLES; i++) {
		snprintf(sql, sizeof(sql), "CREATE TABLE saved_%s AS SELECT * FROM %s",
			 saved_tables[i], saved_tables[i]);
		store_direct_run(s->f->url, sql);
	}
}

/* Everything as it was, so that each attack meets a whole portal. */
static void restore_all(const struct scene *s)
{
	char sql[256];
	for (size_t i = SAVED_TABLES; i-- > 0;) {
		snprintf(sql, sizeof(sql), "DELETE FROM %s", saved_tables[i]);
		store_direct_run(s->f->url, sql);
	}
	for (size_t i = 0; i < SAVED_TABLES; i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO %s SELECT * FROM saved_%s", saved_tables[i],
			 saved_tables[i]);
		store_direct_run(s->f->url, sql);
	}
}

static void each_attack_is_refused_and_reported(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	save_all(&s);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		store_direct_run(s.f->url, fill(&s, attacks[i].sql));
		core_fixture_sleep(s.f, HOUR_MS / 4); /* asking for help is allowed again */
		log_begin();
		bool is_refused = attacks[i].is_refused(&s);
		bool is_alarm = log_end();
		log_begin();
		int64_t problems = core_fixture_problems(s.f);
		bool is_check_alarm = log_end();
		if (!is_refused)
			fail_msg("%s: not refused", attacks[i].sentence);
		if (!is_alarm && attacks[i].is_refused != nothing_more)
			fail_msg("%s: no alarm", attacks[i].sentence);
		if (problems == 0 || !is_check_alarm)
			fail_msg("%s: not found by the check", attacks[i].sentence);
		restore_all(&s);
		if (core_fixture_problems(s.f) != 0)
			fail_msg("%s: not restored", attacks[i].sentence);
		core_fixture_sleep(s.f, 0);
	}
	/* The test itself changed nothing: all still works. */
	struct message_view view = core_fixture_open(s.f, s.gabi.session, &s.to_gabi.id);
	assert_true(str_eq(view.body, SECRET_BODY));
}

/* A session ended by a disabled state can not be had back by setting the state. */
static void re_enabling_by_hand_is_refused(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	struct cx admin = core_fixture_cx(s.f, s.f->admin);
	assert_int_equal(people_enable(&admin, &s.mallory.session->user.id, false), OK);
	store_direct_run(s.f->url, fill(&s, "UPDATE users SET state = 2 WHERE id = '{mallory}'"));
	struct cx cx = core_fixture_cx(s.f, NULL);
	struct sign_in begun;
	int64_t wait_s;
	log_begin();
	enum err err = session_sign_in(&cx, STR("mallory@example.com"), CORE_FIXTURE_PASSWORD,
				       SESSION_BROWSER, STR("Test"), &begun, &wait_s);
	assert_true(log_end());
	assert_int_equal(err, ERR_CORRUPT);
}

/* ---- one flipped bit anywhere ---- */

static const struct {
	const char *table, *column, *where;
} flips[] = {
	/* First: while anything else is damaged the message is read, and then it is sealed no more.
	 */
	{"deliveries", "sealed", "message_id = '{to_gabi}' AND user_id = '{gabi}'"},
	{"users", "public_key", "id = '{gabi}'"},
	{"users", "mac", "id = '{gabi}'"},
	{"ways_in", "wrapped", "id = '{gabis_session}'"},
	{"ways_in", "mac", "id = '{gabis_session}'"},
	{"ways_in", "wrapped", "user_id = '{gabi}' AND kind = 1"},
	{"ways_in", "salt", "user_id = '{gabi}' AND kind = 1"},
	{"ways_in", "mac", "user_id = '{gabi}' AND kind = 1"},
	{"ways_in", "wrapped", "user_id = '{gabi}' AND kind = 5"},
	{"ways_in", "wrapped", "user_id = '{gabi}' AND kind = 6"},
	{"ways_in", "wrapped", "kind = 4 AND used_ms = 0"},
	{"ways_in", "secret_hash", "kind = 4 AND used_ms = 0"},
	{"ways_in", "mac", "kind = 4 AND used_ms = 0"},
	{"messages", "subject", "id = '{to_gabi}'"},
	{"messages", "body", "id = '{to_gabi}'"},
	{"messages", "body_hash", "id = '{to_gabi}'"},
	{"messages", "mac", "id = '{to_gabi}'"},
	{"deliveries", "mac", "message_id = '{to_gabi}' AND user_id = '{gabi}'"},
	{"deliveries", "wrapped", "message_id = '{read}' AND user_id = '{gabi}'"},
	{"deliveries", "mac", "message_id = '{read}' AND user_id = '{gabi}'"},
	{"rules", "mac", "pattern = 'bad.example'"},
	{"settings", "value", "name = 'url'"},
	{"settings", "value", "name = 'custody'"},
	{"settings", "mac", "name = 'url'"},
	{"settings", "value", "name = 'portal_key'"},
	{"settings", "mac", "name = 'portal_key'"},
	{"mails", "content", "state = 1"},
};

static bool is_sqlite(const struct scene *s)
{
	return strncmp(s->f->url, "sqlite:", strlen("sqlite:")) == 0;
}

static char *read_hex(const struct scene *s, size_t i)
{
	char expression[64], where[256], sql[512];
	snprintf(where, sizeof(where), "%s", fill(s, flips[i].where));
	if (is_sqlite(s))
		snprintf(expression, sizeof(expression), "lower(hex(%s))", flips[i].column);
	else
		snprintf(expression, sizeof(expression), "encode(%s, 'hex')", flips[i].column);
	snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE %s", expression, flips[i].table, where);
	return store_direct_read(s->f->url, sql);
}

static void write_hex(const struct scene *s, size_t i, const char *hex)
{
	char sql[SQL_BYTES];
	snprintf(sql, sizeof(sql), "UPDATE %s SET %s = %s'%s'%s WHERE %s", flips[i].table,
		 flips[i].column, is_sqlite(s) ? "x" : "decode(", hex,
		 is_sqlite(s) ? "" : ", 'hex')", fill(s, flips[i].where));
	store_direct_run(s->f->url, sql);
}

static void check_damaged(const struct scene *s, size_t i, size_t at)
{
	struct cx cx = core_fixture_cx(s->f, s->gabi.session);
	struct message_view view;
	log_begin();
	int64_t problems = core_fixture_problems(s->f);
	const struct id *const ids[] = {&s->to_gabi.id, &s->read.id};
	for (size_t m = 0; m < 2; m++) {
		enum err err = mailbox_open(&cx, ids[m], &view);
		assert_int_equal(err, OK);
		/* Either as it was written or not at all. */
		assert_true(view.is_unreadable ? view.body.len == 0
					       : str_eq(view.body, SECRET_BODY));
		assert_true(view.is_unreadable ? view.subject.len == 0
					       : str_eq(view.subject, SECRET_SUBJECT));
	}
	(void)log_end();
	if (problems == 0)
		fail_msg("%s.%s, digit %zu: not found by the check", flips[i].table,
			 flips[i].column, at);
}

static void one_changed_bit_is_found_everywhere(void **state)
{
	struct scene s;
	set_scene(&s, *state);
	/* One that waits in the queue. */
	core_fixture_send(s.f, s.f->admin, STR("mallory@example.com"), STR("x"), STR("y"));
	for (size_t i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		char *hex = read_hex(&s, i);
		if (hex == NULL || *hex == '\0')
			fail_msg("%s.%s is empty", flips[i].table, flips[i].column);
		size_t len = strlen(hex);
		/* First, last and some digits between; and one byte less. */
		const size_t places[] = {0, 1, len / 3, len / 2, len - 1};
		for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
			char *bent = strdup(hex);
			bent[places[p]] = hex[places[p]] == '0' ? '1' : '0';
			write_hex(&s, i, bent);
			check_damaged(&s, i, places[p]);
			free(bent);
		}
		char *shorter = strdup(hex);
		shorter[len - 2] = '\0';
		write_hex(&s, i, shorter);
		check_damaged(&s, i, len);
		free(shorter);
		write_hex(&s, i, hex);
		if (core_fixture_problems(s.f) != 0)
			fail_msg("%s.%s: not restored", flips[i].table, flips[i].column);
		free(hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_attack_is_refused_and_reported),
		CORE_TEST(re_enabling_by_hand_is_refused),
		CORE_TEST(one_changed_bit_is_found_everywhere),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
