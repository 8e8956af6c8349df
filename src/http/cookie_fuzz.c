#include "http/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each line is a Cookie header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header headers[8];
	struct request req = {.headers = headers};
	struct str rest = str_bytes(data, size), line;
	while (req.header_count < 8 && str_next(&rest, '\n', &line))
		headers[req.header_count++] = (struct header){STR("Cookie"), line};
	struct str value = request_cookie(&req, "sid");
	for (size_t i = 0; i < value.len; i++) {
		if (strchr(" \t;,\"\\", value.data[i]))
			abort();
	}
	return 0;
}
