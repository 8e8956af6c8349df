/* The journal of destroyed keys, and of what administrators decided (core/decisions.h): a file
 * outside of the database, so that a backup of before does not undo it (docs/BACKUP.md). Lines are
 * appended and never changed:
 *
 *   postern-destructions 1 MS | MAC     a journal begins
 *   ID CONTENT | MAC                    (store/destroyed.h)
 *
 * MAC: 64 hexadecimal digits, over the line and the MAC of the line before it, under a key from the
 * master key. So no line can be changed, taken out of the middle or added; that the last ones are
 * missing nobody can see. Two journals may stand one behind the other in one file. */
#pragma once

#include "core/cx.h"
#include "core/decisions.h"

/* Takes what is in the table to the file: durable before it is gone from there. What goes wrong is
 * logged, and the next call tries again. */
void destroyed_journal_flush(struct cx *cx);

struct destroyed_replay {
	int64_t begun_ms; /* when the file began; 0: it is empty */
	int64_t last_ms;  /* of the newest line */
	int64_t lines;
	int64_t keys; /* destroyed by this call */
	struct decisions_done decisions;
};
/* Does all of it again from `since_ms` on. ERR_NOT_FOUND: no file. ERR_CORRUPT: a line is not what
 * was written, and nothing was done; a last line that was cut off in writing is left out. */
enum err destroyed_journal_replay(struct cx *cx, const char *path, int64_t since_ms,
				  struct destroyed_replay *ret) MUST_CHECK;
