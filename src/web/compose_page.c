#include "web/compose_page.h"

#include "base/buf.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/random.h"
#include "core/mailbox.h"
#include "core/people_group.h"
#include "core/policy.h"
#include "core/preferences.h"
#include "core/signing.h"
#include "web/page_compose.h"

enum { KEY_RANDOM_BYTES = 16, MANY_GUESTS = 5 };

struct str compose_page_key(struct arena *arena)
{
	char bytes[KEY_RANDOM_BYTES];
	random_fill(bytes, sizeof bytes);
	return encode_base64url(arena, str_bytes(bytes, sizeof bytes));
}

bool compose_page_is_many(const struct addressing *addressing)
{
	size_t guests = 0;
	for (size_t i = 0; i < addressing->count; i++)
		guests += addressing->items[i].kind != RECIPIENT_BCC &&
			  addressing->items[i].grade == GRADE_GUEST;
	return guests >= MANY_GUESTS;
}

struct people_field compose_page_people_field(struct cx *cx, const char *name, enum text_id label,
					      struct str value, const struct form_errors *errors)
{
	struct people_field field = {
		.name = name,
		.label = text_get(cx->language, label),
		.value = value,
	};
	for (size_t i = 0; i < errors->count; i++) {
		if (str_eq(str_of(errors->items[i].field), str_of(name)))
			field.mistakes[field.mistake_count++] = errors->items[i];
	}
	return field;
}

/* For the script: names of groups are no mistakes. */
static enum err add_groups(struct cx *cx, struct compose_view *view)
{
	struct people_group *groups;
	size_t count;
	TRY(people_group_list(cx, &groups, &count));
	struct buf names CLEANUP_BUF;
	buf_init(&names, LIMIT_BODY_SMALL);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(&names, '\n');
		buf_add(&names, groups[i].name);
	}
	view->groups = arena_copy(cx->arena, buf_str(&names));
	return names.err;
}

/* What goes with a forward is named; one that is gone is told of when it is sent. */
static enum err fill_forward(struct cx *cx, const struct draft *draft, struct compose_view *view)
{
	struct message_view message;
	view->forward_of = draft->forward_of;
	view->is_forward = !id_is_empty(&draft->forward_of);
	if (!view->is_forward)
		return OK;
	enum err err = mailbox_look(cx, &draft->forward_of, &message);
	if (err == OK)
		view->forwarded = message.subject.len > 0
					  ? message.subject
					  : text_get(cx->language, TEXT_BOX_NO_SUBJECT);
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err render(struct cx *cx, struct response *res, const struct draft *draft,
		       const struct form_errors *errors, struct compose_view *view)
{
	view->errors = errors;
	view->is_guest = !policy_may(cx, ACT_INVITE_GUEST);
	view->is_known_only = policy_writes_to_known_only(cx->portal->settings, &cx->session->user);
	view->to = compose_page_people_field(cx, "to", TEXT_COMPOSE_TO, draft->to, errors);
	view->to.hint = text_get(cx->language, TEXT_COMPOSE_TO_HINT);
	view->cc = compose_page_people_field(cx, "cc", TEXT_COMPOSE_CC, draft->cc, errors);
	view->bcc = compose_page_people_field(cx, "bcc", TEXT_COMPOSE_BCC, draft->bcc, errors);
	view->bcc.hint = text_get(cx->language, TEXT_COMPOSE_BCC_HINT);
	view->to.signing_label = text_get(cx->language, TEXT_PREPARE_TO);
	view->to.signing_hint = text_get(cx->language, TEXT_PREPARE_TO_HINT);
	view->cc.signing_label = text_get(cx->language, TEXT_PREPARE_CC);
	view->cc.signing_hint = text_get(cx->language, TEXT_PREPARE_CC_HINT);
	view->has_more = draft->cc.len > 0 || draft->bcc.len > 0;
	view->subject = field_text(cx, "subject", TEXT_COMPOSE_SUBJECT, draft->subject);
	field_mark(&view->subject, errors);
	view->body = draft->body;
	view->body_error = form_errors_for(errors, "body");
	view->key = draft->idempotency_key.len > 0 ? draft->idempotency_key
						   : compose_page_key(cx->arena);
	TRY(options_part_fill(cx, draft, errors, &view->options));
	TRY(files_part_fill(cx, draft, errors, &view->files));
	TRY(signing_form_fill(cx, draft, errors, &view->signing));
	signing_form_reminders(cx, &view->signing, view->reminders);
	view->is_signing_off = draft->signing && !view->signing.is_offered;
	TRY(fill_forward(cx, draft, view));
	view->is_reply = !id_is_empty(&draft->reply_to);
	view->signing.is_offered &= !view->is_forward && !view->is_reply;
	view->files.is_for_signing = view->signing.is_offered;
	view->reply_to = draft->reply_to;
	view->draft = id_is_empty(&draft->kept_id) ? id_new(cx_now_ms(cx)) : draft->kept_id;
	view->version = draft->kept_version;
	view->template_by_rule.is_by_rule = true;
	view->blank = STR("{}");
	TRY(add_groups(cx, view));
	enum text_id title = view->is_forward ? TEXT_COMPOSE_FORWARD_TITLE : TEXT_COMPOSE_TITLE;
	TRY(frame_init(cx, text_get(cx->language, title), PLACE_COMPOSE, &view->frame));
	view->frame.notice = view->notice;
	struct html html = frame_html(cx, res);
	page_compose(&html, view);
	return OK;
}

enum err compose_page_list_invites(struct cx *cx, const struct draft *draft,
				   const struct addressing *addressing, struct invite_part **ret,
				   size_t *ret_count, bool *ret_is_asked)
{
	struct invite_part *invites =
		ARENA_ARRAY(cx->arena, addressing->new_count + 1, struct invite_part);
	size_t count = 0;
	if (invites == NULL)
		return ERR_UNAVAILABLE;
	*ret_is_asked = true;
	for (size_t i = 0; i < addressing->count && count < addressing->new_count; i++) {
		const struct addressee *person = &addressing->items[i];
		enum grade grade = person->grade;
		if (person->state != ADDRESSEE_NEW)
			continue;
		if (!compose_draft_has_choice(draft, person->address, &grade))
			*ret_is_asked = false;
		if (person->is_grade_by_rule)
			grade = person->grade;
		invites[count++] = (struct invite_part){
			.address = person->address,
			.is_by_rule = person->is_grade_by_rule,
			.is_professional = grade == GRADE_PROFESSIONAL,
		};
	}
	*ret = invites;
	*ret_count = count;
	return OK;
}

/* A kept draft, with the choices made for new people. */
static enum err show_draft(struct cx *cx, struct response *res, const struct id *id,
			   struct compose_view *view)
{
	const struct form_errors none = {0};
	struct form_errors unsaid = {0};
	struct addressing addressing = {0};
	struct kept_draft kept;
	bool is_asked;
	TRY(draft_get(cx, id, &kept));
	/* What is still missing is said when it is sent. */
	enum err err = message_address(cx, &kept.draft, &addressing, &unsaid);
	if (err == OK) {
		TRY(compose_page_list_invites(cx, &kept.draft, &addressing, &view->invites,
					      &view->invite_count, &is_asked));
		view->is_many = compose_page_is_many(&addressing);
	}
	return render(cx, res, &kept.draft, &none, view);
}

/* Below an empty line to begin on. */
static enum err add_signature(struct cx *cx, struct draft *draft, struct compose_view *view)
{
	struct preferences own;
	TRY(preferences_read(cx, &own));
	if (own.signature.len == 0)
		return OK;
	draft->body = arena_printf(cx->arena, "\n\n%.*s", STR_ARGS(own.signature));
	view->is_untouched = true;
	return OK;
}

/* A new forward; or why there can be none. */
static enum err show_forward(struct cx *cx, struct response *res, const struct id *id,
			     struct compose_view *view)
{
	struct form_errors errors = {0};
	struct draft draft = {.to = STR_NONE};
	enum err err = message_forward_draft(cx, id, &draft, &errors);
	if (errors.count > 0) {
		res->status = err == ERR_DENIED ? 403 : 409;
	} else {
		TRY(err);
		draft.expires = compose_draft_expiry(cx);
		TRY(add_signature(cx, &draft, view));
	}
	return render(cx, res, &draft, &errors, view);
}

/* Whatever the browser made of its line ends. */
static struct str without_returns(struct arena *arena, struct str text)
{
	char *kept = arena_alloc(arena, text.len + 1);
	size_t len = 0;
	for (size_t i = 0; kept && i < text.len; i++) {
		if (text.data[i] != '\r')
			kept[len++] = text.data[i];
	}
	return str_bytes(kept, len);
}

/* Below a signature alone nothing was written: it is as empty as without one. */
static enum err drop_lone_signature(struct cx *cx, struct draft *draft)
{
	struct preferences own;
	TRY(preferences_read(cx, &own));
	struct str body = str_trim(without_returns(cx->arena, draft->body));
	struct str signature = str_trim(without_returns(cx->arena, own.signature));
	if (id_is_empty(&draft->forward_of) && body.len > 0 && str_eq(body, signature))
		draft->body = STR("");
	return OK;
}

enum err compose_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct compose_view view = {.notice = frame_notice(cx, req)};
	const struct form_errors none = {0};
	struct id id;
	TRY(form_parse(req->arena, req->query, &query));
	struct draft draft = {.to = form_value(&query, "to")};
	if (form_has(&query, "forward"))
		return id_parse(form_value(&query, "forward"), &id) == OK
			       ? show_forward(cx, res, &id, &view)
			       : ERR_NOT_FOUND;
	if (!form_has(&query, "draft")) {
		TRY(files_part_read(cx->arena, &query, &draft));
		draft.expires = compose_draft_expiry(cx);
		TRY(add_signature(cx, &draft, &view));
		return render(cx, res, &draft, &none, &view);
	}
	enum err err = id_parse(form_value(&query, "draft"), &id) == OK
			       ? show_draft(cx, res, &id, &view)
			       : ERR_NOT_FOUND;
	if (err != ERR_NOT_FOUND)
		return err;
	response_redirect(res, STR("/compose?done=draft-gone"));
	return OK;
}

/* Who signs after somebody else is invited when it is their turn. */
static size_t invited_now(const struct draft *draft, const struct addressing *addressing)
{
	bool is_ordered = draft->signing && draft->signing->order == SIGNING_IN_SEQUENCE;
	size_t signers = 0, count = 0;
	for (size_t i = 0; i < addressing->count; i++) {
		const struct addressee *item = &addressing->items[i];
		bool is_signer = item->kind == RECIPIENT_TO;
		bool is_later = is_ordered && is_signer && signers > 0;
		signers += is_signer;
		count += item->state == ADDRESSEE_NEW && !is_later;
	}
	return count;
}

enum err compose_page_finish(struct cx *cx, struct response *res, const struct draft *draft,
			     const struct sent *sent)
{
	response_redirect(res, arena_printf(cx->arena, "/message/%s?done=sent&invited=%zu",
					    sent->id.text, invited_now(draft, &sent->addressing)));
	return OK;
}

enum err compose_page_say(struct cx *cx, struct response *res, enum err err, struct draft *draft,
			  struct form_errors *errors)
{
	bool is_said = errors->count > 0;
	if (err == ERR_DENIED && !is_said)
		form_error(cx, errors, "", TEXT_COMPOSE_DENIED);
	else if (err == ERR_UNAVAILABLE || (err == ERR_BUSY && errors->count == 0))
		form_error(cx, errors, "", TEXT_COMPOSE_TRY_AGAIN);
	else if (!is_said && err != ERR_INVALID && err != ERR_TOO_LARGE && err != ERR_BUSY)
		return err;
	res->status = err == ERR_DENIED                            ? 403
		      : err == ERR_CONFLICT                        ? 409
		      : err == ERR_BUSY                            ? 429
		      : err == ERR_INVALID || err == ERR_TOO_LARGE ? 422
								   : 503;
	for (size_t i = 0; i < errors->count; i++) {
		if (!str_eq(str_of(errors->items[i].field), STR("idempotency_key")))
			continue;
		/* The next try is a message of its own. */
		draft->idempotency_key = STR_NONE;
		errors->items[i] = (struct form_error){
			.field = "",
			.detail = text_get(cx->language, TEXT_COMPOSE_SENT_ALREADY),
		};
	}
	return OK;
}

/* Everything that was typed comes back, with a sentence for each mistake. */
static enum err render_mistakes(struct cx *cx, struct response *res, struct draft *draft,
				enum err err, struct form_errors *errors, struct compose_view *view)
{
	TRY(compose_page_say(cx, res, err, draft, errors));
	return render(cx, res, draft, errors, view);
}

/* Nothing is lost: the writer decides which of the two shall stay. */
static enum err render_trouble(struct cx *cx, struct response *res, enum err err,
			       struct draft *draft, struct compose_view *view)
{
	const struct form_errors none = {0};
	enum text_id why;
	TRY(compose_draft_renew(cx, err, draft, &why));
	view->trouble = text_get(cx->language, why);
	view->can_open_other = draft->kept_version > 0;
	res->status = 409;
	return render(cx, res, draft, &none, view);
}

struct str compose_page_after(struct cx *cx, const struct id *draft, enum compose_button button,
			      struct str back)
{
	switch (button) {
	case BUTTON_ATTACH: return arena_printf(cx->arena, "/drafts/%s/files", draft->text);
	case BUTTON_LIBRARY:
		return arena_printf(cx->arena, "/drafts/%s/files#library", draft->text);
	case BUTTON_DROP:
		return arena_printf(cx->arena, "%.*s?draft=%s#files", STR_ARGS(back), draft->text);
	case BUTTON_FIELDS: return arena_printf(cx->arena, "/drafts/%s/fields", draft->text);
	case BUTTON_SEND:
	case BUTTON_SAVE: break;
	}
	return arena_printf(cx->arena, "%.*s?draft=%s&done=draft-saved", STR_ARGS(back),
			    draft->text);
}

/* The buttons that save, without their script. */
static enum err save(struct cx *cx, struct response *res, struct draft *draft,
		     enum compose_button button)
{
	struct form_errors errors = {0};
	struct compose_view view = {0};
	struct draft_saved saved;
	enum err err = draft_save(cx, &draft->kept_id, draft->kept_version, draft, &saved, &errors);
	if (err == OK) {
		response_redirect(res, compose_page_after(cx, &saved.id, button, STR("/compose")));
		return OK;
	}
	if (err == ERR_CONFLICT || err == ERR_NOT_FOUND)
		return render_trouble(cx, res, err, draft, &view);
	return render_mistakes(cx, res, draft, err, &errors, &view);
}

enum err compose_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct draft draft;
	struct addressing addressing = {0};
	struct form_errors errors = {0};
	struct compose_view view = {0};
	struct sent sent;
	bool is_asked = true;
	TRY(compose_draft_read(cx, req, &draft));
	enum compose_button button = compose_draft_button(req);
	if (button != BUTTON_SEND)
		return save(cx, res, &draft, button);
	enum err err = message_address(cx, &draft, &addressing, &errors);
	view.is_many = compose_page_is_many(&addressing);
	if (err == OK)
		TRY(compose_page_list_invites(cx, &draft, &addressing, &view.invites,
					      &view.invite_count, &is_asked));
	view.is_not_sent = err == OK && !is_asked;
	if (view.is_not_sent)
		return render(cx, res, &draft, &errors, &view);
	/* With mistakes in the addresses too: it then finds all others, so that they come in one
	 * round. */
	if (err == ERR_INVALID)
		errors.count = 0;
	struct draft sending = draft;
	TRY(drop_lone_signature(cx, &sending));
	if (err == OK || err == ERR_INVALID)
		err = compose_draft_send(cx, &sending, &sent, &errors);
	if (err == OK)
		return compose_page_finish(cx, res, &draft, &sent);
	bool is_said = errors.count > 0;
	if ((err == ERR_CONFLICT && !is_said) || (err == ERR_NOT_FOUND && draft.kept_version > 0))
		return render_trouble(cx, res, err, &draft, &view);
	return render_mistakes(cx, res, &draft, err, &errors, &view);
}
