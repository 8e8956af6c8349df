/* The portal's logo: what it is, another one, none (P7). For administrators. */
#pragma once

#include "http/route.h"

handler_fn api_logo_get, api_logo_put, api_logo_delete;
