#include "core/people_group_read.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/fold.h"
#include "crypto/aead.h"

enum { CONTENT_MAX_BYTES = 128 * 1024 };

/* The plain text: "1", then name and members, each behind a line feed, which none of them holds. */
static const char format = '1';

static struct context context_of(const struct group_row *row)
{
	return (struct context){
		.purpose = "people.group",
		.object = id_str(&row->id),
		.holder = id_str(&row->user_id),
		.version = row->version,
	};
}

static enum err read_members(struct arena *arena, struct str rest, struct people_group *ret)
{
	ret->members = ARENA_ARRAY(arena, LIMIT_GROUP_MEMBERS, struct str);
	if (ret->members == NULL)
		return ERR_UNAVAILABLE;
	while (rest.len > 0 && ret->member_count < LIMIT_GROUP_MEMBERS)
		if (!str_next(&rest, '\n', &ret->members[ret->member_count++]))
			break;
	return OK;
}

enum err people_group_read_row(struct cx *cx, const struct group_row *row, struct people_group *ret)
{
	struct str plain, first;
	struct context context = context_of(row);
	struct people_group group = {.id = row->id};
	enum err err =
		aead_decrypt(cx->session->mailbox_key, &context, row->content, cx->arena, &plain);
	if (err == OK && (!str_next(&plain, '\n', &first) || first.len != 1 ||
			  first.data[0] != format || !str_next(&plain, '\n', &group.name)))
		err = ERR_CORRUPT;
	if (err == ERR_CORRUPT)
		log_event(LOG_ALARM, "group.unreadable", LOG_STR("group", id_str(&row->id)));
	TRY(err);
	TRY(read_members(cx->arena, plain, &group));
	*ret = group;
	return OK;
}

enum err people_group_read_encrypt(struct cx *cx, const struct people_group *group,
				   struct group_row *row)
{
	struct buf plain CLEANUP_BUF;
	struct context context = context_of(row);
	buf_init(&plain, CONTENT_MAX_BYTES);
	buf_add_char(&plain, format);
	buf_add_char(&plain, '\n');
	buf_add(&plain, group->name);
	for (size_t i = 0; i < group->member_count; i++) {
		buf_add_char(&plain, '\n');
		buf_add(&plain, group->members[i]);
	}
	TRY(plain.err);
	return aead_encrypt(cx->session->mailbox_key, &context, buf_str(&plain), cx->arena,
			    &row->content);
}

enum err people_group_read_all(struct cx *cx, struct db *db, struct people_group **ret,
			       size_t *ret_count)
{
	struct group_row *rows;
	size_t count, kept = 0;
	TRY(people_groups_of_user(db, cx->arena, &cx->session->user.id, &rows, &count));
	struct people_group *groups = ARENA_ARRAY(cx->arena, count + 1, struct people_group);
	if (groups == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		enum err err = people_group_read_row(cx, &rows[i], &groups[kept]);
		kept += err == OK;
		if (err != ERR_CORRUPT)
			TRY(err);
	}
	*ret = groups;
	*ret_count = kept;
	return OK;
}

enum err people_group_read_is_same(struct cx *cx, struct str a, struct str b, bool *ret)
{
	struct str folded_a, folded_b;
	TRY(fold_text(cx->arena, a, &folded_a));
	TRY(fold_text(cx->arena, b, &folded_b));
	*ret = str_eq(folded_a, folded_b);
	return OK;
}
