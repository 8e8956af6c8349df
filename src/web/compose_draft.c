#include "web/compose_draft.h"

#include "core/expiry.h"
#include "core/policy.h"
#include "web/files_part.h"
#include "web/options_part.h"
#include "web/signing_form.h"

static void read_choice(const struct form_field *field, struct invite_choice *choices,
			size_t *count)
{
	const struct str prefix = STR("grade:");
	struct invite_choice choice = {0};
	if (!str_starts_with(field->name, prefix) ||
	    user_grade_parse(field->value, &choice.grade) != OK)
		return;
	choice.address = str_slice(field->name, prefix.len, field->name.len - prefix.len);
	choices[(*count)++] = choice;
}

struct str compose_draft_expiry(struct cx *cx)
{
	int64_t days = cx->portal->settings->expiry_days;
	if (days == 0 || !policy_may(cx, ACT_SET_EXPIRY))
		return STR_NONE;
	return expiry_day_after(cx->arena, cx_now_ms(cx), days, cx->session->user.zone);
}

enum err compose_draft_read(struct cx *cx, const struct request *req, struct draft *ret)
{
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	struct invite_choice *choices =
		ARENA_ARRAY(req->arena, form.count + 1, struct invite_choice);
	if (choices == NULL)
		return ERR_UNAVAILABLE;
	size_t count = 0;
	int64_t version;
	for (size_t i = 0; i < form.count; i++)
		read_choice(&form.fields[i], choices, &count);
	*ret = (struct draft){
		.to = form_value(&form, "to"),
		.cc = form_value(&form, "cc"),
		.bcc = form_value(&form, "bcc"),
		.subject = form_value(&form, "subject"),
		.body = form_value(&form, "body"),
		.idempotency_key = form_value(&form, "key"),
		.choices = choices,
		.choice_count = count,
	};
	options_part_read(&form, ret);
	TRY(files_part_read(req->arena, &form, ret));
	TRY(signing_form_read(req->arena, &form, ret));
	/* Without its script the form sends it also when it is not shown. */
	if (ret->signing && str_eq(str_trim(ret->expires), compose_draft_expiry(cx)))
		ret->expires = STR_NONE;
	/* What is no id is as good as none. */
	if (id_parse(form_value(&form, "reply_to"), &ret->reply_to) != OK)
		ret->reply_to = (struct id){0};
	if (id_parse(form_value(&form, "draft"), &ret->kept_id) != OK)
		ret->kept_id = (struct id){0};
	if (str_to_int(form_value(&form, "version"), &version) && version > 0 &&
	    !id_is_empty(&ret->kept_id))
		ret->kept_version = version;
	return OK;
}

enum compose_button compose_draft_button(const struct request *req)
{
	struct form form;
	if (form_parse(req->arena, req->body, &form) != OK)
		return BUTTON_SEND;
	if (form_has(&form, "attach"))
		return str_eq(form_value(&form, "attach"), STR("library")) ? BUTTON_LIBRARY
									   : BUTTON_ATTACH;
	if (form_has(&form, "drop"))
		return BUTTON_DROP;
	if (form_has(&form, "next"))
		return BUTTON_FIELDS;
	return form_has(&form, "save") ? BUTTON_SAVE : BUTTON_SEND;
}

bool compose_draft_has_choice(const struct draft *draft, struct str address, enum grade *ret_grade)
{
	for (size_t i = 0; i < draft->choice_count; i++) {
		if (!str_eq(draft->choices[i].address, address))
			continue;
		*ret_grade = draft->choices[i].grade;
		return true;
	}
	return false;
}

enum err compose_draft_send(struct cx *cx, const struct draft *draft, struct sent *ret,
			    struct form_errors *errors)
{
	struct draft sending = *draft;
	if (id_is_empty(&draft->kept_id))
		return message_send(cx, draft, ret, errors);
	enum err err = draft_claim(cx, &draft->kept_id, draft->kept_version, draft->idempotency_key,
				   &sending.kept_version);
	if (err == ERR_CONFLICT || err == ERR_NOT_FOUND) {
		enum err before = message_sent_before(cx, draft, ret, errors);
		return before == ERR_NOT_FOUND ? err : before;
	}
	TRY(err);
	if (sending.kept_version == 0)
		sending.kept_id = (struct id){0};
	return message_send(cx, &sending, ret, errors);
}

enum err compose_draft_renew(struct cx *cx, enum err err, struct draft *draft,
			     enum text_id *ret_why)
{
	struct kept_draft kept;
	if (err == ERR_CONFLICT)
		err = draft_get(cx, &draft->kept_id, &kept);
	if (err == OK) {
		draft->kept_version = kept.version;
		*ret_why = TEXT_DRAFT_CHANGED;
		return OK;
	}
	if (err != ERR_NOT_FOUND)
		return err;
	draft->kept_id = id_new(cx_now_ms(cx));
	draft->kept_version = 0;
	*ret_why = TEXT_DRAFT_GONE;
	return OK;
}
