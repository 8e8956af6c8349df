/* Somebody can write the database, by one injection say, but has no key: nothing they change may
 * give them plaintext, rights or another's name; each change is refused, logged as an alarm, and
 * told by check_all() (ARCHITECTURE, Keys). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "core/account.h"
#include "core/attack_scene.h"
#include "core/contact.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "core/session.h"
#include "store/store_direct.h"

/* ---- what each attack must not reach: true when it was refused ---- */

static enum err next_request(const struct attack_scene *s, struct str token, struct session **ret)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	enum err err = session_open(&cx, token, SESSION_BROWSER, ret);
	if (err == OK)
		core_fixture_keep(s->f, *ret);
	return err;
}

static bool is_refused_everywhere(const struct attack_scene *s, struct str token)
{
	struct session *session;
	return next_request(s, token, &session) == ERR_CORRUPT;
}

static bool gabi_is_refused(const struct attack_scene *s)
{
	return is_refused_everywhere(s, s->gabi.token);
}

static bool mallory_is_refused(const struct attack_scene *s)
{
	return is_refused_everywhere(s, s->mallory.token);
}

static bool sending_to_gabi_is_refused(const struct attack_scene *s)
{
	const struct draft draft = {
		.to = STR("gabi@example.com"), .subject = STR("x"), .body = STR("y")};
	return core_fixture_try_send(s->f, s->f->admin, &draft, NULL, NULL) == ERR_CORRUPT;
}

static bool is_unreadable(const struct attack_scene *s, struct session *session,
			  const struct id *id)
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

static bool gabi_cannot_read(const struct attack_scene *s)
{
	return is_unreadable(s, s->gabi.session, &s->to_gabi.id);
}

static bool gabi_cannot_read_again(const struct attack_scene *s)
{
	return is_unreadable(s, s->gabi.session, &s->read.id);
}

static bool mallory_cannot_read_gabis(const struct attack_scene *s)
{
	return is_unreadable(s, s->mallory.session, &s->to_gabi.id);
}

static bool mallory_cannot_read_her_own(const struct attack_scene *s)
{
	return is_unreadable(s, s->mallory.session, &s->to_mallory.id);
}

static bool mallorys_password_is_refused(const struct attack_scene *s)
{
	return core_test_sign_in(s->f, STR("gabi@example.com"), CORE_FIXTURE_PASSWORD, NULL) != OK;
}

static bool gabis_reset_is_refused(const struct attack_scene *s)
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

static bool the_link_is_refused(const struct attack_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	struct invitation_view view;
	return register_look(&cx, s->invitation, &view) == ERR_CORRUPT;
}

static bool inviting_there_is_refused(const struct attack_scene *s)
{
	const struct draft draft = {
		.to = STR("someone@bad.example"), .subject = STR("x"), .body = STR("y")};
	return core_fixture_try_send(s->f, s->f->admin, &draft, NULL, NULL) == ERR_CORRUPT;
}

static bool the_portal_does_not_open(const struct attack_scene *s)
{
	struct portal *portal;
	if (portal_open(&s->f->options, &portal) == ERR_CORRUPT)
		return true;
	portal_close(portal);
	return false;
}

static bool gabi_sees_no_stranger(const struct attack_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, s->gabi.session);
	struct form_errors errors = {0};
	struct contact_list list;
	struct contact contact;
	if (contact_list(&cx, STR(""), STR(""), 50, &list, &errors) != OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (id_eq(&list.items[i].id, &s->mallory.session->user.id))
			return false;
	return contact_get(&cx, &s->mallory.session->user.id, &contact) == ERR_CORRUPT;
}

static bool gabi_sends_nothing(const struct attack_scene *s)
{
	const struct draft draft = {
		.to = STR("admin@example.com"), .subject = STR("x"), .body = STR("y")};
	return core_fixture_try_send(s->f, s->gabi.session, &draft, NULL, NULL) == ERR_CORRUPT;
}

static bool nothing_more(const struct attack_scene *s)
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
	bool (*is_refused)(const struct attack_scene *s);
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
	{"an option taken off (P4.2)", "UPDATE messages SET options = 0 WHERE id = '{read}'",
	 gabi_cannot_read_again},
	{"an option put on", "UPDATE messages SET options = 8 WHERE id = '{to_gabi}'",
	 gabi_cannot_read},
	{"a later end", "UPDATE messages SET expires_ms = expires_ms + 1 WHERE id = '{read}'",
	 gabi_cannot_read_again},
	{"no end", "UPDATE messages SET expires_ms = 0 WHERE id = '{read}'",
	 gabi_cannot_read_again},
	{"a forward of something else",
	 "UPDATE messages SET forward_of = '{to_mallory}' WHERE id = '{to_gabi}'",
	 gabi_cannot_read},
	{"an end put off by its notice taken away",
	 "UPDATE deliveries SET notice = SUBSTR(notice, 1, 0) WHERE message_id = '{read}' AND "
	 "user_id = '{gabi}'",
	 gabi_cannot_read_again},
	{"a delivery said to come with another message",
	 "UPDATE deliveries SET via = '{read}' WHERE message_id = '{to_gabi}' AND user_id = "
	 "'{gabi}'",
	 gabi_cannot_read},
	{"a message said to be quoted",
	 "UPDATE deliveries SET kind = 4, box = 0 WHERE message_id = '{to_gabi}' AND user_id = "
	 "'{gabi}'",
	 gabi_cannot_read},
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
	 "opened_ms, mac, position, moved_ms, is_unread, ended, ended_ms, reason, notice, via, "
	 "expires_ms, is_top FROM "
	 "deliveries WHERE message_id = "
	 "'{to_gabi}' AND user_id = "
	 "'{gabi}'",
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

	{"an acquaintance with a stranger",
	 "INSERT INTO contacts SELECT user_id, '{mallory}', last_id, mac FROM contacts WHERE "
	 "user_id = '{gabi}'",
	 gabi_sees_no_stranger},
	{"a contact made another's",
	 "UPDATE contacts SET other_id = '{mallory}' WHERE user_id = '{gabi}'",
	 gabi_sees_no_stranger},
	{"a block that nobody has made",
	 "INSERT INTO blocks SELECT '{admin}', '{gabi}', 1, mac FROM contacts WHERE user_id = "
	 "'{gabi}'",
	 gabi_sends_nothing},

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

/* What refers to others comes after them. */
static const char *const saved_tables[] = {
	"settings",      "users",      "address_proofs", "ways_in",      "rules",    "messages",
	"message_texts", "deliveries", "tracks",         "destructions", "contacts", "blocks"};
enum { SAVED_TABLES = sizeof(saved_tables) / sizeof(saved_tables[0]) };

static void save_all(const struct attack_scene *s)
{
	char sql[256];
	for (size_t i = 0; i < SAVED_TABLES; i++) {
		snprintf(sql, sizeof(sql), "CREATE TABLE saved_%s AS SELECT * FROM %s",
			 saved_tables[i], saved_tables[i]);
		store_direct_run(s->f->url, sql);
	}
}

/* Everything as it was, so that each attack meets a whole portal. */
static void restore_all(const struct attack_scene *s)
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
	struct attack_scene s;
	struct log_capture log;
	attack_scene_set(&s, *state);
	save_all(&s);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		attack_scene_run(&s, attacks[i].sql);
		core_fixture_sleep(s.f, HOUR_MS / 4); /* asking for help is allowed again */
		log_capture_begin(&log);
		bool is_refused = attacks[i].is_refused(&s);
		bool is_alarm = attack_scene_is_alarm(log_capture_end(&log));
		log_capture_begin(&log);
		int64_t problems = core_fixture_problems(s.f);
		bool is_check_alarm = attack_scene_is_alarm(log_capture_end(&log));
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
	assert_true(str_eq(view.body, ATTACK_SCENE_BODY));
}

/* A session ended by a disabled state can not be had back by setting the state. */
static void re_enabling_by_hand_is_refused(void **state)
{
	struct attack_scene s;
	struct log_capture log;
	attack_scene_set(&s, *state);
	struct cx admin = core_fixture_cx(s.f, s.f->admin);
	assert_int_equal(people_enable(&admin, &s.mallory.session->user.id, false), OK);
	attack_scene_run(&s, "UPDATE users SET state = 2 WHERE id = '{mallory}'");
	log_capture_begin(&log);
	enum err err =
		core_test_sign_in(s.f, STR("mallory@example.com"), CORE_FIXTURE_PASSWORD, NULL);
	assert_true(attack_scene_is_alarm(log_capture_end(&log)));
	assert_int_equal(err, ERR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_attack_is_refused_and_reported),
		CORE_TEST(re_enabling_by_hand_is_refused),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
