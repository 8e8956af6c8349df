/* What people choose for themselves (core/preferences.h, core/account.h). */
#pragma once

#include "http/route.h"

/* GET and PATCH /api/v1/settings -> {notifications, away_from, away_until, away_text, away_now,
 * signature, language, zone} */
enum err api_settings_get(struct cx *cx, const struct request *req,
			  struct response *res) MUST_CHECK;
enum err api_settings_patch(struct cx *cx, const struct request *req,
			    struct response *res) MUST_CHECK;
