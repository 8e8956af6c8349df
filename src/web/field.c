#include "web/field.h"

struct field field_text(struct cx *cx, const char *name, enum text_id label, struct str value)
{
	return (struct field){
		.name = name,
		.type = "text",
		.autocomplete = "off",
		.label = text_get(cx->language, label),
		.value = value,
	};
}

struct field field_email(struct cx *cx, const char *name, enum text_id label, struct str value)
{
	struct field field = field_text(cx, name, label, value);
	field.type = "email";
	field.autocomplete = "username";
	field.is_required = true;
	return field;
}

struct field field_password(struct cx *cx, const char *name, enum text_id label,
			    const char *autocomplete)
{
	struct field field = field_text(cx, name, label, STR_NONE);
	field.type = "password";
	field.autocomplete = autocomplete;
	field.is_required = true;
	return field;
}

void field_mark(struct field *field, const struct form_errors *errors)
{
	field->error = form_errors_for(errors, field->name);
}
