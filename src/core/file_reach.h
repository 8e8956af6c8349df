/* For core/: who loses a file when it is recalled or expires, and how far that reaches. A file that
 * was attached again says by which message its sender had it (message_files.source_id): so each way
 * that a file has gone is a tree, which is followed from whoever loses it. */
#pragma once

#include "core/cx.h"
#include "core/recall_reach.h"
#include "store/message_files.h"

/* Who loses it in the message where that begins. */
struct file_reach_from {
	struct id sender_id;                  /* who keeps it */
	const struct message_holder *holders; /* in the order of their ids */
	size_t count;
	const bool *is_reached;
	bool is_whole;  /* everybody but the sender */
	struct id only; /* or just this one; empty: as above */
};

/* Somebody who has lost it. */
struct file_reached {
	struct file_reached *next;
	struct id user_id;
	struct id message_id;
	struct id file_id;
};

struct file_reach {
	struct arena *arena; /* of `reached` */
	int64_t now_ms;
	enum delivery_end end;
	/* By the calls below. */
	struct file_reached *reached; /* LIMIT_FILE_REACH_TOLD of them at most */
	size_t reached_count;
	int64_t keys; /* destroyed */
};

bool file_reach_includes(const struct file_reach_from *from, const struct id *user_id);
/* In a transaction: ends the keys of one file of one message, and of the copies sent on by those
 * who lose it, and so on. *ret_is_whole: nobody but the sender has it by that message any more. */
enum err file_reach_end(struct db *db, struct file_reach *reach, const struct id *message_id,
			const struct id *file_id, const struct file_reach_from *from,
			bool *ret_is_whole) MUST_CHECK;
/* The same of all files of a message, after its deliveries have ended. */
enum err file_reach_end_all(struct db *db, struct file_reach *reach, const struct id *message_id,
			    const struct file_reach_from *from) MUST_CHECK;
/* In the transaction, once all has ended: that their keys are gone, for the audit log. */
enum err file_reach_log(struct cx *cx, struct db *db, const struct file_reach *reach) MUST_CHECK;
/* After the commit: running downloads are cut, open windows look again. */
void file_reach_tell(struct portal *portal, const struct file_reach *reach);
