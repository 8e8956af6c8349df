#include "core/file_reach.h"

#include "base/limits.h"
#include "core/audit_log.h"
#include "core/download.h"
#include "core/live.h"
#include "store/tracks.h"

#include <stdlib.h>

/* A message in which a file ends; all of them in one list, that grows while it is gone through. */
struct step {
	struct step *next;
	struct id message_id;
	struct id sender_id; /* who has sent it on, and loses it too */
};

struct walk {
	struct db *db;
	struct file_reach *reach;
	const struct id *file_id;
	struct arena arena; /* of the steps: the transaction may run again */
	struct step *last;
};

static int compare_to_holder(const void *key, const void *item)
{
	const struct message_holder *holder = item;
	return str_compare(id_str(key), id_str(&holder->delivery.user_id));
}

/* Who is unknown has deleted the message for ever, say: what they gave on is reached. */
bool file_reach_includes(const struct file_reach_from *from, const struct id *user_id)
{
	if (id_eq(user_id, &from->sender_id))
		return false;
	if (from->is_whole || !id_is_empty(&from->only))
		return from->is_whole || id_eq(user_id, &from->only);
	const struct message_holder *holder =
		from->count == 0 ? NULL
				 : bsearch(user_id, from->holders, from->count,
					   sizeof(*from->holders), compare_to_holder);
	return holder == NULL || from->is_reached[holder - from->holders];
}

/* from NULL: everybody, in a message by which it was sent on. */
static bool is_reached(const struct file_reach_from *from, const struct id *user_id)
{
	return from == NULL || file_reach_includes(from, user_id);
}

/* ---- one message ---- */

/* However many they are, it must not fail for want of memory to tell them: whose download runs asks
 * for itself before each piece. */
static enum err tell_later(struct walk *walk, const struct id *message_id, const struct id *user_id)
{
	struct file_reach *reach = walk->reach;
	if (reach->reached_count == LIMIT_FILE_REACH_TOLD)
		return OK;
	struct file_reached *one = ARENA_NEW(reach->arena, struct file_reached);
	if (one == NULL)
		return ERR_UNAVAILABLE;
	*one = (struct file_reached){reach->reached, *user_id, *message_id, *walk->file_id};
	reach->reached = one;
	reach->reached_count++;
	return OK;
}

static enum err note(struct walk *walk, const struct id *message_id, const struct id *user_id)
{
	struct file_reach *reach = walk->reach;
	const struct track track = {
		.message_id = *message_id,
		.user_id = *user_id,
		.kind = TRACK_RECALLED,
		.detail = id_str(walk->file_id),
		.at_ms = reach->now_ms,
	};
	TRY(tell_later(walk, message_id, user_id));
	return reach->end == DELIVERY_RECALLED ? tracks_add(walk->db, &track) : OK;
}

static enum err end_one(struct walk *walk, const struct id *message_id, const struct id *user_id)
{
	int64_t changes;
	TRY(file_deliveries_end(walk->db, message_id, walk->file_id, user_id, walk->reach->end,
				walk->reach->now_ms, &changes));
	walk->reach->keys += changes;
	return changes > 0 ? note(walk, message_id, user_id) : OK;
}

/* from NULL: everybody. *ret_is_whole: nobody is left. */
static enum err end_readers(struct walk *walk, const struct id *message_id,
			    const struct file_reach_from *from, bool *ret_is_whole)
{
	struct arena arena CLEANUP_ARENA;
	struct file_holder *holders;
	size_t count;
	arena_init(&arena, LIMIT_RECALL_ARENA);
	*ret_is_whole = true;
	TRY(file_deliveries_of_file(walk->db, &arena, message_id, walk->file_id, &holders, &count));
	for (size_t i = 0; i < count; i++) {
		const struct file_delivery *delivery = &holders[i].delivery;
		/* Also of a row that fails its check: who mends it must not find the key. */
		if (is_reached(from, &delivery->user_id))
			TRY(end_one(walk, message_id, &delivery->user_id));
		else if (delivery->ended == DELIVERY_LIVE)
			*ret_is_whole = false;
	}
	return OK;
}

/* ---- what was sent on ---- */

static enum err add_steps(struct walk *walk, const struct id *message_id,
			  const struct file_reach_from *from)
{
	struct file_passed_on *passed;
	size_t count;
	TRY(message_files_passed_on(walk->db, &walk->arena, message_id, walk->file_id, &passed,
				    &count));
	for (size_t i = 0; i < count; i++) {
		if (!is_reached(from, &passed[i].sender_id))
			continue;
		struct step *step = ARENA_NEW(&walk->arena, struct step);
		if (step == NULL)
			return ERR_UNAVAILABLE;
		*step = (struct step){NULL, passed[i].message_id, passed[i].sender_id};
		walk->last->next = step;
		walk->last = step;
	}
	return OK;
}

static enum err set_recalled(struct walk *walk, const struct id *message_id,
			     const struct id *sender_id)
{
	struct arena arena CLEANUP_ARENA;
	struct message_file_copy *copies;
	size_t count;
	arena_init(&arena, LIMIT_RECALL_ARENA);
	TRY(message_files_of(walk->db, &arena, message_id, sender_id, &copies, &count));
	for (size_t i = 0; i < count; i++) {
		if (!id_eq(&copies[i].file.file_id, walk->file_id) || !copies[i].is_authentic)
			continue;
		enum err err =
			message_files_set_recalled(walk->db, &copies[i].file, walk->reach->now_ms);
		return err == ERR_NOT_FOUND ? OK : err;
	}
	return OK;
}

/* In a message by which it was sent on everybody loses it, who sent it too. */
static enum err end_step(struct walk *walk, const struct step *step)
{
	bool is_whole;
	TRY(end_readers(walk, &step->message_id, NULL, &is_whole));
	TRY(end_one(walk, &step->message_id, &step->sender_id));
	if (walk->reach->end == DELIVERY_RECALLED)
		TRY(set_recalled(walk, &step->message_id, &step->sender_id));
	return add_steps(walk, &step->message_id, NULL);
}

static enum err follow(struct walk *walk, const struct id *message_id,
		       const struct file_reach_from *from)
{
	struct step first = {.next = NULL};
	walk->last = &first;
	TRY(add_steps(walk, message_id, from));
	for (const struct step *step = first.next; step; step = step->next)
		TRY(end_step(walk, step));
	return OK;
}

enum err file_reach_end(struct db *db, struct file_reach *reach, const struct id *message_id,
			const struct id *file_id, const struct file_reach_from *from,
			bool *ret_is_whole)
{
	struct walk walk = {.db = db, .reach = reach, .file_id = file_id};
	arena_init(&walk.arena, LIMIT_RECALL_ARENA);
	enum err err = end_readers(&walk, message_id, from, ret_is_whole);
	if (err == OK)
		err = follow(&walk, message_id, from);
	arena_release(&walk.arena);
	return err;
}

enum err file_reach_end_all(struct db *db, struct file_reach *reach, const struct id *message_id,
			    const struct file_reach_from *from)
{
	struct arena arena CLEANUP_ARENA;
	struct message_file_copy *copies;
	size_t count;
	bool is_whole;
	arena_init(&arena, LIMIT_RECALL_ARENA);
	TRY(message_files_of(db, &arena, message_id, &from->sender_id, &copies, &count));
	for (size_t i = 0; i < count; i++)
		TRY(file_reach_end(db, reach, message_id, &copies[i].file.file_id, from,
				   &is_whole));
	return OK;
}

static bool is_beside(const struct file_reached *one, const struct file_reached *other)
{
	return other != NULL && id_eq(&one->message_id, &other->message_id) &&
	       id_eq(&one->file_id, &other->file_id);
}

/* Those of one message stand beside each other, as they were found. */
enum err file_reach_log(struct cx *cx, struct db *db, const struct file_reach *reach)
{
	struct arena arena CLEANUP_ARENA;
	size_t count = 0;
	arena_init(&arena, LIMIT_RECALL_ARENA);
	if (reach->reached_count == 0 || reach->end != DELIVERY_RECALLED)
		return OK;
	struct id *users = ARENA_ARRAY(&arena, reach->reached_count, struct id);
	if (users == NULL)
		return ERR_UNAVAILABLE;
	for (const struct file_reached *one = reach->reached; one; one = one->next) {
		users[count++] = one->user_id;
		if (is_beside(one, one->next))
			continue;
		const struct audit_act act = {
			.kind = AUDIT_FILE_RECALL,
			.object_id = one->message_id,
			.subject = id_str(&one->file_id),
			.reached = users,
			.reached_count = count,
		};
		TRY(audit_log(cx, db, &act));
		count = 0;
	}
	return OK;
}

void file_reach_tell(struct portal *portal, const struct file_reach *reach)
{
	for (const struct file_reached *one = reach->reached; one; one = one->next) {
		download_check_rights(portal, &one->user_id);
		live_publish(portal, &one->user_id, LIVE_RECALLED, &one->message_id);
	}
}
