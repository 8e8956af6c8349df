#include "web/recall_page.h"

#include "base/limits.h"
#include "core/mailbox.h"
#include "core/policy.h"
#include "core/recall.h"
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

static bool is_chosen(const struct form *form, const struct id *id)
{
	for (size_t i = 0; form && i < form->count; i++) {
		if (str_eq(form->fields[i].name, STR("person")) &&
		    str_eq(form->fields[i].value, id_str(id)))
			return true;
	}
	return false;
}

/* form: NULL at first. ERR_DENIED: not theirs to recall. ERR_CONFLICT: nobody has it any more. */
static enum err fill(struct cx *cx, const struct id *id, const struct form *form,
		     struct recall_view *ret)
{
	static const struct form_errors no_errors;
	struct message_view message;
	if (!policy_allows(&cx->session->user, ACT_RECALL))
		return ERR_DENIED;
	TRY(mailbox_look(cx, id, &message));
	if (!message.is_mine)
		return ERR_DENIED;
	if (message.recalled_ms > 0)
		return ERR_CONFLICT;
	*ret = (struct recall_view){
		.message_id = *id,
		.subject = message.subject.len > 0 ? message.subject
						   : text_get(cx->language, TEXT_BOX_NO_SUBJECT),
		.people = ARENA_ARRAY(cx->arena, message.people_count + 1, struct recall_person),
		.is_some = form && str_eq(form_value(form, "from"), STR("some")),
		.reason = form ? form_value(form, "reason") : STR_NONE,
		.reason_max = LIMIT_RECALL_REASON_CHARS,
		.errors = &no_errors,
	};
	if (ret->people == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < message.people_count; i++) {
		const struct message_person *person = &message.people[i];
		if (person->recalled_ms > 0)
			continue;
		ret->people[ret->count++] = (struct recall_person){
			.id = person->id,
			.name = person->name,
			.address =
				str_eq(person->name, person->address) ? STR_NONE : person->address,
			.state = state_of(cx, person),
			.is_chosen = is_chosen(form, &person->id),
		};
	}
	return OK;
}

static enum err render(struct cx *cx, struct response *res, struct recall_view *view)
{
	TRY(frame_init(cx, text_get(cx->language, TEXT_RECALL_TITLE), PLACE_NONE, &view->frame));
	struct html html = frame_html(cx, res);
	page_recall(&html, view);
	return OK;
}

static void go_back(struct cx *cx, struct response *res, const struct id *id, const char *done)
{
	response_redirect(res, arena_printf(cx->arena, "/message/%s?done=%s", id->text, done));
}

enum err recall_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct recall_view view;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = fill(cx, &id, NULL, &view);
	if (err == ERR_CONFLICT) {
		go_back(cx, res, &id, "recalled");
		return OK;
	}
	TRY(err);
	return render(cx, res, &view);
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

enum err recall_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct form form;
	struct recall_view view;
	struct recall_wish wish;
	struct recalled recalled;
	struct form_errors errors = {.count = 0};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = fill(cx, &id, &form, &view);
	if (err == ERR_CONFLICT) {
		go_back(cx, res, &id, "recalled");
		return OK;
	}
	TRY(err);
	TRY(read_wish(cx, &view, &wish));
	err = recall_message(cx, &id, &wish, &recalled, &errors);
	if (err == OK) {
		go_back(cx, res, &id, wish.is_whole ? "recalled" : "recalled-some");
		return OK;
	}
	if (err == ERR_BUSY || err == ERR_UNAVAILABLE)
		form_error(cx, &errors, "", TEXT_RECALL_TRY_AGAIN);
	else if (err != ERR_INVALID)
		return err;
	res->status = err == ERR_INVALID ? 422 : err == ERR_BUSY ? 429 : 503;
	return render_again(cx, res, &view, &errors);
}
