#include "http/route.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct route routes[] = {
	{.method = METHOD_GET, .path = "/", .access = ACCESS_ANYONE},
	{.method = METHOD_GET, .path = "/message/{id}", .access = ACCESS_ANYONE},
	{.method = METHOD_GET, .path = "/message/new", .access = ACCESS_ANYONE},
	{.method = METHOD_POST, .path = "/message/{id}/file/{name}", .access = ACCESS_ANYONE},
	{.method = METHOD_GET, .path = "/{a}/{b}/{c}/{d}", .access = ACCESS_ANYONE},
};

/* The first byte chooses the method; the rest is the path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct site site = {.routes = routes,
					 .route_count = sizeof(routes) / sizeof(routes[0])};
	if (size < 2 || data[1] != '/')
		return 0;
	struct arena arena CLEANUP_ARENA;
	struct str allowed;
	arena_init(&arena, 1 << 20);
	struct request req = {.method = data[0] % (METHOD_OTHER + 1),
			      .path = str_bytes(data + 1, size - 1),
			      .arena = &arena};
	if (route_find(&site, &req, &allowed) == NULL)
		return 0;
	for (size_t i = 0; i < PATH_PARAMS_MAX; i++) {
		struct str param = req.params[i];
		if (str_eq(param, STR("..")) ||
		    (param.len > 0 && memchr(param.data, '/', param.len)))
			abort();
	}
	return 0;
}
