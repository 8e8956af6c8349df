/* The settings of the whole portal, for administrators (P7). */
#pragma once

#include "http/route.h"

handler_fn api_portal_settings_get, api_portal_settings_put;
