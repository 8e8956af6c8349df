#include "core/label_read.h"

#include "base/log.h"
#include "core/fold.h"
#include "core/session.h"
#include "crypto/aead.h"

#include <stdlib.h>

static struct context name_context(const struct label_row *row)
{
	return (struct context){
		.purpose = "label",
		.object = id_str(&row->id),
		.holder = id_str(&row->user_id),
		.version = row->version,
	};
}

enum err label_read_key(struct cx *cx, struct str name, struct str *ret)
{
	struct str folded;
	struct mac mac;
	uint8_t *key = arena_alloc(cx->arena, DIGEST_BYTES);
	TRY(fold_text(cx->arena, name, &folded));
	if (key == NULL)
		return ERR_UNAVAILABLE;
	mac_begin(&mac, cx->session->mailbox_key, "label");
	mac_str(&mac, folded);
	mac_end(&mac, key);
	*ret = str_bytes(key, DIGEST_BYTES);
	return OK;
}

enum err label_read_encrypt(struct cx *cx, const struct label_row *row, struct str name,
			    struct str *ret)
{
	struct context context = name_context(row);
	return aead_encrypt(cx->session->mailbox_key, &context, name, cx->arena, ret);
}

enum err label_read_one(struct cx *cx, const struct label_row *row, struct label *ret)
{
	struct context context = name_context(row);
	*ret = (struct label){.id = row->id, .name = STR("")};
	enum err err =
		aead_decrypt(cx->session->mailbox_key, &context, row->name, cx->arena, &ret->name);
	if (err != ERR_CORRUPT)
		return err;
	ret->is_unreadable = true;
	log_event(LOG_ALARM, "label.unreadable", LOG_STR("label", id_str(&row->id)));
	return OK;
}

struct sorted {
	struct str folded;
	struct label label;
};

static int compare(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	int order = str_compare(a->folded, b->folded);
	return order != 0 ? order : str_compare(id_str(&a->label.id), id_str(&b->label.id));
}

enum err label_read_all(struct cx *cx, struct db *db, struct label **ret, size_t *ret_count)
{
	struct label_row *rows;
	size_t count;
	TRY(labels_of_user(db, cx->arena, &cx->session->user.id, &rows, &count));
	struct sorted *sorted = ARENA_ARRAY(cx->arena, count + 1, struct sorted);
	struct label *labels = ARENA_ARRAY(cx->arena, count + 1, struct label);
	if (sorted == NULL || labels == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		TRY(label_read_one(cx, &rows[i], &sorted[i].label));
		TRY(fold_text(cx->arena, sorted[i].label.name, &sorted[i].folded));
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++)
		labels[i] = sorted[i].label;
	*ret = labels;
	*ret_count = count;
	return OK;
}

static bool is_among(const struct id *ids, size_t count, const struct id *id)
{
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&ids[i], id))
			return true;
	}
	return false;
}

static enum err choose(struct cx *cx, const struct label *all, size_t all_count,
		       const struct id *ids, size_t count, const struct label **ret,
		       size_t *ret_count)
{
	size_t found = 0;
	struct label *labels = ARENA_ARRAY(cx->arena, count + 1, struct label);
	if (labels == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < all_count && found < count; i++) {
		if (is_among(ids, count, &all[i].id))
			labels[found++] = all[i];
	}
	*ret = labels;
	*ret_count = found;
	return OK;
}

enum err label_read_on(struct cx *cx, struct db *db, const struct label *all, size_t all_count,
		       const struct id *message_id, const struct label **ret, size_t *ret_count)
{
	struct id *ids = NULL;
	size_t count = 0;
	if (all_count > 0)
		TRY(labels_on(db, cx->arena, &cx->session->user.id, message_id, &ids, &count));
	return choose(cx, all, all_count, ids, count, ret, ret_count);
}

enum err label_read_on_conversation(struct cx *cx, struct db *db, const struct label *all,
				    size_t all_count, const struct id *conversation_id,
				    const struct label **ret, size_t *ret_count)
{
	struct id *ids = NULL;
	size_t count = 0;
	if (all_count > 0)
		TRY(labels_on_conversation(db, cx->arena, &cx->session->user.id, conversation_id,
					   &ids, &count));
	return choose(cx, all, all_count, ids, count, ret, ret_count);
}
