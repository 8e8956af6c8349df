/* For core/: who loses a message when it is recalled. */
#pragma once

#include "store/messages.h"

/* Whether the delivery gives its text to anybody. */
bool recall_reach_is_live(const struct delivery *delivery);
/* Whom it is recalled from. */
struct recall_from {
	struct id sender_id; /* who keeps it, and so gives it by right */
	struct id *chosen;   /* in the order of their ids */
	size_t chosen_count;
	bool is_whole; /* from everybody */
};
/* Which of the holders that reaches: them, and who has it only by what they forwarded or answered,
 * and so on. What nobody knows the origin of is reached: its giver has deleted it for ever, say.
 * The holders stand in the order of their ids. */
enum err recall_reach(struct arena *arena, const struct message_holder *holders, size_t count,
		      const struct recall_from *from, bool **ret_is_reached) MUST_CHECK;
