#include "core/message_attach.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/attaching.h"
#include "core/file_key.h"
#include "core/message_options.h"

/* How somebody has a file. */
struct holding {
	struct file file;
	struct file_delivery delivery; /* of one that they received */
	bool is_own;
	bool is_there;
	enum text_id refusal; /* why it may not be given; with is_refused */
	bool is_refused;
};

static void refuse(struct holding *holding, enum text_id why)
{
	holding->refusal = why;
	holding->is_refused = true;
}

/* Whether this right lets them give it to others; `why` otherwise. */
static enum err look_at_right(struct cx *cx, struct db *db, const struct file_delivery *delivery,
			      bool *ret_may, struct holding *holding)
{
	const struct user *self = &cx->session->user;
	struct message_copy copy;
	*ret_may = false;
	if (delivery->ended != DELIVERY_LIVE)
		return OK;
	enum err err = messages_get_head(db, cx->arena, &self->id, &delivery->message_id, &copy);
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	if (!copy.is_authentic || message_options_end(&copy, cx_now_ms(cx)) != DELIVERY_LIVE)
		return OK;
	*ret_may = message_options_may_hand_on(self, &copy, cx_now_ms(cx));
	if (*ret_may)
		return OK;
	bool is_confidential = (copy.message.options & OPTION_CONFIDENTIAL) != 0;
	refuse(holding,
	       is_confidential ? TEXT_ERROR_FILE_CONFIDENTIAL : TEXT_ERROR_FILE_NO_FORWARD);
	return OK;
}

/* The newest message that allows it. */
static enum err look_at_received(struct cx *cx, struct db *db, struct holding *holding)
{
	struct file_delivery *rights;
	size_t count;
	bool may = false;
	TRY(file_deliveries_of_user(db, cx->arena, &cx->session->user.id, &holding->file.id,
				    &rights, &count));
	for (size_t i = 0; i < count && !may; i++) {
		TRY(look_at_right(cx, db, &rights[i], &may, holding));
		if (may)
			holding->delivery = rights[i];
	}
	if (may)
		holding->is_refused = false;
	return OK;
}

static enum err look(struct cx *cx, struct db *db, const struct id *id, struct holding *ret)
{
	struct holding holding = {.is_there = true};
	refuse(&holding, TEXT_ERROR_FILE_GONE);
	enum err err = files_get(db, cx->arena, id, &holding.file);
	*ret = holding;
	/* What fails its check is as good as gone; the alarm was logged. */
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) {
		ret->is_there = false;
		return OK;
	}
	TRY(err);
	holding.is_own = id_eq(&holding.file.owner_id, &cx->session->user.id) &&
			 holding.file.owner_wrapped.len > 0;
	if (holding.is_own)
		holding.is_refused = false;
	else
		TRY(look_at_received(cx, db, &holding));
	if (!holding.is_refused && holding.file.state == FILE_UNFINISHED)
		refuse(&holding, TEXT_ERROR_FILE_UNFINISHED);
	if (!holding.is_refused && holding.file.state == FILE_REFUSED)
		refuse(&holding, TEXT_ERROR_FILE_INFECTED);
	*ret = holding;
	return OK;
}

static bool has_key(const struct holding *holding)
{
	return holding->is_own || !id_is_empty(&holding->delivery.message_id);
}

/* The key and what the file is called, of one that has_key(). */
static enum err open_holding(struct cx *cx, const struct holding *holding, struct secret **ret_key,
			     struct file_head *ret_head)
{
	const struct session *session = cx->session;
	const struct file *file = &holding->file;
	struct file_head head = {.bytes = file->bytes, .scan = file->scan};
	struct secret *key CLEANUP_SECRET = NULL;
	if (holding->is_own)
		TRY(file_key_open_owner(cx, file, &key));
	else
		TRY(file_key_open(&holding->delivery, &session->user, session->private_key,
				  session->mailbox_key, &key));
	TRY(file_head_decrypt(cx, &file->id, key, file->head, &head));
	if (file->state == FILE_READY)
		TRY(file_head_decrypt_digest(cx, file, key, &head));
	*ret_head = head;
	*ret_key = key;
	key = NULL;
	return OK;
}

/* Opened, or refused. */
static enum err look_inside(struct cx *cx, struct holding *holding, struct secret **ret_key,
			    struct file_head *ret_head)
{
	*ret_head = (struct file_head){.name = STR("")};
	if (!holding->is_there || !has_key(holding))
		return OK;
	enum err err = open_holding(cx, holding, ret_key, ret_head);
	if (err != ERR_CORRUPT)
		return err;
	log_event(LOG_ALARM, "file.unreadable", LOG_STR("file", id_str(&holding->file.id)));
	refuse(holding, TEXT_ERROR_FILE_GONE);
	return OK;
}

/* ---- showing ---- */

static enum err look_at_one(struct cx *cx, struct db *db, const struct id *id, struct attached *ret)
{
	struct holding holding;
	struct secret *key CLEANUP_SECRET = NULL;
	struct attached attached = {.id = *id};
	TRY(look(cx, db, id, &holding));
	TRY(look_inside(cx, &holding, &key, &attached.head));
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
	struct holding holding;
	struct file_delivery *rights;
	size_t count;
	TRY(look(cx, db, id, &holding));
	*ret = holding.is_there && holding.is_own;
	if (*ret || !holding.is_there)
		return OK;
	TRY(file_deliveries_of_user(db, cx->arena, &cx->session->user.id, id, &rights, &count));
	*ret = count > 0;
	return OK;
}

/* ---- sending ---- */

static void tell_refusal(struct cx *cx, const struct holding *holding, const struct file_head *head,
			 struct form_errors *errors)
{
	form_error(cx, errors, "files", holding->refusal,
		   TEXT_ARG("name", form_error_quote(cx, head->name)));
}

static enum err open_one(struct cx *cx, struct db *db, const struct id *id,
			 struct attachments *attachments, struct form_errors *errors)
{
	struct holding holding;
	struct attachment *item = &attachments->items[attachments->count];
	TRY(look(cx, db, id, &holding));
	*item = (struct attachment){
		.right = {.file_id = *id,
			  .source_id = holding.delivery.message_id,
			  .owner_wrapped = holding.file.owner_wrapped},
	};
	TRY(look_inside(cx, &holding, &item->key, &item->head));
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
	int64_t max_bytes = cx->portal->settings.message_max_bytes, bytes = 0;
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
