#include "web/recall_page.h"

#include "base/limits.h"
#include "core/file_recall.h"
#include "core/mailbox.h"
#include "core/policy.h"
#include "core/signing.h"
#include "http/form.h"
#include "web/page_recall.h"
#include "web/when.h"

static struct str state_of(struct cx *cx, const struct message_person *person)
{
	if (person->opened_ms == 0)
		return text_get(cx->language, TEXT_MESSAGE_NOT_OPENED);
	return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_OPENED,
			 TEXT_ARG("date", when_long(cx, person->opened_ms)));
}

/* What became of a file with that person; NULL: nothing. */
static const struct file_fate *fate_of(const struct message_person *person,
				       const struct id *file_id)
{
	for (size_t i = 0; i < person->file_count; i++) {
		if (id_eq(&person->files[i].file_id, file_id))
			return &person->files[i];
	}
	return NULL;
}

static struct str state_of_file(struct cx *cx, const struct message_person *person,
				const struct file_fate *fate)
{
	if (fate == NULL || fate->downloaded_ms == 0)
		return state_of(cx, person);
	return TEXT_FILL(cx->arena, cx->language, TEXT_FILE_RECALL_DOWNLOADED,
			 TEXT_ARG("date", when_long(cx, fate->downloaded_ms)));
}

static bool is_chosen(const struct form *form, const struct id *id)
{
	for (size_t i = 0; form && i < form->count; i++) {
		if (str_eq(form->fields[i].name, STR("person")) &&
		    str_eq(form->fields[i].value, id_str(id)))
			return true;
	}
	return false;
}

/* What is recalled, out of the address. */
struct target {
	struct id message_id;
	bool is_file;
	struct id file_id;
};

static enum err target_read(const struct request *req, bool is_file, struct target *ret)
{
	struct target target = {.is_file = is_file};
	if (id_parse(req->params[0], &target.message_id) != OK ||
	    (is_file && id_parse(req->params[1], &target.file_id) != OK))
		return ERR_NOT_FOUND;
	*ret = target;
	return OK;
}

/* ERR_NOT_FOUND: the message has no such file. ERR_CONFLICT: nobody has it any more. */
static enum err fill_file(const struct target *target, const struct message_view *message,
			  struct recall_view *view)
{
	view->is_file = target->is_file;
	view->file_id = target->file_id;
	if (!target->is_file)
		return OK;
	for (size_t i = 0; message->files && i < message->file_count; i++) {
		const struct file_view *file = &message->files[i];
		if (!id_eq(&file->id, &target->file_id))
			continue;
		view->file_name = file->head.name;
		return file->is_recalled_from_all ? ERR_CONFLICT : OK;
	}
	return ERR_NOT_FOUND;
}

static void fill_people(struct cx *cx, const struct target *target, const struct form *form,
			const struct message_view *message, struct recall_view *view)
{
	for (size_t i = 0; i < message->people_count; i++) {
		const struct message_person *person = &message->people[i];
		const struct file_fate *fate =
			target->is_file ? fate_of(person, &target->file_id) : NULL;
		if (person->recalled_ms > 0 || (fate && fate->recalled_ms > 0))
			continue;
		view->people[view->count++] = (struct recall_person){
			.id = person->id,
			.name = person->name,
			.address =
				str_eq(person->name, person->address) ? STR_NONE : person->address,
			.state = state_of_file(cx, person, fate),
			.is_chosen = is_chosen(form, &person->id),
		};
	}
}

/* form: NULL at first. ERR_DENIED: not theirs to recall. ERR_CONFLICT: nobody has it any more. */
static enum err fill(struct cx *cx, const struct target *target, const struct form *form,
		     struct recall_view *ret)
{
	static const struct form_errors no_errors;
	struct message_view message;
	if (!policy_may(cx, ACT_RECALL))
		return ERR_DENIED;
	TRY(mailbox_look(cx, &target->message_id, &message));
	if (!message.is_mine)
		return ERR_DENIED;
	if (message.recalled_ms > 0)
		return ERR_CONFLICT;
	*ret = (struct recall_view){
		.message_id = target->message_id,
		.subject = message.subject.len > 0 ? message.subject
						   : text_get(cx->language, TEXT_BOX_NO_SUBJECT),
		.people = ARENA_ARRAY(cx->arena, message.people_count + 1, struct recall_person),
		.is_to_sign = message.signing.state != 0,
		.is_some = form && str_eq(form_value(form, "from"), STR("some")),
		.reason = form ? form_value(form, "reason") : STR_NONE,
		.reason_max = LIMIT_RECALL_REASON_CHARS,
		.errors = &no_errors,
	};
	if (ret->people == NULL)
		return ERR_UNAVAILABLE;
	fill_people(cx, target, form, &message, ret);
	return fill_file(target, &message, ret);
}

static enum err render(struct cx *cx, struct response *res, struct recall_view *view)
{
	enum text_id title = view->is_file ? TEXT_FILE_RECALL_TITLE : TEXT_RECALL_TITLE;
	TRY(frame_init(cx, text_get(cx->language, title), PLACE_NONE, &view->frame));
	struct html html = frame_html(cx, res);
	page_recall(&html, view);
	return OK;
}

static void go_back(struct cx *cx, struct response *res, const struct target *target,
		    const char *done)
{
	response_redirect(res,
			  arena_printf(cx->arena, "/message/%s?done=%s%s", target->message_id.text,
				       target->is_file ? "file-" : "", done));
}

static enum err show(struct cx *cx, const struct request *req, struct response *res, bool is_file)
{
	struct target target;
	struct recall_view view;
	TRY(target_read(req, is_file, &target));
	enum err err = fill(cx, &target, NULL, &view);
	if (err == ERR_CONFLICT) {
		go_back(cx, res, &target, "recalled");
		return OK;
	}
	TRY(err);
	return render(cx, res, &view);
}

enum err recall_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	return show(cx, req, res, false);
}

enum err recall_page_file_show(struct cx *cx, const struct request *req, struct response *res)
{
	return show(cx, req, res, true);
}

/* The addresses of those who were ticked. */
static enum err read_wish(struct cx *cx, const struct recall_view *view, struct recall_wish *ret)
{
	struct str *addresses = ARENA_ARRAY(cx->arena, view->count + 1, struct str);
	if (addresses == NULL)
		return ERR_UNAVAILABLE;
	*ret = (struct recall_wish){
		.reason = view->reason, .addresses = addresses, .is_whole = !view->is_some};
	for (size_t i = 0; view->is_some && i < view->count; i++) {
		const struct recall_person *person = &view->people[i];
		if (person->is_chosen)
			addresses[ret->address_count++] =
				person->address.len > 0 ? person->address : person->name;
	}
	return OK;
}

static enum err render_again(struct cx *cx, struct response *res, struct recall_view *view,
			     struct form_errors *errors)
{
	view->errors = errors;
	view->reason_error = form_errors_for(errors, "reason");
	return render(cx, res, view);
}

/* P6.1: who has signed keeps what they have signed. */
static bool has_anybody_signed(struct cx *cx, const struct id *message_id)
{
	struct signing_view signing;
	if (signing_get(cx, message_id, &signing) != OK)
		return false;
	for (size_t i = 0; i < signing.signer_count; i++)
		if (signing.signers[i].state == SIGNER_SIGNED)
			return true;
	return false;
}

static enum err submit(struct cx *cx, const struct request *req, struct response *res, bool is_file)
{
	struct target target;
	struct form form;
	struct recall_view view;
	struct recall_wish wish;
	struct recalled recalled;
	struct form_errors errors = {.count = 0};
	TRY(target_read(req, is_file, &target));
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = fill(cx, &target, &form, &view);
	if (err == ERR_CONFLICT) {
		go_back(cx, res, &target, "recalled");
		return OK;
	}
	TRY(err);
	TRY(read_wish(cx, &view, &wish));
	err = is_file ? file_recall(cx, &target.message_id, &target.file_id, &wish, &recalled,
				    &errors)
		      : recall_message(cx, &target.message_id, &wish, &recalled, &errors);
	if (err == OK) {
		bool is_kept = view.is_to_sign && has_anybody_signed(cx, &target.message_id);
		go_back(cx, res, &target,
			!wish.is_whole ? "recalled-some"
			: is_kept      ? "recalled-unsigned"
				       : "recalled");
		return OK;
	}
	if (err == ERR_BUSY || err == ERR_UNAVAILABLE)
		form_error(cx, &errors, "", TEXT_RECALL_TRY_AGAIN);
	else if (err != ERR_INVALID && (err != ERR_CONFLICT || errors.count == 0))
		return err;
	res->status = err == ERR_INVALID    ? 422
		      : err == ERR_CONFLICT ? 409
		      : err == ERR_BUSY     ? 429
					    : 503;
	return render_again(cx, res, &view, &errors);
}

enum err recall_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	return submit(cx, req, res, false);
}

enum err recall_page_file_submit(struct cx *cx, const struct request *req, struct response *res)
{
	return submit(cx, req, res, true);
}
