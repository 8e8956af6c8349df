#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/fold.h"
#include "core/people_group_read.h"

enum { SUGGESTIONS = 4 };

/* ---- while typing, and when it is sent ---- */

enum err people_group_suggest(struct cx *cx, struct str typed, struct people_group **ret,
			      size_t *ret_count)
{
	struct people_group *groups;
	struct str folded;
	size_t count, kept = 0;
	*ret_count = 0;
	typed = str_trim(typed);
	if (typed.len == 0 || utf8_count(typed) > LIMIT_GROUP_NAME_CHARS)
		return OK;
	TRY(fold_text(cx->arena, typed, &folded));
	struct str wanted = arena_printf(cx->arena, " %.*s", STR_ARGS(folded));
	TRY(people_group_list(cx, &groups, &count));
	for (size_t i = 0; i < count && kept < SUGGESTIONS; i++) {
		struct str words = user_name_key(cx->arena, groups[i].name);
		if (str_find(words, wanted) >= 0)
			groups[kept++] = groups[i];
	}
	*ret = groups;
	*ret_count = kept;
	return OK;
}

/* One's groups, read when the first name that is no address comes. */
struct expanding {
	struct cx *cx;
	struct db *db;
	struct people_group *groups;
	size_t count;
	bool is_loaded;
};

/* NULL: none has this name. */
static enum err find_group(struct expanding *expanding, struct str typed,
			   const struct people_group **ret)
{
	*ret = NULL;
	if (typed.len > LIMIT_GROUP_NAME_CHARS * 4 || !utf8_is_line(typed))
		return OK;
	if (!expanding->is_loaded)
		TRY(people_group_read_all(expanding->cx, expanding->db, &expanding->groups,
					  &expanding->count));
	expanding->is_loaded = true;
	for (size_t i = 0; i < expanding->count; i++) {
		bool is_same;
		TRY(people_group_read_is_same(expanding->cx, expanding->groups[i].name, typed,
					      &is_same));
		if (is_same)
			*ret = &expanding->groups[i];
	}
	return OK;
}

static void add_line(struct buf *out, struct str line)
{
	buf_add(out, line);
	buf_add_char(out, '\n');
}

static enum err expand(struct expanding *expanding, struct str *typed)
{
	struct arena *arena = expanding->cx->arena;
	struct address *addresses;
	size_t count;
	bool has_group = false;
	enum err err = address_parse_list(arena, *typed, LIMIT_RECIPIENTS, &addresses, &count);
	/* The sentence about too many is told by who resolves them. */
	if (err == ERR_TOO_LARGE)
		return OK;
	TRY(err);
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_BODY_MESSAGE);
	for (size_t i = 0; i < count; i++) {
		const struct people_group *group = NULL;
		if (addresses[i].key.len == 0)
			TRY(find_group(expanding, addresses[i].text, &group));
		if (group == NULL)
			add_line(&out, addresses[i].text);
		for (size_t m = 0; group && m < group->member_count; m++)
			add_line(&out, group->members[m]);
		has_group = has_group || group;
	}
	if (!has_group)
		return OK;
	*typed = arena_copy(arena, buf_str(&out));
	return arena->failed ? ERR_UNAVAILABLE : out.err;
}

enum err people_group_expand(struct cx *cx, struct db *db, const struct draft *draft,
			     struct draft *ret)
{
	struct expanding expanding = {.cx = cx, .db = db};
	*ret = *draft;
	TRY(expand(&expanding, &ret->to));
	TRY(expand(&expanding, &ret->cc));
	return expand(&expanding, &ret->bcc);
}
