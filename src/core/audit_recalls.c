/* No key that was destroyed by a recall is back: a delivery put back as it was before is authentic.
 */
#include "core/audit_verifying.h"
#include "store/message_files.h"

static const int64_t recall_kinds = AUDIT_KIND(AUDIT_RECALL) | AUDIT_KIND(AUDIT_FILE_RECALL);

/* What one entry says, and who has the message now. */
struct recall_entry {
	const struct audit_view *view;
	struct delivery *deliveries;
	size_t count;
};

static bool has_key(const struct delivery *delivery)
{
	return delivery->ended == DELIVERY_LIVE && delivery->box != BOX_DESTROYED &&
	       (delivery->sealed.len > 0 || delivery->wrapped.len > 0);
}

static const struct delivery *delivery_of(const struct recall_entry *recall,
					  const struct id *user_id)
{
	for (size_t i = 0; i < recall->count; i++)
		if (id_eq(&recall->deliveries[i].user_id, user_id))
			return &recall->deliveries[i];
	return NULL;
}

/* Its sender, who keeps it, can hand it on anew. */
static bool was_given_later(const struct recall_entry *recall, const struct delivery *delivery)
{
	return delivery && delivery->kind == RECIPIENT_QUOTED &&
	       id_ms(&delivery->via) >= recall->view->entry.at_ms;
}

static bool is_reached(const struct recall_entry *recall, const struct id *user_id)
{
	const struct audit_view *view = recall->view;
	const struct delivery *delivery = delivery_of(recall, user_id);
	if (view->is_whole)
		return !(delivery && delivery->kind == RECIPIENT_FROM) &&
		       !was_given_later(recall, delivery);
	for (size_t i = 0; i < view->reached_count; i++)
		if (id_eq(&view->reached[i], user_id))
			return true;
	return false;
}

static void tell(struct audit_verifying *verifying, const struct recall_entry *recall,
		 const struct id *user_id, const struct id *file_id)
{
	struct audit_problem problem = {
		.kind = file_id ? AUDIT_PROBLEM_FILE_BACK : AUDIT_PROBLEM_MESSAGE_BACK,
		.number = recall->view->entry.number,
		.user_id = *user_id,
		.message_id = recall->view->entry.object_id,
	};
	if (file_id)
		problem.file_id = *file_id;
	audit_verifying_tell(verifying, &problem);
}

/* Everybody but the sender of the message: of those who sent it on the entry has names. */
static enum err verify_file(struct audit_verifying *verifying, struct db *db,
			    const struct recall_entry *recall, const struct id *file_id)
{
	struct file_holder *holders;
	size_t count;
	TRY(file_deliveries_of_file(db, verifying->cx.arena, &recall->view->entry.object_id,
				    file_id, &holders, &count));
	for (size_t i = 0; i < count; i++) {
		const struct file_delivery *delivery = &holders[i].delivery;
		bool is_back = holders[i].is_authentic && delivery->ended == DELIVERY_LIVE &&
			       (delivery->sealed.len > 0 || delivery->wrapped.len > 0);
		if (is_back && is_reached(recall, &delivery->user_id))
			tell(verifying, recall, &delivery->user_id, file_id);
	}
	return OK;
}

/* Its files go with a message. */
static enum err verify_files(struct audit_verifying *verifying, struct db *db,
			     const struct recall_entry *recall)
{
	const struct audit_entry *entry = &recall->view->entry;
	struct message_file_copy *copies;
	size_t count;
	TRY(message_files_of(db, verifying->cx.arena, &entry->object_id, &entry->actor_id, &copies,
			     &count));
	for (size_t i = 0; i < count; i++)
		TRY(verify_file(verifying, db, recall, &copies[i].file.file_id));
	return OK;
}

static enum err verify_recall(struct audit_verifying *verifying, struct db *db,
			      const struct audit_view *view)
{
	struct recall_entry recall = {.view = view};
	struct id file_id;
	int64_t bad;
	TRY(deliveries_of_message(db, verifying->cx.arena, &view->entry.object_id,
				  &recall.deliveries, &recall.count, &bad));
	verifying->report.recalls++;
	if (view->entry.kind == AUDIT_FILE_RECALL)
		return id_parse(view->subject, &file_id) == OK
			       ? verify_file(verifying, db, &recall, &file_id)
			       : OK;
	for (size_t i = 0; i < recall.count; i++) {
		const struct delivery *delivery = &recall.deliveries[i];
		if (has_key(delivery) && is_reached(&recall, &delivery->user_id))
			tell(verifying, &recall, &delivery->user_id, NULL);
	}
	return verify_files(verifying, db, &recall);
}

enum err audit_recalls_verify(struct audit_verifying *verifying, struct db *db)
{
	struct arena *arena = verifying->cx.arena;
	int64_t last = 0;
	size_t count;
	do {
		struct audit_entry page[AUDIT_VERIFY_PAGE], *entries;
		TRY(audit_of_kinds(db, arena, recall_kinds, false, last, AUDIT_VERIFY_PAGE,
				   &entries, &count));
		for (size_t i = 0; i < count; i++)
			page[i] = entries[i];
		/* A message can have many readers: memory for one entry at a time. */
		for (size_t i = 0; i < count; i++) {
			struct audit_view view;
			arena_release(arena);
			TRY(audit_log_read(&verifying->cx, db, &page[i], &view));
			if (!view.is_changed && !view.is_erased)
				TRY(verify_recall(verifying, db, &view));
			last = page[i].number;
		}
	} while (count == AUDIT_VERIFY_PAGE);
	return OK;
}
