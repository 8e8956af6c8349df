/* Answers of time-stamp servers: two bytes with the length of the request, the request, the answer.
 */
#include "crypto/timestamp.h"

#include "crypto/secret.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;
	if (!is_ready)
		check(crypto_init() == OK);
	is_ready = true;
	if (size < 2)
		return 0;
	struct str rest = str_bytes(data + 2, size - 2), token;
	struct str request = str_slice(rest, 0, (size_t)data[0] << 8 | data[1]);
	struct str response = str_slice(rest, request.len, rest.len);
	const struct str covered[2] = {STR("What is stamped"), STR_NONE};
	struct timestamp_facts facts;
	struct arena arena;
	int64_t at_ms;
	arena_init(&arena, 4 << 20);
	enum err err = timestamp_read(request, response, &arena, &token, &at_ms);
	check(err == OK || err == ERR_INVALID);
	check(timestamp_verify(err == OK ? token : response, covered, &arena, &facts) == OK);
	check(err != OK || facts.verdict != TIMESTAMP_BAD);
	arena_release(&arena);
	return 0;
}
