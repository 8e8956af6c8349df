/* /api/v1/users: people, for administrators. */
#pragma once

#include "http/route.h"

handler_fn api_users_list, api_users_create, api_users_get, api_users_patch, api_users_delete,
	api_users_invite, api_users_reset;
