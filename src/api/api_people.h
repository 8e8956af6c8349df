/* The people one has exchanged messages with, personal groups, and blocked guests (P1, P4). */
#pragma once

#include "http/route.h"

/* GET /api/v1/people?q=&limit=&cursor= -> {items, next_cursor} */
enum err api_people_list(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
/* GET /api/v1/people/{id} -> person */
enum err api_people_get(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
/* GET /api/v1/people/{id}/messages?limit=&cursor= -> as GET /api/v1/messages */
enum err api_people_messages(struct cx *cx, const struct request *req,
			     struct response *res) MUST_CHECK;
/* PUT and DELETE /api/v1/people/{id}/block -> 204 */
enum err api_people_block(struct cx *cx, const struct request *req,
			  struct response *res) MUST_CHECK;
enum err api_people_unblock(struct cx *cx, const struct request *req,
			    struct response *res) MUST_CHECK;
