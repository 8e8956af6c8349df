#include "store/db_list.h"

#include <string.h>

/* Little at first, as it is zeroed and most lists are short. */
enum { FIRST_ROOM = 4, GROWTH = 2 };

static enum err make_room(struct list *list)
{
	if (list->items && list->page.count < list->room)
		return OK;
	if (list->items)
		list->room *= GROWTH;
	else if (list->room == 0)
		list->room = FIRST_ROOM;
	void *items = arena_array(list->arena, list->room, list->item_bytes);
	if (items == NULL)
		return ERR_UNAVAILABLE;
	if (list->items)
		memcpy(items, list->items, list->page.count * list->item_bytes);
	list->items = items;
	return OK;
}

static enum err read_row(struct list *list, struct rows *rows)
{
	TRY(make_room(list));
	void *item = (char *)list->items + list->page.count * list->item_bytes;
	struct id id = rows_id(rows, 0);
	if (!id_is_empty(&id))
		list->page.last = id;
	if (list->read(list, rows, item) == OK) {
		list->page.count++;
	} else {
		list->page.bad++;
		memset(item, 0, list->item_bytes);
	}
	return list->arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err db_list(struct db *db, struct list *list, const char *sql, const struct param *params,
		 size_t count)
{
	struct rows rows CLEANUP_ROWS = {0};
	TRY(db_select(db, &rows, sql, params, count));
	for (;;) {
		bool has_row;
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			return list->arena->failed ? ERR_UNAVAILABLE : OK;
		TRY(read_row(list, &rows));
	}
}

enum err db_list_step(struct db *db, struct list *list, const char *sql, int64_t limit,
		      struct page *page)
{
	list->room = (size_t)limit;
	TRY(db_list(db, list, sql, PARAMS(P_ID(&page->last), P_INT(limit))));
	if ((int64_t)list->page.count + list->page.bad < limit)
		list->page.last = (struct id){0};
	*page = list->page;
	return OK;
}
