/* For core/: who loses a message when it is recalled. */
#pragma once

#include "store/messages.h"

/* Whether the delivery gives its text to anybody. */
bool recall_reach_is_live(const struct delivery *delivery);
/* Recalled from these people (or from everybody), which of the holders it reaches: them, and who
 * has it only by what they forwarded or answered, and so on. What nobody knows the origin of is
 * reached. holders and chosen stand in the order of their ids. */
enum err recall_reach(struct arena *arena, const struct message_holder *holders, size_t count,
		      const struct id *chosen, size_t chosen_count, bool is_whole,
		      bool **ret_is_reached) MUST_CHECK;
