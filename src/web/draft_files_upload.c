#include "base/limits.h"
#include "base/log.h"
#include "core/draft.h"
#include "http/multipart.h"
#include "web/draft_files_page.h"
#include "web/site.h"

#include <stdlib.h>

enum { ARENA_BYTES = 8 << 20 };

/* A form on its way: it has a context of its own, as it outlives the handler's. */
struct form_upload {
	struct body_sink base;
	struct arena arena;
	struct cx cx;
	struct multipart *multipart;
	struct upload *upload; /* of the part that comes just now; NULL: not of a file */
	struct id draft;
	struct id part;
	bool is_skipped; /* an empty choice, or a file that was refused */
	struct id ids[LIMIT_MESSAGE_FILES];
	size_t count;
	struct form_errors errors;
};

/* ---- one file after the other ---- */

static void say(struct form_upload *form, enum text_id id, struct str name)
{
	form_error(&form->cx, &form->errors, "", id,
		   TEXT_ARG("name", form_error_quote(&form->cx, name)),
		   TEXT_NUMBER("count", LIMIT_MESSAGE_FILES));
}

/* A refusal of one file is said, and the next may be fine: so nothing ends with it. */
static enum err refuse(struct form_upload *form, enum err err, struct str name)
{
	bool is_said = form->errors.count > 0;
	if (err != ERR_INVALID && err != ERR_DENIED && err != ERR_TOO_LARGE &&
	    err != ERR_UNAVAILABLE && err != ERR_CONFLICT && err != ERR_BUSY)
		return err;
	form->is_skipped = true;
	if (!is_said)
		say(form, TEXT_DRAFT_FILES_FAILED, name);
	return OK;
}

static enum err begin(void *argument, const struct multipart_part *part)
{
	struct form_upload *form = argument;
	form->is_skipped = true;
	/* Browsers send a part without a name when nothing was chosen. */
	if (!str_eq(part->name, STR("file")) || part->file_name.len == 0)
		return OK;
	if (form->count == LIMIT_MESSAGE_FILES) {
		if (form->errors.count == 0)
			say(form, TEXT_FILES_TOO_MANY, part->file_name);
		return OK;
	}
	enum err err = upload_create(&form->cx, part->file_name, part->type, UPLOAD_BYTES_UNKNOWN,
				     &form->part, &form->errors);
	if (err == OK)
		err = upload_begin(&form->cx, &form->part, 0, BODY_BYTES_UNKNOWN, NULL,
				   &form->upload);
	if (err != OK)
		return refuse(form, err, part->file_name);
	form->is_skipped = false;
	return OK;
}

static void forget(struct form_upload *form)
{
	upload_free(form->upload);
	form->upload = NULL;
	enum err err = upload_delete(&form->cx, &form->part);
	if (err != OK && err != ERR_NOT_FOUND)
		log_event(LOG_WARN, "web.upload_left", LOG_CSTR("err", err_name(err)));
}

/* What failed of this file: in its own words if there are any. */
static enum err fail(struct form_upload *form, enum err err)
{
	struct str sentence = upload_sentence(&form->cx, form->upload);
	if (sentence.len > 0 && form->errors.count < FORM_ERRORS_MAX)
		form->errors.items[form->errors.count++] =
			(struct form_error){.field = "", .detail = sentence};
	forget(form);
	return refuse(form, err, STR_NONE);
}

static enum err data(void *argument, struct str bytes)
{
	struct form_upload *form = argument;
	if (form->is_skipped)
		return OK;
	enum err err = upload_take(form->upload, bytes);
	return err == OK ? OK : fail(form, err);
}

static enum err end(void *argument)
{
	struct form_upload *form = argument;
	int64_t offset;
	if (form->is_skipped)
		return OK;
	enum err err = upload_end(form->upload, UPLOAD_SENT, &offset);
	if (err != OK)
		return fail(form, err);
	upload_free(form->upload);
	form->upload = NULL;
	form->ids[form->count++] = form->part;
	return OK;
}

/* ---- the body ---- */

static enum err take(struct body_sink *base, struct str bytes)
{
	return multipart_take(((struct form_upload *)base)->multipart, bytes);
}

/* What has come whole is attached, whatever became of the rest. */
static enum err attach(struct form_upload *form, struct cx *cx)
{
	struct form_errors errors = {0};
	if (form->count == 0)
		return OK;
	enum err err = draft_files_page_attach(cx, &form->draft, form->ids, form->count, &errors);
	for (size_t i = 0; i < errors.count && form->errors.count < FORM_ERRORS_MAX; i++)
		form->errors.items[form->errors.count++] =
			(struct form_error){.field = "", .detail = errors.items[i].detail};
	return err == ERR_INVALID && errors.count > 0 ? OK : err;
}

static enum err finish(struct body_sink *base, enum sink_end how, enum err taken, struct cx *cx,
		       const struct request *req, struct response *res)
{
	struct form_upload *form = (struct form_upload *)base;
	(void)req;
	if (form->upload)
		forget(form);
	if (how == SINK_CUT)
		return OK;
	enum err err = taken == OK && how == SINK_WHOLE ? multipart_finish(form->multipart) : taken;
	TRY(attach(form, cx));
	TRY(err);
	if (form->errors.count == 0) {
		response_redirect(res,
				  arena_printf(cx->arena, "/drafts/%s/files", form->draft.text));
		return OK;
	}
	res->status = 422;
	return draft_files_page_render(cx, res, &form->draft, STR_NONE, STR_NONE, &form->errors);
}

static void release(struct body_sink *base)
{
	struct form_upload *form = (struct form_upload *)base;
	upload_free(form->upload);
	multipart_free(form->multipart);
	session_release(form->cx.session);
	arena_release(&form->arena);
	free(form);
}

/* ---- the request ---- */

/* The session once more: the handler's is gone before the last file has come. */
static enum err make_cx(const struct cx *cx, const struct request *req, struct form_upload *form)
{
	arena_init(&form->arena, ARENA_BYTES);
	form->cx = (struct cx){
		.arena = &form->arena,
		.portal = cx->portal,
		.language = cx->language,
		.request_id = arena_copy(&form->arena, cx->request_id),
		.remote = arena_copy(&form->arena, cx->remote),
	};
	TRY(web_authenticate(&form->cx, req));
	return form->cx.session ? OK : ERR_DENIED;
}

static enum err open_form(struct cx *cx, const struct request *req, struct form_upload *form)
{
	const struct multipart_events events = {
		.begin = begin, .data = data, .end = end, .argument = form};
	struct kept_draft kept;
	if (id_parse(req->params[0], &form->draft) != OK)
		return ERR_NOT_FOUND;
	TRY(draft_get(cx, &form->draft, &kept));
	TRY(make_cx(cx, req, form));
	return multipart_new(request_header(req, "Content-Type"), &events, &form->multipart);
}

enum err draft_files_page_upload(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_upload *form = calloc(1, sizeof(*form));
	if (form == NULL)
		return ERR_UNAVAILABLE;
	form->base = (struct body_sink){.piece_bytes = LIMIT_SINK_PIECE_BYTES,
					.first_piece_bytes = LIMIT_SINK_FIRST_PIECE_BYTES,
					.take = take,
					.finish = finish,
					.release = release};
	enum err err = open_form(cx, req, form);
	if (err != OK) {
		release(&form->base);
		return err;
	}
	res->sink = &form->base;
	return OK;
}
