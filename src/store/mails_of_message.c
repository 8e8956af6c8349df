/* What became of the mails about one message. */
#include "store/db_list.h"
#include "store/mails.h"

#include <stdlib.h>

static int compare_users(const void *left, const void *right)
{
	const struct mail_report *a = left, *b = right;
	return str_compare(id_str(&a->user_id), id_str(&b->user_id));
}

/* The notification before the invitation. */
static int compare_reports(const void *left, const void *right)
{
	const struct mail_report *a = left, *b = right;
	int order = compare_users(a, b);
	return order ? order : (int)a->kind - (int)b->kind;
}

/* What the sender has to know first is greatest. */
static int trouble(enum mail_state state)
{
	switch (state) {
	case MAIL_BOUNCED:
	case MAIL_NOT_SENT: return 3;
	case MAIL_QUEUED: return 2;
	case MAIL_ACCEPTED: return 1;
	case MAIL_NONE:
	case MAIL_VOID: break;
	}
	return 0;
}

/* Of several reports on one person the worst stays, of equal ones the first. */
static size_t keep_worst(struct mail_report *reports, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct mail_report *last = kept > 0 ? &reports[kept - 1] : NULL;
		if (last == NULL || !id_eq(&last->user_id, &reports[i].user_id))
			reports[kept++] = reports[i];
		else if (trouble(reports[i].state) > trouble(last->state))
			*last = reports[i];
	}
	return kept;
}

static enum err read_report(struct list *list, struct rows *rows, void *item)
{
	*(struct mail_report *)item = (struct mail_report){
		.user_id = rows_id(rows, 0),
		.kind = (enum mail_kind)rows_code(rows, 1),
		.state = (enum mail_state)rows_code(rows, 2),
		.reply = rows_bytes(rows, 3, list->arena),
	};
	return OK;
}

enum err mails_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			  struct mail_report **ret, size_t *ret_count)
{
	struct list list = {
		.arena = arena, .read = read_report, .item_bytes = sizeof(struct mail_report)};
	TRY(db_list(db, &list,
		    "SELECT n.user_id, n.kind, n.state, n.reply FROM mails n "
		    "WHERE n.message_id = ?1 AND n.kind = 1 UNION ALL "
		    "SELECT i.user_id, i.kind, i.state, i.reply FROM mails n "
		    "JOIN users u ON u.id = n.user_id AND u.state = 1 "
		    "JOIN mails i ON i.id = (SELECT MAX(o.id) FROM mails o WHERE "
		    "o.user_id = n.user_id AND o.kind IN (2, 3) AND o.kind = 2) "
		    "WHERE n.message_id = ?1 AND n.kind = 1",
		    PARAMS(P_ID(message_id))));
	if (list.page.count > 0)
		qsort(list.items, list.page.count, sizeof(struct mail_report), compare_reports);
	*ret = list.items;
	*ret_count = keep_worst(list.items, list.page.count);
	return OK;
}

const struct mail_report *mails_report_of(const struct mail_report *reports, size_t count,
					  const struct id *user_id)
{
	const struct mail_report wanted = {.user_id = *user_id};
	if (count == 0)
		return NULL;
	return bsearch(&wanted, reports, count, sizeof(*reports), compare_users);
}
