/* Recall of one file of a message (P4.4), from everybody or from some: their keys of that file are
 * destroyed, running downloads are cut within a second; the message stays. Reached are also those
 * who got the file from them, by a forward, an answer or attached again, however far that went. The
 * sender keeps it. What comes of two things at once is as in core/recall.h. */
#pragma once

#include "core/recall.h"

/* wish->reason is not used. Errors as of recall_message(); ERR_NOT_FOUND also: no such file in that
 * message. */
enum err file_recall(struct cx *cx, const struct id *message_id, const struct id *file_id,
		     const struct recall_wish *wish, struct recalled *ret,
		     struct form_errors *errors) MUST_CHECK;
