/* A configuration file of any bytes: either settings within their limits, or a sentence. */
#include "server/config.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena arena;
	struct config config;
	struct str message = STR_NONE;
	arena_init(&arena, 1 << 20);
	enum err err =
		config_parse(&arena, STR("postern.conf"), str_bytes(data, size), &config, &message);
	if (err == OK &&
	    (config.listen.len == 0 || config.listen.len > LIMIT_CONFIG_VALUE_BYTES ||
	     !utf8_is_line(config.mail) || config.workers < 0 || config.workers > 1024))
		abort();
	if (err == ERR_INVALID && !utf8_is_line(message))
		abort();
	return 0;
}
