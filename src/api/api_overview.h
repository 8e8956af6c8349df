/* GET /api/v1/overview, and the queue of e-mails: what administrators see of the portal. */
#pragma once

#include "http/route.h"

handler_fn api_overview_get, api_overview_retry, api_overview_take_off;
