/* Options of messages (P4.2) and forwarded messages in JSON. */
#pragma once

#include "api/json_read.h"
#include "api/json_write.h"
#include "core/mailbox.h"

/* "options" and "expires_at", both may be missing. */
void api_options_read(struct json_read *read, struct draft *draft);
/* The id of a message; may be missing. */
void api_options_read_id(struct json_read *read, const char *field, struct id *ret);
/* "files": ids, of which each is checked when the draft is saved or sent; may be missing. */
enum err api_options_read_files(struct json_read *read, struct draft *draft) MUST_CHECK;
/* Both as they were given, for drafts: what was not given is not there. */
void api_options_write_chosen(struct json_write *write, const struct draft *draft);
/* Both of a message: all four, and null without a date. */
void api_options_write(struct json_write *write, unsigned options, int64_t expires_ms);
/* What a message forwards, and what that forwards; nothing if it forwards nothing. */
void api_options_write_quoted(struct cx *cx, struct json_write *write,
			      const struct message_view *view);
