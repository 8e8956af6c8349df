/* Reading a message head out of libmicrohttpd. */
#pragma once

#include "base/arena.h"
#include "http/guard.h"

#include <microhttpd.h>

/* Sets headers, header_count and bytes; views into the connection's memory. arena->failed when
 * there is no room. */
void head_collect(struct MHD_Connection *mhd, struct arena *arena, struct message_head *head);
/* Drops the white space that may follow a value (RFC 9110 5.5). */
void head_trim(struct message_head *head);
void head_split_target(struct str target, struct str *ret_path, struct str *ret_query);
