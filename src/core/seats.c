#include "core/seats.h"

#include "core/session.h"

bool seats_takes(const struct user *user)
{
	return user->grade == GRADE_PROFESSIONAL && user->state != USER_DISABLED;
}

enum err seats_note_by(struct db *db, const struct id *actor_id, int64_t now_ms,
		       const struct user *before, const struct user *after)
{
	bool had = before && seats_takes(before);
	bool has = after && seats_takes(after);
	if (had == has)
		return OK;
	struct seat_change change = {
		.at_ms = now_ms,
		.user_id = after ? after->id : before->id,
		.actor_id = *actor_id,
		.delta = has ? 1 : -1,
	};
	return seats_append(db, &change);
}

enum err seats_note(struct cx *cx, struct db *db, const struct user *before,
		    const struct user *after)
{
	const struct id nobody = {0};
	return seats_note_by(db, cx->session ? &cx->session->user.id : &nobody, cx_now_ms(cx),
			     before, after);
}
