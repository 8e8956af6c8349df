#include "api/api_messages.h"

#include "api/api_body.h"
#include "api/api_files.h"
#include "api/api_options.h"
#include "api/api_recall.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/label.h"
#include "core/mailbox_move.h"
#include "http/form.h"

static struct str mail_word(enum mail_state state)
{
	switch (state) {
	case MAIL_QUEUED: return STR("queued");
	case MAIL_ACCEPTED: return STR("accepted");
	case MAIL_BOUNCED: return STR("bounced");
	case MAIL_NOT_SENT: return STR("not_sent");
	case MAIL_NONE:
	case MAIL_VOID: break;
	}
	return STR("none");
}

static const struct {
	struct str word;
	enum box box;
} boxes[] = {
	{STR("inbox"), BOX_INBOX}, {STR("sent"), BOX_SENT}, {STR("archive"), BOX_ARCHIVE},
	{STR("trash"), BOX_TRASH}, {STR("none"), BOX_NONE}, /* quoted: in no list */
};
enum { BOX_COUNT = sizeof(boxes) / sizeof(boxes[0]) };

static struct str box_word(enum box box)
{
	for (size_t i = 0; i < BOX_COUNT; i++)
		if (boxes[i].box == box)
			return boxes[i].word;
	return STR_NONE;
}

static bool parse_box(struct str word, enum box *ret)
{
	for (size_t i = 0; i < BOX_COUNT; i++) {
		if (str_eq(boxes[i].word, word) && boxes[i].box != BOX_NONE) {
			*ret = boxes[i].box;
			return true;
		}
	}
	return false;
}

static void write_labels(struct json_write *write, const struct label *labels, size_t count)
{
	json_write_list(write, "labels");
	for (size_t i = 0; i < count; i++)
		json_write_text(write, NULL, labels[i].name);
	json_write_list_end(write);
}

/* null: there are no documents to sign. More is said by /signature-requests/{id}. */
static void write_signing(struct json_write *write, const struct signing_brief *brief)
{
	if (brief->state == 0) {
		json_write_null(write, "signing");
		return;
	}
	json_write_object(write, "signing");
	json_write_text(write, "state", str_of(signing_brief_state_word(brief->state)));
	if (brief->my_state == 0)
		json_write_null(write, "my_state");
	else
		json_write_text(write, "my_state",
				str_of(signing_brief_signer_word(brief->my_state)));
	json_write_int(write, "signed", brief->signed_count);
	json_write_int(write, "signers", brief->signer_count);
	json_write_object_end(write);
}

void api_messages_write_row(struct json_write *write, const struct message_row *row)
{
	json_write_id(write, "id", &row->id);
	json_write_id(write, "conversation_id", &row->conversation_id);
	json_write_text(write, "subject", row->subject);
	json_write_bool(write, "unreadable", row->is_unreadable);
	json_write_object(write, "from");
	json_write_text(write, "name", row->sender_name);
	json_write_text(write, "email", row->sender_address);
	json_write_object_end(write);
	if (row->is_mine) {
		json_write_text(write, "people", row->people);
		json_write_int(write, "people_more", row->people_more);
	}
	json_write_time(write, "sent_at", row->sent_ms);
	json_write_bool(write, "unread", row->is_unread);
	json_write_bool(write, "recalled", row->ended == DELIVERY_RECALLED);
	json_write_text(write, "box", box_word(row->box));
	json_write_int(write, "file_count", row->file_count);
	write_signing(write, &row->signing);
	write_labels(write, row->labels, row->label_count);
}

static void write_row(struct json_write *write, const struct message_row *row)
{
	json_write_object(write, NULL);
	api_messages_write_row(write, row);
	json_write_object_end(write);
}

struct list_query {
	enum box box;
	int64_t limit;
	struct str cursor;
};

void api_messages_read_page(struct cx *cx, const struct form *form, int64_t *ret_limit,
			    struct str *ret_cursor, struct form_errors *errors)
{
	*ret_limit = LIMIT_PAGE_ROWS_DEFAULT;
	*ret_cursor = form_value(form, "cursor");
	if (form_has(form, "limit") && (!str_to_int(form_value(form, "limit"), ret_limit) ||
					*ret_limit < 1 || *ret_limit > LIMIT_PAGE_ROWS))
		form_error(cx, errors, "limit", TEXT_JSON_LIMIT_BAD,
			   TEXT_NUMBER("count", LIMIT_PAGE_ROWS));
	if (form_has(form, "cursor") && ret_cursor->len == 0)
		form_error(cx, errors, "cursor", TEXT_JSON_CURSOR_BAD);
}

static void read_query(struct cx *cx, const struct form *form, struct list_query *ret,
		       struct form_errors *errors)
{
	struct str box = form_has(form, "box") ? form_value(form, "box") : STR("inbox");
	*ret = (struct list_query){.limit = 0};
	if (!parse_box(box, &ret->box))
		form_error(cx, errors, "box", TEXT_JSON_BOX_UNKNOWN);
	api_messages_read_page(cx, form, &ret->limit, &ret->cursor, errors);
}

void api_messages_answer_list(struct response *res, const struct message_list *list)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < list->count; i++)
		write_row(&write, &list->rows[i]);
	json_write_list_end(&write);
	json_write_int(&write, "unread", list->unread_count);
	if (list->next_cursor.len > 0)
		json_write_text(&write, "next_cursor", list->next_cursor);
	json_write_object_end(&write);
}

enum err api_messages_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct message_list list;
	struct list_query query;
	struct form form;
	enum err err;
	TRY(form_parse(req->arena, req->query, &form));
	read_query(cx, &form, &query, &errors);
	if (errors.count == 0) {
		err = mailbox_list(cx, query.box, query.cursor, query.limit, &list);
		if (err == ERR_INVALID)
			form_error(cx, &errors, "cursor", TEXT_JSON_CURSOR_BAD);
		else
			TRY(err);
	}
	if (errors.count > 0)
		problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
	else
		api_messages_answer_list(res, &list);
	return OK;
}

/* Name and address; what became of the notification only for the sender. */
static void write_person(struct json_write *write, const char *key,
			 const struct message_person *person)
{
	json_write_object(write, key);
	json_write_text(write, "name", person->name);
	json_write_text(write, "email", person->address);
	json_write_object_end(write);
}

static void write_people(struct json_write *write, const char *key, enum recipient_kind kind,
			 const struct message_view *view)
{
	json_write_list(write, key);
	for (size_t i = 0; i < view->people_count; i++) {
		if (view->people[i].kind == kind)
			write_person(write, NULL, &view->people[i]);
	}
	json_write_list_end(write);
}

static void write_tracking(struct json_write *write, const struct message_view *view)
{
	json_write_list(write, "recipients");
	for (size_t i = 0; i < view->people_count; i++) {
		const struct message_person *person = &view->people[i];
		json_write_object(write, NULL);
		json_write_text(write, "email", person->address);
		json_write_text(write, "state",
				person->state == USER_INVITED ? STR("invited") : STR("delivered"));
		json_write_text(write, "mail", mail_word(person->mail));
		if (person->mail_reply.len > 0)
			json_write_text(write, "mail_reply", person->mail_reply);
		json_write_time(write, "opened_at", person->opened_ms);
		json_write_object_end(write);
	}
	json_write_list_end(write);
}

static void answer_message(struct cx *cx, struct response *res, const struct message_view *view)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_id(&write, "id", &view->id);
	json_write_id(&write, "conversation_id", &view->conversation_id);
	if (!id_is_empty(&view->parent_id))
		json_write_id(&write, "reply_to", &view->parent_id);
	json_write_text(&write, "subject", view->subject);
	if (view->ended == DELIVERY_LIVE && !view->needs_password)
		json_write_text(&write, "body", view->body);
	else
		json_write_null(&write, "body");
	json_write_bool(&write, "needs_password", view->needs_password);
	json_write_bool(&write, "unreadable", view->is_unreadable);
	api_options_write(&write, view->options, view->expires_ms);
	api_recall_write(&write, view);
	if (view->ended == DELIVERY_EXPIRED)
		json_write_time(&write, "expired_at", view->ended_ms);
	api_files_write(cx, &write, view);
	api_options_write_quoted(cx, &write, view);
	write_person(&write, "from", &view->sender);
	write_people(&write, "to", RECIPIENT_TO, view);
	write_people(&write, "cc", RECIPIENT_CC, view);
	write_people(&write, "bcc", RECIPIENT_BCC, view);
	json_write_time(&write, "sent_at", view->sent_ms);
	json_write_bool(&write, "unread", view->was_unread);
	json_write_text(&write, "box", box_word(view->box));
	write_signing(&write, &view->signing);
	write_labels(&write, view->labels, view->label_count);
	if (view->is_mine)
		write_tracking(&write, view);
	json_write_object_end(&write);
}

enum err api_messages_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct message_view view;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(req->method == METHOD_HEAD ? mailbox_look(cx, &id, &view)
				       : mailbox_open(cx, &id, &view));
	answer_message(cx, res, &view);
	return OK;
}

static enum err open_confidential(struct json_read *read, const struct request *req,
				  struct response *res)
{
	struct cx *cx = read->cx;
	struct message_view view;
	struct id id;
	struct str password = json_read_text(read, "password", REQUIRED);
	enum err err = json_read_end(read);
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	if (err == OK)
		err = mailbox_confirm(cx, &id, password, read->errors);
	if (err == ERR_INVALID) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	TRY(mailbox_open(cx, &id, &view));
	answer_message(cx, res, &view);
	return OK;
}

enum err api_messages_open(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, open_confidential);
}

/* ---- moving and marking ---- */

static enum err read_change(struct json_read *read, struct mailbox_change *ret)
{
	struct str *labels = NULL;
	ret->has_box = json_read_has(read, "box");
	ret->has_read = json_read_has(read, "read");
	ret->has_labels = json_read_has(read, "labels");
	size_t errors_before = read->errors->count;
	struct str word = json_read_text(read, "box", OPTIONAL);
	if (ret->has_box && read->errors->count == errors_before && !parse_box(word, &ret->box))
		form_error(read->cx, read->errors, "box", TEXT_JSON_BOX_UNKNOWN);
	ret->is_read = json_read_bool(read, "read", OPTIONAL);
	if (ret->has_labels)
		TRY(json_read_texts(read, "labels", LIMIT_LABELS_PER_MESSAGE, &labels,
				    &ret->label_count));
	ret->labels = ret->has_labels ? labels : NULL;
	if (!ret->has_box && !ret->has_read && !ret->has_labels)
		form_error(read->cx, read->errors, "", TEXT_JSON_CHANGE_MISSING);
	return json_read_end(read);
}

static enum err patch(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct mailbox_change change = {.has_box = false};
	struct message_row row;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = read_change(read, &change);
	if (err == OK)
		err = mailbox_change(cx, &id, &change, "labels", read->errors);
	if (err == ERR_INVALID) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	TRY(err);
	TRY(mailbox_row(cx, &id, &row));
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	write_row(&write, &row);
	return OK;
}

enum err api_messages_patch(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, patch);
}

enum err api_messages_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(mailbox_destroy(cx, &id, 1));
	res->status = 204;
	return OK;
}
