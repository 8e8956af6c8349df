/* Listing and reading messages (P4.1). */
#pragma once

#include "http/route.h"

/* GET /api/v1/messages?box=&limit=&cursor= -> {items, unread, next_cursor} */
enum err api_messages_list(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* GET /api/v1/messages/{id} -> message, marked as opened */
enum err api_messages_get(struct cx *cx, const struct request *req,
			  struct response *res) MUST_CHECK;
