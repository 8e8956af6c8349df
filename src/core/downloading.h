/* For core/download*.c: a download from the inside. */
#pragma once

#include "core/download.h"
#include "core/session_rights.h"
#include "crypto/chunks.h"
#include "store/messages.h"

#include <pthread.h>

enum { DOWNLOAD_STORED_BYTES = CHUNK_BYTES + CHUNK_TAG_BYTES };

/* By what right somebody reads a file: their own upload, one they got with a message, or a document
 * of a request to sign, which whoever has its message reads. */
struct download_right {
	struct id file_id;
	struct id user_id;
	struct id message_id; /* empty: their own upload */
	struct id sender_id;  /* of the message */
	struct file_delivery delivery;
	bool is_to_sign; /* a document of a request; no file of the message */
};

struct download {
	struct portal *portal;
	struct session_rights session;
	struct download_right right;
	struct arena arena; /* of the name */
	struct file_head head;
	struct secret *key;
	struct arena parts_arena;
	struct file_part *parts; /* NULL: set aside */
	size_t part_count;

	/* Where it is. */
	int64_t at, until;
	size_t part_at; /* whose reader this is */
	struct chunk_reader *reader;
	char *stored;     /* a chunk as it lies there: DOWNLOAD_STORED_BYTES */
	struct buf first; /* of download_prepare() */
	bool is_prepared;
	bool is_told; /* to the sender, that it is downloaded */
	int64_t checked_ms;

	/* Of the registry, behind its lock. */
	struct download *next, *previous;
	int references;
	int64_t round;

	pthread_mutex_t lock; /* the rest */
	bool must_check;
	bool is_closed;
	void (*cut)(void *argument);
	void *argument;
};

/* Whether the right holds now. ERR_CONFLICT: it has ended. ERR_NOT_FOUND: there is none. *ret:
 * the message, where it comes with one; may be NULL. */
enum err download_right_check(struct cx *cx, struct db *db, struct download_right *right,
			      struct message_copy *ret) MUST_CHECK;
/* The same with the session; ERR_DENIED for whatever it is. */
enum err download_check(struct download *download) MUST_CHECK;

/* Where its bytes are. ERR_CORRUPT: that is not all of it. */
enum err download_read_parts(struct download *download, struct db *db) MUST_CHECK;

void download_register(struct download *download);
/* Nobody cuts it any more; frees it when nobody looks at it. */
void download_unregister(struct download *download);
/* Called by the registry. */
void download_dispose(struct download *download);
