#include "core/file_holding.h"

#include "base/log.h"
#include "core/file_key.h"
#include "core/message_options.h"
#include "core/policy.h"

static void refuse(struct file_holding *holding, enum text_id why)
{
	holding->refusal = why;
	holding->is_refused = true;
}

/* From everybody: whatever a right says, put back from an old copy perhaps (P4.4). The sender keeps
 * it. ERR_NOT_FOUND. */
static enum err check_not_recalled(struct cx *cx, struct db *db,
				   const struct file_delivery *delivery)
{
	struct message_file file;
	enum err err =
		message_files_get(db, cx->arena, &delivery->message_id, &delivery->file_id, &file);
	if (err == ERR_CORRUPT || (err == OK && file.recalled_ms > 0))
		return ERR_NOT_FOUND;
	return err;
}

/* ERR_NOT_FOUND: it has ended, or the message cannot be read. */
static enum err read_live(struct cx *cx, struct db *db, const struct file_delivery *delivery,
			  struct message_copy *ret)
{
	if (delivery->ended != DELIVERY_LIVE)
		return ERR_NOT_FOUND;
	TRY(messages_get_head(db, cx->arena, &cx->session->user.id, &delivery->message_id, ret));
	bool is_live =
		ret->is_authentic && message_options_end(ret, cx_now_ms(cx)) == DELIVERY_LIVE;
	if (!is_live)
		return ERR_NOT_FOUND;
	bool is_mine = id_eq(&ret->message.sender_id, &cx->session->user.id);
	return is_mine ? OK : check_not_recalled(cx, db, delivery);
}

static bool is_confidential(const struct message_copy *copy)
{
	return (copy->message.options & OPTION_CONFIDENTIAL) != 0;
}

/* *ret_may: they may give it to others by this one. */
static enum err look_at_right(struct cx *cx, struct db *db, const struct file_delivery *delivery,
			      struct file_holding *holding, bool *ret_may)
{
	struct message_copy copy;
	enum err err = read_live(cx, db, delivery, &copy);
	*ret_may = false;
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	*ret_may = policy_may(cx, ACT_FORWARD) &&
		   message_options_may_hand_on(&cx->session->user, &copy, cx_now_ms(cx));
	if (is_confidential(&copy)) {
		if (!file_holding_is_readable(holding))
			refuse(holding, TEXT_ERROR_FILE_CONFIDENTIAL);
		return OK;
	}
	if (!*ret_may && file_holding_is_readable(holding))
		return OK;
	holding->delivery = *delivery;
	holding->copy = copy;
	if (*ret_may)
		holding->is_refused = false;
	else
		refuse(holding, TEXT_ERROR_FILE_NO_FORWARD);
	return OK;
}

static enum err look_at_received(struct cx *cx, struct db *db, struct file_holding *holding)
{
	struct file_delivery *rights;
	size_t count;
	bool may = false;
	TRY(file_deliveries_of_user(db, cx->arena, &cx->session->user.id, &holding->file.id,
				    &rights, &count));
	for (size_t i = 0; i < count && !may; i++)
		TRY(look_at_right(cx, db, &rights[i], holding, &may));
	return OK;
}

/* What was only marked when it came is not sent on once the setting has become stricter. */
static bool is_infected(const struct cx *cx, const struct file *file)
{
	return file->state == FILE_REFUSED ||
	       (file->scan == FILE_SCAN_INFECTED &&
		cx->portal->settings->virus_scan == VIRUS_SCAN_REFUSE);
}

static void check_state(const struct cx *cx, struct file_holding *holding)
{
	if (holding->is_refused)
		return;
	if (is_infected(cx, &holding->file))
		refuse(holding, TEXT_ERROR_FILE_INFECTED);
	else if (holding->file.state != FILE_READY)
		refuse(holding, TEXT_ERROR_FILE_UNFINISHED);
	else if (!policy_may(cx, ACT_SEND_FILES))
		refuse(holding, TEXT_ERROR_FILES_OFF);
}

enum err file_holding_look(struct cx *cx, struct db *db, const struct id *file_id,
			   struct file_holding *ret)
{
	struct file_holding holding = {.is_there = true};
	refuse(&holding, TEXT_ERROR_FILE_GONE);
	enum err err = files_get(db, cx->arena, file_id, &holding.file);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) {
		holding.is_there = false;
		*ret = holding;
		return OK;
	}
	TRY(err);
	holding.is_own = id_eq(&holding.file.owner_id, &cx->session->user.id) &&
			 holding.file.owner_wrapped.len > 0;
	if (holding.is_own)
		holding.is_refused = false;
	else
		TRY(look_at_received(cx, db, &holding));
	check_state(cx, &holding);
	*ret = holding;
	return OK;
}

bool file_holding_is_readable(const struct file_holding *holding)
{
	return holding->is_there &&
	       (holding->is_own || !id_is_empty(&holding->delivery.message_id));
}

static enum err open_it(struct cx *cx, const struct file_holding *holding, struct secret **ret_key,
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

enum err file_holding_open(struct cx *cx, struct file_holding *holding, struct secret **ret_key,
			   struct file_head *ret_head)
{
	*ret_head = (struct file_head){.name = STR("")};
	if (!file_holding_is_readable(holding))
		return OK;
	enum err err = open_it(cx, holding, ret_key, ret_head);
	if (err != ERR_CORRUPT)
		return err;
	log_event(LOG_ALARM, "file.unreadable", LOG_STR("file", id_str(&holding->file.id)));
	refuse(holding, TEXT_ERROR_FILE_GONE);
	return OK;
}
