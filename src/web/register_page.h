/* Registering by an invitation link (P2.4, P2.5). Showing it changes nothing. */
#pragma once

#include "core/register.h"
#include "http/route.h"
#include "web/box_page.h"
#include "web/conversation.h"
#include "web/field.h"

struct register_view {
	struct frame frame;
	const struct form_errors *errors;
	struct str token;
	enum link_state state;
	struct str address;
	struct str inviter; /* empty at set-up */
	int64_t waiting;
	bool is_strict;
	bool is_administrator; /* who registers becomes one */
	struct str valid_until;
	struct str zone; /* of valid_until */
	struct field name;
	struct field password;
	struct str terms_http;  /* what follows "http://", or empty */
	struct str terms_https; /* what follows "https://", or empty */
	struct str terms_error;
};

/* Right after registering: the recovery code, once, above what was waiting. */
struct welcome_view {
	struct frame frame;
	struct str name;
	struct str code;
	bool is_strict;
	struct str after; /* path that the address bar shows from now on */
	bool has_message;
	bool is_short; /* only a link to what follows */
	struct conversation_part conversation;
	struct box_part box;
};

handler_fn register_page_show, register_page_submit, register_page_renew;
