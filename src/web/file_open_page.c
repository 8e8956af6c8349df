#include "web/file_open_page.h"

#include "core/mailbox.h"
#include "http/form.h"
#include "web/file_stream.h"
#include "web/page_file_open.h"

/* What is to be downloaded. */
struct wish {
	struct id message_id;
	struct id file_id;
	bool is_one;
};

static enum err wish_read(const struct request *req, const struct form *form, struct wish *ret)
{
	struct wish wish = {.is_one = form_has(form, "file")};
	if (id_parse(req->params[0], &wish.message_id) != OK ||
	    (wish.is_one && id_parse(form_value(form, "file"), &wish.file_id) != OK))
		return ERR_NOT_FOUND;
	*ret = wish;
	return OK;
}

static enum err render(struct cx *cx, struct response *res, const struct wish *wish,
		       const struct form_errors *errors)
{
	struct file_open_view view = {
		.message_id = wish->message_id,
		.file_id = wish->file_id,
		.is_one = wish->is_one,
		.errors = errors,
	};
	view.password = field_password(cx, "password", TEXT_MESSAGE_CONFIDENTIAL_PASSWORD,
				       "current-password");
	field_mark(&view.password, errors);
	enum text_id title = wish->is_one ? TEXT_FILE_OPEN_TITLE_ONE : TEXT_FILE_OPEN_TITLE_ALL;
	TRY(frame_init(cx, text_get(cx->language, title), PLACE_NONE, &view.frame));
	struct html html = frame_html(cx, res);
	page_file_open(&html, &view);
	return OK;
}

static void to_message(struct cx *cx, struct response *res, const struct id *id)
{
	response_redirect(res, arena_printf(cx->arena, "/message/%s", id->text));
}

static enum err answer_zip(struct cx *cx, struct response *res, const struct id *message_id)
{
	struct message_zip *zip;
	TRY(message_zip_begin(cx, message_id, &zip));
	return file_stream_answer_zip(cx, zip, res);
}

/* ERR_DENIED: it asks for the password. ERR_CONFLICT: it is gone. */
static enum err answer(struct cx *cx, const struct request *req, struct response *res,
		       const struct wish *wish)
{
	struct download *download;
	if (!wish->is_one)
		return answer_zip(cx, res, &wish->message_id);
	TRY(download_open(cx, &wish->file_id, &wish->message_id, &download));
	enum err err = file_stream_answer(cx, req, download, false, res);
	return err == ERR_DENIED ? ERR_CONFLICT : err;
}

enum err file_open_page_zip(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = answer_zip(cx, res, &id);
	/* The message says why. */
	if (err == ERR_CONFLICT)
		to_message(cx, res, &id);
	else if (err == ERR_DENIED)
		response_redirect(res, arena_printf(cx->arena, "/message/%s/files/open", id.text));
	else
		return err;
	return OK;
}

enum err file_open_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	static const struct form_errors none;
	struct form query;
	struct wish wish;
	struct message_view message;
	TRY(form_parse(req->arena, req->query, &query));
	TRY(wish_read(req, &query, &wish));
	TRY(mailbox_look(cx, &wish.message_id, &message));
	return render(cx, res, &wish, &none);
}

enum err file_open_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct wish wish;
	struct form_errors errors = {.count = 0};
	TRY(form_parse(req->arena, req->body, &form));
	TRY(wish_read(req, &form, &wish));
	enum err err =
		mailbox_confirm(cx, &wish.message_id, form_value(&form, "password"), &errors);
	if (err == OK)
		err = answer(cx, req, res, &wish);
	if (err == ERR_CONFLICT) {
		to_message(cx, res, &wish.message_id);
		return OK;
	}
	if (err == ERR_BUSY)
		form_error(cx, &errors, "password", TEXT_ACCOUNT_SLOWED);
	else if (err != ERR_INVALID)
		return err;
	res->status = err == ERR_BUSY ? 429 : 422;
	return render(cx, res, &wish, &errors);
}
