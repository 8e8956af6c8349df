/* Listing and reading messages (P4.1). */
#pragma once

#include "http/route.h"

/* GET /api/v1/messages?box=&limit=&cursor= -> {items, unread, next_cursor} */
enum err api_messages_list(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* PATCH /api/v1/messages/{id} {box, read} -> its row in the list */
enum err api_messages_patch(struct cx *cx, const struct request *req,
			    struct response *res) MUST_CHECK;
/* DELETE /api/v1/messages/{id}, only for what is in Trash */
enum err api_messages_delete(struct cx *cx, const struct request *req,
			     struct response *res) MUST_CHECK;
/* GET /api/v1/messages/{id} -> message, marked as opened */
enum err api_messages_get(struct cx *cx, const struct request *req,
			  struct response *res) MUST_CHECK;
