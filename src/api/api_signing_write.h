/* Requests to sign, and what is kept for them, as JSON (P6). */
#pragma once

#include "api/json_write.h"
#include "core/cx.h"
#include "core/signing.h"
#include "core/signing_list.h"
#include "core/signing_template.h"

/* subject: of the message; empty: it cannot be shown. */
void api_signing_write(struct cx *cx, struct json_write *write, const struct signing_view *view,
		       struct str subject);
void api_signing_write_row(struct json_write *write, const struct signing_row *row);
/* The plan of a draft, as it was given. */
void api_signing_write_plan(struct cx *cx, struct json_write *write, const struct draft *draft);
/* with_fields: not in lists. */
void api_signing_write_template(struct cx *cx, struct json_write *write,
				const struct signing_template *of, bool with_fields);
/* Pages of a document, as its editor needs them. */
void api_signing_write_facts(struct cx *cx, struct json_write *write,
			     const struct pdf_facts *facts);
