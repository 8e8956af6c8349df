#include "core/people_group_read.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/fold.h"
#include "core/policy.h"

#include <stdlib.h>
#include <string.h>

enum { SAVE_TRIES = 4 };

/* ---- reading ---- */

static enum err check_may(const struct cx *cx)
{
	return policy_may(cx, ACT_READ) ? OK : ERR_DENIED;
}

static int compare_names(const void *left, const void *right)
{
	const struct people_group *a = left, *b = right;
	return str_compare(a->name, b->name);
}

enum err people_group_list(struct cx *cx, struct people_group **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(check_may(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(people_group_read_all(cx, db, ret, ret_count));
	if (*ret_count > 1)
		qsort(*ret, *ret_count, sizeof(**ret), compare_names);
	return OK;
}

static enum err get_row(struct cx *cx, const struct id *id, struct group_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(check_may(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	return people_groups_get(db, cx->arena, &cx->session->user.id, id, ret);
}

enum err people_group_get(struct cx *cx, const struct id *id, struct people_group *ret)
{
	struct group_row row;
	TRY(get_row(cx, id, &row));
	return people_group_read_row(cx, &row, ret);
}

/* ---- what was typed ---- */

/* Signs that part addresses, or make one. */
static bool has_address_signs(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (strchr(",;<>@\"", name.data[i]))
			return true;
	return false;
}

static enum err check_name_is_free(struct cx *cx, const struct id *id, struct str name,
				   struct form_errors *errors)
{
	struct people_group *groups;
	size_t count;
	TRY(people_group_list(cx, &groups, &count));
	for (size_t i = 0; i < count; i++) {
		bool is_same;
		TRY(people_group_read_is_same(cx, groups[i].name, name, &is_same));
		if (is_same && !id_eq(&groups[i].id, id))
			form_error(cx, errors, "name", TEXT_ERROR_GROUP_NAME_TAKEN,
				   TEXT_ARG("name", groups[i].name));
	}
	return OK;
}

static enum err check_name(struct cx *cx, const struct id *id, struct str typed, struct str *ret,
			   struct form_errors *errors)
{
	struct str name = str_trim(typed);
	if (name.len == 0)
		form_error(cx, errors, "name", TEXT_ERROR_GROUP_NAME_MISSING);
	else if (!utf8_is_line(name) || has_address_signs(name))
		form_error(cx, errors, "name", TEXT_ERROR_GROUP_NAME_SIGNS);
	else if (utf8_count(name) > LIMIT_GROUP_NAME_CHARS)
		form_error(cx, errors, "name", TEXT_ERROR_GROUP_NAME_LONG,
			   TEXT_NUMBER("count", LIMIT_GROUP_NAME_CHARS));
	else {
		TRY(check_name_is_free(cx, id, name, errors));
		return fold_nfc(cx->arena, name, ret);
	}
	return OK;
}

static bool is_listed(const struct address *addresses, size_t count, struct str key)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(addresses[i].key, key))
			return true;
	return false;
}

static enum err check_members(struct cx *cx, struct str typed, struct people_group *ret,
			      struct form_errors *errors)
{
	struct address *addresses;
	size_t count;
	enum err err =
		address_parse_list(cx->arena, typed, LIMIT_GROUP_MEMBERS, &addresses, &count);
	if (err == ERR_TOO_LARGE) {
		form_error(cx, errors, "members", TEXT_ERROR_GROUP_TOO_MANY,
			   TEXT_NUMBER("count", LIMIT_GROUP_MEMBERS));
		return OK;
	}
	TRY(err);
	ret->members = ARENA_ARRAY(cx->arena, count + 1, struct str);
	if (ret->members == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		if (addresses[i].key.len == 0)
			form_error(cx, errors, "members", TEXT_ERROR_ADDRESS_BAD,
				   TEXT_ARG("address", form_error_quote(cx, addresses[i].text)));
		else if (!is_listed(addresses, i, addresses[i].key))
			ret->members[ret->member_count++] = addresses[i].text;
	}
	if (count == 0)
		form_error(cx, errors, "members", TEXT_ERROR_GROUP_EMPTY);
	return OK;
}

/* ---- writing ---- */

struct saving {
	struct group_row row;
	int64_t expected; /* 0: it is new */
};

static enum err write_group(struct db *db, void *argument)
{
	const struct saving *saving = argument;
	if (saving->expected == 0)
		return people_groups_insert(db, &saving->row, LIMIT_GROUPS);
	return people_groups_update(db, &saving->row, saving->expected);
}

/* Of two savings at once the later one holds. */
static enum err save(struct cx *cx, struct people_group *group)
{
	bool is_new = id_is_empty(&group->id);
	struct saving saving = {.row = {.id = group->id, .user_id = cx->session->user.id}};
	enum err err = ERR_CONFLICT;
	if (is_new)
		saving.row.id = id_new(cx_now_ms(cx));
	for (int i = 0; i < SAVE_TRIES && err == ERR_CONFLICT; i++) {
		struct group_row before = {.version = 0};
		if (!is_new)
			TRY(get_row(cx, &group->id, &before));
		saving.expected = before.version;
		saving.row.version = before.version + 1;
		TRY(people_group_read_encrypt(cx, group, &saving.row));
		err = store_transact(cx->portal->store, write_group, &saving, cx->arena);
	}
	group->id = saving.row.id;
	return err == ERR_CONFLICT ? ERR_BUSY : err;
}

enum err people_group_save(struct cx *cx, const struct id *id, struct str name, struct str members,
			   struct people_group *ret, struct form_errors *errors)
{
	struct people_group group = {.id = *id};
	struct group_row before;
	TRY(check_may(cx));
	if (!id_is_empty(id))
		TRY(get_row(cx, id, &before));
	TRY(check_name(cx, id, name, &group.name, errors));
	TRY(check_members(cx, members, &group, errors));
	if (errors->count > 0)
		return ERR_INVALID;
	enum err err = save(cx, &group);
	if (err == ERR_TOO_LARGE) {
		form_error(cx, errors, "", TEXT_ERROR_GROUP_LIMIT,
			   TEXT_NUMBER("count", LIMIT_GROUPS));
		return ERR_INVALID;
	}
	TRY(err);
	*ret = group;
	return OK;
}

struct deleting {
	struct id user_id, id;
};

static enum err write_deletion(struct db *db, void *argument)
{
	const struct deleting *deleting = argument;
	return people_groups_delete(db, &deleting->user_id, &deleting->id);
}

enum err people_group_delete(struct cx *cx, const struct id *id)
{
	struct deleting deleting = {.user_id = cx->session->user.id, .id = *id};
	TRY(check_may(cx));
	return store_transact(cx->portal->store, write_deletion, &deleting, cx->arena);
}
