#include "http/range.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct range_plan plan, int64_t bytes)
{
	bool has_body = plan.status == 200 || plan.status == 206;
	if (!has_body && plan.status != 304 && plan.status != 412 && plan.status != 416)
		abort();
	if (!has_body && (plan.from != 0 || plan.until != 0))
		abort();
	if (plan.status == 200 && (plan.from != 0 || plan.until != bytes))
		abort();
	if (plan.status == 206 && (plan.from < 0 || plan.from >= plan.until || plan.until > bytes))
		abort();
}

/* Lines: the size of the body, Range, If-Range, If-None-Match, If-Match. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header headers[] = {{.name = STR("Range")},
				   {.name = STR("If-Range")},
				   {.name = STR("If-None-Match")},
				   {.name = STR("If-Match")}};
	struct str rest = str_bytes(data, size), line;
	struct arena arena CLEANUP_ARENA;
	int64_t bytes;
	arena_init(&arena, 1 << 20);
	if (!str_next(&rest, '\n', &line) || !str_to_int(line, &bytes))
		return 0;
	for (size_t i = 0; i < 4 && str_next(&rest, '\n', &line); i++)
		headers[i].value = line;
	struct request req = {.arena = &arena, .headers = headers, .header_count = 4};
	struct response res = {.arena = &arena};
	check(range_plan(&req, STR("\"e\""), bytes, &res), bytes);
	return 0;
}
