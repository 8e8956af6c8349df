/* What somebody has put into the fields of the page on which they sign. Of each field of theirs:
 *
 *   fields.ID   its text; "on" for a check box
 *   way.ID      of signature and initials: "draw", "saved", else it is typed
 *   drawn.ID    with "draw": the picture, as data:image/png;base64,...
 *
 * and consent, password, save. Other fields are none of theirs and are passed on as they are: who
 * tampers with ids is refused by the engine. */
#pragma once

#include "core/own_signature.h"
#include "core/signing.h"
#include "http/form.h"

struct sign_value {
	struct str text;
	struct str drawn; /* as it came: the page shows it again */
	bool is_drawn, is_saved;
};

/* What stands in one field. */
struct sign_value sign_form_value(struct cx *cx, const struct form *form, struct str field_id);
/* All of it for the engine, kept signatures put in. view: tells initials from signatures.
 * ERR_INVALID with errors "fields.ID": a picture that is none, or too large. */
enum err sign_form_read(struct cx *cx, const struct form *form, const struct signing_view *view,
			struct signing_act *ret, struct form_errors *errors) MUST_CHECK;
/* Keeps the first signature and the first initials of the act for next time. Not kept is no reason
 * to say anything: the documents are signed. */
void sign_form_keep(struct cx *cx, const struct signing_act *act, const struct signing_view *view);
