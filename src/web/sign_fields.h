/* The fields of the page on which somebody signs, as they are shown: names, places, what is in
 * them. */
#pragma once

#include "web/sign_page.h"

/* Who has no place to sign gets one on the certificate page: it has no size here. */
bool sign_fields_is_block(const struct signing_field *field);
/* "Anna Maria Berg": "AMB". */
struct str sign_fields_initials(struct cx *cx, struct str name);
/* In the order in which one reads. form: what came back with mistakes (view->errors); NULL: at
 * first. */
enum err sign_fields_fill(struct cx *cx, const struct signing_view *signing,
			  const struct form *form, struct sign_view *view) MUST_CHECK;
