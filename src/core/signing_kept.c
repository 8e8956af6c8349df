#include "core/signing_kept.h"

#include "base/log.h"
#include "crypto/aead.h"

enum { WRITE_TRIES = 4 };

static const char *const purposes[] = {
	[KEPT_SIGNATURE] = "kept.signature",
	[KEPT_INITIALS] = "kept.initials",
	[KEPT_TEMPLATE] = "kept.template",
};

static struct context context_of(const struct kept_row *row)
{
	return (struct context){
		.purpose = purposes[row->kind],
		.object = id_str(&row->id),
		.holder = id_str(&row->user_id),
		.version = row->version,
	};
}

enum err signing_kept_open(struct cx *cx, const struct kept_row *row, struct str *ret)
{
	struct context context = context_of(row);
	enum err err =
		aead_decrypt(cx->session->mailbox_key, &context, row->content, cx->arena, ret);
	if (err == ERR_CORRUPT)
		log_event(LOG_ALARM, "signing_kept.unreadable", LOG_STR("kept", id_str(&row->id)));
	return err;
}

enum err signing_kept_only(struct cx *cx, enum kept_kind kind, struct kept_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	const struct id *user_id = &cx->session->user.id;
	struct id *ids;
	size_t count;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_kept_of_user(db, cx->arena, user_id, kind, &ids, &count));
	return count == 0 ? ERR_NOT_FOUND
			  : signing_kept_get(db, cx->arena, user_id, kind, &ids[0], ret);
}

/* ---- writing ---- */

struct writing {
	struct kept_row row;
	int64_t expected; /* 0: it is new */
	int64_t most;
};

static enum err write_row(struct db *db, void *argument)
{
	const struct writing *writing = argument;
	if (writing->expected == 0)
		return signing_kept_insert(db, &writing->row, writing->most);
	return signing_kept_update(db, &writing->row, writing->expected);
}

static enum err version_of(struct cx *cx, const struct kept_row *row, int64_t *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct kept_row before;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_kept_get(db, cx->arena, &row->user_id, row->kind, &row->id, &before));
	*ret = before.version;
	return OK;
}

enum err signing_kept_write(struct cx *cx, enum kept_kind kind, const struct id *id,
			    struct str content, int64_t most, struct id *ret)
{
	struct writing writing = {.row = {.id = *id, .user_id = cx->session->user.id, .kind = kind},
				  .most = most};
	bool is_new = id_is_empty(id);
	enum err err = ERR_CONFLICT;
	if (is_new)
		writing.row.id = id_new(cx_now_ms(cx));
	for (int i = 0; i < WRITE_TRIES && err == ERR_CONFLICT; i++) {
		if (!is_new)
			TRY(version_of(cx, &writing.row, &writing.expected));
		writing.row.version = writing.expected + 1;
		struct context context = context_of(&writing.row);
		TRY(aead_encrypt(cx->session->mailbox_key, &context, content, cx->arena,
				 &writing.row.content));
		err = store_transact(cx->portal->store, write_row, &writing, cx->arena);
		if (is_new && err == ERR_CONFLICT)
			return err;
	}
	if (err == OK)
		*ret = writing.row.id;
	return err;
}

static enum err write_removal(struct db *db, void *argument)
{
	const struct kept_row *row = argument;
	return signing_kept_delete(db, &row->user_id, row->kind, &row->id);
}

enum err signing_kept_remove(struct cx *cx, enum kept_kind kind, const struct id *id)
{
	struct kept_row row = {.id = *id, .user_id = cx->session->user.id, .kind = kind};
	return store_transact(cx->portal->store, write_removal, &row, cx->arena);
}
