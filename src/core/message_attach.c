#include "core/message_attach.h"

#include "base/limits.h"
#include "core/attaching.h"
#include "core/file_holding.h"

/* ---- showing ---- */

static enum err look_at_one(struct cx *cx, struct db *db, const struct id *id, struct attached *ret)
{
	struct file_holding holding;
	struct secret *key CLEANUP_SECRET = NULL;
	struct attached attached = {.id = *id};
	TRY(file_holding_look(cx, db, id, &holding));
	TRY(file_holding_open(cx, &holding, &key, &attached.head));
	attached.stored_bytes = holding.file.stored_bytes;
	attached.has_refusal = holding.is_refused;
	attached.refusal = holding.refusal;
	attached.is_ready = !holding.is_refused;
	*ret = attached;
	return OK;
}

enum err message_attach_look(struct cx *cx, const struct id *ids, size_t count,
			     struct attached **ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct attached *items = ARENA_ARRAY(cx->arena, count + 1, struct attached);
	if (items == NULL)
		return ERR_UNAVAILABLE;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < count; i++)
		TRY(look_at_one(cx, db, &ids[i], &items[i]));
	*ret = items;
	return OK;
}

enum err message_attach_is_theirs(struct cx *cx, struct db *db, const struct id *id, bool *ret)
{
	struct file_holding holding;
	struct file_delivery *rights;
	size_t count;
	TRY(file_holding_look(cx, db, id, &holding));
	*ret = holding.is_there && holding.is_own;
	if (*ret || !holding.is_there)
		return OK;
	TRY(file_deliveries_of_user(db, cx->arena, &cx->session->user.id, id, &rights, &count));
	*ret = count > 0;
	return OK;
}

/* ---- sending ---- */

static void tell_refusal(struct cx *cx, const struct file_holding *holding,
			 const struct file_head *head, struct form_errors *errors)
{
	form_error(cx, errors, "files", holding->refusal,
		   TEXT_ARG("name", form_error_quote(cx, head->name)));
}

static enum err open_one(struct cx *cx, struct db *db, const struct id *id,
			 struct attachments *attachments, struct form_errors *errors)
{
	struct file_holding holding;
	struct attachment *item = &attachments->items[attachments->count];
	TRY(file_holding_look(cx, db, id, &holding));
	*item = (struct attachment){
		.right = {.file_id = *id,
			  .source_id = holding.delivery.message_id,
			  .owner_wrapped = holding.file.owner_wrapped},
	};
	TRY(file_holding_open(cx, &holding, &item->key, &item->head));
	/* From here on it is closed with the others. */
	attachments->count++;
	if (holding.is_refused)
		tell_refusal(cx, &holding, &item->head, errors);
	return OK;
}

static bool is_among(const struct attachments *attachments, const struct id *id)
{
	for (size_t i = 0; i < attachments->count; i++) {
		if (id_eq(&attachments->items[i].right.file_id, id))
			return true;
	}
	return false;
}

static void check_sizes(struct cx *cx, const struct attachments *attachments,
			struct form_errors *errors)
{
	int64_t max_bytes = cx->portal->settings->message_max_bytes, bytes = 0;
	for (size_t i = 0; i < attachments->count; i++)
		bytes += attachments->items[i].head.bytes;
	if (bytes > max_bytes)
		form_error(cx, errors, "files", TEXT_ERROR_FILES_TOO_LARGE,
			   TEXT_ARG("size", format_size(cx->arena, cx->language, bytes)),
			   TEXT_ARG("max", format_size(cx->arena, cx->language, max_bytes)));
}

enum err attaching_open(struct cx *cx, const struct draft *draft, size_t recipients,
			struct attachments *ret, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	if (draft->file_count == 0)
		return OK;
	if (draft->file_count > LIMIT_MESSAGE_FILES) {
		form_error(cx, errors, "files", TEXT_ERROR_FILES_TOO_MANY,
			   TEXT_NUMBER("count", LIMIT_MESSAGE_FILES));
		return OK;
	}
	ret->items = ARENA_ARRAY(cx->arena, draft->file_count, struct attachment);
	if (ret->items == NULL)
		return ERR_UNAVAILABLE;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < draft->file_count; i++)
		if (!is_among(ret, &draft->files[i]))
			TRY(open_one(cx, db, &draft->files[i], ret, errors));
	check_sizes(cx, ret, errors);
	enum err err = attaching_count(cx, ret->count, recipients, errors);
	return err == ERR_INVALID ? OK : err;
}
