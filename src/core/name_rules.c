#include "core/name_rules.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/fold.h"

#include <unictype.h>
#include <unistr.h>

struct look {
	bool has_at;
	bool has_invisible;
	bool has_letter;
};

/* Letters with their marks, and pictures, beyond ASCII: Latin letters need nothing between them. */
static bool is_joinable(ucs4_t c)
{
	return c >= 0x80 && !uc_is_property_default_ignorable_code_point(c) &&
	       uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M |
							   UC_CATEGORY_MASK_So |
							   UC_CATEGORY_MASK_Sk);
}

/* Persian, Indic scripts and pictures join or part their signs by one that cannot be seen. */
static bool is_joiner(ucs4_t c)
{
	enum { NON_JOINER = 0x200c, JOINER = 0x200d };
	return c == NON_JOINER || c == JOINER;
}

/* `name` is UTF-8. */
static struct look look_at(struct str name)
{
	const uint8_t *bytes = (const uint8_t *)name.data;
	struct look look = {.has_at = false};
	ucs4_t before = 0, c;
	for (size_t at = 0; at < name.len; before = c) {
		int len = u8_mbtouc(&c, bytes + at, name.len - at);
		ucs4_t after = 0;
		at += (size_t)len;
		if (at < name.len)
			u8_mbtouc(&after, bytes + at, name.len - at);
		if (is_joiner(c) && is_joinable(before) && is_joinable(after))
			continue;
		/* @, small and fullwidth. */
		look.has_at |= c == '@' || c == 0xfe6b || c == 0xff20;
		look.has_invisible |= uc_is_property_default_ignorable_code_point(c);
		look.has_letter |= uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L |
									       UC_CATEGORY_MASK_N);
	}
	return look;
}

/* A name stands where an address would stand, and where nothing would: it must not pass for either.
 */
enum err name_rules_check(struct cx *cx, struct str name, struct str *ret,
			  struct form_errors *errors)
{
	struct str trimmed = str_trim(name);
	bool is_line = utf8_is_line(trimmed);
	struct look look = is_line ? look_at(trimmed) : (struct look){.has_at = false};
	if (trimmed.len == 0)
		form_error(cx, errors, "name", TEXT_ERROR_NAME_MISSING);
	else if (!is_line || look.has_invisible)
		form_error(cx, errors, "name", TEXT_ERROR_NAME_UNREADABLE);
	else if (look.has_at)
		form_error(cx, errors, "name", TEXT_ERROR_NAME_IS_ADDRESS);
	else if (!look.has_letter)
		form_error(cx, errors, "name", TEXT_ERROR_NAME_MISSING);
	else if (utf8_count(trimmed) > LIMIT_NAME_CHARS)
		form_error(cx, errors, "name", TEXT_ERROR_NAME_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_NAME_CHARS));
	else
		return fold_nfc(cx->arena, trimmed, ret);
	return ERR_INVALID;
}
