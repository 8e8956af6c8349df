/* Whether what a request was allowed may go on, for what lasts longer than a request: live events,
 * an export. */
#pragma once

#include "core/session.h"

struct session_rights {
	struct id session_id;
	struct id user_id;
	enum session_kind kind;
	enum grade grade;
	enum role role;
};

struct session_rights session_rights_of(const struct session *session);
/* ERR_DENIED: the session has ended or was revoked, its user was disabled, or has another grade or
 * role by now. Looking does not keep a session alive. */
enum err session_rights_user(struct cx *cx, const struct session_rights *rights,
			     struct user *ret) MUST_CHECK;
enum err session_rights_check(struct cx *cx, const struct session_rights *rights) MUST_CHECK;
/* The same of what a person does all the while, as sending or fetching a file: it keeps the session
 * alive. */
enum err session_rights_use(struct cx *cx, const struct session_rights *rights) MUST_CHECK;
/* After somebody's sessions or rights have changed: what runs for them looks whether it may go on.
 */
void session_rights_changed(struct portal *portal, const struct id *user_id);
