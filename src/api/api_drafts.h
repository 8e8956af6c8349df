/* Drafts (P4): kept until they are sent. */
#pragma once

#include "http/route.h"

/* POST /api/v1/drafts {to, cc, bcc, subject, body, invite_as, reply_to} -> 201 {id, version,
 * saved_at} */
enum err api_drafts_create(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* GET /api/v1/drafts?limit=&cursor= -> {items, next_cursor} */
enum err api_drafts_list(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
/* GET /api/v1/drafts/{id} -> draft */
enum err api_drafts_get(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
/* PUT /api/v1/drafts/{id} {version, ...} -> {id, version, saved_at}; 409: saved elsewhere since */
enum err api_drafts_update(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* DELETE /api/v1/drafts/{id} -> 204 */
enum err api_drafts_delete(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* POST /api/v1/drafts/{id}/send -> 201, as for sending */
enum err api_drafts_send(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
