/* For core/: how somebody has a file: as their own upload, or with messages that they got. */
#pragma once

#include "core/file_head.h"
#include "core/session.h"
#include "store/messages.h"

struct file_holding {
	struct file file;
	bool is_there;
	bool is_own;                   /* they uploaded it, and have it in their library */
	struct file_delivery delivery; /* else: by what they can read it; message_id empty: by
					  nothing, or by confidential messages alone */
	struct message_copy copy;      /* and its message */
	enum text_id refusal;          /* why they may not give it to others; with is_refused */
	bool is_refused;
};

/* Of several messages one that allows forwarding comes first, then the newest. What fails its check
 * is not there; the alarm was logged. */
enum err file_holding_look(struct cx *cx, struct db *db, const struct id *file_id,
			   struct file_holding *ret) MUST_CHECK;
/* Whether they can read it without typing a password. */
bool file_holding_is_readable(const struct file_holding *holding);
/* The key, and what it is called; of one that is not readable *ret_key stays NULL and the name
 * empty. What fails its check is refused as gone. */
enum err file_holding_open(struct cx *cx, struct file_holding *holding, struct secret **ret_key,
			   struct file_head *ret_head) MUST_CHECK;
