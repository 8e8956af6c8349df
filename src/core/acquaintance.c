#include "core/acquaintance.h"

#include "core/policy.h"
#include "store/contacts.h"
#include "store/messages.h"

/* By an authentic row, as it gives a right. */
static enum err has_written(struct cx *cx, struct db *db, const struct user *person,
			    const struct id *other_id, bool *ret)
{
	struct message_copy copy;
	struct id message_id;
	enum err err = exchanges_newest(db, other_id, &person->id, &message_id);
	*ret = false;
	if (err == OK)
		err = messages_get_head(db, cx->arena, &person->id, &message_id, &copy);
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	*ret = copy.is_authentic && id_eq(&copy.message.sender_id, other_id);
	return OK;
}

enum err acquaintance_allows(struct cx *cx, struct db *db, const struct user *person,
			     const struct id *other_id, bool *ret)
{
	*ret = true;
	if (!policy_writes_to_known_only(cx->portal->settings, person))
		return OK;
	return has_written(cx, db, person, other_id, ret);
}
