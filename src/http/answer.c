#include "http/answer.h"

#include "base/limits.h"
#include "base/log.h"

#include <string.h>

enum { FIXED_BYTES = 160 }; /* status line, Date, Connection, Content-Length */

struct str answer_body(const struct response *res)
{
	return res->static_body.len > 0 ? res->static_body : buf_str(&res->body);
}

static size_t header_bytes(const struct response *res)
{
	size_t bytes = FIXED_BYTES;
	for (size_t i = 0; i < res->header_count; i++)
		bytes += res->headers[i].name.len + res->headers[i].value.len + strlen(": \r\n");
	return bytes;
}

static bool add(struct MHD_Response *answer, const char *name, const char *value)
{
	return MHD_add_response_header(answer, name, value) == MHD_YES;
}

static bool add_headers(struct MHD_Response *answer, struct response *res)
{
	for (size_t i = 0; i < res->header_count; i++) {
		if (!add(answer, arena_cstr(res->arena, res->headers[i].name),
			 arena_cstr(res->arena, res->headers[i].value)))
			return false;
	}
	return !res->arena->failed;
}

struct MHD_Response *answer_build(struct response *res, struct stream *stream, size_t room_bytes,
				  bool must_close)
{
	struct str body = answer_body(res);
	if (res->status != 304 && res->status != 204)
		response_header(res, "Content-Type", res->content_type);
	/* libmicrohttpd would close the connection without a word. */
	bool is_bare = header_bytes(res) > room_bytes;
	if (is_bare) {
		body = STR("");
		res->status = 431;
	}
	struct MHD_Response *answer =
		stream && !is_bare
			? stream_response(stream)
			: MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.data,
							  MHD_RESPMEM_PERSISTENT);
	if (answer && (is_bare || add_headers(answer, res)) &&
	    (!(is_bare || must_close) || add(answer, MHD_HTTP_HEADER_CONNECTION, "close")))
		return answer;
	log_event(LOG_ERROR, "http.answer_lost", LOG_INT("status", res->status));
	if (answer)
		MHD_destroy_response(answer);
	return NULL;
}

bool answer_can_be_asked_for_again(const struct request *req, const struct response *res)
{
	return req->method == METHOD_GET || req->method == METHOD_HEAD || res->status >= 400;
}

bool answer_reserve(struct wire *wire, const struct request *req, int64_t bytes, bool may_refuse,
		    struct budget_share *ret)
{
	budget_open(ret, bytes > LIMIT_ANSWER_SMALL, &wire->proxies, req->remote);
	if (budget_reserve(&wire->answers, ret, bytes))
		return true;
	if (may_refuse)
		return false;
	budget_take(&wire->answers, ret, bytes);
	return true;
}

void answer_log(const struct request *req, const struct response *res, const char *route,
		int64_t time_ms)
{
	/* Who was refused stands last: ordinary requests name no client. */
	const struct log_field fields[] = {
		{.key = NULL},
		LOG_STR("method", method_name(req->method)),
		LOG_CSTR("route", route),
		LOG_INT("status", res->status),
		LOG_INT("bytes", (int64_t)answer_body(res).len),
		LOG_INT("ms", time_ms),
		LOG_STR("remote", req->remote),
	};
	size_t count = sizeof(fields) / sizeof(fields[0]);
	log_write(LOG_INFO, "http.request", fields, res->status >= 400 ? count : count - 1);
}
