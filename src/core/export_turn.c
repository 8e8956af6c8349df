#include "core/export_turn.h"

#include <pthread.h>
#include <stdlib.h>

struct turn {
	struct turn *next;
	struct id user_id;
};

struct export_turns {
	pthread_mutex_t lock;
	struct turn *first;
};

enum err export_turns_new(struct export_turns **ret)
{
	struct export_turns *turns = calloc(1, sizeof(*turns));
	if (turns == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&turns->lock, NULL);
	*ret = turns;
	return OK;
}

void export_turns_free(struct export_turns *turns)
{
	if (turns == NULL)
		return;
	pthread_mutex_destroy(&turns->lock);
	free(turns);
}

static struct turn **find(struct export_turns *turns, const struct id *user_id)
{
	struct turn **at = &turns->first;
	while (*at && !id_eq(&(*at)->user_id, user_id))
		at = &(*at)->next;
	return at;
}

enum err export_turn_take(struct portal *portal, const struct id *user_id)
{
	struct export_turns *turns = portal->export_turns;
	struct turn *turn = calloc(1, sizeof(*turn));
	if (turn == NULL)
		return ERR_UNAVAILABLE;
	turn->user_id = *user_id;
	pthread_mutex_lock(&turns->lock);
	bool is_taken = *find(turns, user_id) != NULL;
	if (!is_taken) {
		turn->next = turns->first;
		turns->first = turn;
	}
	pthread_mutex_unlock(&turns->lock);
	if (is_taken)
		free(turn);
	return is_taken ? ERR_CONFLICT : OK;
}

void export_turn_give_back(struct portal *portal, const struct id *user_id)
{
	struct export_turns *turns = portal->export_turns;
	pthread_mutex_lock(&turns->lock);
	struct turn **at = find(turns, user_id);
	struct turn *turn = *at;
	if (turn)
		*at = turn->next;
	pthread_mutex_unlock(&turns->lock);
	free(turn);
}
