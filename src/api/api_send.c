#include "api/api_send.h"

#include "api/api_body.h"
#include "api/api_options.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/message.h"

#include <string.h>

/* Whether this can only be one address or the name of one group: none can smuggle in another by a
 * comma or a line end. Which it is, core finds out. */
static enum err is_one(struct cx *cx, struct str entry, bool *ret)
{
	struct address *parts;
	size_t count = 0;
	enum err err = address_parse_list(cx->arena, entry, 1, &parts, &count);
	*ret = count == 1 && str_find_char(entry, '\n') < 0;
	return err == ERR_TOO_LARGE ? OK : err;
}

/* A list of addresses as struct draft wants it: one a line. */
static enum err read_addresses(struct json_read *read, const char *field, struct str *ret)
{
	CLEANUP_BUF struct buf lines;
	struct cx *cx = read->cx;
	struct str *entries = NULL;
	size_t count = 0;
	buf_init(&lines, LIMIT_BODY_MESSAGE);
	TRY(json_read_texts(read, field, LIMIT_RECIPIENTS, &entries, &count));
	for (size_t i = 0; i < count; i++) {
		bool is_good;
		TRY(is_one(cx, entries[i], &is_good));
		if (!is_good)
			form_error(
				cx, read->errors, field, TEXT_ERROR_ADDRESS_BAD,
				TEXT_ARG("address", utf8_first(entries[i], LIMIT_ADDRESS_BYTES)));
		buf_add(&lines, entries[i]);
		buf_add_char(&lines, '\n');
	}
	*ret = arena_copy(cx->arena, buf_str(&lines));
	return lines.err;
}

void api_send_read_grade(struct json_read *read, enum grade *ret)
{
	size_t errors_before = read->errors->count;
	struct str word = json_read_text(read, "invite_as", OPTIONAL);
	bool is_given = word.data != NULL && read->errors->count == errors_before;
	if (is_given && user_grade_parse(word, ret) != OK)
		form_error(read->cx, read->errors, "invite_as", TEXT_JSON_GRADE_UNKNOWN);
}

/* RFC 9110 field values may hold more; a key is for comparing, so it is plain visible ASCII. */
void api_send_read_key(struct cx *cx, const struct request *req, struct str *ret,
		       struct form_errors *errors)
{
	struct str key = request_header(req, "Idempotency-Key");
	bool is_good = key.len <= LIMIT_IDEMPOTENCY_KEY_BYTES && (key.len > 0 || key.data == NULL);
	for (size_t i = 0; i < key.len; i++)
		is_good = is_good && key.data[i] > ' ' && key.data[i] < 0x7f;
	if (is_good)
		*ret = key;
	else
		form_error(cx, errors, "idempotency_key", TEXT_ERROR_IDEMPOTENCY_KEY_BAD,
			   TEXT_NUMBER("count", LIMIT_IDEMPOTENCY_KEY_BYTES));
}

static void answer_sent(struct cx *cx, struct response *res, const struct sent *sent)
{
	struct json_write write = {.out = &res->body};
	res->status = 201;
	res->content_type = STR("application/json");
	response_header(res, "Location",
			arena_printf(cx->arena, "/api/v1/messages/%s", sent->id.text));
	json_write_object(&write, NULL);
	json_write_id(&write, "id", &sent->id);
	json_write_id(&write, "conversation_id", &sent->conversation_id);
	json_write_list(&write, "recipients");
	for (size_t i = 0; i < sent->addressing.count; i++) {
		const struct addressee *addressee = &sent->addressing.items[i];
		/* Signs with the others, and is sent nothing. */
		if (addressee->is_self)
			continue;
		json_write_object(&write, NULL);
		json_write_text(&write, "email", addressee->address);
		json_write_text(&write, "state",
				addressee->state == ADDRESSEE_KNOWN ? STR("delivered")
								    : STR("invited"));
		json_write_object_end(&write);
	}
	json_write_list_end(&write);
	json_write_object_end(&write);
}

static enum err answer_mistakes(struct json_read *read, struct response *res)
{
	problem_answer(read->cx, res, PROBLEM_MISTAKES, read->errors);
	return OK;
}

static bool is_address_field(const char *field)
{
	return strcmp(field, "to") == 0 || strcmp(field, "cc") == 0 || strcmp(field, "bcc") == 0;
}

/* A list of addresses that could not be read may be why another seems to lack one. */
static bool is_told(const struct form_errors *errors, const char *field)
{
	for (size_t i = 0; i < errors->count; i++) {
		const char *told = errors->items[i].field;
		if (strcmp(told, field) == 0 ||
		    (is_address_field(told) && strcmp(field, "to") == 0))
			return true;
	}
	return false;
}

/* Of what could be read, the mistakes are told in the same round. */
static enum err answer_all_mistakes(struct json_read *read, const struct draft *draft,
				    struct response *res)
{
	struct form_errors *errors = read->errors;
	const struct form_errors unread = *errors;
	struct form_errors more = {.count = 0};
	enum err err = message_check(read->cx, draft, &more);
	if (err != OK && err != ERR_INVALID)
		return err;
	for (size_t i = 0; i < more.count && errors->count < FORM_ERRORS_MAX; i++)
		if (!is_told(&unread, more.items[i].field))
			errors->items[errors->count++] = more.items[i];
	return answer_mistakes(read, res);
}

enum err api_send_answer(struct cx *cx, struct response *res, enum err err, const struct sent *sent,
			 const struct form_errors *errors)
{
	if (err == ERR_INVALID && errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, errors);
		return OK;
	}
	if (err == ERR_BUSY && errors->count > 0) {
		problem_answer(cx, res, PROBLEM_BUSY, errors);
		response_header(res, "Retry-After", STR("60"));
		return OK;
	}
	if ((err == ERR_DENIED || err == ERR_CONFLICT) && errors->count > 0) {
		problem_answer(cx, res, err == ERR_DENIED ? PROBLEM_DENIED : PROBLEM_CONFLICT,
			       errors);
		return OK;
	}
	TRY(err);
	answer_sent(cx, res, sent);
	return OK;
}

static enum err send_draft(struct json_read *read, const struct draft *draft, struct response *res)
{
	struct sent sent;
	enum err err = message_send(read->cx, draft, &sent, read->errors);
	return api_send_answer(read->cx, res, err, &sent, read->errors);
}

/* Without a subject, that of the forwarded message. Why it may not be forwarded is said when it is
 * sent. */
static enum err fill_forward(struct cx *cx, struct draft *draft)
{
	struct form_errors unsaid = {.count = 0};
	struct draft forward;
	if (id_is_empty(&draft->forward_of) || draft->subject.data)
		return OK;
	enum err err = message_forward_draft(cx, &draft->forward_of, &forward, &unsaid);
	if (err == OK)
		draft->subject = forward.subject;
	return unsaid.count > 0 ? OK : err;
}

static enum err create(struct json_read *read, const struct request *req, struct response *res)
{
	struct draft draft = {.invite_as = 0};
	TRY(read_addresses(read, "to", &draft.to));
	TRY(read_addresses(read, "cc", &draft.cc));
	TRY(read_addresses(read, "bcc", &draft.bcc));
	draft.subject = json_read_text(read, "subject", OPTIONAL);
	draft.body = json_read_text(
		read, "body",
		json_read_has(read, "forward_of") || json_read_has(read, "files") ? OPTIONAL
										  : REQUIRED);
	TRY(api_options_read_files(read, &draft));
	api_send_read_grade(read, &draft.invite_as);
	api_options_read(read, &draft);
	api_options_read_id(read, "forward_of", &draft.forward_of);
	api_send_read_key(read->cx, req, &draft.idempotency_key, read->errors);
	TRY(fill_forward(read->cx, &draft));
	return json_read_end(read) == OK ? send_draft(read, &draft, res)
					 : answer_all_mistakes(read, &draft, res);
}

static enum err reply(struct json_read *read, const struct request *req, struct response *res)
{
	struct draft draft, chosen = {.options = 0};
	struct id id;
	struct str body =
		json_read_text(read, "body", json_read_has(read, "files") ? OPTIONAL : REQUIRED);
	TRY(api_options_read_files(read, &chosen));
	bool is_to_all = json_read_bool(read, "all", OPTIONAL);
	struct str key = STR_NONE;
	api_options_read(read, &chosen);
	api_send_read_key(read->cx, req, &key, read->errors);
	enum err err = json_read_end(read);
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(message_reply_draft(read->cx, &id, is_to_all, &draft));
	draft.body = body;
	draft.idempotency_key = key;
	draft.options = chosen.options;
	draft.options_off = chosen.options_off;
	draft.expires = chosen.expires;
	draft.files = chosen.files;
	draft.file_count = chosen.file_count;
	return err == OK ? send_draft(read, &draft, res) : answer_all_mistakes(read, &draft, res);
}

enum err api_send_message(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, create);
}

enum err api_send_reply(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, reply);
}
