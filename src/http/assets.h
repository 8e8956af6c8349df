/* Files compiled into the program: style sheets, scripts, pictures. Their names carry a hash of
 * their content, so they may be kept for ever. */
#pragma once

#include "http/request.h"

struct asset {
	const char *path; /* "/assets/app-3f2a.css" */
	const char *content_type;
	struct str identity;
	struct str gzip;  /* empty when it would not be smaller */
	const char *etag; /* with its quotes */
};

/* NULL when there is no such asset. */
const struct asset *asset_find(const struct asset *assets, size_t count, struct str path);
/* Fills the answer: 200 plain or gzip, or 304 when the client has it. */
void asset_respond(const struct asset *asset, const struct request *req, struct response *res);
