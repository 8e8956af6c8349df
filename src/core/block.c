#include "core/block.h"

#include "base/limits.h"
#include "store/contacts.h"

enum err block_load(struct cx *cx, struct db *db, const struct user *viewer, struct blockers *ret)
{
	*ret = (struct blockers){.ids = NULL};
	if (viewer->grade != GRADE_GUEST)
		return OK;
	return blocks_against(db, cx->arena, &viewer->id, LIMIT_BLOCKERS, &ret->ids, &ret->count);
}

enum user_state block_state(const struct blockers *blockers, const struct user *user)
{
	/* Lowered since, they may block nobody. */
	for (size_t i = 0; user->grade == GRADE_PROFESSIONAL && i < blockers->count; i++)
		if (id_eq(&blockers->ids[i], &user->id))
			return USER_DISABLED;
	return user->state;
}

enum err block_check(struct db *db, const struct user *sender, const struct user *const *people,
		     size_t count)
{
	for (size_t i = 0; sender->grade == GRADE_GUEST && i < count; i++) {
		bool is_blocked;
		if (people[i]->grade != GRADE_PROFESSIONAL)
			continue;
		TRY(blocks_exist(db, &people[i]->id, &sender->id, &is_blocked));
		if (is_blocked)
			return ERR_CONFLICT;
	}
	return OK;
}
