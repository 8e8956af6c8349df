/* A time-stamp server as core/ knows it, so that no socket is needed here; stamp/ has the real one.
 * Any thread. Waits for LIMIT_TIMESTAMP_MS at most. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct timestamper {
	/* The answer to a TimeStampReq of the server at this URL. ERR_UNAVAILABLE: none came. */
	enum err (*ask)(struct timestamper *timestamper, struct str url, struct arena *arena,
			struct str request, struct str *ret_response);
};
