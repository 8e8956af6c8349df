/* What a text of mails was before, and a mail to oneself to see how it looks. */
#include "api/api_body.h"
#include "api/api_messages.h"
#include "api/api_texts.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "mail/text_check.h"

static void write_version(struct json_write *write, const struct texts_text *text)
{
	json_write_object(write, NULL);
	json_write_int(write, "version", text->version);
	json_write_bool(write, "standard", text->is_standard);
	json_write_text(write, "subject", text->words.subject);
	json_write_time(write, "changed_at", text->at_ms);
	if (text->author.len > 0)
		json_write_text(write, "changed_by", text->author);
	else
		json_write_null(write, "changed_by");
	json_write_object_end(write);
}

/* One more than asked for says that there is more. */
static void answer(struct cx *cx, struct response *res, const struct texts_text *texts,
		   size_t count, int64_t limit)
{
	struct json_write write = {.out = &res->body};
	bool has_more = (int64_t)count > limit;
	if (has_more)
		count = (size_t)limit;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < count; i++)
		write_version(&write, &texts[i]);
	json_write_list_end(&write);
	if (has_more)
		json_write_text(
			&write, "next_cursor",
			arena_printf(cx->arena, "%lld", (long long)texts[count - 1].version));
	json_write_object_end(&write);
}

enum err api_text_versions_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	const struct language *language;
	enum texts_name name;
	struct texts_text *texts;
	struct form query;
	struct str cursor;
	int64_t limit, before = 0;
	size_t count;
	TRY(api_texts_find(cx, req, &query, &name, &language));
	api_messages_read_page(cx, &query, &limit, &cursor, &errors);
	if (cursor.len > 0 && (!str_to_int(cursor, &before) || before < 1))
		form_error(cx, &errors, "cursor", TEXT_JSON_CURSOR_BAD);
	if (errors.count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
		return OK;
	}
	TRY(texts_history(cx, name, language, before, limit + 1, &texts, &count));
	answer(cx, res, texts, count, limit);
	return OK;
}

static enum err send_test(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	const struct language *language;
	enum texts_name name;
	struct mail_text mail;
	struct form query;
	TRY(api_texts_find(cx, req, &query, &name, &language));
	struct texts_words words = {.subject = json_read_text(read, "subject", REQUIRED),
				    .body = json_read_text(read, "text", REQUIRED)};
	enum err err = json_read_end(read);
	if (err == OK)
		err = texts_clean(cx, &words, &words, read->errors);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	TRY(text_check_sample(cx, name, language, &words, READER_SELF, &mail));
	words = (struct texts_words){.subject = mail.subject, .body = mail.body};
	TRY(texts_send_test(cx, &words));
	res->status = 204;
	return OK;
}

enum err api_text_versions_test(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, send_test);
}
