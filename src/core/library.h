/* Every file somebody has sent or received (P5): to find again, to attach again without uploading,
 * to see where it went. */
#pragma once

#include "core/file_head.h"
#include "core/session.h"

struct library_file {
	struct id id;
	struct file_head head;
	int64_t added_ms;      /* when it came, or was last sent */
	bool is_own;           /* uploaded by this person */
	struct str from;       /* label of who sent it, of a received one */
	int64_t message_count; /* by which it was sent or came; counting stops at
				  LIMIT_LIBRARY_MESSAGES */
	bool can_attach;       /* false: the message it came with allows no forwarding */
	bool is_unreadable;
};
struct library_list {
	struct library_file *files;
	size_t count;
	struct str next_cursor;
	int64_t used_bytes, quota_bytes; /* 0: no quota */
};
/* Newest first; limit 1..LIMIT_PAGE_ROWS. typed: words of names to look for; empty: all. What has
 * ended for this person is not in it, nor what came with confidential messages alone: its name is
 * shown only for the password. A search may find fewer than the limit and yet have a next_cursor.
 * ERR_INVALID with errors "q", or without for a cursor that no list has given. */
enum err library_list_files(struct cx *cx, struct str typed, struct str cursor, int64_t limit,
			    struct library_list *ret, struct form_errors *errors) MUST_CHECK;

struct library_message {
	struct id id;
	struct str subject;
	struct str people; /* who sent it or to whom it went, in words */
	int64_t sent_ms;
	bool is_mine;
};
struct library_detail {
	struct library_file file;
	struct library_message *messages; /* newest first */
	size_t message_count;
};
/* ERR_NOT_FOUND: it is not in their library. */
enum err library_get(struct cx *cx, const struct id *file_id,
		     struct library_detail *ret) MUST_CHECK;
/* Out of one's library; messages keep it for those who have them, the sender too. One's own upload
 * that is in no message is deleted. ERR_NOT_FOUND. */
enum err library_remove_file(struct cx *cx, const struct id *file_id) MUST_CHECK;
