/* Decoders of bytes from outside: what they accept, they give back in one form only, and it is
 * UTF-8 where promised. */
#include "base/encode.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_url(struct arena *arena, struct str text, bool is_form)
{
	struct str decoded, again;
	struct buf encoded CLEANUP_BUF;
	buf_init(&encoded, text.len * 3 + 1);
	if (decode_url(arena, text, is_form, &decoded) != OK)
		return;
	check(decoded.len <= text.len && utf8_is_valid(decoded) &&
	      str_find_char(decoded, '\0') < 0);
	encode_url(&encoded, decoded);
	check(encoded.err == OK);
	check(decode_url(arena, buf_str(&encoded), is_form, &again) == OK &&
	      str_eq(decoded, again));
}

static void check_utf8(struct str text)
{
	check(!utf8_is_line(text) || utf8_is_text(text));
	if (!utf8_is_valid(text))
		return;
	size_t count = utf8_count(text);
	check(utf8_first(text, count).len == text.len);
	check(utf8_is_valid(utf8_first(text, count / 2)));
	check(utf8_count(utf8_first(text, count / 2)) == count / 2);
}

static void check_html(struct str text)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, text.len * 6 + 1);
	encode_html(&out, text);
	check(out.err == OK && out.len >= text.len);
	for (size_t i = 0; i < out.len; i++)
		check(strchr("<>\"'", out.data[i]) == NULL || out.data[i] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct str text = str_bytes(data, size), bytes;
	arena_init(&arena, 1 << 20);
	check_utf8(text);
	check_html(text);
	check_url(&arena, text, false);
	check_url(&arena, text, true);
	if (decode_base64url(&arena, text, &bytes) == OK && !arena.failed)
		check(str_eq(encode_base64url(&arena, bytes), text) || arena.failed);
	if (decode_base64(&arena, text, &bytes) == OK && !arena.failed)
		check(str_eq(encode_base64(&arena, bytes), text) || arena.failed);
	arena_release(&arena);
	return 0;
}
