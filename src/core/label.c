#include "core/label.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/fold.h"
#include "core/label_read.h"
#include "core/mailbox_read.h"
#include "core/session.h"

struct change {
	const struct id *user_id;
	struct label_row *rows; /* labels to make or to write */
	size_t row_count;
	const struct id *label_id;
	const struct id *messages;
	size_t message_count;
	bool is_on;
	bool are_too_many; /* why it is ERR_TOO_LARGE: of labels, not on a message */
	store_fn *first;   /* NULL: nothing */
	void *first_argument;
};

static struct change change_of(struct cx *cx)
{
	return (struct change){.user_id = &cx->session->user.id};
}

/* ---- names ---- */

static enum err check_name(struct cx *cx, struct str typed, const char *field, struct str *ret,
			   struct form_errors *errors)
{
	struct str name = str_trim(typed);
	if (!utf8_is_line(name))
		form_error(cx, errors, field, TEXT_ERROR_LABEL_UNREADABLE);
	else if (name.len == 0)
		form_error(cx, errors, field, TEXT_ERROR_LABEL_MISSING);
	else if (utf8_count(name) > LIMIT_LABEL_CHARS)
		form_error(cx, errors, field, TEXT_ERROR_LABEL_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_LABEL_CHARS));
	if (form_errors_for(errors, field).len > 0)
		return ERR_INVALID;
	return fold_nfc(cx->arena, name, ret);
}

/* The row of a label with this name. */
static enum err prepare(struct cx *cx, const struct id *id, int64_t version, struct str name,
			struct label_row *ret)
{
	*ret = (struct label_row){.id = *id, .user_id = cx->session->user.id, .version = version};
	TRY(label_read_key(cx, name, &ret->name_key));
	return label_read_encrypt(cx, ret, name, &ret->name);
}

static enum err insert(struct db *db, struct change *change, const struct label_row *row)
{
	int64_t count;
	TRY(labels_count(db, change->user_id, &count));
	change->are_too_many = count >= LIMIT_LABELS;
	if (change->are_too_many)
		return ERR_TOO_LARGE;
	return labels_insert(db, row);
}

static enum err tell(struct cx *cx, const char *field, enum err err, struct form_errors *errors)
{
	if (err == ERR_CONFLICT)
		form_error(cx, errors, field, TEXT_ERROR_LABEL_EXISTS);
	else if (err == ERR_TOO_LARGE)
		form_error(cx, errors, field, TEXT_ERROR_LABEL_LIMIT,
			   TEXT_NUMBER("count", LIMIT_LABELS));
	else
		return err;
	return ERR_INVALID;
}

static enum err write_new(struct db *db, void *argument)
{
	struct change *change = argument;
	return insert(db, change, &change->rows[0]);
}

enum err label_create(struct cx *cx, struct str name, struct id *ret, struct form_errors *errors)
{
	struct change change = change_of(cx);
	struct label_row row;
	struct id id = id_new(cx_now_ms(cx));
	TRY(check_name(cx, name, "name", &name, errors));
	TRY(prepare(cx, &id, 1, name, &row));
	change.rows = &row;
	TRY(tell(cx, "name", store_transact(cx->portal->store, write_new, &change, cx->arena),
		 errors));
	*ret = id;
	return OK;
}

static enum err write_name(struct db *db, void *argument)
{
	struct change *change = argument;
	const struct label_row *row = &change->rows[0];
	struct id other;
	enum err err = labels_find(db, change->user_id, row->name_key, &other);
	if (err == OK && !id_eq(&other, &row->id))
		return ERR_CONFLICT;
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	return labels_update(db, row, row->version - 1);
}

static enum err get_row(struct cx *cx, const struct id *id, struct label_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return labels_get(db, cx->arena, &cx->session->user.id, id, ret);
}

enum err label_rename(struct cx *cx, const struct id *id, struct str name,
		      struct form_errors *errors)
{
	struct change change = change_of(cx);
	struct label_row row;
	TRY(get_row(cx, id, &row));
	TRY(check_name(cx, name, "name", &name, errors));
	TRY(prepare(cx, id, row.version + 1, name, &row));
	change.rows = &row;
	return tell(cx, "name", store_transact(cx->portal->store, write_name, &change, cx->arena),
		    errors);
}

static enum err write_deletion(struct db *db, void *argument)
{
	const struct change *change = argument;
	return labels_delete(db, change->user_id, change->label_id);
}

enum err label_delete(struct cx *cx, const struct id *id)
{
	struct change change = change_of(cx);
	change.label_id = id;
	return store_transact(cx->portal->store, write_deletion, &change, NULL);
}

enum err label_list(struct cx *cx, struct label **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return label_read_all(cx, db, ret, ret_count);
}

/* ---- on messages ---- */

/* Quoted messages stand in no list, so there is nothing to find them by. */
static enum err check_message(struct db *db, struct arena *arena, const struct change *change,
			      const struct id *message_id)
{
	struct delivery delivery;
	TRY(deliveries_get(db, arena, change->user_id, message_id, &delivery));
	return delivery.box == BOX_NONE ? ERR_NOT_FOUND : OK;
}

static enum err check_room(struct db *db, struct arena *arena, const struct change *change,
			   const struct id *message_id)
{
	struct id *ids;
	size_t count;
	TRY(labels_on(db, arena, change->user_id, message_id, &ids, &count));
	return count <= LIMIT_LABELS_PER_MESSAGE ? OK : ERR_TOO_LARGE;
}

static enum err put_one(struct db *db, struct arena *arena, const struct change *change,
			const struct id *message_id)
{
	TRY(check_message(db, arena, change, message_id));
	if (!change->is_on)
		return labels_take(db, change->user_id, message_id, change->label_id);
	TRY(labels_put(db, change->user_id, message_id, change->label_id));
	return check_room(db, arena, change, message_id);
}

enum { CHANGE_ARENA_BYTES = 4 << 20 };

static enum err write_put(struct db *db, void *argument)
{
	const struct change *change = argument;
	struct arena arena CLEANUP_ARENA;
	struct label_row label;
	arena_init(&arena, CHANGE_ARENA_BYTES);
	TRY(labels_get(db, &arena, change->user_id, change->label_id, &label));
	for (size_t i = 0; i < change->message_count; i++)
		TRY(put_one(db, &arena, change, &change->messages[i]));
	return OK;
}

enum err label_put(struct cx *cx, const struct id *label_id, const struct id *ids, size_t count,
		   bool is_on)
{
	struct change change = change_of(cx);
	if (count < 1 || count > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	change.label_id = label_id;
	change.messages = ids;
	change.message_count = count;
	change.is_on = is_on;
	return store_transact(cx->portal->store, write_put, &change, NULL);
}

/* The label of this name, made now if it is new. */
static enum err find_or_insert(struct db *db, struct change *change, const struct label_row *row,
			       struct id *ret)
{
	enum err err = labels_find(db, change->user_id, row->name_key, ret);
	if (err != ERR_NOT_FOUND)
		return err;
	*ret = row->id;
	return insert(db, change, row);
}

static enum err write_set(struct db *db, void *argument)
{
	struct change *change = argument;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, CHANGE_ARENA_BYTES);
	if (change->first)
		TRY(change->first(db, change->first_argument));
	TRY(check_message(db, &arena, change, change->messages));
	TRY(labels_take_all(db, change->user_id, change->messages));
	for (size_t i = 0; i < change->row_count; i++) {
		struct id label_id;
		TRY(find_or_insert(db, change, &change->rows[i], &label_id));
		TRY(labels_put(db, change->user_id, change->messages, &label_id));
	}
	return OK;
}

enum err label_set_after(struct cx *cx, store_fn *first, void *argument,
			 const struct id *message_id, const struct str *names, size_t count,
			 const char *field, struct form_errors *errors)
{
	struct change change = change_of(cx);
	change.first = first;
	change.first_argument = argument;
	change.rows = ARENA_ARRAY(cx->arena, count + 1, struct label_row);
	if (change.rows == NULL)
		return ERR_UNAVAILABLE;
	if (count > LIMIT_LABELS_PER_MESSAGE) {
		form_error(cx, errors, field, TEXT_ERROR_LABELS_ON_MESSAGE,
			   TEXT_NUMBER("count", LIMIT_LABELS_PER_MESSAGE));
		return ERR_INVALID;
	}
	for (; change.row_count < count; change.row_count++) {
		struct str name;
		struct id id = id_new(cx_now_ms(cx));
		TRY(check_name(cx, names[change.row_count], field, &name, errors));
		TRY(prepare(cx, &id, 1, name, &change.rows[change.row_count]));
	}
	change.messages = message_id;
	return tell(cx, field, store_transact(cx->portal->store, write_set, &change, cx->arena),
		    errors);
}

enum err label_set(struct cx *cx, const struct id *message_id, const struct str *names,
		   size_t count, const char *field, struct form_errors *errors)
{
	return label_set_after(cx, NULL, NULL, message_id, names, count, field, errors);
}

/* ---- what has a label ---- */

static enum err read_messages(struct cx *cx, const struct id *label_id, const struct id *before,
			      int64_t limit, struct rewrap *rewrap, struct label *ret_label,
			      struct message_list *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct label_row row;
	struct message_copy *copies;
	size_t count;
	const struct id *user_id = &cx->session->user.id;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(labels_get(db, cx->arena, user_id, label_id, &row));
	TRY(label_read_one(cx, &row, ret_label));
	TRY(messages_with_label(db, cx->arena, user_id, label_id, before, limit + 1, &copies,
				&count));
	return mailbox_read_page(cx, db, copies, count, limit, rewrap, ret);
}

enum err label_messages(struct cx *cx, const struct id *label_id, struct str cursor, int64_t limit,
			struct label *ret_label, struct message_list *ret)
{
	struct id before = {0};
	struct rewrap rewrap = {0};
	if (limit < 1 || limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	if (cursor.len > 0)
		TRY(id_parse(cursor, &before));
	TRY(read_messages(cx, label_id, &before, limit, &rewrap, ret_label, ret));
	mailbox_read_finish(cx, &rewrap);
	return OK;
}
