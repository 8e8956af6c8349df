#include "core/session_rights.h"

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

enum err session_rights_user(struct cx *cx, const struct session_rights *rights, struct user *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct way_in way_in;
	struct user user;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = ways_in_with_user(db, cx->arena, &rights->session_id, &way_in, &user);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		return ERR_DENIED;
	TRY(err);
	bool is_same = id_eq(&user.id, &rights->user_id) && user.grade == rights->grade &&
		       user.role == rights->role;
	bool holds = is_same && user.state == USER_ACTIVE && !session_is_over(cx, &way_in);
	if (!holds)
		return ERR_DENIED;
	*ret = user;
	return OK;
}

enum err session_rights_check(struct cx *cx, const struct session_rights *rights)
{
	struct user user;
	return session_rights_user(cx, rights, &user);
}
