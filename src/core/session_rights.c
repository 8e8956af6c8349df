#include "core/session_rights.h"

#include "core/download.h"
#include "core/live.h"
#include "core/session_begin.h"
#include "store/ways_in.h"

struct session_rights session_rights_of(const struct session *session)
{
	return (struct session_rights){
		.session_id = session->id,
		.user_id = session->user.id,
		.kind = session->kind,
		.grade = session->user.grade,
		.role = session->user.role,
	};
}

static enum err look(struct cx *cx, const struct session_rights *rights, struct way_in *ret_way_in,
		     struct user *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct user user;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = ways_in_with_user(db, cx->arena, &rights->session_id, ret_way_in, &user);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		return ERR_DENIED;
	TRY(err);
	bool is_same = id_eq(&user.id, &rights->user_id) && user.grade == rights->grade &&
		       user.role == rights->role;
	bool holds = is_same && user.state == USER_ACTIVE && !session_is_over(cx, ret_way_in);
	if (!holds)
		return ERR_DENIED;
	*ret = user;
	return OK;
}

enum err session_rights_user(struct cx *cx, const struct session_rights *rights, struct user *ret)
{
	struct way_in way_in;
	return look(cx, rights, &way_in, ret);
}

enum err session_rights_check(struct cx *cx, const struct session_rights *rights)
{
	struct user user;
	return session_rights_user(cx, rights, &user);
}

enum err session_rights_use(struct cx *cx, const struct session_rights *rights)
{
	struct way_in way_in;
	struct user user;
	TRY(look(cx, rights, &way_in, &user));
	session_note_seen(cx, &way_in);
	return OK;
}

void session_rights_changed(struct portal *portal, const struct id *user_id)
{
	live_check_rights(portal, user_id);
	download_check_rights(portal, user_id);
}
