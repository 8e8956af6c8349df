#include "web/files_part.h"

#include "base/limits.h"
#include "core/message_attach.h"
#include "core/policy.h"

/* ---- what is attached ---- */

static enum err fill_item(struct cx *cx, const struct attached *file, struct attached_file *ret)
{
	bool is_gone = file->head.name.len == 0;
	TRY(file_words_fill(cx, &file->id, &file->head, &ret->words));
	ret->bytes = file->head.bytes;
	ret->offset = file->stored_bytes;
	if (is_gone)
		ret->words.name = text_get(cx->language, TEXT_FILES_GONE_NAME);
	bool is_unfinished = !file->is_ready &&
			     (!file->has_refusal || file->refusal == TEXT_ERROR_FILE_UNFINISHED);
	ret->state = file->is_ready  ? ATTACHED_READY
		     : is_unfinished ? ATTACHED_UNFINISHED
				     : ATTACHED_REFUSED;
	if (is_unfinished)
		ret->note = TEXT_FILL(cx->arena, cx->language, TEXT_FILES_UNFINISHED,
				      TEXT_ARG("done", file_words_size(cx, file->stored_bytes)),
				      TEXT_ARG("size", ret->words.size));
	else if (file->has_refusal)
		ret->note = TEXT_FILL(cx->arena, cx->language, file->refusal,
				      TEXT_ARG("name", ret->words.name));
	return OK;
}

enum err files_part_list(struct cx *cx, const struct draft *draft, struct attached_file **ret)
{
	struct attached *files;
	struct attached_file *items =
		ARENA_ARRAY(cx->arena, draft->file_count + 1, struct attached_file);
	if (items == NULL)
		return ERR_UNAVAILABLE;
	*ret = items;
	if (draft->file_count == 0)
		return OK;
	TRY(message_attach_look(cx, draft->files, draft->file_count, &files));
	for (size_t i = 0; i < draft->file_count; i++)
		TRY(fill_item(cx, &files[i], &items[i]));
	return OK;
}

/* ---- what may be ---- */

/* Settings are often powers of two, and people call 5 GiB "5 GB", as many systems do: then so do
 * we, and measure by it what is compared with it. */
static int64_t as_people_say(int64_t bytes, int64_t limit)
{
	const int64_t gib = INT64_C(1) << 30, gb = 1000000000;
	const int64_t mib = 1 << 20, mb = 1000000;
	if (limit % gib == 0)
		return bytes / gib * gb + bytes % gib * gb / gib;
	if (limit % mib == 0)
		return bytes / mib * mb + bytes % mib * mb / mib;
	return bytes;
}

static struct str said_size(struct cx *cx, int64_t bytes, int64_t limit)
{
	return file_words_size(cx, as_people_say(bytes, limit));
}

static int64_t left_of(int64_t used_bytes, int64_t quota_bytes)
{
	return used_bytes < quota_bytes ? quota_bytes - used_bytes : 0;
}

static struct str said_left(struct cx *cx, int64_t used_bytes, int64_t quota_bytes)
{
	return said_size(cx, left_of(used_bytes, quota_bytes), quota_bytes);
}

struct str files_part_limits(struct cx *cx, const struct upload_limits *limits)
{
	struct str size = said_size(cx, limits->file_bytes, limits->file_bytes);
	if (limits->quota_bytes <= 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_FILES_LIMIT, TEXT_ARG("size", size));
	return TEXT_FILL(cx->arena, cx->language, TEXT_FILES_LIMIT_LEFT, TEXT_ARG("size", size),
			 TEXT_ARG("left", said_left(cx, limits->used_bytes, limits->quota_bytes)));
}

static void fill_limits(struct cx *cx, const struct upload_limits *limits, struct files_part *part)
{
	part->limits = files_part_limits(cx, limits);
	part->file_bytes = limits->file_bytes;
	part->message_bytes = limits->message_bytes;
	part->left_bytes =
		limits->quota_bytes <= 0 ? -1 : left_of(limits->used_bytes, limits->quota_bytes);
	part->most = LIMIT_MESSAGE_FILES;
	part->file_size = said_size(cx, limits->file_bytes, limits->file_bytes);
	part->message_size = said_size(cx, limits->message_bytes, limits->message_bytes);
	part->document_size = said_size(cx, LIMIT_PDF_BYTES, LIMIT_PDF_BYTES);
	part->left_size = said_left(cx, limits->used_bytes, limits->quota_bytes);
	part->blocked = limits->blocked_endings;
}

struct str files_part_used(struct cx *cx, int64_t used_bytes, int64_t quota_bytes)
{
	return TEXT_FILL(cx->arena, cx->language, TEXT_LIBRARY_USED,
			 TEXT_ARG("used", file_words_size(cx, used_bytes)),
			 TEXT_ARG("left", said_left(cx, used_bytes, quota_bytes)));
}

enum err files_part_fill(struct cx *cx, const struct draft *draft, const struct form_errors *errors,
			 struct files_part *ret)
{
	struct upload_limits limits;
	struct files_part part = {
		.is_offered = policy_may(cx, ACT_SEND_FILES),
		.wrong = form_errors_for(errors, "files"),
		.mark = {.name = STR("{name}"),
			 .ending = STR("{ending}"),
			 .number = STR("{number}"),
			 .done = STR("{done}"),
			 .size = STR("{size}"),
			 .speed = STR("{speed}"),
			 .time = STR("{time}"),
			 .why = STR("{why}")},
		.blank = {.words = {.name = STR("{name}")}},
	};
	TRY(upload_limits_of(cx, &limits));
	fill_limits(cx, &limits, &part);
	TRY(files_part_list(cx, draft, &part.items));
	part.count = draft->file_count;
	*ret = part;
	return OK;
}

static bool is_there(const struct id *ids, size_t count, const struct id *id)
{
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&ids[i], id))
			return true;
	}
	return false;
}

enum err files_part_read(struct arena *arena, const struct form *form, struct draft *draft)
{
	size_t count = 0;
	struct str dropped = form_value(form, "drop");
	/* One more than fits: the refusal is core's. */
	struct id *ids = ARENA_ARRAY(arena, LIMIT_MESSAGE_FILES + 1, struct id);
	if (ids == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < form->count && count <= LIMIT_MESSAGE_FILES; i++) {
		const struct form_field *field = &form->fields[i];
		struct id id;
		if (str_eq(field->name, STR("file")) && id_parse(field->value, &id) == OK &&
		    !str_eq(id_str(&id), dropped) && !is_there(ids, count, &id))
			ids[count++] = id;
	}
	draft->files = ids;
	draft->file_count = count;
	return OK;
}
