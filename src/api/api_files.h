/* Files as the API tells of them (P5): of a message, and of one's library. */
#pragma once

#include "api/json_write.h"
#include "core/mailbox.h"
#include "http/route.h"

/* "files": [{id, name, type, size, sha256, scan, recalled_at, expired_at, unreadable}], and
 * "file_count". */
void api_files_write(struct cx *cx, struct json_write *write, const struct message_view *view);

/* GET /api/v1/files?q=&limit=&cursor= -> {items, used, quota, next_cursor} */
handler_fn api_files_list;
/* GET /api/v1/files/{id} -> file, with the messages by which it was sent or came */
handler_fn api_files_get;
/* DELETE /api/v1/files/{id}: out of one's library */
handler_fn api_files_delete;
