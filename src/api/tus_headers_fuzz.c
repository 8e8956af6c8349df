/* Headers of tus clients: what is accepted reads the same when it is written again. */
#include "api/tus_headers.h"

#include "base/encode.h"
#include "base/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_number(struct arena *arena, struct str value)
{
	int64_t number, again;
	if (tus_headers_number(value, &number) != OK)
		return;
	struct str text = arena_printf(arena, "%lld", (long long)number);
	check(number >= 0 && tus_headers_number(text, &again) == OK && number == again);
}

static void check_metadata(struct arena *arena, struct str value)
{
	struct tus_metadata said, again;
	if (tus_headers_metadata(arena, value, &said) != OK)
		return;
	check(said.filename.len + said.filetype.len <= LIMIT_UPLOAD_METADATA_BYTES);
	struct str text = tus_headers_write_metadata(arena, &said);
	/* Both words are written, also where only one of them was said. */
	if (text.len > LIMIT_UPLOAD_METADATA_BYTES)
		return;
	check(tus_headers_metadata(arena, text, &again) == OK);
	check(str_eq(said.filename, again.filename) && str_eq(said.filetype, again.filetype));
}

static void check_checksum(struct arena *arena, struct str value)
{
	struct upload_checksum checksum;
	if (tus_headers_checksum(arena, value, &checksum) != OK || !checksum.is_wanted)
		return;
	struct str sum =
		encode_base64(arena, str_bytes(checksum.expected, hash_kind_bytes(checksum.kind)));
	check(str_ends_with(value, sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct str value = str_bytes(data, size);
	arena_init(&arena, 1 << 20);
	check_number(&arena, value);
	check_metadata(&arena, value);
	check_checksum(&arena, value);
	arena_release(&arena);
	return 0;
}
