#include "api/api_texts.h"

#include "api/api_body.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/texts.h"
#include "http/form.h"
#include "mail/text_check.h"

static struct str tag_of(struct cx *cx, const struct texts_text *text)
{
	return arena_printf(cx->arena, "\"%lld\"", (long long)text->version);
}

static void write_fills(struct cx *cx, struct json_write *write, enum texts_name name)
{
	json_write_list(write, "placeholders");
	for (int fill = 0; fill < FILL_COUNT; fill++) {
		struct str word = texts_fill_word((enum texts_fill)fill);
		if (texts_allows(name, (enum texts_fill)fill))
			json_write_text(write, NULL,
					arena_printf(cx->arena, "{%.*s}", STR_ARGS(word)));
	}
	json_write_list_end(write);
}

static void write_text(struct cx *cx, struct json_write *write, const struct texts_text *text)
{
	json_write_object(write, NULL);
	json_write_text(write, "name", texts_word(text->name));
	json_write_text(write, "language", language_tag(text->language));
	json_write_int(write, "version", text->version);
	json_write_bool(write, "standard", text->is_standard);
	json_write_text(write, "subject", text->words.subject);
	json_write_text(write, "text", text->words.body);
	json_write_time(write, "changed_at", text->at_ms);
	if (text->author.len > 0)
		json_write_text(write, "changed_by", text->author);
	else
		json_write_null(write, "changed_by");
	write_fills(cx, write, text->name);
	json_write_object_end(write);
}

enum err api_texts_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	(void)req;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (int name = 0; name < TEXTS_COUNT; name++) {
		for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
			struct texts_text text;
			TRY(texts_read(cx, (enum texts_name)name, language_at(i), 0, &text));
			write_text(cx, &write, &text);
		}
	}
	json_write_list_end(&write);
	json_write_object_end(&write);
	return OK;
}

/* ERR_NOT_FOUND: no such text, or not in this language. */
static enum err find_language(struct str tag, const struct language **ret)
{
	*ret = language_find(tag.len > 0 ? tag : language_tag(language_at(0)));
	return tag.len == 0 || str_eq(tag, language_tag(*ret)) ? OK : ERR_NOT_FOUND;
}

enum err api_texts_find(struct cx *cx, const struct request *req, struct form *ret_query,
			enum texts_name *ret_name, const struct language **ret_language)
{
	TRY(texts_find(req->params[0], ret_name));
	TRY(form_parse(cx->arena, req->query, ret_query));
	return find_language(form_value(ret_query, "language"), ret_language);
}

static enum err find_newest(struct cx *cx, const struct request *req, struct texts_text *ret)
{
	struct form query;
	enum texts_name name;
	const struct language *language;
	TRY(api_texts_find(cx, req, &query, &name, &language));
	return texts_read(cx, name, language, 0, ret);
}

static enum err answer(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct texts_text text;
	TRY(find_newest(cx, req, &text));
	res->content_type = STR("application/json");
	response_header(res, "ETag", tag_of(cx, &text));
	write_text(cx, &write, &text);
	return OK;
}

/* An earlier version has no tag: nothing is written over it. */
static enum err answer_version(struct cx *cx, const struct request *req, int64_t version,
			       struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct texts_text text;
	TRY(find_newest(cx, req, &text));
	TRY(texts_read(cx, text.name, text.language, version, &text));
	res->content_type = STR("application/json");
	write_text(cx, &write, &text);
	return OK;
}

enum err api_texts_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	int64_t version;
	TRY(form_parse(cx->arena, req->query, &query));
	if (!form_has(&query, "version"))
		return answer(cx, req, res);
	if (!str_to_int(form_value(&query, "version"), &version) || version < 1)
		return ERR_NOT_FOUND;
	return answer_version(cx, req, version, res);
}

/* ERR_CONFLICT: the tag is of another version. */
static enum err read_tag(struct cx *cx, const struct request *req, const struct texts_text *newest,
			 int64_t *ret_version)
{
	struct str tag = str_trim(request_header(req, "If-Match"));
	*ret_version = -1;
	if (tag.len == 0 || str_eq(tag, STR("*")))
		return OK;
	*ret_version = newest->version;
	return str_eq(tag, tag_of(cx, newest)) ? OK : ERR_CONFLICT;
}

/* {"standard": true}, or {"subject": ..., "text": ...}. */
static enum err read_words(struct json_read *read, struct texts_words *words, bool *ret_is_standard)
{
	bool is_standard = json_read_bool(read, "standard", OPTIONAL);
	words->subject = json_read_text(read, "subject", is_standard ? OPTIONAL : REQUIRED);
	words->body = json_read_text(read, "text", is_standard ? OPTIONAL : REQUIRED);
	*ret_is_standard = is_standard;
	return json_read_end(read);
}

static enum err put(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct texts_text newest;
	struct texts_words words;
	bool is_standard;
	int64_t version;
	TRY(find_newest(cx, req, &newest));
	enum err err = read_words(read, &words, &is_standard);
	if (err == OK)
		err = read_tag(cx, req, &newest, &version);
	if (err == OK)
		err = texts_write(cx, newest.name, newest.language, is_standard ? NULL : &words,
				  version, read->errors);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	if (err == ERR_CONFLICT) {
		problem_answer(cx, res, PROBLEM_CHANGED, NULL);
		return OK;
	}
	TRY(err);
	return answer(cx, req, res);
}

enum err api_texts_put(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, put);
}

/* ---- checking ---- */

static const char *const readers[] = {
	[READER_GUEST] = "guest", [READER_PROFESSIONAL] = "professional"};
enum { READERS = sizeof(readers) / sizeof(readers[0]) };

static enum err write_previews(struct cx *cx, struct json_write *write, enum texts_name name,
			       const struct language *language, const struct texts_words *words)
{
	struct mail_text mails[READERS];
	for (int i = 0; i < READERS; i++)
		TRY(text_check_sample(cx, name, language, words, (enum text_reader)i, &mails[i]));
	json_write_list(write, "previews");
	for (int i = 0; i < READERS; i++) {
		json_write_object(write, NULL);
		json_write_text(write, "reader", str_of(readers[i]));
		json_write_text(write, "subject", mails[i].subject);
		json_write_text(write, "text", mails[i].body);
		json_write_object_end(write);
	}
	json_write_list_end(write);
	return OK;
}

static void write_check(struct cx *cx, struct json_write *write, const struct text_check *check)
{
	json_write_list(write, "warnings");
	for (size_t i = 0; i < check->warnings.count; i++) {
		const struct text_warning *warning = &check->warnings.items[i];
		json_write_object(write, NULL);
		json_write_text(write, "rule", str_of(warning->rule));
		json_write_text(write, "detail", warning->detail);
		json_write_text(write, "advice", warning->advice);
		json_write_object_end(write);
	}
	json_write_list_end(write);
	if (check->has_score)
		json_write_number(write, "spam_score",
				  text_check_points(cx->arena, check->verdict.tenths));
	else
		json_write_null(write, "spam_score");
}

static enum err read_check(struct json_read *read, struct texts_words *words, bool *ret_has_subject,
			   const struct language **ret_language)
{
	*ret_has_subject = json_read_has(read, "subject");
	words->subject = json_read_text(read, "subject", OPTIONAL);
	struct str text = json_read_text(read, "text", REQUIRED);
	struct str tag = json_read_text(read, "language", OPTIONAL);
	if (find_language(tag, ret_language) != OK)
		json_read_tell(read, "language", TEXT_ERROR_LANGUAGE_UNKNOWN);
	if (text.len > LIMIT_MAIL_TEXT_BYTES)
		form_error(read->cx, read->errors, "text", TEXT_ERROR_TEXTS_LONG,
			   TEXT_NUMBER("count", LIMIT_MAIL_TEXT_BYTES));
	words->body = texts_clean_body(read->cx, text);
	return json_read_end(read);
}

static enum err check(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct json_write write = {.out = &res->body};
	struct texts_words words;
	struct text_check told;
	const struct language *language;
	enum texts_name name;
	bool has_subject;
	TRY(texts_find(req->params[0], &name));
	enum err err = read_check(read, &words, &has_subject, &language);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	TRY(text_check(cx, name, language, &words, has_subject, &told));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	write_check(cx, &write, &told);
	TRY(write_previews(cx, &write, name, language, &words));
	json_write_object_end(&write);
	return OK;
}

enum err api_texts_check(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, check);
}
