#include "web/sign_document.h"

#include "core/signing.h"
#include "http/form.h"
#include "web/file_stream.h"

/* Nobody has read what they only asked about. */
static enum err answer_head(struct cx *cx, const struct id *id, int64_t position,
			    struct response *res)
{
	struct signing_view signing;
	TRY(signing_get(cx, id, &signing));
	res->content_type = STR("application/pdf");
	return position >= 0 && position < (int64_t)signing.document_count ? OK : ERR_NOT_FOUND;
}

enum err sign_document_answer(struct cx *cx, const struct request *req, const struct id *id,
			      int64_t position, bool is_saved, struct response *res)
{
	struct download *download;
	if (req->method == METHOD_HEAD)
		return answer_head(cx, id, position, res);
	TRY(signing_download(cx, id, position, &download));
	return file_stream_answer_document(cx, req, download, !is_saved, res);
}

enum err sign_document_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct form query;
	int64_t position;
	if (id_parse(req->params[0], &id) != OK || !str_to_int(req->params[1], &position))
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->query, &query));
	bool is_saved = str_eq(form_value(&query, "download"), STR("yes"));
	enum err err = sign_document_answer(cx, req, &id, position, is_saved, res);
	/* Recalled, or behind a password: the message says so. */
	if (err == ERR_CONFLICT || err == ERR_DENIED) {
		response_redirect(res, arena_printf(cx->arena, "/message/%s", id.text));
		return OK;
	}
	return err;
}
