#include "core/draft_read.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/draft_bytes.h"
#include "core/policy.h"
#include "crypto/aead.h"

struct context draft_context(const char *purpose, const struct draft_row *row)
{
	return (struct context){
		.purpose = purpose,
		.object = id_str(&row->id),
		.holder = id_str(&row->user_id),
		.version = row->version,
	};
}

static enum err decrypt(struct cx *cx, const char *purpose, const struct draft_row *row,
			struct str cipher, struct str *ret)
{
	struct context context = draft_context(purpose, row);
	return aead_decrypt(cx->session->mailbox_key, &context, cipher, cx->arena, ret);
}

static enum err tell_corrupt(const struct draft_row *row, enum err err)
{
	if (err == ERR_CORRUPT)
		log_event(LOG_ALARM, "draft.unreadable", LOG_STR("draft", id_str(&row->id)));
	return err;
}

enum err draft_content(struct cx *cx, const struct draft_row *row, struct draft *ret)
{
	struct str bytes;
	enum err err = decrypt(cx, "draft", row, row->content, &bytes);
	if (err == OK)
		err = draft_bytes_read(cx->arena, bytes, ret);
	return tell_corrupt(row, err);
}

static enum err read_line(struct cx *cx, const struct draft_row *row, struct draft_line *ret)
{
	struct str bytes;
	struct draft_line line = {
		.id = row->id, .version = row->version, .saved_ms = row->saved_ms};
	enum err err = decrypt(cx, "draft.summary", row, row->summary, &bytes);
	if (err == OK)
		err = draft_bytes_read_summary(bytes, &line);
	line.is_unreadable = tell_corrupt(row, err) == ERR_CORRUPT;
	*ret = line;
	return err == ERR_CORRUPT ? OK : err;
}

enum err draft_row_get(struct cx *cx, const struct id *id, struct draft_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	TRY(store_read_begin(cx->portal->store, &db));
	return drafts_get(db, cx->arena, &cx->session->user.id, id, ret);
}

/* ---- reading ---- */

static enum err read_kept(struct cx *cx, const struct draft_row *row, struct kept_draft *ret)
{
	struct draft draft;
	TRY(draft_content(cx, row, &draft));
	if (!id_eq(&draft.reply_to, &row->reply_to))
		return tell_corrupt(row, ERR_CORRUPT);
	draft.idempotency_key = STR_NONE;
	draft.kept_id = row->id;
	draft.kept_version = row->version;
	*ret = (struct kept_draft){
		.id = row->id, .version = row->version, .saved_ms = row->saved_ms, .draft = draft};
	return OK;
}

enum err draft_get(struct cx *cx, const struct id *id, struct kept_draft *ret)
{
	struct draft_row row;
	TRY(draft_row_get(cx, id, &row));
	return read_kept(cx, &row, ret);
}

static enum err get_answer(struct cx *cx, const struct id *message_id, struct draft_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return drafts_answering(db, cx->arena, &cx->session->user.id, message_id, ret);
}

enum err draft_answering(struct cx *cx, const struct id *message_id, struct kept_draft *ret)
{
	struct draft_row row;
	TRY(get_answer(cx, message_id, &row));
	return read_kept(cx, &row, ret);
}

/* A cursor is the place of the last line: "MILLISECONDS-ID". */
static enum err read_cursor(struct str cursor, int64_t *ret_ms, struct id *ret_id)
{
	struct str ms;
	if (!str_next(&cursor, '-', &ms) || !str_to_int(ms, ret_ms))
		return ERR_INVALID;
	return id_parse(cursor, ret_id);
}

enum err draft_list(struct cx *cx, struct str cursor, int64_t limit, struct draft_list *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct id before = {0};
	int64_t before_ms = INT64_MAX;
	struct draft_row *rows;
	size_t count;
	if (limit < 1 || limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	if (cursor.len > 0)
		TRY(read_cursor(cursor, &before_ms, &before));
	TRY(store_read_begin(cx->portal->store, &db));
	/* One more than asked for tells whether there is a next page. */
	TRY(drafts_of_user(db, cx->arena, &cx->session->user.id, before_ms, &before, limit + 1,
			   &rows, &count));
	struct draft_list list = {.count = count > (size_t)limit ? (size_t)limit : count};
	list.lines = ARENA_ARRAY(cx->arena, list.count + 1, struct draft_line);
	if (list.lines == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < list.count; i++)
		TRY(read_line(cx, &rows[i], &list.lines[i]));
	if (count > list.count)
		list.next_cursor =
			arena_printf(cx->arena, "%lld-%s", (long long)rows[limit - 1].saved_ms,
				     rows[limit - 1].id.text);
	*ret = list;
	return OK;
}
