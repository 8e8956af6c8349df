/* One labelled input of a form, as pages show it: value kept, mistake beside it. */
#pragma once

#include "core/form_errors.h"

struct field {
	const char *name; /* also its id */
	const char *type; /* "text", "email", "password" */
	const char *autocomplete;
	struct str label;
	struct str hint;  /* may be empty */
	struct str value; /* never of a password */
	struct str error; /* empty: nothing wrong */
	bool is_required;
	bool is_focused; /* gets the focus when the page opens */
};

struct field field_text(struct cx *cx, const char *name, enum text_id label, struct str value);
struct field field_email(struct cx *cx, const char *name, enum text_id label, struct str value);
/* autocomplete: "current-password" or "new-password". */
struct field field_password(struct cx *cx, const char *name, enum text_id label,
			    const char *autocomplete);
void field_mark(struct field *field, const struct form_errors *errors);
