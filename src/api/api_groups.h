/* Personal groups: names for several addresses (core/people_group.h). */
#pragma once

#include "http/route.h"

/* GET /api/v1/groups -> {items}; POST {name, members} -> 201 group; GET, PUT and DELETE
 * /api/v1/groups/{id} */
enum err api_groups_list(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
enum err api_groups_create(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
enum err api_groups_get(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
enum err api_groups_update(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
enum err api_groups_delete(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
