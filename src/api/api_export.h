/* Taking all of one's messages along (mail/export.h). */
#pragma once

#include "http/route.h"

/* POST /api/v1/export {password} -> 200 application/zip */
enum err api_export(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
