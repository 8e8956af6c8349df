#include "http/guard.h"
#include "http/token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is "METHOD TARGET VERSION", the others are "name:value". What is let through must
 * be unambiguous. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header headers[80];
	struct message_head head = {.headers = headers, .bytes = size};
	struct framing framing;
	struct str rest = str_bytes(data, size), line;
	if (!str_next(&rest, '\n', &line) || !str_next(&line, ' ', &head.method) ||
	    !str_next(&line, ' ', &head.target))
		return 0;
	head.version = line;
	while (head.header_count < 80 && str_next(&rest, '\n', &line)) {
		struct header header = {0};
		if (!str_next(&line, ':', &header.name))
			continue;
		header.value = line;
		headers[head.header_count++] = header;
	}
	head.target_at = head.target.data;
	(void)guard_is_contiguous(&head);
	if (guard_refusal(&head, &framing) != 0)
		return 0;
	size_t framings = 0, hosts = 0;
	for (size_t i = 0; i < head.header_count; i++) {
		framings += str_eq_nocase(headers[i].name, STR("Content-Length")) ||
			    str_eq_nocase(headers[i].name, STR("Transfer-Encoding"));
		hosts += str_eq_nocase(headers[i].name, STR("Host"));
		if (!token_is_valid(headers[i].name) || !token_is_value(headers[i].value))
			abort();
	}
	if (framings > 1 || hosts > 1 || framing.content_length < -1 ||
	    (framing.is_chunked && framing.content_length >= 0))
		abort();
	return 0;
}
