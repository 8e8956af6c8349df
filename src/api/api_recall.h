/* Resources: the recall of a message or of one of its files, and what its recipients did with it.
 */
#pragma once

#include "api/json_write.h"
#include "core/mailbox.h"
#include "http/request.h"

enum err api_recall_create(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* POST /api/v1/messages/{id}/files/{file_id}/recall {recipients} -> {recalled_at} */
enum err api_recall_create_of_file(struct cx *cx, const struct request *req,
				   struct response *res) MUST_CHECK;
enum err api_recall_tracking(struct cx *cx, const struct request *req,
			     struct response *res) MUST_CHECK;

/* Within a message: recalled_at, and for a recipient recall_reason. */
void api_recall_write(struct json_write *write, const struct message_view *view);
