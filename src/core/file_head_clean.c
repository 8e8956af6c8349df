#include "core/file_head.h"

#include "base/limits.h"
#include "core/fold.h"

#include <string.h>
#include <unictype.h>
#include <unigbrk.h>
#include <unistr.h>

/* Longer is no ending but a sentence with a dot. */
enum { ENDING_MAX_BYTES = 20, MANGLED = '_' };

/* ---- signs ---- */

/* Persian and Indic scripts join and part their letters by signs that cannot be seen, and pictures
 * and Japanese names choose their form by others: behind such a letter they belong to the name. */
static bool is_joiner(ucs4_t c)
{
	return c == 0x200c || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f) ||
	       (c >= 0xe0100 && c <= 0xe01ef);
}

/* Control characters, line breaks, what changes the direction of writing (U+202A-202E, U+2066-2069,
 * U+200E, U+200F, U+061C), and everything else that cannot be seen: with them a name looks like
 * another one. */
static bool is_kept(ucs4_t c, ucs4_t before)
{
	if (is_joiner(c))
		return before >= 0x80 && !is_joiner(before);
	return !uc_is_property_default_ignorable_code_point(c) &&
	       !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Zl |
							    UC_CATEGORY_MASK_Zp);
}

/* Well-formed, and without the above. */
static struct str readable(struct arena *arena, struct str typed)
{
	const uint8_t *bytes = (const uint8_t *)typed.data;
	char *out = arena_alloc(arena, typed.len + 1);
	ucs4_t c, before = 0;
	size_t len = 0;
	for (size_t at = 0; out && at < typed.len;) {
		int taken = u8_mbtoucr(&c, bytes + at, typed.len - at);
		bool is_good = taken > 0;
		if (is_good && is_kept(c, before)) {
			memcpy(out + len, bytes + at, (size_t)taken);
			len += (size_t)taken;
			before = c;
		}
		if (!is_good)
			out[len++] = MANGLED;
		at += is_good ? (size_t)taken : 1;
	}
	return str_bytes(out, out ? len : 0);
}

/* ---- shape ---- */

static struct str last_of_path(struct str path)
{
	size_t at = path.len;
	while (at > 0 && path.data[at - 1] != '/' && path.data[at - 1] != '\\')
		at--;
	return str_slice(path, at, path.len);
}

/* Windows drops dots and spaces at the end, so that "a.exe." would be another file there. */
static struct str trimmed(struct str name)
{
	while (name.len > 0 && (name.data[name.len - 1] == '.' || name.data[name.len - 1] == ' '))
		name.len--;
	return str_trim(name);
}

/* Of at most max bytes, cut where one sign ends and the next begins. */
static struct str first_signs(struct str text, size_t max)
{
	if (text.len <= max)
		return text;
	const uint8_t *begin = (const uint8_t *)text.data, *end = begin + text.len;
	const uint8_t *at = begin, *next;
	while ((next = u8_grapheme_next(at, end)) != NULL && next <= begin + max)
		at = next;
	/* One letter with a hundred marks. */
	if (at == begin)
		for (at = begin + max; at > begin && (*at & 0xc0) == 0x80; at--)
			;
	return str_slice(text, 0, (size_t)(at - begin));
}

static struct str shortened(struct cx *cx, struct str name)
{
	if (name.len <= LIMIT_FILE_NAME_BYTES)
		return name;
	size_t dot = name.len;
	while (dot > 0 && name.data[dot - 1] != '.' && name.len - dot <= ENDING_MAX_BYTES)
		dot--;
	struct str ending = STR_NONE;
	if (dot > 1 && name.data[dot - 1] == '.')
		ending = str_slice(name, dot - 1, name.len);
	struct str stem = str_slice(name, 0, name.len - ending.len);
	stem = first_signs(stem, LIMIT_FILE_NAME_BYTES - ending.len);
	return trimmed(arena_printf(cx->arena, "%.*s%.*s", STR_ARGS(stem), STR_ARGS(ending)));
}

enum err file_head_clean_name(struct cx *cx, struct str typed, struct str *ret)
{
	struct str name = readable(cx->arena, typed);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	TRY(fold_nfc(cx->arena, name, &name));
	name = shortened(cx, trimmed(last_of_path(name)));
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	*ret = name.len > 0 ? name : text_get(cx->language, TEXT_FILE_NAMELESS);
	return OK;
}

/* ---- type ---- */

/* RFC 6838 4.2, what both of its halves are made of. */
static bool is_type_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!str_is_alnum(name.data[i]) &&
		    (i == 0 || strchr("!#$&-^_.+", name.data[i]) == NULL || name.data[i] == '\0'))
			return false;
	return name.len > 0;
}

static struct str lower(struct cx *cx, struct str text)
{
	struct str copy = arena_copy(cx->arena, text);
	char *bytes = (char *)copy.data;
	for (size_t i = 0; bytes && i < copy.len; i++)
		if (bytes[i] >= 'A' && bytes[i] <= 'Z')
			bytes[i] |= 0x20;
	return copy;
}

struct str file_head_clean_type(struct cx *cx, struct str typed)
{
	struct str rest = typed, type = STR_NONE;
	str_next(&rest, ';', &type);
	type = str_trim(type);
	ptrdiff_t slash = str_find_char(type, '/');
	bool is_type = slash > 0 && type.len <= LIMIT_FILE_TYPE_BYTES &&
		       is_type_name(str_slice(type, 0, (size_t)slash)) &&
		       is_type_name(str_slice(type, (size_t)slash + 1, type.len));
	return is_type ? lower(cx, type) : STR("application/octet-stream");
}

struct str file_head_ending(struct cx *cx, struct str name)
{
	size_t at = name.len;
	while (at > 0 && name.data[at - 1] != '.')
		at--;
	return at > 0 ? lower(cx, str_slice(name, at, name.len)) : STR_NONE;
}
