#include "base/random.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_fill(void *out, size_t bytes)
{
	unsigned char *at = out;
	while (bytes > 0) {
		ssize_t got = getrandom(at, bytes, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			log_event(LOG_ALARM, "random.unavailable", LOG_INT("errno", errno));
			abort();
		}
		at += got;
		bytes -= (size_t)got;
	}
}
