#include "http/request.h"
#include "http/token.h"

#include <string.h>

struct str request_header(const struct request *req, const char *name)
{
	struct str wanted = str_of(name);
	for (size_t i = 0; i < req->header_count; i++) {
		if (str_eq_nocase(req->headers[i].name, wanted))
			return req->headers[i].value;
	}
	return STR_NONE;
}

struct str request_header_list(const struct request *req, const char *name)
{
	struct str wanted = str_of(name);
	struct str list = STR_NONE;
	size_t count = 0;
	for (size_t i = 0; i < req->header_count; i++) {
		struct str value = req->headers[i].value;
		if (!str_eq_nocase(req->headers[i].name, wanted))
			continue;
		list = count++ == 0 ? value
				    : arena_printf(req->arena, "%.*s, %.*s", STR_ARGS(list),
						   STR_ARGS(value));
	}
	return list;
}

static bool make_room(struct response *res)
{
	if (res->header_count < res->header_capacity)
		return true;
	size_t capacity = res->header_capacity ? res->header_capacity * 2 : 24;
	struct header *headers = ARENA_ARRAY(res->arena, capacity, struct header);
	if (headers == NULL)
		return false;
	if (res->header_count > 0)
		memcpy(headers, res->headers, res->header_count * sizeof(*headers));
	res->headers = headers;
	res->header_capacity = capacity;
	return true;
}

void response_release(struct response *res)
{
	buf_release(&res->body);
	stream_source_release(res->stream);
	body_sink_release(res->sink);
	res->stream = NULL;
	res->sink = NULL;
}

void response_header(struct response *res, const char *name, struct str value)
{
	/* Without room the arena has failed, and the dispatcher sends nothing of this answer. */
	if (make_room(res))
		res->headers[res->header_count++] = (struct header){str_of(name), value};
}

static bool is_own_path(struct str path)
{
	if (!str_starts_with(path, STR("/")) || str_starts_with(path, STR("//")))
		return false;
	/* Browsers read a backslash as a slash, and drop tabs and newlines: "/\evil.example". */
	for (size_t i = 0; i < path.len; i++) {
		if (path.data[i] <= ' ' || path.data[i] == 0x7f || path.data[i] == '\\')
			return false;
	}
	return true;
}

void response_redirect(struct response *res, struct str path)
{
	res->status = 303;
	response_header(res, "Location", is_own_path(path) ? path : STR("/"));
}
