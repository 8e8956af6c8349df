/* One line of a terminal that tells how far something is; nothing where there is no terminal. */
#pragma once

#include "base/arena.h"
#include "text/text.h"

struct progress {
	int64_t shown_ms;
	bool is_shown;
};
/* The sentence is given {size} and {share} (of -1 percent: "…"). At most a few times a second. */
void progress_show(struct progress *progress, enum text_id id, int64_t bytes, int percent);
void progress_end(struct progress *progress);
/* "1.2 GB", as the portal's pages say it. */
struct str progress_size(struct arena *arena, int64_t bytes);
