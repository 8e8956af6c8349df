#include "api/api_options.h"

#include "api/api_files.h"
#include "base/limits.h"

/* By the bits of enum message_option. */
static const char *const names[] = {"no_forward", "no_reply_all", "no_reply", "confidential"};
enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };
_Static_assert(OPTION_NO_FORWARD == 1 && OPTION_NO_REPLY_ALL == 2 && OPTION_NO_REPLY == 4 &&
		       OPTION_CONFIDENTIAL == 8,
	       "names are in the order of the bits");

void api_options_read(struct json_read *read, struct draft *draft)
{
	json_read_flags(read, "options", names, NAME_COUNT, &draft->options, &draft->options_off);
	draft->expires = json_read_text(read, "expires_at", OPTIONAL);
}

void api_options_read_id(struct json_read *read, const char *field, struct id *ret)
{
	struct str text = json_read_text(read, field, OPTIONAL);
	if (text.len > 0 && id_parse(text, ret) != OK)
		form_error(read->cx, read->errors, field, TEXT_JSON_ID_BAD);
}

enum err api_options_read_files(struct json_read *read, struct draft *draft)
{
	struct str *texts = NULL;
	size_t count = 0;
	/* One more is a mistake that is told in words. */
	TRY(json_read_texts(read, "files", LIMIT_MESSAGE_FILES + 1, &texts, &count));
	struct id *files = ARENA_ARRAY(read->cx->arena, count + 1, struct id);
	if (files == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		if (id_parse(texts[i], &files[draft->file_count]) == OK)
			draft->file_count++;
		else
			form_error(read->cx, read->errors, "files", TEXT_JSON_ID_BAD);
	}
	draft->files = files;
	return OK;
}

static void write_flags(struct json_write *write, unsigned given, unsigned on)
{
	json_write_object(write, "options");
	for (unsigned i = 0; i < NAME_COUNT; i++)
		if (given & 1U << i)
			json_write_bool(write, names[i], (on & 1U << i) != 0);
	json_write_object_end(write);
}

void api_options_write_chosen(struct json_write *write, const struct draft *draft)
{
	unsigned given = draft->options | draft->options_off;
	if (given != 0)
		write_flags(write, given, draft->options);
	if (draft->expires.len > 0)
		json_write_text(write, "expires_at", draft->expires);
}

void api_options_write(struct json_write *write, unsigned options, int64_t expires_ms)
{
	write_flags(write, (1U << NAME_COUNT) - 1, options);
	json_write_time(write, "expires_at", expires_ms);
}

static void write_one(struct cx *cx, struct json_write *write, const struct message_view *view)
{
	json_write_bool(write, "missing", view->is_missing);
	if (view->is_missing)
		return;
	json_write_id(write, "id", &view->id);
	json_write_text(write, "subject", view->subject);
	if (view->ended == DELIVERY_LIVE)
		json_write_text(write, "body", view->body);
	else
		json_write_null(write, "body");
	json_write_bool(write, "unreadable", view->is_unreadable);
	json_write_object(write, "from");
	json_write_text(write, "name", view->sender.name);
	json_write_text(write, "email", view->sender.address);
	json_write_object_end(write);
	json_write_time(write, "sent_at", view->sent_ms);
	if (view->ended == DELIVERY_RECALLED)
		json_write_time(write, "recalled_at", view->ended_ms);
	if (view->ended == DELIVERY_EXPIRED)
		json_write_time(write, "expired_at", view->ended_ms);
	api_files_write(cx, write, view);
}

void api_options_write_quoted(struct cx *cx, struct json_write *write,
			      const struct message_view *view)
{
	for (size_t i = 0; i < view->quoted_count; i++) {
		json_write_object(write, "quoted");
		write_one(cx, write, &view->quoted[i]);
	}
	for (size_t i = 0; i < view->quoted_count; i++)
		json_write_object_end(write);
}
