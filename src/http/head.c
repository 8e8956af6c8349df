#include "http/head.h"

#include "base/limits.h"

struct collector {
	struct header *headers;
	size_t count;
	size_t capacity;
};

static enum MHD_Result collect(void *cls, enum MHD_ValueKind kind, const char *name,
			       size_t name_len, const char *value, size_t value_len)
{
	struct collector *collector = cls;
	(void)kind;
	if (collector->count == collector->capacity)
		return MHD_NO;
	collector->headers[collector->count++] =
		(struct header){str_bytes(name, name_len), str_bytes(value, value_len)};
	return MHD_YES;
}

void head_collect(struct MHD_Connection *mhd, struct arena *arena, struct message_head *head)
{
	/* One more than allowed, so that the guard can see that there are too many. */
	struct collector collector = {.capacity = LIMIT_HEADER_COUNT + 1};
	collector.headers = ARENA_ARRAY(arena, collector.capacity, struct header);
	if (collector.headers == NULL)
		return;
	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, collect, &collector);
	head->headers = collector.headers;
	head->header_count = collector.count;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	head->bytes = info ? info->header_size : 0;
}

void head_trim(struct message_head *head)
{
	for (size_t i = 0; i < head->header_count; i++)
		head->headers[i].value = str_trim(head->headers[i].value);
}

void head_split_target(struct str target, struct str *ret_path, struct str *ret_query)
{
	struct str path = STR_NONE;
	str_next(&target, '?', &path);
	*ret_path = path;
	*ret_query = target;
}
