/* Writing what was changed, to the descriptor that the worker was given for it. */
#pragma once

#include "pdf/worker/work.h"

/* The document anew. */
void save_whole(struct work *work);
/* Only what comes after its bytes as they were (an incremental update). */
void save_tail(struct work *work);
/* The same with a signature's place in it: the one /ByteRange of the tail gets its numbers. Throws
 * PDF_BAD_IMAGE when it is longer than max_bytes: only pictures make it so. */
void save_tail_open(struct work *work, size_t max_bytes);

enum {
	SAVE_RANGE_DUMMY = 1000000000, /* as wide as any offset will be */
	SAVE_CONTENTS_BYTES = 16 * 1024,
};
