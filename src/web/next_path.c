#include "web/next_path.h"

#include "base/encode.h"
#include "base/limits.h"

static bool has_trap(struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];
		/* Browsers drop tabs and line ends, and read '\' as '/'. */
		if (c <= 0x20 || c >= 0x7f || c == '\\')
			return true;
	}
	return false;
}

struct str next_path_local(struct str typed)
{
	const struct str start = STR("/");
	if (typed.len == 0 || typed.len > LIMIT_PATH_BYTES || typed.data[0] != '/' ||
	    has_trap(typed))
		return start;
	if (typed.len > 1 && typed.data[1] == '/')
		return start;
	if (str_starts_with(typed, STR("/sign-in")) || str_starts_with(typed, STR("/sign-out")))
		return start;
	return typed;
}

struct str next_path_sign_in(struct arena *arena, struct str path, struct str query)
{
	struct str next = path;
	if (query.len > 0)
		next = arena_printf(arena, "%.*s?%.*s", STR_ARGS(path), STR_ARGS(query));
	next = next_path_local(next);
	if (next.len <= 1)
		return STR("/sign-in");
	struct buf CLEANUP_BUF encoded;
	buf_init(&encoded, LIMIT_PATH_BYTES * 4);
	buf_add(&encoded, STR("/sign-in?next="));
	encode_url(&encoded, next);
	return encoded.err == OK ? arena_copy(arena, buf_str(&encoded)) : STR("/sign-in");
}
