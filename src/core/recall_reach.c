#include "core/recall_reach.h"

#include <stdlib.h>

bool recall_reach_is_live(const struct delivery *delivery)
{
	return delivery->ended == DELIVERY_LIVE &&
	       (delivery->sealed.len > 0 || delivery->wrapped.len > 0);
}

static int compare_to_id(const void *key, const void *item)
{
	return str_compare(id_str(key), id_str(item));
}

static int compare_to_holder(const void *key, const void *item)
{
	const struct message_holder *holder = item;
	return str_compare(id_str(key), id_str(&holder->delivery.user_id));
}

struct reach {
	const struct message_holder *holders;
	size_t count;
	const struct recall_from *from;
	bool *is_reached;
};

static bool is_giver_reached(const struct reach *reach, const struct id *giver)
{
	if (id_eq(giver, &reach->from->sender_id))
		return false;
	const struct message_holder *holder = bsearch(giver, reach->holders, reach->count,
						      sizeof(*reach->holders), compare_to_holder);
	return holder == NULL || reach->is_reached[holder - reach->holders];
}

/* Whether anybody was added. */
static bool follow(const struct reach *reach)
{
	bool has_grown = false;
	for (size_t i = 0; i < reach->count; i++) {
		const struct message_holder *holder = &reach->holders[i];
		if (reach->is_reached[i] || holder->delivery.kind != RECIPIENT_QUOTED ||
		    !is_giver_reached(reach, &holder->via_sender_id))
			continue;
		reach->is_reached[i] = has_grown = true;
	}
	return has_grown;
}

static bool is_chosen(const struct recall_from *from, const struct id *user_id)
{
	return from->is_whole ||
	       (from->chosen_count > 0 && bsearch(user_id, from->chosen, from->chosen_count,
						  sizeof(*from->chosen), compare_to_id) != NULL);
}

enum err recall_reach(struct arena *arena, const struct message_holder *holders, size_t count,
		      const struct recall_from *from, bool **ret_is_reached)
{
	struct reach reach = {holders, count, from, ARENA_ARRAY(arena, count + 1, bool)};
	if (reach.is_reached == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		reach.is_reached[i] = is_chosen(from, &holders[i].delivery.user_id);
	while (follow(&reach))
		continue;
	*ret_is_reached = reach.is_reached;
	return OK;
}
