/* For tests: a portal of either engine in a temporary folder, its first administrator registered,
 * with a clock that the test sets and a cheap password cost; and the steps of the story as one call
 * each. Whatever a step needs to go well ends the program if it does not. */
#pragma once

#include "core/mailbox.h"
#include "core/message.h"
#include "core/outbox.h"
#include "core/portal.h"
#include "core/register.h"
#include "store/store_fixture.h"

#include <stdatomic.h>

enum { CORE_FIXTURE_MAILS_MAX = 4096, CORE_FIXTURE_SESSIONS_MAX = 2048 };

struct core_fixture_clock {
	struct clock clock;
	_Atomic int64_t now_ms;
};

struct core_fixture {
	struct store_fixture store; /* PostgreSQL: its schema; SQLite: nothing of it is used */
	char folder[64];            /* the portal's data folder */
	char url[STORE_FIXTURE_URL_BYTES]; /* of the database, for store_direct.h */
	struct core_fixture_clock clock;
	struct portal_options options;
	struct portal *portal;
	struct arena arena;    /* of everything that the calls below give back */
	struct session *admin; /* admin@example.com, "Ada Admin" */
	struct str admin_recovery_code;
	struct outbox_mail mails[CORE_FIXTURE_MAILS_MAX]; /* taken from the queue so far */
	size_t mail_count;
	struct session *sessions[CORE_FIXTURE_SESSIONS_MAX]; /* released at the end */
	size_t session_count;
};

#define CORE_FIXTURE_PASSWORD STR("violet kettle harbour 42")

/* Makes the portal and registers the first administrator. */
void core_fixture_init(struct core_fixture *fixture, bool is_postgres, enum custody custody);
/* Closes the portal, releases every session given out, and removes everything. */
void core_fixture_release(struct core_fixture *fixture);
/* Closes and opens the portal again, as a restart does. Sessions of before stay usable. */
void core_fixture_reopen(struct core_fixture *fixture);
void core_fixture_sleep(struct core_fixture *fixture, int64_t ms);
/* Writes a setting and makes it hold at once. */
void core_fixture_set(struct core_fixture *fixture, const char *name, struct str value);
/* A rule (P2.2); grade 0: the sender chooses. */
void core_fixture_rule(struct core_fixture *fixture, struct str pattern, bool is_allowed,
		       enum grade grade);

/* A request by this session (NULL: by nobody), in the fixture's arena. */
struct cx core_fixture_cx(struct core_fixture *fixture, struct session *session);

/* Takes everything that is due from the queue of mails, as accepted by the mail server. */
void core_fixture_take_mails(struct core_fixture *fixture);
/* How many of this kind went to this address so far. Takes new ones first. */
size_t core_fixture_count_mails(struct core_fixture *fixture, enum mail_kind kind,
				struct str address);
/* The token in the link of the newest such mail; ends the program if there is none. */
struct str core_fixture_token(struct core_fixture *fixture, enum mail_kind kind,
			      struct str address);

/* Has the session released at the end; for those that a test began itself. */
struct session *core_fixture_keep(struct core_fixture *fixture, struct session *session);

/* Registers by a link's token with CORE_FIXTURE_PASSWORD. */
struct registration core_fixture_register(struct core_fixture *fixture, struct str token,
					  struct str name);
/* Somebody invited by the administrator's message and registered. The invitation is answered by
 * nobody; their Inbox holds that one message. */
struct session *core_fixture_person(struct core_fixture *fixture, struct str address,
				    struct str name, enum grade grade);
struct session *core_fixture_sign_in(struct core_fixture *fixture, struct str address,
				     struct str password);
/* The session read afresh, as at the beginning of each request; NULL when it is over. */
struct session *core_fixture_next_request(struct core_fixture *fixture, struct str token);

/* Sends, whatever comes of it. errors may be NULL. */
enum err core_fixture_try_send(struct core_fixture *fixture, struct session *session,
			       const struct draft *draft, struct sent *ret,
			       struct form_errors *errors);
/* Sends a message that must go. */
struct sent core_fixture_send(struct core_fixture *fixture, struct session *session, struct str to,
			      struct str subject, struct str body);
/* Opens a message that must be there; it may be unreadable. */
struct message_view core_fixture_open(struct core_fixture *fixture, struct session *session,
				      const struct id *id);
/* The user with this address; ends the program if there is none. */
struct user core_fixture_user(struct core_fixture *fixture, struct str address);
/* Problems that check_all() tells of. */
int64_t core_fixture_problems(struct core_fixture *fixture);
