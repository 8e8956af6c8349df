#include "web/compose_draft.h"

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

enum err compose_draft_read(const struct request *req, struct draft *ret)
{
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	struct invite_choice *choices =
		ARENA_ARRAY(req->arena, form.count + 1, struct invite_choice);
	if (choices == NULL)
		return ERR_UNAVAILABLE;
	size_t count = 0;
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
	return OK;
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
