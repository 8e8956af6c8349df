#include "web/reply_draft.h"

#include "http/form.h"

enum err reply_draft_read(struct cx *cx, const struct request *req, const struct id *message_id,
			  struct draft *ret, bool *ret_is_to_all)
{
	struct form form;
	struct draft typed;
	TRY(form_parse(req->arena, req->body, &form));
	TRY(compose_draft_read(cx, req, &typed));
	bool is_to_all = str_eq(form_value(&form, "all"), STR("yes"));
	TRY(message_reply_draft(cx, message_id, is_to_all, ret));
	ret->body = typed.body;
	ret->files = typed.files;
	ret->file_count = typed.file_count;
	ret->idempotency_key = typed.idempotency_key;
	ret->kept_id = typed.kept_id;
	ret->kept_version = typed.kept_version;
	*ret_is_to_all = is_to_all;
	return OK;
}

static bool is_addressed_like(const struct draft *a, const struct draft *b)
{
	return str_eq(a->to, b->to) && str_eq(a->cc, b->cc) && a->bcc.len == 0 &&
	       str_eq(a->subject, b->subject);
}

enum err reply_draft_fill(struct cx *cx, struct reply_part *reply)
{
	struct kept_draft kept;
	struct draft as_sent;
	static const struct form_errors no_errors;
	const struct draft none = {.file_count = 0};
	reply->draft = id_new(cx_now_ms(cx));
	if (!reply->is_possible)
		return OK;
	TRY(files_part_fill(cx, &none, &no_errors, &reply->files));
	enum err err = draft_answering(cx, &reply->message_id, &kept);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT) /* an alarm was logged */
		return OK;
	TRY(err);
	TRY(message_reply_draft(cx, &reply->message_id, reply->is_to_all, &as_sent));
	if (!is_addressed_like(&kept.draft, &as_sent)) {
		TRY(message_reply_draft(cx, &reply->message_id, !reply->is_to_all, &as_sent));
		if (!is_addressed_like(&kept.draft, &as_sent)) {
			reply->has_elsewhere = true;
			reply->elsewhere = kept.id;
			return OK;
		}
		reply->is_to_all = !reply->is_to_all;
	}
	reply->draft = kept.id;
	reply->version = kept.version;
	reply->body = kept.draft.body;
	return files_part_fill(cx, &kept.draft, &no_errors, &reply->files);
}
