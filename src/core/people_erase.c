#include "core/people_erase.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/address.h"
#include "core/audit_log.h"
#include "core/download.h"
#include "core/mailbox_move.h"
#include "core/people_change.h"
#include "core/seats.h"
#include "core/session.h"
#include "core/session_rights.h"
#include "store/deliveries.h"
#include "store/destroyed.h"
#include "store/files.h"
#include "store/message_files.h"

#include <string.h>

enum { FILES_AT_ONCE = 200, BATCH_BYTES = 16 << 20 };

static enum err read_user(struct cx *cx, struct db *db, const struct id *id, struct user *ret)
{
	TRY(users_by_id(db, cx->arena, id, ret));
	return users_is_erased(ret) ? ERR_NOT_FOUND : OK;
}

enum err people_erase_look(struct cx *cx, const struct id *id, struct user *ret_user,
			   struct erase_counts *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(people_check_administrator(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(read_user(cx, db, id, ret_user));
	return erase_count(db, id, ret);
}

struct erasing {
	struct cx *cx;
	struct id id;
	struct user before;
	struct user after;
	bool is_last;
	/* A batch of what is destroyed afterwards. */
	const struct delivery *deliveries;
	const struct id *file_ids;
	size_t count;
};

/* What keeps their place. No mail ever goes to this address (RFC 2606 2), and no key can be sealed
 * to a public key of zeros. */
static struct user tombstone(struct cx *cx, const struct user *user)
{
	struct user next = *user;
	char id[ID_CHARS + 1] = {0};
	for (size_t i = 0; i < ID_CHARS; i++)
		id[i] = (char)(user->id.text[i] >= 'A' ? user->id.text[i] | 32 : user->id.text[i]);
	next.address = next.address_key = arena_printf(cx->arena, "erased-%s@erased.invalid", id);
	next.name = text_get(cx->language, TEXT_ADMIN_USERS_ERASED_NAME);
	next.grade = GRADE_GUEST;
	next.role = ROLE_MEMBER;
	next.state = USER_DISABLED;
	next.is_registered = false;
	next.language = next.zone = STR("");
	memset(next.public_key, 0, sizeof(next.public_key));
	return next;
}

static enum err write_erasing(struct db *db, void *argument)
{
	struct erasing *erasing = argument;
	struct cx *cx = erasing->cx;
	struct user *before = &erasing->before;
	int64_t administrators;
	TRY(people_check_actor(cx, db));
	TRY(read_user(cx, db, &erasing->id, before));
	erasing->is_last = false;
	if (before->role == ROLE_ADMINISTRATOR && before->state == USER_ACTIVE) {
		TRY(users_count_administrators(db, &administrators));
		erasing->is_last = administrators <= 1;
	}
	if (erasing->is_last)
		return ERR_DENIED;
	erasing->after = tombstone(cx, before);
	TRY(erase_rows(db, &erasing->id, cx_now_ms(cx)));
	TRY(destroyed_note_user(db, &erasing->id));
	TRY(users_update(db, &erasing->after, STR("")));
	TRY(users_set_seen(db, &erasing->id, 0));
	TRY(seats_note(cx, db, before, NULL));
	TRY(audit_log_forget(cx, db, &erasing->id));
	return audit_log_user(cx, db, AUDIT_USER_ERASED, before, &erasing->after, STR(""));
}

/* ---- what they had, in batches ---- */

static enum err write_destroy(struct db *db, void *argument)
{
	const struct erasing *erasing = argument;
	for (size_t i = 0; i < erasing->count; i++) {
		const struct delivery *delivery = &erasing->deliveries[i];
		enum err err = deliveries_destroy(db, delivery, delivery->moved_ms);
		if (err != ERR_NOT_FOUND)
			TRY(err);
	}
	return OK;
}

/* Their key to what they uploaded goes; with it the file, unless it is in a message. */
static enum err write_files(struct db *db, void *argument)
{
	const struct erasing *erasing = argument;
	for (size_t i = 0; i < erasing->count; i++) {
		struct arena arena CLEANUP_ARENA;
		struct file file, next;
		bool is_in_message;
		arena_init(&arena, LIMIT_BODY_SMALL);
		TRY(files_get(db, &arena, &erasing->file_ids[i], &file));
		TRY(message_files_has(db, &file.id, &is_in_message));
		next = file;
		next.owner_wrapped = STR("");
		TRY(is_in_message ? files_update(db, &file, &next) : files_delete(db, &file.id));
	}
	return OK;
}

static enum err read_batch(struct erasing *erasing, struct arena *arena, bool is_files)
{
	struct db *db CLEANUP_READ = NULL;
	struct delivery *deliveries = NULL;
	struct id *file_ids = NULL;
	struct cx *cx = erasing->cx;
	TRY(store_read_begin(cx->portal->store, &db));
	if (is_files)
		TRY(erase_files(db, arena, &erasing->id, FILES_AT_ONCE, &file_ids,
				&erasing->count));
	else
		TRY(deliveries_in_trash_of(db, arena, &erasing->id, cx_now_ms(cx), LIMIT_SWEEP_ROWS,
					   &deliveries, &erasing->count));
	erasing->deliveries = deliveries;
	erasing->file_ids = file_ids;
	return OK;
}

static enum err destroy_all(struct erasing *erasing, bool is_files)
{
	do {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, BATCH_BYTES);
		TRY(read_batch(erasing, &arena, is_files));
		if (erasing->count > 0)
			TRY(store_transact(erasing->cx->portal->store,
					   is_files ? write_files : write_destroy, erasing, NULL));
	} while (erasing->count > 0);
	return OK;
}

/* ---- the act ---- */

static enum err check_typed(struct cx *cx, const struct id *id, const struct str *typed,
			    struct form_errors *errors)
{
	struct user user;
	struct address address;
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(read_user(cx, db, id, &user));
	if (typed == NULL || (address_parse(cx->arena, *typed, &address) == OK &&
			      str_eq(address.key, user.address_key)))
		return OK;
	form_error(cx, errors, "address", TEXT_ADMIN_USERS_ERASE_ADDRESS_WRONG,
		   TEXT_ARG("address", user.address));
	return ERR_INVALID;
}

enum err people_erase(struct cx *cx, const struct id *id, const struct str *typed,
		      struct form_errors *errors)
{
	struct erasing erasing = {.cx = cx, .id = *id};
	TRY(people_check_administrator(cx));
	TRY(check_typed(cx, id, typed, errors));
	if (cx->session && id_eq(&cx->session->user.id, id)) {
		form_error(cx, errors, "", TEXT_ADMIN_USERS_NOT_ONESELF_ERASED);
		return ERR_DENIED;
	}
	enum err err = store_transact(cx->portal->store, write_erasing, &erasing, cx->arena);
	if (err == ERR_DENIED && erasing.is_last)
		form_error(cx, errors, "", TEXT_ADMIN_USERS_LAST_ADMINISTRATOR,
			   TEXT_ARG("person", user_label(&erasing.before)));
	TRY(err);
	session_rights_changed(cx->portal, id);
	log_event(LOG_INFO, "user.erased", LOG_STR("user", id_str(id)));
	/* Their keys are gone. What follows only makes room; should it break off, housekeeping goes
	 * on with it. */
	err = destroy_all(&erasing, false);
	if (err == OK)
		err = destroy_all(&erasing, true);
	if (err != OK)
		log_event(LOG_WARN, "user.erased_later", LOG_STR("user", id_str(id)),
			  LOG_CSTR("err", err_name(err)));
	mailbox_forget(cx);
	return OK;
}
