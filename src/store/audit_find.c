#include "store/audit_find.h"

#include "store/audit_read.h"

#include <stdlib.h>

enum { FOUND_MAX_BYTES = 64 << 20 };

/* Each thing that can be asked for has an index in which its entries stand in the order of lists.
 * So what is asked for is one walk through an index, or a few whose beginnings are merged: one for
 * each kind; one for what a person did, and one for what was done to them. */

/* Those that are found come before it in the order of time and number. */
struct place {
	int64_t at_ms;
	int64_t number;
};

/* The entry that a list goes on after may have been taken out meanwhile, by whoever can write the
 * database: then it is after the one that stood before it in the chain. */
static enum err find_place(struct db *db, const struct audit_filter *filter, struct place *ret)
{
	struct rows rows CLEANUP_ROWS = {0};
	*ret = (struct place){.at_ms = filter->until_ms > 0 ? filter->until_ms : INT64_MAX};
	if (filter->before == 0)
		return OK;
	enum err err = db_select_row(
		db, &rows,
		"SELECT at_ms FROM audit WHERE number <= ?1 ORDER BY number DESC LIMIT 1",
		PARAMS(P_INT(filter->before)));
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	int64_t at_ms = err == OK ? rows_int(&rows, 0) : INT64_MIN;
	if (at_ms < ret->at_ms)
		*ret = (struct place){.at_ms = at_ms, .number = filter->before};
	return OK;
}

#define NEWEST(which)                                                                              \
	"SELECT " AUDIT_COLUMNS " FROM audit WHERE " which                                         \
	"at_ms >= ?1 AND (at_ms, number) < (?2, ?3) ORDER BY at_ms DESC, number DESC LIMIT ?4"
#define OF_KINDS "(?6 = 0 OR " AUDIT_KIND_IN("kind", "?6") ") AND "

static enum err find_kinds(struct db *db, const struct audit_filter *filter,
			   const struct place *place, int64_t limit, struct list *list)
{
	for (int64_t kind = 1; kind < AUDIT_KINDS; kind++) {
		if ((filter->kinds & AUDIT_KIND(kind)) == 0)
			continue;
		TRY(db_list(db, list, NEWEST("kind = ?5 AND "),
			    PARAMS(P_INT(filter->from_ms), P_INT(place->at_ms),
				   P_INT(place->number), P_INT(limit), P_INT(kind))));
	}
	return OK;
}

/* What they did to themself stands in the first list. */
static enum err find_person(struct db *db, const struct audit_filter *filter,
			    const struct place *place, int64_t limit, struct list *list)
{
	TRY(db_list(db, list, NEWEST("actor_id = ?5 AND " OF_KINDS),
		    PARAMS(P_INT(filter->from_ms), P_INT(place->at_ms), P_INT(place->number),
			   P_INT(limit), P_ID(&filter->person_id), P_INT(filter->kinds))));
	return db_list(
		db, list,
		NEWEST("object_id = ?5 AND object_id <> '' AND actor_id <> ?5 AND " OF_KINDS),
		PARAMS(P_INT(filter->from_ms), P_INT(place->at_ms), P_INT(place->number),
		       P_INT(limit), P_ID(&filter->person_id), P_INT(filter->kinds)));
}

static int newest_first(const void *a, const void *b)
{
	const struct audit_entry *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? 1 : -1;
	return (x->number < y->number) - (x->number > y->number);
}

/* The first ones of all that the walks gave. */
static enum err keep_first(struct arena *arena, const struct list *list, int64_t limit,
			   struct audit_entry **ret, size_t *ret_count)
{
	size_t count = list->page.count < (size_t)limit ? list->page.count : (size_t)limit;
	struct audit_entry *kept = ARENA_ARRAY(arena, count + 1, struct audit_entry);
	if (kept == NULL)
		return ERR_UNAVAILABLE;
	if (list->items != NULL)
		qsort(list->items, list->page.count, sizeof(*kept), newest_first);
	for (size_t i = 0; i < count; i++)
		kept[i] = ((struct audit_entry *)list->items)[i];
	*ret = kept;
	*ret_count = count;
	return OK;
}

enum err audit_find(struct db *db, struct arena *arena, const struct audit_filter *filter,
		    int64_t limit, struct audit_entry **ret, size_t *ret_count)
{
	struct arena own CLEANUP_ARENA;
	struct list list = {
		.arena = &own, .read = audit_read_item, .item_bytes = sizeof(struct audit_entry)};
	struct place place;
	arena_init(&own, FOUND_MAX_BYTES);
	TRY(find_place(db, filter, &place));
	if (!id_is_empty(&filter->person_id))
		TRY(find_person(db, filter, &place, limit, &list));
	else if (filter->kinds != 0)
		TRY(find_kinds(db, filter, &place, limit, &list));
	else
		TRY(db_list(db, &list, NEWEST(""),
			    PARAMS(P_INT(filter->from_ms), P_INT(place.at_ms), P_INT(place.number),
				   P_INT(limit))));
	return keep_first(arena, &list, limit, ret, ret_count);
}
