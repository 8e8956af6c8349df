/* A person's e-mail addresses: their own page and the administrators'; and the page of the link by
 * which an address is confirmed, or a change turned back. */
#pragma once

#include "core/address_change.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

/* One that waits. */
struct address_part {
	struct str address;
	struct id id;
	struct str what; /* "A further address; the link holds until ..." */
};

enum address_as { ADDRESS_AS_MAIN, ADDRESS_AS_ALONE, ADDRESS_AS_ALIAS };

struct addresses_view {
	struct frame frame;
	const struct form_errors *errors;
	bool is_own;
	struct id user_id;
	struct str address;
	struct alias *aliases;
	size_t alias_count;
	struct address_part *pending;
	size_t pending_count;
	bool may_ask; /* they have registered, and are not disabled */
	struct field field;
	enum address_as as;
	struct field current;
};

struct address_link_view {
	struct frame frame;
	const struct form_errors *errors;
	struct address_link link;
	struct str token;
	struct field current;
};

/* Each at /account/address and at /admin/users/{id}/address. */
handler_fn address_page_show, address_page_ask, address_page_withdraw, address_page_remove;
handler_fn address_page_link_show, address_page_link_submit;
