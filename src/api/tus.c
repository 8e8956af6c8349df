#include "api/tus.h"

#include "api/problem.h"
#include "api/tus_headers.h"
#include "api/tus_sink.h"

static const struct str version = STR("1.0.0");
static const struct str bytes_type = STR("application/offset+octet-stream");

/* ---- what is asked of every request ---- */

static bool speaks_tus(struct cx *cx, const struct request *req, struct response *res)
{
	if (str_eq(request_header_list(req, "Tus-Resumable"), version))
		return true;
	problem_answer(cx, res, PROBLEM_BAD_TUS_VERSION, NULL);
	tus_sink_headers(res);
	response_header(res, "Tus-Version", version);
	return false;
}

static enum err refuse(struct cx *cx, struct response *res, enum problem problem,
		       struct str sentence)
{
	problem_answer_sentence(cx, res, problem, sentence);
	tus_sink_headers(res);
	return OK;
}

static enum err refuse_header(struct cx *cx, struct response *res, const char *name, enum err err)
{
	if (err == ERR_TOO_LARGE)
		return refuse(cx, res, PROBLEM_TOO_LARGE, STR_NONE);
	return refuse(cx, res, PROBLEM_BAD_REQUEST,
		      TEXT_FILL(cx->arena, cx->language, TEXT_PROBLEM_TUS_HEADER_DETAIL,
				TEXT_ARG("header", str_of(name))));
}

static bool brings_bytes(const struct request *req)
{
	return req->body_bytes != 0;
}

static bool is_of_bytes(const struct request *req)
{
	struct str value = request_header_list(req, "Content-Type"), type;
	return str_next(&value, ';', &type) && str_eq_nocase(str_trim(type), bytes_type);
}

static enum err refuse_type(struct cx *cx, struct response *res)
{
	return refuse(cx, res, PROBLEM_BAD_CONTENT_TYPE,
		      text_get(cx->language, TEXT_PROBLEM_TUS_TYPE_DETAIL));
}

/* The file of the path. An id that is none is not there. */
static enum err read_id(const struct request *req, struct id *ret)
{
	return id_parse(req->params[0], ret) == OK ? OK : ERR_NOT_FOUND;
}

/* In it the virus scanner has found something. */
static enum err refuse_infected(struct cx *cx, struct response *res, const struct upload_view *view)
{
	return refuse(cx, res, PROBLEM_DENIED,
		      TEXT_FILL(cx->arena, cx->language, TEXT_FILE_INFECTED,
				TEXT_ARG("name", view->head.name)));
}

/* It says more of one's own than that it is not there. */
static enum err refuse_missing(struct cx *cx, struct response *res, const struct id *id)
{
	struct upload_view view;
	bool is_expired = upload_get(cx, id, &view) == OK && view.is_expired;
	return refuse(cx, res, is_expired ? PROBLEM_GONE : PROBLEM_NOT_FOUND, STR_NONE);
}

/* ---- OPTIONS ---- */

enum err tus_options(struct cx *cx, const struct request *req, struct response *res)
{
	int64_t max_bytes = cx->portal->settings->file_max_bytes;
	(void)req;
	res->status = 204;
	tus_sink_headers(res);
	response_header(res, "Tus-Version", version);
	response_header(res, "Tus-Extension",
			STR("creation,creation-with-upload,termination,checksum,expiration"));
	response_header(res, "Tus-Max-Size", arena_printf(cx->arena, "%lld", (long long)max_bytes));
	response_header(res, "Tus-Checksum-Algorithm", tus_headers_algorithms(cx->arena));
	return OK;
}

/* ---- POST ---- */

static enum err refuse_creation(struct cx *cx, struct response *res, enum err err,
				const struct form_errors *errors)
{
	struct str sentence = form_errors_for(errors, "");
	if (err == ERR_INVALID)
		return refuse(cx, res, PROBLEM_MISTAKES, sentence);
	return tus_sink_refuse(cx, res, err, sentence);
}

static enum err answer_created(struct cx *cx, struct response *res, const struct id *id)
{
	struct upload_view view;
	TRY(upload_get(cx, id, &view));
	res->status = 201;
	tus_sink_headers(res);
	tus_sink_progress(res, &view);
	response_header(res, "Location", arena_printf(cx->arena, "/files/%s", id->text));
	return OK;
}

/* creation-with-upload */
static enum err take_with_creation(struct cx *cx, const struct request *req, struct response *res,
				   const struct id *id, const struct upload_checksum *checksum)
{
	struct upload *upload;
	enum err err = upload_begin(cx, id, 0, req->body_bytes, checksum, &upload);
	if (err == OK)
		err = tus_sink_open(upload, id, true, res);
	if (err == OK)
		return OK;
	TRY(upload_delete(cx, id));
	return tus_sink_refuse(cx, res, err, STR_NONE);
}

enum err tus_create(struct cx *cx, const struct request *req, struct response *res)
{
	struct tus_metadata metadata;
	struct upload_checksum checksum;
	struct form_errors errors = {.count = 0};
	int64_t bytes;
	struct id id = {""};
	if (!speaks_tus(cx, req, res))
		return OK;
	if (brings_bytes(req) && !is_of_bytes(req))
		return refuse_type(cx, res);
	/* Else each part would arrive as a file of its own, and only the last request be refused.
	 */
	if (request_header_list(req, "Upload-Concat").len > 0)
		return refuse_header(cx, res, "Upload-Concat", ERR_INVALID);
	enum err err = tus_headers_number(request_header_list(req, "Upload-Length"), &bytes);
	if (err != OK)
		return refuse_header(cx, res, "Upload-Length", err);
	err = tus_headers_metadata(cx->arena, request_header_list(req, "Upload-Metadata"),
				   &metadata);
	if (err != OK)
		return refuse_header(cx, res, "Upload-Metadata", err);
	err = tus_headers_checksum(cx->arena, request_header_list(req, "Upload-Checksum"),
				   &checksum);
	if (err != OK)
		return refuse_header(cx, res, "Upload-Checksum", err);
	err = upload_create(cx, metadata.filename, metadata.filetype, bytes, &id, &errors);
	if (err != OK)
		return refuse_creation(cx, res, err, &errors);
	if (brings_bytes(req))
		return take_with_creation(cx, req, res, &id, &checksum);
	return answer_created(cx, res, &id);
}

/* ---- HEAD ---- */

static void write_head(struct cx *cx, struct response *res, const struct upload_view *view)
{
	const struct tus_metadata metadata = {view->head.name, view->head.type};
	tus_sink_headers(res);
	tus_sink_progress(res, view);
	response_header(res, "Upload-Length",
			arena_printf(cx->arena, "%lld", (long long)view->bytes));
	response_header(res, "Upload-Metadata", tus_headers_write_metadata(cx->arena, &metadata));
}

enum err tus_head(struct cx *cx, const struct request *req, struct response *res)
{
	struct upload_view view;
	struct id id = {""};
	if (!speaks_tus(cx, req, res))
		return OK;
	enum err err = read_id(req, &id);
	if (err == OK)
		err = upload_resume(cx, &id, &view);
	if (err != OK)
		return tus_sink_refuse(cx, res, err, STR_NONE);
	if (view.is_expired)
		return refuse(cx, res, PROBLEM_GONE, STR_NONE);
	if (view.state == FILE_REFUSED)
		return refuse_infected(cx, res, &view);
	/* One of a form, which nobody else can go on with. */
	if (view.bytes == UPLOAD_BYTES_UNKNOWN)
		return refuse(cx, res, PROBLEM_DENIED, STR_NONE);
	write_head(cx, res, &view);
	return OK;
}

/* ---- PATCH ---- */

enum err tus_patch(struct cx *cx, const struct request *req, struct response *res)
{
	struct upload_checksum checksum;
	struct upload_view view;
	struct upload *upload;
	int64_t offset;
	struct id id = {""};
	if (!speaks_tus(cx, req, res))
		return OK;
	if (!is_of_bytes(req))
		return refuse_type(cx, res);
	enum err err = tus_headers_number(request_header_list(req, "Upload-Offset"), &offset);
	if (err != OK)
		return refuse_header(cx, res, "Upload-Offset", err);
	err = tus_headers_checksum(cx->arena, request_header_list(req, "Upload-Checksum"),
				   &checksum);
	if (err != OK)
		return refuse_header(cx, res, "Upload-Checksum", err);
	err = read_id(req, &id);
	if (err == OK)
		err = upload_begin(cx, &id, offset, req->body_bytes, &checksum, &upload);
	if (err == ERR_NOT_FOUND)
		return refuse_missing(cx, res, &id);
	if (err == ERR_DENIED && upload_get(cx, &id, &view) == OK && view.state == FILE_REFUSED)
		return refuse_infected(cx, res, &view);
	if (err == ERR_TOO_LARGE)
		return refuse(cx, res, PROBLEM_TOO_LARGE,
			      text_get(cx->language, TEXT_FILE_PAST_END));
	if (err != OK)
		return tus_sink_refuse(cx, res, err, STR_NONE);
	return tus_sink_open(upload, &id, false, res);
}

/* ---- DELETE ---- */

enum err tus_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id = {""};
	if (!speaks_tus(cx, req, res))
		return OK;
	enum err err = read_id(req, &id);
	if (err == OK)
		err = upload_delete(cx, &id);
	if (err == ERR_CONFLICT)
		return refuse(cx, res, PROBLEM_FILE_SENT, STR_NONE);
	if (err != OK)
		return tus_sink_refuse(cx, res, err, STR_NONE);
	res->status = 204;
	tus_sink_headers(res);
	return OK;
}
