#include "http/sink.h"

#include <stddef.h>

void body_sink_release(struct body_sink *sink)
{
	if (sink)
		sink->release(sink);
}
