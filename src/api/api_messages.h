/* Listing and reading messages (P4.1). */
#pragma once

#include "api/json_write.h"
#include "core/mailbox.h"
#include "http/form.h"
#include "http/route.h"

/* A message as it stands in any list: its fields, without the braces. */
void api_messages_write_row(struct json_write *write, const struct message_row *row);
/* limit and cursor of a list; the limit is LIMIT_PAGE_ROWS_DEFAULT if missing. */
void api_messages_read_page(struct cx *cx, const struct form *form, int64_t *ret_limit,
			    struct str *ret_cursor, struct form_errors *errors);
/* {items, unread, next_cursor} */
void api_messages_answer_list(struct response *res, const struct message_list *list);

/* GET /api/v1/messages?box=&limit=&cursor= -> {items, unread, next_cursor} */
enum err api_messages_list(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* PATCH /api/v1/messages/{id} {box, read, labels} -> its row in the list; all of it or nothing */
enum err api_messages_patch(struct cx *cx, const struct request *req,
			    struct response *res) MUST_CHECK;
/* DELETE /api/v1/messages/{id}, only for what is in Trash */
enum err api_messages_delete(struct cx *cx, const struct request *req,
			     struct response *res) MUST_CHECK;
/* POST /api/v1/messages/{id}/open {password} -> message, a confidential one with its body */
enum err api_messages_open(struct cx *cx, const struct request *req,
			   struct response *res) MUST_CHECK;
/* GET /api/v1/messages/{id} -> message, marked as opened */
enum err api_messages_get(struct cx *cx, const struct request *req,
			  struct response *res) MUST_CHECK;
