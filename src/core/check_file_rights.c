/* Rights to the files of a message, checked: each has a key until it ends, and none outlives the
 * right to the message, or the file's recall. */
#include "core/checking.h"
#include "store/message_files.h"

static const struct delivery *delivery_of(const struct delivery *deliveries, size_t count,
					  const struct id *user_id)
{
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&deliveries[i].user_id, user_id))
			return &deliveries[i];
	}
	return NULL;
}

static const struct message_file *file_of(const struct message_file *files, size_t count,
					  const struct id *file_id)
{
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&files[i].file_id, file_id))
			return &files[i];
	}
	return NULL;
}

/* delivery, file: NULL where the row fails its own check or is not there, which is told elsewhere.
 */
static void check_right(struct checking *checking, const struct file_delivery *right,
			const struct delivery *delivery, const struct message_file *file)
{
	size_t keys = (right->sealed.len > 0) + (right->wrapped.len > 0);
	bool is_live = right->ended == DELIVERY_LIVE;
	if (keys != (is_live ? 1u : 0u))
		checking_problem(checking, "A right to a file has no key, or one too many",
				 id_str(&right->file_id));
	if (is_live && delivery &&
	    (delivery->ended != DELIVERY_LIVE || delivery->box == BOX_DESTROYED))
		checking_problem(checking, "A file can be read by who can read its message no more",
				 id_str(&right->file_id));
	if (is_live && file && file->recalled_ms > 0 && delivery &&
	    delivery->kind != RECIPIENT_FROM)
		checking_problem(checking, "A recalled file can still be read",
				 id_str(&right->file_id));
}

enum err check_file_rights(struct checking *checking, struct db *db, const struct message *message,
			   const struct delivery *deliveries, size_t count)
{
	struct message_file *files;
	struct file_delivery *rights;
	size_t file_count, right_count;
	int64_t bad;
	TRY(message_files_of_message(db, &checking->arena, &message->id, &files, &file_count,
				     &rights, &right_count, &bad));
	checking_bad(checking, "What a message says of its files was changed from outside", bad);
	for (size_t i = 0; i < right_count; i++)
		check_right(checking, &rights[i],
			    delivery_of(deliveries, count, &rights[i].user_id),
			    file_of(files, file_count, &rights[i].file_id));
	return OK;
}
