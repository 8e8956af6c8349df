/* E-mail addresses of people (core/address_change.h): one's own, anybody's for administrators, and
 * the links by which they are confirmed. */
#pragma once

#include "api/json_read.h"
#include "core/user.h"
#include "http/route.h"

/* Each at /me and at /users/{id}. */
handler_fn api_addresses_get, api_addresses_add, api_addresses_remove, api_addresses_withdraw;
handler_fn api_addresses_change; /* of one's own */
handler_fn api_addresses_link_get, api_addresses_link_confirm;

/* PATCH /users/{id} with an `address`: nothing else goes with it. Fills the whole answer. */
enum err api_addresses_patch(struct json_read *read, const struct user *user,
			     struct response *res) MUST_CHECK;
