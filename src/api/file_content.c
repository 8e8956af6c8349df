#include "api/file_content.h"

#include "api/api_body.h"
#include "api/problem.h"
#include "core/mailbox.h"
#include "http/form.h"
#include "web/file_stream.h"
#include "web/site.h"

/* ---- refusals ---- */

static const struct {
	enum err err;
	enum problem problem;
	enum text_id sentence;
	int status;
} refusals[] = {
	{ERR_CONFLICT, PROBLEM_GONE, TEXT_PROBLEM_FILE_GONE_DETAIL, 410},
	{ERR_DENIED, PROBLEM_DENIED, TEXT_PROBLEM_FILE_CONFIDENTIAL_DETAIL, 403},
	{ERR_CORRUPT, PROBLEM_INTERNAL, TEXT_PROBLEM_FILE_DAMAGED_DETAIL, 500},
};

/* Somebody who has clicked on a link, and would not know what to do with JSON. */
static bool is_person(const struct request *req)
{
	struct str accept = request_header(req, "Accept");
	return request_header(req, "Authorization").len == 0 &&
	       str_find(accept, STR("text/html")) >= 0;
}

static enum err refuse(struct cx *cx, const struct request *req, struct response *res, enum err err)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].err != err)
			continue;
		res->header_count = 0;
		res->status = refusals[i].status;
		if (is_person(req))
			web_refuse(cx, req, res, err);
		else
			problem_answer_sentence(cx, res, refusals[i].problem,
						text_get(cx->language, refusals[i].sentence));
		return OK;
	}
	return err;
}

/* ---- one file ---- */

static enum err answer(struct cx *cx, const struct request *req, struct response *res,
		       const struct id *file_id, const struct id *message_id)
{
	struct download *download;
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	enum err err = download_open(cx, file_id, message_id, &download);
	if (err != OK)
		return refuse(cx, req, res, err);
	err = file_stream_answer(cx, req, download, form_has(&form, "inline"), res);
	/* Its right has ended since it was opened. */
	return err == OK ? OK : refuse(cx, req, res, err == ERR_DENIED ? ERR_CONFLICT : err);
}

enum err file_content_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct id file_id, message_id = {.text = ""};
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	if (id_parse(req->params[0], &file_id) != OK)
		return ERR_NOT_FOUND;
	if (form_has(&form, "message") && id_parse(form_value(&form, "message"), &message_id) != OK)
		return ERR_NOT_FOUND;
	return answer(cx, req, res, &file_id, &message_id);
}

/* ---- with the password ---- */

/* *ret_is_answered: its mistakes are in the answer. */
static enum err confirm(struct json_read *read, const struct id *message_id, struct response *res,
			bool *ret_is_answered)
{
	struct str password = json_read_text(read, "password", REQUIRED);
	enum err err = json_read_end(read);
	if (err == OK)
		err = mailbox_confirm(read->cx, message_id, password, read->errors);
	*ret_is_answered = err == ERR_INVALID;
	if (err != ERR_INVALID)
		return err;
	problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
	return OK;
}

static enum err open_file(struct json_read *read, const struct request *req, struct response *res)
{
	struct id message_id, file_id;
	bool is_answered;
	if (id_parse(req->params[0], &message_id) != OK || id_parse(req->params[1], &file_id) != OK)
		return ERR_NOT_FOUND;
	TRY(confirm(read, &message_id, res, &is_answered));
	return is_answered ? OK : answer(read->cx, req, res, &file_id, &message_id);
}

enum err file_content_open(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, open_file);
}

/* ---- all of a message ---- */

static enum err answer_zip(struct cx *cx, const struct request *req, struct response *res,
			   const struct id *message_id)
{
	struct message_zip *zip;
	enum err err = message_zip_begin(cx, message_id, &zip);
	return err == OK ? file_stream_answer_zip(cx, zip, res) : refuse(cx, req, res, err);
}

enum err file_content_zip(struct cx *cx, const struct request *req, struct response *res)
{
	struct id message_id;
	if (id_parse(req->params[0], &message_id) != OK)
		return ERR_NOT_FOUND;
	return answer_zip(cx, req, res, &message_id);
}

static enum err open_zip(struct json_read *read, const struct request *req, struct response *res)
{
	struct id message_id;
	bool is_answered;
	if (id_parse(req->params[0], &message_id) != OK)
		return ERR_NOT_FOUND;
	TRY(confirm(read, &message_id, res, &is_answered));
	return is_answered ? OK : answer_zip(read->cx, req, res, &message_id);
}

enum err file_content_open_zip(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, open_zip);
}
