#include "api/api_signing_kept.h"

#include "api/api_body.h"
#include "api/api_signing_write.h"
#include "api/problem.h"
#include "base/encode.h"
#include "core/draft.h"
#include "core/own_signature.h"
#include "core/png_check.h"

static enum err answer_mistakes(struct json_read *read, struct response *res, enum err err)
{
	if (err != ERR_INVALID || read->errors->count == 0)
		return err;
	problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
	return OK;
}

/* ---- templates ---- */

enum err api_signing_kept_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct signing_template *templates;
	size_t count;
	(void)req;
	TRY(signing_template_list(cx, &templates, &count));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < count; i++)
		api_signing_write_template(cx, &write, &templates[i], false);
	json_write_list_end(&write);
	json_write_object_end(&write);
	return OK;
}

static void answer_template(struct cx *cx, struct response *res, const struct signing_template *of)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	api_signing_write_template(cx, &write, of, true);
}

enum err api_signing_kept_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct signing_template template;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(signing_template_get(cx, &id, &template));
	answer_template(cx, res, &template);
	return OK;
}

/* Out of a kept draft, as its page does it. */
static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct signing_template template;
	struct kept_draft kept;
	struct id id = {.text = ""};
	size_t errors = read->errors->count;
	struct str name = json_read_text(read, "name", REQUIRED);
	struct str text = json_read_text(read, "draft", REQUIRED);
	(void)req;
	bool is_draft = id_parse(text, &id) == OK;
	enum err err = is_draft ? draft_get(cx, &id, &kept) : ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND && read->errors->count == errors)
		json_read_tell(read, "draft", TEXT_JSON_ID_BAD);
	else if (err != ERR_NOT_FOUND)
		TRY(err);
	err = json_read_end(read);
	if (err == OK)
		err = signing_template_keep(cx, name, &kept.draft, &template, read->errors);
	if (err != OK)
		return answer_mistakes(read, res, err);
	answer_template(cx, res, &template);
	res->status = 201;
	response_header(
		res, "Location",
		arena_printf(cx->arena, "/api/v1/signature-templates/%s", template.id.text));
	return OK;
}

enum err api_signing_kept_create(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

static enum err rename_one(struct json_read *read, const struct request *req, struct response *res)
{
	struct signing_template template;
	struct id id;
	struct str name = json_read_text(read, "name", REQUIRED);
	enum err err = json_read_end(read);
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	if (err == OK)
		err = signing_template_rename(read->cx, &id, name, read->errors);
	if (err != OK)
		return answer_mistakes(read, res, err);
	TRY(signing_template_get(read->cx, &id, &template));
	answer_template(read->cx, res, &template);
	return OK;
}

enum err api_signing_kept_rename(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, rename_one);
}

enum err api_signing_kept_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(signing_template_delete(cx, &id));
	res->status = 204;
	return OK;
}

/* ---- signatures ---- */

static const char *const mark_words[] = {
	[OWN_SIGNATURE] = "signature",
	[OWN_INITIALS] = "initials",
};

static enum err find_mark(struct str word, enum own_mark *ret)
{
	for (enum own_mark mark = OWN_SIGNATURE; mark <= OWN_INITIALS; mark++) {
		if (!str_eq(word, str_of(mark_words[mark])))
			continue;
		*ret = mark;
		return OK;
	}
	return ERR_NOT_FOUND;
}

static enum err write_mark(struct cx *cx, struct json_write *write, enum own_mark mark)
{
	struct own_signature own;
	TRY(own_signature_get(cx, mark, &own));
	if (own.png.len == 0 && own.text.len == 0) {
		json_write_null(write, mark_words[mark]);
		return OK;
	}
	json_write_object(write, mark_words[mark]);
	if (own.png.len > 0)
		json_write_text(write, "png",
				arena_printf(cx->arena, "data:image/png;base64,%.*s",
					     STR_ARGS(encode_base64(cx->arena, own.png))));
	else
		json_write_text(write, "text", own.text);
	json_write_object_end(write);
	return OK;
}

enum err api_signing_kept_marks(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	(void)req;
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	for (enum own_mark mark = OWN_SIGNATURE; mark <= OWN_INITIALS; mark++)
		TRY(write_mark(cx, &write, mark));
	json_write_object_end(&write);
	return OK;
}

/* A picture or a text; both or neither is a mistake. */
static enum err read_mark(struct json_read *read, struct own_signature *ret)
{
	bool has_png = json_read_has(read, "png"), has_text = json_read_has(read, "text");
	struct str url = json_read_text(read, "png", OPTIONAL);
	ret->text = json_read_text(read, "text", OPTIONAL);
	ret->png = STR_NONE;
	if (has_png == has_text)
		json_read_tell(read, "", TEXT_JSON_MARK_ONE);
	if (!has_png || url.data == NULL)
		return json_read_end(read);
	enum err err = png_from_data_url(read->cx->arena, url, &ret->png);
	if (err == ERR_INVALID || err == ERR_TOO_LARGE)
		json_read_tell(read, "png",
			       err == ERR_INVALID ? TEXT_JSON_MARK_NOT_PNG
						  : TEXT_JSON_MARK_TOO_LARGE);
	else
		TRY(err);
	return json_read_end(read);
}

static enum err put_mark(struct json_read *read, const struct request *req, struct response *res)
{
	struct own_signature next;
	enum own_mark mark;
	TRY(find_mark(req->params[0], &mark));
	enum err err = read_mark(read, &next);
	if (err == OK)
		err = own_signature_keep(read->cx, mark, &next, read->errors);
	if (err != OK)
		return answer_mistakes(read, res, err);
	res->status = 204;
	return OK;
}

enum err api_signing_kept_mark(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, put_mark);
}

enum err api_signing_kept_unmark(struct cx *cx, const struct request *req, struct response *res)
{
	enum own_mark mark;
	TRY(find_mark(req->params[0], &mark));
	TRY(own_signature_delete(cx, mark));
	res->status = 204;
	return OK;
}
