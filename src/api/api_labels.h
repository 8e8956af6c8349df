/* Labels (P4.1). */
#pragma once

#include "http/route.h"

/* GET /api/v1/labels -> {items} */
handler_fn api_labels_list;
/* POST /api/v1/labels {name} -> 201 {id, name} */
handler_fn api_labels_create;
/* PATCH /api/v1/labels/{id} {name} -> {id, name} */
handler_fn api_labels_rename;
/* DELETE /api/v1/labels/{id} */
handler_fn api_labels_delete;
/* GET /api/v1/labels/{id}/messages?limit=&cursor= -> {items, unread, next_cursor} */
handler_fn api_labels_messages;
