/* Registration rules over the API (P2.2), for administrators. */
#pragma once

#include "http/route.h"

handler_fn api_rules_list, api_rules_create, api_rules_get, api_rules_put, api_rules_delete,
	api_rules_test;
