#include "web/sign_page.h"

#include "base/limits.h"
#include "core/mailbox.h"
#include "http/security.h"
#include "web/file_words.h"
#include "web/page_sign.h"
#include "web/sign_fields.h"
#include "web/when.h"

/* ---- the page ---- */

static enum err fill_documents(struct cx *cx, const struct signing_view *signing,
			       struct sign_view *view)
{
	view->documents = ARENA_ARRAY(cx->arena, signing->document_count + 1, struct sign_document);
	if (view->documents == NULL)
		return ERR_UNAVAILABLE;
	view->document_count = signing->document_count;
	for (size_t i = 0; i < view->document_count; i++) {
		const struct signing_document *document = &signing->documents[i];
		view->documents[i] = (struct sign_document){
			.position = document->position,
			.name = document->name,
			.facts =
				TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_CARD_DOCUMENT_FACTS,
					  TEXT_NUMBER("count", document->pages),
					  TEXT_ARG("size", file_words_size(cx, document->bytes))),
		};
	}
	return OK;
}

static struct str subject_of(struct cx *cx, const struct message_view *message)
{
	return message->subject.len > 0 ? message->subject
					: text_get(cx->language, TEXT_BOX_NO_SUBJECT);
}

static enum err render(struct cx *cx, struct response *res, const struct id *id,
		       const struct signing_view *signing, const struct form *form,
		       const struct form_errors *errors)
{
	struct message_view message;
	struct sign_view view = {
		.message_id = *id,
		.errors = errors,
		.today =
			format_date_short(cx->arena, cx->language, when_zone(cx), cx_now_ms(cx), 0),
		.text_max = LIMIT_SIGNING_TEXT_CHARS,
		.name_max = LIMIT_SIGNING_NAME_CHARS,
		.has_consented = form && str_eq(form_value(form, "consent"), STR("yes")),
		.wants_saving = form && str_eq(form_value(form, "save"), STR("yes")),
		.wants_password = signing->wants_password,
		.can_decline = signing->can_decline,
		.consent_error = form_errors_for(errors, "consent"),
		.password_error = form_errors_for(errors, "password"),
		.mark_number = STR("{number}"),
		.mark_all = STR("{all}"),
		.mark_name = STR("{name}"),
	};
	TRY(mailbox_open(cx, id, &message));
	view.subject = subject_of(cx, &message);
	view.lead = TEXT_FILL(cx->arena, cx->language, TEXT_SIGN_LEAD,
			      TEXT_ARG("sender", message.sender.name));
	if (signing->deadline_ms > 0)
		view.deadline = TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_CARD_DEADLINE_OWN,
					  TEXT_ARG("date", when_long(cx, signing->deadline_ms)));
	TRY(fill_documents(cx, signing, &view));
	TRY(sign_fields_fill(cx, signing, form, &view));
	/* The one script that is made by a script: pdf.js's worker. */
	response_header(res, "Content-Security-Policy",
			STR(SECURITY_CSP "; worker-src 'self'; trusted-types pdf-worker"));
	TRY(frame_init(cx, view.subject, PLACE_SIGNATURES, &view.frame));
	struct html html = frame_html(cx, res);
	page_sign(&html, &view);
	return OK;
}

static void to_message(struct cx *cx, struct response *res, const struct id *id, const char *done)
{
	/* What came of it is said at the top of the page. */
	response_redirect(res,
			  done[0] ? arena_printf(cx->arena, "/message/%s?done=%s", id->text, done)
				  : arena_printf(cx->arena, "/message/%s#m%s", id->text, id->text));
}

enum err sign_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	static const struct form_errors none;
	struct id id;
	struct signing_view signing;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = signing_get(cx, &id, &signing);
	/* The message says why, or asks for its password. */
	if (err == ERR_CONFLICT || err == ERR_DENIED || (err == OK && !signing.can_sign)) {
		to_message(cx, res, &id, "");
		return OK;
	}
	TRY(err);
	return render(cx, res, &id, &signing, NULL, &none);
}

/* ---- too late ---- */

/* What one knows by heart is left out. */
static bool is_worth_keeping(struct cx *cx, const struct form_field *field)
{
	struct str text = str_trim(field->value);
	return str_starts_with(field->name, STR("fields.")) && text.len > 0 &&
	       !str_eq(text, STR("on")) && !str_eq(text, cx->session->user.name) &&
	       !str_eq(text, sign_fields_initials(cx, cx->session->user.name));
}

static enum err say_over(struct cx *cx, struct response *res, const struct id *id,
			 const struct form *form, struct str why)
{
	struct sign_over_view view = {
		.message_id = *id,
		.why = why,
		.texts = ARENA_ARRAY(cx->arena, form->count + 1, struct sign_over_text),
	};
	if (view.texts == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < form->count; i++) {
		if (is_worth_keeping(cx, &form->fields[i]))
			view.texts[view.text_count++].text = form->fields[i].value;
	}
	TRY(frame_init(cx, text_get(cx->language, TEXT_SIGN_OVER_TITLE), PLACE_SIGNATURES,
		       &view.frame));
	struct html html = frame_html(cx, res);
	res->status = 409;
	page_sign_over(&html, &view);
	return OK;
}

static const struct signing_signer *own_of(const struct signing_view *view)
{
	for (size_t i = 0; i < view->signer_count; i++) {
		if (view->signers[i].is_me)
			return &view->signers[i];
	}
	return NULL;
}

/* err: of signing_get(). */
static enum text_id why_over(enum err err, const struct signing_view *now,
			     const struct signing_signer *own)
{
	if (err == ERR_CONFLICT)
		return TEXT_SIGNING_ENDED_RECALLED;
	if (err != OK)
		return TEXT_SIGN_OVER_WHY;
	switch (now->state) {
	case SIGNING_COMPLETED: return TEXT_SIGNING_ENDED_COMPLETED;
	case SIGNING_DECLINED: return TEXT_SIGNING_ENDED_DECLINED;
	case SIGNING_EXPIRED: return TEXT_SIGNING_ENDED_EXPIRED;
	case SIGNING_CANCELLED: return TEXT_SIGNING_ENDED_CANCELLED;
	case SIGNING_OPEN: break;
	}
	if (own == NULL)
		return TEXT_SIGNING_NOT_A_SIGNER;
	return own->state == SIGNER_WAITING ? TEXT_SIGNING_NOT_YOUR_TURN : TEXT_SIGN_OVER_WHY;
}

/* Somebody was quicker, maybe the same person: the answer to their first click was lost. */
static enum err answer_late(struct cx *cx, struct response *res, const struct id *id,
			    const struct form *form, const struct form_errors *errors)
{
	struct signing_view now;
	struct str why = form_errors_for(errors, "");
	enum err err = signing_get(cx, id, &now);
	if (err != OK && err != ERR_CONFLICT && err != ERR_NOT_FOUND)
		return err;
	const struct signing_signer *own = err == OK ? own_of(&now) : NULL;
	if (own && own->state == SIGNER_SIGNED) {
		to_message(cx, res, id, "signed");
		return OK;
	}
	if (why.len == 0)
		why = text_get(cx->language, why_over(err, &now, own));
	return say_over(cx, res, id, form, why);
}

/* ---- signing ---- */

static enum err answer_signed(struct cx *cx, struct response *res, const struct id *id)
{
	struct signing_view now;
	bool is_sealed = signing_get(cx, id, &now) == OK && now.state == SIGNING_COMPLETED;
	to_message(cx, res, id, is_sealed ? "sealed" : "signed");
	return OK;
}

/* 0: no page says this one. */
static int status_of(enum err err)
{
	switch (err) {
	case ERR_INVALID:
	case ERR_TOO_LARGE: return 422;
	case ERR_BUSY: return 429;
	case ERR_UNAVAILABLE:
	case ERR_INTERNAL: return 503;
	default: return 0;
	}
}

static enum err answer_refused(struct cx *cx, struct response *res, const struct id *id,
			       const struct signing_view *signing, const struct form *form,
			       struct form_errors *errors, enum err err)
{
	int status = status_of(err);
	if (status == 0 || (err == ERR_INVALID && errors->count == 0))
		return err;
	if (err == ERR_TOO_LARGE && errors->count == 0)
		form_error(cx, errors, "", TEXT_SIGN_TOO_LARGE);
	if (err == ERR_BUSY && errors->count == 0)
		form_error(cx, errors, "password", TEXT_ACCOUNT_SLOWED);
	if (errors->count == 0)
		form_error(cx, errors, "", TEXT_SIGN_TRY_AGAIN);
	res->status = status;
	return render(cx, res, id, signing, form, errors);
}

/* Who signs on the certificate page does it by an act of their own, too: the engine would put in
 * their name. */
static enum err check_block(struct cx *cx, const struct signing_view *signing,
			    const struct signing_act *act, struct form_errors *errors)
{
	for (size_t i = 0; i < signing->my_field_count; i++) {
		const struct signing_field *field = &signing->my_fields[i];
		bool is_given = !sign_fields_is_block(field);
		for (size_t k = 0; k < act->value_count; k++) {
			const struct signing_value *value = &act->values[k];
			is_given |= str_eq(value->field_id, field->id) &&
				    (value->png.len > 0 || str_trim(value->text).len > 0);
		}
		struct str name = arena_printf(cx->arena, "fields.%.*s", STR_ARGS(field->id));
		if (name.len == 0)
			return ERR_UNAVAILABLE;
		if (!is_given)
			form_error(cx, errors, name.data, TEXT_SIGNING_FIELD_MISSING);
	}
	return errors->count > 0 ? ERR_INVALID : OK;
}

/* Passwords are only looked at by the workers that are there for it. */
static enum err submit(struct cx *cx, const struct request *req, struct response *res,
		       bool has_password)
{
	struct id id;
	struct form form;
	struct signing_view signing;
	struct signing_act act;
	struct form_errors errors = {.count = 0};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = signing_get(cx, &id, &signing);
	if (err == ERR_CONFLICT || (err == OK && !signing.can_sign))
		return answer_late(cx, res, &id, &form, &errors);
	TRY(err);
	err = sign_form_read(cx, &form, &signing, &act, &errors);
	if (!has_password)
		act.password = STR_NONE;
	act.user_agent = request_header(req, "User-Agent");
	if (err == OK)
		err = check_block(cx, &signing, &act, &errors);
	if (err == OK)
		err = signing_sign(cx, &id, &act, &errors);
	if (err == ERR_CONFLICT || err == ERR_DENIED)
		return answer_late(cx, res, &id, &form, &errors);
	if (err != OK)
		return answer_refused(cx, res, &id, &signing, &form, &errors, err);
	if (str_eq(form_value(&form, "save"), STR("yes")))
		sign_form_keep(cx, &act, &signing);
	return answer_signed(cx, res, &id);
}

enum err sign_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	return submit(cx, req, res, false);
}

enum err sign_page_submit_password(struct cx *cx, const struct request *req, struct response *res)
{
	return submit(cx, req, res, true);
}
