#include "core/draft_files.h"

#include "base/limits.h"
#include "core/draft_read.h"
#include "core/message_attach.h"
#include "core/policy.h"

static bool has(const struct id *ids, size_t count, const struct id *id)
{
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&ids[i], id))
			return true;
	}
	return false;
}

/* Those that this person has or had a right to; `ret_others`: the rest. */
static enum err sort_out(struct cx *cx, const struct id *ids, size_t count, struct id *ret_others,
			 size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	*ret_count = 0;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < count; i++) {
		bool is_theirs;
		TRY(message_attach_is_theirs(cx, db, &ids[i], &is_theirs));
		if (!is_theirs)
			ret_others[(*ret_count)++] = ids[i];
	}
	return OK;
}

static enum err were_all_there(struct cx *cx, const struct id *id, const struct id *ids,
			       size_t count, bool *ret)
{
	struct draft_row row;
	struct draft stored;
	enum err err = id_is_empty(id) ? ERR_NOT_FOUND : draft_row_get(cx, id, &row);
	*ret = false;
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	TRY(draft_content(cx, &row, &stored));
	*ret = true;
	for (size_t i = 0; i < count; i++)
		*ret = *ret && has(stored.files, stored.file_count, &ids[i]);
	return OK;
}

enum err draft_files_check(struct cx *cx, const struct id *id, const struct draft *draft,
			   struct id **ret, size_t *ret_count, struct form_errors *errors)
{
	size_t count = 0, other_count;
	bool are_fine = true, may_add = policy_may(cx, ACT_SEND_FILES);
	*ret_count = 0;
	if (draft->file_count == 0)
		return OK;
	if (draft->file_count > LIMIT_MESSAGE_FILES) {
		form_error(cx, errors, "files", TEXT_ERROR_FILES_TOO_MANY,
			   TEXT_NUMBER("count", LIMIT_MESSAGE_FILES));
		return OK;
	}
	struct id *files = ARENA_ARRAY(cx->arena, draft->file_count, struct id);
	struct id *others = ARENA_ARRAY(cx->arena, draft->file_count, struct id);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < draft->file_count; i++)
		if (!has(files, count, &draft->files[i]))
			files[count++] = draft->files[i];
	TRY(sort_out(cx, files, count, others, &other_count));
	if (other_count > 0)
		TRY(were_all_there(cx, id, others, other_count, &are_fine));
	if (!are_fine)
		form_error(cx, errors, "files", TEXT_ERROR_FILE_GONE);
	if (!may_add)
		TRY(were_all_there(cx, id, files, count, &may_add));
	if (!may_add)
		form_error(cx, errors, "files", TEXT_FILE_OFF);
	*ret = files;
	*ret_count = count;
	return OK;
}
