#include "http/guard.h"

#include "base/limits.h"
#include "http/token.h"

enum {
	CRLF_BYTES = 2,
	POOL_ENTRY_BYTES = 64, /* libmicrohttpd's record of a header or cookie */
};

static bool is_version(struct str version)
{
	return str_eq(version, STR("HTTP/1.1")) || str_eq(version, STR("HTTP/1.0"));
}

/* Origin form only (RFC 9112 3.2.1), printable ASCII. */
static bool is_target(struct str target)
{
	for (size_t i = 0; i < target.len; i++) {
		unsigned char c = (unsigned char)target.data[i];
		if (c <= ' ' || c >= 0x7f || c == '#')
			return false;
	}
	return str_starts_with(target, STR("/"));
}

static bool is_target_too_long(struct str target)
{
	struct str path;
	if (!str_next(&target, '?', &path))
		return false;
	return path.len > LIMIT_PATH_BYTES || target.len > LIMIT_QUERY_BYTES;
}

/* A name or address with an optional port; nothing that could be a path, a list or a user. */
static bool is_host(struct str host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.data[i];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				(c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
				c == ':' || c == '[' || c == ']';
		if (!is_plain)
			return false;
	}
	return host.len > 0;
}

struct framing_headers {
	size_t lengths, encodings, hosts;
	struct str length, encoding, host;
};

static bool collect(const struct message_head *head, struct framing_headers *ret)
{
	for (size_t i = 0; i < head->header_count; i++) {
		struct header header = head->headers[i];
		if (!token_is_valid(header.name) || !token_is_value(header.value))
			return false;
		if (str_eq_nocase(header.name, STR("Content-Length"))) {
			ret->lengths++;
			ret->length = header.value;
		} else if (str_eq_nocase(header.name, STR("Transfer-Encoding"))) {
			ret->encodings++;
			ret->encoding = header.value;
		} else if (str_eq_nocase(header.name, STR("Host"))) {
			ret->hosts++;
			ret->host = header.value;
		}
	}
	return true;
}

static bool frame(const struct framing_headers *found, bool is_1_1, struct framing *ret)
{
	struct framing framing = {.content_length = -1};
	if (found->lengths + found->encodings > 1)
		return false;
	if (found->hosts > 1 || (is_1_1 && found->hosts == 0) ||
	    (found->hosts == 1 && !is_host(found->host)))
		return false;
	if (found->encodings == 1) {
		if (!is_1_1 || !str_eq_nocase(found->encoding, STR("chunked")))
			return false;
		framing.is_chunked = framing.has_body = true;
	}
	if (found->lengths == 1) {
		if (!str_to_int(found->length, &framing.content_length))
			return false;
		framing.has_body = framing.content_length > 0;
	}
	*ret = framing;
	return true;
}

size_t guard_pool_bytes(const struct message_head *head)
{
	size_t bytes = head->bytes + head->header_count * POOL_ENTRY_BYTES;
	for (size_t i = 0; i < head->header_count; i++) {
		struct str value = head->headers[i].value;
		if (!str_eq_nocase(head->headers[i].name, STR("Cookie")))
			continue;
		bytes += value.len + 2 * POOL_ENTRY_BYTES;
		for (size_t c = 0; c < value.len; c++)
			bytes += value.data[c] == ';' ? POOL_ENTRY_BYTES : 0;
	}
	return bytes;
}

int guard_refusal(const struct message_head *head, struct framing *ret)
{
	struct framing_headers found = {0};
	if (!is_version(head->version))
		return 505;
	if (!token_is_valid(head->method) || !is_target(head->target))
		return 400;
	if (is_target_too_long(head->target))
		return 414;
	if (head->header_count > LIMIT_HEADER_COUNT || head->bytes > LIMIT_HEADER_BYTES ||
	    guard_pool_bytes(head) + GUARD_ANSWER_BYTES > GUARD_POOL_BYTES)
		return 431;
	if (!collect(head, &found) || !frame(&found, str_eq(head->version, STR("HTTP/1.1")), ret))
		return 400;
	return 0;
}

int64_t guard_body_bytes(const struct framing *framing)
{
	if (!framing->has_body)
		return 0;
	return framing->is_chunked ? BODY_BYTES_UNKNOWN : framing->content_length;
}

static const char *end_of(struct str s)
{
	return s.data + s.len;
}

bool guard_is_contiguous(const struct message_head *head)
{
	if (head->target_at != end_of(head->method) + 1 ||
	    head->version.data != head->target_at + head->target.len + 1)
		return false;
	const char *next = end_of(head->version) + CRLF_BYTES;
	for (size_t i = 0; i < head->header_count; i++) {
		const struct header *header = &head->headers[i];
		/* The colon and the spaces after it lie between name and value. */
		if (header->name.data != next || header->value.data <= end_of(header->name))
			return false;
		next = end_of(header->value) + CRLF_BYTES;
	}
	return next + CRLF_BYTES == head->method.data + head->bytes;
}
