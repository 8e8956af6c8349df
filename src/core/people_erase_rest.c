#include "core/people_erase_rest.h"

#include "base/log.h"
#include "core/mailbox_move.h"
#include "core/signing.h"
#include "core/upload.h"
#include "store/erase.h"
#include "store/files.h"
#include "store/users.h"

enum {
	MESSAGES_AT_ONCE = 100,
	MAILS_AT_ONCE = 500,
	REQUESTS_AT_ONCE = 20,
	FILES_AT_ONCE = 20,
	/* Nobody waits for more than some seconds. */
	BATCHES = 20,
	BATCH_BYTES = 16 << 20,
};

struct rest {
	struct cx *cx;
	struct id user_id;
	int64_t batches; /* that may still be done; shared by all of one sweep */
	bool is_cut;     /* there is more to do */
};

static bool may_go_on(struct rest *rest)
{
	rest->is_cut = rest->batches <= 0;
	rest->batches--;
	return !rest->is_cut;
}

/* Gone already, or changed by whoever does the same beside us. */
static enum err or_gone(enum err err)
{
	return err == ERR_NOT_FOUND || err == ERR_CONFLICT ? OK : err;
}

/* ---- by ids ---- */

struct walk {
	enum err (*list)(struct db *db, struct arena *arena, const struct id *user_id,
			 const struct id *after, int64_t limit, struct id **ret, size_t *ret_count);
	enum err (*act)(struct cx *cx, const struct id *user_id, const struct id *ids,
			size_t count);
	int64_t limit;
};

static enum err list_some(struct cx *cx, const struct rest *rest, const struct walk *walk,
			  const struct id *after, struct id **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return walk->list(db, cx->arena, &rest->user_id, after, walk->limit, ret, ret_count);
}

static enum err walk_some(struct rest *rest, const struct walk *walk, struct id *after,
			  size_t *ret_count)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *rest->cx;
	struct id *ids = NULL;
	arena_init(&arena, BATCH_BYTES);
	own.arena = &arena;
	TRY(list_some(&own, rest, walk, after, &ids, ret_count));
	if (*ret_count == 0)
		return OK;
	*after = ids[*ret_count - 1];
	return walk->act(&own, &rest->user_id, ids, *ret_count);
}

static enum err walk_all(struct rest *rest, const struct walk *walk)
{
	struct id after = {""};
	size_t count;
	do {
		if (!may_go_on(rest))
			return OK;
		TRY(walk_some(rest, walk, &after, &count));
	} while ((int64_t)count == walk->limit);
	return OK;
}

/* One that fails its check stays as it is: nobody can sign it. */
static enum err break_off(struct cx *cx, const struct id *user_id, const struct id *ids,
			  size_t count)
{
	(void)user_id;
	for (size_t i = 0; i < count; i++) {
		enum err err = signing_break_off(cx, &ids[i]);
		if (err != ERR_CORRUPT)
			TRY(or_gone(err));
	}
	return OK;
}

struct batch {
	const struct id *ids;
	size_t count;
};

static enum err write_mails(struct db *db, void *argument)
{
	const struct batch *batch = argument;
	for (size_t i = 0; i < batch->count; i++)
		TRY(erase_mail(db, &batch->ids[i]));
	return OK;
}

static enum err delete_mails(struct cx *cx, const struct id *user_id, const struct id *ids,
			     size_t count)
{
	struct batch batch = {ids, count};
	(void)user_id;
	return store_transact(cx->portal->store, write_mails, &batch, NULL);
}

struct keeping {
	struct cx *cx;
	const struct id *file_id;
};

static enum err write_keyless(struct db *db, void *argument)
{
	const struct keeping *keeping = argument;
	struct file file, next;
	TRY(files_get(db, keeping->cx->arena, keeping->file_id, &file));
	next = file;
	next.owner_wrapped = STR("");
	return files_update(db, &file, &next);
}

/* With its bytes; one that is in a message loses their key to it. */
static enum err delete_files(struct cx *cx, const struct id *user_id, const struct id *ids,
			     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct keeping keeping = {cx, &ids[i]};
		enum err err = upload_destroy(cx->portal, &ids[i], user_id);
		if (err == ERR_CONFLICT)
			err = store_transact(cx->portal->store, write_keyless, &keeping, cx->arena);
		if (err != ERR_CORRUPT)
			TRY(or_gone(err));
	}
	return OK;
}

/* ---- messages ---- */

struct deliveries {
	const struct delivery *items;
	size_t count;
};

static enum err write_deliveries(struct db *db, void *argument)
{
	const struct deliveries *deliveries = argument;
	for (size_t i = 0; i < deliveries->count; i++)
		TRY(or_gone(deliveries_erase(db, &deliveries->items[i])));
	return OK;
}

static enum err read_box(struct rest *rest, struct arena *arena, enum box box, struct page *page,
			 struct delivery **ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(rest->cx->portal->store, &db));
	return erase_deliveries(db, arena, &rest->user_id, box, MESSAGES_AT_ONCE, page, ret);
}

static enum err destroy_some(struct rest *rest, enum box box, struct page *page)
{
	struct arena arena CLEANUP_ARENA;
	struct delivery *items = NULL;
	arena_init(&arena, BATCH_BYTES);
	TRY(read_box(rest, &arena, box, page, &items));
	struct deliveries deliveries = {items, page->count};
	if (deliveries.count == 0)
		return OK;
	return store_transact(rest->cx->portal->store, write_deliveries, &deliveries, NULL);
}

static enum err destroy_messages(struct rest *rest)
{
	for (int box = BOX_INBOX; box <= BOX_TRASH; box++) {
		struct page page = {0};
		do {
			if (!may_go_on(rest))
				return OK;
			TRY(destroy_some(rest, (enum box)box, &page));
		} while (!id_is_empty(&page.last));
	}
	return OK;
}

/* ---- one person ---- */

static enum err write_finished(struct db *db, void *argument)
{
	const struct rest *rest = argument;
	return erase_finished(db, &rest->user_id);
}

/* Each step can be done again; the last one tells that all were. */
static enum err go_on(struct rest *rest)
{
	static const struct walk requests = {erase_signings, break_off, REQUESTS_AT_ONCE};
	static const struct walk mails = {erase_mails, delete_mails, MAILS_AT_ONCE};
	static const struct walk files = {erase_files, delete_files, FILES_AT_ONCE};
	TRY(walk_all(rest, &requests));
	if (!rest->is_cut)
		TRY(destroy_messages(rest));
	if (!rest->is_cut)
		TRY(walk_all(rest, &mails));
	if (!rest->is_cut)
		TRY(walk_all(rest, &files));
	if (rest->is_cut)
		return OK;
	TRY(store_transact(rest->cx->portal->store, write_finished, rest, NULL));
	log_event(LOG_INFO, "user.erased_wholly", LOG_STR("user", id_str(&rest->user_id)));
	return OK;
}

static void tell_later(const struct id *user_id, enum err err)
{
	log_event(LOG_WARN, "user.erased_later", LOG_STR("user", id_str(user_id)),
		  LOG_CSTR("err", err_name(err)));
}

void people_erase_rest(struct cx *cx, const struct id *id)
{
	struct rest rest = {.cx = cx, .user_id = *id, .batches = cx->session ? BATCHES : INT64_MAX};
	enum err err = go_on(&rest);
	if (err != OK)
		tell_later(id, err);
	if (rest.is_cut)
		cx->portal->has_to_erase = true;
	mailbox_forget(cx);
}

/* ---- whoever is left ---- */

static enum err next_person(struct cx *cx, struct id *id)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return erase_unfinished(db, id, id);
}

/* ERR_CORRUPT: somebody wrote into the database who is none of us. Nothing of them is touched. */
static enum err check_person(struct cx *cx, const struct id *id)
{
	struct arena arena CLEANUP_ARENA;
	struct user user;
	struct db *db CLEANUP_READ = NULL;
	arena_init(&arena, BATCH_BYTES);
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_by_id(db, &arena, id, &user));
	return users_is_erased(&user) ? OK : db_not_authentic("erasing", id_str(id));
}

void people_erase_rest_sweep(struct cx *cx)
{
	struct rest rest = {.cx = cx, .batches = BATCHES};
	bool is_any = false;
	while (!rest.is_cut && next_person(cx, &rest.user_id) == OK) {
		enum err err = check_person(cx, &rest.user_id);
		if (err == OK)
			err = go_on(&rest);
		if (err != OK)
			tell_later(&rest.user_id, err);
		is_any = true;
	}
	cx->portal->has_to_erase = rest.is_cut;
	if (is_any)
		mailbox_forget(cx);
}
