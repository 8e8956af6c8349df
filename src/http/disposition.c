#include "http/disposition.h"

#include "base/buf.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/utf8.h"

/* What no program reads another way: no quote, backslash or percent sign, nothing of a path. */
static bool is_safe(char c)
{
	return str_is_alnum(c) ||
	       (c != '\0' && str_find_char(STR(" !#$&'()+,-.;=@[]^_`{}~"), c) >= 0);
}

/* One '_' for each character that has no place here. */
static void add_fallback(struct buf *out, struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		bool is_inside = ((unsigned char)name.data[i] & 0xc0) == 0x80;
		if (!is_inside)
			buf_add_char(out, is_safe(name.data[i]) ? name.data[i] : '_');
	}
}

static bool is_all_safe(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (!is_safe(name.data[i]))
			return false;
	}
	return true;
}

struct str disposition_header(struct arena *arena, bool is_attachment, struct str name)
{
	CLEANUP_BUF struct buf out;
	/* Each byte as three in one form, and as one in the other. */
	buf_init(&out, 4 * (size_t)LIMIT_FILE_NAME_BYTES + 64);
	if (name.len == 0 || name.len > LIMIT_FILE_NAME_BYTES)
		return is_attachment ? STR("attachment") : STR("inline");
	buf_add(&out, is_attachment ? STR("attachment; filename=\"") : STR("inline; filename=\""));
	add_fallback(&out, name);
	buf_add_char(&out, '"');
	if (!is_all_safe(name) && utf8_is_valid(name)) {
		buf_add(&out, STR("; filename*=UTF-8''"));
		encode_url(&out, name);
	}
	return arena_copy(arena, buf_str(&out));
}
