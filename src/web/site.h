/* What the dispatcher asks the pages for (struct site, SURFACE_PAGE). */
#pragma once

#include "http/route.h"

/* Opens the session of the cookie into cx->session, and chooses the reader's language. */
enum err web_authenticate(struct cx *cx, const struct request *req);
/* An error page: res->status says which, with a sentence that helps. */
void web_refuse(struct cx *cx, const struct request *req, struct response *res, enum err err);
/* To the sign-in page and back. A message that was being sent is kept on a page of its own. */
void web_ask_to_sign_in(struct cx *cx, const struct request *req, struct response *res);
